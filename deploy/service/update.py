"""`hexabrand update`: the newest release in place of this one, by its own installer."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

from deploy.service import layout, programs, systemd
from deploy.service.layout import Installed, Refused
from deploy.service.programs import Identity


def update(arguments: list[str], here: Installed) -> int:
    """Bring the release in a folder or a .deb; without one, the newest of its own clone."""
    given = arguments[0] if arguments else ""
    if given.endswith(".deb"):
        return _from_package(Path(given).resolve(), here)
    if here.source == "deb":
        raise Refused("HexaBrand came here as a .deb. Type: sudo hexabrand update FILE.deb")
    folder = Path(given or here.source).resolve()
    if not (folder / "deploy/service/__main__.py").exists():
        raise Refused(f"{folder} is no folder of HexaBrand. Type: sudo hexabrand update FOLDER")
    if not given:
        _refuse_open_to_all(folder)
        _pull(folder)
    systemd.say(f"From {here.version} to {layout.version_of(folder)} …")
    command = [
        sys.executable,
        "-I",
        str(folder / "deploy/service/__main__.py"),
        "install",
        here.role,
    ]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own command


def _refuse_open_to_all(folder: Path) -> None:
    """Root runs what lies there: where everybody may make folders, as in /tmp, it may be another
    by now."""
    if any(part.stat().st_mode & 0o002 for part in (folder, *folder.parents)):
        raise Refused(
            f"Everybody may write in a folder above {folder}, or in it. If it is your clone, type:"
            f" sudo hexabrand update '{folder}'"
        )


def _pull(folder: Path) -> None:
    """Pull as the owner of the clone: git refuses another user, and root's files would stay."""
    if not (folder / ".git").exists():
        return
    owner = pwd.getpwuid(folder.stat().st_uid)
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": owner.pw_dir}
    command = ["/usr/bin/git", "-C", str(folder), "pull", "--ff-only", "--quiet"]
    done = programs.run(command, environment, Identity(owner.pw_uid, owner.pw_gid))
    if done.returncode != 0:
        raise Refused(f"{done.stderr.strip()}\nThe new release could not be fetched into {folder}.")


def _from_package(file: Path, here: Installed) -> int:
    if not file.is_file():
        raise Refused(f"{file} is no file.")
    if here.source != "deb":
        raise Refused("HexaBrand came here by `make service`. Type first: sudo make service-remove")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["/usr/bin/apt-get", "install", "-y", str(file)]
    return subprocess.run(command, check=False, env=environment).returncode  # noqa: S603 - our own command
