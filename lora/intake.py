"""Storing what was heard: many frames, one commit, with their journal rows.

Radios and the HTTP intake both end here. Nothing is interpreted: that is the worker's work.
The statements are written out because this is where a burst is lost or kept: `bulk_create` of the
same rows takes five times as long (`make bench` prints the floor beside it).
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.db import connection

from herd.storage import journal
from lora.framing.bounds import NOISE
from lora.framing.frames import Frame, Note
from lora.framing.uplinks import late_by
from lora.models import LoRaPayload, PrunedDelivery, Source, boot_id, digest_of
from lora.processes import clock as machine_clock
from lora.processes.disk_space import check_disk_space

Row = tuple[str | int | float | None, ...]

MOST_COUNTED = 2**31 - 1  # what the columns hold
PRUNED = 0  # no row's number

WHY_UNREADABLE = {
    "bad_crc": "The gateway says this reception was damaged on the air (bad CRC).",
    "bad_encoding": "The text holds bytes that are not readable characters.",
    "binary": "The radio delivered bytes that are not text.",
    "empty": "The radio packet holds no bytes.",
    "noise": "Unreadable lines: {lines:,}, of {bytes:,} bytes in all. This is how they begin.",
    "malformed_frame": "The radio module's line is damaged; its data could not be cut out.",
    "oversized": "The line is longer than a payload can be; the rest was cut off.",
    "partial": "The port was opened in the middle of a line; its beginning was not heard.",
    "too_many_lines": "More than 80 readings came in one datagram. This is how the other lines"
    " begin, {lines:,} of them, of {bytes:,} bytes in all: they are not taken, send fewer at once.",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A frame, who sent it, and when it arrived on the monotonic clock (ns), which never jumps."""

    frame: Frame
    source: str
    arrived_ns: int


@dataclass(frozen=True, slots=True)
class SourceNote:
    """What a module or gateway said of itself."""

    source: str
    note: Note
    arrived_ns: int


@dataclass(frozen=True, slots=True)
class BootClock:
    """How the arrivals of one boot become times of day. `offset_ns` is time of day minus monotonic
    time; `doubtful` says that the time of day may be wrong."""

    boot: int
    offset_ns: int
    doubtful: bool

    @classmethod
    def now(cls) -> "BootClock":
        return cls(this_boot(), _clock_offset_ns(), machine_clock.is_synchronised() is False)

    def at(self, arrived_ns: int) -> datetime:
        return datetime.fromtimestamp((arrived_ns + self.offset_ns) / 1e9, tz=UTC)


@dataclass(frozen=True, slots=True)
class NumberedGroup:
    """What one commit of the receiver stores. Numbers rise; each is stored once."""

    number: int
    clock: BootClock
    heard: list[Heard]
    notes: list[SourceNote]


def store(heard: Sequence[Heard], *, timeout: float | None = None) -> list[LoRaPayload]:
    """Store payloads and return their rows, in order; of a delivery known already, its old row,
    and none where that was pruned."""
    rows = LoRaPayload.objects.in_bulk(ids := store_frames(heard, timeout=timeout))
    return [rows[pk] for pk in ids if pk != PRUNED]


def store_frames(
    heard: Sequence[Heard],
    notes: Sequence[SourceNote] = (),
    *,
    timeout: float | None = None,
    clock: BootClock | None = None,
) -> list[int]:
    """Store frames and return their ids, in order; PRUNED of an uplink whose row was. When it
    returns, a power cut cannot take them back. `clock` is of the boot in which they were heard,
    where that is not this one. Raise DiskFull before anything is written.
    """
    check_disk_space()
    clock = clock or BootClock.now()
    with journal.writing(timeout):
        known = _stored_deliveries(heard)
        fresh = _first_of_each(heard, known)
        ids = _reserve_ids(len(fresh))
        _insert(fresh, ids, clock)
        growing = _growing(heard, fresh)
        _add_up(growing, clock)
        _count_sources([*fresh, *growing], clock)
        _note_sources(notes, clock)
    new = {id(one): pk for one, pk in zip(fresh, ids, strict=True)}
    known |= {one.frame.delivery_id: new[id(one)] for one in fresh if one.frame.delivery_id}
    return [new.get(id(one)) or known[one.frame.delivery_id] for one in heard]


