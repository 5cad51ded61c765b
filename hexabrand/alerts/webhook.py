"""Sends each alert to a farm's own address, signed, so that the receiver knows whose it is."""

import hashlib
import hmac
import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final
from urllib.parse import SplitResult, urlsplit

from hexabrand.alerts import wording
from hexabrand.alerts.outbox import DeliveryFailed
from hexabrand.alerts.rules import Notice
from remote.wire import RELEASE

TIMEOUT: Final = 10.0  # seconds, for each step
SILENT: Final = "does not answer"
REASONS: Final = (
    (ssl.SSLError, "has no certificate that is trusted here"),
    (socket.gaierror, "cannot be found: its name has no address"),
)
SIGNATURE_HEADER: Final = "X-HexaBrand-Signature"  # names are a contract: docs/alerts.md


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the header: HMAC-SHA256 over the time in seconds, a full stop and the body."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class WebhookSender:
    """One notice a request. Neither a proxy of the environment nor a redirect is followed."""

    name = "webhook"
    most = 1

    def __init__(
        self, url: str, secret: str, who: wording.Who, clock: Callable[[], float] = time.time
    ) -> None:
        self._url, self._secret, self._who, self._clock = urlsplit(url), secret, who, clock

    def send(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            self._post(self._body(notice))

    def _body(self, notice: Notice) -> bytes:
        row = asdict(notice) | {
            "text": wording.one_line(notice.text),
            "name": self._who.name,
            "role": self._who.role,
            "link": self._who.link_to(notice),
        }
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")

    def _post(self, body: bytes) -> None:
        where = self._url.netloc
        try:
            status = self._status_of(body)
        except (OSError, http.client.HTTPException) as error:
            what = next((said for kind, said in REASONS if isinstance(error, kind)), SILENT)
            raise DeliveryFailed(f"The webhook {where} {what}.") from error
        if not 200 <= status < 300:
            raise DeliveryFailed(f"The webhook {where} answered with {status}.")

    def _status_of(self, body: bytes) -> int:
        connection = _connection(self._url)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"HexaBrand/{RELEASE}",
            SIGNATURE_HEADER: signature(self._secret, int(self._clock()), body),
        }
        path = self._url.path or "/"
        try:
            connection.request(
                "POST", f"{path}?{self._url.query}" if self._url.query else path, body, headers
            )
            return connection.getresponse().status
        finally:
            connection.close()


def _connection(url: SplitResult) -> http.client.HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "http":
        return http.client.HTTPConnection(host, url.port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, url.port, timeout=TIMEOUT, context=context)
