"""The journal: what people and imports did, one line for each act, and taking it back."""

from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from herd.local_time import localtime
from remote.office import exports
from remote.office.forms.cattle import override_field, overriding, reason_field
from remote.office.forms.form import Asking, Change, OfficeForm
from remote.office.link.client import PiClient
from remote.office.link.link_errors import PiError
from remote.office.mirror.mirror import Mirror, Row
from remote.office.office import OfficeRequest
from remote.office.pages import places
from remote.office.pages.act_text import with_text
from remote.office.pages.labels import named
from remote.office.refusal_text import refusal_text
from remote.threads import run_aside

MOST_PAGES: Final = 100  # of a file, each of AT_ONCE acts
AT_ONCE: Final = 500
PRINTED_PAGES: Final = 4
ANSWERED: Final = {"pen_full", "not_clear"}  # refusals that a reason answers
DOORS: Final = ("office", "admin", "key", "radio")  # through which people and machines come
DAY: Final = timedelta(days=1)
OF_A_PAGE: Final = ("cursor", "print")  # of the address, and no filter
KINDS: Final = {
    "move": _("Moved"),
    "leaving": _("Left, or back on feed"),
    "weight": _("Weighed"),
    "replace": _("Weight replaced"),
    "void": _("Weight void"),
    "unvoid": _("Weight void no more"),
    "accept": _("Weight accepted"),
    "treatment": _("Treated"),
    "treatment_void": _("Treatment void"),
    "pull": _("Pulled, or sent back"),
    "create": _("Entered"),
    "edit": _("Edited"),
    "delete": _("Deleted"),
    "import": _("Import"),
    "merge": _("Animals merged"),
    "retag": _("Tags given"),
    "scale": _("Weights of a scale corrected"),
    "scale_step": _("Scale adjusted or not"),
    "shipment": _("Animals shipped"),
    "loading": _("Shipment planned or loaded"),
    "session": _("Session"),
    "message": _("Radio message decided on"),
    "work": _("Work item marked"),
    "undo": _("Taken back"),
    "other": _("Other"),
}


class Filters(forms.Form):
    """What the list is narrowed to, all of it in the address."""

    person = forms.CharField(label=_("By"), max_length=150, required=False)
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("To"), required=False)
    kind = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("All"))])
    animal = forms.CharField(label=_("Animal"), max_length=100, required=False)
    batch = forms.CharField(label=_("Batch"), max_length=100, required=False)
    pen = forms.CharField(label=_("Pen"), max_length=100, required=False)

    def __init__(self, mirror: Mirror, data: Any) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data)
        self.mirror = mirror
        self.fields["kind"].choices = [("", _("All")), *KINDS.items()]  # type: ignore[attr-defined]  # of a ChoiceField
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"})

    def clean_animal(self) -> int | None:
        text = self.cleaned_data["animal"].strip()
        if not text:
            return None
        if text.startswith("#") and text[1:].isdecimal():
            return int(text[1:][:18])
        found = self.mirror.held.known_as(text)
        if len(found) == 1:
            return int(found[0]["id"])
        raise forms.ValidationError(gettext("No animal is known as “%s”.") % text)

    def clean_batch(self) -> int | None:
        return self._place("batches", self.cleaned_data["batch"])

    def clean_pen(self) -> int | None:
        return self._place("pens", self.cleaned_data["pen"])

    def _place(self, place: places.Place, text: str) -> int | None:
        if not text.strip():
            return None
        for row in places.found(self.mirror, place, text):
            if places.number_of(place, row).casefold() == text.strip().casefold():
                return int(row["id"])
        sentence = gettext("No batch has the number “%s”.")
        if place == "pens":
            sentence = gettext("No pen has the number “%s”.")
        raise forms.ValidationError(sentence % text)

    def in_words(self) -> list[tuple[str, str]]:
        """Return what the list is narrowed to, for the page and for paper."""
        typed = {name: str(self.data.get(name, "")) for name in self.fields}
        typed["kind"] = str(KINDS.get(typed["kind"], ""))
        return [(str(self.fields[name].label), text) for name, text in typed.items() if text]

    def asked(self) -> dict[str, Any]:
        """Return what the Pi is asked."""
        given = self.cleaned_data
        asked: dict[str, Any] = {"person": _actor(given["person"]), "kind": given["kind"]}
        asked |= {"cattle": given["animal"], "batch": given["batch"], "pen": given["pen"]}
        asked["since"] = _begin(given["since"])
        asked["until"] = _begin(given["until"], DAY)
        return {name: value for name, value in asked.items() if value}


def _actor(text: str) -> str:
    """Return the journal's `office:ana` for `ana (office)`, as pages tell it; a name as it is."""
    name = text.strip()
    for door in DOORS:
        told = named(door)
        if name.endswith(f" ({told})"):
            return f"{door}:{name.removesuffix(f' ({told})')}"
        if door == "key" and name.startswith(f"{told} "):
            return f"{door}:{name.removeprefix(f'{told} ')}"
    return name


def _begin(day: date | None, later: timedelta = timedelta(0)) -> str:
    if day is None:
        return ""
    # The first and the last day of the calendar begin or end beyond it on some farm's clock.
    day = min(max(day, date.min + DAY), date.max - DAY) + later
    return datetime.combine(day, time(), timezone.get_current_timezone()).isoformat()


