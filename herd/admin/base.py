"""What admin pages share: history that nobody edits, and forms whose changes are operations."""

from collections.abc import Callable, Iterable
from copy import copy
from datetime import datetime
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Self

from django.contrib import admin, messages
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from herd.admin.actions import ACTIONS
from herd.admin.previewed_action import actor_of
from herd.admin.refusals import REFUSALS, refused_form
from herd.admin.row_page import RowPage
from herd.concurrency import carry_out
from herd.rules import tags
from herd.stale_edits import reject_stale
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


class ReadOnlyAdmin(_NeverEdited, RowPage):
    """History: seen by whoever may see it, changed and deleted by nobody."""


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

    refusal: Exception | None = None

    # Django's views open a transaction, which takes SQLite's write lock: who then waits in the
    # queue keeps the lock from whoever stands at its head.
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Django's own signature
        """Show the form, or save it; what the herd refuses is shown as it was typed."""
        view = partial(super().changeform_view, request, *args, **kwargs)
        return self._queued(
            request, view, lambda error: self._refused(error).show_again(request, *args, **kwargs)
        )

    def _queued(
        self, request: HttpRequest, view: Callable[[], Any], refuse: Callable[[Exception], Any]
    ) -> Any:  # noqa: ANN401 - as Django's own views
        """Return the view's answer, a change's from within the writers' queue."""
        if request.method != "POST":
            return view()
        try:
            with journal.writing(journal.REQUEST_TIMEOUT):
                return view()
        except REFUSALS as error:
            return refuse(error)

    def _refused(self, error: Exception) -> Self:
        # A copy: Django has one object of this class for all requests.
        refused = copy(self)
        refused.refusal = error
        return refused

    def show_again(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - as Django's own signature
        """Return the page of a form that was refused: it is not valid, and nothing is saved."""
        return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]  # not in the stubs

    def get_form(
        self,
        request: HttpRequest,
        obj: models.Model | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        **kwargs: Any,
    ) -> "type[ModelForm[Any]]":
        form = super().get_form(request, obj, change, **kwargs)
        return form if self.refusal is None else refused_form(form, self.refusal)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Django's own signature
        def refuse(error: Exception) -> HttpResponseRedirect:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

        return self._queued(request, partial(super().delete_view, request, *args, **kwargs), refuse)


class OperatedAdmin(RowPage, QueuedAdmin):
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
        def save(unit: UnitOfWork) -> None:
            if change:
                stored = type(self).find(unit, obj.pk)
                type(self).edit(unit, stored, _changes(form, stored), timezone.now())
            elif (create := type(self).create) is not None:
                obj.pk = create(unit, _given(form), timezone.now()).pk

        carry_out(actor_of(request), save, journal.REQUEST_TIMEOUT)


def _given(form: "ModelForm[Any]") -> dict[str, Any]:
    """Return what the form of a new row says; what is left empty is the operation's to choose."""
    return {name: value for name, value in form.cleaned_data.items() if value not in {None, ""}}


def _changes(form: "ModelForm[Any]", stored: models.Model) -> dict[str, Any]:
    """Return what the person changed. Raise ChangedSince where that would undo what somebody else
    wrote after the person had looked."""
    changes = {name: form.cleaned_data[name] for name in form.changed_data}
    shown = {name: form.data.get(form.add_initial_prefix(name)) for name in changes}
    seen = {name: value for name, value in shown.items() if value is not None}
    reject_stale(changes, seen, {name: getattr(stored, name) for name in changes})
    return changes
