"""RAK and Wio-E5: the rarer spellings, and lines of which a part was lost."""

import pytest

from lora.framing.frames import Frame, Item, Note
from lora.framing.readers import SerialDecoder

READ = "hxb:BATCH001:LF123:UHF456"
HEX = READ.encode().hex().upper()


def heard(line: str) -> list[Item]:
    decoder = SerialDecoder(at_start=False)
    return decoder.feed(line.encode() + b"\r\n") + decoder.idle()


def only(line: str) -> Frame:
    (frame,) = heard(line)
    assert isinstance(frame, Frame)
    return frame


@pytest.mark.parametrize(
    ("line", "form", "rssi", "snr"),
    [
        (f"at+recv=0,0,-73,24,25,{HEX}", "rak811", -73.0, 24.0),
        (f"at+recv=0,2,25,{HEX}", "rak811", None, None),
        (f"at+recv=-48, 12, 25: {HEX}", "rak4270", -48.0, 12.0),
        (f"+EVT:RX_1:-110:5:UNICAST:15:{HEX}", "rui3", -110.0, 5.0),
        (f"+EVT:RX_C:-90:-3:MULTICAST:2:{HEX}", "rui3", -90.0, -3.0),
        (f"+EVT:RX_1, RSSI -52, SNR 9\r\n+EVT:2:{HEX}", "rui3-old", -52.0, 9.0),
        (f"+EVT:2:{HEX}", "rui3-old", None, None),
        (f"+EVT:RXP2P, RSSI: -45, SNR: 8\r\n+EVT:{HEX}", "rui3-old", -45.0, 8.0),
        (f"+EVT:RXP2P, RSSI -45, SNR 8, LEN 25\r\n+EVT:{HEX}", "rui3-old", -45.0, 8.0),
        (f'+TEST: LEN:25, RSSI:-40, SNR:12\r\n+TEST: RX "{HEX}"', "wio-e5", -40.0, 12.0),
        (f'+TEST: RX "{HEX}"', "wio-e5", None, None),
        (f'+MSG: PORT: 8; RX: "{HEX}"', "wio-e5", None, None),
        (f'+CMSGHEX: PORT: 8; RX: "{HEX}"', "wio-e5", None, None),
        (f"+EVT:2:19:{HEX}", "stm32wl", None, None),
        (f"+EVT:RX_1, PORT 2, DR 5, RSSI -60, SNR 11\r\n+EVT:2:19:{HEX}", "stm32wl", -60.0, 11.0),
        (f"+EVT:RX_1, PORT 2, DR 5, RSSI -60, SNR 11\r\n+EVT:2:{HEX}", "rui3-old", -60.0, 11.0),
    ],
)
def test_a_rarer_spelling_is_read(
    line: str, form: str, rssi: float | None, snr: float | None
) -> None:
    assert only(line) == Frame(READ, form, None, "", rssi, snr, len(READ))


@pytest.mark.parametrize(
    "line",
    [
        "at+recv=-72,7,26",
        "at+recv=-72,7,26:",
        "at+recv=",
        f"at+recv=0,0,29,{HEX}",
        f"at+recv=0,0,-73,24,25,{HEX[:-1]}",
        "+EVT:RX_1:-110:5:UNI",
        f"+EVT:RX_1:-110:5:UNICAST:15:{HEX[:-1]}",
        "+EVT:3031333",
        "+EVT:2:303",
        f"+EVT:2:18:{HEX}",
        f"+RECV:02,{READ}",
        f"+DATA={READ}",
        f"+RX: {READ}",
        f"+RCV:7,25,{READ},-40,11",
        f"AT+SEND={HEX}",
        "+DATA=event:hxbchi1|weight:3|lid:1",
        '+TEST: RX "4865',
        "+TEST: LEN:25, RSSI:-40",
    ],
)
def test_a_line_that_brought_data_is_never_a_mere_note(line: str) -> None:
    frame = only(line)

    assert (frame.text, frame.error) == (line, "malformed_frame")


