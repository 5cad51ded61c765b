"""A serial port's bytes, cut at any points."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lora.framing.frames import Frame, Item, Note
from lora.framing.readers import SerialDecoder

READ = b"hxb:BATCH001:LF123:UHF456"


def decode(*parts: bytes, at_start: bool = False) -> list[Item]:
    decoder = SerialDecoder(at_start=at_start)
    return [item for part in parts for item in decoder.feed(part)] + decoder.idle()


def rcv(data: bytes, address: int = 116, end: bytes = b"\r\n") -> bytes:
    return b"+RCV=%d,%d,%b,-48,12%b" % (address, len(data), data, end)


def frames(items: list[Item]) -> list[Frame]:
    return [item for item in items if isinstance(item, Frame)]


# REYAX counts bytes, not lines


@pytest.mark.parametrize(
    "data",
    [READ, b",,,", b"a,-48,9\r\nb", b"+RCV=1,5,HELLO,-45,12", b"x" * 240, b"\n\n\nx", b"'", b"+OK"],
)
def test_reyax_data_may_be_anything(data: bytes) -> None:
    assert decode(rcv(data)) == [Frame(data.decode(), "reyax", None, "116", -48.0, 12.0, len(data))]


def test_reyax_data_that_are_no_text_are_kept_as_hex() -> None:
    (frame,) = frames(decode(rcv(b"\xff\x00\r\n\x80")))

    assert (frame.text, frame.error) == ("ff000d0a80", "binary")


def test_reyax_counts_bytes_not_letters() -> None:
    assert [frame.text for frame in frames(decode(rcv("Bétail 牛".encode())))] == ["Bétail 牛"]


def test_reyax_frames_may_follow_one_another_without_a_line_end() -> None:
    items = decode(rcv(b"one", end=b"") + rcv(b"two", end=b"") + b"+OK\r\n" + rcv(b"three"))

    assert [item.text for item in items] == ["one", "two", "+OK", "three"]


def test_noise_before_a_reyax_frame_is_noted() -> None:
    assert decode(b"noise" + rcv(READ))[0] == Note("module", "noise")
    assert frames(decode(b"\xff\xfe" + rcv(READ)))[0].text == READ.decode()


@pytest.mark.parametrize(
    "line",
    [
        b"+RCV=bad",
        b"+RCV=69,999,bad",
        rcv(b"x" * 241, end=b""),
        b"+RCV=1,5,HELLOWORLD,-45,12",
        b"+RCV=1,50,HELLO,-45,12",
        b"+RCV=1,5,HELLO",
        b"+RCV=1,5,HELLO,-45",
        b"+RCV=1,5,HELLO,loud,12",
        b"+RCV=123456,5,HELLO,-45,12",
        b"+RCV=",
    ],
)
def test_after_a_header_that_lies_the_next_line_is_read(line: bytes) -> None:
    lie, *rest = decode(line + b"\r\n" + rcv(READ) + READ + b"\n")

    assert lie == Frame(line.decode(), "reyax", "malformed_frame", original_length=len(line))
    assert [item.text for item in rest] == [READ.decode()] * 2


def test_an_unfinished_reyax_frame_is_kept_when_the_port_falls_silent() -> None:
    decoder = SerialDecoder(at_start=False)

    assert decoder.feed(b"+RCV=1,50,abc\r\nhxb:A:1:2") == []
    assert [(frame.text, frame.error) for frame in frames(decoder.idle())] == [
        ("+RCV=1,50,abc", "malformed_frame"),
        ("hxb:A:1:2", None),
    ]


# The first line after a port was opened


def test_a_first_line_whose_start_was_not_heard_is_marked() -> None:
    tail, whole = frames(decode(b"CH001:LF1:UHF4\r\nhello\r\n", at_start=True))

    assert (tail.text, tail.error) == ("CH001:LF1:UHF4", "partial")
    assert (whole.text, whole.error) == ("hello", None)


@pytest.mark.parametrize(
    "line",
    [
        READ,
        b"RX:" + READ,
        rcv(READ),
        b"x" + rcv(READ),
        b"+EVT:RXP2P:-1:2:4142",
        b"\xff\1\0\0" + READ,
    ],
)
def test_a_first_line_that_begins_as_lines_do_is_whole(line: bytes) -> None:
    (frame,) = frames(decode(line + b"\n", at_start=True))

    assert frame.error is None


def test_silence_before_the_first_byte_changes_nothing() -> None:
    decoder = SerialDecoder()
    decoder.idle()

    assert [item.error for item in decoder.feed(b"tail\n")] == ["partial"]


def test_what_follows_a_line_end_is_no_tail() -> None:
    assert [frame.error for frame in frames(decode(b"\nhello\n", at_start=True))] == [None]


# Lines without an end, and EByte modules, which send none


def test_a_gap_ends_a_message_without_a_line_end() -> None:
    decoder = SerialDecoder()

    assert decoder.feed(READ[:9]) == decoder.feed(READ[9:]) == []
    assert [item.text for item in decoder.idle()] == [READ.decode()]
    assert decoder.idle() == []


def test_ebyte_appends_its_rssi_to_a_message() -> None:
    (frame,) = frames(decode(READ + b"\xc5"))

    assert (frame.text, frame.error, frame.rssi) == (READ.decode(), None, -59.0)


@pytest.mark.parametrize("end", [b"\xc5\r\n", b"\0\xc5\r\n", b"\0\xc5"])
def test_ebytes_rssi_may_stand_before_the_senders_line_end(end: bytes) -> None:
    (frame,) = frames(decode(READ + end))

    assert (frame.text, frame.error, frame.rssi) == (READ.decode(), None, -59.0)


def test_a_port_that_told_an_rssi_after_a_line_end_is_known_by_it_from_then_on() -> None:
    first, note, second = decode(READ + b"\r\n\xc5" + READ + b"\r\n\xb0")

    assert note == Note("module", "RSSI -59 dBm")
    assert [frame.rssi for frame in frames([first, second])] == [None, -80.0]


def test_what_waits_for_its_rssi_is_not_held_for_long() -> None:
    decoder = SerialDecoder(at_start=False)
    decoder.feed(READ + b"\r\n\xc5" + READ + b"\r\n\xb0")

    assert [frame.rssi for frame in frames(decoder.feed(READ + b"\r\n"))] == [-80.0]
    assert [item.text for item in decoder.idle(0.05)] == [READ.decode()]


def test_a_letter_at_the_end_is_not_taken_for_an_rssi() -> None:
    (frame,) = frames(decode("hxb:A:café".encode()))

    assert (frame.text, frame.rssi) == ("hxb:A:café", None)
    assert frames(decode(b"\x00\x01hxb\xc5"))[0].error == "bad_encoding"


def test_a_line_without_end_gives_one_oversized_frame_and_little_memory() -> None:
    decoder = SerialDecoder()
    items = [item for _ in range(500) for item in decoder.feed(b"x" * 999)]

    assert [(frame.error, len(frame.text)) for frame in frames(items)] == [("oversized", 1024)]
    assert len(decoder._stream._buffer) < 2000
    assert [item.text for item in decoder.feed(b"xx\r\n" + READ + b"\n")] == [READ.decode()]


def test_what_stands_in_the_skipped_part_of_a_line_is_not_read() -> None:
    (frame,) = frames(decode(b"x" * 1021 + rcv(READ)))

    assert (frame.error, frame.text) == ("oversized", "x" * 1021 + "+RC")


@pytest.mark.parametrize("blanks", [b" " * 1100 + READ, READ + b" " * 1100 + READ])
def test_blanks_do_not_hide_that_a_line_was_cut(blanks: bytes) -> None:
    assert [frame.error for frame in frames(decode(blanks + b"\n"))] == ["oversized"]


def test_what_a_payload_quotes_is_not_taken_for_a_module() -> None:
    for line in (
        b"hxb:A:+RCV=1,1,x,-1,2",
        b"RX: event:hxbind1|notes:+RCV=1,2,ab,-3,4|lid:1",
        b"Received packet 'hxb:A:+RCV=1,1,x,-1,2' with RSSI -37",
        b"[0] Received data: hxb:A:+RCV=1,1,x,-1,2 (RSSI:-37dBm, SNR:2dBm)",
        b"hxb:A:Received packet 'x' with RSSI -37",
    ):
        (frame,) = decode(line + b"\r\n")

        assert isinstance(frame, Frame)
        assert frame.error is None
        assert frame.text.startswith(("hxb:", "event:"))


def test_after_a_line_without_end_a_gap_lets_the_next_message_be_heard() -> None:
    decoder = SerialDecoder()
    decoder.feed(b"x" * 5000)
    decoder.idle()
    decoder.feed(READ)

    assert [item.text for item in decoder.idle()] == [READ.decode()]


def test_a_radiohead_number_that_looks_like_a_line_end_is_none() -> None:
    for header in (b"\x0a\x07\0\0", b"\xff\x0d\0\0", b"\xff\x07\x0a\0", b"\xff\x07\x0d\x0a"):
        items = decode(READ + b"\r\n" + header + READ + b"\r\nhello\r\n")

        assert [item.text for item in items] == [READ.decode()] * 2 + ["hello"]
        assert [frame.form for frame in frames(items)] == ["plain", "radiohead", "plain"]


def test_short_lines_are_not_held_back() -> None:
    decoder = SerialDecoder(at_start=False)

    assert [item.text for item in decoder.feed(b"a\r")] == ["a"]
    assert [item.text for item in decoder.feed(b"\nbcd\n")] == ["bcd"]


# Any split

LINES = [
    READ,
    b"RX: " + READ,
    b"+OK",
    b"+ERR=12+ERR=10",
    b"+EVT:RXP2P:-45:8:11:48656C6C6F20576F726C64",
    b"+EVT:RXP2P, RSSI -60, SNR 11",
    b"+EVT:30313334",
    b"at+recv=-72,7,2:4142",
    b"at+recv=6,0,0",
    b"Received packet 'it's' with RSSI -37",
    b"Received packet 'open",
    b"' with RSSI -37",
    b"",
    b"[0] Received data: x (RSSI:-97dBm, SNR:7dBm)",
    b"\xff\x0a\x0d\x00" + READ,
    b"\x00\x00267",
    rcv(READ),
    rcv(b"a\r\n+RCV=1,2,b"),
    b"noise" + rcv(b"x"),
    b"+RCV=bad",
    b"+RCV=1,99,lie,-1,2",
    b"+RCV=1,5,HELLO,-45,1.25",
    b"+RCV=",
    READ + b"\xc5",
    b"OK",
    b"\0\0" + READ,
    b"\0",
    b"+TEST: LEN:2, RSSI:-40, SNR:12",
    b'+TEST: RX "4142"',
    b"x -> at+recv=-72,7,2:4142",
    b"\xc5",
    b"\xc5" + READ,
    b"x" * 1025,
    b"\xff",
    b"+",
    b"hxb",
]
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n", b"\r\n\r\n", b""])
STREAMS = st.lists(st.tuples(st.sampled_from(LINES), ENDS), max_size=8).map(
    lambda pairs: b"".join(line + end for line, end in pairs)
)


@given(STREAMS | st.binary(max_size=40), st.booleans(), st.data())
def test_every_split_gives_what_the_whole_gives(
    stream: bytes,
    at_start: bool,  # noqa: FBT001
    data: st.DataObject,
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    assert decode(*parts, at_start=at_start) == decode(stream, at_start=at_start)


@given(STREAMS, st.booleans())
@example(b"".join(line + b"\r\n" for line in LINES), True)  # noqa: FBT003
def test_one_byte_at_a_time_gives_what_the_whole_gives(stream: bytes, at_start: bool) -> None:  # noqa: FBT001
    parts = [stream[i : i + 1] for i in range(len(stream))]

    assert decode(*parts, at_start=at_start) == decode(stream, at_start=at_start)


@given(STREAMS)
def test_what_is_under_way_stays_small(stream: bytes) -> None:
    decoder = SerialDecoder()
    for _ in range(5):
        decoder.feed(stream)

        assert len(decoder._stream._buffer) <= 1100


@given(st.lists(st.binary(min_size=1, max_size=240), max_size=5))
def test_every_reyax_frame_in_a_row_is_read(messages: list[bytes]) -> None:
    items = decode(b"".join(rcv(message) for message in messages))

    assert [frame.original_length for frame in frames(items)] == [len(m) for m in messages]
    assert {frame.error for frame in frames(items)} <= {None, "binary"}
