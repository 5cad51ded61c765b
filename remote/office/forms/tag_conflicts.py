"""Forms for the radio log: correcting a payload, deciding a tag conflict, taking a change back."""

import contextlib
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from remote.office.forms.cattle import reason_field
from remote.office.forms.form import (
    SCANNED,
    Asking,
    Change,
    OfficeForm,
    ask,
    form_page,
    not_allowed,
    sent,
)
from remote.office.link.link_errors import PiError
from remote.office.mirror.mirror import Row
from remote.office.office import OfficeRequest, asked_by
from remote.office.pages.animals import name_of
from remote.threads import run_aside

PREVIEW = {"preview": 1}
DECISIONS = (
    ("merge", gettext_lazy("They are one animal: make one record of both")),
    ("give", gettext_lazy("The tags belong to the chosen animal: take them off the other")),
    ("ignore", gettext_lazy("Leave both as they are; it can still be decided in the radio log")),
)


class CorrectPayload(OfficeForm):
    title = gettext_lazy("Correct and try again")
    button = gettext_lazy("Try again")
    section = "payloads"
    back = "/office/payloads"

    text = forms.CharField(
        label=gettext_lazy("Payload"),
        max_length=1024,
        widget=forms.TextInput(attrs={"class": "code", **SCANNED}),
    )

    def prepare(self) -> None:
        self.payload = self.asking.arguments["payload"] or self.asking.row("payloads")
        self.initial = {"text": self.payload["raw_payload"]}

    def context(self) -> dict[str, Any]:
        return {"hint": self.payload["error_message"]}

    def change(self) -> Change:
        path = f"payloads/{self.payload['id']}/retry"
        done = _("Payload no. %d will be tried again.") % self.payload["id"]
        return Change("POST", path, {"text": self.cleaned_data["text"]}, done, self.back)


async def correct(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show the form to correct a payload; the Pi is asked for one too old to be held here."""
    payload = None
    if pk not in request.office.mirror.tables["payloads"]:
        with contextlib.suppress(PiError):  # then the page says that it is not here
            payload = await run_aside(lambda: request.office.client.get(f"payloads/{pk}"))
    return await form_page(request, CorrectPayload, {"pk": pk, "payload": payload})


class DecideConflict(OfficeForm):
    """Two animals side by side, and what was read; `look` shows what a decision would do."""

    title = gettext_lazy("Tag conflict")
    button = gettext_lazy("Decide")
    section = "payloads"
    template = "office/conflict.html"
    back = "/office/payloads?status=error"

    action = forms.ChoiceField(
        label=gettext_lazy("What is right?"), choices=DECISIONS, widget=forms.RadioSelect
    )
    cattle_id = forms.ChoiceField(
        label=gettext_lazy("The animal that stays, or gets the tags"),
        required=False,
        widget=forms.RadioSelect,
    )
    reason = reason_field()

    def prepare(self) -> None:
        self.payload = self.asking.arguments["conflict"]["payload"]
        self.animals: list[Row] = self.asking.arguments["conflict"]["cattle"]
        choices = [(str(one["id"]), _named(one)) for one in self.animals]
        self.fields["cattle_id"].choices = choices  # type: ignore[attr-defined]  # the form's field is known by its name alone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("action") != "ignore" and not given.get("cattle_id"):
            self.add_error("cattle_id", _("Choose an animal."))
        return given

    def change(self) -> Change:
        given = self.cleaned_data
        body = {"action": given["action"], "reason": given["reason"]}
        if given["action"] != "ignore":
            body["cattle_id"] = int(given["cattle_id"])
        done = _("Decided. It can be taken back under “Changes”.")
        if given["action"] == "ignore":
            done = _("Both stay as they are. “Decide again” beside the payload changes that.")
        return Change("POST", f"payloads/{self.payload['id']}/resolve", body, done, self.back)


def _named(animal: Row) -> str:
    return _("%(name)s (no. %(id)d)") % {"name": name_of(animal), "id": animal["id"]}


async def _from_the_pi(
    request: OfficeRequest, path: str, params: dict[str, Any] | None = None
) -> Row | None:
    """Return the Pi's answer; None where there is none, which the next page says."""
    try:
        return await run_aside(lambda: request.office.client.get(path, params))
    except PiError as error:
        messages.error(request, str(error))
        return None


async def conflict(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show the animals as the Pi has them, the choice, its preview, and the decision."""
    asked = asked_by(request)
    if not asked.may_write:
        return not_allowed(request, "payloads")
    found = await _from_the_pi(request, f"payloads/{pk}/conflict")
    if found is None:
        return HttpResponseRedirect(DecideConflict.back)
    asking = Asking(asked, request.office, {"conflict": found})
    form = DecideConflict(asking, request.POST if request.method == "POST" else None)
    context = {"form": form, "current": "payloads", "asked": asked, "conflict": found}
    if form.is_bound and form.is_valid():
        if "look" not in request.POST and (answer := await sent(request, form)):
            return answer
        if "look" in request.POST:
            context["preview"] = await _looked(request, form)
    return render(request, "office/conflict.html", context, status=422 if form.errors else 200)


async def _looked(request: OfficeRequest, form: DecideConflict) -> Row | None:
    """Return what the decision would do, tried on the Pi and taken back there."""
    change = form.change()
    try:
        return await ask(request, replace(change, path=f"{change.path}?preview=1"))
    except PiError as error:
        form.add_error(None, str(error))
        return None


class UndoChange(OfficeForm):
    """Asks first, with what will be undone."""

    title = gettext_lazy("Take a change back")
    button = gettext_lazy("Take it back")
    section = "changes"
    template = "office/confirm.html"
    back = "/office/changes"

    def prepare(self) -> None:
        self.found: Row = self.asking.arguments["change"]

    def context(self) -> dict[str, Any]:
        why = self.found.get("refused", "")  # an older Pi tells it when it is asked to
        points = [] if why else self.found["undoing"]
        return {"question": self.found["summary"], "points": points, "obstacle": why}

    def change(self) -> Change:
        path = f"changes/{self.found['id']}/undo"
        return Change("POST", path, {}, _("Taken back."), self.back)


async def changes(request: OfficeRequest) -> HttpResponse:
    """List what can be undone, the newest first, page by page."""
    context: dict[str, Any] = {"current": "changes", "changes": []}
    asked = {
        "limit": 50,
        **{name: request.GET[name] for name in ("cursor",) if name in request.GET},
    }
    try:
        answer = await run_aside(lambda: request.office.client.get("changes", asked))
        context |= {"changes": answer["data"], "next": answer["next"], "later": "cursor" in asked}
    except PiError as error:
        context["why"] = str(error)
    return render(request, "office/changes.html", context)


async def undo(request: OfficeRequest, pk: int) -> HttpResponse:
    asked = asked_by(request)
    if not asked.may_write:
        return not_allowed(request, "changes")
    found = await _from_the_pi(request, f"changes/{pk}", PREVIEW)
    if found is None:
        return HttpResponseRedirect(UndoChange.back)
    posted = request.method == "POST"
    form = UndoChange(
        Asking(asked, request.office, {"change": found}), request.POST if posted else None
    )
    if posted and form.is_valid() and (answer := await sent(request, form)):
        return answer
    context = {"form": form, "current": "changes", "asked": asked, **form.context()}
    return render(request, form.template, context, status=422 if form.errors else 200)