@pytest.mark.parametrize(
    ("numbers", "data"),
    [
        ("+EVT:RXP2P, RSSI -54, SNR 12", "+EVT:3031333"),
        ("+EVT:RXP2P, RSSI -54, SNR 12, LEN 9", "+EVT:3031"),
        ("+TEST: LEN:9, RSSI:-54, SNR:12", '+TEST: RX "3031"'),
    ],
)
def test_numbers_are_kept_with_the_damaged_data_that_follow(numbers: str, data: str) -> None:
    frame = only(f"{numbers}\r\n{data}")

    assert (frame.text, frame.error) == (f"{numbers} {data}", "malformed_frame")
    assert (frame.rssi, frame.snr) == (-54.0, 12.0)


@pytest.mark.parametrize("between", ["OK", "+OK", "AT+PRECV=65534", "+EVT:TXP2P DONE"])
def test_an_answer_between_numbers_and_data_does_not_part_them(between: str) -> None:
    note, frame = heard(f"+EVT:RXP2P, RSSI -54, SNR 12\r\n{between}\r\n+EVT:{HEX}")

    assert note == Note("module", between)
    assert frame == Frame(READ, "rui3-old", None, "", -54.0, 12.0, len(READ))


def test_new_numbers_are_not_taken_for_an_answer() -> None:
    lost, frame = heard(
        f"+EVT:RXP2P, RSSI -54, SNR 12\r\n+EVT:RXP2P, RSSI -60, SNR 9\r\n+EVT:{HEX}"
    )

    assert isinstance(lost, Frame)
    assert isinstance(frame, Frame)
    assert (lost.error, frame.text, frame.rssi) == ("malformed_frame", READ, -60.0)


def test_numbers_that_follow_their_data_are_no_broken_frame() -> None:
    frame, told = heard(f"+EVT:2:19:{HEX}\r\n+EVT:RX_1, DR 0, RSSI -46, SNR 5")
    assert isinstance(frame, Frame)
    assert (frame.text, frame.error) == (READ, None)
    assert isinstance(told, Note)


@pytest.mark.parametrize("noise", [f"x {READ}", f"+OK{READ}"])
def test_a_payload_glued_before_a_frame_is_kept(noise: str) -> None:
    kept, frame = [item for item in heard(f"{noise}+RCV=7,5,HELLO,-1,1") if isinstance(item, Frame)]
    assert READ in kept.text
    assert (frame.text, frame.error) == ("HELLO", None)


def glued(text: bytes) -> list[str]:
    decoder = SerialDecoder(at_start=False)
    items = decoder.feed(text) + decoder.idle()
    return [item.error or item.text for item in items if isinstance(item, Frame)]


FIRST, NEXT = b"hxb:B1:LF1:UHF1", b"hxb:B1:LF2:UHF2"


@pytest.mark.parametrize(
    "form",
    [
        b"+EVT:RXP2P:-65:9:%(hex)b",
        b"at+recv=-65,9,15:%(hex)b",
        b'+TEST: LEN:15, RSSI:-65, SNR:9\r\n+TEST: RX "%(hex)b"',
        b"+RCV=7,15,%(text)b,-65,9",
    ],
)
def test_a_lost_line_end_costs_no_payload(form: bytes) -> None:
    one, other = (form % {b"text": text, b"hex": text.hex().encode()} for text in (FIRST, NEXT))

    assert glued(one + other + b"\r\n") == [FIRST.decode(), NEXT.decode()]


@pytest.mark.parametrize(
    "form",
    [b"+EVT:RXP2P:-65:9:%(hex)b", b"at+recv=-65,9,15:%(hex)b", b"+RCV=7,15,%(text)b,-65,9"],
)
def test_a_line_that_lost_its_end_does_not_take_the_next_one_along(form: bytes) -> None:
    one, other = (form % {b"text": text, b"hex": text.hex().encode()} for text in (FIRST, NEXT))

    assert glued(one[:-9] + other + b"\r\n") == ["malformed_frame", NEXT.decode()]
