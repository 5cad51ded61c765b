"""The snapshot: every row the office needs and the cursor it stands for, from one transaction."""

import asyncio
import threading
import weakref
import zlib
from collections.abc import AsyncGenerator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.db import DatabaseError, connections, transaction
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from herd.models import (
    Animal,
    Batch,
    Pen,
    Product,
    Pull,
    Session,
    Shipment,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.storage import database_corruption
from lora.models import LoRaPayload
from remote import wire
from remote.api import row_json
from remote.api.events import dumps, newest_cursor
from remote.api.flow_control import Client, PacedStream
from remote.api.row_json import READER
from remote.api.serializers import time_of
from remote.api.status import payloads_today
from remote.wire import ERRORS_HELD, RECENT

ORDER: tuple[wire.Table, ...] = (
    *("batches", "pens", "products", "cattle", "shipments", "sessions", "weights", "treatments"),
    "pulls",
    *("work_marks", "payloads"),
)
WHOLE: Final[dict[wire.Table, type[Animal | Batch | Pen | Product]]] = {
    "batches": Batch,
    "pens": Pen,
    "products": Product,
    "cattle": Animal,
}
NEWEST: Final[dict[wire.Table, type[Session | Shipment | Treatment | Pull]]] = {
    "treatments": Treatment,
    "pulls": Pull,
    "sessions": Session,
    "shipments": Shipment,
}
CHUNK_BYTES = 128 * 1024
MOST_AT_ONCE = 4  # each holds a thread, a transaction and MOST_UNSENT_BYTES


def lines() -> Iterator[str]:
    """Yield NDJSON: hello, rows, end. The transaction is open as long as it is read."""
    with transaction.atomic(using=READER):
        # SQLite's transactions see one state anyway, PostgreSQL's only at this level.
        if connections[READER].vendor == "postgresql":
            with connections[READER].cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        chosen = {topic: _chosen(topic) for topic in ORDER}
        counts = {
            topic: WHOLE[topic].objects.using(READER).count() if ids is None else len(ids)
            for topic, ids in chosen.items()
        }
        yield dumps(_hello(counts))
        for topic, ids in chosen.items():
            for row in row_json.rows(topic, ids):
                yield f'{{"type":"row","topic":"{topic}","data":{dumps(row)}}}'
        end: wire.SnapshotEnd = {"type": "end", "rows": sum(counts.values())}
        yield dumps(end)


def _hello(counts: dict[wire.Table, int]) -> wire.SnapshotHello:
    return {
        "type": "hello",
        "protocol": wire.PROTOCOL,
        "release": wire.RELEASE,
        "cursor": str(newest_cursor()),
        "server_time": time_of(timezone.now()) or "",
        "counts": counts,
        "payloads_today": payloads_today(READER),
    }


def _chosen(topic: wire.Table) -> list[int] | None:
    """Return the ids of the rows that an office holds; None for all of them."""
    if topic in NEWEST:
        return _newest(NEWEST[topic].objects.using(READER), RECENT)
    if topic == "payloads":
        rows, in_error = LoRaPayload.objects.using(READER), Q(status=LoRaPayload.Status.ERROR)
        return _newest(rows.filter(in_error), ERRORS_HELD) + _newest(rows.exclude(in_error), RECENT)
    if topic == "weights":
        return _weights()
    if topic == "work_marks":
        marks, stands = WorkMark.objects.using(READER), Q(ended_at__isnull=True)
        return _newest(marks.filter(stands), ERRORS_HELD) + _newest(marks.exclude(stands), RECENT)
    return None


def _weights() -> list[int]:
    """Return the newest weights, and those that wait for a person however old they are."""
    rows = WeightRecord.objects.using(READER)
    # In the very words of the index `weights_to_decide`: see `JournalQuerySet`.
    is_suspect = RawSQL("""quality = 'suspect'""", (), BooleanField())
    suspect = _newest(rows.filter(is_suspect), ERRORS_HELD)
    return suspect + _newest(rows.exclude(quality=WeightRecord.Quality.SUSPECT), RECENT)


def _newest(rows: QuerySet[Any], most: int) -> list[int]:
    # As numbers: PostgreSQL would go through the whole table for two subqueries.
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:most])


def chunks(*, compressed: bool) -> Generator[bytes, None, None]:
    """Yield the lines in pieces worth sending, gzipped on the way where the client takes it."""
    gzip = zlib.compressobj(1, wbits=31) if compressed else None
    waiting: list[str] = []
    size = 0
    for line in lines():
        waiting.append(line)
        size += len(line)
        if size >= CHUNK_BYTES:
            yield _pack(waiting, gzip)
            waiting, size = [], 0
    yield _pack(waiting, gzip) + (gzip.flush() if gzip else b"")


def _pack(waiting: list[str], gzip: Any) -> bytes:  # noqa: ANN401 - zlib names no type
    data = ("\n".join(waiting) + "\n").encode()
    return gzip.compress(data) if gzip else data


async def stream(*, compressed: bool) -> AsyncGenerator[bytes, None]:
    """Yield the chunks, made by one thread from first to last."""
    # Its transaction lives in the thread that began it: no other may go on with it, or end it.
    made = chunks(compressed=compressed)
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="snapshot") as thread:
        try:
            while (chunk := await loop.run_in_executor(thread, next, made, None)) is not None:
                yield chunk
        except DatabaseError as error:
            database_corruption.note(error)
            raise
        finally:
            thread.submit(_close, made)


def _close(made: Generator[bytes, None, None]) -> None:
    made.close()  # ends its transaction
    connections[READER].close()


class TooManySnapshots(Exception):
    """As many snapshots as may be are being read already."""


_streams: "weakref.WeakSet[SnapshotStream]" = weakref.WeakSet()  # an answer that is lost ends there
_counting = threading.Lock()


class SnapshotStream(PacedStream):
    """One client's snapshot. Raises TooManySnapshots."""

    def __init__(self, client: Client, *, compressed: bool) -> None:
        super().__init__(stream(compressed=compressed), client)
        with _counting:
            if len(_streams) >= MOST_AT_ONCE:
                raise TooManySnapshots
            _streams.add(self)

    def close(self) -> None:
        _streams.discard(self)
