"""The dashboard's pictures: head by day, gain by batch, today's session, reads by hour, pens, what
is due. Each from counters of the copy: none looks at every animal.
"""

from datetime import date, datetime, timedelta
from heapq import nlargest
from operator import itemgetter
from typing import Any, Final

from django.utils import timezone

from remote.office import clocks
from remote.office.charts import LINE, beside_expected, columns, day_line
from remote.office.mirror.herd_figures import BatchSums
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import herd_alerts
from remote.office.pages.batches import distribution
from remote.office.pages.kept_looks import kept_look
from remote.office.pages.pens import filling
from remote.office.units import in_unit
from remote.office.written import gain

DAYS: Final = 90
WEEK: Final = 7
BATCHES_SHOWN: Final = 10
PENS_SHOWN: Final = 8
TARGETS_NAMED: Final = 6  # batches of one day
TILE, TILES_ACROSS = 110, 4
OPEN_STATES: Final = ("planned", "loading")

Region = tuple[str, dict[str, Any]]


def regions(mirror: Mirror, unit: str) -> dict[str, Region]:
    return {
        "heads": ("office/_head_by_day.html", _heads(mirror)),
        "gains": ("office/_gain_by_batch.html", _gains(mirror, unit)),
        "session": ("office/_session_today.html", _session(mirror, unit)),
        "hours": ("office/_heard_by_hour.html", _hours(mirror)),
        "pens": ("office/_pen_map.html", _pens(mirror)),
        "due": ("office/_due.html", {"due": _due(mirror), "named": TARGETS_NAMED}),
    }


def _heads(mirror: Mirror) -> dict[str, Any]:
    heads = mirror.held.index.days.heads(clocks.today(mirror), DAYS)
    first, last = heads[0][1], heads[-1][1]
    chart = day_line(heads, lambda head: f"{head:g}") if any(head for _, head in heads) else None
    weeks = heads[::-WEEK][::-1]
    return {"chart": chart, "weeks": weeks, "first": first, "last": last, "days": DAYS}


def _open_batches(mirror: Mirror) -> list[Row]:
    return [row for row in mirror.tables["batches"].values() if row["status"] == "open"]


def _gains(mirror: Mirror, unit: str) -> dict[str, Any]:
    """Return the gain of the batches with the most head, beside what each is to gain."""
    index = mirror.held.index
    largest = nlargest(BATCHES_SHOWN, _open_batches(mirror), key=itemgetter("on_feed_count"))
    names = {row["id"]: row["batch_number"] for row in largest}
    known = index.by_batch.of(names)
    herd, batches = index.gains.mean, mirror.tables["batches"]
    gains = [
        (names[pk], sums.gain_kg / sums.head, _expected(batches[pk], sums, herd))
        for pk, sums in known.items()
    ]
    bars = zip(known, beside_expected(gains), strict=True)
    rows = [
        {
            "id": pk,
            "bar": bar,
            "gain": gain(bar.value, unit),
            "expected": gain(bar.expected, unit),
            "head": known[pk].head,
        }
        for pk, bar in bars
    ]
    height = LINE * len(rows)
    return {"rows": rows, "height": height, "herd": gain(herd, unit), "unit": unit}


def _expected(batch: Row, sums: BatchSums, herd: float | None) -> float | None:
    """Return the gain that the batch's own target asks for from now on, else that of the herd."""
    aim = herd_alerts.batch_aim(batch)
    asked = sums.gain_to(aim.kg, aim.by) if aim.is_own and aim.by else None
    return herd if asked is None else max(asked, 0.0)


def _session(mirror: Mirror, unit: str) -> dict[str, Any]:
    """Return the weights of the session that is open, or was begun today."""
    today = clocks.today(mirror)
    sessions = reversed(mirror.tables["sessions"].values())
    found = next((row for row in sessions if not row["ended_at"] or _day(row) == today), None)
    if found is None:
        return {"session": None}
    kgs = {
        row["cattle_id"]: row["weight_kg"]
        for row in mirror.tables["weights"].values()
        if row["session_id"] == found["id"] and row["quality"] == "ok"
    }
    batch = mirror.tables["batches"].get(found["batch_id"] or 0)
    weights = [in_unit(kg, unit) for kg in kgs.values()]
    return distribution(weights, unit) | {
        "session": found,
        "weighed": len(weights),
        "of": batch and batch["on_feed_count"],
    }


def _day(session: Row) -> date:
    return timezone.localtime(datetime.fromisoformat(session["started_at"])).date()


def _hours(mirror: Mirror) -> dict[str, Any]:
    """Return what was heard in each of the last hours; an older Pi does not tell it."""
    told = (mirror.status or {}).get("heard_by_hour") or []
    hours = [
        (f"{timezone.localtime(datetime.fromisoformat(one['hour'])):%H:%M}", one["count"])
        for one in told
    ]
    silent = sum(not count for _, count in hours)
    return {"chart": columns(hours) if hours else None, "hours": hours, "silent": silent}


def _pens(mirror: Mirror) -> dict[str, Any]:
    """Return the fullest pens as tiles that fill from below."""
    fullest = [*map(filling, nlargest(PENS_SHOWN, mirror.tables["pens"].values(), key=_fullness))]
    tiles = [
        {
            "pen": pen,
            "x": 160 * (place % TILES_ACROSS),
            "y": (TILE + 10) * (place // TILES_ACROSS),
            "filled": round(TILE * pen["bar"] / 100),
            "empty": TILE - round(TILE * pen["bar"] / 100),
        }
        for place, pen in enumerate(fullest)
    ]
    lines = -(-len(tiles) // TILES_ACROSS)
    return {"tiles": tiles, "pens": fullest, "height": (TILE + 10) * lines}


def _fullness(pen: Row) -> float:
    return pen["head_count"] / pen["capacity"] if pen["capacity"] > 0 else -1.0


def _targets(mirror: Mirror, today: date) -> dict[date, list[Row]]:
    """Return the batches that reach their target weight, by day; those that have, today.

    Kept for a while where no target was changed: a mean moves slowly, and a large feedlot has a
    thousand of them.
    """
    batches = {row["id"]: row for row in _open_batches(mirror)}
    asked = today, [(pk, row.get("target_kg")) for pk, row in batches.items()]

    def look() -> dict[date, list[Row]]:
        found: dict[date, list[Row]] = {}
        for pk, sums in mirror.held.index.by_batch.of(batches).items():
            day = sums.day_of(herd_alerts.batch_aim(batches[pk]).kg)
            if day is not None:
                found.setdefault(max(day, today), []).append(batches[pk])
        return found

    return kept_look(mirror, "targets", look, asked)


def _due(mirror: Mirror) -> list[dict[str, Any]]:
    """Return what is due: batches at their target weight, shipments, animals clear again."""
    first, index = clocks.today(mirror), mirror.held.index
    targets = _targets(mirror, first)
    shipments: dict[str, list[Row]] = {}
    for row in mirror.tables["shipments"].values():
        if row["state"] in OPEN_STATES:
            shipments.setdefault(row["day"], []).append(row)
    due = [
        {
            "day": day,
            "targets": targets.get(day, []),
            "more": len(targets.get(day, [])) - TARGETS_NAMED,
            "shipments": shipments.get(day.isoformat(), []),
            "clear": index.days.clear_on(day),
        }
        for day in (first + timedelta(days=step) for step in range(WEEK))
    ]
    return [one for one in due if one["targets"] or one["shipments"] or one["clear"]]
