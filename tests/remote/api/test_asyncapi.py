"""The AsyncAPI document of the feed says what is sent: kinds, fields, limits, codes."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest
from django.db.models import Model
from rest_framework import serializers
from rest_framework.test import APIClient

from herd.models import Animal, Batch, Pen, Product, Shipment, Treatment, WorkMark
from lora.models import LoRaPayload
from remote import wire
from remote.api import consumers, events, feed, flow_control, schema_serializers
from remote.api.models import ImportRun
from tests.remote.api.feed_description import assert_described, document, validator
from tests.remote.api.pi import WebPi, running
from tests.remote.api.rows import (
    AT,
    ROOT,
    a_batch,
    a_payload,
    a_pen,
    a_pull,
    a_session,
    a_shipment,
    a_weight,
    an_animal,
    happened,
)

SCHEMAS = document()["components"]["schemas"]
CHANNEL = document()["channels"]["events"]
SERIALIZERS: dict[str, type[serializers.Serializer[Any]]] = {
    "Batch": schema_serializers.BatchSerializer,
    "Cattle": schema_serializers.CattleSerializer,
    "Pen": schema_serializers.PenSerializer,
    "Weight": schema_serializers.WeightSerializer,
    "Session": schema_serializers.SessionSerializer,
    "Product": schema_serializers.ProductSerializer,
    "Treatment": schema_serializers.TreatmentSerializer,
    "WorkMark": schema_serializers.WorkMarkSerializer,
    "Pull": schema_serializers.PullSerializer,
    "Shipment": schema_serializers.ShipmentSerializer,
    "Payload": schema_serializers.PayloadSerializer,
    "Import": schema_serializers.ImportRunSerializer,
}


# -- events -----------------------------------------------------------------------------------


def rows(subject: str) -> list[Model]:
    """One row that has all it can have, and one that has nothing."""
    full: dict[str, Any] = {"batch": a_batch("B1"), "pen": a_pen("P1"), "last_weight_kg": "350.5"}
    animal = an_animal(
        **full, lf_tag="LF1", last_weighed_at=AT, induction_date=AT.date(), adg_kg=1.2, left_on=AT
    )
    made: dict[str, Callable[[], list[Model]]] = {
        "batch": lambda: [*Batch.objects.all(), a_batch("B2", source_type="hxe", last_read_at=AT)],
        "cattle": lambda: [animal, an_animal()],
        "pen": lambda: list(Pen.objects.all()),
        "weight": lambda: [
            a_weight(animal),
            a_weight(animal, expected_kg=349.5, quality="suspect"),
        ],
        "session": lambda: [a_session(), a_session(**details_of_a_session(animal))],
        "product": lambda: treatments(animal)["product"],
        "treatment": lambda: treatments(animal)["treatment"],
        "work": marks,
        "pull": lambda: pulls(animal),
        "shipment": shipments,
        "payload": payloads,
        "import": imports,
    }
    return made[subject]()


def shipments() -> list[Model]:
    gone = {"loading_at": AT, "shipped_at": AT, "shipped_on": AT.date(), "state": "shipped"}
    a_shipment("S-2", **gone, cancelled_at=AT, reported_on=AT.date())
    a_shipment()
    return list(Shipment.objects.counted())


def details_of_a_session(animal: Animal) -> dict[str, Any]:
    return {"batch": animal.batch, "pen": animal.pen, "ended_at": AT, "source": "gateway:a"}


def treatments(animal: Animal) -> dict[str, list[Model]]:
    full = Product.objects.create(name="Full", ml_per_100kg="2.5", expires_on=AT.date(), lot_no="A")
    bare = Product.objects.create(name="Bare", active=False)
    given = {"animal": animal, "given_at": AT, "clear_on": AT.date(), "source": "office"}
    void = {"voided_at": AT, "voided_by": "office:ana", "void_reason": "another one"}
    made = Treatment.objects.create(product=full, amount="2.5", unit="ml", **void, **given)
    return {
        "product": [full, bare],
        "treatment": [made, Treatment.objects.create(product=bare, **given)],
    }


def marks() -> list[Model]:
    made: dict[str, Any] = {"key": "suspect:1", "made_at": AT, "made_by": "office:ana"}
    ended = {"ended_at": AT, "ended_by": "office:ben", "through": 7, "until": AT.date()}
    return [
        WorkMark.objects.create(kind="seen", **made),
        WorkMark.objects.create(kind="reminder", text="A1", reason="x", **ended, **made),
    ]


def pulls(animal: Animal) -> list[Model]:
    void = {"voided_at": AT, "voided_by": "office:ana", "void_reason": "another one"}
    back = {"returned_at": AT, "returned_by": "office:ana", "from_pen": animal.pen}
    return [a_pull(animal), a_pull(animal, to_pen=animal.pen, note="off feed", **back, **void)]


def payloads() -> list[Model]:
    bare, full = a_payload(), a_payload("x", error="binary")
    LoRaPayload.objects.filter(pk=full.pk).update(
        rssi=-101.5, snr=7, lines=3, duplicate_of=bare, reported_at=AT, processed_at=AT, late=True
    )
    return [bare, full]


def imports() -> list[Model]:
    made: dict[str, Any] = {"actor": "shared key", "kind": "weights", "made_at": AT, "runner": "r"}
    later = AT + timedelta(minutes=1)
    return [
        ImportRun.objects.create(**made),
        ImportRun.objects.create(**made, state="done", rows=3, change_id=1, ended_at=later),
    ]


@pytest.mark.django_db(transaction=True, databases=["default", "reader"])
@pytest.mark.parametrize("kind", get_args(wire.EventKind))
def test_every_event_is_as_described(api: APIClient, kind: str) -> None:
    ids = [row.pk for row in rows(kind.partition(":")[0])]
    for pk in (*ids, 9_999):  # the last one is gone
        happened(kind, pk)
    told = api.get(ROOT + "events").json()["data"][-1 - len(ids) :]  # a payload has one already
    assert [len(event["data"]) > 1 for event in told] == [True] * len(ids) + [False]
    for event in told:
        assert_described(event)
    assert_described(told)


def test_every_kind_of_event_has_its_place() -> None:
    described = [one["$ref"].rpartition("/")[2] for one in SCHEMAS["Event"]["oneOf"]]
    kinds = [kind for name in described for kind in SCHEMAS[name]["properties"]["event"]["enum"]]
    assert sorted(kinds) == sorted(get_args(wire.EventKind))


@pytest.mark.parametrize("name", list(SERIALIZERS))
def test_rows_have_the_fields_that_rest_describes(name: str) -> None:
    fields = {n: f for n, f in SERIALIZERS[name]().get_fields().items() if f.required}
    described = SCHEMAS[name]["properties"]
    names = set(described) - {"payload_id", "timestamp"}  # a payload's event alone has these
    assert names == set(fields)
    assert set(SCHEMAS[name]["required"]) == set(described)
    nullable = {one for one in names if "null" in described[one].get("type", ())}
    assert nullable == {one for one in names if fields[one].allow_null}


@pytest.mark.parametrize("name", list(SERIALIZERS))
def test_choices_are_those_that_rest_describes(name: str) -> None:
    described = SCHEMAS[name]["properties"]
    choices = {
        field_name: sorted(field.choices)
        for field_name, field in SERIALIZERS[name]().get_fields().items()
        if isinstance(field, serializers.ChoiceField)
    }
    told = {one: set(described[one].get("enum", ())) - {None} for one in choices}
    assert {one: sorted(values) for one, values in told.items()} == choices


# -- what stands beside them ------------------------------------------------------------------


def test_limits_are_those_of_the_code() -> None:
    assert CHANNEL["x-limits"] == {
        "heartbeat_seconds": wire.HEARTBEAT_SECONDS,
        "stale_after_seconds": wire.STALE_AFTER_SECONDS,
        "unacknowledged_events": flow_control.MOST_UNACKNOWLEDGED,
        "frame_bytes": events.CHUNK_BYTES,
        "subscribes_a_minute": consumers.MOST_SUBSCRIBES,
        "waiting_events": feed.MOST_WAITING_EVENTS,
        "waiting_bytes": feed.MOST_WAITING_BYTES,
        "stalled_seconds": flow_control.STALLED_AFTER,
    }


def test_names_are_those_of_the_contract() -> None:
    assert CHANNEL["address"] == wire.SOCKET_PATH
    assert document()["components"]["securitySchemes"]["apiKey"]["name"] == wire.KEY_HEADER
    assert document()["info"]["version"] == str(wire.PROTOCOL)
    assert SCHEMAS["Topics"]["items"]["enum"] == list(wire.TOPICS)
    reasons = document()["components"]["messages"]["resync"]["payload"]["properties"]["reason"]
    assert reasons["enum"] == list(get_args(wire.ResyncReason))
    own = {value for name, value in vars(wire).items() if name.startswith("CLOSE_")}
    assert {int(code) for code in CHANNEL["x-close-codes"]} == own | {1006}


def test_examples_are_as_described() -> None:
    messages = document()["components"]["messages"]
    shown = [(n, one["payload"]) for n, m in messages.items() for one in m.get("examples", ())]
    assert len(shown) >= 4
    for name, example in shown:
        assert [error.message for error in validator(name).iter_errors(example)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "hello", "protocol": 2},
        {"type": "heartbeat", "cursor": "1", "server_time": "2026-03-01T12:00:00Z"},
        {"type": "heartbeat", "cursor": "1-00000001", "server_time": "yesterday"},
        {"type": "goodbye"},
        [{"type": "caught_up", "cursor": "1-00000001"}] * 2,
    ],
)
def test_what_is_otherwise_is_found(wrong: Any) -> None:
    with pytest.raises(AssertionError):
        assert_described(wrong)


# -- a real socket; test_socket.py holds all that it reads against the document -----------------


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPi]:
    with running(tmp_path_factory.mktemp("pi")) as web:
        yield web


async def test_the_pi_takes_what_the_document_shows_a_client_to_say(pi: WebPi) -> None:
    messages = document()["components"]["messages"]
    async with pi.socket() as socket:
        for name in ("subscribe", "unsubscribe", "ack"):
            for example in messages[name]["examples"]:
                await socket.send(json.dumps(example["payload"]))
        await (await socket.ping())
        hello = json.loads(await socket.recv())
        assert_described(hello)


async def test_codes_of_errors_are_described(pi: WebPi) -> None:
    writer = pi.manage("create_api_key", "--name", "writer", "--scope", "write")
    wrong = {"bad_key": "none", "missing_scope": writer, "bad_message": None}
    for code, key in wrong.items():
        async with pi.socket(**({"key": key} if key else {})) as socket:
            if key is None:
                await socket.send("no JSON")
            told = json.loads(await socket.recv())
            assert told["code"] == code
            assert_described(told)
    # The fourth needs a database that cannot be read: tests/remote/api/test_socket.py has one.
    codes = document()["components"]["messages"]["error"]["payload"]["properties"]["code"]["enum"]
    assert set(codes) == {*wrong, "unavailable"}


def test_the_pi_shows_the_document_to_anybody(pi: WebPi) -> None:
    answer = pi.ask("GET", "../asyncapi", key="")
    assert (answer.status_code, answer.text.startswith("# The feed")) == (200, True)
    assert answer.headers["Content-Type"].startswith("application/vnd.aai.asyncapi+yaml")
