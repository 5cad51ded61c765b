"""The weights of a sheet, as the scale's own session or an export has them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from herd.errors import BadValue, UnknownAnimal
from herd.models import Animal, WeightRecord
from herd.operations.importing import Imported, RowOutcome, import_rows, save_import
from herd.operations.placing import new_animal
from herd.operations.weighings import Weighing, record_weight
from herd.rules import tags
from herd.sheets.rows import WeightRow
from herd.storage import fast_rows
from herd.unit_of_work import Prefetch, UnitOfWork

LONGEST_ID: Final = 50  # characters; a tag may have more


def import_weights(
    unit: UnitOfWork, rows: Iterable[WeightRow], name: str, at: datetime, *, pending: bool = False
) -> Imported:
    """Import weights, but those that were imported before; raise RowsRefused.

    A row without a time was weighed now. With `pending` an animal that nobody knows becomes a
    pending one.
    """
    outcome = Imported()
    # The oldest first: a weight that joins a series in the middle has the later ones judged again.
    in_order = sorted(rows, key=lambda row: (row.at is None, row.at or datetime.min))  # noqa: DTZ901 - naive on both sides
    import_rows(
        unit,
        in_order,
        lambda some: _prepare(unit, some, outcome),
        lambda row: _weight(unit, row, at, outcome, pending=pending),
    )
    summary = f"{name or 'A sheet'}: {outcome.recorded} weights"
    if outcome.created:
        summary += f", {outcome.created} animals new and pending"
    return save_import(unit, outcome, summary, at)


def _prepare(unit: UnitOfWork, rows: Sequence[WeightRow], outcome: Imported) -> None:
    names = frozenset(row.tag for row in rows)
    keys = names.union(*map(tags.search_keys, names))
    unit.prepare(Prefetch(lf_tag=keys, uhf_tag=keys, livestock_id=names, weighed=keys))
    counted = WeightRecord.objects.exclude(quality=WeightRecord.Quality.VOID)
    same_times = counted.filter(recorded_at__in={row.at for row in rows if row.at is not None})
    outcome.weighed.update(same_times.values_list("animal_id", "recorded_at", "weight_kg"))


def _weight(
    unit: UnitOfWork, row: WeightRow, at: datetime, outcome: Imported, *, pending: bool
) -> None:
    when = row.at or at
    animal = _known_or_pending(unit, row, when, outcome) if pending else find(unit, row.tag)
    weighed = (animal.pk, when, row.weight_kg)
    if row.at is not None and weighed in outcome.weighed:
        outcome.known += 1
        outcome.rows[row.line] = RowOutcome(str(animal), "known")
        return
    weighing = Weighing(row.weight_kg, when, WeightRecord.Source.IMPORT, at)
    record = record_weight(unit, animal, weighing)
    suspect = record.quality == WeightRecord.Quality.SUSPECT
    outcome.weighed.add(weighed)
    outcome.recorded += 1
    outcome.suspect += suspect
    outcome.steps["weights"].append(record.pk)
    what = outcome.rows[row.line].what if row.line in outcome.rows else "recorded"
    outcome.rows[row.line] = RowOutcome(str(animal), "suspect" if suspect else what)


def _known_or_pending(
    unit: UnitOfWork, row: WeightRow, when: datetime, outcome: Imported
) -> Animal:
    """Return the animal of this name, or a new pending one; what is no tag is its livestock id."""
    try:
        return find(unit, row.tag)
    except UnknownAnimal:
        animal = fast_rows.new(Animal, status=Animal.Status.PENDING)
        if tags.eid(row.tag):
            animal.lf_tag = row.tag
        elif tags.epc_urn(row.tag):
            animal.uhf_tag = row.tag
        elif len(row.tag) > LONGEST_ID:
            raise
        else:
            animal.livestock_id = row.tag
            outcome.ids.claim(animal)
    new_animal(unit, animal, when)
    outcome.created += 1
    outcome.steps["animals"].append(animal.pk)
    outcome.rows[row.line] = RowOutcome(str(animal), "pending")
    return animal


def find(unit: UnitOfWork, name: str) -> Animal:
    """Return the animal of this tag, in any spelling, livestock id or visual id.

    Raise UnknownAnimal for none, BadValue for several.
    """
    for key in (name, *tags.search_keys(name)):
        for found in (unit.animal_by_tag("lf", key), unit.animal_by_tag("uhf", key)):
            if found is not None:
                return found
    by_id = unit.animal(name)
    if by_id is not None:
        return by_id
    seen = list(Animal.objects.filter(visual_id=name).values_list("pk", flat=True)[:2])
    if not seen:
        raise UnknownAnimal(f"No animal is known as {name}.")
    if len(seen) > 1:
        raise BadValue(f"Several animals have visual id {name}.")
    return unit.animal_no(seen[0])
