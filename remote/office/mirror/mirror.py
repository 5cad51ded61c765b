"""The herd as this office knows it: a copy in memory, kept by the link, read by the pages."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from remote.office.clocks import PiTime
from remote.office.mirror.tables import ByTopic, Row, StatusChange, Tables, Today
from remote.wire import IMPORT_EVENT, TABLES, Cursor, Event, Told, table_of

__all__ = ["LinkState", "Mirror", "MirrorChange", "Row", "Snapshot"]

log = logging.getLogger(__name__)

IMPORTS_HELD = 20  # sheets: somebody may look at one while others are imported

State = Literal["live", "reconnecting", "away", "no_copy"]


@dataclass(frozen=True, slots=True)
class MirrorChange:
    """One change that watchers hear of. `event` is an event kind, or one of these.

    "snapshot": everything was replaced (one for each topic, id 0);
    "link": the link's state changed; "status": a new status came; "people": somebody's account
    changed (topic and id mean nothing).
    """

    topic: Told
    id: int
    event: str


@dataclass(frozen=True, slots=True)
class LinkState:
    state: State
    since: datetime | None  # the Pi's time; for "away" the moment the Pi was last heard
    reason: str  # a sentence, empty where there is nothing to explain
    code: str = ""  # of what broke it: see `LinkError`; empty where nothing did
    is_database_away: bool = False  # the Pi answers, and its database does not


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A whole copy, built aside."""

    cursor: Cursor
    tables: Tables
    payloads_today: dict[str, int]
    pi_time: tuple[str, float] | None = None  # the Pi's time, and when it was heard


Watcher = Callable[[Sequence[MirrorChange]], None]


