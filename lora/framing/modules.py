"""One printed line of a receiver → frames and notes: sketches, Zephyr, status replies, RAK.

The forms with hex are in at_modules.py. REYAX is in neither: its frames are counted in bytes, not
lines (stream.py). Sources stand beside the patterns.
"""

import re
from dataclasses import replace
from typing import Final

from lora.framing import at_modules
from lora.framing.at_modules import NUMBER, Reader, broken, heard_in, note
from lora.framing.frames import (
    MAX_BYTES,
    PAYLOAD_START,
    RADIOHEAD,
    RESIDUE,
    Frame,
    Item,
    Note,
    holds_payload,
    malformed,
    printable,
    read_text,
)

# REYAX: replies to AT commands come without being asked after a reset, often glued to one another.
_RCV_BROKEN = re.compile(rb"\+RCV=.*", re.DOTALL)
_STATUS = re.compile(rb"\+(?:OK|READY|RESET|ERR=\d{1,3})")
_REPLY = re.compile(rb"\+[A-Z][A-Z0-9_]*(?:[=:, ].*)?", re.DOTALL)
# What other modules answer, and a command that a module repeats as it was typed.
_ANSWER = re.compile(rb"OK|ERROR|AT_[A-Z_]+|AT|(?i:AT\+[A-Z0-9_]+)(?:[=:? ].*)?")

# Bytes of a line that was opened or a radio that was switched on, before something we know.
_NOISE = re.compile(
    rb"[^\t\x20-\x7e]{1,16}(?=[ \t]*(?:hxb|hxe|event|sig):|RX:|\+EVT:|\+TEST: |at\+recv=|"
    rb"Received (?:packet '|data: ))",
    re.IGNORECASE,
)
# A serial monitor's time of day, a relaying board's own words.
_MONITOR = re.compile(
    rb"(?!RX:|[^\r\n]{0,80}?Received (?:packet '|data: ))[^+'\r\n]{1,40}?"
    rb"(?=\+EVT:(?:RX|[0-9A-F]{2})|\+TEST: |at\+recv=)",
    re.IGNORECASE,
)

# arduino-LoRa's LoRaReceiver example. Greedy, because the payload may hold `' with RSSI` itself.
# A serial monitor's time of day may stand before it, sketches add the SNR after it.
_ARDUINO_START = rb"(?!\+)[^\r\n]{0,40}?Received packet '"
_ARDUINO = re.compile(
    _ARDUINO_START + rb"(?P<data>.*)' with RSSI:? {0,3}(?P<rssi>%b)(?P<more>.*)" % NUMBER, re.DOTALL
)
_ARDUINO_OPEN = re.compile(_ARDUINO_START + rb".*", re.DOTALL)
_SNR = re.compile(rb"SNR:? {0,3}(?P<snr>%b)" % NUMBER, re.IGNORECASE)

# Zephyr's samples/drivers/lora/receive, through its logger, which may add colours.
_ZEPHYR = re.compile(
    rb".*?Received data: (?P<data>.*) \(RSSI: ?(?P<rssi>%b) ?dBm, SNR: ?(?P<snr>%b) ?dBm?\)"
    rb"(?:\x1b\[[\d;]*m|[ \t])*" % (NUMBER, NUMBER),
    re.DOTALL,
)

_RX = re.compile(rb"RX:(?P<data>.*)", re.IGNORECASE | re.DOTALL)

# How a module's line ends after the payload that it holds (REYAX, arduino-LoRa, Zephyr).
_MODULES_END = re.compile(r",\s?-?\d{1,4}(?:\.\d+)?,\s?-?\d{1,4}(?:\.\d+)?\Z|' with RSSI| \(RSSI:")


