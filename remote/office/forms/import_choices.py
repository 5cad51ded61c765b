"""What a person may choose of a sheet that the Pi has read: columns, and what is left open."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from herd.sheets import columns
from remote.office.forms.form import DAY, OfficeForm
from remote.office.mirror.mirror import Row

ORDERS = (
    ("", _("choose: the day or the month")),
    ("dmy", _("the day")),
    ("mdy", _("the month")),
    ("ymd", _("the year")),
)
UNITS = (("kg", "kg"), ("lb", "lb"))
LABELS = {name: _(label) for name, label in columns.LABELS.items()}


class Columns(OfficeForm):
    """Asks which column holds what, for the fields that the Pi answered with."""

    title = _("Import a sheet")
    button = _("Import")
    section = "import"

    def prepare(self) -> None:
        sheet, chosen = self.asking.arguments["sheet"], self.asking.arguments["chosen"]
        choices = [("", gettext("not in the sheet")), *((one, one) for one in sheet["headers"])]
        self.initial = sheet["columns"] | chosen
        for name in sheet["fields"]:
            label = LABELS.get(name, name)
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)
        self._ask_how_it_writes(sheet)
        self._ask_when_weighed(sheet)
        if sheet["kind"] == "weights":
            self._ask("make_pending", gettext("Add unknown animals as pending"))
        if sheet["errors"] or chosen["skip_bad_rows"]:
            self._ask("skip_bad_rows", gettext("Import the good rows, and leave these out"))
        if sheet.get("full_pens"):
            self._ask("even_if_full", gettext("Even if full: put the animals there all the same"))
        shown = choices_in({name: str(chosen[name]) for name in CHOICES if name in self.fields})
        self.fields["looked"] = forms.CharField(
            widget=forms.HiddenInput, initial=as_text({**shown, "columns": sheet["columns"]})
        )

    def _ask_how_it_writes(self, sheet: Row) -> None:
        if sheet["unclear_date"]:
            label = gettext("First in %(date)s is") % {"date": sheet["unclear_date"]}
            order = forms.ChoiceField(label=label, choices=ORDERS, required=False)
            self.fields["date_order"] = order
        if "weight" in sheet["columns"]:
            label = gettext("Weights are in")
            self.fields["weights_in"] = forms.ChoiceField(
                label=label, choices=UNITS, required=False
            )
        if lines := sheet.get("first_lines"):
            label = gettext("The columns are named in")
            self.fields["header_line"] = forms.ChoiceField(
                label=label, choices=_lines(sheet, lines), required=False
            )

    def _ask_when_weighed(self, sheet: Row) -> None:
        if "weight" not in sheet["columns"] or "date" in sheet["columns"]:
            return
        self.fields["weighed_on"] = forms.DateField(
            label=gettext("All were weighed on"),
            widget=DAY,
            required=False,
        )
        if sheet.get("days_unused"):
            self._ask("weighed_now", gettext("They were weighed now"))

    def _ask(self, name: str, label: str) -> None:
        self.fields[name] = forms.BooleanField(label=label, required=False)


def _lines(sheet: Row, lines: list[Row]) -> Iterable[tuple[str, str]]:
    yield "", gettext("line %(line)s, as found") % {"line": sheet["header_line"]}
    for one in lines:
        yield str(one["line"]), f"{one['line']}: {one['text'][:60]}"
    yield "0", gettext("no line: the columns have no names")


# By the form's names the Pi's: a column may be chosen for "unit" too.
TEXTS = {
    "date_order": "date_order",
    "weights_in": "unit",
    "header_line": "header_line",
    "weighed_on": "weighed_on",
}
FLAGS = ("make_pending", "weighed_now", "skip_bad_rows", "even_if_full")
CHOICES = (*TEXTS, *FLAGS)


def choices_in(posted: Mapping[str, str]) -> dict[str, Any]:
    return {
        "columns": {name: value for name, value in posted.items() if name in LABELS},
        **{name: posted.get(name, "") for name in TEXTS},
        **{name: posted.get(name, "") not in {"", "False"} for name in FLAGS},
    }


def sent_choices(posted: Mapping[str, str]) -> dict[str, Any]:
    """Return what was chosen; no columns where another line is to name them."""
    chosen, looked = choices_in(posted), dict(parse_qsl(posted.get("looked", "")))
    if chosen["header_line"] != looked.get("header_line", ""):
        chosen["columns"] = {}
    return chosen


def as_asked(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return the choices as the Pi takes them: what is not chosen is left out."""
    texts = {asked: chosen[name] for name, asked in TEXTS.items() if chosen[name]}
    columns = {"columns": chosen["columns"]} if any(chosen["columns"].values()) else {}
    return columns | texts | {name: True for name in FLAGS if chosen[name]}


def as_text(chosen: Mapping[str, Any]) -> str:
    """Return the choices in one text."""
    # It goes along with the form: what is applied must be what was looked at.
    columns = sorted((name, header) for name, header in chosen["columns"].items() if header)
    others = [(name, chosen[name]) for name in CHOICES]
    return urlencode([*columns, *others])
