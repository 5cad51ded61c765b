"""The Pi's REST as the office asks it: one key, one trusted certificate, no detours."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from remote import wire
from remote.office.link.configuration import PiAddress
from remote.office.link.link_errors import NotPaired, PiError, PiRefused, PiUnreachable
from remote.office.link.pinning import context_for
from remote.office.mirror.tables import Row

CONNECT_SECONDS: Final = 3.0
READ_SECONDS: Final = 10.0
CHANGE_READ_SECONDS: Final = 120.0  # thousands of rows in one step
SNAPSHOT_READ_SECONDS: Final = 30.0  # between two chunks, not for the whole
CHUNK_BYTES: Final = 64 * 1024
PAGE: Final = 500  # rows, the most that the Pi gives at once
MOST_ROWS: Final = 2_500


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in at the office. `role`: viewer, manager or administrator.

    `stamp` is another one once the Pi knows another password or role; "" of an older Pi.
    """

    username: str
    display_name: str
    role: str
    stamp: str = field(default="", repr=False)


class _TrustAdapter(HTTPAdapter):
    """Lets the Pi's own TLS context decide, and the certificate's name not matter where pinned."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        kwargs["ssl_context"] = self._context
        if not self._context.check_hostname:
            kwargs["assert_hostname"] = False  # no certificate names a DHCP address
        super().init_poolmanager(*args, **kwargs)


class PiClient:
    """Blocking; call it through `asyncio.to_thread`. Safe to use from several threads."""

    def __init__(self, address: PiAddress, trusted: frozenset[str] = frozenset()) -> None:
        self.address = address
        self.trusted = trusted  # the certificates of this Pi, where they were named
        self._lock = threading.Lock()
        self._session: requests.Session | None = None

    def use(self, address: PiAddress, trusted: frozenset[str] | None = None) -> None:
        """Ask here from now on. The link follows the same address, so both are there or neither."""
        with self._lock:
            self.address, self._session = address, None
            self.trusted = self.trusted if trusted is None else trusted

    # -- questions --------------------------------------------------------------------------

    def login(self, username: str, password: str, address: str = "", code: str = "") -> Person:
        """Return the person. `address` is the browser's: one that guesses slows itself alone.
        `code` is of a second factor, which an older Pi does not know."""
        body = {"username": username, "password": password} | ({"code": code} if code else {})
        headers = {wire.ADDRESS_HEADER: address} if address else {}
        with self._answer("POST", "auth/login", json=body, headers=headers) as answer:
            return _person_of(object_of(answer))

    def person(self, username: str) -> Person:
        """Return a person; raise PiRefused with the code `no_such_person` where there is none."""
        return _person_of(self._json("GET", "auth/person", user=username))

    def status(self) -> Row:
        return self._json("GET", "status")

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Row:
        """Return any other answer, for instance of `get("cattle/7/history", {"limit": 50})`."""
        return self._json("GET", path, params=params)

    def whole(self, path: str) -> Row:
        """Return all rows of a list, asked page by page; of a long one the first MOST_ROWS."""
        answer = self.get(path, {"limit": PAGE})
        rows, total = list(answer["data"]), answer.get("total")
        while answer.get("next") and len(rows) < MOST_ROWS:
            answer = self.get(path, {"limit": PAGE, "cursor": answer["next"]})
            rows += answer["data"]
        return {**answer, "data": rows, "total": total}

    def retry_payload(self, payload_id: int, user: str, text: str | None = None) -> Row:
        """Ask for another try. `user` stands in the journal; `text` corrects what was garbled."""
        body = {} if text is None else {"text": text}
        return self._json("POST", f"payloads/{payload_id}/retry", body=body, user=user)

    def change(
        self, method: str, path: str, body: Mapping[str, Any], user: str, key: str = ""
    ) -> tuple[Row, wire.Cursor | None]:
        """Ask for a change; return the answer and the journal position that holds the change.

        `user` stands in the Pi's journal, and the Pi asks for that person's role. With `key`, a
        repeat of the same request changes nothing more.
        """
        headers = {wire.IDEMPOTENCY_HEADER: key} if key else {}
        if path.startswith("imports"):
            headers["Prefer"] = "respond-async"  # an older Pi answers when it is done
        timeout = (CONNECT_SECONDS, CHANGE_READ_SECONDS)
        options = {"json": dict(body), "headers": headers | _person(user), "timeout": timeout}
        with self._answer(method, path, **options) as answer:
            cursor = answer.headers.get(wire.CURSOR_HEADER)
            return object_of(answer), wire.Cursor.parse(cursor) if cursor else None

    def snapshot(self, on_line: Callable[[bytes], None]) -> None:
        """Hand on each line of the stream as it comes; what `on_line` raises ends it."""
        timeout = (CONNECT_SECONDS, SNAPSHOT_READ_SECONDS)
        with (
            self._plainly(self.address),
            self._answer("GET", "snapshot", timeout=timeout, stream=True) as answer,
        ):
            for line in answer.iter_lines(CHUNK_BYTES):
                if line:
                    on_line(line)

    def download(self, path: str, start: int, on_chunk: Callable[[bytes], None]) -> None:
        """Hand on a file from its byte `start` on; raise PiUnreachable where it breaks off."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        timeout = (CONNECT_SECONDS, SNAPSHOT_READ_SECONDS)
        options = {"headers": headers, "timeout": timeout, "stream": True}
        with self._plainly(self.address), self._answer("GET", path, **options) as answer:
            if start and answer.status_code != 206:
                raise PiUnreachable("The Pi began from the start again.", connected=True)
            for chunk in answer.iter_content(CHUNK_BYTES):
                on_chunk(chunk)

    # -- trust ------------------------------------------------------------------------------

    def socket_context(self) -> ssl.SSLContext | None:
        """Return the trust that REST has, for the WebSocket; None where the Pi has no TLS."""
        return self._context(self.address)

    def _context(self, address: PiAddress) -> ssl.SSLContext | None:
        if not address.host or not address.key:
            raise NotPaired(
                "This office knows no Pi yet. Run `manage.py pairing` on the Pi, then `manage.py"
                " pair` here with the string it prints."
            )
        if not address.tls:
            return None
        if address.pin is None:
            return ssl.create_default_context()
        address.pin.ensure(address.reach, address.port)
        return context_for(address.pin.file)

    def blame_certificate(self, at: PiAddress | None = None) -> PiError:
        """Return what to say after TLS was refused. No key is sent to find out."""
        address = at or self.address
        if address.pin is None:
            return PiUnreachable(
                f"No authority that this office trusts vouches for {address}.", connected=True
            )
        try:
            address.pin.compare(address.reach, address.port)
        except PiError as error:
            return error
        return PiUnreachable(f"TLS with the Pi at {address} failed.", connected=True)

    def _ready(self) -> tuple[requests.Session, PiAddress]:
        """Return both of one moment: the address may change while somebody asks."""
        with self._lock:
            session, address = self._session, self.address
        if session is None:
            session = self._new_session(address)  # may wait for the Pi: not under the lock
            with self._lock:
                if self.address is address:
                    self._session = session
        return session, address

    def _new_session(self, address: PiAddress) -> requests.Session:
        context = self._context(address)
        session = requests.Session()
        session.trust_env = False  # a proxy or CA bundle of the environment is not for the Pi
        session.headers[wire.KEY_HEADER] = address.key
        if address.via or "%" in address.host:
            session.headers["Host"] = address.host_header
        if context is not None:
            session.mount("https://", _TrustAdapter(context))
        if address.pin is not None:
            session.verify = str(address.pin.file)  # else requests adds its own authorities
        return session

    # -- asking -----------------------------------------------------------------------------

    def _json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Row | None = None,
        user: str = "",
    ) -> Row:
        headers = _person(user)
        with self._answer(method, path, params=params, json=body, headers=headers) as answer:
            return object_of(answer)

    def _answer(self, method: str, path: str, **options: Any) -> requests.Response:
        session, address = self._ready()
        options.setdefault("timeout", (CONNECT_SECONDS, READ_SECONDS))
        with self._plainly(address):
            url = address.api_url + path
            # A redirect would carry the key elsewhere.
            answer = session.request(method, url, allow_redirects=False, **options)
            if 200 <= answer.status_code < 300:
                return answer
            with answer:
                raise refusal_of(answer)

    @contextmanager
    def _plainly(self, address: PiAddress) -> Iterator[None]:
        """Turn the library's many troubles into ours."""
        try:
            yield
        except requests.exceptions.SSLError as error:
            raise self.blame_certificate(address) from error
        except requests.RequestException as error:
            raise PiUnreachable(
                f"The Pi does not answer at {address}.", connected=was_connected(error)
            ) from error


