"""How many payloads of today stand in each status: the Pi's figure, moved on by each event."""

from collections import deque
from dataclasses import dataclass
from typing import Final

STATUSES: Final = ("received", "processed", "duplicate", "error")
MOVES_KEPT: Final = 10_000  # between two figures, which come every few seconds


@dataclass(frozen=True, slots=True)
class Move:
    """At journal entry `seq` one payload went from a status (None: it is new) to another."""

    seq: int
    before: str | None
    after: str


class Today:
    """Stays right between two figures from the Pi, however late each of them arrives.

    A figure holds for a place in the journal. Moves after that place are kept beside it, so that
    a figure which was computed before the last few events does not take those back.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = dict.fromkeys(STATUSES, 0)
        self._seq = 0
        self._moves: deque[Move] = deque(maxlen=MOVES_KEPT)

    def restart(self, counts: dict[str, int], seq: int) -> None:
        """Take over a figure from the Pi that holds at journal entry `seq`."""
        self.counts = dict.fromkeys(STATUSES, 0) | counts
        self._seq = seq
        later = [move for move in self._moves if move.seq > seq]
        self._moves.clear()
        for move in later:
            self.move(move)

    def move(self, move: Move) -> None:
        if move.seq <= self._seq:
            return
        self._moves.append(move)
        if move.before is not None:
            self.counts[move.before] = max(0, self.counts.get(move.before, 0) - 1)
        self.counts[move.after] = self.counts.get(move.after, 0) + 1
