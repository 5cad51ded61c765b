"""Refusals of the herd in the form that is refused: at their field, with all that was typed."""

from copy import copy
from typing import TYPE_CHECKING, Any

from herd.errors import ChangedSince, HerdError
from herd.storage.journal import JournalBusy

if TYPE_CHECKING:  # generic for the type checker only
    from django.forms import BaseForm, ModelForm

REFUSALS = (HerdError, JournalBusy)


def add_refusal(form: "BaseForm", error: Exception) -> None:
    """Add what was refused to the form: at its field, or above all where it has none here."""
    if isinstance(error, ChangedSince):
        for name, now in error.now.items():
            _add_changed_since(form, name, "" if now is None else str(now))
        return
    field = error.field if isinstance(error, HerdError) else ""
    form.add_error(field if field in form.fields else None, str(error))


def _add_changed_since(form: "BaseForm", name: str, now: str) -> None:
    place = form.add_initial_prefix(name)
    form.add_error(
        name,
        "Somebody else has changed this since you opened the form: it was"
        f" “{form.data[place] or '–'}” and is “{now or '–'}” now. Nothing was saved; save again to"
        " have it your way.",
    )
    shown: Any = copy(form.data)  # what a request sent is not changed
    shown[place] = now  # who saves it again has read it
    form.data = shown


class _Refused:
    """A form that is not valid, since the herd refuses what it asks."""

    refusal: Exception

    def clean(self: Any) -> Any:  # noqa: ANN401 - a form, of which this is the first base
        cleaned = super().clean()  # type: ignore[misc]  # as above
        add_refusal(self, self.refusal)
        return cleaned


def refused_form(form: "type[ModelForm[Any]]", error: Exception) -> "type[ModelForm[Any]]":
    return type(form.__name__, (_Refused, form), {"refusal": error})
