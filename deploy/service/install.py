"""From a folder with the code to services that run, and away again; `update` has a newer release do
it. Doing it again brings the settings of today."""

import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.service import account, code, layout, ports, programs, settings, systemd
from deploy.service.layout import CODE, SETTINGS, SOURCE, Installed, Refused
from deploy.service.programs import Identity
from deploy.service.settings import Settings
from deploy.service.systemd import say


def install(role: str) -> None:
    """Install a role, or raise Refused. What runs goes on until the new release was tried."""
    os.umask(0o022)
    code.refuse_unfit()
    role = _role(role)
    _refuse_beside_package()
    before = layout.installed()
    account.make()
    _bring_settings()
    chosen = settings.read(SETTINGS)
    for part in layout.ROLES[role]:
        ports.refuse_taken(chosen, part)
    account.own_folders(chosen)
    staged = code.stage(SOURCE)
    code.install_packages(staged, postgres=chosen.needs_postgres)
    for part in layout.ROLES[role]:
        _refuse_bad_settings(part, chosen, staged)
    if before is not None and "pi" in before.roles and _is_another(staged, before):
        _back_up(chosen)
    systemd.stop_all()
    code.put_in_place(staged)
    here = Installed(role, str(chosen.state), _source(), layout.version_of(CODE))
    layout.note(here)
    _bring_command()
    _start(here, chosen, before)


def _role(asked: str) -> str:
    here = layout.installed()
    role = asked or (here.role if here else "")
    if role not in layout.ROLES:
        raise Refused("Which role has this machine? Name it: pi, office or both.")
    return role


def _refuse_beside_package() -> None:
    if SOURCE != CODE and layout.is_packaged():
        raise Refused(
            "HexaBrand is installed here from a .deb. Type: sudo hexabrand update FILE.deb (or take"
            " it away first: sudo apt remove hexabrand)."
        )


def _bring_settings() -> None:
    """Take the settings of the clone, if it has any, where the services have none yet."""
    given = SOURCE / ".env"
    if not SETTINGS.exists():
        text = settings.as_environment_file(given.read_text()) if given.is_file() else ""
        empty = "# HexaBrand's settings on this machine; docs/settings.md names them all.\n"
        layout.write_whole(SETTINGS, text or empty, 0o640, account.group())
    if given.is_file() and SOURCE == CODE:
        given.rename(CODE / ".env.moved-to-etc")  # the code would read it too, as any user
    SETTINGS.chmod(0o640)
    os.chown(SETTINGS, 0, account.group())


def _refuse_bad_settings(part: str, chosen: Settings, staged: Path) -> None:
    checked = account.manage(["check"], part, chosen, staged)
    if checked.returncode != 0:
        raise Refused(f"{checked.stderr.strip()}\nThe settings are in {SETTINGS}.")


def _is_another(staged: Path, before: Installed) -> bool:
    """Return whether the code changes. A .deb has made its backup before it was unpacked."""
    if layout.is_packaged():
        return False
    return code.digest(staged) != code.digest(CODE) or layout.version_of(staged) != before.version


def _back_up(chosen: Settings) -> None:
    if chosen.needs_postgres or not (chosen.database_folder or chosen.state).exists():
        return
    made = account.manage(["backup"], "pi", chosen)
    if made.returncode != 0:
        raise Refused(f"{made.stderr.strip()}\nWithout a backup nothing is changed.")
    say(f"Backup before the change: {made.stdout.strip()}")


def _source() -> str:
    if layout.is_packaged():
        return "deb"
    here = layout.installed()
    return here.source if SOURCE == CODE and here is not None else str(SOURCE)


def _bring_command() -> None:
    """Put `hexabrand` on the PATH; the .deb brings its own."""
    if layout.is_packaged():
        layout.COMMAND.unlink(missing_ok=True)
        return
    shutil.copyfile(CODE / "deploy/service/hexabrand", layout.COMMAND)
    layout.COMMAND.chmod(0o755)


def _start(here: Installed, chosen: Settings, before: Installed | None) -> None:
    systemd.disable(systemd.unwanted(here.role, chosen))
    systemd.write(here.role, CODE, chosen)
    os.sync()  # a power cut soon after must not leave units that are empty
    systemd.ctl("daemon-reload")
    made = {part: _set_up(part, chosen) for part in here.roles}
    _, started = systemd.wanted(here.role, chosen)
    systemd.ctl("enable", *started)
    systemd.start(started)
    if here.role == "both":
        _pair(chosen)
    _tell(here, chosen, made)
    if before is not None and before.version != here.version:
        say(f"HexaBrand {before.version} → {here.version}")


