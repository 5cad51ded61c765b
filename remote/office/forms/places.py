"""Forms for batches and pens."""

from collections.abc import Sequence
from copy import copy
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from herd.fields import BATCH, PEN
from herd.rules.searching import unaccented
from remote.office.forms.decimal_text import DecimalText
from remote.office.forms.form import Change, EditForm, OfficeForm, add_fields
from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages import places

SOURCES = (("hxb", _("barn")), ("hxe", _("export")))
STATUSES = (("open", _("open")), ("closed", _("closed")))
NEAR_NAMED = 8


@add_fields(BATCH, rows=3)
class BatchForm(OfficeForm):
    section = "batches"

    field_order = ("batch_number", "source_type", "induction_date")  # the others as in the table
    source_type = forms.ChoiceField(label=_("Source"), choices=SOURCES)
    target_kg = DecimalText(
        label=_("Target weight"),
        min_value=Decimal(1),
        max_value=Decimal(5000),
        decimal_places=2,
        required=False,
        help_text=_("In kg; empty where the farm's own target counts."),
    )

    def changed_values(self) -> dict[str, Any]:
        values = super().changed_values()
        return {n: str(one) if isinstance(one, Decimal) else one for n, one in values.items()}


class NewBatch(BatchForm):
    title = _("New batch")
    button = _("Create the batch")
    back = "/office/batches"

    def change(self) -> Change:
        body = self.changed_values() | {"batch_number": self.cleaned_data["batch_number"]}
        done = gettext("Batch %s is created.") % body["batch_number"]
        return Change("POST", "batches", body, done, self.back)


class _EditPlace(EditForm):
    def prepare(self) -> None:
        row = self.asking.row(self.section)
        self.begin_with(row)
        self.back = f"/office/{self.section}/{row['id']}"

    def change(self) -> Change:
        return self.edit(f"{self.section}/{self.asking.arguments['pk']}")


class EditBatch(_EditPlace, BatchForm):
    title = _("Edit batch")

    status = forms.ChoiceField(label=_("Status"), choices=STATUSES)
    told_on_feed = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        super().prepare()
        self.on_feed: int = self.asking.row("batches")["on_feed_count"]

    def clean(self) -> dict[str, Any]:
        """Check the form; closing a batch with head on feed takes sending it twice."""
        given = super().clean() or {}
        closes = given.get("status") == "closed" and "status" in self.changed_data
        if closes and self.on_feed > (given.get("told_on_feed") or 0):
            # The count that was shown, and not a yes: more animals may come before the second time.
            shown: Any = copy(self.data)
            shown["told_on_feed"] = self.on_feed
            self.data = shown
            text = ngettext(
                "%d head is still on feed. Nothing was saved; send again to close it anyway.",
                "%d head are still on feed. Nothing was saved; send again to close it anyway.",
                self.on_feed,
            )
            self.add_error("status", text % self.on_feed)
        return given

    def changed_values(self) -> dict[str, Any]:
        values = super().changed_values()
        values.pop("told_on_feed", None)
        return values


@add_fields(PEN, rows=3)
class PenForm(OfficeForm):
    section = "pens"

    capacity = forms.IntegerField(
        label=_("Capacity"),
        min_value=0,
        max_value=100_000,
        required=False,
        help_text=_("Head; empty or 0 where it is not known."),
    )

    def clean_capacity(self) -> int:
        return self.cleaned_data["capacity"] or 0


class NewPen(PenForm):
    title = _("New pen")
    button = _("Create the pen")
    back = "/office/pens"

    def change(self) -> Change:
        body = self.changed_values() | {"pen_number": self.cleaned_data["pen_number"]}
        done = gettext("Pen %s is created.") % body["pen_number"]
        return Change("POST", "pens", body, done, self.back)


class EditPen(_EditPlace, PenForm):
    title = _("Edit pen")


class OnePenForm(OfficeForm):
    """A form about the pen that the address names."""

    section = "pens"

    def prepare(self) -> None:
        self.pen = self.asking.row("pens")
        self.back = f"/office/pens/{self.pen['id']}"


class DeletePen(OnePenForm):
    title = _("Delete pen")
    button = _("Delete the pen")
    template = "office/confirm.html"

    def no_longer(self) -> str:
        words = {"pen": self.pen["pen_number"], "head": self.pen["head_count"]}
        told = ngettext(
            "Pen %(pen)s holds %(head)d animal: move it first.",
            "Pen %(pen)s holds %(head)d animals: move them first.",
            words["head"],
        )
        return told % words if words["head"] else ""

    def context(self) -> dict[str, Any]:
        question = gettext("Delete pen %s? Its name stays in the animals' histories.")
        return {"question": question % self.pen["pen_number"]}

    def change(self) -> Change:
        done = gettext("Pen %s is deleted.") % self.pen["pen_number"]
        return Change("DELETE", f"pens/{self.pen['id']}", {}, done, "/office/pens")


class PlaceInput(forms.TextInput):
    """A text box that suggests numbers as they are typed."""

    place: places.Place
    choices: Sequence[tuple[str, str]] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:  # noqa: ANN401 - as Django's
        context = {"name": name, "value": value or "", "place": self.place}
        context |= {"choices": self.choices, "attrs": flatatt({**self.attrs, **(attrs or {})})}
        made = get_template("office/_place.html").render(context)
        return mark_safe(made)  # noqa: S308 - a template made it


class PlaceField(forms.CharField):
    """A batch or a pen by its whole number, in any capitals; empty changes nothing."""

    widget = PlaceInput

    def __init__(self, place: places.Place, **options: Any) -> None:
        super().__init__(max_length=100, required=False, **options)
        self.place = self.widget.place = place

    def fill(self, mirror: Mirror, now: str) -> None:
        self.mirror, self.help_text = mirror, now
        self.widget.choices = places.suggested(mirror, self.place, "")

    def clean(self, value: Any) -> Row | None:  # noqa: ANN401 - as Django's
        text = super().clean(value)
        if not text:
            return None
        found = places.found(self.mirror, self.place, text)
        if len(found) == 1 and _is_named(found[0], self.place, text):
            return found[0]
        raise forms.ValidationError(_no_such(self.place, text, found))


def _is_named(row: Row, place: places.Place, text: str) -> bool:
    return unaccented(places.number_of(place, row)) == unaccented(text)


def _no_such(place: places.Place, text: str, near: Sequence[Row]) -> str:
    """Return what to say where no batch or pen, or several, have what was typed as a number."""
    sentence = gettext("No batch has the number “%s”.")
    if place == "pens":
        sentence = gettext("No pen has the number “%s”.")
    told = sentence % text
    if not near:
        return told
    names = ", ".join(places.number_of(place, row) for row in near[:NEAR_NAMED])
    names += " …" if len(near) > NEAR_NAMED else ""
    return f"{told} " + gettext("These hold it: %s") % names
