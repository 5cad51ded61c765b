"""Noise that does not end: a source has some rows for what is unreadable, then one that counts.

A cable that rustles or a stranger's radio would fill the disk, the feed and every page, and a row
in error is kept for ever. What may be a reading is never held back here.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lora.framing.bounds import TOO_MANY, as_one, may_be_reading
from lora.intake import Heard

BURST: Final = 16  # unreadable payloads of a source with a row of their own,
ONE_MORE_NS: Final = 60_000_000_000  # and one more a minute: a person may still correct it
COUNTS_FOR_NS: Final = 3_600_000_000_000  # an hour of noise is one row
# A gateway's datagram says who it is: somebody could be another one in each.
MOST_SOURCES: Final = 256


@dataclass(slots=True)
class _Source:
    rows_left: float
    at_ns: int
    delivery_id: str = ""
    counts_until_ns: int = 0


class NoiseLimiter:
    """Held by the receiver. What it counts up is one delivery that comes again and grows."""

    def __init__(self) -> None:
        self._sources: dict[str, _Source] = {}
        self._run, self._deliveries = uuid.uuid4().hex, 0

    def sift(self, heard: Sequence[Heard]) -> list[Heard]:
        """Return the same, with what is noise beyond a source's rows as one of each source."""
        kept: list[Heard] = []
        rest: dict[str, list[Heard]] = {}
        for one in heard:
            if may_be_reading(one.frame) or one.frame.error == TOO_MANY:
                kept.append(one)
                continue
            name = self._name(one)
            if self._has_row(name, one.arrived_ns):
                kept.append(one)
            else:
                rest.setdefault(name, []).append(one)
        return [*kept, *(self._counted(name, more) for name, more in rest.items())]

    def _name(self, heard: Heard) -> str:
        if heard.source in self._sources or len(self._sources) < MOST_SOURCES:
            return heard.source
        return f"{heard.source.partition(':')[0]}:others"

    def _has_row(self, name: str, now_ns: int) -> bool:
        source = self._sources.setdefault(name, _Source(BURST, now_ns))
        more = (now_ns - source.at_ns) / ONE_MORE_NS
        source.rows_left, source.at_ns = min(BURST, source.rows_left + more), now_ns
        if source.rows_left < 1:
            return False
        source.rows_left -= 1
        return True

    def _counted(self, name: str, rest: Sequence[Heard]) -> Heard:
        source, last = self._sources[name], rest[-1]
        if last.arrived_ns >= source.counts_until_ns:
            self._deliveries += 1
            source.delivery_id = f"noise:{self._run}:{self._deliveries}"
            source.counts_until_ns = last.arrived_ns + COUNTS_FOR_NS
        frame = as_one([one.frame for one in rest], like=rest[0].frame)
        frame = replace(frame, lines=max(1, frame.lines), delivery_id=source.delivery_id)
        return Heard(frame, name, last.arrived_ns)
