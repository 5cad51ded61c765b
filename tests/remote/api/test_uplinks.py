"""Uplinks of LoRaWAN servers, from the webhook to the herd: delivered again they are no reading."""

import base64
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from herd.models import Animal, Batch
from lora.clock_correction import retime_some
from lora.late_readings import NEWER
from lora.models import LoRaPayload, PrunedDelivery
from lora.pruning import prune_payloads
from lora.worker import Worker
from tests.lora.framing.test_chirpstack_protobuf import JSON_4, VERSION_4
from tests.remote.api.rows import ROOT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
EUI = "0101010101010101"


@pytest.fixture(autouse=True)
def right_clock(settings: Settings) -> Settings:
    settings.TRUST_CLOCK = True
    return settings


def tts(text: str, counter: int) -> dict[str, Any]:
    return {
        "end_device_ids": {"device_id": "gate", "dev_eui": EUI, "dev_addr": "260B6C4D"},
        "uplink_message": {
            "session_key_id": "AYcojY1QHWhSvyftdWD6DQ==",
            "f_cnt": counter,
            "frm_payload": base64.b64encode(text.encode()).decode(),
        },
    }


def chirpstack_3(text: str, counter: int) -> dict[str, Any]:
    data = base64.b64encode(text.encode()).decode()
    return {"devEUI": EUI, "devAddr": "00189440", "fCnt": counter, "fPort": 1, "data": data}


def rak(text: str, counter: int) -> dict[str, Any]:
    hexstring = {"data": text.encode().hex(), "data_encode": "hexstring"}
    return {"devEUI": EUI, "fCnt": counter, "timestamp": 1795537397 + counter} | hexstring


def helium(text: str, counter: int) -> dict[str, Any]:
    data = base64.b64encode(text.encode()).decode()
    return {"dev_eui": EUI, "fcnt": counter, "payload": data, "uuid": f"52a0ff1b-{counter}"}


MAKES = pytest.mark.parametrize("make", [tts, chirpstack_3, rak, helium])


def deliver(api: APIClient, body: dict[str, Any], after: float = 0) -> Any:
    """Post an uplink, `after` seconds of quiet, and have it applied."""
    LoRaPayload.objects.update(arrived_ms=-1000 * after)  # what was heard before is long ago
    answer = api.post(f"{ROOT}payloads", body, format="json")
    Worker().step()
    return answer


def batch() -> str:
    return str(Animal.objects.get().batch)


@MAKES
def test_an_uplink_that_comes_again_moves_no_animal_back(api: APIClient, make: Any) -> None:
    deliver(api, make("hxb:AG1:LF1:", 267))
    deliver(api, make("hxb:AG2:LF1:", 268))
    assert batch() == "AG2"
    answer = deliver(api, make("hxb:AG1:LF1:", 267), after=3600)
    assert batch() == "AG2"
    assert answer.json()["data"][0]["id"] == LoRaPayload.objects.earliest("id").pk
    assert LoRaPayload.objects.count() == 2


@MAKES
def test_what_was_pruned_is_still_no_new_reading(api: APIClient, make: Any) -> None:
    deliver(api, make("hxb:AG1:LF1:", 267))
    deliver(api, make("hxb:AG2:LF1:", 268))
    LoRaPayload.objects.update(received_at=timezone.now() - timedelta(days=900), approximate=False)
    assert prune_payloads(timezone.now() - timedelta(days=400), 100) == 2
    assert PrunedDelivery.objects.count() == 2
    answer = deliver(api, make("hxb:AG1:LF1:", 267))
    assert (answer.status_code, answer.json()) == (200, {"data": []})
    assert (batch(), LoRaPayload.objects.count()) == ("AG2", 0)


def test_a_counter_that_begins_again_in_a_new_session_is_a_new_reading(api: APIClient) -> None:
    deliver(api, tts("hxb:AG1:LF1:", 0))
    deliver(api, tts("hxb:AG2:LF1:", 1))
    joined = tts("hxb:AG1:LF1:", 0)
    joined["uplink_message"]["session_key_id"] = "AY9Uwb76J+/X1E9i1joMbg=="
    deliver(api, joined, after=3600)
    assert batch() == "AG1"


