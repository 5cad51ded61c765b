"""Payloads that wait for the worker, and how what it decided of them is left to be written."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection
from django.utils import timezone

from herd.storage import bulk_write, fast_rows
from herd.unit_of_work import UnitOfWork
from lora.models import LoRaPayload, Source

Status = LoRaPayload.Status
# Python 3.11 looks a member up by a function of its own, and makes its text by another.
RECEIVED, DUPLICATE, ERROR = Status.RECEIVED, Status.DUPLICATE, Status.ERROR
_KINDS: dict[str, str] = {one: f"payload:{one}" for one in Status}


def waiting(which: str) -> list[LoRaPayload]:
    """Return payloads that are not settled; `which` is SQL of ours."""
    where = f"status = '{RECEIVED}' AND {which}"
    return list(fast_rows.select(LoRaPayload, where, (), LoRaPayload.READ))


@contextmanager
def settled(
    unit: UnitOfWork, payloads: list[LoRaPayload]
) -> Iterator[Callable[[LoRaPayload], None]]:
    """Leave what the `settle_as_…` decide of these payloads; call what it yields after each."""
    at, new = timezone.now(), _new(payloads)

    def note(payload: LoRaPayload) -> None:
        if payload.status != RECEIVED:
            payload.processed_at = at
            unit.note(_KINDS[payload.status], payload.id, at)

    yield note
    unit.at_write(partial(_write_settled, payloads))
    unit.at_write(partial(_count_errors, new), shared=True)


def _write_settled(payloads: list[LoRaPayload]) -> None:
    bulk_write.update(LoRaPayload, payloads, LoRaPayload.SETTLED)
    # Apart: SQLite rewrites a row in all nine indexes when its reference to its own table is set.
    repeats = [payload for payload in payloads if payload.status == DUPLICATE]
    bulk_write.update(LoRaPayload, repeats, ("duplicate_of_id",))


def _new(payloads: list[LoRaPayload]) -> list[LoRaPayload]:
    """Return those that were not settled before."""
    # A person tries again what its source sent once, and its error is counted.
    return [payload for payload in payloads if payload.processed_at is None]


def _count_errors(payloads: list[LoRaPayload]) -> None:
    errors = Counter(payload.source for payload in payloads if payload.status == ERROR)
    if not errors:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_ADD_ERRORS, [(count, name) for name, count in errors.items()])


_ADD_ERRORS = f"UPDATE {Source._meta.db_table} SET errors = errors + %s WHERE name = %s"  # noqa: S608, SLF001 - our names
