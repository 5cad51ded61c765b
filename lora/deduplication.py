"""Telling a repeat from a new reading.

The same text within the window is one reading heard again (a retransmission, two gateways). After
it, the animal was seen again. An event id names one event for ever, in whatever envelope it comes.
What its source had to sign and did not is no reading: another source may bring the same text. Nor
is what a server simulated. A late one is held against what was heard when its server received it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from herd.storage import fast_rows
from lora.models import LoRaPayload
from lora.refusal import OF_ITS_SOURCE
from lora.signing import inner

Status = LoRaPayload.Status
# What is a repeat itself, or was no reading of its source, is nobody's first.
FIRST = (
    f"status <> '{Status.DUPLICATE}'"
    f" AND NOT (status = '{Status.ERROR}' AND error_code IN {OF_ITS_SOURCE})"
)


class First(NamedTuple):
    """A payload that was not a repeat: where others may link to."""

    pk: int
    text: str
    boot: int
    arrived_ms: int


class Repeats:
    """What was heard before, for the payloads of one step: from the tables, then from the step."""

    def __init__(
        self, payloads: Sequence[LoRaPayload], event_ids: set[str], window_ms: int
    ) -> None:
        self._window_ms = window_ms
        self._firsts: dict[str, list[First]] = {}
        self._events: dict[str, tuple[int, set[str]]] = {}
        self._load_firsts(payloads)
        self._load_events(event_ids)

    def _load_firsts(self, payloads: Sequence[LoRaPayload]) -> None:
        # Arrivals of other boots do not compare, so they are never repeats of these.
        since = min(payload.arrived_ms for payload in payloads) - self._window_ms
        # Nor is what waits behind these: a flood of one text would be loaded anew in every step.
        last = max(payload.id for payload in payloads)
        own = ", ".join(str(payload.id) for payload in payloads)
        rows = fast_rows.find(
            LoRaPayload,
            {"digest": {payload.digest for payload in payloads}},
            names=("id", "raw_payload", "boot", "arrived_ms"),
            where=f"arrived_ms >= {since} AND id < {last} AND id NOT IN ({own}) AND {FIRST}",
            order=" ORDER BY id",
        )
        for row in rows:
            self._add_first(row)

    def _load_events(self, event_ids: set[str]) -> None:
        names = ("id", "event_id", "status", "raw_payload", "original_payload")
        for row in fast_rows.find(LoRaPayload, {"event_id": event_ids}, names=names):
            # Asked of SQLite, it would go through all that was ever processed, by that index.
            if row.status == Status.PROCESSED:
                self._remember(row)

    def _add_first(self, payload: LoRaPayload) -> None:
        first = First(payload.id, payload.raw_payload, payload.boot, payload.arrived_ms)
        self._firsts.setdefault(first.text, []).append(first)

    def first_of(self, payload: LoRaPayload) -> int | None:
        """Return the reception that this one repeats, None where it is a reading of its own."""
        for first in self._firsts.get(payload.raw_payload, ()):
            near = abs(payload.arrived_ms - first.arrived_ms) <= self._window_ms
            if near and first.boot == payload.boot and first.pk < payload.id:
                return first.pk
        return None

    def _remember(self, payload: LoRaPayload) -> None:
        """Remember an event by the text that counts, and by the one that was received."""
        # The sender repeats what it sent, not what a person made of it.
        texts = (payload.raw_payload, payload.original_payload)
        contents = {inner(text).strip() for text in texts if text}
        self._events[str(payload.event_id)] = (payload.id, contents)

    def event(self, event_id: str) -> tuple[int, set[str]] | None:
        """Return row and inner texts of the payload that carried this event id, or None."""
        return self._events.get(event_id)

    def add(self, payload: LoRaPayload) -> None:
        """Remember a payload that was no repeat; the next ones may be repeats of it."""
        if payload.status == Status.ERROR and payload.error_code in OF_ITS_SOURCE:
            return
        self._add_first(payload)
        if payload.event_id and payload.status == Status.PROCESSED:
            self._remember(payload)
