"""Bytes, cut at any points, → lines and REYAX frames → frames and notes.

What a stream gives depends on its bytes alone: a step is taken only when no byte that may still
come could change it.
"""

import re
from dataclasses import replace
from enum import Enum
from typing import Final, TypeAlias

from lora.framing.frames import (
    MAX_BYTES,
    PAYLOAD_START,
    RESIDUE,
    Frame,
    Item,
    Note,
    holds_payload,
    is_line_text,
    malformed,
    printable,
    read_message,
)
from lora.framing.modules import LineReader, read_statuses, says_what_it_is

_LINE_END = re.compile(rb"[\r\n]")
_LONGEST_DATAGRAM: Final = 65_536

# REYAX RYLR896 and RYLR998 AT manuals: +RCV=<address>,<length>,<data>,<rssi>,<snr>. The data are
# `length` bytes, at most 240, and may be anything, line ends and "+RCV=" included.
_RCV: Final = b"+RCV="
_RCV_HEADER = re.compile(rb"\+RCV=(\d{1,5}),(\d{1,3}),")
_RCV_TAIL = re.compile(
    rb", ?(?P<rssi>-?\d{1,4}(?:\.\d{1,2})?), ?(?P<snr>-?\d{1,4}(?:\.\d{1,2})?) ?"
    rb"(?=(?P<more>[\r\n+])|\Z)"
)
_RCV_TAIL_OVER = re.compile(rb"[\r\n+]")
_RCV_TAIL_LENGTH = 24
_RCV_DATA_LENGTH = 240

# "+RCV=" inside these is part of what somebody wrote.
_QUOTES_ANYTHING = re.compile(
    rb"[ \t]*(?:RX:[ \t]*)?(?:hxb|hxe|event|sig):|[^\r\n]{0,80}?Received (?:packet '|data: )",
    re.IGNORECASE,
)

# What says by itself where it ends: silence inside it is the module's or the cable's, not its end.
_ENDS_ITSELF = re.compile(
    rb"\+|at\+|[ \t]*RX:|"
    rb"[^\r\n]{0,80}?(?:\+(?:RCV=|EVT:|TEST:)|at\+recv=|Received (?:packet '|data: ))",
    re.IGNORECASE,
)

_NO_TEXT = re.compile(rb"[^\t\r\n\x20-\x7e]")
_STARTS = (b"hxb:", b"hxe:", b"event:", b"sig:")
_HEADER, _LONGEST_START = 4, 6

Step: TypeAlias = tuple[list[Item], int]


class _Reyax(Enum):
    INCOMPLETE = "more bytes decide"
    LIES = "the header does not fit the bytes after it"


