"""What a farm stands on: a wire that can fail, a small disk, a clock that jumps."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from tests.faults.proxy import Wire
from tests.system.farm import Farm

FAKETIME = Path("/usr/lib")
SMALL_DISK_MB = 48


Scene = Callable[[Farm], AbstractContextManager[object]]


class CannotBeTried(Exception):
    """What this machine lacks, as a sentence."""


ALLOWED_UNTRIED = int(os.environ.get("FAULT_UNTRIED", "0"))


def bare(_farm: Farm) -> AbstractContextManager[object]:
    """Nothing special."""
    return nullcontext()


@contextmanager
def wire(farm: Farm) -> Iterator[Wire]:
    """The office reaches the Pi through it."""
    made = Wire(farm.pi_port)
    farm.given["REMOTE_PI_PORT"] = str(made.port)
    try:
        yield made
    finally:
        made.close()


class SmallDisk:
    """The Pi's state lies on it alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filler = folder / "filler"

    def free_mb(self) -> float:
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize / 1e6

    def fill(self, leave_mb: float) -> None:
        """Somebody else's file takes the room; with 0 the very last of it."""
        with self._filler.open("ab") as file:
            while (much := self.free_mb() - leave_mb) > 0:
                try:
                    file.write(bytes(max(4096, int(min(much, 1) * 1e6))))
                    file.flush()
                except OSError:
                    return

    def empty(self) -> None:
        self._filler.unlink(missing_ok=True)


def small_disk(reserve_mb: int) -> Scene:
    @contextmanager
    def scene(farm: Farm) -> Iterator[SmallDisk]:
        if os.geteuid() != 0:
            raise CannotBeTried(
                "a small disk is mounted, which needs root or a user namespace (unshare -Urm)"
            )
        folder = farm.root / "pi"
        folder.mkdir()
        size = f"size={SMALL_DISK_MB}m"
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)],
            check=False,
            capture_output=True,
            text=True,
        )
        if mounted.returncode:
            raise CannotBeTried(f"no small disk can be mounted: {mounted.stderr.strip()}")
        farm.given["DISK_RESERVE"] = str(reserve_mb)
        try:
            yield SmallDisk(folder)
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)

    return scene


class FalseClock:
    """Time of day for every process of the farm; the monotonic clock goes on as it does."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set("+0d")

    def set(self, offset: str) -> None:
        """`+3d`, `-14d`."""
        self._file.write_text(offset)


@contextmanager
def false_clock(farm: Farm) -> Iterator[FalseClock]:
    libraries = sorted(FAKETIME.glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        raise CannotBeTried("libfaketime is missing: apt-get install faketime")
    file = farm.root / "clock"
    farm.given |= {
        "LD_PRELOAD": str(libraries[0]),
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
    }
    yield FalseClock(file)
