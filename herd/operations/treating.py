"""Treatments: given to one animal or many, and voided; and until when each animal is not clear."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from herd.errors import BadValue, NotOnFeed, ReasonNeeded, UnknownTreatment
from herd.local_time import localdate
from herd.models import ON_FEED, Animal, Product, Treatment
from herd.operations.placing import check_year
from herd.rules.withdrawal import clear_day, dose_ml
from herd.storage import fast_rows
from herd.unit_of_work import UnitOfWork
from herd.withdrawal_lookups import is_early

MOST_AMOUNT: Final = Decimal("99999.99")
ML: Final = "ml"
IMPORT: Final = Treatment.Source.IMPORT


@dataclass(frozen=True, slots=True)
class Dose:
    """What was given: a product by its number, and what of it the product does not say alone."""

    product: int
    given_at: datetime
    amount: Decimal | None = None  # None: by the animal's weight, where the product says how
    unit: str = ""
    lot_no: str = ""  # "": the product's current one
    route: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Treating:
    """Animals that were given a dose each; `at` is when it was written down."""

    animals: Sequence[int]
    dose: Dose
    at: datetime
    source: str  # radio, office, admin or import


def treat(unit: UnitOfWork, asked: Treating) -> list[Treatment]:
    """Record a treatment of each of the animals or, where one cannot be, of none.

    Raises UnknownAnimal, UnknownProduct, NotOnFeed for one that had left before, or BadValue.
    """
    product = unit.product_no(asked.dose.product)
    _check(product, asked)
    animals = unit.animals(asked.animals)
    for animal in animals:
        _check_was_here(animal, localdate(asked.dose.given_at))
    return [_given(unit, animal, product, asked) for animal in animals]


def _check(product: Product, asked: Treating) -> None:
    dose = asked.dose
    check_year(dose.given_at, "given_at")
    if dose.given_at > asked.at:
        raise BadValue("A treatment cannot be from the future.", field="given_at")
    if dose.amount is not None and not 0 < dose.amount <= MOST_AMOUNT:
        sentence = f"An amount must be more than 0 and at most {MOST_AMOUNT}."
        raise BadValue(sentence, field="amount")
    # A radio and a sheet tell what was given; people are asked before they go on with it.
    if not product.active and asked.source in {Treatment.Source.OFFICE, Treatment.Source.ADMIN}:
        sentence = f"{product} is not in use any more. Mark it active first."
        raise BadValue(sentence, field="product_id")


def _check_was_here(animal: Animal, given_on: date) -> None:
    """Raise NotOnFeed for an animal that had left before the day of its treatment."""
    if animal.status in ON_FEED or animal.left_on is None or given_on <= animal.left_on:
        return
    raise NotOnFeed(
        f"{animal} is {animal.status} since {animal.left_on}. Mark it active if it is here, or"
        " correct the day of the treatment."
    )


def _given(unit: UnitOfWork, animal: Animal, product: Product, asked: Treating) -> Treatment:
    treatment = _row(unit, animal, product, asked)
    unit.add(treatment)
    unit.note("treatment:recorded", treatment.id, asked.at, treatment.reason)
    unit.change(animal, last_seen_at=max(animal.last_seen_at, treatment.given_at))
    set_clear_on(unit, animal, max(treatment.clear_on, animal.clear_on or date.min))
    # It may be told of one that has left since: a fact, which is shown until somebody answers.
    if is_early(animal):
        unit.accept_early(animal)
    unit.record_change("cattle:updated", animal, asked.at)
    return treatment


def _row(unit: UnitOfWork, animal: Animal, product: Product, asked: Treating) -> Treatment:
    dose = asked.dose
    amount, of = _amount(animal, product, asked)
    return fast_rows.new(
        Treatment,
        animal_id=animal.id,
        product_id=product.id,
        amount=amount,
        unit=of,
        # What a sheet leaves open may be of years ago: neither today's lot nor today's weight.
        lot_no=dose.lot_no or ("" if asked.source == IMPORT else product.lot_no),
        route=dose.route or product.route,
        reason=dose.reason.strip()[:200],
        given_at=dose.given_at,
        source=asked.source,
        recorded_by=unit.actor,
        clear_on=clear_day(localdate(dose.given_at), product.withdrawal_days),
        session_id=unit.session_id,
    )


def _amount(animal: Animal, product: Product, asked: Treating) -> tuple[Decimal | None, str]:
    """Return how much was given and in which unit; None where neither person nor weight says."""
    dose = asked.dose
    if dose.amount is not None:
        return dose.amount, dose.unit or (ML if product.ml_per_100kg else "")
    if asked.source == IMPORT or product.ml_per_100kg is None or animal.last_weight_kg is None:
        return None, dose.unit
    return dose_ml(animal.last_weight_kg, product.ml_per_100kg), ML


def doubts_of(product: Product, dose: Dose) -> str:
    """Return a sentence where the product's lot had expired by then, else ""."""
    given_on, is_this_lot = localdate(dose.given_at), dose.lot_no in {"", product.lot_no}
    if product.expires_on is None or given_on <= product.expires_on or not is_this_lot:
        return ""
    return f"The treatment is kept, but lot {product.lot_no} expired on {product.expires_on}."


