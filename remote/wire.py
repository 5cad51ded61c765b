"""The contract between the Pi and the office: names, cursors and messages. Both sides import it."""

import base64
import json
import re
from dataclasses import astuple, dataclass
from typing import Any, Final, Literal, NotRequired, TypeAlias, TypedDict

PROTOCOL: Final = 1
RELEASE: Final = "1.1.0"  # nowhere else: pyproject.toml and make read it here

API_ROOT: Final = "/api/remote/"
SOCKET_PATH: Final = "/ws/remote/events"
KEY_HEADER: Final = "X-API-Key"
CURSOR_HEADER: Final = "X-Herd-Cursor"
IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
ADDRESS_HEADER: Final = "X-Office-Client"  # where the browser of who signs in is
USER_HEADER: Final = "X-Office-User"  # the person behind the office's key
OFFICE_AGENT: Final = "HexaBrand-office/"  # how an office's User-Agent begins, on its socket

Topic = Literal["payloads", "batches", "cattle", "pens", "weights"]
TOPICS: Final[tuple[Topic, ...]] = ("payloads", "batches", "cattle", "pens", "weights")

# Tables that came later, and have no topic of their own: an older Pi refuses one it does not know.
Table = Literal[Topic, "sessions", "products", "treatments", "work_marks", "pulls", "shipments"]
LATER: Final[tuple[Table, ...]] = (
    *("sessions", "products", "treatments", "work_marks", "pulls"),
    "shipments",
)
TABLES: Final[tuple[Table, ...]] = (*TOPICS, *LATER)  # all held

EventKind = Literal[
    "payload:received",
    "payload:processed",
    "payload:duplicate",
    "payload:error",
    "batch:created",
    "batch:updated",
    "batch:deleted",  # one that an import founded, which was taken back
    "cattle:created",
    "cattle:updated",
    "cattle:moved",
    "cattle:retagged",
    "cattle:exported",
    "cattle:deleted",  # a record merged into another one, or an import taken back
    "weight:recorded",
    "weight:voided",
    "weight:deleted",  # gone with the animal of an import taken back
    "pen:created",
    "pen:updated",
    "pen:deleted",
    "session:begun",
    "session:updated",
    "session:ended",
    "session:resumed",
    "session:deleted",  # one in which nothing was done, whose beginning was taken back
    "product:created",
    "product:updated",
    "product:deleted",  # one that nobody was given, whose entry was taken back
    "treatment:recorded",
    "treatment:voided",
    "work:marked",  # an item of the office's page Work: dismissed, seen, to come again
    "work:ended",  # such a mark: the item is brought back
    "pull:recorded",
    "pull:returned",
    "pull:voided",
    "shipment:created",
    "shipment:updated",  # also when an animal of it is planned, loaded or unloaded
    "shipment:loading",
    "shipment:shipped",
    "shipment:cancelled",
    "shipment:reported",
    "import:progress",  # of a sheet that is read, checked and written, and how it ended
]
# As TABLES orders them.
_KINDS: Final = (
    *("payload", "batch", "cattle", "pen", "weight"),
    *("session", "product", "treatment", "work", "pull", "shipment"),
)
TABLE_OF: Final[dict[str, Table]] = dict(zip(_KINDS, TABLES, strict=True))
Told = Table | Literal["imports"]  # what an event may be about
IMPORT_EVENT: Final = "import:progress"
# What has no topic is told to whoever follows this one.
COMES_WITH: Final[dict[Told, Topic]] = {
    "imports": "cattle",
    "products": "cattle",
    "treatments": "cattle",
    "work_marks": "cattle",
    "pulls": "cattle",
    "sessions": "weights",
    "shipments": "cattle",
}

# What a snapshot holds of weights, treatments, pulls, payloads, sessions, shipments and ended
# marks; older ones through REST.
RECENT: Final = 1_000
ERRORS_HELD: Final = 5_000  # beside those: payloads in error, suspect weights, marks that stand

HEARTBEAT_SECONDS: Final = 10.0
STALE_AFTER_SECONDS: Final = 25.0  # two heartbeats missed and a little: the copy is old

CLOSE_BAD_KEY: Final = 4401
CLOSE_BAD_MESSAGE: Final = 4400
CLOSE_TOO_SLOW: Final = 4408
CLOSE_GOING_AWAY: Final = 1001

