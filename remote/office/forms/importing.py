"""A farm's sheet: chosen, shown as the Pi understands it, and applied as it was looked at."""

import base64
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from herd.sheets import columns
from remote.office.forms.form import Asking, Change, OfficeForm, ask
from remote.office.forms.import_choices import (
    LABELS,
    UNITS,
    Columns,
    as_asked,
    as_text,
    choices_in,
    sent_choices,
)
from remote.office.link.link_errors import PiError
from remote.office.mirror.mirror import Row
from remote.office.office import OfficeRequest, asked_by
from remote.office.pages.imports import build, is_on_the_way
from remote.office.pages.page import PageRequest, whole_number
from remote.office.units import in_unit
from remote.threads import run_aside

LARGEST = 5_000_000  # bytes: in base64 below the 8 MiB that the Pi takes
_TOKEN = re.compile("[0-9a-f]{32}")
KEPT_SECONDS = 3600.0  # a sheet that nobody applied does not stay on the office's disk
WHAT = {
    "new": _("new"),
    "changed": _("changed"),
    "recorded": _("recorded"),
    "suspect": _("suspect"),
    "pending": _("new and pending"),
    "known": _("known before"),
    "repeat": _("repeated"),
    "refused": _("left out"),
}
KINDS = (
    ("weights", _("Weights")),
    ("animals", _("Animals")),
    ("treatments", _("Treatments")),
)


class ChooseFile(OfficeForm):
    title = _("Import a sheet")
    button = _("Check the file")
    section = "import"
    needs_copy = False

    kind = forms.ChoiceField(label=_("The file holds"), choices=KINDS)
    unit = forms.ChoiceField(label=_("Weights are in"), choices=UNITS)
    file = forms.FileField(
        label=_("XLSX or CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,text/csv"}),
        help_text=_(
            "From a scale indicator, farmOS or a spreadsheet. Commas or semicolons, decimal points"
            " or commas: all are understood. Nothing is changed before you have seen it."
        ),
    )

    def prepare(self) -> None:
        self.initial = {"unit": self.asking.asked.unit}

    def context(self) -> dict[str, Any]:
        return {"multipart": True}

    async def sent(self, request: OfficeRequest) -> HttpResponse:
        """Keep the file here: the page that follows asks the Pi what it holds."""
        given, now = self.cleaned_data, request.office.mirror.time.earlier()
        token = await run_aside(lambda: _keep(given["file"].read(), now))
        query = {"kind": given["kind"], "unit": given["unit"], "name": given["file"].name[:80]}
        return HttpResponseRedirect(f"/office/import/{token}?{urlencode(query)}")

    def clean_file(self) -> Any:  # noqa: ANN401 - Django's uploaded file
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(gettext("A file can have at most 5 MB. Split it."))
        return file


async def look(request: OfficeRequest, token: str) -> HttpResponse:
    """Have the sheet checked or imported, show how far that is, and what came of it."""
    asked, file = asked_by(request), _file(token)
    run = asked.params.get("run", "")
    if not asked.may_write:
        raise Http404(gettext("Your role may look, but not change anything."))
    try:
        if request.method == "POST" and "cancel" in request.POST:
            await ask(request, Change("POST", f"imports/{run}/cancel", {}, "", ""))
        elif request.method == "POST" or not run:
            return await _begin(request, file)
        return await _shown(request, await run_aside(lambda: _run(request, run)), file)
    except PiError as error:
        return _page(request, None, str(error))


def _run(request: OfficeRequest, number: str) -> Row:
    if whole_number(number) is None:
        raise Http404(gettext("There is no such import."))
    return request.office.client.get(f"imports/{number}")


async def _begin(request: OfficeRequest, file: Path) -> HttpResponse:
    """Ask the Pi for a check or, sent as it was looked at, for the import."""
    asked, posted = asked_by(request), request.POST.dict()
    if not await run_aside(file.exists):
        raise Http404(gettext("The upload has expired; choose the file again."))
    chosen = sent_choices(posted) if request.method == "POST" else {}
    wanted = "apply" in posted
    applying = wanted and posted.get("looked") == as_text(chosen)
    path, key = ("imports", posted.get("key", "")) if applying else ("imports?preview=1", "")
    body = await _body(asked, file) | (as_asked(chosen) if chosen else {})
    answer = await ask(request, Change("POST", path, body, "", ""), key)
    if "state" not in answer:  # of an older Pi
        return await _ended(request, answer, "", file, applied=applying)
    request.office.mirror.note_import(answer)
    unseen = "1" if wanted and not applying else ""
    said = as_text(chosen) if chosen else ""
    return HttpResponseRedirect(asked.link(run=answer["id"], chosen=said, unseen=unseen))


async def _shown(request: OfficeRequest, run: Row, file: Path) -> HttpResponse:
    if not is_on_the_way(run):
        applied = run["state"] == "done" and not run["preview"]
        sheet = run["answer"] if "headers" in (run["answer"] or {}) else None
        return await _ended(request, sheet, run["detail"], file, applied=applied)
    request.office.mirror.note_import(run)
    asked = asked_by(request)
    page = build(request.office.mirror, asked, "")
    context = {"current": "import", "asked": asked, "regions": page.rendered_regions()}
    return render(request, "office/import_progress.html", context)


