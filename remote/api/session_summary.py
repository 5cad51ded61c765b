"""What was done in a session: its animals one by one, and their figures together."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from statistics import fmean
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from herd.models import ON_FEED, Animal, Session, Treatment
from herd.storage import fast_rows
from lora.models import LoRaPayload
from remote.api.row_json import time_text
from remote.api.serializers import Shape, kilograms
from remote.csv_cells import safe_cell

MOST_UNSEEN: Final = 500  # that are named; all are counted
# By hand, as `growth`: a time is read as SQLite stores it, and the weight before it by the index.
WEIGHED: Final = """
SELECT w.id, w.animal_id, w.weight_kg, w.quality, w.reason, {mark}w.recorded_at, w.recorded_by,
 c.lf_tag, c.uhf_tag, c.visual_id, c.livestock_id, b.weight_kg, {mark}b.recorded_at
FROM cattle_weight_history w JOIN cattle c ON c.id = w.animal_id
LEFT JOIN cattle_weight_history b ON b.id = (
 SELECT o.id FROM cattle_weight_history o
 WHERE o.animal_id = w.animal_id AND o.recorded_at < w.recorded_at AND o.quality = 'ok'
 AND (o.session_id IS NULL OR o.session_id <> w.session_id)
 ORDER BY o.recorded_at DESC, o.id DESC LIMIT 1)
WHERE w.session_id = %s ORDER BY w.recorded_at, w.id
"""
MOVED: Final = """
SELECT NULL, m.animal_id, NULL, NULL, '', {mark}m.moved_at, m.recorded_by,
 c.lf_tag, c.uhf_tag, c.visual_id, c.livestock_id, NULL, NULL, m.from_pen_id, m.to_pen_id,
 p.pen_number
FROM movements m JOIN cattle c ON c.id = m.animal_id LEFT JOIN pens p ON p.id = m.to_pen_id
WHERE m.session_id = %s ORDER BY m.id
"""
TREATED: Final = """
SELECT NULL, t.animal_id, NULL, NULL, '', {mark}t.given_at, t.recorded_by,
 c.lf_tag, c.uhf_tag, c.visual_id, c.livestock_id, NULL, NULL, p.name, t.amount, t.unit
FROM treatments t JOIN cattle c ON c.id = t.animal_id JOIN products p ON p.id = t.product_id
WHERE t.session_id = %s AND t.voided_at IS NULL ORDER BY t.id
"""
IDENTITY: Final = ("lf_tag", "uhf_tag", "visual_id", "livestock_id")
WEIGHING: Final = ("id", "cattle_id", "weight_kg", "quality", "reason", "at", "by")
NAMES: Final = (*WEIGHING, *IDENTITY, "before_kg", "before_at")
FIGURES: Final = """
SELECT session_id, COUNT(DISTINCT animal_id), SUM(CASE WHEN quality = 'ok' THEN 1 ELSE 0 END),
 SUM(CASE WHEN quality = 'suspect' THEN 1 ELSE 0 END),
 AVG(CASE WHEN quality = 'ok' THEN weight_kg END)
FROM cattle_weight_history WHERE session_id {among} GROUP BY session_id
"""
GAIN: Final = ("weight_kg", "quality", "gain_kg", "gain_days")
CSV: Final = (*IDENTITY, *GAIN, "sorted_to", "treated", "at", "by")


def figures_of(ids: Collection[int]) -> list[Shape]:
    """Return head, weights that count, suspect ones and their mean, of each of these sessions."""
    with connection.cursor() as cursor:
        cursor.execute(FIGURES.format(among=fast_rows.among()), [fast_rows.listed(ids)])
        found = {pk: figures for pk, *figures in cursor.fetchall()}
    names = ("head", "weighed", "suspect", "mean_weight_kg")
    none = (0, 0, 0, None)
    made = [dict(zip(names, found.get(pk, none), strict=True)) | {"id": pk} for pk in ids]
    return [one | {"mean_weight_kg": kilograms(one["mean_weight_kg"])} for one in made]


def animals_of(session: Session) -> list[Shape]:
    """Return each weight of a session, and each animal that was only moved or treated, the oldest
    first."""
    weighed = [_shape(row) for row in _asked(WEIGHED, session)]
    moves, treatments = _asked(MOVED, session), _asked(TREATED, session)
    others = {row[1]: row[: len(NAMES)] for row in treatments}
    others |= {row[1]: row[: len(NAMES)] for row in moves}  # the last move of each
    known = {row["cattle_id"] for row in weighed}
    only = [_shape(row) for pk, row in others.items() if pk not in known]
    places = {pk: name for pk, (_, name) in _went(moves).items()}
    given: dict[int, list[str]] = {}
    for row in treatments:
        given.setdefault(row[1], []).append(_dose(*row[-3:]))
    rows = [row | _done(row["cattle_id"], places, given) for row in weighed + only]
    return sorted(rows, key=lambda row: row["at"])


def _done(pk: int, places: Mapping[int, str], given: Mapping[int, Sequence[str]]) -> Shape:
    return {"sorted_to": places.get(pk), "treated": "; ".join(given.get(pk, ()))}


def _went(moves: Iterable[tuple[Any, ...]]) -> dict[int, tuple[int, str]]:
    """Return the pen to which each animal went by its last move. Who is back where it stood, by a
    move that was taken back, went nowhere."""
    stood: dict[int, int | None] = {}
    last: dict[int, tuple[int, str]] = {}
    for row in moves:
        stood.setdefault(row[1], row[-3])
        last[row[1]] = row[-2], row[-1]
    return {pk: pen for pk, pen in last.items() if pen[1] and pen[0] != stood[pk]}


def _dose(product: str, amount: float | Decimal | None, unit: str) -> str:
    """Return `Oxytet 8.5 ml`, or the product alone where nobody said how much."""
    return product if amount is None else f"{product} {float(amount):g} {unit}".rstrip()


def _asked(statement: str, session: Session) -> list[tuple[Any, ...]]:
    mark = "+" if connection.vendor == "sqlite" else ""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(mark=mark), [session.pk])
        return list(cursor.fetchall())


def _shape(row: Iterable[Any]) -> Shape:
    made = dict(zip(NAMES, row, strict=True))
    before_kg, before_at = made.pop("before_kg"), made.pop("before_at")
    made["weight_kg"], made["at"] = kilograms(made["weight_kg"]), time_text(made["at"])
    gain = days = None
    if made["quality"] == "ok" and before_kg is not None:
        gain = kilograms(made["weight_kg"] - float(before_kg))
        days = _days(str(time_text(before_at)), str(made["at"]))
    return made | {"gain_kg": gain, "gain_days": days}


def _days(before: str, after: str) -> float:
    first, last = (datetime.fromisoformat(one) for one in (before, after))
    return round((last - first).total_seconds() / 86_400, 2)


def summary_of(session: Session) -> Shape:
    """Return the figures of a session, and its animals as `data`."""
    rows = animals_of(session)
    last = _last_good(rows)
    seen = {row["cattle_id"] for row in rows} | _read_in(session)
    unseen = _unseen(session, seen)
    data = {"data": rows, "next": None, "total": len(rows)}
    return data | {
        "head": len(seen),
        "weighed": len(last),
        "mean_weight_kg": _mean(row["weight_kg"] for row in last.values()),
        **_gains(last.values()),
        "treated": _treated(session),
        "suspect": sum(row["quality"] == "suspect" for row in rows),
        "sorted": _sorted(session),
        "unseen": len(unseen),
        "unseen_ids": unseen[:MOST_UNSEEN],
    }


def _last_good(rows: Iterable[Shape]) -> dict[int, Shape]:
    """Return each animal's last weight that counts."""
    return {row["cattle_id"]: row for row in rows if row["quality"] == "ok"}


