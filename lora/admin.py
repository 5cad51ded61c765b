"""The radio log in the admin: what was heard, why it was refused, and trying it again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone

from herd.admin.actions import ConfirmForm, OverrideForm
from herd.admin.base import QueuedAdmin, ReadOnlyAdmin, TagSearch
from herd.admin.filters import recent_values
from herd.admin.previewed_action import PreviewedAction, Rows, actor_of
from herd.errors import BadValue, HerdError
from herd.models import Animal, ReversibleChange
from herd.operations.placing import Overfill
from herd.unit_of_work import UnitOfWork
from lora import conflicts
from lora.models import DeviceCounter, LoRaPayload, Source
from lora.retry import retry, retry_one

if TYPE_CHECKING:  # generic for the type checker only
    from django.forms import ModelForm

EVEN_IF_FULL = "Even if a pen is full by it (say why)"
RADIO = ("rssi", "snr")  # as the last radio or gateway told them
WHERE = (("animal", "batch"), ("source", "received_at"))
RECEPTION = (
    *("form", "lines", RADIO, "original_payload", "corrected_by", "duplicate_of"),
    *(("reported_at", "late"), ("approximate", "simulated"), ("event_id", "signed_by")),
    *(("processed_at", "attempts"),),
)


def retry_payloads(unit: UnitOfWork, rows: Rows, _given: dict[str, Any]) -> str:
    """Hand those in error to the worker again; the others are said, not touched."""
    in_error = rows.filter(status=LoRaPayload.Status.ERROR).order_by("pk")
    tried = [retry_one(unit, pk).pk for pk in in_error.values_list("pk", flat=True)]
    others = rows.count() - len(tried)
    left = f" {others} are not in error and stay as they are." if others else ""
    return f"{len(tried)} {'payload' if len(tried) == 1 else 'payloads'} will be tried again.{left}"


class Decide(OverrideForm):
    decision = forms.ChoiceField(
        choices=[
            ("merge", "They are one animal: merge the others into the one that is right"),
            ("give", "They are different animals: the tags belong to the one that is right"),
            ("ignore", "Leave it as it is"),
        ],
        widget=forms.RadioSelect,
    )
    animal = forms.IntegerField(
        required=False,
        min_value=1,
        error_messages={"invalid": "Choose the animal that is right."},
    )
    status_from = forms.IntegerField(required=False, min_value=1)
    force = forms.BooleanField(required=False, label=EVEN_IF_FULL)
    field_order = ("decision", "animal", "status_from", "force", "reason", "override")


def decide_conflict(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    (payload,) = rows.values_list("pk", flat=True) if rows.count() == 1 else (None,)
    if payload is None:
        raise BadValue("Tag conflicts are decided one at a time.")
    at = timezone.now()
    chosen = given["decision"], given["animal"], given["reason"], at
    more = given["status_from"], given["force"], given["override"]
    decision = conflicts.Decision(*chosen, *more)
    outcome = conflicts.resolve(unit, payload, decision)
    named = ", ".join(f"{animal} (no. {animal.pk})" for animal in outcome.animals)
    done = " ".join(str(change) for change in outcome.changes)
    return f"Payload no. {payload}, about {named}: {done or 'left as it is'}."


# What is compared of the animals of a conflict: what it is called, and the column.
COMPARED = (
    ("LF tag (EID)", "lf_tag"),
    ("UHF tag (EPC)", "uhf_tag"),
    ("Visual id", "visual_id"),
    ("Batch", "batch"),
    ("Pen", "pen"),
    ("Status", "status"),
    ("Left on", "left_on"),
    ("Clear on", "clear_on"),
    ("Sex", "sex"),
    ("Tag colour", "tag_color"),
    ("Last weight, kg", "last_weight_kg"),
    ("Weighed", "last_weighed_at"),
    ("Inducted", "induction_date"),
    ("First seen", "first_seen_at"),
    ("Last seen", "last_seen_at"),
)


def conflict_context(rows: Rows) -> dict[str, Any]:
    """Return what the page of a conflict shows: its payload, and its animals side by side."""
    payloads = list(rows[:2])
    try:
        if len(payloads) != 1:
            raise BadValue("Tag conflicts are decided one at a time.")
        found = conflicts.conflict_of(payloads[0].pk)
    except HerdError as error:
        return {"why_not": str(error)}
    read = {found.lf, found.uhf, found.livestock_id} - {""}
    lines = [
        (label, [(value, value in read) for value in _values(found.animals, column)])
        for label, column in COMPARED
    ]
    return {"conflict": found, "lines": lines}


def _values(animals: Sequence[Animal], column: str) -> list[Any]:
    return [getattr(animal, column) for animal in animals]


def _is_in_error(payload: LoRaPayload) -> bool:
    return payload.status == LoRaPayload.Status.ERROR


def _is_in_conflict(payload: LoRaPayload) -> bool:
    return _is_in_error(payload) and payload.error_code in {conflicts.CONFLICT, conflicts.IGNORED}


def _is_not_undone(change: ReversibleChange) -> bool:
    return change.undone_at is None


DECIDE = PreviewedAction(
    "Decide a tag conflict",
    Decide,
    decide_conflict,
    permission="retry",
    fits=_is_in_conflict,
    template="admin/tag_conflict.html",
    context=conflict_context,
)
RETRY = PreviewedAction(
    "Try again", ConfirmForm, retry_payloads, permission="retry", fits=_is_in_error
)


@admin.register(LoRaPayload)
class PayloadAdmin(TagSearch, QueuedAdmin, ReadOnlyAdmin):
    """Read only, but for the text of a payload in error: saved, it will be tried again."""

    journal_word = "payload"
    list_display = ["raw_payload", "status", "error_message", "source", "received_at"]
    list_filter = [
        "status",
        recent_values("error_code", "reason", status="error"),
        recent_values("form", "form"),
        "received_at",
    ]
    search_fields = ["raw_payload", "source", "event_id"]
    tags_in = ("animal__lf_tag", "animal__uhf_tag")
    actions = [RETRY, DECIDE]
    # Neither digest nor boot nor arrival in milliseconds: they are the worker's.
    fieldsets = [
        (None, {"fields": ["raw_payload", "status", "error_message", "remark", *WHERE]}),
        ("More of its reception", {"fields": RECEPTION, "classes": ["collapse"]}),
    ]
    show_full_result_count = False

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        names = [field.name for field in LoRaPayload._meta.fields]  # noqa: SLF001 - Django's own
        return tuple(name for name in names if name != "raw_payload")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return isinstance(obj, LoRaPayload) and (
            obj.status == LoRaPayload.Status.ERROR and self.has_retry_permission(request)
        )

    def save_model(
        self,
        request: HttpRequest,
        obj: LoRaPayload,
        form: "ModelForm[LoRaPayload]",
        change: bool,  # noqa: FBT001 - Django's own signature
    ) -> None:
        retry(obj.pk, actor=actor_of(request), text=form.cleaned_data["raw_payload"])

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("lora.change_lorapayload")


@admin.register(Source)
class SourceAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "last_heard_at", "frames", "errors", "drops", *RADIO, "note"]
    list_filter = ["kind"]
    search_fields = ["name"]


@admin.register(DeviceCounter)
class DeviceCounterAdmin(ReadOnlyAdmin):
    """Deleted, a device may count from anew: for one whose own counter fell back."""

    list_display = ["device", "counter", "seen_at"]
    search_fields = ["device"]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return request.user.has_perm("lora.delete_devicecounter")


class TakeBack(OverrideForm):
    force = forms.BooleanField(required=False, label=EVEN_IF_FULL)
    field_order = ("force", "reason", "override")


def take_back(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    """Undo the changes, the newest first: an older one may be built upon by a newer one."""
    overfill = Overfill(given["force"], given["reason"])
    for pk in rows.order_by("-pk").values_list("pk", flat=True):
        conflicts.undo(unit, pk, timezone.now(), overfill, given["override"])
    return f"Taken back: {', '.join(str(change) for change in rows)}."


@admin.register(ReversibleChange)
class ChangeAdmin(ReadOnlyAdmin):
    """Here and not beside the herd: a decision about tags that is taken back asks anew."""

    list_display = ["summary", "kind", "made_at", "made_by", "undone_at", "undone_by"]
    list_filter = ["kind", "made_at"]
    exclude = ["steps"]
    actions = [
        PreviewedAction("Take back", TakeBack, take_back, permission="undo", fits=_is_not_undone)
    ]

    def has_undo_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("herd.change_reversiblechange")
