"""One printed line of a receiver module → frames and notes: RAK, arduino-LoRa, Zephyr, sketches.

Only REYAX is not here: its frames are counted in bytes, not lines (lora/stream.py).
Every reader gets the match of its form's pattern. Sources stand beside the patterns.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from lora.frames import (
    MAX_BYTES,
    PAYLOAD_START,
    Frame,
    Item,
    Note,
    malformed,
    printable,
    read_message,
    read_text,
)

Reader: TypeAlias = Callable[[re.Match[bytes]], Item]

_NUMBER = rb"-?\d{1,4}(?:\.\d{1,3})?"

# REYAX: replies to AT commands come without being asked after a reset, often glued to one another.
_RCV_BROKEN = re.compile(rb"\+RCV=.*", re.DOTALL)
_STATUS = re.compile(rb"\+(?:OK|READY|RESET|ERR=\d{1,3})")
_REPLY = re.compile(rb"\+[A-Z][A-Z0-9_]*(?:[=:, ].*)?", re.DOTALL)

# RAK RUI3 manual, "AT+PRECV": rssi, snr, payload in hex. Some versions put a length before the
# payload, some the words RSSI and SNR before their numbers.
_RUI3 = re.compile(
    rb"\+EVT:RXP2P[:,] ?(?:RSSI[ :=]{0,2})?(?P<rssi>%b) ?(?:dBm)?"
    rb"[:,] ?(?:SNR[ :=]{0,2})?(?P<snr>%b) ?(?:dB)?"
    rb"(?:[:,] ?(?:LEN(?:GTH)?[ :=]{0,2})?(?P<length>\d{1,3}))?"
    rb"[:,] ?(?:(?:PAYLOAD|DATA)[ :=]{0,2})?(?P<hex>.*)" % (_NUMBER, _NUMBER),
    re.IGNORECASE | re.DOTALL,
)
_RUI3_SAYS = re.compile(rb"\+EVT:RXP2P RECEIVE (?:TIMEOUT|ERROR)")
_RUI3_BROKEN = re.compile(rb"\+EVT:RXP2P.*", re.DOTALL)
# RAK3172 before RUI3: the numbers in one line, the payload in the next.
_OLD_NUMBERS = re.compile(
    rb"\+EVT:RXP2P, ?RSSI (?P<rssi>%b), ?SNR (?P<snr>%b)" % (_NUMBER, _NUMBER)
)
_OLD_DATA = re.compile(rb"\+EVT:(?P<hex>(?:[0-9A-Fa-f]{2})+)")

# RAK4270 and RAK811 AT manuals: [port,]rssi,snr,length:payload in hex. "at+recv=6,0,0" is an event.
_RECV = re.compile(
    rb"at\+recv=(?:\d{1,3},)?(?P<rssi>%b),(?P<snr>%b),(?P<length>\d{1,4}):(?P<hex>.+)"
    % (_NUMBER, _NUMBER),
    re.IGNORECASE | re.DOTALL,
)
_RECV_SAYS = re.compile(rb"at\+recv=[-\d,.]*:?", re.IGNORECASE)
_RECV_BROKEN = re.compile(rb"at\+recv=.*", re.IGNORECASE | re.DOTALL)

# arduino-LoRa's LoRaReceiver example. Greedy, because the payload may hold `' with RSSI` itself.
# A serial monitor's time of day may stand before it, sketches add the SNR after it.
_ARDUINO_START = rb"[^+\r\n]{0,40}?Received packet '"
_ARDUINO = re.compile(
    _ARDUINO_START + rb"(?P<data>.*)' with RSSI:? ?(?P<rssi>%b)(?P<more>.*)" % _NUMBER, re.DOTALL
)
_ARDUINO_OPEN = re.compile(_ARDUINO_START + rb".*", re.DOTALL)
_SNR = re.compile(rb"SNR:? ?(?P<snr>%b)" % _NUMBER, re.IGNORECASE)

# Zephyr's samples/drivers/lora/receive, through its logger, which may add colours.
_ZEPHYR = re.compile(
    rb".*?Received data: (?P<data>.*) \(RSSI: ?(?P<rssi>%b) ?dBm, SNR: ?(?P<snr>%b) ?dBm?\)"
    rb"(?:\x1b\[[\d;]*m|[ \t])*" % (_NUMBER, _NUMBER),
    re.DOTALL,
)

_RX = re.compile(rb"RX:(?P<data>.*)", re.IGNORECASE | re.DOTALL)


class LineReader:
    """Lines one after the other; remembers a line that says nothing without the next one."""

    def __init__(self) -> None:
        self._held = b""

    def read(self, line: bytes) -> list[Item]:
        if len(line) > MAX_BYTES:
            return [*self.flush(), read_text(line, Frame("", "plain"))]
        if not line.strip(b" \t"):
            return []
        held, self._held = self._held, b""
        if not held:
            return self._read(line)
        joined = _join(held, line)
        return [joined] if joined else [_alone(held), *self._read(line)]

    def flush(self) -> list[Item]:
        """The next line will not come: what waited for it is damaged."""
        held, self._held = self._held, b""
        return [_alone(held)] if held else []

    def _read(self, line: bytes) -> list[Item]:
        if PAYLOAD_START.match(line):
            return [read_text(line, Frame("", "plain"))]
        notes, line = read_statuses(line)
        stripped = line.strip(b" \t")
        if not stripped:
            return notes
        if _waits(stripped):
            self._held = stripped
            return notes
        return [*notes, _read_form(stripped) or read_text(line, Frame("", "plain"))]


def says_what_it_is(item: Item) -> bool:
    """Whether a line that gave `item` shows by its beginning that it is a whole one."""
    if isinstance(item, Note) or item.form not in {"plain", "raw"}:
        return True
    return PAYLOAD_START.match(item.text.encode()) is not None


def read_statuses(line: bytes) -> tuple[list[Item], bytes]:
    """Status replies at the head of a line, and what is left of the line after them."""
    notes: list[Item] = []
    position = 0
    while found := _STATUS.match(line, position):
        notes.append(_note(found))
        position = found.end()
    return notes, line[position:]


def _waits(line: bytes) -> bool:
    if _OLD_NUMBERS.fullmatch(line):
        return True
    # A sender that used println leaves its line end inside the quotes.
    return bool(_ARDUINO_OPEN.fullmatch(line) and not _ARDUINO.fullmatch(line))


def _join(held: bytes, line: bytes) -> Frame | None:
    data = _OLD_DATA.fullmatch(line.strip(b" \t"))
    numbers = _OLD_NUMBERS.fullmatch(held)
    if data and numbers:
        return _from_hex(data["hex"], _heard("rui3-old", numbers))
    whole = _ARDUINO.fullmatch(held + b"\n" + line)
    # A line that opens quotes itself is a new one: the module was cut off in the line before.
    return _read_arduino(whole) if whole and not _ARDUINO_OPEN.fullmatch(line) else None


def _alone(held: bytes) -> Frame:
    numbers = _OLD_NUMBERS.fullmatch(held)
    return malformed(held, _heard("rui3-old", numbers) if numbers else Frame("", "arduino"))


def _read_form(line: bytes) -> Item | None:
    for pattern, reader in _FORMS:
        found = pattern.fullmatch(line)
        if found:
            return reader(found)
    return None


def _heard(form: str, found: re.Match[bytes]) -> Frame:
    """An empty frame with the radio numbers that the pattern found."""
    numbers = found.groupdict()
    rssi, snr = numbers.get("rssi"), numbers.get("snr")
    return Frame("", form, rssi=float(rssi) if rssi else None, snr=float(snr) if snr else None)


def _note(found: re.Match[bytes]) -> Note:
    text = printable(found[0])
    return Note("module", text, error="ERR" in text)


def _broken(form: str) -> Reader:
    return lambda found: malformed(found[0], Frame("", form))


def _hex_reader(form: str) -> Reader:
    """A declared length that the hex does not have means that bytes were lost on the wire."""

    def read(found: re.Match[bytes]) -> Frame:
        heard, length = _heard(form, found), found.groupdict().get("length")
        if length is not None and int(length) * 2 != len(found["hex"]):
            return malformed(found[0], heard)
        return _from_hex(found["hex"], heard, found[0])

    return read


def _from_hex(digits: bytes, heard: Frame, line: bytes = b"") -> Frame:
    try:
        return read_message(bytes.fromhex(digits.decode("ascii")), heard)
    except ValueError:
        return malformed(line or digits, heard)


def _read_arduino(found: re.Match[bytes]) -> Frame:
    heard, more = _heard("arduino", found), _SNR.search(found["more"])
    if more:
        heard = replace(heard, snr=float(more["snr"]))
    return read_text(found["data"].rstrip(b"\r\n"), heard)


def _text_reader(form: str) -> Reader:
    return lambda found: read_text(found["data"], _heard(form, found))


def _read_rx(found: re.Match[bytes]) -> Item:
    return read_text(found["data"], Frame("", "rx")) if found["data"].strip() else _note(found)


# In this order: a form's damaged spelling is looked for after its good ones.
_FORMS: Final[tuple[tuple[re.Pattern[bytes], Reader], ...]] = (
    (_RX, _read_rx),
    (_RUI3_SAYS, _note),
    (_RUI3, _hex_reader("rui3")),
    (_RUI3_BROKEN, _broken("rui3")),
    (_OLD_DATA, _hex_reader("rui3-old")),
    (_RCV_BROKEN, _broken("reyax")),
    (_REPLY, _note),
    (_RECV, _hex_reader("rak4270")),
    (_RECV_SAYS, _note),
    (_RECV_BROKEN, _broken("rak4270")),
    (_ARDUINO, _read_arduino),
    (_ZEPHYR, _text_reader("zephyr")),
)
