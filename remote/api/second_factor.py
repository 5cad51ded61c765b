"""A second factor of an account: codes of an authenticator app (TOTP), and backup codes.

Each code counts once. Without one a password opens no door of a person: not the admin, not the
browsable API, not the office. Keys of machines know none.
"""

import threading
from base64 import b32encode
from collections.abc import Iterator
from math import ceil
from typing import Final, NamedTuple

from django.contrib.auth.models import AbstractUser, User
from django.contrib.sessions.models import Session
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from herd.storage import journal
from remote.throttle import SignInThrottle

# Steps of 30 s, either way: a Pi that was off for long has a clock that is minutes out. What it is
# out by is remembered with each code, so that a slow drift never comes to these.
TOLERANCE: Final = 4
BACKUP_CODES: Final = 10
LONGEST_WAIT: Final = 300.0  # seconds; whoever is slowed down here knows the password already

code_throttle = SignInThrottle(5, longest_wait=LONGEST_WAIT)
_lock = threading.Lock()


class Refusal(NamedTuple):
    """Why a person does not come in: a code of `remote.problems`, and a sentence."""

    code: str
    sentence: str
    wait: int = 0  # seconds


NEEDED: Final = Refusal("code_needed", "Give the code that your authenticator app shows, too.")
WRONG: Final = Refusal(
    "bad_code",
    "This code is wrong, or was used already. Wait for the next one, or use a backup code.",
)


def is_on(user: AbstractUser) -> bool:
    return bool(TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists())


def refusal_of(user: AbstractUser, code: str) -> Refusal | None:
    """Return why somebody who gave the right password is kept out; None where they come in."""
    if not is_on(user):
        return None
    if not code:
        return NEEDED
    name = user.get_username()
    with _lock:
        if wait := ceil(code_throttle.wait(name)):
            return Refusal("throttled", f"Too many wrong codes. Try again in {wait} s.", wait)
        code_throttle.failed(name)  # before it is looked at: many at once are no way around
    if not _takes(user, code):
        return WRONG
    code_throttle.succeeded(name)
    return None


def _takes(user: AbstractUser, code: str) -> bool:
    """Return whether the code is good, and use it up."""
    plain = "".join(code.split()).replace("-", "").lower()
    with journal.writing(journal.REQUEST_TIMEOUT):  # one after the other: no code counts twice
        return any(device.verify_token(plain) for device in _devices(user))


def _devices(user: AbstractUser) -> Iterator[TOTPDevice | StaticDevice]:
    for kind in (TOTPDevice, StaticDevice):
        yield from kind.objects.filter(user_id=user.pk, confirmed=True)


def turn_on(user: User, key: str, code: str) -> list[str] | None:
    """Make this key, in hex, the account's second factor; return the backup codes, or None where
    the code is not the key's."""
    device = TOTPDevice(user=user, name="app", key=key, tolerance=TOLERANCE)
    clock = TOTP(device.bin_key)
    if not (code.isdecimal() and clock.verify(int(code), TOLERANCE)):
        return None
    device.last_t, device.drift = clock.t(), clock.drift
    codes = [StaticToken.random_token() for _ in range(BACKUP_CODES)]
    with journal.writing(journal.REQUEST_TIMEOUT):
        turn_off(user)
        device.save()
        backup = StaticDevice.objects.create(user=user, name="backup codes")
        StaticToken.objects.bulk_create(StaticToken(device=backup, token=one) for one in codes)
    return codes


def turn_off(user: AbstractUser) -> bool:
    """Take the second factor away; return whether there was one."""
    was_on = is_on(user)
    for kind in (TOTPDevice, StaticDevice):
        kind.objects.filter(user_id=user.pk).delete()
    code_throttle.succeeded(user.get_username())
    return was_on


def end_other_sessions(user: AbstractUser, own: str | None) -> None:
    """End the sessions on the Pi that began without a code; there are a handful of all people."""
    for session in Session.objects.exclude(session_key=own):
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def address_for_apps(user: User, key: str) -> str:
    """Return the `otpauth://` address that an app reads as a QR code."""
    return str(TOTPDevice(user=user, key=key).config_url)


def in_letters(key: str) -> str:
    """Return the key as people type it into an app, in groups of four."""
    text = b32encode(bytes.fromhex(key)).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