def _set_up(part: str, chosen: Settings) -> dict[str, Any]:
    """Prepare the role; a password that it made is shown at once, whatever comes after."""
    done = account.manage(["setup", "--json"], part, chosen)
    if done.stderr.strip():
        say(done.stderr.strip())
    if done.returncode != 0:
        raise Refused("The services are stopped. Put that right, then type this command again.")
    made: dict[str, Any] = json.loads(done.stdout)
    if made.get("password"):
        say(f"Administrator {made['username']}, password {made['password']}")
        say("(shown this once; change it in the admin)")
    return made


def _pair(chosen: Settings) -> None:
    """Let the office follow the Pi beside it, unless it follows one already."""
    if (chosen.state / "office.env").exists() or chosen.get("REMOTE_PI_HOST"):
        return
    bind = chosen.get("PI_BIND", "0.0.0.0")  # noqa: S104 - compared, not bound
    host = "127.0.0.1" if bind in {"0.0.0.0", "::", "[::]"} else bind  # noqa: S104 - compared
    string = account.manage(["pairing", "--host", host], "pi", chosen).stdout.strip()
    done = account.manage(["pair"], "office", chosen, given=string)
    if done.returncode != 0:
        raise Refused(f"The office is not paired: {done.stderr.strip()}")
    systemd.ctl("restart", "hexabrand-office.service")


def _tell(here: Installed, chosen: Settings, made: dict[str, dict[str, Any]]) -> None:
    say(f"\nHexaBrand {here.version} runs here as a service.")
    for part, name in (("pi", "Pi"), ("office", "Office")):
        for address in made.get(part, {}).get("addresses", []):
            say(f"  {name:<9} {address}")
    if "pi" in here.roles:
        say(f"  Radios    UDP {chosen.get('LORA_UDP_BIND', '0.0.0.0:1700')}")
        server = "on its database server, whose own tools back it up"
        at = server if chosen.needs_postgres else f"{chosen.state}, backups in {chosen.backups}"
        say(f"  Herd      {at}")
    say(f"  Settings  {SETTINGS}; after a change: sudo hexabrand install")
    say("  Logs      sudo hexabrand logs -f")
    if here.role == "pi":
        say(f"To pair an office, type there:\n  sudo hexabrand pair {made['pi']['pairing']}")
    if here.role == "office" and not made["office"]["paired"]:
        say("Next: `sudo hexabrand pairing` on the Pi, `sudo hexabrand pair …` here.")
    _tell_of_a_herd_elsewhere(chosen)


def _tell_of_a_herd_elsewhere(chosen: Settings) -> None:
    herd = SOURCE / "var/pi.sqlite3"
    if herd.exists() and SOURCE != CODE and chosen.state != herd.parent:
        say(
            f"The herd of `make pi` stays in {herd.parent}. To take it over, type there:"
            " .venv/bin/python manage.py backup, then sudo hexabrand restore FILE."
        )


def remove() -> None:
    """Stop and take away units and command; the herd and the settings stay."""
    code.refuse_without_root()
    systemd.disable([file.name for file in systemd.present()])
    systemd.delete()
    systemd.ctl("daemon-reload")
    here = layout.installed() or Installed("", str(layout.STATE), str(CODE), "")
    layout.NOTE.unlink(missing_ok=True)
    if not layout.is_packaged():
        layout.COMMAND.unlink(missing_ok=True)
        code.delete(copied=here.source != str(CODE))
    say("The services are gone.")
    say(f"Kept: the herd, keys and backups in {here.state}, and the settings in {SETTINGS}.")


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
    say(f"From {here.version} to {layout.version_of(folder)} …")
    program = folder / "deploy/service/__main__.py"
    command = [sys.executable, "-I", str(program), "install", here.role]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own command


def _refuse_open_to_all(folder: Path) -> None:
    """Raise Refused for a folder that anybody may exchange."""
    # Root runs what lies there: where everybody may make folders, as in /tmp, it may be another by
    # now.
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
