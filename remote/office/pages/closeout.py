"""A batch's closeout on one page, to print: what the copy knows, and what the Pi has told of it."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from remote.office import clocks
from remote.office.charts import LineChart, Point, curve_chart
from remote.office.mirror.index import ON_FEED
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.batches import target_of
from remote.office.pages.page import NoSuchPage, Page, PageRequest
from remote.office.pi_times import farm_time
from remote.office.units import in_unit


def build(mirror: Mirror, asked: PageRequest, pk: int) -> Page:
    batch = mirror.tables["batches"].get(pk)
    if batch is None:
        raise NoSuchPage(_("Batch no. %d is not in this office's copy.") % pk)
    on_feed = [row for row in mirror.held.in_batch(pk) if row["status"] in ON_FEED]
    context = {
        "batch": batch,
        "target": target_of(on_feed, batch),
        "printed_at": clocks.surely_now(mirror),
        "unit": asked.unit,
    }
    title = _("Closeout of %s") % batch["batch_number"]
    return Page("office/closeout.html", title, frozenset(), context=context)


def with_closeout(told: Row, target: dict[str, Any] | None, unit: str) -> dict[str, Any]:
    """Return what the page shows of the Pi's answer: its figures, and the picture of the gain."""
    head = told["head"]
    died = 100 * head["dead"] / head["came"] if head["came"] else None
    return {
        "closeout": told,
        "shipped": head["exported"] + head["sold"],
        "died_percent": died,
        "grown": _grown(told, target, unit),
    }


def _grown(told: Row, target: dict[str, Any] | None, unit: str) -> LineChart | None:
    """Draw the mean weights beside the expected curve, and on to the target day."""
    days = told["weighings"]
    weighed = [_point(one["day"], one["mean_weight_kg"], unit) for one in days]
    known = [one for one in days if one["expected_kg"] is not None]
    expected = [_point(one["day"], one["expected_kg"], unit) for one in known]
    gain = told["expected_gain_kg"]
    if target and known and gain is not None:
        last, day = known[-1], target["day"]
        ahead = (day - date.fromisoformat(last["day"])).days
        kg = last["expected_kg"] + gain * ahead
        if ahead > 0:
            expected.append(_point(day.isoformat(), kg, unit))
    return curve_chart(weighed, expected, lambda value: f"{value:.0f}")


def _point(day: str, kg: float, unit: str) -> Point:
    return Point(farm_time(day), in_unit(kg, unit))
