"""`hexabrand restore FILE`: the Pi's services stop, the backup takes its place, they start."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.service import account, layout, systemd
from deploy.service.layout import Refused
from deploy.service.settings import Settings

UNITS = (*layout.SERVICES["pi"], *layout.TIMERS["pi"])


def restore(arguments: list[str], chosen: Settings) -> int:
    """Return the command's status; the services that ran before run again either way."""
    name, file = _named(arguments)
    with _readable(file) as readable:
        words = [str(readable) if word == name else word for word in arguments]
        running = [unit for unit in UNITS if systemd.is_active(unit)]
        systemd.ctl("stop", *UNITS, "hexabrand-backup.service")
        try:
            status = account.show(["restore", *words], "pi", chosen)
        finally:
            systemd.start(running)
    if running:
        systemd.say("The services run again.")
    return status


def _named(arguments: list[str]) -> tuple[str, Path]:
    """Return the backup as it was named, and where it lies from the caller's folder."""
    names = [word for word in arguments if not word.startswith("-")]
    found = [name for name in names if Path(name).is_file()]
    if found:
        return found[0], Path(found[0]).resolve()
    if names:
        raise Refused(f"{Path(names[0]).resolve()} is no file.")
    raise Refused("Name one backup: sudo hexabrand restore FILE")


@contextmanager
def _readable(file: Path) -> Iterator[Path]:
    """Yield the file, or a copy that the services' user can read for as long as it is needed."""
    if account.may(os.R_OK, file):
        yield file
        return
    folder = layout.CODE / ".handed-in"  # root's own: nobody else can lay a trap in it
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    folder.chmod(0o711)
    try:
        shutil.copyfile(file, folder / file.name)
        (folder / file.name).chmod(0o600)
        account.give(folder / file.name)
        yield folder / file.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)
