"""Forms that pull animals to the hospital pen, send them back, and void a pull."""

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from remote.office import clocks
from remote.office.forms.cattle import AnimalForm, CauseField, reason_field, why_gone
from remote.office.forms.form import Change, OfficeForm, plain
from remote.office.forms.many import ManyForm
from remote.office.forms.places import PlaceField
from remote.office.mirror.mirror import Row
from remote.office.pages.animals import name_of


def force_field() -> forms.BooleanField:
    label = _("Even if the pen is full (say why)")
    return forms.BooleanField(label=label, required=False)


class PullFields(OfficeForm):
    title = _("Pull")
    button = _("Pull")

    cause = CauseField(label=_("Cause"))
    pen = PlaceField("pens", label=_("Hospital pen"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    pulled_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        help_text=_("Leave empty for the time now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    force = force_field()
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        hint = gettext("Leave empty where it stays in its pen.")
        self.fields["pen"].fill(self.asking.mirror, hint)  # type: ignore[attr-defined]  # the form's field is known by its name alone

    def body(self) -> dict[str, Any]:
        """Return what is said; what is left empty is not sent, and the time is now."""
        given = self.cleaned_data
        body = {n: given[n] for n in ("cause", "note", "force", "reason") if given[n]}
        if given["pulled_at"]:
            body["pulled_at"] = plain(clocks.typed(self.asking.mirror, given["pulled_at"]))
        return body | {"pen_id": given["pen"]["id"]} if given["pen"] else body


class PullAnimal(PullFields, AnimalForm):
    def no_longer(self) -> str:
        pulls = self.asking.mirror.tables["pulls"].values()
        if any(one["cattle_id"] == self.animal["id"] and _is_open(one) for one in pulls):
            return gettext("%s is pulled already.") % name_of(self.animal)
        return why_gone(self.animal)

    def change(self) -> Change:
        done = gettext("The animal is pulled.")
        return Change("POST", f"{self.path}/pulls", self.body(), done, self.back)


class PullMany(PullFields, ManyForm):
    def told_of_gone(self, count: int) -> str:
        return ngettext(
            "%(gone)d of %(all)d has left and is not pulled: %(names)s.",
            "%(gone)d of %(all)d have left and are not pulled: %(names)s.",
            count,
        )

    def change(self) -> Change:
        count = len(self.concerned())
        done = ngettext("%d animal pulled.", "%d animals pulled.", count) % count
        return self.ask("pulls", self.body(), done)


def _is_open(pull: Row) -> bool:
    return not (pull["returned_at"] or pull["voided_at"])


class OnePull(OfficeForm):
    """A form about the pull that the address names."""

    pull: Row

    def prepare(self) -> None:
        self.pull = self.asking.row("pulls")
        self.back = f"/office/cattle/{self.pull['cattle_id']}"

    def no_longer(self) -> str:
        return gettext("This pull is void.") if self.pull["voided_at"] else ""

    @property
    def animal(self) -> Row | None:
        return self.asking.mirror.tables["cattle"].get(self.pull["cattle_id"])

    def context(self) -> dict[str, Any]:
        return {"about": name_of(self.animal) if self.animal else ""}

    def asks(self, what: str, body: dict[str, Any], done: str) -> Change:
        return Change("POST", f"pulls/{self.pull['id']}/{what}", body, done, self.back)


class SendBack(OnePull):
    title = _("Send back")
    button = _("Send back")

    pen = PlaceField("pens", label=_("To pen"))
    force = force_field()
    reason = reason_field()

    def prepare(self) -> None:
        super().prepare()
        home = self.asking.mirror.tables["pens"].get(self.pull["from_pen_id"] or 0)
        hint = gettext("Leave empty for the pen that it came from.")
        if home is not None:
            hint = gettext("Leave empty for pen %s, that it came from.") % home["pen_number"]
        self.fields["pen"].fill(self.asking.mirror, hint)  # type: ignore[attr-defined]  # as above

    def no_longer(self) -> str:
        if self.animal and self.pull["returned_at"] and not self.pull["voided_at"]:
            return gettext("%s went back already.") % name_of(self.animal)
        return super().no_longer() or (why_gone(self.animal) if self.animal else "")

    def change(self) -> Change:
        given = self.cleaned_data
        body = {name: given[name] for name in ("force", "reason") if given[name]}
        if given["pen"]:
            body["pen_id"] = given["pen"]["id"]
        return self.asks("return", body, gettext("The animal is sent back."))


class VoidPull(OnePull):
    title = _("Void a pull")
    button = _("It was not pulled")

    reason = reason_field(
        required=True,
        help_text=_("The pull stays in the history, and the animal is where it was."),
    )
    force = force_field()

    def change(self) -> Change:
        body = {name: self.cleaned_data[name] for name in ("reason", "force")}
        return self.asks("void", body, gettext("The pull is void."))
