"""The `hexabrand` command: the services of this machine, and any command in their name."""

import errno
import os
import pwd
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from deploy.service import account, install, layout, settings, systemd
from deploy.service.layout import SETTINGS, Installed, Refused
from deploy.service.restore import restore

HELP = """\
Usage: sudo hexabrand COMMAND …

  status                   how this machine is
  pairing                  on the Pi: the string for an office
  pair [STRING]            on the office: follow that Pi; without STRING it is asked for
  backup, restore FILE     the Pi's herd, keys and certificate
  logs [-f] [SERVICE]      of receiver, worker, web, office; more arguments go to journalctl
  start, stop, restart     the services
  update [FOLDER|FILE.deb] the newest release, after a backup
  install [pi|office|both] the services, by the settings of today
  remove                   the services; the herd and the settings stay
  --role pi|office …       on a machine with both: that one's command

Any other command is HexaBrand's own, see docs/settings.md: hexabrand create_api_key --name scale
"""
OFFICE_COMMANDS = frozenset({"pair"})
PI_COMMANDS = frozenset(
    {"pairing", "restore", "create_api_key", "simulate", "runreceiver", "runworker"}
)
# In the settings file they would outrank what `pair` writes
PAIRED_BY_HAND = ("REMOTE_PI_HOST", "PI_CERT_FINGERPRINT")


def main(arguments: list[str]) -> int:
    try:
        return _run(arguments) or 0
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{_sentence(error)}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _sentence(error: OSError) -> str:
    """Return what to do. An error of shutil's tells the reason in its text alone."""
    if error.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in str(error):
        return "The disk is full. Make room (df -h tells where there is some) and type it again."
    return f"That cannot be done: {error}"


def _run(arguments: list[str]) -> int | None:
    role, (name, *rest) = _role_asked(arguments)
    if name in {"-h", "--help", "help"}:
        systemd.say(HELP.rstrip())
        return None
    if name in {"--version", "version"}:
        systemd.say(f"HexaBrand {layout.version_of(layout.SOURCE)}")
        return None
    _refuse_without_rights()
    if name in OWN:
        return OWN[name](rest)
    here = _installed()
    if name == "status" and not role and here.role == "both":
        return _of_both(rest)
    return _manage(name, rest, _role_of(role, name, rest, here))


def _role_asked(arguments: list[str]) -> tuple[str, list[str]]:
    if arguments[:1] == ["--role"] and len(arguments) > 1:
        if arguments[1] not in layout.MODULES:
            raise Refused("--role is pi or office.")
        return arguments[1], arguments[2:] or ["--help"]
    return "", arguments or ["--help"]


def _refuse_without_rights() -> None:
    if os.geteuid() == 0:
        return
    if account.exists() and os.geteuid() == pwd.getpwnam(layout.USER).pw_uid:
        return
    raise Refused("This needs root. Type: sudo hexabrand …")


def _installed() -> Installed:
    here = layout.installed()
    if here is None:
        raise Refused("No service is installed here. Type: sudo hexabrand install pi|office|both")
    return here


def _role_of(asked: str, name: str, rest: list[str], here: Installed) -> str:
    """Return the role whose command this is: asked for, the only one here, or by its name."""
    if asked and asked not in here.roles:
        raise Refused(f"This machine is no {asked}: it is installed as {here.role}.")
    owner = "pi" if name in PI_COMMANDS else ""
    if name in OFFICE_COMMANDS or {"--pull", "--new-recovery-key"} & set(rest):
        owner = "office"
    role = asked or (here.roles[0] if len(here.roles) == 1 else owner or "pi")
    if owner and owner != role:
        names = {"pi": "the Pi", "office": "the office"}
        raise Refused(f"`{name}` is a command of {names[owner]}, and this is {names[role]}.")
    return role


def _manage(name: str, rest: list[str], role: str) -> int:
    chosen = settings.read(SETTINGS)
    if name == "pair":
        _refuse_to_be_outranked(chosen, role)
    if name == "restore" and not {"-h", "--help"} & set(rest):
        return restore(rest, _installed())
    if name == "backup":
        rest = _folder_made_whole(rest)
    return account.become([name, *rest], role, chosen)


def _of_both(rest: list[str]) -> int:
    words, chosen = ["status", *rest], settings.read(SETTINGS)
    return max(account.show(words, role, chosen) for role in layout.ROLES["both"])


def _refuse_to_be_outranked(chosen: settings.Settings, role: str) -> None:
    """Raise Refused where the settings file would outrank what `pair` writes."""
    names = [*PAIRED_BY_HAND, *(["PI_API_KEY"] if _installed().role == "office" else [])]
    outranking = [name for name in names if chosen.get(name)]
    if outranking and role == "office":
        raise Refused(
            f"{' and '.join(outranking)} in {SETTINGS} would outrank the pairing. Take that out,"
            " type `sudo hexabrand restart`, then pair."
        )


def _folder_made_whole(arguments: list[str]) -> list[str]:
    """Make `--to FOLDER` whole. Raise Refused where the services' user cannot write there."""
    # It counts from the caller's folder, which the services' user may not even see.
    for number, word in enumerate(arguments[:-1]):
        if word == "--to":
            folder = Path(arguments[number + 1]).resolve()
            if folder.exists() and not account.may(os.W_OK | os.X_OK, folder):
                raise Refused(
                    f"The user {layout.USER} cannot write in {folder}. Type: sudo chown"
                    f" {layout.USER}: '{folder}', or copy a backup from"
                    f" {settings.read(SETTINGS).backups}."
                )
            return [*arguments[: number + 1], str(folder), *arguments[number + 2 :]]
    return arguments


def _logs(rest: list[str]) -> None:
    jobs = [w for w in rest if f"hexabrand-{w}.service" in {f.name for f in systemd.present()}]
    chosen = [f"-u hexabrand-{job}".split() for job in jobs] or [["-u", "hexabrand-*"]]
    others = [word for word in rest if word not in jobs]
    words = [*(word for pair in chosen for word in pair), *others]
    os.execv("/usr/bin/journalctl", ["journalctl", *words])  # noqa: S606 - our own command


def _start_or_stop(action: str, _rest: list[str]) -> None:
    here, chosen = _installed(), settings.read(SETTINGS)
    if action != "stop":
        account.interpreter()
    if action != "start":
        systemd.stop_all()
    if action != "stop":
        account.own_folders(chosen)
        systemd.start(systemd.wanted(here.role, chosen)[1])


OWN: dict[str, Callable[[list[str]], int | None]] = {
    "install": lambda rest: install.install("".join(rest[:1])),
    "remove": lambda _rest: install.remove(),
    "update": lambda rest: install.update(rest, _installed()),
    "logs": _logs,
    **{action: partial(_start_or_stop, action) for action in ("start", "stop", "restart")},
}
