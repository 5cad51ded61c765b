"""UDP datagrams of text, and the promises that hold for every byte string."""

import string
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lora.framing.frames import MAX_BYTES, Datagram, Frame, Note
from lora.framing.readers import SerialDecoder, read_datagram

READ = b"hxb:BATCH001:LF123:UHF456"


def texts(datagram: Datagram) -> list[str]:
    return [frame.text for frame in datagram.frames]


def only(data: bytes) -> Frame:
    (frame,) = read_datagram(data).frames
    return frame


@pytest.mark.parametrize("end", [b"", b"\n", b"\r", b"\r\n"])
def test_one_line_is_one_payload_with_any_line_end(end: bytes) -> None:
    assert read_datagram(READ + end) == Datagram(
        (Frame(READ.decode(), "plain", original_length=len(READ)),), (), None
    )


def test_several_lines_are_several_payloads_in_order() -> None:
    datagram = read_datagram(b"\r\nhxb:A:1:2\nhxe:B:3:4\r\n\n \t\nevent:hxbchi1|lid:1\rhello")

    assert texts(datagram) == ["hxb:A:1:2", "hxe:B:3:4", "event:hxbchi1|lid:1", "hello"]
    assert {frame.form for frame in datagram.frames} == {"plain"}


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n", b"  \t "])
def test_a_datagram_without_text_gives_nothing(data: bytes) -> None:
    assert read_datagram(data) == Datagram((), (), None)


@given(st.text(string.printable[:-5], max_size=60))
def test_the_shortcut_for_one_payload_reads_as_the_long_way_does(rest: str) -> None:
    line = b"HxB:" + rest.encode()

    assert read_datagram(line) == read_datagram(b"\n" + line + b"\n")


def test_spaces_around_a_payload_are_not_part_of_it() -> None:
    assert texts(read_datagram(b"  hxb:A:1:2 \n\thxe:B:3:4\t\n")) == ["hxb:A:1:2", "hxe:B:3:4"]


def test_letters_of_other_languages_are_kept() -> None:
    assert only("hxb:Bétail 牛:١٢:".encode()).text == "hxb:Bétail 牛:١٢:"


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"hxb:A\x00:1:2", r"hxb:A\x00:1:2"),
        (b"hxb:A\x1b[31m:1:2", r"hxb:A\x1b[31m:1:2"),
        (b"hxb:A\xff:1:2", r"hxb:A\xff:1:2"),
        (b"\x00\x00267", r"\x00\x00267"),
        (b"hxb:\xed\xa0\x80:1:2", r"hxb:\xed\xa0\x80:1:2"),
        ("hxb:A\x85:1:2".encode(), r"hxb:A\x85:1:2"),
    ],
)
def test_bytes_that_are_not_text_are_kept_escaped(data: bytes, shown: str) -> None:
    assert only(data) == Frame(shown, "raw", "bad_encoding", original_length=len(data))


def test_one_bad_line_does_not_spoil_its_neighbours() -> None:
    errors = [frame.error for frame in read_datagram(b"hxb:A:1:2\n\xff\xfe\nhxb:A:3:4").frames]

    assert errors == [None, "bad_encoding", None]


def test_a_line_at_the_cap_is_whole_and_one_byte_more_is_cut() -> None:
    line = b"hxb:" + b"x" * (MAX_BYTES - 4)

    assert only(line).error is None
    assert only(line + b"y") == Frame(
        line.decode(), "plain", "oversized", original_length=MAX_BYTES + 1
    )


@pytest.mark.parametrize("end", [b"\r\n", b""])
def test_how_long_a_cut_line_was_is_counted_to_its_end(end: bytes) -> None:
    decoder = SerialDecoder()
    items = [item for _ in range(5) for item in decoder.feed(b"x" * 1000)]
    items += decoder.feed(end)
    items += decoder.idle()
    (frame,) = [item for item in items if isinstance(item, Frame)]
    assert (frame.error, frame.original_length) == ("oversized", 5000)


def test_cutting_never_splits_a_character() -> None:
    frame = only(b"xx" + "牛".encode() * 2000)

    assert frame.text == "xx" + "牛" * 340
    assert (frame.error, frame.original_length) == ("oversized", 6002)


@pytest.mark.parametrize(
    ("line", "form"),
    [
        (b"RX:hxb:A:1:2", "rx"),
        (b"+RCV=7,9,hxb:A:1:2,-48,9", "reyax"),
        (b"+EVT:RXP2P:-48:9:6878623a413a313a32", "rui3"),
        (b"+EVT:RXP2P, RSSI -48, SNR 9\n+EVT:6878623a413a313a32", "rui3-old"),
        (b"at+recv=-48,9,9:6878623A413A313A32", "rak4270"),
        (b"Received packet 'hxb:A:1:2' with RSSI -48", "arduino"),
        (b"[00:00:01.086,000] <inf> Received data: hxb:A:1:2 (RSSI:-48dBm, SNR:9dBm)", "zephyr"),
        (b"\xff\x07\x00\x00hxb:A:1:2", "radiohead"),
    ],
)
def test_lines_of_modules_are_known_over_udp_too(line: bytes, form: str) -> None:
    frame = only(line + b"\r\n")

    assert (frame.text, frame.form, frame.error) == ("hxb:A:1:2", form, None)


