"""Forms for one weight: void, not void after all, accepted, or replaced by the right one."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from herd.rules.units import MOST_KG
from remote.office.forms.cattle import reason_field
from remote.office.forms.decimal_text import DecimalText
from remote.office.forms.form import Asking, Change, OfficeForm
from remote.office.mirror.mirror import Row
from remote.office.pages.animals import name_of
from remote.office.pages.page import whole_number
from remote.office.units import UNITS, sentence_in, to_kg

VOID: Final = "void"


class OneWeight(OfficeForm):
    """A form about the weight that the address names."""

    template = "office/void.html"

    @classmethod
    async def fetched(cls, asking: Asking) -> dict[str, Any]:
        """Return the weighing, from the Pi where it is too old for the mirror."""
        pk, animal = asking.arguments["pk"], _asked(asking, "animal")
        held = asking.mirror.tables["weights"].get(pk)
        if held or animal is None:
            return {"weighing": held}
        past = await asking.office.pi_queries.history(animal, asking.asked.unit)
        found = next((row for row in past.get("weights", []) if row["id"] == pk), None)
        return {"weighing": found and {**found, "cattle_id": animal, "recorded_at": found["at"]}}

    def no_longer(self) -> str:
        weighing = self.asking.arguments["weighing"]
        return self.too_late(weighing) if weighing else ""

    def too_late(self, weighing: Row) -> str:
        """Return why this weight, as it is by now, does not allow it."""
        raise NotImplementedError

    def prepare(self) -> None:
        # Back to where the person came from, as the address tells.
        animal, session = (_asked(self.asking, name) for name in ("animal", "session"))
        self.back = "/office/weights" if animal is None else f"/office/cattle/{animal}"
        if session is not None:
            self.back = f"/office/sessions/{session}"

    def context(self) -> dict[str, Any]:
        weighing = self.asking.arguments["weighing"]
        if weighing is None:
            return super().context()
        animal = self.asking.mirror.tables["cattle"].get(weighing["cattle_id"])
        name = name_of(animal) if animal else gettext("no. %d") % weighing["cattle_id"]
        return {"about": name, "weighing": weighing, "unit": self.asking.asked.unit}

    def asks(self, what: str, body: dict[str, Any], done: str) -> Change:
        path = f"weights/{self.asking.arguments['pk']}/{what}"
        return Change("POST", path, body, done, self.back)


def _asked(asking: Asking, name: str) -> int | None:
    return whole_number(asking.asked.params.get(name))


class VoidWeight(OneWeight):
    title = _("Void a weight")
    button = _("Void the weight")

    reason = reason_field(
        required=True,
        help_text=_("The weight stays in the history, and counts for nothing."),
    )

    def too_late(self, weighing: Row) -> str:
        return gettext("This weight is void already.") if weighing["quality"] == VOID else ""

    def change(self) -> Change:
        body = {"reason": self.cleaned_data["reason"]}
        return self.asks("void", body, gettext("The weight is voided."))


class UnvoidWeight(OneWeight):
    title = _("Take a void back")
    button = _("It is not void")

    def too_late(self, weighing: Row) -> str:
        return "" if weighing["quality"] == VOID else gettext("This weight is not void.")

    def change(self) -> Change:
        return self.asks("unvoid", {}, gettext("The weight is not void any more."))


class AcceptWeight(OneWeight):
    title = _("Accept a weight")
    button = _("This one is right")

    def too_late(self, weighing: Row) -> str:
        if weighing["quality"] == VOID:
            return gettext("This weight is void. Take that back first.")
        accepted = weighing.get("accepted_by")  # the Pi's history of an old weight tells none
        return gettext("This weight was accepted already.") if accepted else ""

    def change(self) -> Change:
        return self.asks("accept", {}, gettext("The weight counts."))


class ReplaceWeight(OneWeight):
    title = _("Replace a weight")
    button = _("Replace the weight")

    weight = DecimalText(min_value=1, max_value=MOST_KG, max_digits=6, decimal_places=2)
    reason = reason_field()

    # The person may choose the other unit, in another window, while this form stands open.
    in_unit = forms.CharField(required=False, widget=forms.HiddenInput)

    def prepare(self) -> None:
        super().prepare()
        self.initial = {"in_unit": self.asking.asked.unit}
        shown = self["in_unit"].value()
        self.unit = shown if shown in UNITS else self.asking.asked.unit
        self.fields["weight"].label = gettext("Right weight in %s") % self.unit

    def too_late(self, weighing: Row) -> str:
        void = gettext("This weight is void. Record the right one as a new weight.")
        return void if weighing["quality"] == VOID else ""

    def change(self) -> Change:
        kg = to_kg(self.cleaned_data["weight"], self.unit)
        body = {"weight_kg": str(kg), "reason": self.cleaned_data["reason"]}
        return self.asks("replace", body, gettext("The weight is replaced."))

    def outcome(self, change: Change, answer: Row) -> tuple[int, str]:
        if answer.get("quality") != "suspect":
            return super().outcome(change, answer)
        reason = sentence_in(answer["reason"], self.asking.asked.unit)
        return messages.WARNING, gettext("Kept as suspect: %s") % reason
