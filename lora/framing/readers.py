"""A datagram or a serial port's bytes → the frames in it. Never raises for bytes.

Which form it is shows in the bytes themselves; nothing is configured. The forms are read in
semtech.py, stream.py (lines, REYAX) and modules.py (one line).
"""

import math
import re
from typing import Final

from lora.framing.frames import RADIOHEAD, Datagram, Frame, Item, Note
from lora.framing.semtech import is_semtech, read_semtech
from lora.framing.stream import Stream

LONGEST_HALT: Final = 1.0  # seconds

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
    stream = Stream(serial=False)
    items = stream.feed(data) + stream.close()
    frames = tuple(item for item in items if isinstance(item, Frame))
    return Datagram(frames, tuple(item for item in items if isinstance(item, Note)), None)


class SerialDecoder:
    """Bytes of one serial port, cut at any points → frames. Make a new one when a port is opened.

    `at_start`: the first line may be the tail of one whose beginning was not heard; unless it
    begins like a payload or a module's line it gets the error "partial".
    """

    def __init__(self, *, at_start: bool = True) -> None:
        self._stream = Stream(serial=True, at_start=at_start)

    def feed(self, data: bytes) -> list[Item]:
        return self._stream.feed(data)

    def idle(self, silence: float = math.inf) -> list[Item]:
        """End what is under way when `silence`, seconds without a byte, is long enough for it.

        Call it after 50 ms without a byte, as often as you like: a message without an end of its
        own ends there. A line or a module's frame has a second: what was halted goes on after it.
        """
        return [] if self._stream.is_patient and silence < LONGEST_HALT else self._stream.close()
