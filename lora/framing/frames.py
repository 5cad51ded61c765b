"""What a radio delivered: the values that every reader returns, and how bytes become their text."""

import base64
import binascii
import math
import re
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

MAX_BYTES: Final = 1024

# In a message a payload begins a line; a line of somebody's notes goes on with its own payload.
_NEXT_PAYLOAD = re.compile(r"[\r\n]+(?=[ \t]*(?:hxb|hxe|event|sig):)", re.IGNORECASE)

# The names that a barn device's text begins with. Nothing that a module says starts like this.
PAYLOAD_START: Final = re.compile(rb"[ \t]*(?:hxb|hxe|event|sig):", re.IGNORECASE)
_PAYLOAD_WITHIN = re.compile(
    rb"hx[be]:[^:]|event\s*:\s*hx[be]|sig:[^:]+:\d+:|6878(?:62|65)3a|6576656e743a687|7369673a",
    re.IGNORECASE,
)

_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NOT_IN_A_MESSAGE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Senders in C send the terminating NUL, a line end or blanks with the text, or none of them.
RESIDUE: Final = b"\0\r\n \t"
_BEFORE_PAYLOAD = re.compile(rb"\A[\0\r\n \t]+(?=(?:hxb|hxe|event|sig):)", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*")
_TO_STANDARD = str.maketrans("-_", "+/")

# TO FROM ID FLAGS as RadioHead's RHGenericDriver sends them. One of the four has to be no text:
# four letters before a payload are something that a person or a sketch wrote.
RADIOHEAD = re.compile(
    rb"(?=[\x20-\x7e]{0,3}[^\x20-\x7e])[\x00-\xff]{4}(?=(?:hxb|hxe|event|sig):)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One payload as a radio delivered it, or bytes that could not be read.

    `text` is at most 1024 bytes of UTF-8 and holds no NUL and no lone surrogate; of control
    characters only tab and line ends, where a radio packet had them inside. With `error` set
    it can never become a reading: bad_crc (the gateway says so), bad_encoding (a line that is no
    text), binary (a radio packet that is no text, as hex), empty, malformed_frame (the payload
    cannot be found), oversized, partial (a line whose start was not heard).
    `original_length` counts the payload's bytes as received, of a malformed frame all its bytes.
    noise and too_many_lines are what was too much (bounds.py): `lines` says how many lines the
    frame stands for, its text is how they begin.
    `delivery_id` is the same however often the frame is delivered. `reported_at` is when a LoRaWAN
    server received it, in Unix seconds; `simulated` that the server says no device sent it.
    """

    text: str
    form: str
    error: str | None = None
    address: str = ""
    rssi: float | None = None
    snr: float | None = None
    original_length: int = 0
    delivery_id: str = ""
    lines: int = 0
    reported_at: float | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What a module ("module") or gateway ("gateway", "keepalive") said about itself."""

    kind: str
    text: str
    address: str = ""
    error: bool = False


@dataclass(frozen=True, slots=True)
class Datagram:
    """`ack` goes back to the sender only after the frames are committed."""

    frames: tuple[Frame, ...]
    notes: tuple[Note, ...]
    ack: bytes | None


Item: TypeAlias = Frame | Note


class FrameError(ValueError):
    """A body that is not what its sender says it is."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def read_message(data: bytes, heard: Frame) -> Frame:
    """Read a radio packet's bytes whole: `heard` with its text, in hex where it is no text."""
    body, heard = _without_radiohead(data, heard)
    text = _as_text(_trimmed(body), _NOT_IN_A_MESSAGE)
    error = None
    if not data:
        error = "empty"
    elif len(data) > MAX_BYTES:
        error = "oversized"
    elif not text:
        error = "binary"
    return replace(heard, text=cut(text or data.hex()), error=error, original_length=len(data))


def payloads_in(message: Frame) -> list[Frame]:
    """Return each payload of a radio packet that holds several, in lines."""
    has_lines = "\n" in message.text or "\r" in message.text  # nearly none has: looked for fast
    lines = _NEXT_PAYLOAD.split(message.text) if has_lines and not message.error else []
    if len(lines) < 2:
        return [message]
    first = message.delivery_id
    ids = [first, *(f"{first}/{n}" if first else "" for n in range(1, len(lines)))]
    return [
        replace(message, text=line.rstrip(), original_length=len(line.encode()), delivery_id=one)
        for line, one in zip(lines, ids, strict=True)
    ]


def read_text(line: bytes, heard: Frame) -> Frame:
    """Read a printed payload without its line end: `heard` with its text, escaped if need be."""
    # The header first: an address may be 9 or 32, the numbers of tab and space.
    body, heard = _without_radiohead(line, heard)
    body = body.strip(b" \t")
    text = _as_text(_trimmed(body) or body, _NOT_IN_A_LINE)
    form, error = heard.form, None
    if text is None:
        form, error = ("raw" if form == "plain" else form), "bad_encoding"
    if len(line) > MAX_BYTES:
        error = "oversized"
    elif not body:
        error = "empty"
    shown = printable(body) if text is None else cut(text)
    return replace(heard, text=shown, form=form, error=error, original_length=len(line))


def holds_payload(line: bytes) -> bool:
    """Return whether a payload of ours, as text or in hex, begins within a module's own words."""
    return _PAYLOAD_WITHIN.search(line) is not None


def malformed(line: bytes, heard: Frame) -> Frame:
    """Return `heard` for a frame whose payload could not be found: the whole frame is its text."""
    error = "oversized" if len(line) > MAX_BYTES else "malformed_frame"
    return replace(heard, text=printable(line), error=error, original_length=len(line))


def _without_radiohead(body: bytes, heard: Frame) -> tuple[bytes, Frame]:
    """Take a RadioHead header off."""
    # A gateway or module that is known by its own address stays the sender.
    if not RADIOHEAD.match(body):
        return body, heard
    if heard.address:
        return body[4:], heard
    return body[4:], replace(heard, form="radiohead", address=str(body[1]))


def _trimmed(body: bytes) -> bytes:
    # Alike for every form, so that receptions of one text by different ways are the same text.
    return _BEFORE_PAYLOAD.sub(b"", body.rstrip(RESIDUE))


def _as_text(body: bytes, forbidden: re.Pattern[str]) -> str | None:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if forbidden.search(text) else text


def printable(data: bytes) -> str:
    r"""UTF-8 as it is, anything else escaped like `\x00`, cut at 1024 bytes."""
    # No byte becomes less than one: what is further on would be cut off.
    text = data[: MAX_BYTES + 4].decode("utf-8", "backslashreplace")
    return cut(_NOT_IN_A_LINE.sub(lambda control: f"\\x{ord(control[0]):02x}", text))


def cut(text: str) -> str:
    """Return at most 1024 bytes of UTF-8, never half a character."""
    if len(text) * 4 <= MAX_BYTES:
        return text
    return text.encode()[:MAX_BYTES].decode("utf-8", "ignore")


def is_line_text(data: bytes) -> bool:
    """Return whether all of `data` would be printable text in one line."""
    return _as_text(data, _NOT_IN_A_LINE) is not None


def finite(value: object) -> float | None:
    """Return a finite number out of somebody's JSON, or None."""
    # There it may as well be text, NaN or 10 to the 400.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def from_base64(value: object) -> bytes | None:
    """Decode base64, padded or not, with standard or URL-safe letters, or return None."""
    # Packet forwarders mix them.
    if not isinstance(value, str):
        return None
    letters = value.strip().rstrip("=").translate(_TO_STANDARD)
    if not _BASE64.fullmatch(letters):
        return None
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return None
