"""Where HexaBrand runs as a service, its commands are for the service's user.

Another would look into another herd, or leave files that the service cannot read.
"""

import json
import os
import pwd
from pathlib import Path
from typing import Final

import environ
from django.core.exceptions import ImproperlyConfigured

CODE: Final = Path(__file__).resolve().parents[1]
NOTE: Final = Path("/opt/hexabrand/.service.json")  # written by deploy/service
USER: Final = "hexabrand"
HARMLESS: Final = frozenset({"", "help", "-h", "--help", "version", "--version"})


def refuse(arguments: list[str], note: Path = NOTE) -> None:
    """Raise ImproperlyConfigured with the command to use, before the settings make their folder.

    A state folder of its own, named by HEXABRAND_STATE_DIR, is nobody else's business.
    """
    state = _state_of_service(note)
    if state is None or "".join(arguments[:1]) in HARMLESS or _is_the_services_user():
        return
    file = Path(os.environ.get("HEXABRAND_ENV_FILE") or CODE / ".env")
    if file.is_file():
        environ.Env.read_env(str(file))
    chosen = os.environ.get("HEXABRAND_STATE_DIR")
    if not chosen or Path(chosen).resolve() == state:
        raise ImproperlyConfigured(
            f"HexaBrand runs here as a service, with its herd in {state}."
            f" Type: sudo hexabrand {arguments[0]} …"
        )


def _state_of_service(note: Path) -> Path | None:
    try:
        return Path(json.loads(note.read_text())["state"])
    except (OSError, ValueError, KeyError):
        return None


def _is_the_services_user() -> bool:
    try:
        return pwd.getpwnam(USER).pw_uid == os.geteuid()
    except KeyError:
        return False
