"""Who died and who was pulled in a span of days: by day, by batch, by cause and one by one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet

from herd.local_time import localdate, midnight
from herd.models import ON_FEED, Animal, Batch, Pull, Treatment
from herd.rules.growth import days_on_feed
from remote.api.serializers import Shape, day_of, kilograms, time_of

DAYS: Final = 30  # where the caller names no first day
MOST_DAYS: Final = 366
OLDEST: Final = date(2000, 1, 1)
DEATH, PULL = "death", "pull"
COUNTED: Final = {DEATH: "deaths", PULL: "pulls"}
Given = dict[int, list[tuple[date, str]]]  # by animal its treatments, the oldest first


def span_of(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return the days that are reported on: none to come, and a year of them at most."""
    end = min(last or today, today)
    if end < OLDEST:
        return OLDEST, end
    earliest = max(OLDEST, end - timedelta(days=MOST_DAYS - 1))
    return max(earliest, first or end - timedelta(days=DAYS - 1)), end


def deaths_report(first: date, last: date) -> Shape:
    """Return the report from one day to another one; of void pulls it tells nothing."""
    dead = Animal.objects.filter(status=Animal.Status.DEAD, left_on__range=(first, last))
    pulls = Pull.objects.filter(voided_at=None, **_between(first, last))
    given = _treatments_of(Q(animal__in=dead) | Q(animal__in=pulls.values("animal_id")))
    rows = [
        *(_death(one, given) for one in dead.select_related("batch", "pen")),
        *(_pull(one, given) for one in pulls.select_related("animal__batch", "to_pen")),
    ]
    rows.sort(key=lambda row: (row["day"], row["kind"], row["id"]), reverse=True)
    counts = Counter(row["kind"] for row in rows)
    return {
        "first": day_of(first),
        "last": day_of(last),
        **{name: counts[kind] for kind, name in COUNTED.items()},
        "in_hospital": _in_hospital(),
        "by_day": _counted(rows, "day"),
        "by_cause": sorted(_counted(rows, "cause"), key=lambda row: -row["deaths"] - row["pulls"]),
        "by_batch": list(_by_batch(rows)),
        "data": rows,
    }


def _between(first: date, last: date) -> dict[str, datetime]:
    if last < first:
        return {"pulled_at__gte": midnight(first), "pulled_at__lt": midnight(first)}
    return {"pulled_at__gte": midnight(first), "pulled_at__lt": midnight(last + timedelta(days=1))}


def _in_hospital() -> int:
    waits = {"returned_at": None, "voided_at": None, "animal__status__in": ON_FEED}
    return Pull.objects.filter(**waits).values("animal_id").distinct().count()


def _treatments_of(animals: Q) -> Given:
    given: Given = defaultdict(list)
    rows: QuerySet[Treatment, Any] = Treatment.objects.filter(animals, voided_at=None)
    told = rows.order_by("given_at", "pk").values_list("animal_id", "given_at", "product__name")
    for animal_id, at, product in told:
        given[animal_id].append((localdate(at), product))
    return given


def _death(animal: Animal, given: Given) -> Shape:
    day = animal.left_on or date.min  # never: the rows were chosen by it
    return {
        "kind": DEATH,
        "id": animal.pk,
        "day": day_of(day),
        "at": None,
        "cause": animal.left_cause,
        "note": animal.left_reason,
        "pen_number": str(animal.pen or ""),
        "returned_at": None,
        **_about(animal, day, given),
    }


def _pull(pull: Pull, given: Given) -> Shape:
    day = localdate(pull.pulled_at)
    return {
        "kind": PULL,
        "id": pull.pk,
        "day": day_of(day),
        "at": time_of(pull.pulled_at),
        "cause": pull.cause,
        "note": pull.note,
        "pen_number": str(pull.to_pen or ""),
        "returned_at": time_of(pull.returned_at),
        **_about(pull.animal, day, given),
    }


def _about(animal: Animal, day: date, given: Given) -> Shape:
    """Return who it was, how long it was on feed, and what it was treated with until that day."""
    names = ("livestock_id", "visual_id", "lf_tag", "uhf_tag")
    came = animal.induction_date or localdate(animal.first_seen_at)
    before = [one for one in given.get(animal.pk, ()) if one[0] <= day]
    last = before[-1] if before else (None, "")
    return {
        "cattle_id": animal.pk,
        **{name: getattr(animal, name) for name in names},
        "batch_id": animal.batch_id,
        "batch_number": str(animal.batch or ""),
        "last_weight_kg": kilograms(animal.last_weight_kg),
        "days_on_feed": days_on_feed(came, day),
        "treatments": len(before),
        "last_product": last[1],
        "last_treated_on": day_of(last[0]),
    }


def _counted(rows: Iterable[Shape], name: str) -> list[Shape]:
    """Return deaths and pulls by the value of a field, the greatest first."""
    counts: dict[str, Shape] = {}
    for row in rows:
        value = row[name] or "unknown"
        found = counts.setdefault(value, {name: value, "deaths": 0, "pulls": 0})
        found[COUNTED[row["kind"]]] += 1
    return list(counts.values())


def _by_batch(rows: list[Shape]) -> Iterator[Shape]:
    """Yield, by batch, deaths and animals pulled, also in per cent of all that it ever had."""
    ids: dict[int | None, dict[str, list[int]]] = defaultdict(lambda: {DEATH: [], PULL: []})
    for row in rows:
        ids[row["batch_id"]][row["kind"]].append(row["cattle_id"])
    head = dict(
        Batch.objects.filter(pk__in=[pk for pk in ids if pk]).values_list("pk", "head_count")
    )
    numbers = {row["batch_id"]: row["batch_number"] for row in rows}
    for pk, found in sorted(ids.items(), key=lambda one: -len(one[1][DEATH]) - len(one[1][PULL])):
        had, pulled = head.get(pk or 0), len(set(found[PULL]))
        yield {
            "batch_id": pk,
            "batch_number": numbers[pk],
            "head_count": had,
            "deaths": len(found[DEATH]),
            "deaths_percent": _percent(len(found[DEATH]), had),
            "pulls": len(found[PULL]),
            "pulled_percent": _percent(pulled, had),
        }


def _percent(part: int, whole: int | None) -> float | None:
    return round(100 * part / whole, 1) if whole else None
