"""Actions in the admin on many rows: first what would happen, then, confirmed, what happens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from herd import operations
from herd.concurrency import carry_out
from herd.errors import BadValue, HerdError
from herd.models import Animal, Batch, Pen, WeightRecord
from herd.operations import Leaving, Move, Retag
from herd.storage.journal import REQUEST_TIMEOUT, JournalBusy
from herd.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

MOST_SHOWN = 50

Rows = QuerySet[Any]
Operate = Callable[[UnitOfWork, Rows, dict[str, Any]], str]  # may run twice: see `carry_out`
Action = Callable[["ModelAdmin[Any]", HttpRequest, Rows], HttpResponse | None]


def actor_of(request: HttpRequest) -> str:
    return f"admin:{request.user.get_username()}"


@dataclass(frozen=True, slots=True)
class ActionResult:
    """`done` is what was done, or would be; `refused` why not."""

    done: str = ""
    refused: str = ""


def with_preview(
    title: str, form: type[forms.Form], operate: Operate, *, permission: str = "change"
) -> Action:
    """Return an action that shows a page with `form`; `operate` changes rows and says what it did.
    `permission` names the admin's `has_…_permission` that is asked."""

    def action(
        modeladmin: "ModelAdmin[Any]", request: HttpRequest, queryset: Rows
    ) -> HttpResponse | None:
        sent = bool({"look", "apply"} & set(request.POST))  # the list of rows has neither button
        filled = form(request.POST if sent else None)
        result = ActionResult()
        if sent and filled.is_valid():
            keep = "apply" in request.POST
            result = _run(request, queryset, filled.cleaned_data, operate, keep=keep)
            if keep and not result.refused:
                modeladmin.message_user(request, result.done, messages.SUCCESS)
                return None
        return _page(modeladmin, request, queryset, title, (filled, result))

    action.short_description = title  # type: ignore[attr-defined]  # how the admin reads it
    action.__name__ = operate.__name__
    action.allowed_permissions = (permission,)  # type: ignore[attr-defined]  # how the admin reads it
    return action


def _run(
    request: HttpRequest, rows: Rows, given: dict[str, Any], operate: Operate, *, keep: bool
) -> ActionResult:
    try:
        done = carry_out(
            actor_of(request),
            lambda unit: operate(unit, rows.all(), given),  # asked anew where it thinks again
            REQUEST_TIMEOUT,
            preview=not keep,
        )
    except (HerdError, JournalBusy) as error:
        return ActionResult(refused=str(error))
    return ActionResult(done=done)


def _page(
    modeladmin: "ModelAdmin[Any]",
    request: HttpRequest,
    queryset: Rows,
    title: str,
    state: tuple[forms.Form, ActionResult],
) -> HttpResponse:
    form, result = state
    return TemplateResponse(
        request,
        "admin/action_preview.html",
        {
            **modeladmin.admin_site.each_context(request),
            "title": title,
            "form": form,
            "result": result,
            "rows": queryset[:MOST_SHOWN],
            "count": queryset.count(),
            "opts": modeladmin.model._meta,  # noqa: SLF001 - as the admin's own templates ask
            "action": request.POST.get("action", ""),
            "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "across": request.POST.get("select_across", "0"),
            "checkbox": ACTION_CHECKBOX_NAME,
        },
    )


# -- the actions --------------------------------------------------------------------------------


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=200, required=False)


class RequiredReasonForm(forms.Form):
    reason = forms.CharField(max_length=200)


class PenForm(ReasonForm):
    pen = forms.ModelChoiceField(
        Pen.objects.order_by("pen_number"), required=False, empty_label="no pen"
    )
    force = forms.BooleanField(required=False, label="Even if the pen is full (say why)")
    field_order = ("pen", "force", "reason")


class BatchForm(ReasonForm):
    batch = forms.ModelChoiceField(Batch.objects.open().order_by("batch_number"))
    field_order = ("batch", "reason")


class LeaveForm(ReasonForm):
    status = forms.ChoiceField(
        choices=[(one, one) for one in ("exported", "sold", "dead", "active")]
    )
    on = forms.DateField(initial=timezone.localdate, widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("status", "on", "reason")


class TagsForm(ReasonForm):
    lf_tag = forms.CharField(max_length=64, required=False, label="LF tag (EID)")
    uhf_tag = forms.CharField(max_length=64, required=False, label="UHF tag (EPC)")
    take_over = forms.BooleanField(required=False, label="Take it off the animal that wears it now")
    field_order = ("lf_tag", "uhf_tag", "take_over", "reason")


class ConfirmForm(forms.Form):
    """The form of an action that only asks for a confirmation."""


def move_animals(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    pen = given["pen"]
    asked = Move(_ids(rows), pen and pen.pk, timezone.now(), given["reason"], force=given["force"])
    moved = operations.move_animals(unit, asked)
    if pen is None:
        return f"{len(moved)} animals taken out of their pens."
    there = unit.head_in(unit.pen_no(pen.pk))
    of = f" of {pen.capacity}" if pen.capacity else ""
    return f"{len(moved)} animals to pen {pen}, which then holds {there}{of} head."


def change_batch(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    batch = unit.batch_no(given["batch"].pk)
    at = timezone.now()
    moved = operations.change_batch(unit, _ids(rows), batch, at, given["reason"])
    return f"{len(moved)} animals to batch {batch}."


def mark_animals(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids, now = _ids(rows), timezone.now()
    again = len(ids) == 1  # who chose one animal means it
    leaving = Leaving(ids, given["status"], given["on"], now, given["reason"], again)
    return f"{len(operations.leave(unit, leaving))} animals {given['status']}."


def give_tags(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    ids = _ids(rows)
    if len(ids) != 1:
        raise BadValue("Tags are given to one animal at a time.")
    tags = given["lf_tag"], given["uhf_tag"]
    asked = Retag(ids[0], timezone.now(), *tags, given["reason"], given["take_over"])
    animal, _ = operations.retag(unit, asked)
    return f"{animal} wears {animal.lf_tag or 'no LF tag'} and {animal.uhf_tag or 'no UHF tag'}."


def close_batches(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    chosen = unit.by_number(Batch, _ids(rows)).values()
    open_ones = [batch for batch in chosen if batch.status == Batch.Status.OPEN]
    head = sum(batch.on_feed_count for batch in open_ones)
    for batch in open_ones:
        operations.edit_batch(unit, batch, {"status": Batch.Status.CLOSED}, timezone.now())
    return f"{len(open_ones)} batches closed; {head} head of them are still on feed."


def void_weights(unit: UnitOfWork, rows: Rows, given: dict[str, Any]) -> str:
    for pk in _ids(rows):
        operations.void_weight(unit, pk, given["reason"], timezone.now())
    return f"{rows.count()} weights voided."


def _ids(rows: Rows) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


MOVE = with_preview("Move to a pen", PenForm, move_animals)
TO_BATCH = with_preview("Move to a batch", BatchForm, change_batch)
MARK = with_preview("Mark exported, sold, dead, or back on feed", LeaveForm, mark_animals)
TAGS = with_preview("Give new tags", TagsForm, give_tags)
CLOSE = with_preview("Close", ConfirmForm, close_batches)
VOID = with_preview("Void", RequiredReasonForm, void_weights)
ACTIONS: dict[type[Any], list[Action]] = {
    Animal: [MOVE, TO_BATCH, MARK, TAGS],
    Batch: [CLOSE],
    WeightRecord: [VOID],
}