class Mirror:
    """Only touched from the event loop's thread. Rows are shared with readers: never edit one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.held = Tables()
        self._today = Today()
        self._watchers: dict[object, Watcher] = {}
        self._failed: set[object] = set()
        self._current_at: float | None = None
        self._clock_told = 0
        self.time = PiTime()
        self.cursor: Cursor | None = None
        self.version = 0
        self.status: Row | None = None
        self.status_at: datetime | None = None
        self.link = LinkState("no_copy", None, "The office has just started.")
        self.loading: tuple[int, int] | None = None
        # Each account's stamp by name, as the Pi told it last; None where it never did.
        self.people: Mapping[str, str] | None = None
        self.alert_trouble = ""  # why alerts cannot be sent, in a sentence
        self.imports: dict[int, Row] = {}  # that the Pi told of, or was asked for; the newest last
        self.worked_out: dict[str, Any] = {}  # by pages, for a while: it goes with this copy

    # -- reading ----------------------------------------------------------------------------

    @property
    def tables(self) -> ByTopic:
        return self.held.rows

    @property
    def payloads_today(self) -> dict[str, int]:
        return self._today.counts

    def age_seconds(self) -> float | None:
        """Return how long ago the copy was known to be what the Pi has; None without a copy."""
        return None if self._current_at is None else max(0.0, self._clock() - self._current_at)

    @property
    def statuses(self) -> Mapping[str, int]:
        """Return how many animals are active, pending, exported and so on."""
        return self.held.index.heads("status")

    def find_unique(self, text: str) -> Row | None:
        """Return the animal that alone has this tag or id, or else alone has it in one."""
        found = self.held.named(text) or self.held.find_animals(text, 2)
        return found[0] if len(found) == 1 else None

    def finds(self, text: str) -> bool:
        """Return whether any animal has a name that holds the text."""
        return 1 in self.held.index.found(text)

    # -- the link's side --------------------------------------------------------------------

    def replace(self, snapshot: Snapshot) -> None:
        """Replace the copy in one step: what the Pi no longer has is gone."""
        self.held = snapshot.tables
        self._today.restart(snapshot.payloads_today, snapshot.cursor.seq)
        self.cursor = snapshot.cursor
        self.loading = None
        self.imports.clear()  # how one ended may have been told meanwhile: the Pi is asked again
        self.confirm()
        self._tell([MirrorChange(topic, 0, "snapshot") for topic in TABLES])

    def apply(self, events: Iterable[Event]) -> None:
        """Apply events in order; one that the copy already holds does nothing."""
        if self.cursor is None:
            return
        changes = []
        for event in events:
            cursor = Cursor.parse(event["cursor"])
            if cursor.seq <= self.cursor.seq:
                continue
            change = self._applied(event, cursor.seq)
            self.cursor = cursor
            if change is not None:
                changes.append(change)
        if changes:
            self._tell(changes)

    def note_import(self, row: Row) -> None:
        """Keep how far an import is; one that has ended stays so, whichever answer was slower."""
        held = self.imports.pop(row["id"], row)
        self.imports[row["id"]] = held if held.get("ended_at") else row
        while len(self.imports) > IMPORTS_HELD:
            del self.imports[next(iter(self.imports))]

    def confirm(self) -> None:
        """Note that the Pi says there is nothing newer."""
        self._current_at = self._clock()

    def set_loading(self, loading: tuple[int, int] | None) -> None:
        """Note the rows so far and the rows announced, while a snapshot is on its way."""
        self.loading = loading
        self._tell([MirrorChange("cattle", 0, "link")])

    def set_link(self, link: LinkState) -> None:
        if link != self.link:
            self.link = link
            self._tell([MirrorChange("cattle", 0, "link")])

    def set_status(self, status: Row) -> None:
        self.status, self.status_at = status, self.time.now()
        self._today.restart(status["payloads_today"], Cursor.parse(status["cursor"]).seq)
        self._tell([MirrorChange("payloads", 0, "status")])

    def set_people(self, stamps: Mapping[str, str]) -> None:
        """Hold what the Pi says of accounts, also while it is away: who is out stays out."""
        self.people = stamps
        self._tell([MirrorChange("payloads", 0, "people")])

    def set_alert_trouble(self, trouble: str) -> None:
        if trouble != self.alert_trouble:
            self.alert_trouble = trouble
            self._tell([MirrorChange("payloads", 0, "status")])

    def notice_clock(self) -> None:
        """Tell the pages when the clocks of office and Pi come to differ, or no longer do."""
        # While the Pi is away nothing else would tell them.
        minutes = round(self.time.office_is_ahead() / 60)
        if abs(minutes - self._clock_told) > 1:
            self._clock_told = minutes
            self._tell([MirrorChange("payloads", 0, "status")])

    def watch(self, callback: Watcher) -> Callable[[], None]:
        """Call back after each group of changes; call what is returned to end that."""
        ticket = object()
        self._watchers[ticket] = callback

        def unwatch() -> None:
            self._watchers.pop(ticket, None)
            self._failed.discard(ticket)

        return unwatch

    # -- inside -----------------------------------------------------------------------------

    def _applied(self, event: Event, seq: int) -> MirrorChange | None:
        """Return the change; None for a kind of a newer Pi or a row that is gone since."""
        kind, data = event["event"], event["data"]
        if kind == IMPORT_EVENT:
            self.note_import(data)
            return MirrorChange("imports", int(data["id"]), kind)
        try:
            topic = table_of(kind)
        except KeyError:
            return None
        key = int(data["id"])
        if kind.endswith(":deleted"):
            self.held.remove(topic, key)
        elif data.keys() <= {"id"}:
            return None  # deleted since; its own event follows
        else:
            if topic == "payloads":
                self._today.move(self._move(event, seq))
            self.held.put(topic, data)
        return MirrorChange(topic, key, kind)

    def _move(self, event: Event, seq: int) -> StatusChange:
        """Return the payload's move; the row in an event may be further than the event's kind."""
        kind, data = event["event"], event["data"]
        held = self.tables["payloads"].get(data["id"])
        if held is not None:
            before = held["status"]
        elif kind == "payload:received":
            before = None
        else:
            before = "received"  # older than the rows held here: it waited in a long queue
        return StatusChange(seq, before, data["status"])

    def _tell(self, changes: Sequence[MirrorChange]) -> None:
        self.version += 1
        for ticket, callback in list(self._watchers.items()):
            try:
                callback(changes)
            except Exception:  # a broken page must not stop the copy
                if ticket not in self._failed:
                    self._failed.add(ticket)
                    log.exception("A watcher of the mirror failed; this is logged once.")
