"""Lines that receiver modules and sketches print, one form after another."""

import pytest

from lora.framing.frames import Frame, Item, Note
from lora.framing.readers import SerialDecoder

READ = "hxb:BATCH001:LF123:UHF456"
HEX = READ.encode().hex().upper()


def heard(line: str | bytes) -> list[Item]:
    decoder = SerialDecoder(at_start=False)
    data = line.encode() if isinstance(line, str) else line
    return decoder.feed(data + b"\r\n") + decoder.idle()


def only(line: str | bytes) -> Frame:
    (frame,) = heard(line)
    assert isinstance(frame, Frame)
    return frame


def both(lines: str) -> tuple[Frame, Frame]:
    first, second = heard(lines)
    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    return first, second


def notes(line: str) -> list[str]:
    items = heard(line)
    assert all(isinstance(item, Note) and item.kind == "module" for item in items)
    return [item.text for item in items]


@pytest.mark.parametrize("prefix", ["RX:", "rx:", "Rx: ", "RX:\t"])
def test_a_sketch_may_say_rx_before_the_payload(prefix: str) -> None:
    assert only(prefix + READ) == Frame(READ, "rx", original_length=len(prefix + READ) - 3)


def test_rx_without_a_payload_is_a_note() -> None:
    assert notes("RX:") == ["RX:"]


def test_rx_with_bytes_that_are_no_text_is_kept_escaped() -> None:
    frame = only(b"RX:\x00abc")

    assert (frame.form, frame.error, frame.text) == ("rx", "bad_encoding", r"\x00abc")


@pytest.mark.parametrize(
    "line",
    [
        f"+EVT:RXP2P:-45:8:{HEX}",
        f"+EVT:RXP2P:-45:8:{HEX.lower()}",
        f"+EVT:RXP2P:-45:8:{len(READ)}:{HEX}",
        f"+EVT:RXP2P:RSSI -45:SNR 8:{HEX}",
        f"+EVT:RXP2P, RSSI -45, SNR 8, {HEX}",
        f"+EVT:RXP2P:RSSI=-45dBm:SNR=8dB:LEN={len(READ)}:{HEX}",
        f"+EVT:RXP2P:-45:8:{(READ + chr(13) + chr(10)).encode().hex()}",
    ],
)
def test_rui3_lines_in_all_their_spellings(line: str) -> None:
    frame = only(line)

    assert (frame.text, frame.form, frame.error) == (READ, "rui3", None)
    assert (frame.rssi, frame.snr) == (-45.0, 8.0)


@pytest.mark.parametrize(
    "line",
    [
        f"+EVT:RXP2P:-45:8:99:{HEX}",
        f"+EVT:RXP2P:-45:8:{HEX[:-1]}",
        "+EVT:RXP2P:-45:8:4G",
        "+EVT:RXP2P:-45",
        "+EVT:RXP2P:",
        "+EVT:RXP2P:x:y:z",
    ],
)
def test_a_damaged_rui3_line_is_kept_whole(line: str) -> None:
    frame = only(line)

    assert (frame.text, frame.form, frame.error) == (line, "rui3", "malformed_frame")


def test_hex_that_is_no_text_stays_hex() -> None:
    assert only("+EVT:RXP2P:-60:11:AABBCCDD") == Frame(
        "aabbccdd", "rui3", "binary", "", -60.0, 11.0, 4
    )


def test_an_empty_radio_packet_is_an_error() -> None:
    assert only("+EVT:RXP2P:-60:11:").error == "empty"


@pytest.mark.parametrize("gap", ["\r\n", "\n", "\r", "\r\n\r\n"])
def test_the_old_rak_form_takes_two_lines(gap: str) -> None:
    frame = only(f"+EVT:RXP2P, RSSI -54, SNR 12{gap}+EVT:{HEX}")

    assert (frame.text, frame.form, frame.rssi, frame.snr) == (READ, "rui3-old", -54.0, 12.0)


def test_old_rak_numbers_without_their_data_are_a_malformed_frame() -> None:
    lost, read = both(f"+EVT:RXP2P, RSSI -54, SNR 12\r\n{READ}")

    assert lost == Frame(
        "+EVT:RXP2P, RSSI -54, SNR 12", "rui3-old", "malformed_frame", "", -54.0, 12.0, 28
    )
    assert read.text == READ
    assert only("+EVT:RXP2P, RSSI -54, SNR 12").error == "malformed_frame"


def test_old_rak_data_without_its_numbers_are_read() -> None:
    frame = only(f"+EVT:{HEX}")

    assert (frame.text, frame.form, frame.rssi) == (READ, "rui3-old", None)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("+EVT:JOINED", False),
        ("+EVT:TXP2P DONE", False),
        ("+EVT:RXP2P RECEIVE TIMEOUT", False),
        ("+EVT:RXP2P RECEIVE ERROR", True),
        ("+READY", False),
        ("+RESET", False),
        ("+ERR=4", True),
        ("+ADDRESS=116", False),
        ("OK", False),
        ("AT", False),
        ("AT+PRECV=65534", False),
        ("at+version", False),
        ("AT_PARAM_ERROR", True),
        ("at+recv=6,0,0", False),
        ("at+recv=0,-105,-12,0", False),
        ("at+recv=3,-44,8,0:", False),
    ],
)
def test_what_modules_say_of_themselves_is_a_note(line: str, error: bool) -> None:  # noqa: FBT001
    assert heard(line) == [Note("module", line, error=error)]


