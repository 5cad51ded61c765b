"""`hexabrand restore FILE`: the Pi's services stop, the backup takes its place, they start."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.service import account, layout, settings, systemd
from deploy.service.layout import CODE, SETTINGS, Refused
from deploy.service.programs import Identity

UNITS = (*layout.SERVICES["pi"], *layout.TIMERS["pi"])
ONLY_TOLD = frozenset({"--check", "--dry-run"})  # these change nothing, so no service has to stop


def restore(arguments: list[str], here: layout.Installed) -> int:
    """Return the command's status; the services that ran before run again either way."""
    _refuse_no_file(arguments)
    with _readable(arguments) as words:
        if ONLY_TOLD & set(words):
            return account.show(["restore", *words], "pi", settings.read(SETTINGS))
        running = [unit for unit in UNITS if systemd.is_active(unit)]
        systemd.ctl("stop", *UNITS, "hexabrand-backup.service")
        try:
            status = account.show(["restore", *words], "pi", settings.read(SETTINGS))
            _open_for(here)
        finally:
            systemd.start(running)
    if running:
        systemd.say("The services run again.")
    return status


def _open_for(here: layout.Installed) -> None:
    """Open to the services the folders and devices that a backup's settings name."""
    brought = settings.read(SETTINGS)
    systemd.write(here.role, CODE, brought)
    systemd.ctl("daemon-reload")
    account.own_folders(brought)


def _refuse_no_file(arguments: list[str]) -> None:
    names = [word for word in arguments if not word.startswith("-")]
    if not names:
        raise Refused("Name one backup: sudo hexabrand restore FILE")
    for name in names:
        if not Path(name).is_file():
            raise Refused(f"{Path(name).resolve()} is no file.")


@contextmanager
def _readable(arguments: list[str]) -> Iterator[list[str]]:
    """Yield the words with whole paths; what the services' user cannot read is copied."""
    folder = CODE / ".handed-in"  # root's own: nobody else can lay a trap in it
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    folder.chmod(0o711)
    try:
        yield [word if word.startswith("-") else _handed_in(word, folder) for word in arguments]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _handed_in(name: str, folder: Path) -> str:
    file = Path(name).resolve()
    if account.may(os.R_OK, file):
        return str(file)
    _refuse_from_the_services(Path(name).absolute(), file)
    copy = folder / file.name
    shutil.copyfile(file, copy)
    copy.chmod(0o600)
    account.give(copy)
    return str(copy)


def _refuse_from_the_services(*names: Path) -> None:
    """Raise Refused for a file in a folder where the services may write."""
    # A link there to what is root's alone would have root copy that for them.
    user = Identity.of(layout.USER).user
    if any(part.lstat().st_uid == user for name in names for part in (name, *name.parents)):
        raise Refused(
            f"{names[-1]} lies where the services write, and they cannot read it. If it is a"
            f" backup, type: sudo chown -h {layout.USER}: '{names[0]}'"
        )