def _person_of(row: Row) -> Person:
    return Person(row["username"], row["display_name"], row["role"], row.get("stamp", ""))


def _person(user: str) -> dict[str, str]:
    """Return the header that names the person, in ASCII: a plain name stays as it is."""
    return {wire.USER_HEADER: quote(user, safe="@+")} if user else {}


def was_connected(error: requests.RequestException) -> bool:
    """Tell whether anybody was met: a port that refuses is a Pi that is being started."""
    if isinstance(error, requests.ConnectTimeout):
        return False
    cause = error.args[0] if error.args else None
    return not (isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError))


def object_of(answer: requests.Response) -> Row:
    """Return the answer's JSON object; raise PiRefused where it is none."""
    try:
        row = answer.json()
    except requests.JSONDecodeError:
        row = None
    if not isinstance(row, dict):
        raise PiRefused(answer.status_code, "not_understood", "The Pi's answer cannot be read.")
    return row


def refusal_of(answer: requests.Response) -> PiRefused:
    """Return the Pi's refusal as an error whose text is for the person who asked."""
    status = answer.status_code
    if 300 <= status < 400:
        detail = "A redirect came from the Pi's address; it is not followed."
        return PiRefused(status, "redirect", detail)
    try:
        row = object_of(answer)
    except PiRefused:
        row = {}
    wait = answer.headers.get("Retry-After", "")
    return PiRefused(
        status,
        code=str(row.get("code", "refused")),
        detail=str(row.get("detail", f"The Pi refused with status {status}.")),
        retry_after=float(wait) if wait.isascii() and wait.isdigit() else None,
        body=row,
    )
