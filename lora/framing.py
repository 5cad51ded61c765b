"""A datagram, a serial port's bytes or a webhook's body → the frames in it. Never raises for bytes.

Which form it is shows in the bytes themselves; nothing is configured. The forms are read in
lora/semtech.py, lora/stream.py (lines, REYAX), lora/modules.py (one line) and lora/webhooks.py.
"""

import re

from lora.frames import MAX_BYTES, RADIOHEAD, Datagram, Frame, FrameError, Item, Note
from lora.semtech import is_semtech, read_semtech
from lora.stream import Stream
from lora.webhooks import read_chirpstack, read_tts

__all__ = [
    "MAX_BYTES",
    "Datagram",
    "Frame",
    "FrameError",
    "Item",
    "Note",
    "SerialDecoder",
    "read_chirpstack",
    "read_datagram",
    "read_tts",
]

# Nearly every datagram is one line of one of our devices: worth a shortcut, since a burst of
# thousands a second has to be read while the kernel's buffer fills.
_ONE_PAYLOAD = re.compile(rb"(?:hxb|hxe|event|sig):[\x20-\x7e]{0,1000}(?:\r\n?|\n)?", re.IGNORECASE)


def read_datagram(data: bytes) -> Datagram:
    """UDP: lines of text, or Semtech's packet forwarder protocol."""
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

    def idle(self) -> list[Item]:
        """Ends whatever is under way: call it after 50 ms without a byte, as often as you like."""
        return self._stream.close()
