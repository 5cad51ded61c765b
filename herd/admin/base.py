"""What admin pages share: history that nobody edits, and forms whose changes are operations."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from herd.admin.actions import ACTIONS, actor_of
from herd.concurrency import carry_out
from herd.errors import HerdError
from herd.rules import tags
from herd.storage import journal
from herd.unit_of_work import UnitOfWork

if TYPE_CHECKING:  # these are generic for the type checker only
    from django.forms import Field, ModelForm

    _Admin = admin.ModelAdmin[Any]
    _Inline = admin.TabularInline[Any, Any]
else:
    _Admin, _Inline = admin.ModelAdmin, admin.TabularInline


class _NeverEdited:
    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(_NeverEdited, _Admin):
    """History: seen by whoever may see it, changed and deleted by nobody."""


class RecentValuesFilter(admin.SimpleListFilter):
    """A filter by the values that a column has among the newest rows."""

    # Django's own menu of values goes through all that a farm has heard in years: 1,984 ms for the
    # radio log, 60 with this (decision 17).
    looked_at = 5000
    column: str
    among: dict[str, str]

    def lookups(
        self, _request: HttpRequest, model_admin: "admin.ModelAdmin[Any]"
    ) -> list[tuple[str, str]]:
        rows = model_admin.model._default_manager.filter(**self.among)  # noqa: SLF001 - Django's own
        newest = rows.order_by("-pk").values_list(self.column, flat=True)[: self.looked_at]
        asked_for = self.value()  # kept on the menu: without it there Django would show all rows
        return [(value, value) for value in sorted({*newest, asked_for or ""}) if value]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.column: self.value()}) if self.value() else queryset


def recent_values(column_name: str, called: str, **only: str) -> type[RecentValuesFilter]:
    """Return a class for a `list_filter`; `only` says which rows are looked at."""

    class Filter(RecentValuesFilter):
        column = parameter_name = column_name
        title = called
        among = only

    return Filter


class TagSearch(_Admin):
    """An admin page whose search finds a tag in any spelling."""

    tags_in: Iterable[str] = ()  # the columns that may hold one

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, distinct = super().get_search_results(request, queryset, search_term)
        keys = tags.search_keys(search_term) if search_term else ()
        if keys:
            named = [Q((f"{column}__in", keys)) for column in self.tags_in]
            found |= queryset.filter(reduce(or_, named))
        return found, distinct


class HistoryInline(_NeverEdited, _Inline):
    """An animal's past under the animal: read only, the newest first."""

    extra = 0


class QueuedAdmin(_Admin):
    """A form that stands in the writers' queue from the start."""

    # Django's views open a transaction, which takes SQLite's write lock: who then waits in the
    # queue keeps the lock from whoever stands at its head.
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Django's own signature
        view = partial(super().changeform_view, request, *args, **kwargs)
        return self.in_queue(request, view) if request.method == "POST" else view()

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Django's own signature
        view = partial(super().delete_view, request, *args, **kwargs)
        return self.in_queue(request, view) if request.method == "POST" else view()

    def in_queue(self, request: HttpRequest, view: Callable[[], Any]) -> Any:  # noqa: ANN401 - as Django's own signature
        """Run an admin view in the writers' queue, and say on the page what the herd refuses."""
        try:
            with journal.writing(journal.REQUEST_TIMEOUT):
                return view()
        except (HerdError, journal.JournalBusy) as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class OperatedAdmin(QueuedAdmin):
    """A form whose changes are made by operations, and so are journalled with the person's name."""

    create: Callable[[UnitOfWork, dict[str, Any], datetime], models.Model] | None = None
    edit: Callable[[UnitOfWork, Any, dict[str, Any], datetime], Any]
    find: Callable[[UnitOfWork, int], models.Model]

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "Field | None":
        """Send back with the form what the person saw."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            # So only what they changed is written, and not over what others have changed since.
            field.show_hidden_initial = True
        return field

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the model's own actions without the admin's plain deletion."""
        self.actions = ACTIONS.get(self.model, [])
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False  # the journal and history point at what is here

    def has_add_permission(self, request: HttpRequest) -> bool:
        return type(self).create is not None and super().has_add_permission(request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> tuple[str, ...]:
        """Leave out of the form of a new row what cannot be said yet."""
        return tuple(self.readonly_fields)

    def save_model(
        self,
        request: HttpRequest,
        obj: models.Model,
        form: "ModelForm[Any]",
        change: bool,  # noqa: FBT001 - Django's own signature
    ) -> None:
        given = {name: form.cleaned_data[name] for name in form.changed_data}

        def save(unit: UnitOfWork) -> None:
            if change:
                stored = type(self).find(unit, obj.pk)
                type(self).edit(unit, stored, given, timezone.now())
            elif (create := type(self).create) is not None:
                obj.pk = create(unit, given, timezone.now()).pk

        carry_out(actor_of(request), save, journal.REQUEST_TIMEOUT)
