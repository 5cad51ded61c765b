"""Semtech's packet forwarder protocol over UDP."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lora.framing.frames import Frame, Note
from lora.framing.readers import read_datagram

EUI = bytes.fromhex("b827ebfffe123456")
READ = "hxb:BATCH001:LF123:UHF456"


def push(body: object, *, version: int = 2, token: bytes = b"\xab\xcd") -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return bytes([version]) + token + b"\x00" + EUI + text


def rxpk(data: str = READ, **fields: Any) -> dict[str, Any]:
    entry = {"stat": 1, "rssi": -71, "lsnr": 7.8, "datr": "SF7BW125", "freq": 868.1}
    return entry | {"data": base64.b64encode(data.encode()).decode()} | fields


def only(entry: object) -> Frame:
    (frame,) = read_datagram(push({"rxpk": [entry]})).frames
    return frame


@pytest.mark.parametrize("version", [1, 2])
def test_push_data_is_read_and_its_token_echoed(version: int) -> None:
    datagram = read_datagram(push({"rxpk": [rxpk()]}, version=version, token=b"\x00\x0a"))

    assert datagram.ack == bytes([version, 0, 10, 1])
    assert datagram.frames == (
        Frame(READ, "semtech", None, EUI.hex(), -71.0, 7.8, original_length=len(READ)),
    )


def test_pull_data_is_answered_and_noted() -> None:
    datagram = read_datagram(b"\x02\x01\x02\x02" + EUI)

    assert datagram.ack == b"\x02\x01\x02\x04"
    assert datagram.frames == ()
    assert datagram.notes == (Note("keepalive", "PULL_DATA", EUI.hex()),)


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (b"", False),
        (b'{"txpk_ack":{"error":"NONE"}}', False),
        (b'{"txpk_ack":{"error":"TOO_LATE"}}', True),
        (b'{"txpk_ack":{"error":[]}}', True),
        (b"[[", False),
    ],
)
def test_tx_ack_is_a_note_without_an_answer(body: bytes, failed: bool) -> None:  # noqa: FBT001
    datagram = read_datagram(b"\x02\x01\x02\x05" + EUI + body)

    assert (datagram.frames, datagram.ack) == ((), None)
    assert datagram.notes[0].kind == "keepalive"
    assert datagram.notes[0].error is failed


def test_a_status_of_the_gateway_is_a_note() -> None:
    datagram = read_datagram(push({"stat": {"rxnb": 2, "desc": "\x00\ud800"}}))

    assert datagram.frames == ()
    assert datagram.notes == (Note("gateway", r'{"rxnb":2,"desc":"\u0000\ud800"}', EUI.hex()),)


def test_an_empty_push_is_answered() -> None:
    assert read_datagram(push({})).ack == b"\x02\xab\xcd\x01"
    assert read_datagram(push({})).frames == ()


def test_a_reception_with_a_bad_crc_is_kept_as_hex_and_never_read() -> None:
    frame = only(rxpk(stat=-1))

    assert (frame.error, frame.text) == ("bad_crc", READ.encode().hex())
    assert frame.original_length == len(READ)


@pytest.mark.parametrize("stat", [0, None, "x", [], 1.0])
def test_a_reception_without_a_crc_is_an_ordinary_one(stat: object) -> None:
    assert only(rxpk(stat=stat)).text == READ


@pytest.mark.parametrize(
    "data", ["aHhiOj8/Pz4+", "aHhiOj8_Pz4-", "aHhiOj8_Pz4+", " aHhiOj8/Pz4-\n"]
)
def test_base64_may_mix_its_alphabets(data: str) -> None:
    assert only(rxpk(data=data) | {"data": data}).text == "hxb:???>>"


@pytest.mark.parametrize("data", ["aHhiOkE6MTo=", "aHhiOkE6MTo", "aHhiOkE6MTo=="])
def test_base64_may_lack_its_padding(data: str) -> None:
    assert only(rxpk() | {"data": data}).text == "hxb:A:1:"


@pytest.mark.parametrize("data", ["aHhiO", "a=bc", "a b", "é", "\ud800", 7, None, ["aA=="], {}])
def test_data_that_is_no_base64_is_a_malformed_frame(data: object) -> None:
    frame = only(rxpk() | {"data": data})

    assert (frame.error, frame.form, frame.rssi) == ("malformed_frame", "semtech", -71.0)
    assert '"data"' in frame.text


def test_bytes_that_are_no_text_are_kept_as_hex() -> None:
    frame = only(rxpk() | {"data": base64.b64encode(b"\x40\x11\xff").decode()})

    assert (frame.error, frame.text, frame.original_length) == ("binary", "4011ff", 3)


def test_the_end_of_a_c_string_is_not_part_of_the_payload() -> None:
    assert only(rxpk(READ + "\r\n\0\0")).text == READ
    assert only(rxpk("hxb:A\0:1:2")).error == "binary"


def test_an_empty_radio_packet_is_kept_as_an_error() -> None:
    assert only(rxpk("")).error == "empty"


def test_a_payload_over_the_cap_is_cut() -> None:
    frame = only(rxpk("hxb:" + "x" * 2000))

    assert (frame.error, len(frame.text), frame.original_length) == ("oversized", 1024, 2004)


def test_a_radiohead_header_inside_is_stripped_and_the_gateway_stays_the_source() -> None:
    frame = only(rxpk("\x00\x07\x0a\x00" + READ))

    assert (frame.text, frame.form, frame.address) == (READ, "semtech", "b827ebfffe123456")
    assert frame.rssi == -71.0


def test_several_antennas_tell_the_signal_of_the_best() -> None:
    entry = rxpk(rsig=[{"rssic": -105, "lsnr": -2.5}, {"rssic": -90, "lsnr": 4}, {"ant": 2}, 7])
    del entry["rssi"], entry["lsnr"]

    assert (only(entry).rssi, only(entry).snr) == (-90.0, 4.0)


NUMBERS = ['"-71"', "null", "true", "NaN", "Infinity", "-1e999", "1" + "0" * 400, "[1]", "{}"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_that_is_no_finite_number_is_unknown(number: str) -> None:
    entry = json.dumps(rxpk(rssi="RSSI", lsnr="SNR"))
    entry = entry.replace('"RSSI"', number).replace('"SNR"', number)
    (frame,) = read_datagram(push(b'{"rxpk":[%b]}' % entry.encode())).frames

    assert (frame.text, frame.rssi, frame.snr) == (READ, None, None)


def test_more_receptions_than_usual_are_all_kept() -> None:
    frames = read_datagram(push({"rxpk": [rxpk(f"hxb:A:{n}:") for n in range(30)]})).frames

    assert [frame.text for frame in frames] == [f"hxb:A:{n}:" for n in range(30)]


def test_an_object_in_place_of_the_list_is_one_reception() -> None:
    assert [frame.text for frame in read_datagram(push({"rxpk": rxpk()})).frames] == [READ]


def test_one_damaged_reception_does_not_spoil_the_others() -> None:
    frames = read_datagram(push({"rxpk": [rxpk(), 7, None, "x", [[]], {}, rxpk()]})).frames

    assert [frame.error for frame in frames] == [None, *["malformed_frame"] * 5, None]
    assert [frame.text for frame in frames[1:4]] == ["7", "null", '"x"']


def test_no_list_of_receptions_is_none() -> None:
    datagram = read_datagram(push({"rxpk": None, "stat": {"rxnb": 0}}))

    assert datagram.frames == ()
    assert [note.text for note in datagram.notes] == ['{"rxnb":0}']


LENIENT = [
    b'{"rxpk":[%b],"stat":{"desc":"Stallgeb\xe4ude"}}',
    b'{"rxpk":[%b],"stat":{"desc":"a\tb"}}',
    b'{"rxpk":[%b],"stat":{"lati":-nan,"long": inf}}',
    b'{"rxpk":[%b]}\0\n',
    b'\xef\xbb\xbf{"rxpk":[%b]}',
]


@pytest.mark.parametrize("body", LENIENT, ids=range(len(LENIENT)))
def test_one_bad_byte_beside_a_reception_does_not_lose_it(body: bytes) -> None:
    frames = read_datagram(push(body % json.dumps(rxpk()).encode())).frames

    assert [(frame.text, frame.rssi) for frame in frames] == [(READ, -71.0)]


DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"\xff\xfe",
    b"{}x",
    b"[" * 50_000,
    b'{"a":' * 10_000,
    b'{"rxpk":' + b"[" * 50_000,
    b'{"rxpk":[{"rssi":' + b"1" * 5000 + b"}]}",
    b'{"rxpk":[',
]


@pytest.mark.parametrize("body", DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_json_is_kept_and_answered(body: bytes) -> None:
    datagram = read_datagram(push(body))

    assert datagram.ack == b"\x02\xab\xcd\x01"
    assert [frame.error for frame in datagram.frames] == ["malformed_frame"]
    assert datagram.frames[0].address == EUI.hex()
    assert datagram.frames[0].original_length == 12 + len(body)


def test_a_header_without_its_eui_is_a_malformed_frame() -> None:
    datagram = read_datagram(b"\x02\x01\x02\x00" + EUI[:7])

    assert [frame.error for frame in datagram.frames] == ["malformed_frame"]
    assert datagram.frames[0].text == "02010200b827ebfffe1234"


@pytest.mark.parametrize("kind", [1, 3, 4])
def test_what_only_a_server_sends_is_kept_and_not_answered(kind: int) -> None:
    datagram = read_datagram(bytes([2, 1, 2, kind]) + EUI)

    assert datagram.ack is None
    assert [frame.error for frame in datagram.frames] == ["malformed_frame"]


def test_a_radiohead_frame_is_not_taken_for_a_gateway() -> None:
    datagram = read_datagram(b"\x01\x02\x03\x00" + READ.encode())

    assert datagram.ack is None
    assert datagram.frames[0].form == "radiohead"


KEYS = st.sampled_from(["rxpk", "stat", "data", "rssi", "lsnr", "datr", "txpk_ack", "error"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("aA=\0é\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=6,
)


@given(st.sampled_from([0, 5]), st.dictionaries(KEYS, JSON))
def test_no_json_of_any_shape_raises(kind: int, body: dict[str, Any]) -> None:
    text = json.dumps(body).encode()

    datagram = read_datagram(bytes([2, 1, 2, kind]) + EUI + text)

    assert all(len(frame.text.encode()) <= 1024 for frame in datagram.frames)
    assert (datagram.ack is not None) == (kind == 0)


# -- damage costs only what is damaged ----------------------------------------------------------

OTHER = "hxe:BATCH002:LF124:UHF457"
WHOLE = json.dumps(rxpk(size=len(READ)), separators=(",", ":"))
SECOND = json.dumps(rxpk(OTHER, size=len(OTHER)), separators=(",", ":"))
BAD_CRC = WHOLE.replace("-71", "-7-1").replace('"stat":1', '"stat":-1')
STAT = '"stat":{"time":"2022-02-28 19:38:46 UTC","rxnb":2,"ackr":100.0,"desc":"Stall"}'
# What stands in a datagram, the payloads that count, and how many rows tell of damage.
DAMAGED_BESIDE_WHOLE = {
    "stat cut in its desc": (f'{{"rxpk":[{WHOLE}],"stat":{{"rxnb":0,"desc"}}', [READ], 0),
    "stat cut in a number": (f'{{"rxpk":[{WHOLE}],"stat":{{"rxnb":0,"ackr":1', [READ], 0),
    "cut after the receptions": (f'{{"rxpk":[{WHOLE},{SECOND}', [READ, OTHER], 0),
    "the last brace is missing": (f'{{"rxpk":[{WHOLE}]', [READ], 0),
    "cut in the second reception": (f'{{"rxpk":[{WHOLE},{SECOND[:60]}', [READ], 1),
    "cut in the second one's data": (f'{{"rxpk":[{WHOLE},{SECOND[:-20]}', [READ], 1),
    "cut after the second one's key": (f'{{"rxpk":[{WHOLE},{{"tm', [READ], 0),
    "garbage behind": (f'{{"rxpk":[{WHOLE}]}}\x01\x02"}}]}}', [READ], 0),
    "the last datagram's end behind": (
        f'{{"rxpk":[{WHOLE}]}}":7.8,"rssi":-71,"data":"aHhi"}}]}}',
        [READ],
        0,
    ),
    "a quote in the gateway's name": (
        f'{{"stat":{{"rxnb":1,"desc":"Stall "Nord""}},"rxpk":[{WHOLE}]}}',
        [READ],
        0,
    ),
    "a comma too many": (f'{{"rxpk":[{WHOLE},{SECOND},]}}', [READ, OTHER], 0),
    "a comma too few": (f'{{"rxpk":[{WHOLE}{SECOND}],{STAT}}}', [READ, OTHER], 0),
    "a number that is none": (
        f'{{"rxpk":[{WHOLE.replace("-71", "-7-1")},{SECOND}]}}',
        [READ, OTHER],
        0,
    ),
    "a key without its quote": (
        f'{{"rxpk":[{WHOLE.replace("datr", "da" + chr(34) + "tr")},{SECOND}]}}',
        [READ, OTHER],
        0,
    ),
    "data of another length": (
        f'{{"rxpk":[{WHOLE.replace("-71", "-7-1").replace("aHhi", "")},{SECOND}]}}',
        [OTHER],
        1,
    ),
    "a bad CRC in a damaged one": (f'{{"rxpk":[{BAD_CRC},{SECOND}]}}', [OTHER], 1),
    "two damaged ones side by side": (
        f'{{"rxpk":[{WHOLE.replace("-71", "x")},{SECOND.replace("-71", "x")}]}}',
        [READ, OTHER],
        0,
    ),
    "one entry is no object": (f'{{"rxpk":[{WHOLE},7,"x",{SECOND}],{STAT}', [READ, OTHER], 0),
    "the key of the receptions": (f'{{"rxqk":[{WHOLE}],{STAT}}}', [READ], 0),
    "the key of the receptions alone": (f'{{"rxqk":[{WHOLE},{SECOND}]}}', [READ, OTHER], 0),
    "the brackets": (f'{{"rxpk":{WHOLE},{SECOND},{STAT}}}', [READ, OTHER], 0),
    "the key stands twice": (f'{{"rxpk":[{WHOLE}],"rxpk":[{SECOND}]}}', [READ, OTHER], 0),
    "a list around it": (f'[{{"rxpk":[{WHOLE}]}}]', [READ], 0),
    "nan and a cut stat": (
        f'{{"rxpk":[{WHOLE.replace("7.8", "nan")}],"stat":{{"lati":-nan',
        [READ],
        0,
    ),
    "half a character": (f'{{"rxpk":[{WHOLE}],"stat":{{"desc":"Geb\udcc3', [READ], 0),
}


@pytest.mark.parametrize("what", DAMAGED_BESIDE_WHOLE)
def test_damage_costs_only_what_is_damaged(what: str) -> None:
    text, payloads, lost = DAMAGED_BESIDE_WHOLE[what]

    datagram = read_datagram(push(text.encode("utf-8", "surrogateescape")))

    assert datagram.ack == b"\x02\xab\xcd\x01"
    assert [frame.text for frame in datagram.frames if frame.error is None] == payloads
    errors = [frame.error for frame in datagram.frames if frame.error]
    assert errors == ["malformed_frame"] * lost or what == "one entry is no object"
    assert {frame.address for frame in datagram.frames} == {EUI.hex()}


@pytest.mark.parametrize(
    "what",
    ["stat cut in its desc", "garbage behind", "cut in the second reception", "a list around it"],
)
def test_what_is_left_of_a_damaged_datagram_is_a_note_at_the_gateway(what: str) -> None:
    text, _, _ = DAMAGED_BESIDE_WHOLE[what]

    *_, note = read_datagram(push(text.encode())).notes

    assert (note.kind, note.address, note.error) == ("gateway", EUI.hex(), True)
    assert note.text.startswith("damaged: ")


def test_the_stat_of_a_damaged_datagram_is_noted_too() -> None:
    datagram = read_datagram(push(f'{{"rxpk":[{WHOLE}{SECOND}],{STAT}}}'.encode()))

    assert [note.error for note in datagram.notes] == [False, True]
    assert '"rxnb":2' in datagram.notes[0].text


def test_a_fragments_signal_is_kept_where_it_is_whole() -> None:
    text = f'{{"rxpk":[{WHOLE.replace("7.8", "7.8.8")}]}}'

    (frame,) = read_datagram(push(text.encode())).frames

    assert (frame.text, frame.rssi, frame.snr) == (READ, -71.0, None)


FLOODS = [b'{"data":' * 8_000, b'{"a":[1,' * 8_000, b'{"', b'{"a":"' * 10_000, b"{" * 60_000]


@pytest.mark.parametrize("flood", FLOODS, ids=range(len(FLOODS)))
def test_damage_without_end_is_one_row(flood: bytes) -> None:
    assert len(read_datagram(push(flood)).frames) == 1


BOTH = f'{{"rxpk":[{WHOLE},{SECOND}],{STAT}}}'.encode()
ENDS = {READ: BOTH.index(SECOND.encode()) - 1, OTHER: BOTH.index(b',"stat":{') - 1}
STARTS = {READ: BOTH.index(WHOLE.encode()), OTHER: BOTH.index(SECOND.encode())}


def payloads_of(body: bytes) -> set[str]:
    return {frame.text for frame in read_datagram(push(body)).frames if frame.error is None}


def test_wherever_a_datagram_is_cut_what_came_before_counts() -> None:
    for length in range(len(BOTH)):
        whole = {text for text, end in ENDS.items() if length >= end}
        assert whole <= payloads_of(BOTH[:length])


@pytest.mark.parametrize("wrong", [b"\xff", b'"', b"{", b"}", b",", b"\0", b"A"])
def test_a_wrong_byte_costs_no_reception_but_the_one_it_is_in(wrong: bytes) -> None:
    for place in range(len(BOTH)):
        whole = {text for text in ENDS if not STARTS[text] <= place < ENDS[text]}
        assert whole <= payloads_of(BOTH[:place] + wrong + BOTH[place + 1 :])
