"""Animals that need somebody: not seen, losing weight, off what they were expected to weigh.

The mirror's index knows them; what it says is kept for a while.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from herd.rules.growth import (
    days_on_feed,
    estimate_today,
    forecast_gain,
    mates_gain,
    target_date,
)
from herd.rules.targets import Aim, aim_of, standing
from remote.office import clocks
from remote.office.mirror.index import OFF_PERCENT, ON_FEED, is_off
from remote.office.mirror.masks import Mask, both
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.kept_looks import kept_look

TROUBLES: Final = ("unseen", "losing", "off", "stray")
TARGETS_KEPT: Final = 20_000  # a batch page asks for each of its animals with every change


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
        case "stray":
            return _("known by a read alone")
    return ""


def counted(trouble: str, count: int) -> str:
    """Return `13 animals losing weight`."""
    animals = ngettext("%d animal", "%d animals", count) % count
    return _("%(animals)s %(trouble)s") % {"animals": animals, "trouble": title(trouble)}


@dataclass(frozen=True, slots=True)
class Watch:
    """The animals by trouble."""

    now: datetime
    found: dict[str, Mask]
    gain: tuple[float, int] | None = None  # mean of those on feed, and of how many

    def count(self, trouble: str) -> int:
        return self.found[trouble].count(1)


def of(mirror: Mirror, clock: Callable[[], float] = time.monotonic) -> Watch:
    """Return the last look."""
    return kept_look(mirror, "herd alerts", lambda: _look(mirror), clock=clock)


def _look(mirror: Mirror) -> Watch:
    index, now = mirror.held.index, clocks.surely_now(mirror)
    long_ago = index.last_seen_before((now - timedelta(days=settings.UNSEEN_DAYS)).isoformat())
    found = {
        "unseen": both(index.mask("status", *ON_FEED), long_ago),
        "losing": index.mask("losing", "yes"),
        "off": index.mask("off", "yes"),
        "stray": index.mask("stray", "yes"),
    }
    gain = index.gains.mean
    return Watch(now, found, None if gain is None else (gain, index.gains.count))


def furthest_off(mirror: Mirror) -> list[int]:
    """Return those off their expected weight, the furthest off first, as `of` looked last."""
    watch = of(mirror)
    found: list[int]
    looked, found = mirror.worked_out.get("furthest off", (None, []))
    if looked is not watch:
        rows = mirror.held.query_animals([watch.found["off"]])
        found = [row["id"] for row in sorted(rows, key=_how_far, reverse=True)]
        mirror.worked_out["furthest off"] = watch, found
    return found


def _how_far(animal: Row) -> float:
    expected, actual = animal.get("expected_kg"), animal["last_weight_kg"]
    return abs(actual - expected) / expected if expected and actual is not None else 0.0


def mates_of(rows: Iterable[Row]) -> float:
    """Return what the animals of these that are on feed gain: the forecast of one rests on it."""
    return mates_gain(
        [
            row["adg_kg"]
            for row in rows
            if row.get("adg_confidence") == "ok" and row["status"] in ON_FEED
        ]
    )


def batch_mates(mirror: Mirror, animal: Row) -> float:
    """Return what the animal's batch gains."""
    batch = (animal.get("batch") or {}).get("id")
    mates = mirror.held.in_batch
    return kept_look(mirror, f"mates {batch}", lambda: mates_of(mates(batch) if batch else ()))


def batch_aim(batch: Row | None) -> Aim:
    """Return what the animals of a batch, or of none, are fed for."""
    told = batch or {}
    by = told.get("target_on")  # an older Pi tells neither
    on = date.fromisoformat(by) if by else None
    return aim_of(told.get("target_kg"), on, settings.TARGET_WEIGHT_KG)


def outlook_of(mirror: Mirror, animal: Row) -> dict[str, Any]:
    """Return the outlook of an animal by what its batch gains and is fed for."""
    batch = mirror.tables["batches"].get((animal.get("batch") or {}).get("id", 0))
    mates, today = batch_mates(mirror, animal), clocks.today(mirror)
    return outlook(animal, today, mates, batch_aim(batch))


def outlook(animal: Row, today: date, mates: float, aim: Aim | None = None) -> dict[str, Any]:
    """Return what an animal on feed weighs by now, what it lacks of its target weight, and when it
    has that, where its gain tells."""
    found: dict[str, Any] = {"days_on_feed": _fed(animal, today), "off": is_off(animal)}
    if animal["status"] not in ON_FEED or animal["last_weight_kg"] is None:
        return found
    aim = aim or batch_aim(None)
    if animal["adg_kg"] is None:
        target = standing(aim, animal["last_weight_kg"], None)
        return found | ({"target": target} if aim.is_own else {})
    last = _day_of(animal["last_weighed_at"])
    start_kg, gain = _forecast(animal, mates)
    now_kg = estimate_today(start_kg, last, gain, today)
    on = target_day(animal, mates, aim.kg)
    return found | {
        "estimate_kg": now_kg if today != last else None,
        "forecast_gain_kg": gain,
        "target": standing(aim, now_kg or animal["last_weight_kg"], on),
    }


def _fed(animal: Row, today: date) -> int | None:
    """Return the days on feed until today, or the day it left."""
    inducted, until = animal["induction_date"], today
    if animal["status"] not in ON_FEED:
        if not animal["left_on"]:
            return None
        until = date.fromisoformat(animal["left_on"])
    return days_on_feed(date.fromisoformat(inducted), until) if inducted else None


def _forecast(animal: Row, mates: float) -> tuple[float, float]:
    """Return the weight that a forecast starts from, and the gain that it goes on with."""
    start_kg, doubt = animal.get("forecast_kg"), animal.get("adg_doubt_kg")
    if start_kg is None or doubt is None:  # not weighed since an older Pi worked out its gain
        return animal["last_weight_kg"], animal["adg_kg"]
    return start_kg, forecast_gain(animal["adg_kg"], doubt, mates)


def target_day(animal: Row, mates: float, target_kg: float) -> date | None:
    """Return when it has this weight, worked out once for each of its own."""
    if animal["adg_kg"] is None or animal["last_weight_kg"] is None:
        return None
    return _target_day(*_forecast(animal, mates), animal["last_weighed_at"], target_kg)


@lru_cache(maxsize=TARGETS_KEPT)
def _target_day(kg: float, gain: float, weighed_at: str, target_kg: float) -> date | None:
    return target_date(kg, _day_of(weighed_at), gain, target_kg)


def _day_of(iso: str) -> date:
    return timezone.localtime(datetime.fromisoformat(iso)).date()
