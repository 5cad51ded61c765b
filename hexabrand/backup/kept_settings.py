"""The settings of a Pi that go into its backups, and come back with them on another machine."""

import os
from pathlib import Path
from typing import Any, Final

import environ

from hexabrand.backup.archive import SETTINGS
from hexabrand.backup.database import state_dir
from hexabrand.settings.environment import ASKED, LOADED

# Where things lie and which address a process binds to: another machine has its own.
MACHINES_OWN: Final = frozenset({
    "BACKUP_DIR", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", "HEXABRAND_STATE_DIR", "IS_PI_BACKEND",
    "IS_SERVER_UI", "OFFICE_BIND", "OFFICE_PORT", "PI_BIND",
})  # fmt: skip


def effective() -> dict[str, str]:
    """Return what is set on this Pi, wherever it was written, of all that its settings read."""
    found = {name: os.environ.get(name, "").strip() for name in sorted(ASKED - MACHINES_OWN)}
    return {name: text for name, text in found.items() if text and len(text.splitlines()) == 1}


def dump(found: dict[str, str]) -> bytes:
    """Return an env file, each value in double quotes."""
    escaped = {name: text.replace("\\", "\\\\").replace('"', '\\"') for name, text in found.items()}
    return "".join(f'{name}="{text}"\n' for name, text in escaped.items()).encode()


def parse(file: Path) -> dict[str, str]:
    """Return what an env file gives; nothing where there is none."""

    class Scratch(environ.Env):  # type: ignore[misc]  # the package has no types
        ENVIRON: dict[str, str] = {}

    if file.is_file():
        Scratch.read_env(str(file))
    found: dict[Any, Any] = Scratch.ENVIRON
    return {str(name): str(text) for name, text in found.items()}


def outranked(restored: dict[str, str]) -> list[str]:
    """Return the names that this machine sets otherwise by itself: those values stay."""
    from_backup = LOADED.get(state_dir() / SETTINGS, frozenset[str]())
    own = {name: os.environ[name] for name in os.environ if name not in from_backup}
    return [name for name, text in restored.items() if own.get(name, text).strip() != text]
