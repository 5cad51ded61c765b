"""Mail servers, addresses, webhooks and quiet hours as the environment writes them."""

import re
from dataclasses import dataclass, field
from datetime import time
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from hexabrand.settings.addresses import host, words

Security = Literal["none", "starttls", "tls"]
SCHEMES: Final[dict[str, tuple[Security, int]]] = {
    "smtp": ("none", 25),
    "smtp+tls": ("starttls", 587),
    "smtps": ("tls", 465),
}
_ADDRESS: Final = re.compile(r"[^\s@,;<>\"()\[\]\\]{1,64}@[^\s@,;<>\"()\[\]\\]{1,255}", re.ASCII)
_HOURS: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(text: str) -> MailServer:
    """Read `smtp+tls://user:password@host:587`; a URL's own signs in it are %-encoded."""
    url = urlsplit(text)
    if url.scheme not in SCHEMES or not url.hostname or url.path.strip("/") or url.query:
        raise ValueError("write smtp+tls://user:password@host:587, smtps://… or smtp://host:25")
    security, port = SCHEMES[url.scheme]
    user, password = unquote(url.username or ""), unquote(url.password or "")
    if bool(user) != bool(password):
        raise ValueError("a user needs a password, and a password a user")
    if password and security == "none":
        raise ValueError("a password goes over TLS alone: write smtp+tls:// or smtps://")
    return MailServer(host(url.hostname), url.port or port, security, user, password)


def mail_address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("write an address such as manager@farm.example")
    return text


def mail_addresses(text: str) -> list[str]:
    return list(map(mail_address, words(text)))


def web_address(text: str) -> str:
    """Read `https://host/path`, without a user."""
    url = urlsplit(text)
    is_plain = text.isascii() and text.isprintable() and " " not in text
    if url.scheme not in {"http", "https"} or not url.hostname or not is_plain:
        raise ValueError("write an address that begins with https:// or http://")
    if url.username or url.password or url.fragment:
        raise ValueError("write it without user, password and #")
    _ = url.port  # raises where it is none
    return text


def line(text: str) -> str:
    if not text.isprintable() or len(text) > 60:
        raise ValueError("write a name of at most 60 letters")
    return text


def quiet_hours(text: str) -> tuple[time, time]:
    """Read `22:00-05:30`: from, until."""
    found = _HOURS.fullmatch(text.replace(" ", ""))
    if not found:
        raise ValueError("write two times of day such as 22:00-05:30")
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = time(hour, minute), time(end_hour, end_minute)
    if start == end:
        raise ValueError("the two times are the same: nothing but urgent alerts would ever go out")
    return start, end


def belong_together(**given: object) -> None:
    """Raise ImproperlyConfigured where one of several settings is given and another is not."""
    missing = [name for name, value in given.items() if not value]
    if missing and len(missing) < len(given):
        present = next(name for name in given if name not in missing)
        raise ImproperlyConfigured(f"{present} is given and {missing[0]} is not: give both.")
