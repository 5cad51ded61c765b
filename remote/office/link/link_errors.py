"""Why the link is down, told apart: what to say of it, and how soon to try again."""

import ssl
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidStatus,
    WebSocketException,
)

from remote.office.link.backoff import Ending
from remote.office.link.errors import (
    CertificateChanged,
    NotPaired,
    PiError,
    PiRefused,
    PiUnreachable,
)
from remote.wire import CLOSE_BAD_KEY

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
    """Said over the WebSocket."""


class Silent(PiError):
    """Connected, and nothing comes."""


class DatabaseAway(PiError):
    """The Pi answers, and says that it cannot read its database."""


class CopyTooOld(PiError):
    """The Pi cannot say what happened since this copy: a new one is needed."""


@dataclass(frozen=True, slots=True)
class LinkError:
    """`lasting`: waiting alone will not help, so nobody is told that it will. `code` tells what
    a person must do: away, certificate-changed, key-refused or not-paired."""

    ending: Ending
    reason: str
    code: str = "away"

    @property
    def lasting(self) -> bool:
        return self.ending is Ending.REFUSED

    @property
    def may_be_elsewhere(self) -> bool:
        """Whether the Pi is worth looking for at its other addresses."""
        return self.code not in {"key-refused", "not-paired"}


def link_error_of(error: Exception, address: object) -> LinkError | None:
    """None for an error that the network cannot have caused."""
    silence = f"The Pi does not answer at {address}."
    match error:
        case PiError():
            return _pi_trouble(error)
        case WebSocketException():
            return _socket_trouble(error, silence)
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


def _socket_trouble(error: WebSocketException, silence: str) -> LinkError:
    match error:
        case ConnectionClosed() if error.rcvd and error.rcvd.code == CLOSE_BAD_KEY:
            return LinkError(Ending.REFUSED, KEY_REFUSED, "key-refused")
        case InvalidStatus() if error.response.status_code in {401, 403}:
            return LinkError(Ending.REFUSED, KEY_REFUSED, "key-refused")
        case InvalidStatus():
            status = error.response.status_code
            reason = f"The Pi answered with status {status} in place of its live feed."
            return LinkError(Ending.CLOSED, reason)
        case InvalidMessage():
            return LinkError(Ending.MUTE, silence)
        case InvalidHandshake():
            return LinkError(Ending.CLOSED, "What answers at the Pi's address is not a live feed.")
    return LinkError(Ending.CLOSED, BROKEN_OFF)
