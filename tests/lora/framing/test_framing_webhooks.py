"""Uplinks posted by LoRaWAN servers."""

import base64
import copy
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lora.framing.frames import Frame, FrameError
from lora.framing.webhooks import read_chirpstack, read_tts, read_webhook

READ = "hxb:BATCH001:LF123:UHF456"
DATA = base64.b64encode(READ.encode()).decode()
CHIRPSTACK: dict[str, Any] = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    "deviceInfo": {"devEui": "0101010101010101", "deviceName": "Gate 1"},
    "fPort": 1,
    "data": DATA,
    "rxInfo": [{"rssi": -90, "snr": 2.5}, {"rssi": -36, "snr": 10.5}, {"rssi": "x"}],
}
TTS: dict[str, Any] = {
    "end_device_ids": {"device_id": "gate-1", "dev_eui": "00C82EFB6B82F3C3"},
    "uplink_message": {"frm_payload": DATA, "rx_metadata": [{"rssi": -48, "snr": 10}]},
}


def test_a_chirpstack_uplink_is_read() -> None:
    assert read_chirpstack(CHIRPSTACK) == Frame(
        READ,
        "chirpstack",
        None,
        "0101010101010101",
        -36.0,
        10.5,
        len(READ),
        "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
    )


VERSION_3: dict[str, Any] = {
    "applicationID": "3",
    "devEUI": "02aaaa0100000014",
    "rxInfo": [{"gatewayID": "647fdafffe00d228", "rssi": -89, "loRaSNR": 7.5}],
    "fPort": 33,
    "data": DATA,
}


@pytest.mark.parametrize("eui", ["02AAAA0100000014", "AqqqAQAAABQ="])
def test_an_uplink_of_chirpstack_3_is_read(eui: str) -> None:
    assert read_chirpstack(VERSION_3 | {"devEUI": eui}) == Frame(
        READ, "chirpstack", None, "02aaaa0100000014", -89.0, 7.5, len(READ)
    )


@pytest.mark.parametrize("event", [None, "up"])
def test_whose_uplink_it_is_shows_in_its_shape(event: str | None) -> None:
    bodies = [CHIRPSTACK, VERSION_3, TTS, {"name": "as.up", "data": TTS}, {"result": TTS}]
    found = [read_webhook(body, event) for body in bodies]

    assert [[one.form for one in frames or ()] for frames in found] == [
        ["chirpstack"],
        ["chirpstack"],
        ["tts"],
        ["tts"],
        ["tts"],
    ]


@pytest.mark.parametrize("body", [{"payload": READ}, {"data": "x"}, [], "x", None, {"data": {}}])
def test_a_body_of_nobodys_shape_is_no_webhook(body: object) -> None:
    assert read_webhook(body) is None


@pytest.mark.parametrize(
    "body",
    [
        {"deviceInfo": CHIRPSTACK["deviceInfo"], "devAddr": "01", "deduplicationId": "x"},
        {"devEUI": "02aaaa0100000014", "acknowledged": True, "fCnt": 12},
        {"end_device_ids": {"device_id": "gate-1"}, "join_accept": {}},
    ],
)
def test_another_event_of_theirs_brings_nothing(body: object) -> None:
    assert read_webhook(body) == []
    assert read_webhook(CHIRPSTACK, "join") == []


def test_a_things_stack_uplink_is_read() -> None:
    assert read_tts(TTS) == Frame(READ, "tts", None, "00c82efb6b82f3c3", -48.0, 10.0, len(READ))


def test_a_things_stack_device_without_an_eui_goes_by_its_name() -> None:
    assert read_tts(TTS | {"end_device_ids": {"device_id": "Gate-1"}}).address == "gate-1"


def test_a_device_cannot_name_itself_out_of_its_source() -> None:
    assert "#" not in read_tts(TTS | {"end_device_ids": {"device_id": "a#b"}}).address


@pytest.mark.parametrize("identity", [None, 7, "", "a b", "x" * 101, "\x00", "é"])
def test_an_unusable_delivery_id_is_none(identity: object) -> None:
    assert read_chirpstack(CHIRPSTACK | {"deduplicationId": identity}).delivery_id == ""


def test_an_uplink_without_data_is_an_empty_frame() -> None:
    body = copy.deepcopy(CHIRPSTACK)
    del body["data"]

    assert read_chirpstack(body).error == "empty"
    assert read_tts(TTS | {"uplink_message": {}}).error == "empty"


def test_bytes_that_are_no_text_are_kept_as_hex() -> None:
    frame = read_chirpstack(CHIRPSTACK | {"data": "qg=="})

    assert (frame.error, frame.text) == ("binary", "aa")


@pytest.mark.parametrize("info", [None, {}, [], [[]], [{"rssi": float("nan"), "snr": 1}]])
def test_an_unknown_signal_is_none(info: object) -> None:
    frame = read_chirpstack(CHIRPSTACK | {"rxInfo": info})

    assert (frame.text, frame.rssi, frame.snr) == (READ, None, None)


CHANGED = [
    {"deviceInfo": None},
    {"deviceInfo": []},
    {"deviceInfo": {}},
    {"deviceInfo": {"devEui": 7}},
    {"data": 7},
    {"data": "a=b"},
    {"data": []},
]


@pytest.mark.parametrize("change", CHANGED)
def test_a_body_of_another_shape_is_refused_with_a_sentence(change: dict[str, Any]) -> None:
    with pytest.raises(FrameError) as refused:
        read_chirpstack(CHIRPSTACK | change)

    assert refused.value.code == "malformed_frame"
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("body", [None, [], "x", 7, {}, {"end_device_ids": {}}, CHIRPSTACK])
def test_what_is_no_things_stack_uplink_is_refused(body: object) -> None:
    with pytest.raises(FrameError):
        read_tts(body)


def test_an_address_is_short_and_printable() -> None:
    name = "\x00\ud800" + "x" * 500
    frame = read_tts(TTS | {"end_device_ids": {"device_id": name}})

    assert frame.address.startswith(r"\x00\xed\xa0\x80xxx")
    assert len(frame.address) == 64


KEYS = st.sampled_from([*CHIRPSTACK, *TTS, "devEui", "dev_eui", "frm_payload", "rssi", "snr"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("aA=\0é\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=6,
)


@given(VALUES, st.dictionaries(KEYS, VALUES))
def test_no_body_raises_anything_else(body: object, changes: dict[str, Any]) -> None:
    for read, whole in ((read_chirpstack, CHIRPSTACK), (read_tts, TTS)):
        for tried in (body, whole | changes):
            with suppress(FrameError):
                assert len(read(tried).text.encode()) <= 1024
