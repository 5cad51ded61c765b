"""Uplinks as the LoRaWAN servers and gateways of the field write them: a tester's table.

The shapes are those of the servers' public manuals, with our payload in them.
"""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lora.framing.frames import Frame, FrameError
from lora.framing.readers import read_datagram
from lora.framing.webhooks import read_webhook

READ = "hxb:BATCH001:LF123:UHF456"
B64 = base64.b64encode(READ.encode()).decode()
HEX = READ.encode().hex()
EUI = "70b3d57050011422"
AT = "2026-11-24T16:23:17.468+00:00"
EPOCH = 1795537397.468

RAK = {
    "applicationID": "1", "applicationName": "farm", "data": HEX, "data_encode": "hexstring",
    "devEUI": EUI, "deviceName": "gate", "fCnt": 12, "fPort": 1, "timestamp": 1795537397,
    "rxInfo": [{"gatewayID": "b827ebfffe39ac1d", "loRaSNR": 9.5, "rssi": -60, "time": AT}],
    "txInfo": {"adr": True, "dr": 5, "frequency": 868100000},
}  # fmt: skip
MILESIGHT = {
    "applicationID": 1, "deviceName": "gate", "devEUI": EUI, "time": AT, "fCnt": 249, "fPort": 85,
    "rxInfo": [{"mac": "24e124fffef00000", "time": AT, "rssi": -60, "loRaSNR": 9.5}],
    "data": B64,
}  # fmt: skip
HELIUM = {
    "app_eui": "6948A4B59F4666AD", "dev_eui": EUI.upper(), "devaddr": "B5A44869", "fcnt": 19,
    "hotspots": [{"name": "icy-hippo", "reported_at": 1795537397468, "rssi": -60, "snr": 9.5}],
    "id": "7c523974-4ce7-4a92-948b-55171a6e4d77", "name": "gate", "payload": B64, "port": 1,
    "metadata": {"labels": []}, "reported_at": 1795537397468, "type": "uplink",
    "uuid": "52a0ff1b-2d84-4f6c-8dd4-0a6c4b1dbe1c", "downlink_url": "https://…",
}  # fmt: skip
ACTILITY = {
    "DevEUI_uplink": {
        "Time": AT, "DevEUI": EUI.upper(), "FPort": 20, "FCntUp": 3866, "MType": 4,
        "payload_hex": HEX, "LrrRSSI": -60.0, "LrrSNR": 9.5, "DevAddr": "1E0A5C3F",
        "Lrrs": {"Lrr": [{"Lrrid": "69606FD0"}]},
    }
}  # fmt: skip
LORIOT = {
    "cmd": "rx", "EUI": EUI.upper(), "ts": 1795537397468, "ack": False, "fcnt": 7, "port": 1,
    "data": HEX, "freq": 868100000, "dr": "SF9 BW125 4/5", "rssi": -60, "snr": 9.5,
}  # fmt: skip
KERLINK = {
    "id": "5e32e86922697b0001e828d5", "recvTime": 1795537397468, "fCntUp": 4, "fPort": 3,
    "encodingType": "HEXA", "payload": HEX, "endDevice": {"devEui": EUI, "devAddr": "020DEA52"},
    "gwInfo": [{"gwEui": "7276FF000B0324E2", "rssi": -60, "snr": 9.5}],
}  # fmt: skip
EVERYNET = {
    "type": "uplink",
    "meta": {"device": EUI, "gateway": "b0fd0b7002a00000", "time": 1795537397.468},
    "params": {
        "payload": B64, "port": 100, "counter_up": 105, "duplicate": False,
        "radio": {"hardware": {"snr": 9.5, "rssi": -60}},
    },
}  # fmt: skip
AWS = {
    "WirelessDeviceId": "5b58245e-146c-4c30-9703-0ca942e3ff35", "PayloadData": B64,
    "WirelessMetadata": {
        "LoRaWAN": {
            "DevEui": EUI, "FCnt": 18, "FPort": 1, "Timestamp": AT,
            "Gateways": [{"GatewayEui": "80029cfffe5cf1cc", "Rssi": -60, "Snr": 9.5}],
        }
    },
}  # fmt: skip
SENET = {
    "devEui": EUI, "pdu": HEX, "port": 1, "seqno": 7, "txtime": AT, "rssi": -60, "snr": 9.5,
    "gwEui": "00250C00010003A9",
}  # fmt: skip
ORBIWISE = {
    "deveui": EUI,
    "dataFrame": B64,
    "port": 1,
    "fcnt": 7,
    "timestamp": AT,
    "rssi": -60,
    "snr": 9.5,
}
MULTITECH = {
    "deveui": "70-b3-d5-70-50-01-14-22", "appeui": "00-80-00-00-00-00-00-01", "data": B64,
    "fcnt": 7, "port": 1, "time": AT, "rssi": -60, "lsnr": 9.5, "tmst": 3_000_000,
}  # fmt: skip
TTN_2 = {
    "app_id": "farm", "dev_id": "gate", "hardware_serial": EUI.upper(), "port": 1, "counter": 7,
    "payload_raw": B64,
    "metadata": {"time": AT, "gateways": [{"gtw_id": "eui-1", "rssi": -60, "snr": 9.5}]},
}  # fmt: skip
TEKTELIC = {
    "payloadMetaData": {
        "deviceMetaData": {"deviceEUI": EUI}, "fcount": 7, "fport": 10,
        "packetList": [{"rssi": -60, "snr": 9.5}],
    },
    "payload": {"bytes": list(READ.encode())},
}  # fmt: skip
CHIRPSTACK_SNAKE = {
    "device_info": {"dev_eui": EUI}, "data": B64, "f_cnt": 3, "dev_addr": "00189440",
    "rx_info": [{"rssi": -60, "snr": 9.5}],
}  # fmt: skip