def _stored_deliveries(heard: Sequence[Heard]) -> dict[str, int]:
    deliveries = {one.frame.delivery_id for one in heard if one.frame.delivery_id}
    rows = LoRaPayload.objects.filter(delivery_id__in=deliveries).values_list("delivery_id", "pk")
    known = {str(delivery): pk for delivery, pk in rows}
    digests = {digest_of(one): one for one in deliveries - known.keys()}
    pruned = PrunedDelivery.objects.filter(digest__in=digests).values_list("digest", flat=True)
    return known | {digests[digest]: PRUNED for digest in (pruned if digests else ())}


def _first_of_each(heard: Sequence[Heard], known: dict[str, int]) -> list[Heard]:
    seen = set(known)
    fresh = []
    for one in heard:
        delivery = one.frame.delivery_id
        if not delivery or delivery not in seen:
            fresh.append(one)
            seen.add(delivery)
    return fresh


def _growing(heard: Sequence[Heard], fresh: Sequence[Heard]) -> list[Heard]:
    """Return what came since for rows of noise that count on (noise.py)."""
    counting = [one for one in heard if one.frame.lines and one.frame.delivery_id]
    new = {id(one) for one in fresh} if counting else set()
    return [one for one in counting if id(one) not in new]


def _add_up(growing: Sequence[Heard], clock: BootClock) -> None:
    """Write into the rows of noise how much it is by now."""
    by_delivery: dict[str, list[Heard]] = {}
    for one in growing:
        by_delivery.setdefault(one.frame.delivery_id, []).append(one)
    # Not one in which a person has found a reading meanwhile.
    for row in LoRaPayload.objects.filter(delivery_id__in=by_delivery, error_code=NOISE):
        more = by_delivery[str(row.delivery_id)]
        lines = (row.lines or 1) + sum(one.frame.lines for one in more)
        length = row.original_length + sum(one.frame.original_length for one in more)
        row.lines, row.original_length = min(lines, MOST_COUNTED), min(length, MOST_COUNTED)
        row.error_message = _why(NOISE, row.lines, row.original_length)
        row.processed_at = at = clock.at(more[-1].arrived_ns)
        row.save(update_fields=["lines", "original_length", "error_message", "processed_at"])
        journal.record_many([journal.Entry("payload:error", row.pk, at)])


def _why(code: str, lines: int, length: int) -> str:
    why = WHY_UNREADABLE.get(code, "The frame could not be read.")
    return why.format(lines=lines, bytes=length)


def _reserve_ids(count: int) -> range | list[int]:
    """Return ids for new rows, ours until the commit."""
    # SQLite has one writer, PostgreSQL a sequence.
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'lora_payload_buffer'")
            (last,) = cursor.fetchone() or (0,)
            return range(last + 1, last + 1 + count)
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('lora_payload_buffer', 'id'))"
            " FROM generate_series(1, %s)",
            [count],
        )
        return [pk for (pk,) in cursor.fetchall()]


def _insert(heard: Sequence[Heard], ids: Sequence[int], clock: BootClock) -> None:
    payloads: list[Row] = []
    entries: list[journal.Entry] = []
    for one, pk in zip(heard, ids, strict=True):
        at = clock.at(one.arrived_ns)
        late_ms = late_by(one.frame.reported_at, at)
        payloads.append((*_payload_row(pk, one, at, late_ms), clock.boot, clock.doubtful))
        entries.append(journal.Entry("payload:received", pk, at))
        if one.frame.error:
            entries.append(journal.Entry("payload:error", pk, at))
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT_PAYLOAD, payloads)
    journal.record_many(entries)


