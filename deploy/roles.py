"""`make pi` and `make office`: a role for real, its first start and then its processes.

Whatever stops it is told at the terminal.
"""

import json
import os
import shlex
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.readiness import NotStarted, ToldToEnd, started
from deploy.supervise import ROOT, Program, manage
from hexabrand import status_report
from hexabrand.hosts import bracketed, web_port_refusal
from hexabrand.listening import udp_refusal
from hexabrand.ownership import refusal
from lora.processes.process_lock import AlreadyRunning, only_one

# What a command in another terminal must be given too, where it does not stand in .env.
PLACES = ("HEXABRAND_STATE_DIR", "PI_BIND", "PI_PORT")


@dataclass(frozen=True, slots=True)
class Role:
    """What `make pi` and `make office` differ in."""

    name: str
    settings: str
    commands: dict[str, str]  # process → what follows `manage.py`; the web process comes last
    tell: Callable[[dict[str, Any], dict[str, str]], list[tuple[str, str]]]


def run(name: str) -> int:
    """Start the role, and return the exit status when it has ended."""
    role = ROLES[name]
    shell = {name: os.environ[name] for name in PLACES if os.environ.get(name)}
    os.environ["DJANGO_SETTINGS_MODULE"] = role.settings
    try:
        state = Path(settings.HEXABRAND_STATE_DIR)
        with only_one(f"make-{name}"):
            _refuse_taken_ports(name)
            return _run(role, state, shell)
    except ImproperlyConfigured as error:
        return _failed(str(error))
    except PermissionError as error:
        return _failed(refusal(error))
    except AlreadyRunning:
        again = f"`make {name}` runs already with the state folder {settings.HEXABRAND_STATE_DIR}"
        return _failed(f"The {role.name} did not start: {again}. End that one first.")
    except (NotStarted, OSError) as error:  # OSError: a full disk, for instance
        return _failed(f"The {role.name} did not start: {error}")
    except (ToldToEnd, KeyboardInterrupt):
        return 0


def _run(role: Role, state: Path, shell: dict[str, str]) -> int:
    environment = {"DJANGO_SETTINGS_MODULE": role.settings, "HEXABRAND_STATE_DIR": str(state)}
    account = json.loads(manage(environment, "setup", "--json"))
    if account.get("password"):  # at once: it is told nowhere else, whatever happens next
        shown_once = f"{account['password']}   shown this once; change it in the admin"
        _say([("Administrator", account["username"]), ("Password", shown_once)])
    print(f"Starting the {role.name} …", flush=True)  # noqa: T201 - this program talks
    programs = [Program(name, words, environment) for name, words in role.commands.items()]
    with started(state, f"{role.name.lower()}-supervisor", programs, _answers) as supervisor:
        print(f"\nThe {role.name} is ready.")  # noqa: T201 - this program talks
        _say([*role.tell(account, shell), ("Logs", str(state)), ("To end it", "Ctrl-C")])
        return supervisor.wait()


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - this program talks
    return 1


def _say(lines: list[tuple[str, str]]) -> None:
    print("\n".join(f"  {what:<15}{text}" for what, text in lines), flush=True)  # noqa: T201 - this program talks


def _refuse_taken_ports(name: str) -> None:
    found = [web_port_refusal()]
    if name == "pi":
        found.append(udp_refusal(*settings.LORA_UDP_BIND))
    if any(found):
        raise NotStarted("\n".join(filter(None, found)))


def _answers() -> bool:
    """Return whether the web process answers at all: health may well have its reasons."""
    # The certificate may be of any authority: it is asked on this machine, and sent nothing.
    anyone = ssl._create_unverified_context()  # noqa: S323, SLF001 - as the comment says
    return status_report.health_answer(anyone) is not None


def _tell_of_pi(account: dict[str, Any], shell: dict[str, str]) -> list[tuple[str, str]]:
    host, port = settings.LORA_UDP_BIND
    return [
        *(("Admin", f"{address}   self-signed certificate") for address in account["addresses"]),
        ("Administrator", account["username"]),
        ("Radios", f"UDP {bracketed(host)}:{port}"),
        ("Next", "in another terminal, for the string that pairs an office:"),
        ("", _command(shell, "pairing")),
    ]


def _tell_of_office(account: dict[str, Any], shell: dict[str, str]) -> list[tuple[str, str]]:
    pages = [("Pages", address) for address in account["addresses"]]
    if account["paired"]:
        return [*pages, ("Sign in", "as a user of the Pi")]
    command = _command({**shell, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}, "pair …")
    hint = "type `manage.py pairing` on the Pi, and here what it prints:"
    return [*pages, ("Next", hint), ("", command)]


def _command(given: dict[str, str], words: str) -> str:
    """Return what to type in another terminal, in whatever folder that is."""
    before = "".join(f"{name}={shlex.quote(value)} " for name, value in given.items())
    return f"cd {shlex.quote(str(ROOT))} && {before}.venv/bin/python manage.py {words}"


ROLES = {
    "pi": Role(
        "Pi",
        "hexabrand.settings.pi",
        {"receiver": "runreceiver", "worker": "runworker", "pi-web": "serve"},
        _tell_of_pi,
    ),
    "office": Role("office", "hexabrand.settings.ui", {"office-web": "serve"}, _tell_of_office),
}


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
