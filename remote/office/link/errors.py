"""Why the Pi could not be asked. Each text is a sentence for the person at the office."""

from typing import Any


class PiError(Exception):
    """Base."""


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
