"""Whose a file or this machine's herd is, for the sentence to somebody who may not use it."""

import json
import os
import pwd
import shlex
from pathlib import Path
from typing import Final

import environ
from django.core.exceptions import ImproperlyConfigured

CODE: Final = Path(__file__).resolve().parents[1]
NOTE: Final = Path("/opt/hexabrand/.service.json")  # written by deploy/service
USER: Final = "hexabrand"
# These open no herd
HARMLESS: Final = frozenset({"", "help", "-h", "--help", "version", "--version"})


def user_name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def owner(file: Path) -> str:
    return user_name(file.stat().st_uid)


def refusal(error: PermissionError) -> str:
    """Return a sentence that names the file, its owner, and what can be done."""
    if not isinstance(error.filename, str):
        return f"This user may not do that: {error}"
    file = Path(error.filename)
    there = next(p for p in (file, *file.parents) if _is_seen(p))
    folder = there if there.is_dir() else there.parent
    me = user_name(os.geteuid())
    return (
        f"{file} cannot be used by {me}: {there} belongs to {owner(there)}. Type the command as"
        f" that user, or give all of it to {me}: sudo chown -R {me} {shlex.quote(str(folder))}"
    )


def _is_seen(file: Path) -> bool:
    try:
        return file.exists()
    except PermissionError:
        return False


def refuse_beside_service(arguments: list[str], note: Path = NOTE) -> None:
    """Raise ImproperlyConfigured, with the command to use, for any user but the service's where
    HexaBrand runs as a service: another would look into another herd, or leave files that the
    service cannot read. A state folder of its own (HEXABRAND_STATE_DIR) is nobody else's business.
    """
    state = _state_of_service(note)
    if state is None or "".join(arguments[:1]) in HARMLESS or _is_the_services_user():
        return
    # Read here, before the settings, which would make their state folder.
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
