"""What waits to be sent, a queue for each way out, kept in a file: a restart forgets nothing."""

import json
import logging
import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from herd import durable
from hexabrand.alerts.rules import Notice

logger = logging.getLogger(__name__)

MOST_WAITING: Final = 200  # without a network for weeks, the file stays small
RETRY_FIRST, RETRY_LONGEST = 2.0, 900.0  # seconds


class DeliveryFailed(Exception):
    """A sentence that says why, for the status page. It holds no secret."""


class Sender(Protocol):
    """One way out. `send` blocks and raises DeliveryFailed; `most` notices go out at once."""

    name: str
    most: int

    def send(self, notices: Sequence[Notice]) -> None: ...


def backoff() -> Iterator[float]:
    """Yield growing delays, spread a little so that two senders do not fall into step."""
    delay = RETRY_FIRST
    while True:
        yield delay * random.uniform(0.9, 1.1)  # noqa: S311 - no secret hangs on it
        delay = min(delay * 2, RETRY_LONGEST)


@dataclass(slots=True)
class Queue:
    """Of one sender. The oldest go when more wait than there is room for, and are counted."""

    waiting: list[Notice] = field(default_factory=list)
    trouble: str = ""
    lost: int = 0
    is_busy: bool = False
    not_before: float = 0.0
    delays: Iterator[float] = field(default_factory=backoff)

    def put(self, notices: Sequence[Notice]) -> None:
        self.waiting += notices
        if (over := len(self.waiting) - MOST_WAITING) > 0:
            del self.waiting[:over]
            self.lost += over

    def is_due(self, now: float) -> bool:
        return bool(self.waiting) and not self.is_busy and now >= self.not_before

    def sent(self, notices: Sequence[Notice]) -> None:
        ids = {notice.id for notice in notices}
        self.waiting = [notice for notice in self.waiting if notice.id not in ids]
        self.trouble, self.lost = "", 0
        self.not_before, self.delays = 0.0, backoff()

    def failed(self, trouble: str, now: float) -> None:
        self.trouble = trouble
        self.not_before = now + next(self.delays)

    def as_row(self) -> dict[str, Any]:
        waiting = [asdict(notice) for notice in self.waiting]
        return {"waiting": waiting, "trouble": self.trouble, "lost": self.lost}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Queue":
        waiting = [Notice(**notice) for notice in row.get("waiting", [])]
        return cls(waiting, row.get("trouble", ""), row.get("lost", 0))


def trouble_of(queues: Mapping[str, Queue]) -> str:
    """Return why something cannot be sent, in sentences; empty where all goes out."""
    troubles = [queue.trouble for queue in queues.values() if queue.trouble]
    if lost := sum(queue.lost for queue in queues.values()):
        troubles.append(f"{lost} older ones were given up.")
    return " ".join(troubles)


class Store:
    """One role's file: `<role>-alerts.json`. Each writing replaces it in one step."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._has_failed = False

    def load(self) -> dict[str, Any]:
        """Return what was saved; nothing where there is no file or it cannot be understood."""
        try:
            found = json.loads(self._file.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.warning("What alerts were told before cannot be read: %s", error)
            return {}
        return found if isinstance(found, dict) else {}

    def save(self, state: dict[str, Any]) -> None:
        """Write it; a disk that takes nothing is told once, and the alerts go on in memory."""
        try:
            with self._lock:
                durable.replace(self._file, json.dumps(state))
        except OSError as error:
            if not self._has_failed:
                logger.warning("The state of the alerts cannot be saved: %s", error)
            self._has_failed = True
        else:
            self._has_failed = False
