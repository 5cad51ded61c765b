"""Forms for the radio log: correcting a payload, deciding a tag conflict."""

import contextlib
from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from herd.rules.tags import corrected
from remote.office.forms.cattle import override_field, overriding, reason_field
from remote.office.forms.form import SCANNED, Asking, Change, OfficeForm, ask
from remote.office.link.link_errors import PiError
from remote.office.mirror.index import ON_FEED
from remote.office.mirror.mirror import Row
from remote.office.office import OfficeRequest
from remote.office.pages.animals import name_of
from remote.office.pages.labels import named
from remote.office.refusal_text import refusal_text
from remote.threads import run_aside

DECISIONS = (
    ("merge", _("They are one animal: make one record of both")),
    ("give", _("The tags belong to the chosen animal: take them off the other")),
    ("ignore", _("Leave both as they are; it can still be decided in the radio log")),
)


class CorrectPayload(OfficeForm):
    title = _("Correct and try again")
    button = _("Try again")
    section = "payloads"
    back = "/office/payloads"

    text = forms.CharField(
        label=_("Message"),
        max_length=1024,
        widget=forms.TextInput(attrs={"class": "code", **SCANNED}),
    )

    @classmethod
    async def fetched(cls, asking: Asking) -> dict[str, Any]:
        """Return the payload, from the Pi where it is too old for the mirror."""
        pk = asking.arguments["pk"]
        if pk not in asking.mirror.tables["payloads"]:
            with contextlib.suppress(PiError):  # then the page says that it is not here
                return {"payload": await _from_the_pi(asking, f"payloads/{pk}")}
        return {"payload": None}

    def prepare(self) -> None:
        self.payload = self.asking.arguments["payload"] or self.asking.row("payloads")
        text = self.payload["raw_payload"]
        # What an unclear tag seems to hold is offered: the person who sends it vouches for it.
        offered = self.payload["error_code"] == "bad_tag"
        self.initial = {"text": corrected(text) if offered else text}

    def no_longer(self) -> str:
        told = gettext("Message no. %d is not in error any more: nothing is to be corrected.")
        return "" if self.payload["status"] == "error" else told % self.payload["id"]

    def context(self) -> dict[str, Any]:
        return {"hint": refusal_text(self.payload["error_message"])}

    def change(self) -> Change:
        path = f"payloads/{self.payload['id']}/retry"
        done = gettext("Message no. %d will be tried again.") % self.payload["id"]
        return Change("POST", path, {"text": self.cleaned_data["text"]}, done, self.back)


class DecideConflict(OfficeForm):
    """Two animals side by side, and what was read; `look` shows what a decision would do."""

    title = _("Tag conflict")
    button = _("Decide")
    section = "payloads"
    template = "office/conflict.html"
    needs_copy = False
    back = "/office/payloads?status=error"

    action = forms.ChoiceField(
        label=_("What is right?"), choices=DECISIONS, widget=forms.RadioSelect
    )
    cattle_id = forms.ChoiceField(
        label=_("The animal that stays, or gets the tags"), required=False, widget=forms.RadioSelect
    )
    status_from = forms.ChoiceField(
        label=_("Whose status counts, where it is to be one record"),
        required=False,
        widget=forms.RadioSelect,
    )
    force = forms.BooleanField(label=_("Even if the pen is full (say why)"), required=False)
    reason = reason_field()
    override = override_field()

    @classmethod
    async def fetched(cls, asking: Asking) -> dict[str, Any]:
        path = f"payloads/{asking.arguments['pk']}/conflict"
        return {"conflict": await _from_the_pi(asking, path)}

    def prepare(self) -> None:
        self.preview: Row | None = None
        self.payload = self.asking.arguments["conflict"]["payload"]
        self.animals: list[Row] = self.asking.arguments["conflict"]["cattle"]
        choices = [(str(one["id"]), _named(one)) for one in self.animals]
        self.fields["cattle_id"].choices = choices  # type: ignore[attr-defined]  # the form's field is known by its name alone
        if all(one["status"] in ON_FEED for one in self.animals):
            del self.fields["status_from"], self.fields["force"], self.fields["override"]
        else:
            known = [(str(one["id"]), _with_status(one)) for one in self.animals]
            self.fields["status_from"].choices = known  # type: ignore[attr-defined]  # as above

    def context(self) -> dict[str, Any]:
        return {"conflict": self.asking.arguments["conflict"], "preview": self.preview}

    async def sent(self, request: OfficeRequest) -> HttpResponse | None:
        if "look" not in request.POST:
            return await super().sent(request)
        change = self.change()
        try:
            # The Pi decides it and takes it back: only so is the preview what a decision would do.
            self.preview = await ask(request, replace(change, path=f"{change.path}?preview=1"))
        except PiError as error:
            self.refused(error)
        return None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("action") != "ignore" and not given.get("cattle_id"):
            self.add_error("cattle_id", gettext("Choose an animal."))
        return given

    def change(self) -> Change:
        given = self.cleaned_data
        body = {"action": given["action"], "reason": given["reason"]}
        if given["action"] != "ignore":
            body["cattle_id"] = int(given["cattle_id"])
        if given["action"] == "merge" and given.get("status_from"):
            body |= {"status_from": int(given["status_from"]), "force": given["force"]}
            body |= overriding(given)
        done = gettext("Decided. It can be taken back under “Journal”.")
        if given["action"] == "ignore":
            done = gettext("Both stay as they are. “Decide again” beside the message changes that.")
        return Change("POST", f"payloads/{self.payload['id']}/resolve", body, done, self.back)


def _named(animal: Row) -> str:
    return gettext("%(name)s (no. %(id)d)") % {"name": name_of(animal), "id": animal["id"]}


def _with_status(animal: Row) -> str:
    status = named(animal["status"])
    if animal["left_on"]:
        status = gettext("%(status)s since %(day)s") % {"status": status, "day": animal["left_on"]}
    return f"{_named(animal)}: {status}"


async def _from_the_pi(asking: Asking, path: str, **params: object) -> Row:
    return await run_aside(lambda: asking.office.client.get(path, params))
