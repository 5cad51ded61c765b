"""Actions on rows of the admin: first what would happen, then, confirmed, what happens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from herd.admin.refusals import REFUSALS, add_refusal
from herd.concurrency import carry_out
from herd.models import Animal
from herd.storage.journal import REQUEST_TIMEOUT
from herd.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

MOST_SHOWN = 50

Rows = QuerySet[Any]
Operate = Callable[[UnitOfWork, Rows, dict[str, Any]], str]  # may run twice: see `carry_out`


class Doubtful(str):
    """What was done, with something in it that the person should read."""

    __slots__ = ()


def actor_of(request: HttpRequest) -> str:
    return f"admin:{request.user.get_username()}"


def _always(_row: object) -> bool:
    return True


def _nothing(_rows: Rows) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class PreviewedAction:
    """A page with `form`, of which `operate` changes rows and says what it did.

    `permission` names the admin's `has_…_permission` that is asked; on the page of a row that does
    not fit it is not offered.
    """

    do_not_call_in_templates: ClassVar = True  # a template that names one would run it

    short_description: str  # this and the two properties are how the admin reads it
    form: type[forms.Form]
    operate: Operate
    permission: str = "change"
    fits: Callable[[Any], bool] = _always
    template: str = "admin/action_preview.html"
    context: Callable[[Rows], dict[str, Any]] = _nothing  # what the template needs besides

    @property
    def __name__(self) -> str:
        return self.operate.__name__

    @property
    def allowed_permissions(self) -> tuple[str]:
        return (self.permission,)

    def __call__(
        self, modeladmin: "ModelAdmin[Any]", request: HttpRequest, queryset: Rows
    ) -> HttpResponse | None:
        sent = bool({"look", "apply"} & set(request.POST))  # the list of rows has neither button
        filled = self.form(request.POST if sent else None)
        done = ""
        if sent and filled.is_valid():
            keep = "apply" in request.POST
            done = self._run(request, queryset, filled, keep=keep)
            if keep and not filled.errors:
                level = messages.WARNING if isinstance(done, Doubtful) else messages.SUCCESS
                modeladmin.message_user(request, done, level)
                return None
        return self._page(modeladmin, request, queryset, {"form": filled, "done": done})

    def _run(self, request: HttpRequest, rows: Rows, form: forms.Form, *, keep: bool) -> str:
        """Return what was done, or would be. What is refused is added to the form's errors."""
        given = form.cleaned_data
        try:
            return carry_out(
                actor_of(request),
                lambda unit: self.operate(unit, rows.all(), given),  # anew where it thinks again
                REQUEST_TIMEOUT,
                preview=not keep,
            )
        except REFUSALS as error:
            add_refusal(form, error)
            return ""

    def _page(
        self,
        modeladmin: "ModelAdmin[Any]",
        request: HttpRequest,
        queryset: Rows,
        state: dict[str, Any],
    ) -> HttpResponse:
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        context = {
            **modeladmin.admin_site.each_context(request),
            "title": self.short_description,
            "media": modeladmin.media + state["form"].media,
            "back": "" if chosen else "../../change/",  # the list has this address, a row another
            "rows": [_line_of(row) for row in queryset[:MOST_SHOWN]],
            "count": queryset.count(),
            "opts": modeladmin.model._meta,  # noqa: SLF001 - as the admin's own templates ask
            "action": request.POST.get("action", ""),
            "chosen": chosen,
            "across": request.POST.get("select_across", "0"),
            "checkbox": ACTION_CHECKBOX_NAME,
            **state,
            **self.context(queryset),
        }
        return TemplateResponse(request, self.template, context)


def _line_of(row: object) -> str:
    """Return the row's name; of an animal also its tags and where it is."""
    if not isinstance(row, Animal):
        return str(row)
    place = [f"{what} {where}" for what in ("batch", "pen") if (where := getattr(row, what))]
    weight = [f"{row.last_weight_kg} kg"] if row.last_weight_kg else []
    said = dict.fromkeys((str(row), row.lf_tag, row.uhf_tag, *place, row.status, *weight))
    return " · ".join(fact for fact in said if fact)
