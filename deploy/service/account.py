"""The user of the services: made, given its folders, and what is run in its name."""

import os
import pwd
import stat
import sys
from pathlib import Path
from typing import NoReturn

from deploy.service import layout, programs
from deploy.service.layout import Refused
from deploy.service.programs import Done, Identity
from deploy.service.settings import Settings

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Of the caller's terminal, and nothing else of root's
PASSED_ON = ("LANG", "LC_ALL", "TERM", "COLUMNS", "LINES")


def exists() -> bool:
    try:
        pwd.getpwnam(layout.USER)
    except KeyError:
        return False
    return True


def make() -> None:
    if not exists():
        nobody = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        home = ["--home-dir", str(layout.STATE)]
        done = programs.run(["/usr/sbin/useradd", *nobody, *home, layout.USER])
        if done.returncode != 0:
            raise Refused(f"The user {layout.USER} cannot be made: {done.stderr.strip()}")


def own_folders(settings: Settings) -> None:
    """Make the folders that the services write in; what root left in their state becomes theirs."""
    layout.STATE.mkdir(mode=0o700, exist_ok=True)
    repair(layout.STATE)
    for folder in (settings.state, *settings.folders()):
        if not folder.exists():
            _make(folder)
        elif not may(os.W_OK | os.X_OK, folder):
            _take_over(folder)
    # Of a folder elsewhere that they only may write in, such as a disk, nothing becomes theirs.
    is_theirs = settings.state.stat().st_uid == Identity.of(layout.USER).user
    if is_theirs and not settings.state.is_relative_to(layout.STATE):
        repair(settings.state)


def _make(folder: Path) -> None:
    """Let the services' user make what lies in a folder of its own, where it may have laid a link
    for root; root makes the rest, and gives it away."""
    making = ["/bin/mkdir", "--parents", "--mode=700", str(folder)]
    if programs.run(making, identity=Identity.of(layout.USER)).returncode != 0:
        folder.mkdir(mode=0o700, parents=True)
        give(folder)


def repair(state: Path) -> None:
    """Give the state folder and all of root's in it to the services.

    A service that was broken into may lay traps there for root: each folder is held open while its
    entries are changed, links are not followed, and a file with two names is left alone.
    """
    identity = Identity.of(layout.USER)
    for _, folders, files, handle in os.fwalk(state):
        for name in (".", *folders, *files):
            found = os.lstat(name, dir_fd=handle)
            if found.st_uid == 0 and (found.st_nlink == 1 or not stat.S_ISREG(found.st_mode)):
                os.chown(name, identity.user, identity.group, dir_fd=handle, follow_symlinks=False)


def _take_over(folder: Path) -> None:
    """Give the services a folder that is made for this: root's, empty, none of the system's own."""
    spare = set(os.listdir(folder)) <= {"lost+found"}  # noqa: PTH208 - names alone
    if folder.stat().st_uid != 0 or not spare or len(folder.parts) < 3:
        raise Refused(
            f"The services cannot write in {folder}. Type: sudo chown {layout.USER}: '{folder}' (a"
            f" disk without owners is mounted with uid={layout.USER}), then this command again."
        )
    give(folder)
    if not may(os.W_OK | os.X_OK, folder):
        raise Refused(f"The user {layout.USER} cannot reach {folder}: a folder above it is closed.")


def give(path: Path) -> None:
    identity = Identity.of(layout.USER)
    os.chown(path, identity.user, identity.group, follow_symlinks=False)


def may(mode: int, path: Path) -> bool:
    """Return whether the services' user has this access (os.R_OK, …) to a path."""
    code = f"import os, sys; sys.exit(not os.access(sys.argv[1], {mode}))"
    command = [sys.executable, "-I", "-c", code, str(path)]
    return programs.run(command, identity=Identity.of(layout.USER)).returncode == 0


def environment(role: str, settings: Settings) -> dict[str, str]:
    """Return the environment that the role's services have: the role's own line stands last."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    values = dict(settings.values)
    here = layout.installed()
    if role == "office" and here is not None and here.role == "both":
        values.pop("PI_API_KEY", None)
    return {
        "PATH": SYSTEM_PATH,
        "HOME": str(layout.STATE),
        **kept,
        "HEXABRAND_STATE_DIR": str(layout.STATE),
        **values,
        "DJANGO_SETTINGS_MODULE": layout.MODULES[role],
    }


def manage(
    arguments: list[str],
    role: str,
    settings: Settings,
    code: Path = layout.CODE,
    given: str | None = None,
) -> Done:
    """Run a command as the services' user and return what it printed; `given` is what it reads.

    `code` may be a release on trial, which brings its own packages where those are new.
    """
    fresh = layout.CODE / ".venv.new/bin/python"
    python = fresh if fresh.exists() else layout.CODE / ".venv/bin/python"
    return programs.run(
        [str(python), str(code / "manage.py"), *arguments],
        environment(role, settings),
        Identity.of(layout.USER),
        given,
    )


def show(arguments: list[str], role: str, settings: Settings) -> int:
    """Run a command on the caller's terminal and return its status."""
    return programs.show(_command(arguments), environment(role, settings), Identity.of(layout.USER))


def become(arguments: list[str], role: str, settings: Settings) -> NoReturn:
    """Become that command, with the caller's terminal, and folder where that is open."""
    command = _command(arguments)
    identity = Identity.of(layout.USER)
    if os.geteuid() != identity.user:
        os.setgroups(identity.groups)
        os.setgid(identity.group)
        os.setuid(identity.user)
    os.umask(0o077)
    if not os.access(".", os.X_OK):
        os.chdir("/")
    os.execve(command[0], command, environment(role, settings))  # noqa: S606 - our own command


def _command(arguments: list[str]) -> list[str]:
    return [interpreter(), str(layout.CODE / "manage.py"), *arguments]


def interpreter() -> str:
    """Return the services' Python. Raises Refused where it is gone, as after a system's upgrade."""
    python = layout.CODE / ".venv/bin/python"
    if not python.exists():
        raise Refused(
            "The Python packages are gone, or this system has another Python than they were"
            " installed for. Type: sudo hexabrand install"
        )
    return str(python)


def group() -> int:
    return Identity.of(layout.USER).group