def test_two_lines_in_one_frame_are_two_readings_once(api: APIClient) -> None:
    two = tts("hxb:AG1:LF1:\nhxb:AG1:LF2:", 5)
    rows = deliver(api, two).json()["data"]
    assert [row["raw_payload"] for row in rows] == ["hxb:AG1:LF1:", "hxb:AG1:LF2:"]
    assert [row["id"] for row in deliver(api, two).json()["data"]] == [row["id"] for row in rows]
    assert Animal.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (rak("hxb:B1:LF1:", 1) | {"data": "no hex"}, "not hex"),
        (rak("hxb:B1:LF1:", 1) | {"data_encode": "rot13"}, "rot13"),
        ({"payload": "SGVsbG8sIHdvcmxkIQ==", "port": 1, "name": "gate"}, "devEUI"),
        ({"payload": "SGVsbG8sIHdvcmxkIQ==", "fcnt": 19}, "devEUI"),
        ({"dev_eui": EUI, "fcnt": 19}, "data"),
    ],
)
def test_what_is_missing_is_named_and_nothing_stored(
    api: APIClient, body: dict[str, Any], word: str
) -> None:
    answer = deliver(api, body)
    assert answer.status_code == 400
    assert word in answer.json()["detail"]
    assert not LoRaPayload.objects.exists()


def test_what_a_gateway_writes_in_hex_is_stored_as_the_text_that_it_is(api: APIClient) -> None:
    rows = deliver(api, rak("hxb:B1:LF1:", 1)).json()["data"]
    assert [(row["raw_payload"], row["error_code"]) for row in rows] == [("hxb:B1:LF1:", "")]


# -- late, and simulated ------------------------------------------------------------------------


def told(body: dict[str, Any], **before: float) -> dict[str, Any]:
    """An uplink that its server received so long ago."""
    at = timezone.now() - timedelta(**before)
    return body | {"received_at": at.isoformat()}


def only() -> Animal:
    return Animal.objects.get()


def latest() -> LoRaPayload:
    return LoRaPayload.objects.latest("id")


def test_a_weight_that_was_received_two_days_ago_is_of_that_day(api: APIClient) -> None:
    deliver(api, told(tts("event:hxbchi000002|weight:310|lid:7", 9), minutes=0))
    deliver(api, told(tts("event:hxbchi000001|weight:300|lid:7", 8), days=2))
    animal, row = only(), latest()
    assert (row.status, row.late, row.remark) == ("processed", True, "It came late.")
    weights = animal.weights.order_by("recorded_at")
    assert [float(one.weight_kg) for one in weights] == [300, 310]
    assert timezone.now() - weights[0].recorded_at > timedelta(days=1.9)
    assert (float(animal.last_weight_kg or 0), animal.last_weighed_at) == (
        310,
        weights[1].recorded_at,
    )
    assert timezone.now() - animal.last_seen_at < timedelta(minutes=1)


def test_a_late_read_moves_no_animal_back_and_makes_it_no_older(api: APIClient) -> None:
    deliver(api, tts("hxb:AG2:LF1:U1", 268))
    seen = only().last_seen_at
    deliver(api, told(tts("hxb:AG1:LF1:", 267), hours=3))
    assert (batch(), only().last_seen_at) == ("AG2", seen)
    assert (latest().status, latest().animal) == ("processed", only())
    assert latest().remark == "It came late. " + NEWER


def test_a_late_read_that_is_the_newest_thing_known_moves(api: APIClient) -> None:
    deliver(api, told(tts("hxb:AG1:LF1:", 1), hours=5))
    deliver(api, told(tts("hxb:AG2:LF1:", 2), hours=3))
    assert batch() == "AG2"
    assert timedelta(hours=2.9) < timezone.now() - only().last_seen_at < timedelta(hours=3.1)


def test_what_came_late_together_and_in_disorder_ends_as_it_was(api: APIClient) -> None:
    for counter, hours in ((2, 3), (1, 5), (3, 1)):
        body = told(tts(f"hxb:AG{counter}:LF1:", counter), hours=hours)
        api.post(f"{ROOT}payloads", body, format="json")
    Worker().step()
    assert batch() == "AG3"


