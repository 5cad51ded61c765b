"""Forms for shipments: planned, loaded by a reader, shipped, cancelled, reported."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from remote.office import clocks
from remote.office.forms.cattle import override_field, overriding, reason_field
from remote.office.forms.form import DAY, SCANNED, Asking, Change, EditForm, OfficeForm, plain
from remote.office.forms.places import PlaceField
from remote.office.link.link_errors import PiError
from remote.office.mirror.mirror import Row
from remote.office.pages.animals import name_of
from remote.office.pages.shipments import leaving_apart
from remote.office.refusal_text import refusal_text
from remote.threads import run_aside

NAMES = ("destination", "carrier", "premises_from", "premises_to")

OPEN: Final = ("planned", "loading")


def state_told(shipment: Row) -> str:
    """Return what to know of a shipment whose state does not allow what somebody wants of it."""
    number: str = shipment["shipment_number"]
    match shipment["state"]:
        case "planned":
            return gettext("Shipment %s is not being loaded yet. Begin loading first.") % number
        case "loading":
            return gettext("Shipment %s is being loaded.") % number
        case "shipped":
            told = gettext(
                "Shipment %(number)s left on %(day)s. It can be taken back under “Journal”."
            )
            return told % {"number": number, "day": shipment["shipped_on"]}
    return gettext("Shipment %s was cancelled.") % number


class ShipmentForm(OfficeForm):
    section = "shipments"

    shipment_number = forms.CharField(
        label=_("Number"), max_length=50, required=False, help_text=_("Empty: its day.")
    )
    day = forms.DateField(label=_("Day"), widget=DAY)
    destination = forms.CharField(label=_("Destination"), max_length=100, required=False)
    carrier = forms.CharField(label=_("Carrier"), max_length=100, required=False)
    premises_from = forms.CharField(label=_("Premises, from"), max_length=50, required=False)
    premises_to = forms.CharField(label=_("Premises, to"), max_length=50, required=False)
    planned_head = forms.IntegerField(
        label=_("Head"), min_value=0, max_value=100_000, required=False
    )
    notes = forms.CharField(
        label=_("Notes"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean_planned_head(self) -> int:
        return self.cleaned_data["planned_head"] or 0


class NewShipment(ShipmentForm):
    title = _("New shipment")
    button = _("Plan the shipment")
    back = "/office/shipments"

    def prepare(self) -> None:
        # The next truck often leaves from the same place, and goes there.
        latest: Row = next(reversed(self.asking.mirror.tables["shipments"].values()), {})
        known = {name: latest.get(name, "") for name in NAMES}
        self.initial = {**self.initial, **known, "day": clocks.today(self.asking.mirror)}

    def change(self) -> Change:
        body = {name: plain(one) for name, one in self.cleaned_data.items() if name != "key"}
        return Change("POST", "shipments", body, gettext("The shipment is planned."), self.back)


class OneShipmentForm(OfficeForm):
    """A form about the shipment that the address names."""

    section = "shipments"
    step = ""  # below the shipment's path
    states: ClassVar[tuple[str, ...]] = ("loading",)  # in which the Pi does it
    done: ClassVar[str | Promise] = ""

    def prepare(self) -> None:
        super().prepare()
        self.shipment = self.asking.row("shipments")
        self.back = f"/office/shipments/{self.shipment['id']}"

    def no_longer(self) -> str:
        return "" if self.shipment["state"] in self.states else state_told(self.shipment)

    def context(self) -> dict[str, Any]:
        return {"about": self.shipment["shipment_number"]}

    def body(self) -> dict[str, Any]:
        return {name: plain(one) for name, one in self.cleaned_data.items() if name != "key"}

    def change(self) -> Change:
        path = f"shipments/{self.shipment['id']}/{self.step}"
        return Change("POST", path, self.body(), str(self.done), self.back)


class EditShipment(EditForm, ShipmentForm):
    title = _("Edit shipment")

    def prepare(self) -> None:
        row = self.asking.row("shipments")
        self.hint = "" if row["state"] in OPEN else state_told(row)
        if self.hint:
            for name in {*self.fields} - {"key", "notes"}:
                del self.fields[name]
        self.begin_with(row)
        self.back = f"/office/shipments/{row['id']}"

    def context(self) -> dict[str, Any]:
        return {"hint": self.hint}

    def change(self) -> Change:
        return self.edit(f"shipments/{self.asking.arguments['pk']}")


class PlanAnimals(OneShipmentForm):
    title = _("Plan animals")
    button = _("Plan them")
    step = "animals"
    states = OPEN
    done = _("The plan is changed.")

    pen = PlaceField("pens", label=_("All of pen"))
    batch = PlaceField("batches", label=_("All of batch"))
    remove = forms.BooleanField(label=_("Take them out of the plan instead"), required=False)

    def prepare(self) -> None:
        super().prepare()
        for name in ("pen", "batch"):
            self.fields[name].fill(self.asking.mirror, gettext("Those on feed."))  # type: ignore[attr-defined]  # the form's field is known by its name alone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not (self.errors or given.get("pen") or given.get("batch")):
            self.add_error(None, gettext("Choose a pen or a batch."))
        return given

    def body(self) -> dict[str, Any]:
        places = {f"{one}_id": self.cleaned_data[one] for one in ("pen", "batch")}
        numbers = {name: place["id"] for name, place in places.items() if place}
        return {**numbers, "remove": self.cleaned_data["remove"]}


class BeginLoading(OneShipmentForm):
    title = _("Begin loading")
    button = _("Begin loading")
    template = "office/confirm.html"
    step = "begin"
    states = ("planned",)
    done = _("Loading has begun: every tag that is read is ticked.")

    def context(self) -> dict[str, Any]:
        question = gettext("Begin to load shipment %s?")
        return {"question": question % self.shipment["shipment_number"]}


class LoadAnimal(OneShipmentForm):
    """One box for a reader that types; what it read is said on the shipment's page."""

    title = _("Load an animal")
    button = _("Load")
    step = "load"

    tag = forms.CharField(label=_("Tag"), max_length=64, widget=forms.TextInput(attrs=SCANNED))

    def outcome(self, change: Change, answer: Row) -> tuple[int, str]:
        name = name_of(answer["cattle"])
        if answer["planned"]:
            return messages.SUCCESS, gettext("%s is loaded.") % name
        return messages.WARNING, gettext("%s is loaded as an extra one: it is not planned.") % name