UNAVAILABLE: Final = "The Pi cannot use its database at the moment."

ResyncReason = Literal["unknown_cursor", "pruned", "too_slow"]


def table_of(kind: str) -> Table:
    """Return the table of an event: `cattle:moved` → `cattle`. Raise KeyError for no event."""
    return TABLE_OF[kind.partition(":")[0]]


_CURSOR: Final = re.compile(r"([0-9]{1,18})-([0-9a-f]{8})")


class BadCursor(ValueError):
    """A text that is no cursor."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in one Pi's journal: entry number, and the random mark that entry carries.

    On the wire `seq-mark`, the mark as 8 hex digits. `0-00000000` is before the first entry.
    """

    seq: int
    mark: int

    def __str__(self) -> str:
        return f"{self.seq}-{self.mark:08x}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise BadCursor(f"{text[:40]!r} is not a cursor such as 1042-9f3a1c2b.")
        return cls(int(found[1]), int(found[2], 16))


START: Final = Cursor(0, 0)


class Subscribe(TypedDict):
    type: Literal["subscribe"]
    topics: list[Topic]
    since: str | None
    people: NotRequired[bool]  # tell me of accounts too: an older Pi pays it no heed


class Unsubscribe(TypedDict):
    type: Literal["unsubscribe"]
    topics: list[Topic]


class Ack(TypedDict):
    """What the client has taken, up to this cursor: it may be sent more."""

    type: Literal["ack"]
    cursor: str


class Hello(TypedDict):
    type: Literal["hello"]
    protocol: int
    release: NotRequired[str]  # since 1.1.0
    cursor: str
    server_time: str


class Event(TypedDict):
    type: Literal["event"]
    cursor: str
    event: str
    at: str
    data: dict[str, Any]


class CaughtUp(TypedDict):
    type: Literal["caught_up"]
    cursor: str


class Resync(TypedDict):
    type: Literal["resync"]
    reason: ResyncReason


class Heartbeat(TypedDict):
    type: Literal["heartbeat"]
    cursor: str
    server_time: str


class People(TypedDict):
    """Everybody who has an account, by name: another stamp is another password or role."""

    type: Literal["people"]
    stamps: dict[str, str]


class ErrorMessage(TypedDict):
    type: Literal["error"]
    code: str
    detail: NotRequired[str]


ClientMessage: TypeAlias = Subscribe | Unsubscribe | Ack
# Beside events.
ServerMessage: TypeAlias = Hello | CaughtUp | Resync | Heartbeat | People | ErrorMessage


class SnapshotHello(Hello):
    """First line of the snapshot; `counts` says how many rows of each table follow."""

    counts: dict[Table, int]
    payloads_today: dict[str, int]


class SnapshotEnd(TypedDict):
    type: Literal["end"]
    rows: int


MDNS_TYPE: Final = "_hexabrand._tcp.local."  # how a Pi is announced on its network

PAIRING_PREFIX: Final = "hexabrand1:"


class BadPairing(ValueError):
    """A text that is no pairing string."""


@dataclass(frozen=True, slots=True)
class PairingString:
    """All that an office needs to follow a Pi: where it is, which certificate it has, the key.

    On the wire `hexabrand1:` and unpadded URL-safe base64 of `{"h","p","f","k"}` as JSON, beside
    them "a", all addresses at that port, and "n", the machine's name. Older strings have neither.
    """

    host: str
    port: int
    fingerprint: str
    key: str
    addresses: tuple[str, ...] = ()
    name: str = ""

    def __str__(self) -> str:
        body = dict(zip("hpfkan", astuple(self), strict=True))  # host, port and so on, as above
        encoded = base64.urlsafe_b64encode(json.dumps(body, separators=(",", ":")).encode())
        return PAIRING_PREFIX + encoded.decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "PairingString":
        packed = text.strip().removeprefix(PAIRING_PREFIX)
        try:
            body = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
            others = tuple(str(host) for host in list(body.get("a", ())))
            required = str(body["h"]), int(body["p"]), str(body["f"]), str(body["k"])
            return cls(*required, others, str(body.get("n", "")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise BadPairing(
                "That is not a pairing string. Copy the whole line that `manage.py pairing`"
                " prints on the Pi; it begins with hexabrand1:"
            ) from None
