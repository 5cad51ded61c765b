"""Why the Pi cannot be asked or followed: what to say of it, and how soon to try again.

The text of each error is a sentence for the person at the office.
"""

import ssl
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_noop
from websockets import exceptions

from remote.office.link.backoff import Ending
from remote.wire import CLOSE_BAD_KEY


class PiError(Exception):
    """Base of what keeps the office from its Pi."""


class NotPaired(PiError):
    """No Pi is configured here."""


class NotUnderstood(PiError):
    """The Pi speaks another version, or what came was cut short."""


class PiUnreachable(PiError):
    """Nobody answered. `connected`: the port was open, but nothing sensible came out of it."""

    def __init__(self, message: str, *, connected: bool = False) -> None:
        super().__init__(message)
        self.connected = connected


class PiRefused(PiError):
    """The Pi answered, and its answer is no. `retry_after` in seconds where the Pi named it;
    `body` is the whole answer."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        retry_after: float | None = None,
        body: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.retry_after, self.body = retry_after, body or {}


class CertificateChanged(PiError):
    """Somebody else answers in the Pi's place, or the Pi was set up anew."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(
            "The certificate at the Pi's address is not the one this office trusts; nothing is"
            f" sent to it. Trusted: {expected}. Seen: {seen}. If the Pi was set up anew, run"
            " `manage.py pair` with its new pairing string."
        )
        self.expected, self.seen = expected, seen


KEY_REFUSED: Final = gettext_noop(
    "The Pi refused this office's key. Run `manage.py pairing` on the Pi, and `manage.py pair` here"
    " with the string it prints."
)
BROKEN_OFF: Final = gettext_noop("The connection to the Pi broke off.")
DATABASE_AWAY: Final = gettext_noop(
    "The Pi's database does not answer: the Pi can neither store nor tell what happens."
)
OWN_FAULT: Final = gettext_noop(
    "The office could not make sense of what the Pi sent; it loads a new copy."
)


class KeyRefused(PiError):
    """The Pi said over the WebSocket that it does not know this office's key."""


class Silent(PiError):
    """The connection stands, and nothing comes. Pongs do not count: they need no feed."""


class DatabaseAway(PiError):
    """The Pi answers, and says that it cannot read its database."""


class CopyTooOld(PiError):
    """The Pi cannot say what happened since this copy: a new one is needed."""


@dataclass(frozen=True, slots=True)
class LinkError:
    """Why the link is down.

    `lasting`: waiting alone does not help. `code` tells what a person must do: away,
    certificate-changed, key-refused or not-paired.
    """

    ending: Ending
    reason: str
    code: str = "away"

    @property
    def lasting(self) -> bool:
        return self.ending is Ending.REFUSED

    @property
    def may_be_elsewhere(self) -> bool:
        """Tell whether the Pi is worth looking for at its other addresses."""
        return self.code not in {"key-refused", "not-paired"}


def link_error_of(error: Exception, address: object) -> LinkError | None:
    """Return why the link is down; None for an error that the network cannot have caused."""
    silence = f"The Pi does not answer at {address}."
    match error:
        case PiError():
            return _pi_trouble(error)
        case exceptions.WebSocketException():
            return _socket_trouble(error, silence)
        # Before OSError, which all of these are: somebody was met.
        case TimeoutError() | ssl.SSLError() | ConnectionResetError() | ConnectionAbortedError():
            return LinkError(Ending.MUTE, silence)
        case OSError():
            return LinkError(Ending.ABSENT, silence)
    return None


def _pi_trouble(error: PiError) -> LinkError:
    match error:
        case KeyRefused() | PiRefused(status=401 | 403):
            return LinkError(Ending.REFUSED, KEY_REFUSED, "key-refused")
        case DatabaseAway() | PiRefused(status=503, code="unavailable"):
            return LinkError(Ending.MUTE, DATABASE_AWAY, "database-away")  # back at any moment
        case CertificateChanged():
            return LinkError(Ending.REFUSED, str(error), "certificate-changed")
        case NotPaired():
            return LinkError(Ending.REFUSED, str(error), "not-paired")
        case PiUnreachable():
            return LinkError(Ending.MUTE if error.connected else Ending.ABSENT, str(error))
    return LinkError(Ending.CLOSED, str(error))


def _socket_trouble(error: exceptions.WebSocketException, silence: str) -> LinkError:
    match error:
        case exceptions.ConnectionClosed() if error.rcvd and error.rcvd.code == CLOSE_BAD_KEY:
            return LinkError(Ending.REFUSED, KEY_REFUSED, "key-refused")
        case exceptions.InvalidStatus() if error.response.status_code in {401, 403}:
            return LinkError(Ending.REFUSED, KEY_REFUSED, "key-refused")
        case exceptions.InvalidStatus():
            status = error.response.status_code
            reason = f"The Pi answered with status {status} in place of its live feed."
            return LinkError(Ending.CLOSED, reason)
        case exceptions.InvalidMessage():
            return LinkError(Ending.MUTE, silence)
        case exceptions.InvalidHandshake():
            return LinkError(Ending.CLOSED, "What answers at the Pi's address is not a live feed.")
    return LinkError(Ending.CLOSED, BROKEN_OFF)
