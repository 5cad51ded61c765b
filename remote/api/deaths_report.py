"""Who died and who was pulled in a span of days: by day, by batch, by cause and one by one."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from herd.local_time import localdates, midnight
from herd.models import ON_FEED, Animal, Batch, Pen, Product, Pull, Treatment
from herd.rules.growth import days_on_feed
from herd.storage import fast_rows
from remote.api.serializers import Shape, day_of, kilograms, time_of

DAYS: Final = 30  # where the caller names no first day
MOST_DAYS: Final = 366
OLDEST: Final = date(2000, 1, 1)
DEATH, PULL = "death", "pull"
COUNTED: Final = {DEATH: "deaths", PULL: "pulls"}
Given = dict[int, list[tuple[date, int]]]  # by animal the products of its treatments, in order
Names = dict[int | None, str]


# A year of a large yard is ten thousand rows. As Django's objects, with their joins, they took a
# Pi's core for a second and a half.
class PulledRow(NamedTuple):
    id: int
    animal_id: int
    cause: str
    note: str
    pulled_at: datetime
    to_pen_id: int | None
    returned_at: datetime | None


class AnimalRow(NamedTuple):
    id: int
    livestock_id: str
    visual_id: str
    lf_tag: str | None
    uhf_tag: str | None
    batch_id: int | None
    pen_id: int | None
    induction_date: date | None
    first_seen_at: datetime
    left_on: date | None
    left_cause: str
    left_reason: str
    last_weight_kg: Decimal | None


class Known(NamedTuple):
    """What the rows name by its number."""

    animals: dict[int, AnimalRow]
    first_seen: dict[int, date]
    given: Given
    batches: Names
    pens: Names
    products: Names


def span_of(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return the days that are reported on: none to come, and a year of them at most."""
    end = min(last or today, today)
    if end < OLDEST:
        return OLDEST, end
    earliest = max(OLDEST, end - timedelta(days=MOST_DAYS - 1))
    return max(earliest, first or end - timedelta(days=DAYS - 1)), end


def deaths_report(first: date, last: date) -> Shape:
    """Return the report from one day to another one; of void pulls it tells nothing."""
    rows = _rows_between(first, last)
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


def _rows_between(first: date, last: date) -> list[Shape]:
    dead = _dead_between(first, last)
    pulls = _pulls_between(first, last)
    known = _known_of({*dead, *(one.animal_id for one in pulls)})
    days = localdates(one.pulled_at for one in pulls)
    rows = [
        *(_death(known.animals[pk], known) for pk in dead),
        *(_pull(pull, day, known) for pull, day in zip(pulls, days, strict=True)),
    ]
    return sorted(rows, key=lambda row: (row["day"], row["kind"], row["id"]), reverse=True)


def _dead_between(first: date, last: date) -> list[int]:
    dead = Animal.objects.filter(status=Animal.Status.DEAD, left_on__range=(first, last))
    return list(dead.values_list("pk", flat=True))


def _pulls_between(first: date, last: date) -> list[PulledRow]:
    pulls = Pull.objects.filter(voided_at=None, **_between(first, last))
    ids = list(pulls.values_list("pk", flat=True))
    return list(map(PulledRow._make, fast_rows.find_values(Pull, "id", ids, PulledRow._fields)))


def _between(first: date, last: date) -> dict[str, datetime]:
    if last < first:
        return {"pulled_at__gte": midnight(first), "pulled_at__lt": midnight(first)}
    return {"pulled_at__gte": midnight(first), "pulled_at__lt": midnight(last + timedelta(days=1))}


def _in_hospital() -> int:
    waits = {"returned_at": None, "voided_at": None, "animal__status__in": ON_FEED}
    return Pull.objects.filter(**waits).values("animal_id").distinct().count()


def _known_of(ids: set[int]) -> Known:
    found = fast_rows.find_values(Animal, "id", ids, AnimalRow._fields)
    animals = {one.id: one for one in map(AnimalRow._make, found)}
    seen = localdates(one.first_seen_at for one in animals.values())
    return Known(
        animals,
        dict(zip(animals, seen, strict=True)),
        _treatments_of(ids),
        dict(Batch.objects.values_list("pk", "batch_number")),
        dict(Pen.objects.values_list("pk", "pen_number")),
        dict(Product.objects.values_list("pk", "name")),
    )


def _treatments_of(ids: set[int]) -> Given:
    names = ("animal_id", "product_id", "given_at")
    order = " AND voided_at IS NULL ORDER BY given_at, id"
    rows = list(fast_rows.find_values(Treatment, "animal_id", ids, names, order))
    days = localdates(at for *_, at in rows)
    given: Given = defaultdict(list)
    for (animal_id, product_id, _), day in zip(rows, days, strict=True):
        given[animal_id].append((day, product_id))
    return given


def _death(animal: AnimalRow, known: Known) -> Shape:
    day = animal.left_on or date.min  # never: the rows were chosen by it
    return {
        "kind": DEATH,
        "id": animal.id,
        "day": day_of(day),
        "at": None,
        "cause": animal.left_cause,
        "note": animal.left_reason,
        "pen_number": known.pens.get(animal.pen_id, ""),
        "returned_at": None,
        **_about(animal, day, known),
    }


def _pull(pull: PulledRow, day: date, known: Known) -> Shape:
    return {
        "kind": PULL,
        "id": pull.id,
        "day": day_of(day),
        "at": time_of(pull.pulled_at),
        "cause": pull.cause,
        "note": pull.note,
        "pen_number": known.pens.get(pull.to_pen_id, ""),
        "returned_at": time_of(pull.returned_at),
        **_about(known.animals[pull.animal_id], day, known),
    }


def _about(animal: AnimalRow, day: date, known: Known) -> Shape:
    """Return who it was, how long it was on feed, and what it was treated with until that day."""
    came = animal.induction_date or known.first_seen[animal.id]
    given = known.given.get(animal.id, ())
    before = bisect_left(given, (day + timedelta(days=1),))
    last_on, product = given[before - 1] if before else (None, None)
    return {
        "cattle_id": animal.id,
        "livestock_id": animal.livestock_id,
        "visual_id": animal.visual_id,
        "lf_tag": animal.lf_tag,
        "uhf_tag": animal.uhf_tag,
        "batch_id": animal.batch_id,
        "batch_number": known.batches.get(animal.batch_id, ""),
        "last_weight_kg": kilograms(animal.last_weight_kg),
        "days_on_feed": days_on_feed(came, day),
        "treatments": before,
        "last_product": known.products.get(product, ""),
        "last_treated_on": day_of(last_on),
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
