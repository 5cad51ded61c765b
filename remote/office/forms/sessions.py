"""Forms of a session at the chute: begin it, end it, go on with it."""

from collections.abc import Callable
from typing import Any, ClassVar, Final

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from remote.office.forms.form import Change, OfficeForm
from remote.office.forms.sort_rules import RuleError, limits_of, names_of
from remote.office.forms.treating import products_in_use
from remote.office.mirror.mirror import Row
from remote.office.office import OfficeRequest
from remote.office.pages import places

SORTS: Final = (
    ("", _("nothing")),
    ("weight", _("weight")),
    ("gain", _("gain a day")),
    ("sex", _("sex")),
    ("target", _("day of the target weight")),
    ("list", _("a list")),
)
MOST_RULES: Final = 12


class BeginSession(OfficeForm):
    title = _("Begin a session")
    button = _("Begin")
    section = "chute"
    back = "/office/chute"

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("Leave empty for its pen or batch, and the day."),
    )
    pen = forms.CharField(label=_("Pen that it fills"), max_length=50, required=False)
    batch = forms.CharField(label=_("Batch that it fills"), max_length=50, required=False)
    treat = forms.MultipleChoiceField(
        label=_("Treat with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each animal gets it once it is weighed and the next one is scanned."),
    )
    pair = forms.BooleanField(
        label=_("Pair tags"),
        required=False,
        help_text=_("A tag that nobody knows is offered to the animal before it, if it lacks one."),
    )
    sort_by = forms.ChoiceField(label=_("Sort by"), choices=SORTS, required=False)
    rules = forms.CharField(
        label=_("Where they go"),
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    listed = forms.CharField(
        label=_("The list"),
        required=False,
        max_length=20_000,
        help_text=_("Tags or ids, one a line; for sorting by a list."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    source = forms.ChoiceField(label=_("Listens to"), required=False)

    def prepare(self) -> None:
        asked, mirror = self.asking.asked, self.asking.mirror
        help_text = _(
            "A line for each pen: “400 = P4” is below 400 %(unit)s, “steer = P4” a sex,"
            " “2027-03-01 = P4” who has the target weight before that day, “list = P4” the list,"
            " and a last line “P5” everything else."
        )
        self.fields["rules"].help_text = help_text % {"unit": asked.unit}
        radios = (mirror.status or {}).get("sources", ())
        names = [str(radio["name"]) for radio in radios]
        products = products_in_use(mirror)
        self.fields["treat"].choices = products  # type: ignore[attr-defined]  # the form's field is known by its name alone
        if not products:
            del self.fields["treat"]
        choices = [("", _("no radio")), *((name, name) for name in names)]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]  # as above

    def clean(self) -> dict[str, Any]:
        given, mirror = super().clean() or {}, self.asking.mirror
        given["pen_id"] = self._place("pen", "pens", given.get("pen", ""))
        given["batch_id"] = self._place("batch", "batches", given.get("batch", ""))
        by = given.get("sort_by", "")
        lines = [line.strip() for line in given.get("rules", "").splitlines() if line.strip()]
        if by and not lines:
            self.add_error("rules", gettext("Say where they go."))
        elif len(lines) > MOST_RULES:
            self.add_error("rules", gettext("At most %d lines.") % MOST_RULES)
        elif by:
            given["sort"] = {
                "by": by,
                "rules": [rule for line in lines for rule in self._rules(by, line)],
            }
            if by == "list":
                names = self._read("listed", names_of, given.get("listed", ""), mirror)
                given["sort"]["names"] = names
        return given

    def _place(self, field: str, table: places.Place, text: str) -> int | None:
        """Return the pen or batch of this number; None, and an error at the field, of no such."""
        if not text.strip():
            return None
        wanted = text.strip().casefold()
        rows = self.asking.mirror.tables[table].values()
        for row in rows:
            if places.number_of(table, row).casefold() == wanted:
                return int(row["id"])
        self.add_error(field, gettext("Nobody knows “%s”.") % text.strip())
        return None

    def _rules(self, by: str, line: str) -> list[dict[str, Any]]:
        """Return the rules that a line means: of “male”, one for each sex that is."""
        limit, mark, pen = (part.strip() for part in line.rpartition("="))
        if not pen:
            self.add_error("rules", gettext("Say the pen of “%s”.") % line)
        rule: dict[str, Any] = {"pen_id": self._place("rules", "pens", pen)}
        if not mark:
            return [rule]
        unit = self.asking.asked.unit
        limits = self._read("rules", limits_of, by, limit, unit) or [{}]
        return [{**one, **rule} for one in limits]

    def _read(self, field: str, read: Callable[..., Any], *written: Any) -> Any:  # noqa: ANN401 - as it reads
        """Return what was written, as it is meant; None, and an error at the field, of no such."""
        try:
            return read(*written)
        except RuleError as error:
            self.add_error(field, str(error))
            return None

    def change(self) -> Change:
        given = self.cleaned_data
        body = {
            "name": given["name"],
            "pen_id": given["pen_id"],
            "batch_id": given["batch_id"],
            "source": given["source"],
            "tasks": {
                "weigh": True,
                "pair_tags": given["pair"],
                "sort": given.get("sort"),
                "treat": [int(pk) for pk in given.get("treat", ())],
            },
        }
        return Change("POST", "sessions", body, gettext("The session has begun."), self.back)

    def outcome(self, change: Change, answer: Row) -> tuple[int, str]:
        self.begun = answer["id"]
        return super().outcome(change, answer)

    async def sent(self, request: OfficeRequest) -> HttpResponse | None:
        answer = await super().sent(request)
        return answer and HttpResponseRedirect(f"{self.back}?session={self.begun}")


class _OneSession(OfficeForm):
    section = "chute"
    verb: ClassVar[str]
    done: ClassVar[str | Promise]

    def prepare(self) -> None:
        self.session = self.asking.row("sessions")
        self.back = f"/office/chute?session={self.session['id']}"

    def context(self) -> dict[str, Any]:
        return {"about": self.session["name"]}

    def change(self) -> Change:
        path = f"sessions/{self.session['id']}/{self.verb}"
        return Change("POST", path, {}, str(self.done), self.back)


class EndSession(_OneSession):
    title = _("End the session")
    button = _("End it")
    verb = "end"
    done = _("The session is over.")

    def no_longer(self) -> str:
        over = gettext("Session %s is over already.") % self.session["name"]
        return over if self.session["ended_at"] else ""


class ResumeSession(_OneSession):
    title = _("Go on with a session")
    button = _("Go on with it")
    verb = "resume"
    done = _("The session goes on.")

    def no_longer(self) -> str:
        goes_on = gettext("Session %s is going on.") % self.session["name"]
        return "" if self.session["ended_at"] else goes_on