def _payload_row(pk: int, heard: Heard, at: datetime, late_ms: int) -> Row:
    """Return the values in the order of the columns in `_INSERT_PAYLOAD`."""
    frame, stored = heard.frame, journal.adapt_time(at)
    status, settled = ("received", "", ""), None
    if code := frame.error:
        why = _why(code, frame.lines, frame.original_length)
        status, settled = ("error", code, why), stored
    radio = heard.source, frame.rssi, frame.snr
    said = frame.original_length, frame.lines or None, digest_of(frame.text)
    arrival = frame.delivery_id or None, stored, heard.arrived_ns // 1_000_000 - late_ms
    reported_at = None
    if frame.reported_at is not None:
        reported_at = journal.adapt_time(datetime.fromtimestamp(frame.reported_at, UTC))
    told = reported_at, late_ms > 0 or None, frame.simulated or None
    return (pk, frame.text, frame.form, *status, *radio, *said, *arrival, *told, settled)


def _clock_offset_ns() -> int:
    """Return time of day minus monotonic time: it turns an arrival into when it was."""
    return time.time_ns() - time.monotonic_ns()


def moment(arrived_ns: int) -> datetime:
    """Return when an arrival of this boot was, by the clock as it is now."""
    return BootClock.now().at(arrived_ns)


@cache
def this_boot() -> int:
    return boot_id()


def _count_sources(heard: Sequence[Heard], clock: BootClock) -> None:
    """Write when each sender in the group was last heard, its counts and signal, one row each."""
    latest = {one.source: one for one in heard}
    frames: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for one in heard:
        frames[one.source] += one.frame.lines or 1
        errors[one.source] += (one.frame.lines or 1) * bool(one.frame.error)
    rows: list[Row] = []
    for name, last in latest.items():
        counts = frames[name], errors[name], last.frame.rssi, last.frame.snr
        rows.append((*_of_source(name, clock.at(last.arrived_ns)), *counts))
    with connection.cursor() as cursor:
        cursor.executemany(_COUNT_SOURCE, rows)


def _note_sources(notes: Sequence[SourceNote], clock: BootClock) -> None:
    rows: list[Row] = []
    for one in notes:
        source = _of_source(one.source, clock.at(one.arrived_ns))
        rows.append((*source, int(one.note.error), one.note.text[:200]))
    with connection.cursor() as cursor:
        cursor.executemany(_NOTE_SOURCE, rows)


def _of_source(name: str, at: datetime) -> tuple[str, str, str]:
    """Return a source's name, its kind, which its name begins with, and when it was heard."""
    return name, name.partition(":")[0], journal.adapt_time(at)


def note_port(port: str, drops: int, note: str, *, timeout: float | None = None) -> None:
    """Note how many datagrams the kernel dropped at a socket, so that silent loss is seen."""
    known = {"kind": "port", "drops": drops, "note": note[:200]}
    with journal.writing(timeout):
        Source.objects.update_or_create(name=port, defaults=known)


_INSERT_PAYLOAD = (
    "INSERT INTO lora_payload_buffer (id, raw_payload, form, status, error_code, error_message,"
    " remark, source, rssi, snr, original_length, lines, digest, delivery_id, received_at,"
    " arrived_ms, reported_at, late, simulated, attempts, processed_at, boot, approximate)"
    " VALUES (%s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s,"
    " %s, %s)"
)
_COUNT_SOURCE = (
    "INSERT INTO lora_sources (name, kind, last_heard_at, frames, errors, rssi, snr, drops, note)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, '')"
    " ON CONFLICT (name) DO UPDATE SET last_heard_at = excluded.last_heard_at,"
    " frames = lora_sources.frames + excluded.frames,"
    " errors = lora_sources.errors + excluded.errors,"
    " rssi = excluded.rssi, snr = excluded.snr"
)
_NOTE_SOURCE = (
    "INSERT INTO lora_sources (name, kind, last_heard_at, frames, errors, drops, note)"
    " VALUES (%s, %s, %s, 0, %s, 0, %s)"
    " ON CONFLICT (name) DO UPDATE SET last_heard_at = excluded.last_heard_at,"
    " errors = lora_sources.errors + excluded.errors,"
    " note = CASE WHEN excluded.note = '' THEN lora_sources.note ELSE excluded.note END"
)
