"""Scales: the days on which one was adjusted or at fault, what a person says of them, and weights
corrected by a factor. All of it is asked of the Pi."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from remote.office import clocks, exports
from remote.office.forms.cattle import reason_field
from remote.office.forms.decimal_text import DecimalText
from remote.office.forms.form import DAY, Asking, Change, OfficeForm, ask, plain
from remote.office.link.client import PiClient
from remote.office.link.link_errors import PiError, PiRefused
from remote.office.mirror.mirror import Row
from remote.office.office import OfficeRequest
from remote.threads import run_aside

BACK = "/office/scales"
DAYS_SHOWN = 50  # of each kind on a page
AT_ONCE, MOST_DAYS = 500, 10_000  # of a file or on paper
PATHS = {"scale-steps": "adjusted", "scale-faults": "at fault"}


async def scales(request: OfficeRequest) -> HttpResponseBase:
    """List the days on which a scale was adjusted, page by page, and the latest of its faults."""
    if "format" in request.GET or "print" in request.GET:
        return await _all_days(request)
    asked: dict[str, Any] = {"limit": DAYS_SHOWN}
    if "cursor" in request.GET:
        asked["cursor"] = request.GET["cursor"]
    context: dict[str, Any] = {"current": "weights", "later": "cursor" in asked}
    pi = request.office.client
    try:
        steps = await run_aside(lambda: pi.get("scale-steps", asked))
        context |= {"steps": [_step(one) for one in steps["data"]], "next": steps["next"]}
        faults = await run_aside(lambda: pi.get("scale-faults", {"limit": DAYS_SHOWN}))
        context["faults"] = faults["data"]
    except PiError as error:
        if not (isinstance(error, PiRefused) and error.status == 404):  # an older Pi's
            context["why"] = str(error)
    return render(request, "office/scales.html", context)


async def _all_days(request: OfficeRequest) -> HttpResponseBase:
    """Return every day as a file, or on paper."""
    pi, context = request.office.client, {"current": "weights"}
    try:
        found = {path: await run_aside(partial(_every, pi, path)) for path in PATHS}
    except PiError as error:
        return render(request, "office/scales.html", context | {"why": str(error)})
    if "print" in request.GET:
        steps = [_step(one) for one in found["scale-steps"]]
        told = {"steps": steps, "faults": found["scale-faults"]}
        return render(request, "office/scales.html", context | told)
    rows = [{**row, "what": PATHS[path]} for path, some in found.items() for row in some]
    return exports.scale_days(rows, request.office.units.of(request.person))


def _every(pi: PiClient, path: str) -> list[Row]:
    rows, asked = [], {"limit": AT_ONCE}
    while True:
        answer = pi.get(path, asked)
        rows += answer["data"]
        if not answer.get("next") or len(rows) >= MOST_DAYS:
            return rows
        asked = {"limit": AT_ONCE, "cursor": answer["next"]}


def _step(row: Row) -> Row:
    """Add how much more or less the scale reads since then, in words."""
    if row["factor"] is None:
        return {**row, "reads": "–"}
    percent = round(abs(row["factor"] - 1) * 100)
    sentence = gettext("%d %% more") if row["factor"] >= 1 else gettext("%d %% less")
    return {**row, "reads": sentence % percent}


class _OfScale(OfficeForm):
    """A form about a scale, which the address may name with the day."""

    section = "weights"
    needs_copy = False
    back = BACK

    scale = forms.CharField(label=_("Scale"), max_length=120)

    def begin_with(self, **names: str) -> None:
        """Start with what the address says: the field's name by the parameter's."""
        query: Mapping[str, str] = self.asking.arguments["query"]
        told = {name: query.get(parameter, "")[:120] for name, parameter in names.items()}
        self.initial = {name: value for name, value in told.items() if value}


class StepOfScale(_OfScale):
    """Says that a scale was adjusted on a day."""

    title = _("A scale was adjusted")
    button = _("It was adjusted")

    day = forms.DateField(label=_("On"), widget=DAY)
    factor = DecimalText(
        label=_("Reads since then, as a factor"),
        required=False,
        min_value=Decimal("0.2"),
        max_value=5,
        max_digits=9,
        decimal_places=6,
        help_text=_("1.15 where it reads 15 % more than before; empty where nobody knows."),
    )

    def prepare(self) -> None:
        self.begin_with(scale="scale", day="day")

    def context(self) -> dict[str, Any]:
        return {"hint": _("No gain is worked out across a day on which its scale was adjusted.")}

    def change(self) -> Change:
        given = self.cleaned_data
        day = plain(clocks.typed_day(self.asking.mirror, given["day"]))
        body: dict[str, Any] = {"scale": given["scale"], "day": day}
        if given["factor"] is not None:
            body["factor"] = float(given["factor"])
        done = gettext("No gain crosses that day any more.")
        return Change("POST", "scale-steps", body, done, self.back)


class DenyStep(OfficeForm):
    """Asks first, with what is known of the day."""

    title = _("The scale was not adjusted")
    button = _("It was not adjusted")
    section = "weights"
    template = "office/confirm.html"
    needs_copy = False
    back = BACK

    @classmethod
    async def fetched(cls, asking: Asking) -> dict[str, Any]:
        """Return the step, None where the Pi does not list it; the Pi decides in any case."""
        pi, rows = asking.office.client, []
        with contextlib.suppress(PiError):
            answer = await run_aside(lambda: pi.get("scale-steps", {"limit": AT_ONCE}))
            rows = answer["data"]
        return {"step": next((one for one in rows if one["id"] == asking.arguments["pk"]), None)}

    def no_longer(self) -> str:
        step = self.asking.arguments["step"]
        is_over = step is not None and step["undone_at"]
        return gettext("This was said already: the scale was not adjusted.") if is_over else ""

    def prepare(self) -> None:
        query = self.asking.arguments["query"]
        self.scale, self.day = (query.get(name, "")[:120] for name in ("scale", "day"))

    def context(self) -> dict[str, Any]:
        question = gettext("Gains are worked out across this day again, as across any other.")
        known = [f"{self.scale} · {self.day}"] if self.scale else []
        return {"question": question, "points": known}

    def change(self) -> Change:
        path = f"scale-steps/{self.asking.arguments['pk']}/undo"
        return Change("POST", path, {}, gettext("The day counts no more."), self.back)


class CorrectScale(_OfScale):
    """Multiplies weights by a factor; `look` shows first what that would do."""

    title = _("Correct the weights of a scale")
    button = _("Correct the weights")
    template = "office/correct_scale.html"

    first = forms.DateField(label=_("From"), widget=DAY)
    last = forms.DateField(label=_("Through"), widget=DAY)
    factor = DecimalText(
        label=_("Factor"),
        min_value=Decimal("0.2"),
        max_value=5,
        max_digits=9,
        decimal_places=6,
        help_text=_("A weight times this is the right one: 0.87 where the scale read too much."),
    )
    reason = reason_field(required=True)

    def prepare(self) -> None:
        self.preview: Row | None = None
        self.begin_with(scale="scale", first="day", last="last")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last", gettext("The last day lies before the first."))
        return given

    def context(self) -> dict[str, Any]:
        return {"preview": self.preview}

    async def sent(self, request: OfficeRequest) -> HttpResponse | None:
        if "look" not in request.POST:
            return await super().sent(request)
        change = self.change()
        try:
            # The Pi does it and takes it back: only so is the preview what it would do.
            self.preview = await ask(request, replace(change, path=f"{change.path}?preview=1"))
        except PiError as error:
            self.refused(error)
        return None

    def change(self) -> Change:
        given = self.cleaned_data
        body = {name: plain(given[name]) for name in ("scale", "first", "last", "reason")}
        body["factor"] = str(given["factor"])
        done = gettext("Corrected. It can be taken back here.")
        return Change("POST", "weights/correct", body, done, "/office/journal")