async def journal(request: OfficeRequest) -> HttpResponseBase:
    """List what people and imports did, the newest first; `format=csv` is the list as a file."""
    office = request.office
    if office.mirror.cursor is None:
        return render(request, "office/no_copy.html", {"current": "journal"})
    shown = Filters(office.mirror, request.GET)
    query = urlencode({n: v for n, v in request.GET.items() if v and n not in OF_A_PAGE})
    context: dict[str, Any] = {"current": "journal", "narrowing": shown, "query": query, "days": []}
    if not shown.is_valid():  # the form says why
        return render(request, "office/journal.html", context)
    context["filters"], unit = shown.in_words(), office.units.of(request.person)
    asked = shown.asked() | {n: v for n, v in request.GET.items() if n == "cursor"}
    try:
        if request.GET.get("format") == "csv":
            rows = await run_aside(lambda: _all(office.client, asked))
            words = [value for _label, value in context["filters"]]
            return exports.acts([with_text(row, unit) for row in rows], words, unit)
        if "print" in request.GET:  # paper takes all that is asked for
            rows = await run_aside(lambda: _all(office.client, asked, PRINTED_PAGES))
            context["days"] = by_day(rows, unit)
        else:
            context |= await _page(office.client, asked, unit)
    except PiError as error:
        context["why"] = str(error)
    return render(request, "office/journal.html", context)


async def _page(client: PiClient, asked: dict[str, Any], unit: str) -> dict[str, Any]:
    """Return the acts of one page, by day, and what leads to the next."""
    answer = await run_aside(lambda: client.get("operations", {"limit": 50, **asked}))
    days, later = by_day(answer["data"], unit), "cursor" in asked
    return {"days": days, "next": answer["next"], "later": later, "total": answer.get("total")}


def _all(client: PiClient, asked: dict[str, Any], most: int = MOST_PAGES) -> list[Row]:
    rows: list[Row] = []
    for _page in range(most):
        answer = client.get("operations", {"limit": AT_ONCE, **asked})
        rows += answer["data"]
        if not answer["next"]:
            break
        asked = {**asked, "cursor": answer["next"]}
    return rows


def by_day(acts: list[Row], unit: str) -> list[dict[str, Any]]:
    """Return the acts of each day of the farm's clock, with day and act in words."""

    def day_of(act: Row) -> date:
        return localtime(datetime.fromisoformat(act["made_at"])).date()

    return [
        {"day": day, "called": _called(day), "acts": [with_text(one, unit) for one in some]}
        for day, some in groupby(acts, day_of)
    ]


def _called(day: date) -> str:
    match (timezone.localdate() - day).days:
        case 0:
            return gettext("Today")
        case 1:
            return gettext("Yesterday")
    return ""


async def act(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one act: the animals that it touched, and what taking it back would do."""
    context: dict[str, Any] = {"current": "journal", "act": None}
    try:
        path = f"operations/{pk}"
        found = await run_aside(lambda: request.office.client.get(path, {"preview": 1}))
        told = with_text(found, request.office.units.of(request.person))
        context |= {"act": told, "is_refused": is_refused(found)}
    except PiError as error:
        context["why"] = str(error)
    return render(request, "office/act.html", context)


async def moved_here(request: OfficeRequest, pk: int | None = None) -> HttpResponse:
    """Lead from the address that the page had before."""
    return HttpResponseRedirect("/office/journal" + (f"/{pk}/undo" if pk else ""))


def is_refused(act: Row) -> bool:
    """Return whether nothing that a person says takes it back."""
    return bool(act.get("refused")) and act.get("refused_code") not in ANSWERED


class UndoAct(OfficeForm):
    """Asks first, with what will be undone, and what would stay."""

    title = _("Take back")
    button = _("Take it back")
    section = "journal"
    template = "office/confirm.html"
    needs_copy = False
    back = "/office/journal"

    force = forms.BooleanField(label=_("Even if the pen is full (say why)"), required=False)
    reason = reason_field()
    override = override_field()

    @classmethod
    async def fetched(cls, asking: Asking) -> dict[str, Any]:
        path = f"operations/{asking.arguments['pk']}"
        found = await run_aside(lambda: asking.office.client.get(path, {"preview": 1}))
        return {"change": found}

    def prepare(self) -> None:
        self.found: Row = self.asking.arguments["change"]
        if self.found.get("refused_code") != "pen_full":
            del self.fields["force"], self.fields["reason"]
        if self.found.get("refused_code") != "not_clear":
            del self.fields["override"]

    def no_longer(self) -> str:
        if not self.found.get("undone_at"):
            return ""
        who = str(self.found["undone_by"])
        who = who.partition(":")[2] or who
        return gettext("%s has taken this back already.") % who

    def context(self) -> dict[str, Any]:
        why = self.found.get("refused", "")  # an older Pi tells it when it is asked to
        points = [] if why else [*map(refusal_text, self.found["undoing"])]
        question = with_text(self.found, self.asking.asked.unit)["summary"]
        shown = {"question": question, "points": points, "obstacle": refusal_text(why)}
        return {**shown, "is_refused": is_refused(self.found)}

    def change(self) -> Change:
        path = f"operations/{self.found['id']}/undo"
        given = self.cleaned_data
        body: dict[str, Any] = {name: given[name] for name in ("force", "reason") if name in given}
        body |= overriding(given)
        return Change("POST", path, body, gettext("Taken back."), self.back)
