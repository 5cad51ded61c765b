"""The snapshot: whole, in order, of one moment."""

import gzip
import json
from collections.abc import Iterator
from contextlib import aclosing
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import AsyncClient

from herd.models import Animal
from lora.models import LoRaPayload
from remote.api import row_json, snapshot
from remote.api.events import newest_cursor
from remote.api.models import ApiKey
from remote.api.serializers import cattle_shape
from tests.remote.api.rows import (
    ROOT,
    a_batch,
    a_mark,
    a_payload,
    a_pen,
    a_pull,
    a_session,
    a_shipment,
    a_treatment,
    a_weight,
    an_animal,
    happened,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


@pytest.fixture
def herd() -> None:
    animal = an_animal(batch=a_batch(), pen=a_pen(), notes="Zoë 🐂\n")
    a_weight(animal)
    a_treatment(animal)
    a_pull(animal)
    a_session()
    a_mark()
    a_shipment()
    a_payload()


@pytest.fixture
def key(herd: None) -> str:
    _, plain = ApiKey.objects.create_key(name="office", scopes=["read"])
    return str(plain)


def read(lines: Iterator[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def test_it_begins_with_hello_and_ends_with_the_number_of_rows(herd: None) -> None:
    hello, *rows, end = read(snapshot.lines())
    assert (hello["type"], hello["protocol"], hello["cursor"]) == ("hello", 1, str(newest_cursor()))
    assert hello["counts"] == {
        "batches": 1,
        "pens": 1,
        "products": 1,
        "cattle": 1,
        "shipments": 1,
        "sessions": 1,
        "weights": 1,
        "treatments": 1,
        "work_marks": 1,
        "pulls": 1,
        "payloads": 1,
    }
    assert hello["payloads_today"]["received"] == 1
    assert [row["topic"] for row in rows] == list(snapshot.ORDER)
    assert end == {"type": "end", "rows": 11}


def test_a_row_is_what_rest_shows(herd: None, api: Any) -> None:
    for row in read(snapshot.lines())[1:-1]:
        assert row["data"] == api.get(f"{ROOT}{row['topic'].replace('_', '-')}").json()["data"][0]


def test_an_animal_read_past_the_models_is_what_they_would_make_of_it(herd: None) -> None:
    at = datetime(2026, 3, 1, 12, 30, 15, 120, tzinfo=UTC)
    full = an_animal(
        livestock_id="A-1",
        batch=a_batch("B2"),
        induction_date=date(2026, 2, 3),
        last_weight_kg="351.25",
        last_weighed_at=at,
        adg_kg=-0.1234,
        expected_kg=352.5,
        left_on=date(2026, 3, 2),
        last_seen_at=at.replace(microsecond=0),
    )
    told = {row["id"]: row for row in row_json.rows("cattle")}
    rows = Animal.objects.select_related("batch", "pen")
    assert told == {row.pk: cattle_shape(row) for row in rows}
    assert told[full.pk]["last_weighed_at"] == "2026-03-01T12:30:15.000120Z"
    assert all(list(one) == list(cattle_shape(full)) for one in told.values())


def test_rows_come_in_the_order_of_their_ids(herd: None) -> None:
    made = [an_animal().pk for _ in range(3)]
    cattle = [row["data"]["id"] for row in read(snapshot.lines()) if row.get("topic") == "cattle"]
    assert cattle[1:] == made


def test_of_weights_and_payloads_the_newest_thousand_come(
    herd: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "RECENT", 2)
    made = [a_payload(f"hxb:B1:LF{n}:").pk for n in range(4)]
    hello, *rows = read(snapshot.lines())
    assert hello["counts"]["payloads"] == 2
    assert [row["data"]["id"] for row in rows if row.get("topic") == "payloads"] == made[2:]


def test_payloads_in_error_come_however_many_are_newer(
    herd: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "RECENT", 2)
    monkeypatch.setattr(snapshot, "ERRORS_HELD", 2)
    bad = [a_payload(f"hxb:B1:LFX{n}:") for n in range(3)]
    LoRaPayload.objects.filter(pk__in=[one.pk for one in bad]).update(status="error")
    made = [a_payload(f"hxb:B1:LF{n}:").pk for n in range(4)]
    payloads = [
        row["data"]["id"] for row in read(snapshot.lines()) if row.get("topic") == "payloads"
    ]
    assert payloads == [bad[1].pk, bad[2].pk, *made[2:]]


def test_an_empty_pi_has_an_empty_snapshot(db: None) -> None:
    hello, end = read(snapshot.lines())
    assert (set(hello["counts"].values()), end["rows"]) == ({0}, 0)


async def ask(key: str, **headers: str) -> Any:
    return await AsyncClient().get(f"{ROOT}snapshot", headers={"X-API-Key": key, **headers})


async def body_of(answer: Any) -> bytes:
    return b"".join([chunk async for chunk in answer.streaming_content])


async def test_it_is_streamed_as_lines_and_carries_the_cursor(key: str) -> None:
    answer = await ask(key, Accept="application/x-ndjson")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    hello, *_, end = read(iter((await body_of(answer)).decode().splitlines()))
    assert answer["X-Herd-Cursor"] == hello["cursor"]
    assert end == {"type": "end", "rows": 11}


async def test_it_is_compressed_for_those_who_take_it(key: str) -> None:
    answer = await ask(key, **{"Accept-Encoding": "gzip, deflate"})
    assert answer["Content-Encoding"] == "gzip"
    lines = gzip.decompress(await body_of(answer)).decode().splitlines()
    assert json.loads(lines[-1]) == {"type": "end", "rows": 11}


@pytest.mark.parametrize("accepted", ["gzip;q=0", "gzip; q=0.000, br", "br", "*"])
async def test_it_is_plain_for_those_who_do_not(key: str, accepted: str) -> None:
    answer = await ask(key, **{"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer
    assert json.loads((await body_of(answer)).splitlines()[-1]) == {"type": "end", "rows": 11}


@pytest.mark.parametrize("compressed", [True, False])
async def test_a_monotonous_herd_does_not_end_it_early(
    monkeypatch: pytest.MonkeyPatch, *, compressed: bool
) -> None:
    """Compression may have nothing to send for a while."""
    monkeypatch.setattr(snapshot, "lines", lambda: iter(["x" * 1000] * 2000))
    data = b"".join([chunk async for chunk in snapshot.stream(compressed=compressed)])
    assert len(gzip.decompress(data) if compressed else data) == 2000 * 1001


async def test_a_reader_that_goes_away_ends_the_transaction(key: str) -> None:
    async def one_chunk() -> None:
        async with aclosing(snapshot.stream(compressed=False)) as stream:
            assert b"hello" in await anext(stream)

    await one_chunk()
    await one_chunk()


def test_what_is_written_meanwhile_waits_for_the_feed(herd: None) -> None:
    lines = snapshot.lines()
    hello = json.loads(next(lines))
    lines.close()  # type: ignore[attr-defined]  # a generator
    happened("pen:deleted", 7)
    assert hello["cursor"] != str(newest_cursor())