BODIES: dict[str, dict[str, Any]] = {
    "RAK gateway": RAK,
    "RAK gateway, base64 as it says": RAK | {"data": B64, "data_encode": "base64"},
    "RAK7431, hex without a word": {k: v for k, v in RAK.items() if k != "data_encode"},
    "RAK gateway, upper case": RAK | {"data": HEX.upper(), "data_encode": "HexString"},
    "Milesight gateway": MILESIGHT,
    "Milesight gateway, data in payload": {k: v for k, v in MILESIGHT.items() if k != "data"}
    | {"payload": B64},
    "Helium": HELIUM,
    "ThingPark": ACTILITY,
    "Loriot": LORIOT,
    "Loriot, of all gateways": LORIOT | {"cmd": "gw", "gws": [{"rssi": -60, "snr": 9.5}]},
    "Wanesy": KERLINK,
    "Wanesy, base64": KERLINK | {"payload": B64, "encodingType": "BASE64"},
    "Everynet": EVERYNET,
    "AWS IoT Core": AWS,
    "Senet": SENET,
    "Orbiwise": ORBIWISE,
    "MultiTech": MULTITECH,
    "TTN v2": TTN_2,
    "Tektelic": TEKTELIC,
    "ChirpStack, names with _": CHIRPSTACK_SNAKE,
    "in an envelope": {"body": HELIUM},
    "Node's Buffer": {"devEUI": EUI, "payload": {"type": "Buffer", "data": list(READ.encode())},
                      "rssi": -60, "snr": 9.5},
    "text as it says": {"dev_eui": EUI, "payload": READ, "encoding": "ascii", "rssi": -60,
                        "snr": 9.5},
    "text": {"dev_eui": EUI, "payload": READ, "rssi": -60, "snr": 9.5},
    "hex with 0x": {"devEUI": EUI, "fCnt": 3, "payload_hex": "0x" + HEX, "rssi": -60, "snr": 9.5},
}  # fmt: skip