def test_a_late_read_undoes_no_move_of_a_person(api: APIClient) -> None:
    deliver(api, told(tts("hxb:AG1:LF1:", 1), hours=9))
    to = Batch.objects.create(batch_number="AG9")
    api.post(f"{ROOT}cattle/{only().pk}/move", {"batch_id": to.pk}, format="json")
    deliver(api, told(tts("hxb:AG2:LF1:", 2), hours=3))
    assert batch() == "AG9"


@pytest.mark.parametrize("status", ["dead", "sold"])
def test_a_late_export_undoes_no_later_leaving(api: APIClient, status: str) -> None:
    deliver(api, told(tts("hxb:AG1:LF1:", 1), days=9))
    body = {"status": status, "reason": "x"}
    api.post(f"{ROOT}cattle/{only().pk}/status", body, format="json")
    deliver(api, told(tts("hxe:X1:LF1:", 2), days=3))
    assert only().status == status


def test_a_late_read_by_a_tag_that_was_replaced_since_makes_no_second_animal(
    api: APIClient,
) -> None:
    deliver(api, told(tts("hxb:AG1:LF1:U1", 1), days=9))
    api.post(f"{ROOT}cattle/{only().pk}/tags", {"lf_tag": "LF2", "reason": "lost"}, format="json")
    deliver(api, told(tts("hxb:AG1:LF1:", 2), days=3))
    assert only().lf_tag == "LF2"
    assert latest().animal == only()


def test_a_late_read_adds_what_nobody_knew(api: APIClient) -> None:
    deliver(api, tts("event:hxbpai000001|lf:LF1|epc:U1|lid:7", 5))
    assert only().batch is None
    deliver(api, told(tts("hxb:AG1:LF1:U1", 4), hours=3))
    assert batch() == "AG1"


def test_a_late_induction_of_an_animal_that_was_weighed_since_inducts_it(api: APIClient) -> None:
    deliver(api, tts("event:hxbchi000002|weight:310|lid:7", 9))
    seen = only().last_seen_at
    induction = "event:hxbind000001|lid:7|lot:AG1|pen:P1|funder:F|sex:Steer"
    deliver(api, told(tts(induction, 8), days=2))
    animal = only()
    assert (str(animal.batch), str(animal.pen), animal.status) == ("AG1", "P1", "active")
    assert animal.last_seen_at == seen


def test_a_late_induction_with_a_pen_alone_moves_no_animal_back(api: APIClient) -> None:
    deliver(api, tts("event:hxbind000002|lid:7|lot:AG2|pen:P2|funder:F|sex:Steer", 9))
    deliver(api, told(tts("event:hxbind000001|lid:7|pen:P1", 8), days=2))
    assert (batch(), str(only().pen), latest().status) == ("AG2", "P2", "processed")


def test_a_late_event_that_sends_the_tag_as_id_finds_its_animal(api: APIClient) -> None:
    deliver(api, tts("hxb:AG2:982000001088420:", 9))
    deliver(api, told(tts("event:hxbchi000001|weight:300|lid:982000001088420", 7), days=2))
    deliver(api, told(tts("event:hxbind000001|lid:982000001088420|lot:AG1|pen:P1", 8), days=2))
    assert (batch(), only().weights.count()) == ("AG2", 1)


def test_a_late_pairing_gives_its_weight_and_takes_no_tag_back(api: APIClient) -> None:
    deliver(api, told(tts("event:hxbpai000001|lf:LF1|epc:U1|lid:7", 1), days=9))
    deliver(api, tts("event:hxbrep000002|lid:7|new_lf:LF2", 3))
    deliver(api, told(tts("event:hxbpai000003|lf:LF1|epc:U1|lid:7|weight:300", 2), days=3))
    assert (only().lf_tag, only().weights.count()) == ("LF2", 1)
    assert latest().remark.endswith(NEWER)


def test_a_late_repair_undoes_no_newer_one(api: APIClient) -> None:
    deliver(api, told(tts("event:hxbpai000001|lf:LF1|epc:U1|lid:7", 1), days=9))
    deliver(api, tts("event:hxbrep000003|lid:7|old_lf:LF2|new_lf:LF3", 3))
    assert only().lf_tag == "LF1"  # it never wore LF2 as far as is known
    deliver(api, tts("event:hxbrep000004|lid:7|new_lf:LF4", 4))
    deliver(api, told(tts("event:hxbrep000002|lid:7|old_lf:LF1|new_lf:LF2", 2), days=3))
    assert (only().lf_tag, latest().status) == ("LF4", "processed")