class LineReader:
    """Lines one after the other; remembers a line that says nothing without the next one."""

    def __init__(self) -> None:
        self._held = b""
        self._had_data = False

    @property
    def waits(self) -> bool:
        return bool(self._held)

    def read(self, line: bytes) -> list[Item]:
        if len(line) > MAX_BYTES:
            return [*self.flush(), read_text(line, Frame("", "plain"))]
        if not line.strip(RESIDUE):
            return []
        first, *glued = at_modules.split_glued(_bare(line))
        items = self._read_one(first)
        for part in glued:
            items += self._read_one(part)
        return items

    def _read_one(self, line: bytes) -> list[Item]:
        held, self._held = self._held, b""
        if not held:
            return self._read(line)
        if joined := _join(held, line):
            return [joined]
        items = self._read(line)
        answers = all(isinstance(item, Note) for item in items) and not self._held
        if answers and at_modules.waits_for_data(held):
            self._held = held  # answers come between the numbers and their payload
            return items
        return [_alone(held), *items]

    def flush(self) -> list[Item]:
        """Give up waiting for the next line: what waited for it is damaged."""
        held, self._held = self._held, b""
        return [_alone(held)] if held else []

    def _read(self, line: bytes) -> list[Item]:
        if PAYLOAD_START.match(line):
            return [read_text(line, Frame("", "plain"))]
        notes, line = read_statuses(line)
        stripped = line.strip(b" \t")
        if not stripped:
            return notes
        had_data, self._had_data = self._had_data, at_modules.may_be_followed_by_numbers(stripped)
        if _waits(stripped):
            if had_data and at_modules.waits_for_data(stripped):
                return [*notes, Note("module", printable(stripped))]
            self._held = stripped
            return notes
        return [*notes, _read_form(stripped) or read_text(line, Frame("", "plain"))]


def says_what_it_is(item: Item) -> bool:
    """Return whether a line that gave `item` shows that it is a whole one."""
    # A payload that is followed by a module's numbers is the end of that module's line.
    if isinstance(item, Note) or item.form not in {"plain", "raw", "radiohead"}:
        return True
    starts = PAYLOAD_START.match(item.text.encode()) is not None
    return starts and not _MODULES_END.search(item.text)


def read_statuses(line: bytes) -> tuple[list[Item], bytes]:
    """Return the status replies at the head of a line, and what is left of it after them."""
    notes: list[Item] = []
    position = 0
    while found := _STATUS.match(line, position):
        notes.append(note(found))
        position = found.end()
    return notes, line[position:]


def _bare(line: bytes) -> bytes:
    """Return the line without what stands before a form that we know."""
    if RADIOHEAD.match(line):
        return line
    if noise := _NOISE.match(line):
        line = line[noise.end() :]
    monitor = None if PAYLOAD_START.match(line) else _MONITOR.match(line)
    return line[monitor.end() :] if monitor else line


def _waits(line: bytes) -> bool:
    if at_modules.waits_for_data(line):
        return True
    # A sender that used println leaves its line end inside the quotes.
    return bool(_ARDUINO_OPEN.fullmatch(line) and not _ARDUINO.fullmatch(line))


def _join(held: bytes, line: bytes) -> Frame | None:
    if joined := at_modules.join(held, line.strip(b" \t")):
        return joined
    whole = _ARDUINO.fullmatch(held + b"\n" + line)
    # A line that opens quotes itself is a new one: the module was cut off in the line before.
    return _read_arduino(whole) if whole and not _ARDUINO_OPEN.fullmatch(line) else None


def _alone(held: bytes) -> Frame:
    return at_modules.alone(held) or malformed(held, Frame("", "arduino"))


def _read_form(line: bytes) -> Item | None:
    for pattern, reader in _FORMS:
        if found := pattern.fullmatch(line):
            return reader(found)
    return None


def _read_arduino(found: re.Match[bytes]) -> Frame:
    heard, more = heard_in("arduino", found), _SNR.search(found["more"])
    if more:
        heard = replace(heard, snr=float(more["snr"]))
    return read_text(found["data"].rstrip(b"\r\n"), heard)


def _read_zephyr(found: re.Match[bytes]) -> Frame:
    return read_text(found["data"], heard_in("zephyr", found))


def _read_reply(found: re.Match[bytes]) -> Item:
    """Return words of the module's own as a note."""
    # Unless a payload is among them: that is kept, to be looked at.
    return malformed(found[0], Frame("", "plain")) if holds_payload(found[0]) else note(found)


def _read_rx(found: re.Match[bytes]) -> Item:
    return read_text(found["data"], Frame("", "rx")) if found["data"].strip() else note(found)


_FORMS: Final[tuple[tuple[re.Pattern[bytes], Reader], ...]] = (
    (_RX, _read_rx),
    *at_modules.FORMS,
    (_RCV_BROKEN, broken("reyax")),
    (_REPLY, _read_reply),
    (_ANSWER, _read_reply),
    (_ARDUINO, _read_arduino),
    (_ZEPHYR, _read_zephyr),
)
