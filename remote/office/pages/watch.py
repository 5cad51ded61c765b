"""Animals that need somebody: not seen, losing weight, off what they were expected to weigh.

One look over all of them, kept for a while: it takes some 30 ms with 50,000 animals.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy

from herd.growth import days_on_feed, estimate_today, target_date
from remote.office.mirror import Mirror, Row

LOOK_AGAIN_SECONDS: Final = 20.0
UNSEEN_AFTER: Final = timedelta(days=7)
OFF_PERCENT: Final = 10
TARGET_KG: Final = 619.0  # of the reference herd
ON_FEED: Final = ("active", "pending")
TITLES: Final = {
    "unseen": gettext_lazy("not seen for 7 days"),
    "losing": gettext_lazy("losing weight"),
    "off": gettext_lazy("off the expected weight by more than 10 %"),
}


@dataclass(frozen=True, slots=True)
class Watch:
    """Numbers of the animals by trouble, in the order of the herd."""

    mirror: Mirror
    found: dict[str, list[int]]

    def rows(self, trouble: str) -> Sequence[Row]:
        table = self.mirror.tables["cattle"]
        return [table[pk] for pk in self.found[trouble] if pk in table]

    def count(self, trouble: str) -> int:
        return len(self.found[trouble])


_kept: dict[int, tuple[float, object, Watch]] = {}


def of(mirror: Mirror, clock: Callable[[], float] = time.monotonic) -> Watch:
    """Looks again after a while, and at once where the copy was replaced."""
    looked_at, table, watch = _kept.get(id(mirror), (0.0, None, None))
    if watch is None or table is not mirror.tables or clock() - looked_at > LOOK_AGAIN_SECONDS:
        watch = Watch(mirror, _look(mirror.tables["cattle"].values(), datetime.now(UTC)))
        _kept.clear()
        _kept[id(mirror)] = (clock(), mirror.tables, watch)
    return watch


def _look(animals: Any, now: datetime) -> dict[str, list[int]]:  # noqa: ANN401 - a view of rows
    unseen: list[int] = []
    losing: list[int] = []
    off: list[int] = []
    before = (now - UNSEEN_AFTER).isoformat()  # times of the Pi are in UTC: text sorts as time
    for row in animals:
        if row["status"] not in ON_FEED:
            continue
        if row["last_seen_at"] < before:
            unseen.append(row["id"])
        if row["adg_kg"] is not None and row["adg_kg"] < 0 and row["adg_confidence"] == "ok":
            losing.append(row["id"])
        if is_off(row):
            off.append(row["id"])
    return {"unseen": unseen, "losing": losing, "off": off}


def is_off(row: Row) -> bool:
    expected, actual = row["expected_kg"], row["last_weight_kg"]
    if expected is None or actual is None:
        return False
    return bool(abs(actual - expected) * 100 > OFF_PERCENT * expected)


def outlook(animal: Row) -> dict[str, Any]:
    """What an animal weighs by now and when it will be finished, where its gain tells."""
    today = timezone.localdate()
    inducted = animal["induction_date"]
    told: dict[str, Any] = {
        "days_on_feed": days_on_feed(date.fromisoformat(inducted), today) if inducted else None,
        "off": is_off(animal),
    }
    if animal["adg_kg"] is None or animal["last_weight_kg"] is None:
        return told
    last = timezone.localtime(datetime.fromisoformat(animal["last_weighed_at"])).date()
    figures = (animal["last_weight_kg"], last, animal["adg_kg"])
    return told | {
        "estimate_kg": estimate_today(*figures, today) if today != last else None,
        "target_kg": TARGET_KG,
        "target_date": target_date(*figures, TARGET_KG),
    }