def test_reads_hours_apart_that_come_together_are_two(api: APIClient) -> None:
    for counter, hours in ((1, 5), (2, 3)):
        body = told(tts("hxb:AG1:LF1:", counter), hours=hours)
        api.post(f"{ROOT}payloads", body, format="json")
    Worker().step()
    assert [row.status for row in LoRaPayload.objects.order_by("id")] == ["processed"] * 2


@pytest.mark.parametrize("days", [-1, 20 * 365])
def test_a_servers_clock_that_is_wrong_makes_nothing_late(api: APIClient, days: int) -> None:
    deliver(api, tts("hxb:AG1:LF1:", 1))
    deliver(api, told(tts("hxb:AG2:LF1:", 2), days=days))
    assert (batch(), latest().late) == ("AG2", None)


def test_what_came_late_keeps_its_servers_time_once_the_clock_is_right(api: APIClient) -> None:
    body = told(tts("event:hxbchi000001|weight:300|lid:7", 2), days=3)
    with patch("lora.processes.clock.is_synchronised", lambda: False):
        deliver(api, body)
    row, of_server = latest(), only().weights.get().recorded_at
    assert (row.late, row.approximate, of_server) == (True, True, row.reported_at)
    LoRaPayload.objects.update(received_at=row.received_at + timedelta(days=1))
    LoRaPayload.objects.update(arrived_ms=row.arrived_ms - 86_400_000)
    assert retime_some(set()) == 1
    assert abs(latest().received_at - row.received_at) < timedelta(seconds=1)
    assert (latest().approximate, only().weights.get().recorded_at) == (False, of_server)


def test_a_simulated_uplink_is_marked_and_changes_nothing(api: APIClient) -> None:
    deliver(api, tts("hxb:AG1:LF1:", 1) | {"simulated": True})
    row = latest()
    assert (row.status, row.error_code, row.simulated) == ("error", "simulated", True)
    assert not Animal.objects.exists()
    assert api.get(f"{ROOT}payloads/{row.pk}").json()["simulated"] is True


def test_a_simulated_uplink_hides_no_real_one(api: APIClient) -> None:
    for body in (tts("hxb:AG1:LF1:", 1) | {"simulated": True}, tts("hxb:AG1:LF1:", 1)):
        api.post(f"{ROOT}payloads", body, format="json")  # within the window of repeats
        Worker().step()
    assert (batch(), latest().status) == ("AG1", "processed")


def test_a_simulated_uplink_counts_where_a_setting_says_so(
    api: APIClient, settings: Settings
) -> None:
    settings.LORA_TAKE_SIMULATED = True
    deliver(api, tts("hxb:AG1:LF1:", 1) | {"simulated": True})
    assert (batch(), latest().simulated) == ("AG1", True)


# -- ChirpStack's binary encoding ---------------------------------------------------------------


@pytest.mark.parametrize("media", ["application/octet-stream", "application/x-protobuf"])
def test_both_encodings_of_one_uplink_are_one_reading(api: APIClient, media: str) -> None:
    path = f"{ROOT}payloads?event=up"
    first = api.post(path, VERSION_4, content_type=media).json()["data"]
    again = api.post(path, JSON_4, format="json").json()["data"]
    assert first == again
    assert first[0]["raw_payload"] == "hxb:BATCH001:LF123:UHF456"


def test_a_damaged_message_is_refused_and_another_event_ignored(api: APIClient) -> None:
    media = "application/octet-stream"
    answer = api.post(f"{ROOT}payloads?event=up", VERSION_4[:60], content_type=media)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    answer = api.post(f"{ROOT}payloads?event=join", VERSION_4[:60], content_type=media)
    assert (answer.status_code, answer.json()) == (200, {"data": []})
    assert api.post(f"{ROOT}payloads", b"", content_type=media).status_code == 400
    assert not LoRaPayload.objects.exists()