def test_replies_glued_to_one_another_are_taken_apart() -> None:
    assert notes("+OK+ERR=12+ERR=10+READY") == ["+OK", "+ERR=12", "+ERR=10", "+READY"]


def test_a_frame_glued_to_a_reply_is_read() -> None:
    reply, frame = heard(f"+OK+EVT:RXP2P:-45:8:{HEX}")

    assert reply == Note("module", "+OK")
    assert frame.text == READ


@pytest.mark.parametrize("port", ["", "6,"])
def test_rak4270_lines_with_and_without_a_port(port: str) -> None:
    frame = only(f"at+recv={port}-72,7,{len(READ)}:{HEX}")

    assert (frame.text, frame.form, frame.rssi, frame.snr) == (READ, "rak4270", -72.0, 7.0)


@pytest.mark.parametrize("rest", [f"-72,7,3:{HEX}", "-72,7,4:ABC", "-72,7,1:zz", "7:AA", "x"])
def test_a_damaged_rak4270_line_is_kept_whole(rest: str) -> None:
    frame = only("at+recv=" + rest)

    assert (frame.text, frame.error) == ("at+recv=" + rest, "malformed_frame")


def test_rak4270_data_may_end_with_a_line_end() -> None:
    text = "Hello World! msg cnt: 21"

    assert only(f"at+recv=-72,7,26:{text.encode().hex()}0D0A").text == text


@pytest.mark.parametrize(
    "payload", [READ, "it's", "' with RSSI 5", "a' with RSSI -3' with RSSI -4"]
)
def test_an_arduino_payload_may_hold_quotes(payload: str) -> None:
    frame = only(f"Received packet '{payload}' with RSSI -37")

    assert (frame.text, frame.form, frame.rssi) == (payload, "arduino", -37.0)


def test_an_arduino_line_may_hold_a_time_and_the_snr() -> None:
    frame = only(f"02:40:57.462 -> Received packet '{READ}' with RSSI -77, with SNR 9.25 dB")

    assert (frame.text, frame.rssi, frame.snr) == (READ, -77.0, 9.25)


@pytest.mark.parametrize(
    "line",
    [
        "[2024-01-01T10:00:00+01:00] Received packet 'hi' with RSSI -24",
        "Received packet 'hi' with RSSI  -24",
        "Received packet 'hi' with RSSI:  -24",
    ],
)
def test_an_arduino_line_is_known_with_any_time_and_blanks(line: str) -> None:
    assert only(line) == Frame("hi", "arduino", rssi=-24.0, original_length=2)


def test_an_arduino_payload_sent_with_println_is_read() -> None:
    frame = only(f"Received packet '{READ}\r\n' with RSSI -37")

    assert (frame.text, frame.error, frame.rssi) == (READ, None, -37.0)


def test_an_arduino_payload_of_two_lines_is_not_taken_for_two() -> None:
    frame = only("Received packet 'hxb:A\nhxb:B:1:2' with RSSI -37")

    assert (frame.text, frame.error) == (r"hxb:A\x0ahxb:B:1:2", "bad_encoding")


def test_an_arduino_line_cut_off_by_a_reset_is_kept_and_the_next_is_read() -> None:
    cut, whole = both(f"Received packet 'hxb:BA\r\nReceived packet '{READ}' with RSSI -37")

    assert (cut.text, cut.form, cut.error) == (
        "Received packet 'hxb:BA",
        "arduino",
        "malformed_frame",
    )
    assert whole.text == READ


@pytest.mark.parametrize("before", ["", "[00:00:01.086,000] <inf> lora_receive: ", "\x1b[0m[0] "])
@pytest.mark.parametrize("after", ["", "\x1b[0m"])
def test_zephyr_log_lines(before: str, after: str) -> None:
    line = f"{before}Received data: a (b) c (RSSI:-97dBm, SNR:7dBm){after}"

    assert only(line) == Frame("a (b) c", "zephyr", None, "", -97.0, 7.0, 7)


def test_a_radiohead_header_may_stand_in_what_a_module_prints() -> None:
    frame = only(b"Received packet '\xff\x09\x04\x00%b' with RSSI -37" % READ.encode())

    assert (frame.text, frame.form, frame.address) == (READ, "radiohead", "9")
    assert frame.rssi == -37.0


@pytest.mark.parametrize(
    "line", ["et:1", "hello", "OKAY", "4/24//+ERR=14//6/21", "<script>", "=cmd"]
)
def test_any_other_line_is_a_payload_as_it_stands(line: str) -> None:
    assert only(line) == Frame(line, "plain", original_length=len(line))
