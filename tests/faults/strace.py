"""Receiver and worker under `strace`: every write, sync and acknowledgement, in their order."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.images import (
    FOLDER,
    Acknowledge,
    Create,
    Files,
    Operation,
    Sync,
    Truncate,
    Unlink,
    Write,
)
from tests.faults.scenes import CannotBeTried
from tests.system.farm import PATIENCE, ROOT, Farm, wait_until

DATABASE = "pi.sqlite3"
# Not -shm: it is mapped, never synced, and SQLite makes it anew from the -wal.
FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-journal")
UNEXPECTED = "write,writev,pwritev,pwritev2,rename,renameat,renameat2,fallocate,truncate"
CALLS = f"openat,pwrite64,fsync,fdatasync,ftruncate,unlink,sendto,{UNEXPECTED}"
STRACE = (
    "strace",
    "-f",
    "--seccomp-bpf",
    "-y",
    "-xx",
    "-s",
    "10000000",
    "-e",
    f"trace={CALLS}",
    "-e",
    "signal=none",
    "-o",
)
BOTH = """\
"$0" manage.py runreceiver >"$1" 2>&1 & echo $!
"$0" manage.py runworker >"$2" 2>&1 & echo $!
wait
"""


def check_strace() -> None:
    """Raises CannotBeTried where processes cannot be recorded."""
    if shutil.which("strace") is None:
        raise CannotBeTried("strace is missing: apt-get install strace")
    tried = subprocess.run(
        [*STRACE, "/dev/null", "true"], check=False, capture_output=True, text=True
    )
    if tried.returncode:
        raise CannotBeTried(f"strace may not look at processes here: {tried.stderr.strip()}")


def files_of(folder: Path) -> Files:
    return {name: (folder / name).read_bytes() for name in FILES if (folder / name).exists()}


@contextmanager
def recorded(farm: Farm, record: Path) -> Iterator[None]:
    """Both run and are ended at the block's end. One strace for both: it keeps their order."""
    logs = [farm.root / "receiver.log", farm.root / "worker.log"]
    tracer = subprocess.Popen(
        [*STRACE, str(record), "sh", "-c", BOTH, sys.executable, *map(str, logs)],
        cwd=ROOT,
        env=farm.environment("pi"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert tracer.stdout
    with tracer, tracer.stdout:
        receiver, worker = int(tracer.stdout.readline()), int(tracer.stdout.readline())
        try:
            wait_until(lambda: _says(logs[0], "Listening for radios"), "the receiver listens")
            wait_until(lambda: _says(logs[1], "at work"), "the worker is at work")
            yield
            for pid in (worker, receiver):
                os.kill(pid, signal.SIGTERM)
            tracer.wait(PATIENCE)
        finally:
            if tracer.poll() is None:  # what strace has started ends with it
                tracer.kill()


def _says(log: Path, words: str) -> bool:
    return log.exists() and words in log.read_text(errors="replace")


# -- reading the record --------------------------------------------------------------------------

HEX = r"(?:\\x[0-9a-f]{2})*"
CALL = re.compile(r"(\w+)\((.*)\) += (\d+)(.*)", re.DOTALL)
OPENED = re.compile(rf"<({HEX})>")
ON_FILE = re.compile(rf"\d+<({HEX})>(?:\(deleted\))?(?:, )?(.*)", re.DOTALL)
DATA = re.compile(rf'"({HEX})"(\.\.\.)?, \d+, (\d+)')
NAMED = re.compile(rf'"({HEX})"')


class Record:
    """The operations on one folder's database, made of strace's lines."""

    def __init__(self, folder: Path, existing: Iterable[str]) -> None:
        self.operations: list[Operation] = []
        self._folder = str(folder.resolve())
        self._existing = set(existing)
        self._unfinished: dict[str, tuple[str, int]] = {}

    def read(self, file: Path) -> list[Operation]:
        with file.open(encoding="ascii") as lines:
            for line in lines:
                self.add(line.rstrip("\n"))
        return self.operations

    def add(self, line: str) -> None:
        """A call that others interrupt has two lines: it counts from its end, an
        acknowledgement from its beginning."""
        pid, _, text = line.partition(" ")
        text, begun = text.lstrip(), len(self.operations)
        if text.endswith(" <unfinished ...>"):
            text = text.removesuffix(" <unfinished ...>")
            self._unfinished[pid] = text, begun
            self._answer(text)
            return
        if text.startswith("<... "):
            head, begun = self._unfinished.pop(pid)
            text = head + text.partition(" resumed>")[2]
        else:
            self._answer(text)
        if call := CALL.fullmatch(text):
            self._call(call, begun)

    def _answer(self, text: str) -> None:
        """A PUSH_ACK of the packet forwarder's protocol: version, token, 1."""
        if not text.startswith("sendto("):
            return
        data = NAMED.search(text)
        answer = _bytes(data[1]) if data else b""
        if len(answer) == 4 and answer[3] == 1:
            self.operations.append(Acknowledge(int.from_bytes(answer[1:3], "big")))

    def _call(self, call: re.Match[str], begun: int) -> None:
        name, arguments, returned, opened = call.groups()
        if name == "openat":
            self._open(arguments, opened)
        elif name == "unlink":
            self._unlink(arguments)
        elif on_file := ON_FILE.fullmatch(arguments):
            file = self._file(on_file[1])
            if file and name in UNEXPECTED.split(","):
                raise AssertionError(f"{name} on {file} is not understood.")
            if file:
                self._change(name, file, (on_file[2], int(returned)), begun)

    def _open(self, arguments: str, opened: str) -> None:
        path = OPENED.match(opened)
        file = self._file(path[1]) if path else None
        if not file or file == FOLDER:
            return
        if file not in self._existing:
            self._existing.add(file)
            self.operations.append(Create(file))
        elif "O_TRUNC" in arguments:
            self.operations.append(Truncate(file, 0))

    def _unlink(self, arguments: str) -> None:
        named = NAMED.match(arguments)
        file = self._file(named[1]) if named else None
        if file in self._existing:
            self._existing.discard(file)
            self.operations.append(Unlink(file))

    def _change(self, name: str, file: str, given: tuple[str, int], begun: int) -> None:
        rest, returned = given
        if name in {"fsync", "fdatasync"}:
            self.operations.append(Sync(file, begun))
        elif name == "ftruncate":
            self.operations.append(Truncate(file, int(rest)))
        elif name == "pwrite64":
            written = DATA.fullmatch(rest)
            assert written, f"A write to {file} is not understood."
            assert not written[2], f"A write to {file} is longer than the record keeps."
            data = _bytes(written[1])[:returned]
            self.operations.append(Write(file, int(written[3]), data))

    def _file(self, hexed: str) -> str | None:
        """Its name in the folder, when it is one of those that matter."""
        path = _bytes(hexed).decode(errors="replace")
        if path == self._folder:
            return FOLDER
        folder, _, name = path.rpartition("/")
        return name if folder == self._folder and name in FILES else None


def _bytes(hexed: str) -> bytes:
    return bytes.fromhex(hexed.replace("\\x", ""))
