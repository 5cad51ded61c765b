"""What the environment and `.env` say, read once; a refusal is a sentence with the variable."""

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from herd.storage.database_corruption import SQLITE
from hexabrand.ownership import owner
from hexabrand.settings.addresses import words
from hexabrand.settings.example_secrets import EXAMPLE, is_example

BASE_DIR = Path(__file__).resolve().parents[2]
SHORTEST_SECRET = 16
SHORTEST_SIGNING_KEY = 16
DATABASES_ARE = "write sqlite:////path/to/file or postgres://user:password@host/name"

ASKED: set[str] = set()  # every name that the settings of this role have read
LOADED: dict[Path, frozenset[str]] = {}  # env file → names whose value came from it

T = TypeVar("T")


def read(
    name: str,
    cast: Callable[[str], T],
    default: T,
    *,
    secret: bool = False,
    source: Mapping[str, str] = os.environ,
) -> T:
    """Return the variable as `cast` makes it; `default` where it is unset or empty."""
    ASKED.add(name)
    text = source.get(name, "").strip()
    return understood(name, cast, text, secret=secret) if text else default


def understood(name: str, cast: Callable[[str], T], text: str, *, secret: bool = False) -> T:
    """Return `text` as `cast` makes it; raise ImproperlyConfigured, which names the variable."""
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


def positive_seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise ValueError("write seconds above 0, at most 3600")
    return seconds


def number(unit: str, least: float, most: float) -> Callable[[str], float]:
    def cast(text: str) -> float:
        found = float(text)
        if not least <= found <= most:  # NaN is neither
            raise ValueError(f"write {unit} from {least:g} to {most:g}")
        return found

    return cast


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
    """Read `sqlite:////var/lib/…` or `postgres://…` into what Django calls a database."""
    if text.startswith("sqlite:"):
        return _sqlite_file(text)
    known = text.partition(":")[0] in {"postgres", "postgresql"}
    try:
        found: dict[str, Any] = environ.Env.db_url_config(text) if known else {}
    except ValueError:  # whose text tells a part of the password, where that has a / or a :
        raise ValueError("write / : @ of a password as %2F %3A %40, the port as a number") from None
    if not found.get("ENGINE") or not found.get("NAME"):
        raise ValueError(DATABASES_ARE)
    if find_spec("psycopg") is None:
        raise ValueError("PostgreSQL needs psycopg; install what requirements-postgres.txt names")
    return found


def _sqlite_file(text: str) -> dict[str, Any]:
    """Take the name as it is written: a URL's rules would cut it at # or ?, and make + a space."""
    name = unquote(text.removeprefix("sqlite:///"))
    if name.startswith("sqlite:") or not name:
        raise ValueError(DATABASES_ARE)
    file = place(name)
    if not file.parent.is_dir():
        raise ValueError(f"the folder {file.parent} does not exist")
    return {"ENGINE": SQLITE, "NAME": str(file)}


def secret(text: str) -> str:
    """Return one shared secret; an example copied from a manual is none."""
    if is_example(text):
        raise ValueError(EXAMPLE)
    if len(text) < SHORTEST_SECRET:
        raise ValueError(f"a key has at least {SHORTEST_SECRET} characters")
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("a key is made of letters, digits and signs, without spaces")
    return text


def secrets_list(text: str) -> list[str]:
    # Several, so that a key can be replaced while both are good.
    return [secret(key) for key in words(text)]


def folder(text: str) -> Path:
    """Return a folder that is there or can be made, and that this user may write in."""
    found = place(text)
    try:
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"it is no folder and cannot be made one ({error.strerror})") from error
    if not os.access(found, os.W_OK | os.X_OK):
        raise ValueError(f"this user may not write there; it belongs to {owner(found)}")
    return found


def place(text: str) -> Path:
    """Return a folder or file that need not be there now: a disk that is not mounted must not stop
    a start. One that is not absolute lies beside `manage.py`, from wherever a command is typed."""
    return (BASE_DIR / Path(text).expanduser()).resolve()


def signing_key(text: str) -> str:
    if is_example(text):
        raise ValueError(EXAMPLE)
    if len(text) < SHORTEST_SIGNING_KEY or len(set(text)) < 5:
        raise ValueError(f"it has at least {SHORTEST_SIGNING_KEY} characters, and of many kinds")
    return text


def load(file: Path) -> None:
    """Read an env file; one read before outranks it, and the real environment all of them."""
    if file.is_file():
        before = frozenset(os.environ)
        environ.Env.read_env(str(file))
        LOADED[file] = frozenset(os.environ) - before


load(read("HEXABRAND_ENV_FILE", place, default=BASE_DIR / ".env"))
# The default is tried as what is given is: it may belong to somebody else.
STATE_DIR = read("HEXABRAND_STATE_DIR", folder, default=None) or understood(
    "HEXABRAND_STATE_DIR", folder, str(BASE_DIR / "var")
)


def secret_key(role: str) -> str:
    """Return the key given, else what `setup` stored, else one that dies with the process."""
    if given := read("SECRET_KEY", signing_key, default="", secret=True):
        return given
    stored = STATE_DIR / f"{role}-secret.key"
    return stored.read_text().strip() if stored.is_file() else get_random_secret_key()


def choose_settings_module() -> None:
    """Set DJANGO_SETTINGS_MODULE where it is unset, from IS_PI_BACKEND or IS_SERVER_UI."""
    if os.environ.get("DJANGO_SETTINGS_MODULE"):  # `.env`, read above, may name it too
        return
    office = read("IS_SERVER_UI", boolean, default=False)
    pi = read("IS_PI_BACKEND", boolean, default=not office)  # the one that can stand alone
    if office and pi:
        raise ImproperlyConfigured(
            "IS_PI_BACKEND and IS_SERVER_UI are both True: one process has one role."
        )
    if not (office or pi):
        raise ImproperlyConfigured(
            "IS_PI_BACKEND is False and IS_SERVER_UI is not True: this process has no role."
        )
    os.environ["DJANGO_SETTINGS_MODULE"] = f"hexabrand.settings.{'ui' if office else 'pi'}"