def void_treatment(unit: UnitOfWork, pk: int, reason: str, at: datetime) -> Treatment:
    """Void a treatment: it holds its animal no longer, and its row stays. Twice is as once."""
    treatment = unit.by_number(Treatment, [pk]).get(pk)
    if treatment is None:
        raise UnknownTreatment(f"Treatment no. {pk} does not exist.")
    if not reason.strip():
        sentence = "Say why the treatment is void: it stays in the animal's history."
        raise ReasonNeeded(sentence, field="reason")
    void_treatments(unit, [treatment], reason, at)
    return treatment


def void_treatments(
    unit: UnitOfWork, treatments: Iterable[Treatment], reason: str, at: datetime
) -> None:
    """Void those of the treatments that stand, and work out anew until when each animal is held."""
    said, animals = reason.strip()[:200], dict[int, date | None]()
    for one in treatments:
        if one.voided_at is None:
            unit.change(one, voided_at=at, voided_by=unit.actor, void_reason=said)
            unit.note("treatment:voided", one.id, at, said)
            animals[one.animal_id] = None
    for one in unit.rows(Treatment, "animal_id", animals):
        if one.voided_at is None:
            animals[one.animal_id] = max(one.clear_on, animals[one.animal_id] or date.min)
    for animal in unit.animals(animals):
        set_clear_on(unit, animal, animals[animal.id])
        unit.record_change("cattle:updated", animal, at)


def recalculate_clear_on(unit: UnitOfWork, animal: Animal) -> None:
    """Work out anew until when an animal is not clear; the caller records the change."""
    stand = (
        one.clear_on
        for one in unit.rows(Treatment, "animal_id", [animal.id])
        if one.voided_at is None
    )
    set_clear_on(unit, animal, max(stand, default=None))


def set_clear_on(unit: UnitOfWork, animal: Animal, clear_on: date | None) -> None:
    """Set the day on which an animal is clear; a reason to let it leave does not hold for a later
    one."""
    if clear_on is not None and clear_on > (animal.clear_on or date.min):
        unit.change(animal, not_clear_reason=None)
    unit.change(animal, clear_on=clear_on)


def retime_treatments(unit: UnitOfWork, animal: Animal, before: datetime, after: datetime) -> None:
    """Correct the time of an animal's treatments; the caller records the change."""
    later = localdate(after) - localdate(before)
    for one in unit.rows(Treatment, "animal_id", [animal.id]):
        if one.given_at == before:
            unit.change(one, given_at=after, clear_on=one.clear_on + later)
            unit.note("treatment:recorded", one.id, after)
    recalculate_clear_on(unit, animal)
    if is_early(animal):
        unit.accept_early(animal)
