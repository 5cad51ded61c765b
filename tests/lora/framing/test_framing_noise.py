"""What stands around a payload: noise, a monitor's words, line ends, half of a module's line."""

import base64
import json

import pytest

from lora.framing.frames import Frame, Item, Note
from lora.framing.readers import SerialDecoder, read_datagram

READ = b"hxb:BATCH001:LF123:UHF456"
HEX = READ.hex().upper().encode()


def heard(data: bytes, *, at_start: bool = False) -> list[Item]:
    decoder = SerialDecoder(at_start=at_start)
    return decoder.feed(data) + decoder.idle()


def frames(data: bytes, *, at_start: bool = False) -> list[Frame]:
    return [item for item in heard(data, at_start=at_start) if isinstance(item, Frame)]


def semtech(payload: bytes) -> bytes:
    entry = {"stat": 1, "data": base64.b64encode(payload).decode()}
    return b"\2\0\0\0gateway1" + json.dumps({"rxpk": [entry]}).encode()


@pytest.mark.parametrize(
    ("line", "form"),
    [
        (b"\0\0" + READ, "plain"),
        (b"\xef\xbb\xbf" + READ, "plain"),
        (b"\0\0RX:" + READ, "rx"),
        (b"\0\0+EVT:RXP2P:-48:12:" + HEX, "rui3"),
        (b"\xfeat+recv=-48,12,25:" + HEX, "rak4270"),
        (b"02:40:57.462 -> +EVT:RXP2P:-48:12:" + HEX, "rui3"),
        (b"02:40 -> +EVT:RXP2P, RSSI -48, SNR 12\r\n02:41 -> +EVT:" + HEX, "rui3-old"),
        (b";+EVT:RXP2P:-48:12:" + HEX, "rui3"),
        (b"[LORA1] RX: +EVT:RXP2P:-48:12:" + HEX, "rui3"),
        (b"OK at+recv=-48,12,25:" + HEX, "rak4270"),
    ],
)
def test_what_stands_before_a_form_does_not_hide_it(line: bytes, form: str) -> None:
    (frame,) = frames(line + b"\r\n")

    assert (frame.text, frame.form, frame.error) == (READ.decode(), form, None)


@pytest.mark.parametrize("line", ["é+EVT:", "é+x", "see hxb:A:1:2", "sent 'at+recv=1'"])
def test_what_only_looks_like_it_is_left_as_it_was(line: str) -> None:
    assert [item.text.endswith(line[-5:]) for item in heard(line.encode() + b"\r\n")] == [True]


def test_a_radiohead_header_is_no_noise() -> None:
    (frame,) = frames(b"\xff\x07\0\0" + READ + b"\r\n")

    assert (frame.form, frame.address) == ("radiohead", "7")


# Line ends, NUL and blanks

RESIDUES = [b"", b"\0", b"\r\n\r\n", b"\0\r\n", b"\n\0", b" ", b"\t", b" \r\n\0"]


@pytest.mark.parametrize("residue", RESIDUES)
def test_every_form_strips_the_same_from_the_end(residue: bytes) -> None:
    sent = READ + residue
    over_the_air = (
        semtech(sent),
        sent,
        b"\xff\x07\0\0" + sent,
        b"+RCV=7,%d,%b,-48,12" % (len(sent), sent),
        b"+EVT:RXP2P:-48:12:" + sent.hex().encode(),
        b"RX:" + sent,
    )

    for data in over_the_air:
        assert [(one.text, one.error) for one in read_datagram(data).frames] == [
            (READ.decode(), None)
        ]


@pytest.mark.parametrize("before", [b"\0", b" ", b"\n", b"\t \0"])
def test_the_same_is_stripped_before_a_payload(before: bytes) -> None:
    for data in (semtech(before + READ), before + READ):
        assert [frame.text for frame in read_datagram(data).frames] == [READ.decode()]


def test_a_message_of_residue_alone_is_kept_as_what_it_is() -> None:
    (frame,) = read_datagram(semtech(b"\0\r\n")).frames

    assert (frame.text, frame.error) == ("000d0a", "binary")


# The first line after a port was opened


@pytest.mark.parametrize(
    "tail",
    [
        b",-48,12",
        b", -48, 12.25",
        b"' with RSSI -48",
        b" (RSSI:-48dBm, SNR:12dBm)",
    ],
)
def test_a_modules_line_cut_exactly_before_its_payload_is_a_part(tail: bytes) -> None:
    (cut,) = frames(READ + tail + b"\r\n", at_start=True)

    assert cut.error == "partial"
    assert [one.error for one in frames(READ + b"\r\n" + READ + tail + b"\r\n", at_start=True)] == [
        None,
        None,
    ]


@pytest.mark.parametrize("tail", [b", -48, 12", b",-48,12.25", b",-48.5,-7.25"])
def test_reyax_numbers_in_every_spelling(tail: bytes) -> None:
    (frame,) = frames(b"+RCV=7,25,%b%b\r\n" % (READ, tail))

    rssi, snr = tail.replace(b" ", b"").split(b",")[1:]
    assert (frame.text, frame.rssi, frame.snr) == (READ.decode(), float(rssi), float(snr))


def test_a_radiohead_header_in_a_reyax_frame_leaves_the_modules_address() -> None:
    (frame,) = frames(b"+RCV=5,29,\xff\x07\x01\0%b,-40,9\r\n" % READ)

    assert (frame.text, frame.form, frame.address) == (READ.decode(), "reyax", "5")


def test_a_line_of_nul_bytes_is_nothing() -> None:
    assert heard(b"\0\0\r\n+OK\r\n") == [Note("module", "+OK")]
