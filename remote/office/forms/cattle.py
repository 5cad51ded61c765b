"""Forms for one animal: what is known of it, weights, tags."""

from typing import Any

from django import forms
from django.contrib import messages
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from herd.causes import CAUSES
from herd.fields import ANIMAL, SEXES
from herd.rules.tags import TagError, normalise
from herd.rules.units import MOST_KG
from remote.office import clocks
from remote.office.forms.decimal_text import DecimalText
from remote.office.forms.form import (
    Change,
    EditForm,
    OfficeForm,
    add_fields,
    plain,
)
from remote.office.mirror.index import ON_FEED
from remote.office.mirror.mirror import Row
from remote.office.pages.animals import name_of
from remote.office.pages.labels import named
from remote.office.refusal_text import refusal_text
from remote.office.units import UNITS, sentence_in, to_kg


def reason_field(*, required: bool = False, **options: Any) -> forms.CharField:
    label = _("Reason")
    return forms.CharField(label=label, max_length=200, required=required, **options)


class CauseField(forms.ChoiceField):
    """A choice among the causes of deaths and pulls."""

    def __init__(self, **options: Any) -> None:
        choices = [("", _("choose")), *((code, _(name)) for code, name in CAUSES.items())]
        super().__init__(choices=choices, **options)


def override_field() -> forms.CharField:
    """Return the field that lets animals leave before they are clear of a treatment."""
    return forms.CharField(
        label=_("Why it may leave before it is clear"),
        max_length=200,
        required=False,
        help_text=_("Only where it is not clear of its treatments. It stays in the history."),
    )


def overriding(given: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent of it: nothing where nobody says it, which an older Pi would refuse."""
    return {"override": given["override"]} if given.get("override") else {}


def why_gone(animal: Row) -> str:
    """Return that an animal is not here any more, "" of one that is on feed."""
    if animal["status"] in ON_FEED:
        return ""
    words = {"name": name_of(animal), "status": named(animal["status"])}
    words["on"] = animal["left_on"] or "–"
    return gettext("%(name)s is %(status)s since %(on)s.") % words


class AnimalForm(OfficeForm):
    """A form about the animal that the address names."""

    animal: Row

    def prepare(self) -> None:
        self.animal = self.asking.row("cattle")
        self.back = f"/office/cattle/{self.animal['id']}"

    def context(self) -> dict[str, Any]:
        return {"about": name_of(self.animal)}

    @property
    def path(self) -> str:
        return f"cattle/{self.animal['id']}"


@add_fields(ANIMAL, rows=4)
class EditAnimal(AnimalForm, EditForm):
    title = _("Edit animal")

    sex = forms.ChoiceField(label=_("Sex"), required=False)

    def prepare(self) -> None:
        super().prepare()
        self.begin_with(self.animal)
        # A radio may have brought another word, and the form may stand open while it changes: both
        # stay among the choices, or saving another field would be refused.
        known = dict.fromkeys(("", *SEXES, self.animal["sex"], self.seen("sex")))
        self.fields["sex"].choices = [(sex, named(sex) or "–") for sex in known]  # type: ignore[attr-defined]  # the form's field is known by its name alone

    def changed_values(self) -> dict[str, Any]:
        values = super().changed_values()
        if values.get("induction_date"):
            day = clocks.typed_day(self.asking.mirror, self.cleaned_data["induction_date"])
            values["induction_date"] = plain(day)
        return values

    def change(self) -> Change:
        return self.edit(self.path)


class Weigh(AnimalForm):
    title = _("Weigh")
    button = _("Record the weight")

    weight = DecimalText(min_value=1, max_value=MOST_KG, max_digits=6, decimal_places=2)
    recorded_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        help_text=_("Leave empty for the time now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    # The person may choose the other unit, in another window, while this form stands open.
    in_unit = forms.CharField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        super().prepare()
        self.initial = {"in_unit": self.asking.asked.unit}
        shown = self["in_unit"].value()
        self.unit = shown if shown in UNITS else self.asking.asked.unit
        self.fields["weight"].label = gettext("Weight in %s") % self.unit

    def context(self) -> dict[str, Any]:
        if self.animal["status"] in ON_FEED:
            return super().context()
        left = {"status": named(self.animal["status"]), "on": self.animal["left_on"] or "–"}
        hint = gettext("This animal is %(status)s (since %(on)s). Its weight is kept all the same.")
        return {**super().context(), "hint": hint % left}

    def change(self) -> Change:
        kg = to_kg(self.cleaned_data["weight"], self.unit)
        body = {"weight_kg": str(kg)}
        if self.cleaned_data["recorded_at"]:
            at = clocks.typed(self.asking.mirror, self.cleaned_data["recorded_at"])
            body["recorded_at"] = plain(at)
        done = gettext("The weight is recorded.")
        return Change("POST", f"{self.path}/weights", body, done, self.back)

    def outcome(self, change: Change, answer: Row) -> tuple[int, str]:
        if answer.get("quality") != "suspect":
            return super().outcome(change, answer)
        reason = sentence_in(answer["reason"], self.asking.asked.unit)
        return messages.WARNING, gettext("Kept as suspect: %s") % reason


class RetagAnimal(AnimalForm):
    title = _("New tags")
    button = _("Put the tags on")

    lf_tag = forms.CharField(label=_("LF tag (EID)"), max_length=64, required=False)
    uhf_tag = forms.CharField(label=_("UHF tag (EPC)"), max_length=64, required=False)
    take_over = forms.BooleanField(
        label=_("Take it off the animal that wears it now"), required=False
    )
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        for name in ("lf_tag", "uhf_tag"):
            now = self.animal[name] or gettext("none")
            self.fields[name].help_text = gettext("Now: %s. Leave empty to keep it.") % now
            self.fields[name].widget.attrs |= {"data-scan-here": True, "data-scan-next": True}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("lf_tag", "uhf_tag"):
            try:
                given[name] = normalise(given[name]) if given.get(name) else ""
            except TagError as error:
                self.add_error(name, refusal_text(str(error)))
        if not self.errors and not (given["lf_tag"] or given["uhf_tag"]):
            self.add_error(None, gettext("Give at least one new tag."))
        return given

    def change(self) -> Change:
        body = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        return Change("POST", f"{self.path}/tags", body, gettext("The tags are on."), self.back)
