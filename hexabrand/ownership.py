"""Whose a file is, for the sentence to somebody who may not use it."""

import os
import pwd
import shlex
from pathlib import Path


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