def read(body: object) -> Frame:
    frames = read_webhook(body)
    assert frames is not None
    (frame,) = frames
    return frame


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_of_any_make_is_read(body: dict[str, Any]) -> None:
    frame = read(body)

    assert (frame.text, frame.error, frame.address) == (READ, None, EUI)
    assert (frame.rssi, frame.snr) == (-60.0, 9.5)
    assert frame.original_length == len(READ)


@pytest.mark.parametrize("make", [RAK, MILESIGHT, HELIUM, ACTILITY, LORIOT, KERLINK, EVERYNET, AWS,
                                  SENET, ORBIWISE, MULTITECH, TTN_2, TEKTELIC])  # fmt: skip
def test_every_make_gives_an_uplink_an_identity(make: dict[str, Any]) -> None:
    assert read(make).delivery_id == read(dict(reversed(make.items()))).delivery_id != ""


@pytest.mark.parametrize("make", [RAK, MILESIGHT, HELIUM, ACTILITY, LORIOT, KERLINK, EVERYNET, AWS,
                                  ORBIWISE, MULTITECH, TTN_2])  # fmt: skip
def test_the_time_that_the_server_tells_is_kept(make: dict[str, Any]) -> None:
    assert read(make).reported_at == pytest.approx(EPOCH, abs=0.5)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"data": "no hex"}, "not hex"),
        ({"data": B64}, "not hex"),
        ({"data_encode": "rot13"}, "rot13"),
        ({"data_encode": 7}, "7"),
        ({"data": [300]}, "bytes"),
        ({"devEUI": ""}, "device"),
        ({"data": 7}, "data"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], word: str) -> None:
    with pytest.raises(FrameError, match=word):
        read(RAK | change)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"payload": B64, "port": 1, "fcnt": 7}, "devEUI"),
        ({"payload": B64, "port": 1, "name": "gate"}, "devEUI"),
        ({"payload": "SGVsbG8=", "topic": "up"}, "devEUI"),
        ({"dev_eui": EUI, "fcnt": 7, "port": 1}, "data"),
    ],
)
def test_an_uplink_that_lacks_something_is_refused_by_its_name(
    body: dict[str, Any], word: str
) -> None:
    with pytest.raises(FrameError, match=word):
        read_webhook(body)


@pytest.mark.parametrize(
    "body",
    [
        HELIUM | {"type": "join"},
        EVERYNET | {"type": "status_response"},
        LORIOT | {"cmd": "txd"},
        {"DevEUI_downlink_Sent": {"DevEUI": EUI, "FPort": 1}},
        {"DevEUI_location": {"DevEUI": EUI}},
        {"devEUI": EUI, "acknowledged": True, "fCnt": 12},
    ],
)
def test_another_event_brings_nothing(body: dict[str, Any]) -> None:
    assert read_webhook(body) == []


@pytest.mark.parametrize(
    "body",
    [{"payload": READ}, {"payloads": [READ]}, {"payload": READ, "note": "x"},
     {"payload": "RX: " + READ, "rssi": 1}, {"payload": "whatever"}],
)  # fmt: skip
def test_a_body_of_ours_is_no_servers(body: dict[str, Any]) -> None:
    assert read_webhook(body) is None


TTS: dict[str, Any] = {
    "end_device_ids": {"device_id": "gate", "dev_eui": EUI, "dev_addr": "260B6C4D"},
    "correlation_ids": ["as:up:01GWP5S8M4XT01E30DV0JX268M", "gs:conn:01GWM6AA67M2XTTFMTGSHGCP4T"],
    "received_at": AT,
    "uplink_message": {
        "session_key_id": "AYcojY1QHWhSvyftdWD6DQ==", "f_cnt": 267, "frm_payload": B64,
        "received_at": AT,
    },
}  # fmt: skip
VERSION_3 = {
    "devEUI": EUI, "devAddr": "00189440", "fCnt": 5, "fPort": 1, "data": B64,
    "publishedAt": AT, "rxInfo": [{"uplinkID": "a1", "rssi": -60, "loRaSNR": 9.5}],
}  # fmt: skip


