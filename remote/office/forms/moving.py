"""Forms for animals that go: to a pen, to a batch, out of the feedlot; one animal or many."""

from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from remote.office import clocks
from remote.office.forms.cattle import (
    AnimalForm,
    CauseField,
    override_field,
    overriding,
    reason_field,
    why_gone,
)
from remote.office.forms.form import DAY, SCANNED, Change, OfficeForm, plain
from remote.office.forms.many import MOST_AT_ONCE, ManyForm
from remote.office.forms.places import OnePenForm, PlaceField
from remote.office.mirror.index import ON_FEED

WITH_A_REASON = ("dead", "sold")
LEAVING = (
    ("", _("choose")),
    ("exported", _("exported")),
    ("sold", _("sold")),
    ("dead", _("dead")),
    ("active", _("back on feed (taken out by mistake)")),
)


class MoveFields(OfficeForm):
    """What is left as it is is not sent: somebody else may be moving the animal meanwhile."""

    pen = PlaceField("pens", label=_("To pen"))
    no_pen = forms.BooleanField(label=_("Into no pen"), required=False)
    batch = PlaceField("batches", label=_("To batch"))
    force = forms.BooleanField(label=_("Even if the pen is full (say why)"), required=False)
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        for name in ("pen", "batch"):
            self.fields[name].fill(self.asking.mirror, self.now(name))  # type: ignore[attr-defined]  # the form's field is known by its name alone

    def now(self, name: str) -> str:
        """Return what is said beside the field for a pen or a batch, as `name` has it."""
        return gettext("Leave empty to keep it.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        pen, no_pen = given.get("pen"), given.get("no_pen")
        if pen and no_pen:
            self.add_error("no_pen", gettext("Either a pen or none."))
        elif not (pen or no_pen or given["batch"]):
            self.add_error(None, gettext("Choose a pen or a batch."))
        return given

    def body(self) -> dict[str, Any]:
        given = self.cleaned_data
        names = "force", "reason"
        body: dict[str, Any] = {name: given[name] for name in names if name in given}
        if given.get("pen") or given.get("no_pen"):
            body["pen_id"] = given["pen"]["id"] if given["pen"] else None
        if given["batch"]:
            body["batch_id"] = given["batch"]["id"]
        return body


class MoveAnimal(MoveFields, AnimalForm):
    title = _("Move")
    button = _("Move")

    def prepare(self) -> None:
        super().prepare()
        for name in ("pen", "no_pen", "force") if why_gone(self.animal) else ():
            del self.fields[name]

    def context(self) -> dict[str, Any]:
        return {**super().context(), "hint": why_gone(self.animal)}

    def now(self, name: str) -> str:
        place = self.animal[name]
        number = place[f"{name}_number"] if place else gettext("none")
        return gettext("Now: %s. Leave empty to keep it.") % escape(number)  # a help text is HTML

    def change(self) -> Change:
        return Change("POST", f"{self.path}/move", self.body(), gettext("Moved."), self.back)


class LeaveFields(OfficeForm):
    title = _("Exported, dead or sold")
    button = _("Save")

    status = forms.ChoiceField(label=_("Status"), choices=LEAVING)
    on = forms.DateField(label=_("Since"), widget=DAY)
    cause = CauseField(label=_("Cause of death"), required=False)
    reason = reason_field(help_text=_("Needed where it is sold, or dead without a cause."))
    override = override_field()

    def prepare(self) -> None:
        super().prepare()
        self.initial = {**self.initial, "on": clocks.today(self.asking.mirror)}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        status, cause = given.get("status"), given.get("cause")
        if cause and status != "dead":
            self.add_error("cause", gettext("Only a dead animal has a cause of death."))
        elif status in WITH_A_REASON and not (given.get("reason") or cause):
            self.add_error("reason", gettext("Say why or how: it stays in the animal's history."))
        return given

    def body(self) -> dict[str, Any]:
        body = {name: self.cleaned_data[name] for name in ("status", "reason")}
        body["on"] = plain(clocks.typed_day(self.asking.mirror, self.cleaned_data["on"]))
        cause = self.cleaned_data["cause"]  # which an older Pi would refuse
        return body | overriding(self.cleaned_data) | ({"cause": cause} if cause else {})


class LeaveAnimal(LeaveFields, AnimalForm):
    """Shows what is known, so that a wrong day or reason can be put right."""

    def prepare(self) -> None:
        super().prepare()
        if self.animal["status"] not in ON_FEED:
            known = {"status": "status", "on": "left_on", "reason": "left_reason"}
            known |= {"override": "not_clear_reason", "cause": "left_cause"}
            values = {name: self.animal.get(field) for name, field in known.items()}
            self.initial = {**self.initial, **{n: value for n, value in values.items() if value}}

    def change(self) -> Change:
        return Change("POST", f"{self.path}/status", self.body(), gettext("Saved."), self.back)


class MoveMany(MoveFields, ManyForm):
    title = _("Move animals")
    button = _("Move them")

    def change(self) -> Change:
        count = len(self.concerned())
        done = ngettext("%d animal moved.", "%d animals moved.", count) % count
        return self.ask("cattle/move", self.body(), done)


class LeaveMany(LeaveFields, ManyForm):
    def concerned(self) -> list[int]:
        """Return who had left where it is to be back on feed, else who is still there."""
        if self["status"].value() == "active":
            return self.gone
        return super().concerned()

    def told_of_gone(self, count: int) -> str:
        return ngettext(
            "%(gone)d of %(all)d has left already; only “back on feed” changes it: %(names)s.",
            "%(gone)d of %(all)d have left already; only “back on feed” changes them: %(names)s.",
            count,
        )

    def change(self) -> Change:
        return self.ask("cattle/status", self.body(), gettext("Saved."))


class MoveHere(OnePenForm):
    """Animals into a pen by scanning one after the other: a wedge reader ends each with Enter."""

    title = _("Move animals here")
    button = _("Move them here")

    tags = forms.CharField(
        label=_("Tags or ids, one a line"),
        widget=forms.Textarea(attrs={"rows": 8, **SCANNED}),
        help_text=_("Scan one animal after the other, then press the button."),
    )
    force = forms.BooleanField(label=_("Even if the pen is full (say why)"), required=False)
    reason = reason_field()

    def context(self) -> dict[str, Any]:
        return {"about": gettext("pen %s") % self.pen["pen_number"]}

    def clean_tags(self) -> list[int]:
        lines = [line.strip() for line in self.cleaned_data["tags"].splitlines() if line.strip()]
        found: dict[int, None] = {}
        unknown = []
        if len(lines) > MOST_AT_ONCE:
            raise forms.ValidationError(gettext("At most %d at once.") % MOST_AT_ONCE)
        for line in lines:
            animal = self.asking.mirror.find_unique(line)
            if animal is None:
                unknown.append(line)
            else:
                found[animal["id"]] = None
        if unknown:
            names = ", ".join(unknown[:10])
            raise forms.ValidationError(gettext("Matches no animal, or several: %s") % names)
        return list(found)

    def change(self) -> Change:
        given = self.cleaned_data
        body = {name: given[name] for name in ("force", "reason")}
        body |= {"cattle_ids": given["tags"], "pen_id": self.pen["id"]}
        count = len(given["tags"])
        done = ngettext("%d animal moved.", "%d animals moved.", count) % count
        return Change("POST", "cattle/move", body, done, self.back)