class UnloadAnimal(LoadAnimal):
    title = _("Take an animal off")
    button = _("Take it off")
    step = "unload"

    def outcome(self, change: Change, answer: Row) -> tuple[int, str]:
        return messages.SUCCESS, gettext("%s is taken off.") % name_of(answer["cattle"])


class ShipShipment(OneShipmentForm):
    title = _("Ship")
    button = _("Ship")
    step = "ship"
    template = "office/ship.html"
    done = _("Shipped. It can be taken back under “Journal”.")

    on = forms.DateField(label=_("Left on"), widget=DAY)
    with_extra = forms.BooleanField(label=_("The extra ones leave too"), required=False)
    override = override_field()

    @classmethod
    async def fetched(cls, asking: Asking) -> dict[str, Any]:
        """Return what would leave, as the Pi tells it with all extra ones; or why nothing would."""
        path = f"shipments/{asking.arguments['pk']}/ship?preview=1"
        client, who = asking.office.client, asking.asked.person.username
        try:
            look = await run_aside(
                lambda: client.change("POST", path, {"with_extra": True}, who, "")
            )
        except PiError as error:
            return {"look": {}, "why": refusal_text(str(error))}
        return {"look": look[0], "why": ""}

    def prepare(self) -> None:
        super().prepare()
        self.initial = {**self.initial, "on": clocks.today(self.asking.mirror)}
        if not self.shipment["extra_count"]:
            del self.fields["with_extra"]

    def context(self) -> dict[str, Any]:
        manifest = self.asking.arguments["look"].get("manifest")  # an older Pi tells none
        leaving = manifest and leaving_apart(manifest)
        return {**super().context(), "why": self.asking.arguments["why"], "leaving": leaving}

    def body(self) -> dict[str, Any]:
        body = super().body()
        del body["override"]
        return body | overriding(self.cleaned_data)


class CancelShipment(OneShipmentForm):
    title = _("Cancel shipment")
    button = _("Cancel the shipment")
    step = "cancel"
    states = OPEN
    done = _("The shipment is cancelled.")

    reason = reason_field()


class ReportShipment(OneShipmentForm):
    title = _("Reported")
    button = _("Save")
    step = "reported"
    states = ("shipped",)
    done = _("Saved.")

    on = forms.DateField(
        label=_("Reported on"), widget=DAY, required=False, help_text=_("Empty: not reported.")
    )

    def prepare(self) -> None:
        super().prepare()
        now = self.shipment["reported_on"] or clocks.today(self.asking.mirror)
        self.initial = {**self.initial, "on": now}