def test_what_a_payload_quotes_is_not_taken_for_a_module() -> None:
    for text in (
        "event:hxbind1|notes:+RCV=1,2,ab,-3,4|lid:1",
        "event:hxbind1|notes:Received packet 'x' with RSSI -3",
        "hxb:A:RX:+OK",
    ):
        assert read_datagram(text.encode()).notes == ()
        assert only(text.encode()).text == text


def test_radiohead_headers_are_stripped_before_a_known_payload_only() -> None:
    known, other = only(b"\x01\x07\x03\x00HXE:A:1:2"), only(b"\xff\x07\x03\x00et:1")

    assert (known.text, known.form, known.address) == ("HXE:A:1:2", "radiohead", "7")
    assert (other.text, other.error) == (r"\xff\x07\x03\x00et:1", "bad_encoding")


@pytest.mark.parametrize("header", ["0a010500", "010d0500", "01070a00", "0107050d", "0d0a0d00"])
def test_a_radiohead_number_that_looks_like_a_line_end_is_none(header: str) -> None:
    first, second = read_datagram(bytes.fromhex(header) + b"hxb:A:1:2\nhxb:A:3:4").frames

    assert (first.text, first.form) == ("hxb:A:1:2", "radiohead")
    assert (second.text, second.form) == ("hxb:A:3:4", "plain")


def test_four_letters_before_a_payload_are_no_radiohead_header() -> None:
    assert only(b"abcdhxb:A:1:2") == Frame("abcdhxb:A:1:2", "plain", original_length=13)
    assert texts(read_datagram(b"abc\nhxb:A:1:2")) == ["abc", "hxb:A:1:2"]


@given(st.binary(max_size=200))
@example(b"\x02\x00\x00\x00" + b"\x00" * 8 + b'{"rxpk":[{"data":"aA=="}]}')
def test_no_datagram_raises_and_only_gateways_are_answered(data: bytes) -> None:
    datagram = read_datagram(data)

    if datagram.ack is not None:
        assert data[0] in {1, 2}
        assert datagram.ack == data[:3] + {0: b"\x01", 2: b"\x04"}[data[3]]
    for frame in datagram.frames:
        assert_storable(frame)


PIECES = st.sampled_from(
    [
        b"hxb:",
        b"event:",
        b"RX:",
        b"+RCV=",
        b"+RCV=1,5,",
        b"HELLO",
        b",-45,12",
        b"+OK",
        b"+ERR=12",
        b"+EVT:RXP2P:-60:11:",
        b"+EVT:RXP2P, RSSI -60, SNR 11",
        b"+EVT:",
        b"48656C",
        b"at+recv=",
        b"-72,7,3:",
        b"Received packet '",
        b"' with RSSI -37",
        b"Received data: ",
        b"\r",
        b"\n",
        b"\0",
        b" (RSSI:-97dBm, SNR:7dBm)",
        b"\xff\x07\x0a\x00",
        b"\xc5",
        b"1",
        b",",
        b":",
        b"x" * 300,
        b" ",
        b"\x02\x00\x00\x00",
        b'{"rxpk":[',
        b'{"data":"',
    ]
)


@given(st.lists(PIECES, max_size=14).map(b"".join))
def test_no_mixture_of_what_modules_print_raises(data: bytes) -> None:
    decoder = SerialDecoder()
    heard = [*read_datagram(data).frames, *decoder.feed(data), *decoder.idle()]

    for item in heard:
        if isinstance(item, Frame):
            assert_storable(item)


PRINTABLE = "".join(filter(str.isprintable, map(chr, range(33, 0x3000))))


@given(st.lists(st.text(PRINTABLE, min_size=1), max_size=6))
def test_nothing_printable_is_lost(words: list[str]) -> None:
    datagram = read_datagram("\n".join(words).encode())

    heard = " ".join([*texts(datagram), *(note.text for note in datagram.notes)])
    for word in words:
        assert word in heard or word.upper().startswith("RX:")


HOSTILE = [
    b"+RCV=1,1,a,-1,1",
    b"+OK",
    b"\n",
    b"+RCV=",
    b"RX:\xff\r",
    b"' with RSSI -1",
    b"Received data: ",
    b" (RSSI:-1dBm, SNR:1Received data: ",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_datagram_takes_long(piece: bytes) -> None:
    began = time.process_time()
    read_datagram((piece * 65_000)[:65_000])

    assert time.process_time() - began < 2


def assert_storable(frame: Frame) -> None:
    assert "\0" not in frame.text
    assert len(frame.text.encode()) <= MAX_BYTES  # encode raises for a lone surrogate
    assert "\0" not in frame.address
    assert frame.original_length > 0 or frame.error in {"empty", "malformed_frame", "noise"}


def test_a_note_is_never_a_payload() -> None:
    datagram = read_datagram(b"+READY\r\n+ERR=12\r\n")

    assert datagram == Datagram(
        (), (Note("module", "+READY"), Note("module", "+ERR=12", error=True)), None
    )
