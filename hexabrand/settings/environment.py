"""What the environment says, read once: the real environment first, then `.env` and pairing.

Every reader here fails with a sentence that names the variable.
"""

import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parents[2]
KNOWN_EXAMPLE_SECRETS = frozenset(
    {"test123", "changeme", "change-me", "secret", "password", "admin", "example", "hexabrand"}
)

T = TypeVar("T")


def read(name: str, cast: Callable[[str], T], default: T, *, secret: bool = False) -> T:
    """The variable as `cast` makes it; `default` where it is unset or empty."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    try:
        return cast(text)
    except (ValueError, TypeError) as error:
        shown = name if secret else f"{name}={text!r}"
        raise ImproperlyConfigured(f"{shown} cannot be used: {error}") from error


def boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("write True or False")


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError("a port is a number from 1 to 65535")
    return int(text)


def positive_seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise ValueError("write seconds above 0, at most 3600")
    return seconds


def kilograms(text: str) -> float:
    weight = float(text)
    if not 1 <= weight <= 5000:
        raise ValueError("write kilograms from 1 to 5000")
    return weight


def whole(least: int, most: int) -> Callable[[str], int]:
    def cast(text: str) -> int:
        number = int(text) if text.isascii() else least - 1
        if not least <= number <= most:
            raise ValueError(f"write a whole number from {least} to {most}")
        return number

    return cast


def one_of(*choices: str) -> Callable[[str], str]:
    def cast(text: str) -> str:
        if text not in choices:
            raise ValueError(f"write one of {', '.join(choices)}")
        return text

    return cast


def time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("write a time zone such as America/Denver") from error
    return text


def database(text: str) -> dict[str, Any]:
    """`sqlite:////var/lib/…` or `postgres://…` → what Django calls a database."""
    found: dict[str, Any] = environ.Env.db_url_config(text)
    if not found.get("ENGINE") or not found.get("NAME"):
        raise ValueError("write sqlite:////path/to/file or postgres://user:password@host/name")
    return found


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def secrets_list(text: str) -> list[str]:
    """Shared secrets, several for rotation. An example copied from a manual is no secret."""
    keys = words(text)
    for key in keys:
        if key.lower() in KNOWN_EXAMPLE_SECRETS:
            raise ValueError("that is an example from a manual, not a secret")
        if len(key) < 16:
            raise ValueError("a key has at least 16 characters")
    return keys


def networks(text: str) -> list[str]:
    return [str(ipaddress.ip_network(word, strict=False)) for word in words(text)]


def socket_address(text: str) -> tuple[str, int]:
    """`0.0.0.0:1700` or `[::]:1700` → host and port."""
    host, separator, number = text.rpartition(":")
    if not separator or not host:
        raise ValueError("write host:port, for instance 0.0.0.0:1700")
    return host.strip("[]"), port(number)


def load(*files: Path) -> None:
    """Reads env files, earlier ones first in rank; the real environment outranks them all."""
    for file in files:
        if file.is_file():
            environ.Env.read_env(str(file))


load(BASE_DIR / ".env")
STATE_DIR = Path(read("HEXABRAND_STATE_DIR", str, str(BASE_DIR / "var"))).expanduser().resolve()


def secret_key(role: str) -> str:
    """From the environment, else from what `setup` stored, else one that dies with the process."""
    given = os.environ.get("SECRET_KEY", "")
    if given:
        if given.lower() in KNOWN_EXAMPLE_SECRETS:
            raise ImproperlyConfigured("SECRET_KEY is an example from a manual, not a secret.")
        return given
    stored = STATE_DIR / f"{role}-secret.key"
    return stored.read_text().strip() if stored.is_file() else get_random_secret_key()
