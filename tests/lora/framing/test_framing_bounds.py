"""What is too much for one datagram, port or body: bounded work, and no reading lost for noise."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lora.framing.bounds import MOST_NOISE, MOST_READINGS, may_be_reading
from lora.framing.frames import Frame, FrameError
from lora.framing.readers import LINES_OF_A_BODY, read_body, read_datagram
from lora.payloads import InvalidPayload, parse
from lora.signing import sign

GATEWAY = b"\2\0\0\0gateway1"
NOISE = {
    "letters": b"x\n" * 30_000,
    "CRLF": b"x\r\n" * 20_000,
    "no text": b"\xff\n" * 30_000,
    "readings that are none": b"hxb:\n" * 12_000,
    "a module's words": b"+OK\n" * 15_000,
    "half a module's lines": b"+EVT:RXP2P, RSSI -1, SNR 1\n" * 2_200,
    "a sketch's open quotes": b"Received packet '\n" * 3_300,
    "REYAX packets": b"+RCV=1,1,x,0,0" * 4_000,
    "a gateway's numbers": GATEWAY + json.dumps({"rxpk": [1] * 20_000}).encode(),
    "a gateway's objects": GATEWAY + json.dumps({"rxpk": [{}] * 15_000}).encode(),
    "a gateway's packets": GATEWAY + json.dumps({"rxpk": [{"data": "eA"}] * 3_000}).encode(),
}


def reading(number: int) -> str:
    return f"hxb:B1:LF{number}:"


@pytest.mark.parametrize("name", NOISE)
def test_a_datagram_of_noise_is_a_few_payloads_and_one_that_says_how_much(name: str) -> None:
    frames = read_datagram(NOISE[name]).frames

    assert len(frames) <= MOST_NOISE + 1
    assert (frames[-1].error, frames[-1].lines > 1_000) == ("noise", True)
    assert len(frames[-1].text.encode()) <= 1024


def test_nothing_of_the_noise_goes_uncounted() -> None:
    frames = read_datagram(b"x\n" * 30_000).frames

    assert sum(frame.lines or 1 for frame in frames) == 30_000
    assert sum(frame.original_length for frame in frames) == 30_000


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_not_read_line_by_line(name: str) -> None:
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        read_datagram(NOISE[name])
    finally:
        sys.setprofile(None)
    assert calls < 150_000  # read one by one: 360,000 to 7,000,000


@pytest.mark.parametrize("before", ["x\n" * 20_000, "hxb:\n" * 8_000, "\n" * 50_000])
def test_a_reading_is_found_within_any_amount_of_noise(before: str) -> None:
    frames = read_datagram(f"{before}{reading(1)}\r\n{before[:9_000]}{reading(2)}".encode()).frames

    assert [one.text for one in frames if may_be_reading(one)] == [reading(1), reading(2)]


def test_a_modules_frame_is_found_within_noise() -> None:
    data = b"x\n" * 20_000 + b"+EVT:RXP2P:-48:12:" + reading(1).encode().hex().encode() + b"\n"

    (frame,) = filter(may_be_reading, read_datagram(data).frames)
    assert (frame.text, frame.form, frame.rssi) == (reading(1), "rui3", -48)


@pytest.mark.parametrize("count", [81, 200, 3_000])
def test_readings_beyond_what_a_datagram_may_bring_are_told_as_lost(count: int) -> None:
    sent = [reading(number) for number in range(count)]
    *kept, rest = read_datagram("\n".join(sent).encode()).frames

    assert [frame.text for frame in kept] == sent[:MOST_READINGS]
    assert (rest.error, rest.lines) == ("too_many_lines", count - MOST_READINGS)
    assert rest.text.startswith(sent[MOST_READINGS])


def test_all_that_a_gateways_chip_can_hold_is_taken() -> None:
    entries = [{"data": "aHhiOkIxOkxGMTo"}] * 70
    frames = read_datagram(GATEWAY + json.dumps({"rxpk": entries}).encode()).frames

    assert [frame.text for frame in frames] == [reading(1)] * 70


def test_lines_within_one_packet_are_one_payload() -> None:
    entry = {"data": "eAp4" * 300}
    (frame,) = read_datagram(GATEWAY + json.dumps({"rxpk": [entry]}).encode()).frames

    assert frame.text.startswith("x\nx")


def test_a_few_unreadable_lines_stay_payloads_of_their_own() -> None:
    frames = read_datagram(b"x\n" * MOST_NOISE + reading(1).encode()).frames

    assert [frame.error for frame in frames] == [None] * (MOST_NOISE + 1)


@given(st.lists(st.sampled_from(["x", "", "hxb:", "\xff", "+OK", reading(1)]), max_size=600))
def test_however_lines_are_mixed_all_readings_are_there_up_to_the_bound(lines: list[str]) -> None:
    frames = read_datagram("\n".join(lines).encode("latin-1")).frames

    found = sum(map(may_be_reading, frames))
    assert found == min(lines.count(reading(1)), MOST_READINGS)
    assert len(frames) <= MOST_READINGS + MOST_NOISE + 1


TEXTS = st.one_of(
    st.text(max_size=60),
    st.from_regex(r"\s*(?:[Hh]x[bBeE]|event|EVENT)\s*:[^\n]{0,40}"),
    st.from_regex(
        r"\s?hxb\s?:\s?(?:B|none|)\s?:\s?(?:L|None|NONE|eid:L|)\s?:\s?(?:U|none|urn:epc:U|)\s?"
    ),
    st.from_regex(r"\s?event ?: ?hxb(?:chi|pai|ind|rep)[0-9]{1,3}\|weight:7\|lid:[a-z]"),
)


@given(TEXTS)
def test_what_the_parser_takes_is_never_taken_for_noise(text: str) -> None:
    signed = sign(b"k" * 16, "scale1", 1, text)

    assert isinstance(parse(text), InvalidPayload) or may_be_reading(Frame(text, "plain"))
    assert may_be_reading(Frame(signed, "plain"))


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "hxb:", "hxb:B1", "hxb:B1:LF1", "hxb:B1:LF1:U1:", "hxb::LF1:U1", "hxb:none:L:U"),
        *(
            "hxb:B1::",
            "hxb:B1: None :none",
            "event:",
            "event:hxbchi1",
            "event:hxbchi1|",
            "event:|a:b",
        ),
    ],
)
def test_what_no_parser_can_take_is_noise(text: str) -> None:
    assert isinstance(parse(text), InvalidPayload)
    assert not may_be_reading(Frame(text, "plain"))


# A REST body


def test_a_body_is_taken_whole_or_not_at_all() -> None:
    texts = [reading(number).encode() for number in range(LINES_OF_A_BODY)]

    assert len(read_body(texts)) == len(read_body([b"\n".join(texts)])) == LINES_OF_A_BODY
    for body in ([*texts, b"hxb:B1:LF:"], [b"\n".join(texts) + b"\nhxb:B1:LF:"]):
        with pytest.raises(FrameError, match="may bring 1,000 readings; this one has 1,001"):
            read_body(body)


@pytest.mark.parametrize(
    "texts", [[b"x\n" * 50_000], [b"x"] * 1_000, [b"x\n" * 250] * 1_000], ids=["one", "many", "all"]
)
def test_a_body_of_noise_is_a_few_payloads_and_one_that_says_how_much(texts: list[bytes]) -> None:
    frames = read_body([*texts, reading(1).encode()])

    assert len(frames) == MOST_NOISE + 2
    assert frames[-2].text == reading(1)
    assert sum(frame.lines or 1 for frame in frames) == sum(t.count(b"x") for t in texts) + 1
