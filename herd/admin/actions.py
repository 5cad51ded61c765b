"""What the admin does with animals, batches and weights that a person has chosen."""

from collections.abc import Sequence, Sized
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect
from django.utils import timezone

from herd import operations
from herd.admin.previewed_action import Doubtful, PreviewedAction, Rows
from herd.causes import CAUSES
from herd.errors import BadValue
from herd.models import Animal, Batch, Pen, Product, Treatment, WeightRecord
from herd.operations import Dose, Leaving, Move, Retag, Treating, Weighing
from herd.operations.treating import doubts_of
from herd.rules.units import MOST_KG
from herd.unit_of_work import UnitOfWork

LEAST_KG: Final = Decimal("0.01")


def _searched(name: str) -> AutocompleteSelect:
    """Return a field's widget that finds a batch or pen by what is typed: a menu of all of them
    held 1,250 pens."""
    return AutocompleteSelect(Animal._meta.get_field(name), admin.site)  # noqa: SLF001 - Django's own


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, required=False)


class RequiredReasonForm(forms.Form):
    reason = forms.CharField(max_length=200)


class PenForm(ReasonForm):
    pen = forms.ModelChoiceField(
        Pen.objects.order_by("pen_number"),
        required=False,
        widget=_searched("pen"),
        help_text="Type its number. Left empty, they are taken out of their pens.",
    )
    force = forms.BooleanField(required=False, label="Even if the pen is full (say why)")
    field_order: Sequence[str] = ("pen", "force", "reason")


class BatchForm(ReasonForm):
    batch = forms.ModelChoiceField(
        Batch.objects.open().order_by("batch_number"),
        widget=_searched("batch"),
        help_text="Type its number; an open batch.",
        error_messages={"invalid_choice": "Choose a batch that is open."},
    )
    field_order = ("batch", "reason")


class OverrideForm(ReasonForm):
    """The form of an action by which an animal may leave before it is clear."""

    override = forms.CharField(
        max_length=200,
        required=False,
        label="Why they may leave before they are clear",
        help_text="Only for animals that are not clear of what they were treated with.",
    )


class LeaveForm(OverrideForm):
    status = forms.ChoiceField(
        choices=[(one, one) for one in ("exported", "sold", "dead", "active")]
    )
    on = forms.DateField(initial=timezone.localdate, widget=forms.DateInput(attrs={"type": "date"}))
    cause = forms.ChoiceField(
        choices=[("", "–"), *CAUSES.items()], required=False, help_text="Of one that is dead."
    )
    field_order = ("status", "on", "cause", "reason", "override")


class TagsForm(ReasonForm):
    lf_tag = forms.CharField(max_length=64, required=False, label="LF tag (EID)")
    uhf_tag = forms.CharField(max_length=64, required=False, label="UHF tag (EPC)")
    take_over = forms.BooleanField(required=False, label="Take it off the animal that wears it now")
    field_order = ("lf_tag", "uhf_tag", "take_over", "reason")


class WeighForm(forms.Form):
    weight_kg = forms.DecimalField(
        label="Weight in kg",
        max_digits=7,
        decimal_places=2,
        min_value=LEAST_KG,
        max_value=MOST_KG,
    )
    recorded_at = forms.SplitDateTimeField(
        initial=timezone.now, widget=AdminSplitDateTime, label="Recorded at"
    )


class TreatForm(ReasonForm):
    product = forms.ModelChoiceField(Product.objects.filter(active=True).order_by("name"))
    amount = forms.DecimalField(
        max_digits=7,
        decimal_places=2,
        min_value=LEAST_KG,
        required=False,
        help_text="Of each. Left empty: by its last weight, where the product says how.",
    )
    unit = forms.CharField(max_length=20, required=False)
    lot_no = forms.CharField(max_length=50, required=False, label="Lot number, if another one")
    given_at = forms.SplitDateTimeField(
        initial=timezone.now, widget=AdminSplitDateTime, label="Given at"
    )
    field_order = ("product", "amount", "unit", "lot_no", "given_at", "reason")


class ConfirmForm(forms.Form):
    """The form of an action that only asks for a confirmation."""