def uplink(**change: Any) -> dict[str, Any]:
    return TTS | {"uplink_message": TTS["uplink_message"] | change}


SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (TTS, TTS | {"received_at": "2026-11-27T00:00:00Z", "correlation_ids": []}),
    (TTS, {"name": "as.up.data.forward", "data": TTS}),
    (TTS, {"result": TTS}),
    (TTS, uplink(rx_metadata=[{"rssi": -3}])),
    (VERSION_3, VERSION_3 | {"publishedAt": "2026-11-24T16:23:19Z", "rxInfo": []}),
    (VERSION_3, VERSION_3 | {"devEUI": base64.b64encode(bytes.fromhex(EUI)).decode(),
                             "devAddr": "ABiUQA=="}),
    (RAK, RAK | {"data": B64, "data_encode": "base64"}),
    (LORIOT, LORIOT | {"cmd": "gw", "gws": []}),
    (HELIUM, HELIUM | {"hotspots": []}),
]  # fmt: skip
OTHERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (TTS, uplink(f_cnt=268)),
    (TTS, uplink(session_key_id="AY9Uwb76J+/X1E9i1joMbg==")),
    (TTS, uplink(frm_payload=base64.b64encode(b"hxb:B2:LF1:").decode())),
    (TTS, TTS | {"end_device_ids": {"dev_eui": EUI[::-1]}}),
    (TTS, TTS | {"simulated": True}),
    (VERSION_3, VERSION_3 | {"devAddr": "00189441"}),
    (VERSION_3, VERSION_3 | {"publishedAt": "2026-11-25T16:23:19Z"}),
    (RAK, RAK | {"fCnt": 13}),
    (RAK, RAK | {"timestamp": 1795537999}),
    (HELIUM, HELIUM | {"uuid": "52a0ff1b-2d84-4f6c-8dd4-0a6c4b1dbe1d"}),
    (HELIUM, HELIUM | {"fcnt": 20}),  # the same uuid may be the device's
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_an_uplink_has_one_identity(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert read(one).delivery_id == read(other).delivery_id != ""


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_two_uplinks_have_two(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert read(one).delivery_id != read(other).delivery_id


def test_an_uplink_without_a_counter_goes_by_its_correlation_ids() -> None:
    bare = {"end_device_ids": TTS["end_device_ids"], "uplink_message": {"frm_payload": B64}}
    told = bare | {"correlation_ids": TTS["correlation_ids"]}
    by_another_way = bare | {"correlation_ids": TTS["correlation_ids"][:1]}
    assert read(bare).delivery_id == ""
    assert read(told).delivery_id == read(by_another_way).delivery_id != ""


def test_a_counter_that_is_left_out_is_0() -> None:
    zero = uplink(f_cnt=0)
    left_out = uplink()
    del left_out["uplink_message"]["f_cnt"]
    assert read(zero).delivery_id == read(left_out).delivery_id


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_two_lines_in_one_frame_are_two_payloads(end: str) -> None:
    lines = [READ, "hxb:BATCH001:LF124:", "event:hxbchi000001|weight:267.3|lid:1"]
    data = base64.b64encode(end.join([*lines, ""]).encode()).decode()
    frames = read_webhook(uplink(frm_payload=data)) or []
    assert [frame.text for frame in frames] == lines
    assert [frame.original_length for frame in frames] == [len(line) for line in lines]
    assert len({frame.delivery_id for frame in frames}) == 3
    assert [one.delivery_id for one in frames] == [
        one.delivery_id for one in read_webhook(uplink(frm_payload=data)) or []
    ]


def test_a_line_end_in_somebodys_notes_makes_no_second_payload() -> None:
    text = "event:hxbind000001|lid:1|notes:limps\nleft"
    data = base64.b64encode(text.encode()).decode()
    assert read(uplink(frm_payload=data)).text == text


@pytest.mark.parametrize(
    ("told", "time"),
    [
        ("2026-11-24T16:23:17.468123456Z", EPOCH),
        ("2026-11-24T11:23:17.468-05:00", EPOCH),
        ("2026-11-24T16:23:17", None),
        ("1970-01-01T00:00:00Z", None),
        ("", None),
        ("soon", None),
        (1795537397468, EPOCH),
        (1795537397468000, EPOCH),
        ("1795537397468", EPOCH),
        (15868685461234, None),
        (float("nan"), None),
        (True, None),
        (10**400, None),
    ],
)
def test_times_as_servers_write_them(told: object, time: float | None) -> None:
    body = {key: value for key, value in LORIOT.items() if key != "ts"}
    assert read(body | {"received_at": told}).reported_at == pytest.approx(time, abs=1e-3)


NETMORE = {
    "devEui": EUI, "messageType": "payload", "timestamp": AT, "payload": HEX, "fCntUp": 7,
    "fPort": 1, "rssi": "-60", "snr": "9.5", "gatewayIdentifier": "121",
}  # fmt: skip


def test_the_first_uplink_of_a_session_has_an_identity_too() -> None:
    body = {"devEUI": EUI, "devAddr": "00189440", "fCnt": 0, "payload_hex": HEX}
    assert read(body).delivery_id != ""


def test_a_list_of_uplinks_is_read() -> None:
    frames = read_webhook([NETMORE, NETMORE | {"fCntUp": 8}]) or []
    assert [(frame.text, frame.rssi) for frame in frames] == [(READ, -60.0)] * 2
    assert len({frame.delivery_id for frame in frames}) == 2
    assert read_webhook([]) is None
    assert read_webhook([NETMORE, {"x": 1}]) is None
    with pytest.raises(FrameError, match="80 uplinks"):
        read_webhook([NETMORE] * 81)


@pytest.mark.parametrize("text", [B64, B64.rstrip("="), HEX, HEX.upper()])
def test_a_payload_alone_that_is_plainly_encoded_is_read(text: str) -> None:
    frames = read_webhook({"payload": text})
    assert frames is not None
    assert [(frame.text, frame.error) for frame in frames] == [(READ, None)]


NAMES = [*RAK, *HELIUM, *KERLINK, *EVERYNET, *AWS, *TTN_2, *TEKTELIC, "DevEUI_uplink", "encoding",
         "session_key_id", "received_at", "bytes", "type", "cmd"]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("aA=0\0é\ud800-:.Z"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6)
    ),
    max_leaves=6,
)


