"""Scales in the admin: the days on which one was adjusted or at fault, and what a person says of
them."""

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from herd import operations
from herd.admin.actions import RequiredReasonForm
from herd.admin.base import ReadOnlyAdmin
from herd.admin.filters import recent_values
from herd.admin.previewed_action import PreviewedAction, Rows
from herd.errors import BadValue
from herd.rules.counts import counted
from herd.scales_table import ScaleFault, ScaleStep
from herd.unit_of_work import UnitOfWork


class CorrectForm(RequiredReasonForm):
    first = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="First day")
    last = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), label="Last day")
    factor = forms.DecimalField(
        max_digits=9, decimal_places=6, help_text="A weight times this is the right one."
    )
    field_order = ("first", "last", "factor", "reason")


def confirm_steps(unit: UnitOfWork, rows: Rows, _given: dict[str, Any]) -> str:
    """Say that the scales were adjusted on these days."""
    for scale, day in rows.values_list("scale", "day"):
        operations.confirm_step(unit, operations.Adjusted(scale, day, timezone.now()))
    return f"Adjusted, and no gain crosses it: {rows.count()}."


def undo_steps(unit: UnitOfWork, rows: Rows, _given: dict[str, Any]) -> str:
    """Say that the scales were not adjusted on these days."""
    for pk in rows.values_list("pk", flat=True):
        operations.undo_step(unit, pk, timezone.now())
    return f"Not adjusted: {rows.count()}."


def correct_scale(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    """Correct the weights of the one scale that these rows are of."""
    scales = set(rows.order_by().values_list("scale", flat=True))
    if len(scales) != 1:
        raise BadValue("Choose the days of one scale.")
    span, factor = (given["first"], given["last"]), Decimal(given["factor"])
    made = operations.correct_weights(
        unit,
        operations.Correction(scales.pop(), *span, factor, given["reason"], timezone.now()),
    )
    return f"Corrected: {counted(made.weights, 'weight')} of {counted(made.animals, 'animal')}."


def _is_told(step: ScaleStep) -> bool:
    return step.confirmed_at is not None and step.undone_at is None


CORRECT: Final = PreviewedAction(
    "Correct its weights", CorrectForm, correct_scale, permission="correct"
)
CONFIRM: Final = PreviewedAction(
    "It was adjusted",
    forms.Form,
    confirm_steps,
    permission="correct",
    fits=lambda step: not _is_told(step),
)
UNDO: Final = PreviewedAction(
    "It was not adjusted",
    forms.Form,
    undo_steps,
    permission="correct",
    fits=lambda step: step.undone_at is None,
)


class _ScaleAdmin(ReadOnlyAdmin):
    list_filter = ["day", recent_values("scale", "scale")]
    search_fields = ["scale"]

    def has_correct_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("herd.change_scalestep")


@admin.register(ScaleStep)
class ScaleStepAdmin(_ScaleAdmin):
    list_display = ["scale", "day", "factor", "animals", "confirmed_by", "undone_by"]
    exclude = ["judged_to"]
    actions = [CONFIRM, UNDO, CORRECT]


@admin.register(ScaleFault)
class ScaleFaultAdmin(_ScaleAdmin):
    list_display = ["scale", "day", "animals", "weights", "suspect"]
    actions = [CORRECT]
