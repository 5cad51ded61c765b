"""Payloads that come over HTTP, and trying again."""

import base64
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from herd.models import JournalEntry
from lora.models import LoRaPayload, Source
from remote.api.models import ApiKey
from tests.remote.api.rows import ROOT, a_payload

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
TEXT = "hxb:BATCH001:LF123:UHF456"


def post(api: APIClient, body: Any, query: str = "") -> Any:
    return api.post(f"{ROOT}payloads{query}", body, format="json")


def test_a_payload_is_stored_and_journalled_before_the_answer(api: APIClient) -> None:
    answer = post(api, {"payload": TEXT})
    assert answer.status_code == 201
    (row,) = answer.json()["data"]
    assert (row["raw_payload"], row["status"]) == (TEXT, "received")
    assert LoRaPayload.objects.get(pk=row["id"]).raw_payload == TEXT
    assert JournalEntry.objects.get(kind="payload:received").object_id == row["id"]


def test_the_source_is_the_keys_prefix(api: APIClient) -> None:
    post(api, {"payload": TEXT})
    assert Source.objects.get().name == f"http:{ApiKey.objects.get().prefix}"


def test_many_payloads_are_stored_in_their_order(api: APIClient) -> None:
    texts = [f"hxb:B1:LF{n}:" for n in range(5)]
    answer = post(api, {"payloads": texts})
    assert [row["raw_payload"] for row in answer.json()["data"]] == texts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("a\0b", "binary"),
        ("x" * 5000, "oversized"),
        ("\ud800", None),
        ("<script>alert(1)</script>", None),
        ("+OK", None),
        ("=cmd", None),
        ("hxb:B:١٢:", None),
        ("\0", "empty"),
        ("AT+X=\0", None),
    ],
)
def test_a_bad_text_is_kept_as_a_row(api: APIClient, text: str, code: str | None) -> None:
    body = json.dumps({"payload": text})  # a lone surrogate can come as an escape alone
    answer = api.post(ROOT + "payloads", body, content_type="application/json")
    assert answer.status_code == 201
    (row,) = answer.json()["data"]
    if code is not None:
        assert (row["status"], bool(row["error_code"])) == ("error", True)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"payload": 5},
        {"payload": None},
        {"payloads": []},
        {"payloads": [5]},
        {"payloads": "x"},
        {"payload": "x", "payloads": ["y"]},
        [],
        "x",
        5,
        None,
    ],
)
def test_a_body_of_another_shape_is_refused(api: APIClient, body: Any) -> None:
    answer = post(api, body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert not LoRaPayload.objects.exists()


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"payload": NaN}', b"[" * 50_000, b"1" * 9_000])
def test_a_body_that_is_no_json_is_refused(api: APIClient, body: bytes) -> None:
    answer = api.post(ROOT + "payloads", body, content_type="application/json")
    assert answer.status_code == 400