@given(st.sampled_from([*BODIES.values(), {}]), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_no_body_raises_anything_else(body: dict[str, Any], changes: dict[str, Any]) -> None:
    for tried in (body | changes, {"data": body | changes}, [body | changes], changes):
        with suppress(FrameError):
            for frame in read_webhook(tried) or ():
                assert len(frame.text.encode()) <= 1024
                assert len(frame.delivery_id) <= 100


def pushed(data: bytes) -> bytes:
    body = {"rxpk": [{"data": base64.b64encode(data).decode(), "rssi": -60, "lsnr": 9.5}]}
    return b"\x02\x01\x02\x00\xaa\x55\x5a\x00\x00\x00\x00\x01" + json.dumps(body).encode()


LINES = f"{READ}\r\nhxb:BATCH001:LF124:\n".encode()


@pytest.mark.parametrize(
    "datagram", [LINES, pushed(LINES), b"+EVT:RXP2P:-60:9:" + LINES.hex().encode() + b"\r\n"]
)
def test_two_lines_in_one_packet_are_two_payloads_by_any_way(datagram: bytes) -> None:
    frames = read_datagram(datagram).frames
    assert [frame.text for frame in frames] == [READ, "hxb:BATCH001:LF124:"]
    assert [frame.error for frame in frames] == [None, None]