async def _ended(
    request: OfficeRequest, sheet: Row | None, why: str, file: Path, *, applied: bool
) -> HttpResponse:
    if applied:
        await run_aside(lambda: file.unlink(missing_ok=True))
    return _page(request, sheet, why, applied=applied)


def _page(
    request: OfficeRequest, sheet: Row | None, why: str, *, applied: bool = False
) -> HttpResponse:
    asked = asked_by(request)
    context: dict[str, Any] = {
        "why": why,
        "current": "import",
        "asked": asked,
        "applied": applied,
        "unseen": bool(asked.params.get("unseen")),
        "again": asked.link() if "run" not in asked.params else asked.link(run=""),
    }
    if sheet:
        unit = asked.params.get("unit", "kg")
        said = dict(parse_qsl(asked.params.get("chosen", "")))
        chosen = choices_in({"weights_in": unit} | said)
        unit = chosen["weights_in"]
        form = Columns(Asking(asked, request.office, {"sheet": sheet, "chosen": chosen}))
        context |= {"sheet": sheet, "form": form, "understood": understood(sheet, unit)}
    return render(request, "office/import.html", context, status=422 if why else 200)


async def _body(asked: PageRequest, file: Path) -> dict[str, Any]:
    """Return the sheet and what its upload said of it, as the Pi takes them."""
    usual = {"kind": "weights", "unit": "kg", "name": ""}
    data = base64.b64encode(await run_aside(file.read_bytes)).decode()
    return {name: asked.params.get(name, value) for name, value in usual.items()} | {"data": data}


def _keep(data: bytes, now: datetime) -> str:
    """In the state directory until it is imported, an hour at most."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.iterdir():
        if now.timestamp() - old.stat().st_mtime > KEPT_SECONDS:
            old.unlink(missing_ok=True)
    token = secrets.token_hex(16)
    _file(token).write_bytes(data)
    return token


def _folder() -> Path:
    state: Path = settings.HEXABRAND_STATE_DIR
    return state / "office-sheets"


def _file(token: str) -> Path:
    """Return where the upload is kept; raise Http404 for a text that names none."""
    # Whatever an address says would be a file's name else, also one that is too long for the disk.
    if not _TOKEN.fullmatch(token):
        raise Http404(gettext("The upload has expired; choose the file again."))
    return _folder() / f"{token}.csv"


# -- the preview -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Understood:
    headings: list[str]
    rows: list[tuple[int, list[str]]]  # each with its line in the sheet


def understood(sheet: Row, unit: str) -> Understood | None:
    """Return the rows as the Pi understands them, or None; `unit` is that of the sheet."""
    rows = sheet["understood"]
    if not rows:
        return None
    if sheet["kind"] == "weights":
        headings = [gettext("Animal"), gettext("Weight"), gettext("Weighed"), gettext("Result")]
        return Understood(headings, [(row["line"], _weighing(row, unit)) for row in rows])
    if sheet["kind"] == "treatments":
        more = gettext("Lot, route, reason")
        headings = [gettext("Animal"), gettext("Product"), gettext("Amount"), gettext("When"), more]
        lines = [(row["line"], list(_treatment(row))) for row in rows]
        return Understood([*headings, gettext("Result")], lines)
    names = [name for name in sheet["fields"] if any(name in row for row in rows)]
    headings = [gettext("Animal"), gettext("Result"), *(str(LABELS[name]) for name in names)]
    return Understood(headings, [(row["line"], list(_animal(row, names))) for row in rows])


def _animal(row: Row, names: list[str]) -> Iterable[str]:
    yield row.get("animal", "")
    yield _what(row)
    for name in names:
        value = row.get(name, "")
        yield _day(value) if name in columns.DATED and value else value


def _weighing(row: Row, unit: str) -> list[str]:
    kg = row["weight_kg"]
    weight = f"{kg:.2f} kg"
    if unit == "lb":
        weight = f"{in_unit(kg, unit):.1f} lb = {weight}"
    return [_named(row), weight, _day(row["at"]) if row["at"] else gettext("now"), _what(row)]


def _treatment(row: Row) -> Iterable[str]:
    yield _named(row)
    yield row["product"]
    yield "–" if row["amount"] is None else f"{row['amount']:g} {row['unit']}".rstrip()
    yield _day(row["at"])
    yield ", ".join(filter(None, (row["lot_no"], row["route"], row["reason"]))) or "–"
    yield _what(row)


def _named(row: Row) -> str:
    """Return the animal's name, and what the sheet calls it where that is another one."""
    name, tag = row.get("animal", ""), str(row["tag"])
    return f"{name} ({tag})" if name and name != tag else tag


def _what(row: Row) -> str:
    return str(WHAT.get(row.get("what", ""), ""))


def _day(iso: Any) -> str:  # noqa: ANN401 - text of a JSON value
    # The month by its name: 03/04 would hide a mix-up of day and month, for which people look here.
    at = datetime.fromisoformat(iso)
    return date_format(at, "j F Y" if (at.hour, at.minute) == (0, 0) else "j F Y, H:i")
