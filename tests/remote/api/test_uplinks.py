"""Uplinks of LoRaWAN servers, from the webhook to the herd: delivered again they are no reading."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Animal
from lora.models import LoRaPayload, PrunedDelivery
from lora.pruning import prune_payloads
from lora.worker import Worker
from tests.remote.api.rows import ROOT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
EUI = "0101010101010101"


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
