"""The page of a row: what can be done with this row alone, and what the journal says of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from herd.admin.previewed_action import PreviewedAction
from herd.admin.row_journal import journal_of

if TYPE_CHECKING:  # generic for the type checker only
    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin

AT_ONCE = 100  # journal entries on a page


class RowPage(_Admin):
    """A row's page with the actions of the list above it."""

    change_form_template = "admin/row_page.html"
    journal_word = ""  # the first of the journal's kinds about such a row; "" where it has none

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = str(self.opts.verbose_name_plural).capitalize()
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.act_on_row)
        own = path("<path:object_id>/do/<slug:name>/", view, name=self._name("do"))
        return [own, *super().get_urls()]

    def _name(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"

    def act_on_row(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """Show the page of one action for one row; when it is done, the row's page."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        action = dict(self._actions_on(request, row)).get(name)
        if action is None:
            raise PermissionDenied
        rows = self.get_queryset(request).filter(pk=row.pk)
        place = reverse(f"admin:{self._name('change')}", args=[row.pk])
        return action(self, request, rows) or HttpResponseRedirect(place)

    def _actions_on(
        self, request: HttpRequest, row: models.Model
    ) -> Iterator[tuple[str, PreviewedAction]]:
        actions: Any = self.get_actions(request)  # the stubs take functions alone
        for action, name, _ in actions.values():
            if isinstance(action, PreviewedAction):
                yield name, action

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if row is not None:
            context["row_actions"] = [
                (reverse(f"admin:{self._name('do')}", args=[row.pk, name]), action)
                for name, action in self._actions_on(request, row)
                if action.fits(row)
            ]
            context["has_history"] = bool(self.journal_word)
        return super().render_change_form(request, context, *args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what the journal says of the row, whoever did it and wherever."""
        row = self.get_object(request, unquote(object_id))
        if row is None or not self.journal_word:
            raise Http404
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        page = Paginator(journal_of(row, self.journal_word), AT_ONCE).get_page(request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {row}",
            "opts": self.opts,
            "object": row,
            "page": page,
            "entries": [(entry, entry.kind.replace(":", " ")) for entry in page],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/row_journal.html", context)