def _gains(last: Iterable[Shape]) -> Shape:
    known = [row for row in last if row["gain_days"]]
    return {
        "gaining": len(known),
        "mean_gain_kg": _mean(row["gain_kg"] for row in known),
        "mean_gain_days": _mean(row["gain_days"] for row in known),
        "adg_kg": _mean(row["gain_kg"] / row["gain_days"] for row in known if row["gain_days"] > 1),
    }


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(fmean(known), 3) if known else None


def _treated(session: Session) -> int:
    given = Treatment.objects.filter(session=session, voided_at=None)
    return given.values("animal").distinct().count()


def _sorted(session: Session) -> list[Shape]:
    """Return how many animals went to each pen, the fullest first."""
    counts = Counter(_went(_asked(MOVED, session)).values()).most_common()
    return [{"pen_id": pk, "pen_number": name, "head": head} for (pk, name), head in counts]


def _read_in(session: Session) -> set[int]:
    """Return the animals that the session's source read while it was open."""
    if not session.source:
        return set()
    until = session.ended_at or timezone.now()
    # Joined with nothing, so that a source's years of payloads are not gone through for it.
    with connection.cursor() as cursor:
        cursor.execute(READ, [session.started_at, until])
        found = cursor.fetchall()
    return {pk for pk, name in found if session.source in {name, name.rpartition("#")[0]}}


READ: Final = (
    f"SELECT DISTINCT cattle_id, source || '' FROM {LoRaPayload._meta.db_table}"  # noqa: S608, SLF001 - our names
    " WHERE received_at >= %s AND received_at <= %s AND cattle_id IS NOT NULL"
)


def _unseen(session: Session, seen: Collection[int]) -> list[int]:
    """Return the animals on feed in the session's pen, or else its batch, that it did not see."""
    where: Mapping[str, Any] = {"pen_id": session.pen_id}
    if session.pen_id is None:
        where = {"batch_id": session.batch_id}
    if None in where.values():
        return []
    there = Animal.objects.filter(status__in=ON_FEED, **where).order_by("pk")
    return [pk for pk in there.values_list("pk", flat=True) if pk not in seen]


def compared(session: Session, other: Session) -> Shape:
    """Return how the animals that were weighed in both have gained from the earlier one."""
    first, second = sorted((session, other), key=lambda one: one.started_at)
    before, after = (_last_good(animals_of(one)) for one in (first, second))
    both = before.keys() & after.keys()
    days = {pk: _days(before[pk]["at"], after[pk]["at"]) for pk in both}
    gains = {pk: after[pk]["weight_kg"] - before[pk]["weight_kg"] for pk in both}
    return {
        "id": other.pk,
        "name": other.name,
        "started_at": time_text(other.started_at),
        "both": len(both),
        "mean_before_kg": _mean(before[pk]["weight_kg"] for pk in both),
        "mean_after_kg": _mean(after[pk]["weight_kg"] for pk in both),
        "mean_gain_kg": _mean(gains.values()),
        "mean_days": _mean(days.values()),
        "adg_kg": _mean(gains[pk] / days[pk] for pk in both if days[pk] > 1),
        "only_here": len((after if second is session else before).keys() - both),
        "only_there": len((before if second is session else after).keys() - both),
    }


def csv_of(session: Session) -> str:
    """Return a line for each weight, and for each animal that was only moved."""
    out = io.StringIO()
    lines = ([safe_cell(row.get(name)) for name in CSV] for row in animals_of(session))
    csv.writer(out).writerows(chain([CSV], lines))
    return out.getvalue()
