"""Where an installation as a service keeps what, and what belongs to which role."""

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parents[2]  # the code that this program came with
CODE: Final = Path("/opt/hexabrand")
STATE: Final = Path("/var/lib/hexabrand")
SETTINGS: Final = Path("/etc/hexabrand.env")  # root's: the services read it and cannot change it
UNITS: Final = Path("/etc/systemd/system")
COMMAND: Final = Path("/usr/local/bin/hexabrand")
PACKAGED_COMMAND: Final = Path("/usr/bin/hexabrand")  # the .deb's
NOTE: Final = CODE / ".service.json"
USER: Final = "hexabrand"  # of all services, without a shell and a home of its own

MODULES: Final = {"pi": "hexabrand.settings.pi", "office": "hexabrand.settings.ui"}
ROLES: Final = {"pi": ("pi",), "office": ("office",), "both": ("pi", "office")}
SERVICES: Final = {
    "pi": ("hexabrand-receiver.service", "hexabrand-worker.service", "hexabrand-web.service"),
    "office": ("hexabrand-office.service",),
}
TIMERS: Final = {"pi": ("hexabrand-backup.timer",), "office": ("hexabrand-backup-pull.timer",)}


class Refused(Exception):
    """Nothing more is done; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What is installed as a service here: `source` is the folder it came from, or "deb"."""

    role: str
    state: str
    source: str
    version: str

    @property
    def roles(self) -> tuple[str, ...]:
        return ROLES[self.role]


def installed() -> Installed | None:
    try:
        return Installed(**json.loads(NOTE.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def note(what: Installed) -> None:
    write_whole(NOTE, json.dumps(asdict(what)) + "\n", 0o644)


def write_whole(file: Path, text: str, mode: int, group: int = 0) -> None:
    """Write a file of root's for a group: after a power cut it is there as a whole, or not."""
    part = file.with_name(f"{file.name}.new")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as writing:
        os.fchown(writing.fileno(), 0, group)
        os.fchmod(writing.fileno(), mode)
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    part.rename(file)


def version_of(code: Path) -> str:
    text = (code / "remote/wire.py").read_text()
    found = re.search(r'^RELEASE\b.*?= "([^"]+)"', text, re.MULTILINE)
    return found[1] if found else "unknown"


def is_packaged() -> bool:
    """Return whether the .deb put the code here."""
    return PACKAGED_COMMAND.exists()