def move_animals(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    pen, at = given["pen"], timezone.now()
    asked = Move(ids_of(rows), pen and pen.pk, at, given["reason"], force=given["force"])
    moved = operations.move_animals(unit, asked)
    if pen is None:
        return f"{counted(moved)} taken out of {'its pen' if len(moved) == 1 else 'their pens'}."
    there = unit.head_in(unit.pen_no(pen.pk))
    of = f" of {pen.capacity}" if pen.capacity else ""
    return f"{counted(moved)} to pen {pen}, which then holds {there}{of} head."


def change_batch(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    batch = unit.batch_no(given["batch"].pk)
    at = timezone.now()
    moved = operations.change_batch(unit, ids_of(rows), batch, at, given["reason"])
    return f"{counted(moved)} to batch {batch}."


def mark_animals(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids, now = ids_of(rows), timezone.now()
    again = len(ids) == 1  # who chose one animal means it
    said = given["reason"], again, given["override"]
    leaving = Leaving(ids, given["status"], given["on"], now, *said, cause=given["cause"])
    return f"{counted(operations.leave(unit, leaving))} {given['status']}."


def give_tags(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    animal_id = _one_of(rows, "Tags are given to one animal at a time.")
    tags = given["lf_tag"], given["uhf_tag"]
    asked = Retag(animal_id, timezone.now(), *tags, given["reason"], given["take_over"])
    animal, _ = operations.retag(unit, asked)
    return f"{animal} wears {animal.lf_tag or 'no LF tag'} and {animal.uhf_tag or 'no UHF tag'}."


def close_batches(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    chosen = unit.by_number(Batch, ids_of(rows)).values()
    open_ones = [batch for batch in chosen if batch.status == Batch.Status.OPEN]
    head = sum(batch.on_feed_count for batch in open_ones)
    for batch in open_ones:
        operations.edit_batch(unit, batch, {"status": Batch.Status.CLOSED}, timezone.now())
    closed = counted(open_ones, "batch", "batches")
    return (
        f"{closed} closed; {head} head of {'it' if len(open_ones) == 1 else 'them'} still on feed."
    )


def weigh(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    animal = unit.animal_no(_one_of(rows, "Animals are weighed one at a time."))
    noted_at = timezone.now()
    source = WeightRecord.Source.ADMIN
    weighing = Weighing(given["weight_kg"], given["recorded_at"], source, noted_at)
    weight = operations.record_weight(unit, animal, weighing)
    said = f"{animal}: {weight}."
    doubtful = doubts(weight, animal)
    return Doubtful(" ".join((said, *doubtful))) if doubtful else said


def doubts(weight: WeightRecord, animal: Animal) -> list[str]:
    """Return what is to be said of a weight that is kept all the same."""
    gone = operations.weighed_after_leaving(animal, weight.recorded_at)
    if weight.quality != WeightRecord.Quality.SUSPECT:
        return [gone] if gone else []
    suspect = f"{weight} is kept as suspect and counts in no figure: {weight.reason}"
    return [suspect, gone] if gone else [suspect]


def treat(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    at, source = timezone.now(), Treatment.Source.ADMIN
    dose = dose_of(given, min(given["given_at"], at))
    made = operations.treat(unit, Treating(ids_of(rows), dose, at, source))
    until = max((one.clear_on for one in made), default=None)
    said = f"{counted(made)} treated with {given['product']}, clear on {until}."
    doubt = doubts_of(given["product"], dose)
    return Doubtful(f"{said} {doubt}") if doubt else said


def dose_of(given: dict[str, Any], given_at: datetime) -> Dose:
    """Return the dose that a form tells."""
    texts = {name: given.get(name, "") for name in ("unit", "lot_no", "route", "reason")}
    return Dose(given["product"].pk, given_at, given.get("amount"), **texts)


def void_treatments(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids = ids_of(rows)
    for pk in ids:
        operations.void_treatment(unit, pk, given["reason"], timezone.now())
    return f"{counted(ids, 'treatment', 'treatments')} voided."


def void_weights(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids = ids_of(rows)
    for pk in ids:
        operations.void_weight(unit, pk, given["reason"], timezone.now())
    return f"{counted(ids, 'weight', 'weights')} voided."


def counted(rows: Sized, one: str = "animal", many: str = "animals") -> str:
    return f"{len(rows)} {one if len(rows) == 1 else many}"


def accept_weights(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids = ids_of(rows)
    for pk in ids:
        operations.accept_weight(unit, pk, timezone.now())
    return f"{counted(ids, 'weight', 'weights')} accepted."


def unvoid_weights(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids = ids_of(rows)
    for pk in ids:
        operations.unvoid_weight(unit, pk, timezone.now())
    return f"{counted(ids, 'weight', 'weights')} not void any more."


def ids_of(rows: Rows) -> list[int]:
    """Return the numbers of the chosen rows, in their order."""
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _one_of(rows: Rows, otherwise: str) -> int:
    ids = ids_of(rows)
    if len(ids) != 1:
        raise BadValue(otherwise)
    return ids[0]


def _is_open(batch: Batch) -> bool:
    return batch.status == Batch.Status.OPEN


def _stands(treatment: Treatment) -> bool:
    return treatment.voided_at is None


def _is_suspect(weight: WeightRecord) -> bool:
    return weight.quality == WeightRecord.Quality.SUSPECT


def _is_void(weight: WeightRecord) -> bool:
    return weight.quality == WeightRecord.Quality.VOID


def _is_not_void(weight: WeightRecord) -> bool:
    return weight.quality != WeightRecord.Quality.VOID


MOVE = PreviewedAction("Move to a pen", PenForm, move_animals)
TO_BATCH = PreviewedAction("Move to a batch", BatchForm, change_batch)
WEIGH = PreviewedAction("Weigh", WeighForm, weigh)
TAGS = PreviewedAction("Give new tags", TagsForm, give_tags)
LEFT = "Mark exported, sold, dead, or back on feed"
MARK = PreviewedAction(LEFT, LeaveForm, mark_animals)
TREAT = PreviewedAction("Treat", TreatForm, treat)
CLOSE = PreviewedAction("Close", ConfirmForm, close_batches, fits=_is_open)
VOID = PreviewedAction("Void", RequiredReasonForm, void_weights, fits=_is_not_void)
VOID_TREATMENT = PreviewedAction("Void", RequiredReasonForm, void_treatments, fits=_stands)
ACCEPT = PreviewedAction("Accept", ConfirmForm, accept_weights, fits=_is_suspect)
UNVOID = PreviewedAction("Take the void back", ConfirmForm, unvoid_weights, fits=_is_void)
ACTIONS: dict[type[Any], list[PreviewedAction]] = {
    Animal: [MOVE, TO_BATCH, WEIGH, TREAT, TAGS, MARK],
    Batch: [CLOSE],
    Treatment: [VOID_TREATMENT],
    WeightRecord: [VOID, ACCEPT, UNVOID],
}
