"""Animals that need somebody: not seen, losing weight, off what they were expected to weigh.

One look over all of them, kept for a while: it takes some 30 ms with 50,000 animals.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from herd.rules.growth import days_on_feed, estimate_today, group_gain, target_date
from remote.office import clocks
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.page import ON_FEED, Same

LOOK_AGAIN_SECONDS: Final = 20.0  # events come by the second, and a look takes 30 ms
SECOND: Final = timedelta(seconds=1)
OFF_PERCENT: Final = 10
TROUBLES: Final = ("unseen", "losing", "off")
TARGETS_KEPT: Final = 50_000  # a batch page asks for each of its animals with every change


def title(trouble: str) -> str:
    """Return what is said of such animals; nothing of what is no trouble."""
    match trouble:
        case "unseen":
            days = settings.UNSEEN_DAYS
            return ngettext("not seen for %d day", "not seen for %d days", days) % days
        case "losing":
            return _("losing weight")
        case "off":
            return _("off the expected weight by more than %d %%") % OFF_PERCENT
    return ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Numbers of the animals by trouble, in the order of the herd."""

    mirror: Mirror
    now: datetime
    found: dict[str, list[int]]
    gain: tuple[float, int] | None = None  # mean of those on feed, and of how many

    def keys(self, trouble: str) -> Sequence[int]:
        table = self.mirror.tables["cattle"]
        return [pk for pk in self.found[trouble] if pk in table]

    def count(self, trouble: str) -> int:
        return len(self.found[trouble])


def of(mirror: Mirror, clock: Callable[[], float] = time.monotonic) -> Watch:
    """Return the last look; look again after a while, and where copy or clock have jumped."""
    watch: Watch | None
    looked_at, table, watch = mirror.worked_out.get("herd alerts", (0.0, None, None))
    now = clocks.surely_now(mirror)
    is_old = (
        watch is None
        or max(clock() - looked_at, abs(now - watch.now) / SECOND) > LOOK_AGAIN_SECONDS
    )
    if watch is None or is_old or table is not mirror.tables:
        animals = mirror.tables["cattle"].values()
        gains = (row["adg_kg"] for row in animals if row["status"] in ON_FEED)
        gain = group_gain(adg for adg in gains if adg is not None)
        watch = Watch(mirror, now, _look(animals, now), gain)
        mirror.worked_out["herd alerts"] = (clock(), mirror.tables, watch)
    return watch


def _look(animals: Any, now: datetime) -> dict[str, list[int]]:  # noqa: ANN401 - a view of rows
    found: dict[str, list[int]] = {trouble: [] for trouble in TROUBLES}
    # Times of the Pi are in UTC: text sorts as time.
    before = (now - timedelta(days=settings.UNSEEN_DAYS)).isoformat()
    for row in animals:
        if row["status"] not in ON_FEED:
            continue
        if row["last_seen_at"] < before:
            found["unseen"].append(row["id"])
        if row["adg_kg"] is not None and row["adg_kg"] < 0 and row["adg_confidence"] == "ok":
            found["losing"].append(row["id"])
        if is_off(row):
            found["off"].append(row["id"])
    return found


def is_off(row: Row) -> bool:
    expected, actual = row["expected_kg"], row["last_weight_kg"]
    if expected is None or actual is None:
        return False
    return bool(abs(actual - expected) * 100 > OFF_PERCENT * expected)


def outlook(animal: Row, today: date) -> dict[str, Any]:
    """Return what an animal on feed weighs by now and when it is finished, where its gain tells."""
    found: dict[str, Any] = {"days_on_feed": _fed(animal, today), "off": is_off(animal)}
    if animal["status"] not in ON_FEED:
        return found
    if animal["adg_kg"] is None or animal["last_weight_kg"] is None:
        return found
    last = _weighed_on(animal)
    now_kg = estimate_today(animal["last_weight_kg"], last, animal["adg_kg"], today)
    return found | {
        "estimate_kg": now_kg if today != last else None,
        "target_kg": settings.TARGET_WEIGHT_KG,
        "target_date": target_day(animal),
    }


def _fed(animal: Row, today: date) -> int | None:
    """Return the days on feed until today, or the day it left."""
    inducted, until = animal["induction_date"], today
    if animal["status"] not in ON_FEED:
        if not animal["left_on"]:
            return None
        until = date.fromisoformat(animal["left_on"])
    return days_on_feed(date.fromisoformat(inducted), until) if inducted else None


def target_day(animal: Row) -> date | None:
    """Return when it has its target weight, worked out once for each row."""
    return _target_day(Same(animal), settings.TARGET_WEIGHT_KG)


@lru_cache(maxsize=TARGETS_KEPT)
def _target_day(same: Same, target_kg: float) -> date | None:
    animal = same.row
    if animal["adg_kg"] is None or animal["last_weight_kg"] is None:
        return None
    kg, gain = animal["last_weight_kg"], animal["adg_kg"]
    return target_date(kg, _weighed_on(animal), gain, target_kg)


def _weighed_on(animal: Row) -> date:
    return timezone.localtime(datetime.fromisoformat(animal["last_weighed_at"])).date()
