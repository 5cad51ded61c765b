"""The admin's pages of pulls, and what it does with them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from herd import operations
from herd.admin.actions import ACTIONS, PenForm, RequiredReasonForm, counted, ids_of
from herd.admin.base import OperatedAdmin, TagSearch
from herd.admin.previewed_action import PreviewedAction, Rows
from herd.causes import CAUSES
from herd.models import Animal, Pull
from herd.operations.placing import Overfill
from herd.unit_of_work import UnitOfWork

NAMES_OF_ANIMAL = ("animal__livestock_id", "animal__lf_tag", "animal__uhf_tag")
SHOWN = ("animal", "cause", "note", "pulled_at", "from_pen", "to_pen", "source", "recorded_by")
AFTER = ("returned_at", "returned_by", "voided_at", "voided_by", "void_reason")


class PullForm(PenForm):
    cause = forms.ChoiceField(choices=[("", "choose"), *CAUSES.items()])
    pulled_at = forms.SplitDateTimeField(
        initial=timezone.now, widget=AdminSplitDateTime, label="Pulled at"
    )
    note = forms.CharField(max_length=200, required=False)
    field_order = ("cause", "pen", "pulled_at", "note", "force", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pen"].help_text = "The hospital pen. Left empty, they stay in their pens."


class BackForm(PenForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pen"].help_text = "Left empty: the pen that each came from."


def pull_animals(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    at, pen = timezone.now(), given["pen"]
    asked = operations.Pulling(
        ids_of(rows),
        given["cause"],
        min(given["pulled_at"], at),
        at,
        Pull.Source.ADMIN,
        pen=pen and pen.pk,
        note=given["note"],
        overfill=Overfill(given["force"], given["reason"]),
    )
    made = operations.pull(unit, asked)
    return f"{counted(made)} pulled: {CAUSES[given['cause']]}."


def send_back(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids, at, pen = ids_of(rows), timezone.now(), given["pen"]
    overfill = Overfill(given["force"], given["reason"])
    for pk in ids:
        operations.send_back(unit, operations.SendingBack(pk, at, pen and pen.pk, overfill))
    return f"{counted(ids)} sent back."


def void_pulls(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids = ids_of(rows)
    for pk in ids:
        operations.void_pull(unit, operations.SendingBack(pk, timezone.now()), given["reason"])
    return f"{counted(ids, 'pull', 'pulls')} voided."


def _is_open(pull: Pull) -> bool:
    return pull.is_open


def _stands(pull: Pull) -> bool:
    return pull.voided_at is None


# The table of actions holds what this module does, and does not know it.
ACTIONS[Animal].append(PreviewedAction("Pull to the hospital pen", PullForm, pull_animals))
ACTIONS[Pull] = [
    PreviewedAction("Send back to a pen", BackForm, send_back, fits=_is_open),
    PreviewedAction("Void", RequiredReasonForm, void_pulls, fits=_stands),
]


@admin.register(Pull)
class PullAdmin(TagSearch, OperatedAdmin):
    """A pull is made by the action on an animal, and sent back or made void by those here."""

    journal_word = "pull"
    fields = readonly_fields = (*SHOWN, *AFTER)
    list_display = ["animal", "cause", "pulled_at", "to_pen", "returned_at", "voided_at"]
    list_filter = ["cause", "pulled_at"]
    list_select_related = ["animal", "to_pen"]
    search_fields = NAMES_OF_ANIMAL
    tags_in = NAMES_OF_ANIMAL[1:]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)
