"""A datagram or a serial port's bytes → the frames in it. Never raises for bytes.

Which form it is shows in the bytes themselves; nothing is configured. The forms are read in
semtech.py, stream.py (lines, REYAX) and modules.py (one line).
"""

import math
import re
from collections.abc import Sequence
from typing import Final

from lora.framing.bounds import (
    TOO_MANY,
    LeftOut,
    bounded,
    line_ends,
    may_be_reading,
    thinned,
    together,
)
from lora.framing.frames import RADIOHEAD, Datagram, Frame, FrameError, Item, Note, payloads_in
from lora.framing.semtech import is_semtech, read_semtech
from lora.framing.stream import Stream

LONGEST_HALT: Final = 1.0  # seconds
LINES_OF_A_BODY: Final = 1_000  # readings over REST in one go: some 400 kB of an answer

# Nearly every datagram is one line of one of our devices: worth a shortcut, since a burst of
# thousands a second has to be read while the kernel's buffer fills.
_ONE_PAYLOAD = re.compile(rb"(?:hxb|hxe|event|sig):[\x20-\x7e]{0,1000}(?:\r\n?|\n)?", re.IGNORECASE)


def read_datagram(data: bytes) -> Datagram:
    """Read lines of text, or Semtech's packet forwarder protocol."""
    if _ONE_PAYLOAD.fullmatch(data):
        line = data.decode("ascii").rstrip("\r\n")
        return Datagram((Frame(line.rstrip(), "plain", original_length=len(line)),), (), None)
    # RadioHead's header may begin with the same bytes as Semtech's.
    if is_semtech(data) and not RADIOHEAD.match(data):
        return read_semtech(data)
    data, left_out = thinned(data)
    frames, notes = _read_lines(data)
    return Datagram(bounded(frames, left_out), tuple(notes), None)


def read_body(texts: Sequence[bytes]) -> tuple[Frame, ...]:
    """Read the texts of a REST body as datagrams are, what a module says of itself too.

    Raise FrameError for more readings than one body may bring. Its sender is told and has them
    still; a datagram's is not, and has forgotten them.
    """
    many = LINES_OF_A_BODY if sum(map(line_ends, texts)) <= LINES_OF_A_BODY else 0
    frames: list[Frame] = []
    rest: list[LeftOut] = []
    for text in texts:
        data, left_out = thinned(text, most_readings=LINES_OF_A_BODY, many_lines=many)
        frames += _read_text(data)
        rest.append(left_out)
    left = together(rest)
    readings = sum(map(may_be_reading, frames)) + left.readings
    if readings > LINES_OF_A_BODY:
        raise FrameError(
            TOO_MANY,
            f"One body may bring {LINES_OF_A_BODY:,} readings; this one has {readings:,}. Nothing"
            " of it is stored: send it in parts.",
        )
    return bounded(frames, left, most_readings=LINES_OF_A_BODY)


def _read_text(text: bytes) -> list[Frame]:
    frames, notes = _read_lines(text)
    if frames:
        return frames
    said = " ".join(note.text for note in notes)[:250]
    return [Frame(said, "plain", None if said else "empty", original_length=len(text))]


def _read_lines(data: bytes) -> tuple[list[Frame], list[Note]]:
    stream = Stream(serial=False)
    items = _apart(stream.feed(data) + stream.close())
    frames = [item for item in items if isinstance(item, Frame)]
    return frames, [item for item in items if isinstance(item, Note)]


def _apart(items: list[Item]) -> list[Item]:
    """Return these items, of a radio packet with several payloads each."""
    return [
        one for item in items for one in (payloads_in(item) if isinstance(item, Frame) else [item])
    ]


class SerialDecoder:
    """Bytes of one serial port, cut at any points → frames. Make a new one when a port is opened.

    `at_start`: the first line may be the tail of one whose beginning was not heard; unless it
    begins like a payload or a module's line it gets the error "partial".
    """

    def __init__(self, *, at_start: bool = True) -> None:
        self._stream = Stream(serial=True, at_start=at_start)

    def feed(self, data: bytes) -> list[Item]:
        return _apart(self._stream.feed(data))

    def idle(self, silence: float = math.inf) -> list[Item]:
        """End what is under way when `silence`, seconds without a byte, is long enough for it.

        Call it after 50 ms without a byte, as often as you like: a message without an end of its
        own ends there. A line or a module's frame has a second: what was halted goes on after it.
        """
        if self._stream.is_patient and silence < LONGEST_HALT:
            return []
        return _apart(self._stream.close())
