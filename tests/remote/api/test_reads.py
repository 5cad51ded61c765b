"""Every table over REST: its shape, its filters, and what becomes of a wrong question."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from herd.models import Animal, Batch, JournalEntry
from lora.models import LoRaPayload
from remote.api import schema_serializers
from remote.api import serializers as shapes
from remote.api.events import newest_cursor
from remote.api.pagination import PagePosition
from remote.wire import START
from tests.remote.api.rows import (
    AT,
    ROOT,
    a_batch,
    a_payload,
    a_pen,
    a_weight,
    an_animal,
    happened,
)
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def ids(api: APIClient, path: str, **params: Any) -> list[int]:
    answer = api.get(ROOT + path, params)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["data"]]


@pytest.fixture
def animal() -> Animal:
    batch, pen = a_batch(funder="Green Valley"), a_pen(capacity=80)
    return an_animal(
        batch=batch,
        pen=pen,
        lf_tag="840003123456789",
        visual_id="17",
        livestock_id="L1",
        last_weight_kg="351.50",
    )


def test_a_batch_tells_its_head_count_and_mean_weight(api: APIClient, animal: Animal) -> None:
    an_animal(batch=animal.batch, last_weight_kg="352.50")
    (row,) = api.get(ROOT + "batches").json()["data"]
    assert (row["head_count"], row["mean_weight_kg"], row["source"]) == (2, 352.0, "barn")
    assert row == api.get(f"{ROOT}batches/{row['id']}").json()


def test_an_animal_tells_its_batch_and_pen(api: APIClient, animal: Animal) -> None:
    row = api.get(f"{ROOT}cattle/{animal.pk}").json()
    assert row["batch"] == {"id": animal.batch_id, "batch_number": "B1"}
    assert row["pen"] == {"id": animal.pen_id, "pen_number": "P1"}
    assert row["last_weight_kg"] == 351.5
    assert row["first_seen_at"] == "2026-03-01T12:00:00Z"


def test_a_pen_counts_those_that_stand_in_it(api: APIClient, animal: Animal) -> None:
    an_animal(pen=animal.pen, status="sold")
    assert api.get(f"{ROOT}pens/{animal.pen_id}").json()["head_count"] == 1


@pytest.mark.parametrize(
    ("serializer", "make"),
    [
        (schema_serializers.BatchSerializer, lambda: ("batches", a_batch())),
        (schema_serializers.CattleSerializer, lambda: ("cattle", an_animal())),
        (schema_serializers.PenSerializer, lambda: ("pens", a_pen())),
        (schema_serializers.WeightSerializer, lambda: ("weights", a_weight(an_animal()))),
        (schema_serializers.PayloadSerializer, lambda: ("payloads", a_payload())),
        (schema_serializers.SourceSerializer, lambda: ("sources", a_payload())),
    ],
)
def test_a_row_has_the_fields_that_the_schema_declares(
    api: APIClient, serializer: type[schema_serializers.ShapeSerializer], make: Any
) -> None:
    path, _ = make()
    (row,) = api.get(ROOT + path).json()["data"]
    assert list(row) == list(serializer().fields)


@pytest.mark.parametrize(
    "spelling",
    ["840003123456789", "840 003 123456789", "A8D4345D004B0001", "348.00BA2C2B15"],
)
def test_a_tag_is_found_in_any_spelling(api: APIClient, animal: Animal, spelling: str) -> None:
    an_animal(lf_tag="840003123456780")
    assert ids(api, "cattle", tag=spelling) == [animal.pk]


@pytest.mark.parametrize("text", ["L1", "17", "456789", "840-003-123456789"])
def test_a_search_finds_an_animal_by_what_people_know_of_it(
    api: APIClient, animal: Animal, text: str
) -> None:
    an_animal(lf_tag="840003123450000")
    assert ids(api, "cattle", search=text) == [animal.pk]


def test_cattle_are_filtered_by_batch_pen_and_status(api: APIClient, animal: Animal) -> None:
    other = an_animal(status="sold")
    assert ids(api, "cattle", batch=animal.batch_id) == [animal.pk]
    assert ids(api, "cattle", pen=animal.pen_id) == [animal.pk]
    assert ids(api, "cattle", status="sold") == [other.pk]


def test_payloads_are_filtered_by_source_text_and_from_which_on_they_are_older(
    api: APIClient,
) -> None:
    first, second = a_payload("hxb:B1:LF1:"), a_payload("hxb:B2:LF2:")
    assert ids(api, "payloads", before=second.pk) == [first.pk]
    assert ids(api, "payloads", search="b2") == [second.pk]
    assert ids(api, "payloads", search="10.0.0", before=second.pk) == [first.pk]


def test_batches_are_filtered_by_source_state_and_text(api: APIClient) -> None:
    barn = a_batch("B1", funder="Green Valley")
    export = a_batch("X1", source_type="hxe", status="closed")
    assert ids(api, "batches", source="export") == [export.pk]
    assert ids(api, "batches", source="hxb") == [barn.pk]
    assert ids(api, "batches", open="true") == ids(api, "batches", open="1") == [barn.pk]
    assert ids(api, "batches", open="false") == [export.pk]
    assert ids(api, "batches", search="valley") == [barn.pk]


def test_weights_are_read_by_date_batch_and_animal(api: APIClient, animal: Animal) -> None:
    early = a_weight(animal, recorded_at="2026-01-01T00:00:00Z")
    late = a_weight(an_animal(), recorded_at="2026-02-01T00:00:00Z")
    assert ids(api, "weights", since="2026-01-15T00:00:00Z") == [late.pk]
    assert ids(api, "weights", until="2026-01-15T00:00:00Z") == [early.pk]
    assert ids(api, "weights", batch=animal.batch_id) == [early.pk]
    assert ids(api, f"cattle/{animal.pk}/weights") == [early.pk]


def test_the_history_of_an_animal_has_the_newest_first(api: APIClient, animal: Animal) -> None:
    a_weight(animal, recorded_at="2026-01-01T00:00:00.500000Z")
    a_weight(animal, "360", recorded_at="2026-01-01T00:00:00Z")
    animal.pairings.create(kind="lf", tag="LF1", from_at="2026-02-01T00:00:00Z")
    past = api.get(f"{ROOT}cattle/{animal.pk}/history").json()
    assert [entry["kind"] for entry in past["data"]] == ["pairing", "weight", "weight"]
    assert [entry.get("weight_kg") for entry in past["data"]] == [None, 350.0, 360.0]
    assert (past["next"], past["total"]) == (None, 3)


def test_all_of_a_long_past_can_be_reached_page_by_page(api: APIClient, animal: Animal) -> None:
    """Many at one moment, of several kinds: none is shown twice, none is left out."""
    for number in range(9):
        a_weight(animal, str(300 + number), quality="void" if number % 2 else "ok")
        animal.pairings.create(kind="lf", tag=f"LF{number}", from_at=AT)
        animal.movements.create(to_pen=animal.pen, moved_at=AT)
        row = a_payload(f"hxb:B1:LF{number}:")
        LoRaPayload.objects.filter(pk=row.pk).update(animal=animal, received_at=AT)
        JournalEntry.objects.create(
            kind="cattle:updated", object_id=animal.pk, at=AT, actor="ana", detail=f"{number}"
        )
    path, whole, cursor = f"{ROOT}cattle/{animal.pk}/history", list[Any](), dict[str, str]()
    first = api.get(path).json()
    assert first["total"] == 45
    for _ in range(12):
        page = api.get(path, {"limit": "4", **cursor}).json()
        whole += page["data"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert whole == first["data"]
    assert len({(one["kind"], one["id"]) for one in whole}) == 45


def test_a_page_of_the_past_has_fifty_entries(api: APIClient, animal: Animal) -> None:
    for number in range(60):
        a_weight(animal, str(300 + number))
    page = api.get(f"{ROOT}cattle/{animal.pk}/history").json()
    assert (len(page["data"]), page["total"], bool(page["next"])) == (50, 60, True)


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        str(PagePosition("-id", None, 7)),
        "",
        "W10",
        str(PagePosition("read", "today", 7)),
    ],
)
def test_a_place_in_the_past_that_is_none_is_named(
    api: APIClient, animal: Animal, cursor: str
) -> None:
    answer = api.get(f"{ROOT}cattle/{animal.pk}/history", {"cursor": cursor})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["cursor"])


@pytest.mark.parametrize(
    "path",
    ["cattle/{}", "cattle/{}/weights", "cattle/{}/history", "batches/{}", "pens/{}", "payloads/{}"],
)
@pytest.mark.parametrize("number", ["7", str(2**63), "9" * 30, "9" * 5000, "-1", "x", "%00"])
def test_a_row_that_is_not_there_is_404(api: APIClient, path: str, number: str) -> None:
    answer = api.get(ROOT + path.format(number))
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("cattle", {"batch": str(2**63)}, "batch"),
        ("cattle", {"pen": "1.5"}, "pen"),
        ("cattle", {"status": "flying"}, "status"),
        ("cattle", {"search": "a\0b"}, "search"),
        ("cattle", {"tag": "a\0b"}, "tag"),
        ("batches", {"open": "banana"}, "open"),
        ("batches", {"source": "moon"}, "source"),
        ("batches", {"bogus": "1"}, "bogus"),
        ("sources", {"search": "udp"}, "search"),
        ("changes", {"bogus": ""}, "bogus"),
        ("cattle", {"ordering": "password"}, "ordering"),
        ("cattle", {"limit": "0"}, "limit"),
        ("cattle", {"limit": "١٢"}, "limit"),
        ("cattle", {"cursor": "nonsense"}, "cursor"),
        ("weights", {"since": "yesterday"}, "since"),
        ("payloads", {"search": "\0"}, "search"),
        ("events", {"since": "1-2"}, "since"),
        ("events", {"limit": "-1"}, "limit"),
    ],
)
def test_a_wrong_question_names_its_field(
    api: APIClient, path: str, params: dict[str, str], field: str
) -> None:
    answer = api.get(ROOT + path, params)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_no_table_can_hold_is_refused(api: APIClient, since: str) -> None:
    assert api.get(ROOT + "weights", {"since": since}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "batches"),
        ("delete", "batches/1"),
        ("delete", "cattle/1"),
        ("put", "pens/1"),
        ("put", "payloads/1"),
        ("post", "snapshot"),
        ("post", "health"),
        ("get", "auth/login"),
    ],
)
def test_a_method_that_is_not_there_is_405_whatever_the_scope(method: str, path: str) -> None:
    answer = getattr(client_with("read"), method)(ROOT + path)
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize(
    "path", ["/api/", "/api/remote/nothing", "/api/x/y", "/api/remote/batches/"]
)
def test_an_unknown_path_is_told_in_json(api: APIClient, method: str, path: str) -> None:
    answer = getattr(APIClient(enforce_csrf_checks=True), method)(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_an_answer_carries_the_place_in_the_journal_that_it_reflects(api: APIClient) -> None:
    happened("batch:created", 1)
    answer = api.get(ROOT + "batches")
    assert answer["X-Herd-Cursor"] == str(newest_cursor())
    assert newest_cursor() != START


def test_times_are_written_with_their_zone() -> None:
    a_batch()
    shape = shapes.batch_shape(Batch.objects.get())
    assert shape["created_at"].endswith("Z")