def test_an_intake_of_one_mebibyte_is_the_most(api: APIClient) -> None:
    texts = ["x" * 1000] * 1000
    assert post(api, {"payloads": texts}).status_code == 201
    answer = post(api, {"payloads": ["x" * 1100] * 1000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_other_bodies_have_64_kib(api: APIClient) -> None:
    answer = api.post(f"{ROOT}payloads/1/retry", {"text": "x" * 70_000}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


CHIRPSTACK = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "deviceInfo": {"devEui": "0101010101010101"},
    "data": base64.b64encode(TEXT.encode()).decode(),
    "rxInfo": [{"rssi": -60, "snr": 7.5}],
}


def test_a_chirpstack_uplink_is_stored_once_however_often_it_is_delivered(api: APIClient) -> None:
    first = post(api, CHIRPSTACK, "?event=up").json()["data"]
    again = post(api, CHIRPSTACK, "?event=up").json()["data"]
    assert (first[0]["raw_payload"], first[0]["rssi"]) == (TEXT, -60.0)
    assert first == again
    assert LoRaPayload.objects.count() == 1


@pytest.mark.parametrize("event", ["join", "ack", "status", "log", "txack"])
def test_what_else_chirpstack_posts_is_acknowledged_and_ignored(api: APIClient, event: str) -> None:
    answer = post(api, {"deviceInfo": {}}, f"?event={event}")
    assert (answer.status_code, answer.json()) == (200, {"data": []})
    assert not LoRaPayload.objects.exists()


def test_an_uplink_of_the_things_stack_is_stored(api: APIClient) -> None:
    body = {
        "end_device_ids": {"dev_eui": "0101010101010101"},
        "uplink_message": {"frm_payload": base64.b64encode(TEXT.encode()).decode()},
    }
    assert post(api, body).json()["data"][0]["raw_payload"] == TEXT
    assert post(api, {"end_device_ids": {}, "join_accept": {}}).status_code == 200


def test_an_uplinks_source_is_the_device_behind_the_key(api: APIClient) -> None:
    post(api, CHIRPSTACK)
    source = Source.objects.get()
    assert source.name == f"http:{ApiKey.objects.get().prefix}#0101010101010101"
    assert (source.rssi, source.snr) == (-60.0, 7.5)


def test_a_damaged_uplink_is_refused_with_a_reason(api: APIClient) -> None:
    answer = post(api, {"data": "x"}, "?event=up")
    assert answer.status_code == 400
    assert "deviceInfo" in answer.json()["detail"]


def test_a_payload_in_error_is_corrected_and_tried_again(api: APIClient) -> None:
    row = a_payload("hxb:??", error="binary")
    answer = api.post(f"{ROOT}payloads/{row.pk}/retry", {"text": TEXT}, format="json")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["raw_payload"], told["status"]) == (TEXT, "received")
    assert (told["error_code"], told["error_message"]) == ("", "")


def test_what_was_received_stays_however_often_it_is_corrected(api: APIClient) -> None:
    row = a_payload(received := "hxb:" + "?" * 240, error="binary")
    for text in ("hxb:B1:no tag:", TEXT):
        LoRaPayload.objects.update(status="error")
        api.post(f"{ROOT}payloads/{row.pk}/retry", {"text": text}, format="json")
    told = api.get(f"{ROOT}payloads/{row.pk}").json()
    assert (told["raw_payload"], told["original_payload"]) == (TEXT, received)


def test_a_payload_that_was_never_corrected_has_no_other_original(api: APIClient) -> None:
    row = a_payload("hxb:??", error="binary")
    told = api.post(f"{ROOT}payloads/{row.pk}/retry", {}, format="json").json()
    assert (told["raw_payload"], told["original_payload"]) == ("hxb:??", "")


def test_trying_again_can_be_looked_at_and_repeated_as_any_change(api: APIClient) -> None:
    row, path = a_payload("hxb:??", error="binary"), f"{ROOT}payloads/{{}}/retry"
    looked = api.post(path.format(row.pk) + "?preview=1", {"text": TEXT}, format="json").json()
    row.refresh_from_db()
    assert (looked["preview"], looked["raw_payload"], row.status) == (True, TEXT, "error")
    key = {"Idempotency-Key": "k1"}
    first, again = (api.post(path.format(row.pk), {}, format="json", headers=key) for _ in "12")
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert first.status_code == 202


def test_a_payload_that_is_not_in_error_is_not_tried_again(api: APIClient) -> None:
    row = a_payload()
    answer = api.post(f"{ROOT}payloads/{row.pk}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_error")


@pytest.mark.parametrize("number", [7, 2**63, 10**30])
def test_a_payload_that_is_not_there_cannot_be_tried_again(api: APIClient, number: int) -> None:
    answer = api.post(f"{ROOT}payloads/{number}/retry")
    assert answer.status_code in {400, 404}


def test_a_body_of_noise_has_a_short_answer_that_says_how_much_it_was(api: APIClient) -> None:
    answer = post(api, {"payload": f"{TEXT}\n" + "x\n" * 50_000})
    rows = answer.json()["data"]
    assert (answer.status_code, len(rows), LoRaPayload.objects.count()) == (201, 10, 10)
    assert (rows[0]["raw_payload"], rows[0]["lines"]) == (TEXT, None)
    assert (rows[-1]["error_code"], rows[-1]["lines"]) == ("noise", 50_000 - 8)
    assert rows[-1]["error_message"] == (
        "Unreadable lines: 49,992, of 49,992 bytes in all. This is how they begin."
    )
    source = Source.objects.get()
    assert (source.frames, source.errors) == (50_001, 49_992)


@pytest.mark.parametrize("key", ["payload", "payloads"])
def test_more_readings_than_a_body_may_bring_are_refused_before_any_is_stored(
    api: APIClient, key: str
) -> None:
    lines = "".join(f"hxb:B1:LF{n}:\n" for n in range(5_000))
    answer = post(api, {key: lines if key == "payload" else [lines]})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["detail"] == (
        "payloads: One body may bring 1,000 readings; this one has 5,000. Nothing of it is stored:"
        " send it in parts."
    )
    assert not LoRaPayload.objects.exists()


def test_a_list_that_is_too_long_is_told_how_long_it_may_be(api: APIClient) -> None:
    answer = post(api, {"payloads": [TEXT] * 1_001})
    assert (answer.status_code, answer.json()["fields"]) == (
        400,
        {
            "payloads": [
                "One body may bring 1000 payloads. Nothing of it is stored: send it in parts."
            ]
        },
    )
    assert not LoRaPayload.objects.exists()


def test_what_a_reader_kept_while_it_was_offline_is_taken_whole(api: APIClient) -> None:
    lines = [f"hxb:B1:LF{n}:" for n in range(1_000)]
    rows = post(api, {"payload": "\r\n".join(lines)}).json()["data"]
    assert [row["raw_payload"] for row in rows] == lines


def test_an_uplink_of_many_lines_is_one_payload(api: APIClient) -> None:
    data = base64.b64encode(b"x\n" * 30_000).decode()
    (row,) = post(api, CHIRPSTACK | {"data": data, "rxInfo": [{}] * 9_000}).json()["data"]
    assert (row["error_code"], row["original_length"]) == ("oversized", 60_000)
