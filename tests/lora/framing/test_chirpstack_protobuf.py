"""ChirpStack's binary encoding: the same uplink as its JSON, and no bytes that raise anything else.

The writer here is written from the .proto files, apart from the reader.
"""

import base64
import struct
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lora.framing.frames import Frame, FrameError
from lora.framing.webhooks import read_webhook

READ = "hxb:BATCH001:LF123:UHF456"
EUI = "70b3d57050011422"
AT = "2026-11-24T16:23:17.468000+00:00"
MOMENT = int(datetime.fromisoformat(AT).timestamp())


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: float | str | bytes) -> bytes:
    match value:
        case bool() | int():
            return varint(number << 3) + varint(int(value))
        case float():
            return varint(number << 3 | 5) + struct.pack("<f", value)
        case str():
            value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def message(fields: dict[int, Any]) -> bytes:
    return b"".join(field(number, value) for number, value in fields.items())


TIME = message({1: MOMENT, 2: 468_000_000})
VERSION_4 = message({
    1: "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", 2: TIME,
    3: message({1: "52f14cd4", 4: "Farm", 7: "Gate 1", 8: EUI, 9: message({1: "key", 2: "value"})}),
    4: "00189440", 5: True, 6: 5, 7: 300, 8: 2, 9: True, 10: READ.encode(),
    11: message({1: message({1: "t", 2: b""})}),
}) + field(12, message({1: "0016c001f153a14c", 2: 4217106255, 6: -36, 7: 10.5, 15: b"", 17: TIME})
) + field(12, message({1: "0016c001f153a14d", 6: -90, 7: 2.5})) + field(13, message({1: 867100000}))  # fmt: skip # noqa: E501
JSON_4 = {
    "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", "time": AT,
    "deviceInfo": {"devEui": EUI}, "devAddr": "00189440", "fCnt": 300, "fPort": 2,
    "data": base64.b64encode(READ.encode()).decode(),
    "rxInfo": [{"rssi": -36, "snr": 10.5, "nsTime": AT}, {"rssi": -90, "snr": 2.5}],
}  # fmt: skip
VERSION_3 = message({
    1: 3, 2: "farm", 3: "gate", 4: bytes.fromhex(EUI),
    5: message({1: b"\x00\x16\xc0\x01\xf1S\xa1L", 5: -36, 16: b"\xa1" * 16})
    + varint(6 << 3 | 1) + struct.pack("<d", 10.5),
    7: True, 9: 5, 10: 1, 11: READ.encode(), 15: bytes.fromhex("00189440"), 16: TIME,
})  # fmt: skip
JSON_3 = {
    "devEUI": base64.b64encode(bytes.fromhex(EUI)).decode(), "devAddr": "ABiUQA==", "fCnt": 5,
    "fPort": 1, "data": base64.b64encode(READ.encode()).decode(), "publishedAt": AT,
    "rxInfo": [{"rssi": -36, "loRaSNR": 10.5}],
}  # fmt: skip


def read(body: object) -> Frame:
    frames = read_webhook(body, "up")
    assert frames is not None
    (frame,) = frames
    return frame


@pytest.mark.parametrize(
    ("data", "body"), [(VERSION_4, JSON_4), (VERSION_3, JSON_3)], ids=["version 4", "version 3"]
)
def test_both_encodings_are_one_uplink(data: bytes, body: dict[str, Any]) -> None:
    binary, said = read(data), read(body)

    assert binary == said
    assert (binary.text, binary.address, binary.rssi, binary.snr) == (READ, EUI, -36.0, 10.5)
    assert binary.delivery_id
    assert binary.reported_at == pytest.approx(MOMENT + 0.468)


@pytest.mark.parametrize("event", ["join", "ack", "status", "log"])
def test_other_events_are_not_looked_into(event: str) -> None:
    assert read_webhook(b"\xff", event) == []


def test_a_counter_of_0_is_left_out_of_the_bytes() -> None:
    fields = {3: message({8: EUI}), 4: "00189440", 10: READ.encode()}
    frame, zero = read(message(fields)), read(message(fields | {7: 0}))
    assert frame.delivery_id == zero.delivery_id != ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hxb:B1:LF1:",
        b"{}",
        VERSION_4[:-1],
        VERSION_4[:60],
        b"\xff" * 20,
        b"\x0b",
        b"\x1a\x7f",
    ],
)
def test_what_is_no_uplink_is_refused(data: bytes) -> None:
    with pytest.raises(FrameError):
        read_webhook(data, "up")


@given(
    st.binary(max_size=200), st.integers(0, len(VERSION_4)), st.sampled_from([VERSION_4, VERSION_3])
)
def test_no_bytes_raise_anything_else(data: bytes, at: int, whole: bytes) -> None:
    for tried in (data, whole[:at] + data + whole[at:], whole[:at] + data):
        with suppress(FrameError):
            read_webhook(tried, None)
