"""Forms for animals: moving, weighing, tagging, noting, leaving; one animal or many."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from herd.tags import TagError, normalise
from remote.office.editing.form import Change, OfficeForm, plain
from remote.office.editing.places import DAY, PenChoice
from remote.office.mirror import Row
from remote.office.pages.animals import chosen_ids, group_asked, name_of
from remote.office.pages.page import NoSuchPage
from remote.office.units import to_kg

MOST_AT_ONCE = 5_000
SEXES = ("", "Steer", "Heifer", "Bull", "Cow", "Mixed")
LEAVING = (
    ("exported", gettext_lazy("exported")),
    ("sold", gettext_lazy("sold")),
    ("dead", gettext_lazy("dead")),
    ("active", gettext_lazy("back on feed (taken out by mistake)")),
)


def reason_field() -> forms.CharField:
    return forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)


class AnimalForm(OfficeForm):
    """A form about the one animal that the address names."""

    animal: Row

    def prepare(self) -> None:
        self.animal = self.asking.row("cattle")
        self.back = f"/office/cattle/{self.animal['id']}"

    def context(self) -> dict[str, Any]:
        return {"about": name_of(self.animal)}

    @property
    def path(self) -> str:
        return f"cattle/{self.animal['id']}"


class EditAnimal(AnimalForm):
    title, button = "Edit animal", "Save"

    livestock_id = forms.CharField(
        label=gettext_lazy("Livestock id"), max_length=50, required=False
    )
    visual_id = forms.CharField(label=gettext_lazy("Visual id"), max_length=50, required=False)
    tag_color = forms.CharField(label=gettext_lazy("Tag colour"), max_length=50, required=False)
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), required=False)
    breed = forms.CharField(label=gettext_lazy("Breed"), max_length=50, required=False)
    induction_date = forms.DateField(label=gettext_lazy("Induction"), required=False, widget=DAY)
    health = forms.CharField(label=gettext_lazy("Health note"), max_length=200, required=False)
    notes = forms.CharField(
        label=gettext_lazy("Notes"), max_length=4000, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip

    def prepare(self) -> None:
        super().prepare()
        self.initial = {name: self.animal[name] for name in self.fields if name in self.animal}
        known = dict.fromkeys((*SEXES, self.animal["sex"]))
        self.fields["sex"].choices = [(sex, sex or "–") for sex in known]  # type: ignore[attr-defined]

    def change(self) -> Change:
        return Change("PATCH", self.path, self.changed_values(), _("Saved."), self.back)


class MoveFields(OfficeForm):
    pen = PenChoice(label=gettext_lazy("To pen"), required=False)
    force = forms.BooleanField(
        label=gettext_lazy("Also when the pen is full (say why)"), required=False
    )
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        self.fields["pen"].fill(self.asking.mirror, none=_("no pen"))  # type: ignore[attr-defined]

    def body(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"pen_id": int(given["pen"]) if given["pen"] else None, "force": given["force"],
                "reason": given["reason"]}  # fmt: skip


class MoveAnimal(MoveFields, AnimalForm):
    title, button = "Move", "Move"

    def prepare(self) -> None:
        super().prepare()
        pen = self.animal["pen"]
        self.initial = {"pen": str(pen["id"]) if pen else ""}

    def change(self) -> Change:
        return Change("POST", f"{self.path}/move", self.body(), _("Moved."), self.back)


class Weigh(AnimalForm):
    title, button = "Weigh", "Record the weight"

    weight = forms.DecimalField(
        label=gettext_lazy("Weight"), min_value=Decimal(1), max_value=Decimal(5000),
        max_digits=6, decimal_places=2, localize=False,
    )  # fmt: skip
    recorded_at = forms.DateTimeField(
        label=gettext_lazy("When"), required=False,
        help_text=gettext_lazy("Empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def prepare(self) -> None:
        super().prepare()
        weight = self.fields["weight"]
        weight.label = _("Weight in %s") % self.asking.asked.unit
        weight.widget.attrs["inputmode"] = "decimal"

    def change(self) -> Change:
        kg = to_kg(self.cleaned_data["weight"], self.asking.asked.unit)
        body = {"weight_kg": str(kg)}
        if self.cleaned_data["recorded_at"]:
            body["recorded_at"] = plain(self.cleaned_data["recorded_at"])
        return Change("POST", f"{self.path}/weights", body, _("The weight is recorded."), self.back)


class RetagAnimal(AnimalForm):
    title, button = "New tags", "Put the tags on"

    lf_tag = forms.CharField(label=gettext_lazy("LF tag (EID)"), max_length=64, required=False)
    uhf_tag = forms.CharField(label=gettext_lazy("UHF tag (EPC)"), max_length=64, required=False)
    take_over = forms.BooleanField(
        label=gettext_lazy("Take it off, where another animal bears it"), required=False
    )
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        for name in ("lf_tag", "uhf_tag"):
            now = self.animal[name] or _("none")
            self.fields[name].help_text = _("Now: %s. Empty: as it is.") % now

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("lf_tag", "uhf_tag"):
            try:
                given[name] = normalise(given[name]) if given.get(name) else ""
            except TagError as error:
                self.add_error(name, str(error))
        if not self.errors and not (given["lf_tag"] or given["uhf_tag"]):
            self.add_error(None, _("Give at least one new tag."))
        return given

    def change(self) -> Change:
        body = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        return Change("POST", f"{self.path}/tags", body, _("The tags are on."), self.back)


class LeaveFields(OfficeForm):
    status = forms.ChoiceField(label=gettext_lazy("It is"), choices=LEAVING)
    on = forms.DateField(label=gettext_lazy("Since"), widget=DAY)
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        self.initial = {**self.initial, "on": timezone.localdate()}

    def body(self) -> dict[str, Any]:
        return {name: plain(self.cleaned_data[name]) for name in ("status", "on", "reason")}


class LeaveAnimal(LeaveFields, AnimalForm):
    title, button = "Exported, dead or sold", "Save"

    def change(self) -> Change:
        return Change("POST", f"{self.path}/status", self.body(), _("Saved."), self.back)


class ManyForm(OfficeForm):
    """A form about the animals that a list had ticked, or all that its filters find."""

    template = "office/form_many.html"
    back = "/office/cattle"

    ids = forms.CharField(widget=forms.HiddenInput)

    def prepare(self) -> None:
        super().prepare()
        query = self.asking.arguments["query"]
        found = chosen_ids(self.asking.mirror, self.asking.asked, query.getlist("id"))
        if not self.is_bound and not found:
            raise NoSuchPage(_("No animal was chosen."))
        self.left_over = max(0, len(found) - MOST_AT_ONCE)
        self.initial = {**self.initial, "ids": " ".join(map(str, found[:MOST_AT_ONCE]))}

    def animals(self) -> list[Row]:
        table = self.asking.mirror.tables["cattle"]
        return [table[pk] for pk in self.numbers() if pk in table]

    def numbers(self) -> list[int]:
        text = self["ids"].value() or ""
        return [int(one) for one in str(text).split() if one.isascii() and one.isdigit()]

    def context(self) -> dict[str, Any]:
        animals = self.animals()
        left = _("At most {} at once: {} more are left out. Do them afterwards.")
        return {"animals": [name_of(one) for one in animals[:20]], "count": len(animals),
                "about": group_asked(self.asking.mirror, self.asking.asked),
                "hint": self.left_over and left.format(MOST_AT_ONCE, self.left_over)}  # fmt: skip

    def ask(self, path: str, body: dict[str, Any], done: str) -> Change:
        return Change("POST", path, {**body, "cattle_ids": self.numbers()}, done, self.back)


class MoveMany(MoveFields, ManyForm):
    title, button = "Move animals", "Move them"

    def change(self) -> Change:
        count = len(self.numbers())
        done = ngettext("%d animal moved.", "%d animals moved.", count) % count
        return self.ask("cattle/move", self.body(), done)


class LeaveMany(LeaveFields, ManyForm):
    title, button = "Exported, dead or sold", "Save"

    def change(self) -> Change:
        return self.ask("cattle/status", self.body(), _("Saved."))


class MoveHere(OfficeForm):
    """Animals into a pen by scanning one after the other: a wedge reader ends each with Enter."""

    title, button, section = "Move animals here", "Move them here", "pens"

    tags = forms.CharField(
        label=gettext_lazy("Tags or ids, one a line"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=gettext_lazy("Scan one animal after the other, then press the button."),
    )
    force = forms.BooleanField(
        label=gettext_lazy("Also when the pen is full (say why)"), required=False
    )
    reason = reason_field()

    def prepare(self) -> None:
        self.pen = self.asking.row("pens")
        self.back = f"/office/pens/{self.pen['id']}"

    def context(self) -> dict[str, Any]:
        return {"about": _("pen %s") % self.pen["pen_number"]}

    def clean_tags(self) -> list[int]:
        lines = [line.strip() for line in self.cleaned_data["tags"].splitlines() if line.strip()]
        found: dict[int, None] = {}
        unknown = []
        if len(lines) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %d at once.") % MOST_AT_ONCE)
        for line in lines:
            animal = self.asking.mirror.the_one(line)
            if animal is None:
                unknown.append(line)
            else:
                found[animal["id"]] = None
        if unknown:
            told = ", ".join(unknown[:10])
            raise forms.ValidationError(_("Not one animal each: %s") % told)
        return list(found)

    def change(self) -> Change:
        given = self.cleaned_data
        body = {"cattle_ids": given["tags"], "pen_id": self.pen["id"], "force": given["force"],
                "reason": given["reason"]}  # fmt: skip
        count = len(given["tags"])
        done = ngettext("%d animal moved.", "%d animals moved.", count) % count
        return Change("POST", "cattle/move", body, done, self.back)


class VoidWeight(OfficeForm):
    title, button, section = "Void a weight", "Make it void", "cattle"

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200,
        help_text=gettext_lazy("The weight stays in the history, and counts for nothing."),
    )  # fmt: skip

    def prepare(self) -> None:
        animal = self.asking.asked.params.get("animal", "")
        self.back = f"/office/cattle/{animal}" if animal.isdigit() else "/office/weights"

    def change(self) -> Change:
        path = f"weights/{self.asking.arguments['pk']}/void"
        body = {"reason": self.cleaned_data["reason"]}
        return Change("POST", path, body, _("The weight is void."), self.back)