class Stream:
    """One serial port (`serial`: lines are capped, EByte modules add bytes), or one datagram."""

    def __init__(self, *, serial: bool, at_start: bool = False) -> None:
        self._buffer = b""
        self._end = -1
        self._serial = serial
        self._limit = MAX_BYTES if serial else _LONGEST_DATAGRAM
        self._at_start = at_start
        self._skipping = False
        self._too_long: list[Item] = []  # the line that is being skipped, its length still to come
        self._skipped_bytes = 0
        self._final = False
        self._lines = LineReader()
        self._ends_lines = False
        self._tells_rssi = False
        self._last: Frame | None = None

    @property
    def is_patient(self) -> bool:
        """Return whether what is under way has an end that is still to come, however late."""
        # Only a message of an EByte module is ended by silence, and its RSSI byte comes with it.
        under_way = self._skipping or _is_more_than_rssi(self._buffer)
        ends = self._ends_lines or _ENDS_ITSELF.match(self._buffer) is not None
        return self._lines.waits or (under_way and ends)

    def feed(self, data: bytes) -> list[Item]:
        self._buffer += data
        self._end = -1
        items: list[Item] = []
        position = 0
        while position < len(self._buffer) and (step := self._step(position)) is not None:
            found, position = step
            items += self._with_rssi(found)
        self._buffer = self._buffer[position:]
        return items

    def close(self) -> list[Item]:
        """Read what is under way as it is: nothing more comes for it."""
        self._final = True
        items = self.feed(b"")
        self._final = self._skipping = False
        items += self._with_rssi(self._skipped())
        last, self._last = self._last, None
        return [*items, *([last] if last else []), *self._lines.flush()]

    def _with_rssi(self, items: list[Item]) -> list[Item]:
        """Keep the last frame back where this port tells the RSSI of a message after its end."""
        if not items or not self._tells_rssi:
            return items
        last, self._last = self._last, None
        match items[-1]:
            case Frame(rssi=None) as frame:
                items, self._last = items[:-1], frame
        return [last, *items] if last else items

    def _heard_rssi(self, byte: int) -> Item:
        self._tells_rssi = True
        last, self._last = self._last, None
        return (
            replace(last, rssi=byte - 256.0) if last else Note("module", f"RSSI {byte - 256} dBm")
        )

    def _step(self, start: int) -> Step | None:
        """Return what stands at `start`, and where the next thing begins; None: wait for more."""
        if self._skipping:
            return self._skip(start)
        header = _radiohead_with_line_ends(self._buffer[start : start + _HEADER + _LONGEST_START])
        if header is None and not self._final:
            return None
        end = self._line_end(start + _HEADER if header else start)
        reyax = self._find_reyax(start, end)
        if reyax > start:
            return self._before_reyax(self._buffer[start:reyax]), reyax
        frame = self._read_reyax(start) if reyax == start else _Reyax.LIES
        if frame is _Reyax.INCOMPLETE:
            return None
        if frame is not _Reyax.LIES:
            self._at_start = False
            return frame
        # A frame that lost bytes, its line end too, must not take the next one along.
        after = self._find_reyax(start + 1, end) if reyax == start else -1
        lost = after >= 0
        return (
            (self._read_text(self._buffer[start:after]), after) if lost else self._line(start, end)
        )

    def _skip(self, start: int) -> Step:
        """Count what is left of a line that is too long, and keep none of it."""
        # One that does not end is not waited for.
        end = self._line_end(start)
        self._skipping = end < 0
        until = len(self._buffer) if end < 0 else end
        self._too_long = [_longer(item, until - start) for item in self._too_long]
        self._skipped_bytes += until - start
        waits = self._skipping and self._skipped_bytes < _LONGEST_DATAGRAM
        return [] if waits else self._skipped(), until

    def _skipped(self) -> list[Item]:
        items, self._too_long = self._too_long, []
        return items

    def _line_end(self, start: int) -> int:
        # Remembered, or a long line of REYAX frames would be searched again for each of them.
        if self._end < start:
            found = _LINE_END.search(self._buffer, start)
            self._end = found.start() if found else len(self._buffer)
        return self._end if self._end < len(self._buffer) else -1

    def _line(self, start: int, end: int) -> Step | None:
        longest = start + self._limit
        if 0 <= end <= longest:
            self._ends_lines = True
            return self._read_line(self._buffer[start:end]), end + 1
        if len(self._buffer) > longest:
            self._skipping = True
            self._skipped_bytes = 0
            self._too_long = self._read_line(self._buffer[start : longest + 1])
            return [], longest + 1
        if self._final:
            line = self._buffer[start:]
            self._ends_lines = self._ends_lines and not _is_more_than_rssi(line)
            return self._read_line(line), len(self._buffer)
        return None

    def _read_line(self, line: bytes) -> list[Item]:
        """Read a line, and an EByte module's RSSI byte before or after it."""
        # EByte E22 manual: the byte after a message is its RSSI, -(256 - byte) dBm. The message may
        # have its own line end, before that byte or after it.
        if not self._serial or not line:
            return self._read_text(line)
        if _is_rssi(line[0]) and _only_or_before_payload(line):
            return [self._heard_rssi(line[0]), *self._read_line(line[1:])]
        text = line[:-1].rstrip(RESIDUE)
        known = self._final or PAYLOAD_START.match(text)
        if not (known and text and _is_rssi(line[-1]) and is_line_text(text)):
            return self._read_text(line)
        return [
            replace(item, rssi=line[-1] - 256.0) if isinstance(item, Frame) else item
            for item in self._read_text(text)
        ]

    def _read_text(self, line: bytes) -> list[Item]:
        at_start, self._at_start = self._at_start, False
        items = self._lines.read(line)
        match items:
            case [Frame(error=error) as frame] if at_start and not says_what_it_is(frame):
                return [replace(frame, error="oversized" if error == "oversized" else "partial")]
        return items

    def _find_reyax(self, start: int, end: int) -> int:
        within = start + self._limit + 1
        found = self._buffer.find(_RCV, start, within if end < 0 else min(end, within))
        return -1 if _QUOTES_ANYTHING.match(self._buffer, start, max(found, start)) else found

    def _before_reyax(self, noise: bytes) -> list[Item]:
        self._at_start = False
        notes, rest = read_statuses(noise)
        if holds_payload(rest):
            return [*notes, malformed(rest, Frame("", "plain"))]
        return [*notes, Note("module", printable(rest))] if rest.strip() else notes

    def _read_reyax(self, start: int) -> Step | _Reyax:
        header = _RCV_HEADER.match(self._buffer, start)
        if header is None:
            # Perhaps only half of it is here; a line is read at its end, and then this is settled.
            return _Reyax.LIES
        address, length = str(int(header[1])), int(header[2])
        end = header.end() + length
        tail = _RCV_TAIL.match(self._buffer, end)
        if length > _RCV_DATA_LENGTH:
            return _Reyax.LIES
        if tail is None or not (tail["more"] or self._final):
            return self._without_tail(end)
        heard = Frame("", "reyax", None, address, float(tail["rssi"]), float(tail["snr"]))
        return [read_message(self._buffer[header.end() : end], heard)], tail.end()

    def _without_tail(self, end: int) -> _Reyax:
        window = self._buffer[end : end + _RCV_TAIL_LENGTH]
        over = len(window) == _RCV_TAIL_LENGTH or _RCV_TAIL_OVER.search(window)
        return _Reyax.LIES if over or self._final else _Reyax.INCOMPLETE


def _is_rssi(byte: int) -> bool:
    return byte >= 0x80


def _longer(item: Item, by: int) -> Item:
    if isinstance(item, Frame) and item.error == "oversized":
        return replace(item, original_length=item.original_length + by)
    return item


def _is_more_than_rssi(data: bytes) -> bool:
    body = data.strip(RESIDUE)
    return len(body) > 1 or (len(body) == 1 and not _is_rssi(body[0]))


def _only_or_before_payload(line: bytes) -> bool:
    return len(line) == 1 or PAYLOAD_START.match(line, 1) is not None


def _radiohead_with_line_ends(head: bytes) -> bool | None:
    """Return whether a RadioHead header with a 10 or 13 in it is here; None: not sure yet."""
    # Addresses and message numbers take every value, and these two look like line ends. Before the
    # first of them stands nothing, or bytes that no line of text has.
    header, rest = head[:_HEADER], head[_HEADER:].lower()
    line_end = _LINE_END.search(header)
    if line_end is None or (line_end.start() and not _NO_TEXT.search(header[: line_end.start()])):
        return False
    if any(rest.startswith(start) for start in _STARTS):
        return _NO_TEXT.search(header) is not None
    if len(header) == _HEADER and not _NO_TEXT.search(header):
        return False
    return None if any(start.startswith(rest) for start in _STARTS) else False
