"""How many payloads one datagram or one REST body may become, and which of its lines they are.

What may be a reading comes first, however much noise stands around it. What is too much is one
payload that says how much it was and keeps how it began.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lora.framing.frames import RESIDUE, Frame, cut, printable

# An SX1302, the chip of most gateways, holds 4 KiB of receptions: some 70 of our shortest.
MOST_READINGS: Final = 80  # of one datagram
MOST_NOISE: Final = 8  # of one datagram or body: unreadable lines with a payload of their own
# Each line that is read takes up to 15 µs, so 30,000 would stop the receiver for half a second.
MANY_LINES: Final = 256

_RCV: Final = b"+RCV="

NOISE: Final = "noise"
TOO_MANY: Final = "too_many_lines"

# Wider than what the parser takes, so that no reading is ever taken for noise: a batch, and a tag
# or two that are not both none; an event with its id and a field.
_NONE = r"\s*(?:none\s*)?"
# A reader's own label before its number has a colon too.
_LABEL = r"(?:(?:urn|epc|eid|rfid|tid|tag|raw|sgtin-[0-9]{2,3})\s*:\s*){0,5}"
_READING = re.compile(
    rf"\s*(?:hx[be]\s*:(?!{_NONE}:)[^:]*:(?!{_NONE}:{_NONE}\Z)\s*{_LABEL}[^:]*:\s*{_LABEL}[^:]*\Z"
    r"|event\s*:\s*hx[be][a-z]{1,12}[0-9]{1,20}\s*\|[^:]*:|sig:)",
    re.IGNORECASE,
)
_READING_LINE = re.compile(
    rb"\s*(?:hx[be]\s*:[^:]*:[^:]*:[^\r\n]*\Z|event\s*:\s*hx[be]|sig:)", re.IGNORECASE
)
# A payload in a module's line, as text or in hex.
_READING_WITHIN = re.compile(
    rb"(?s:.)(?:hx[be]\s*:|event\s*:\s*hx[be]|sig:)|6878(?:62|65)3a|6576656e743a687|7369673a",
    re.IGNORECASE,
)
# One of these is in all that these two find; `in` is six times as fast as a pattern.
_WORDS = (b"hxb", b"hxe", b"event", b"sig:", b"6878", b"6576", b"7369")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was too much to be read: how many lines, how many bytes, and how they begin.

    `readings` of the lines may have been readings.
    """

    lines: int = 0
    length: int = 0
    text: str = ""
    readings: int = 0


NOTHING: Final = LeftOut()


def together(left: Iterable[LeftOut]) -> LeftOut:
    """Return what several texts left out as one."""
    parts = [one for one in left if one.lines]
    return LeftOut(
        sum(one.lines for one in parts),
        sum(one.length for one in parts),
        cut(" ".join(one.text for one in parts[:MOST_NOISE])),
        sum(one.readings for one in parts),
    )


def may_be_reading(frame: Frame) -> bool:
    """Return False for a frame whose text cannot be a reading, whatever its fields hold."""
    return frame.error is None and _READING.match(frame.text) is not None


def thinned(
    data: bytes, *, most_readings: int = MANY_LINES, many_lines: int = MANY_LINES
) -> tuple[bytes, LeftOut]:
    """Return `data` without the lines that are too many to be read one by one, and what they were.

    Nothing is left out of `data` with at most `many_lines` line ends.
    """
    if line_ends(data) <= many_lines:
        return data, NOTHING
    data = data.replace(_RCV, b"\n" + _RCV)  # REYAX frames may stand one behind the other
    lines = [line for line in data.splitlines() if line.strip(RESIDUE)]
    hopeful = _hopeful(data, lines)
    others = set(range(min(len(lines), MOST_NOISE + len(hopeful)))).difference(hopeful)
    read = sorted({*hopeful[:most_readings], *sorted(others)[:MOST_NOISE]})
    kept = [lines[number] for number in read]
    left = sorted(set(range(min(len(lines), len(read) + MOST_NOISE))).difference(read))
    return b"\n".join(kept), LeftOut(
        len(lines) - len(kept),
        sum(map(len, lines)) - sum(map(len, kept)),
        printable(b" ".join(lines[number] for number in left)),
        len(hopeful[most_readings:]),
    )


def line_ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") + data.count(_RCV)


def _hopeful(data: bytes, lines: Sequence[bytes]) -> list[int]:
    """Return the numbers of the lines that may hold a reading."""
    lower = data.lower()
    if not any(word in lower for word in _WORDS):
        return []
    return [
        number
        for number, line in enumerate(lines)
        if _READING_LINE.match(line) or _READING_WITHIN.search(line)
    ]


def bounded(
    frames: Sequence[Frame], left_out: LeftOut = NOTHING, *, most_readings: int = MOST_READINGS
) -> tuple[Frame, ...]:
    """Return the frames in their order, and what is too much as one frame at their end."""
    if len(frames) <= MOST_NOISE and not left_out.lines:
        return tuple(frames)
    kept: list[Frame] = []
    rest: list[Frame] = []
    room = {True: most_readings, False: MOST_NOISE}
    for frame in frames:
        kind = may_be_reading(frame)
        room[kind] -= 1
        (kept if room[kind] >= 0 else rest).append(frame)
    if rest or left_out.lines:
        kept.append(as_one(rest, left_out, like=(rest or kept or [Frame("", "plain")])[0]))
    return tuple(kept)


def as_one(rest: Sequence[Frame], left_out: LeftOut = NOTHING, *, like: Frame) -> Frame:
    """Return one frame that stands for all of these; `like` tells who sent it."""
    is_loss = left_out.readings or any(map(may_be_reading, rest))
    begin = [*(frame.text for frame in rest[:MOST_NOISE]), left_out.text]
    return Frame(
        cut(" ".join(filter(None, begin))),
        like.form,
        TOO_MANY if is_loss else NOISE,
        like.address,
        like.rssi,
        like.snr,
        original_length=sum(frame.original_length for frame in rest) + left_out.length,
        lines=sum(frame.lines or 1 for frame in rest) + left_out.lines,
    )
