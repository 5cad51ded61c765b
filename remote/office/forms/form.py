"""The one way a form goes: shown, checked here, asked of the Pi, and back to a page that shows it.

A form is a page of its own, or a part of one outside the live regions: what somebody types is
never overwritten. Each carries a key of its own, so that sending it twice changes things once.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from herd.fields import Field, set_by
from remote.office.link.link_errors import PiError, PiRefused
from remote.office.mirror.mirror import Mirror, Row
from remote.office.office import Office, OfficeRequest, asked_by
from remote.office.pages import PageRequest
from remote.office.pages.page import NoSuchPage
from remote.office.units import sentence_in
from remote.threads import run_aside
from remote.wire import Cursor, Topic

SHOWN_WITHIN = 2.0  # seconds until the change has come back by the feed, nearly always 0.02

View = Callable[..., Coroutine[Any, Any, HttpResponse]]
Form = TypeVar("Form", bound="OfficeForm")


@dataclass(frozen=True, slots=True)
class Change:
    """A request to the Pi."""

    method: str
    path: str
    body: Mapping[str, Any]
    done: str  # what is said afterwards
    back: str  # where the person goes then


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, what the address holds, and where the choices come from."""

    asked: PageRequest
    office: Office
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def mirror(self) -> Mirror:
        return self.office.mirror

    def row(self, topic: Any) -> Row:  # noqa: ANN401 - a Topic
        """Return the row that the address names; raise NoSuchPage."""
        row = self.mirror.tables[cast("Topic", topic)].get(self.arguments["pk"])
        if row is None:
            raise NoSuchPage(gettext("This is not in the office's copy (any more)."))
        return row


SCANNED = {"spellcheck": "false", "data-scan-here": True}  # a wedge reader types into it
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OfficeForm(forms.Form):
    """A form whose subclass says what is asked of the Pi, in `change`."""

    title: ClassVar[str | Promise] = ""
    button: ClassVar[str | Promise] = ""
    template: ClassVar[str] = "office/form.html"
    section: ClassVar[str] = "cattle"  # of the navigation
    needs_copy: ClassVar[bool] = True  # or the Pi alone knows what it shows
    back: str = "/office/"

    key = forms.CharField(
        max_length=100, initial=lambda: secrets.token_hex(16), widget=forms.HiddenInput
    )

    @classmethod
    async def fetched(cls, asking: Asking) -> dict[str, Any]:
        """Return arguments that only the Pi knows; raise PiError where it tells none."""
        return {}

    def __init__(self, asking: Asking, data: Any = None, files: Any = None) -> None:  # noqa: ANN401 - as Django's
        self.asking = asking
        super().__init__(data, files, label_suffix="")
        self.prepare()
        first = next(iter(self.visible_fields()), None)
        if first is not None and not isinstance(first.field.widget, forms.RadioSelect):
            first.field.widget.attrs["autofocus"] = True

    def prepare(self) -> None:
        """Set choices and initial values from the mirror; may raise NoSuchPage."""

    def change(self) -> Change:
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """Return more for the template."""
        return {}

    def no_longer(self) -> str:
        """Return why the state of what it is about does not allow it, "" where it does; asked
        before it is sent alone: what the same key has done already is answered as then."""
        return ""

    def changed_values(self) -> dict[str, Any]:
        """Return what the person changed, as JSON."""
        return {name: plain(self.cleaned_data[name]) for name in self.changed_data if name != "key"}

    def outcome(self, change: Change, answer: Row) -> tuple[int, str]:
        """Return what is said when the Pi has done it: the message's level and its sentence."""
        return messages.SUCCESS, change.done

    async def sent(self, request: OfficeRequest) -> HttpResponse | None:
        """Ask the Pi for the change; return None where it refused, which the form then shows."""
        try:
            change = self.change()
            answer = await ask(request, change, self.cleaned_data["key"])
        except PiError as error:
            self.refused(error)
            return None
        messages.add_message(request, *self.outcome(change, answer))
        if answer.get("warning"):
            messages.warning(request, sentence_in(answer["warning"], self.asking.asked.unit))
        return HttpResponseRedirect(self.list_left() or change.back)

    def list_left(self) -> str:
        """Return the list that the person came from, "" where the address names none."""
        back = self.asking.asked.params.get("back", "")
        return back if back.startswith("/office/") else ""

    def refused(self, error: PiError) -> None:
        """Show why the Pi did not do it."""
        self.add_error(None, sentence_in(str(error), self.asking.asked.unit))


class EditForm(OfficeForm):
    """A form that changes a row: only what the person changed is sent."""

    button = _("Save")

    def begin_with(self, row: Row) -> None:
        """Start with the row's values, and send each back with the form as it was shown."""
        # What somebody else wrote meanwhile is shown to the person before it is overwritten.
        self.initial = {name: row[name] for name in self.fields if name in row}
        for name in self.initial:
            self.fields[name].show_hidden_initial = True

    def seen(self, name: str) -> str:
        """Return what stood in the field when the form was opened."""
        return str(self.data.get(self.add_initial_prefix(name), ""))

    def edit(self, path: str) -> Change:
        changes = self.changed_values()
        body = {**changes, "seen": {name: self.seen(name) for name in changes}}
        return Change("PATCH", path, body, gettext("Saved."), self.back)

    def refused(self, error: PiError) -> None:
        if not (isinstance(error, PiRefused) and error.code == "changed_since"):
            return super().refused(error)
        shown: Any = copy(self.data)
        for name, now in error.body["now"].items():
            values = {"seen": self.seen(name) or "–", "now": "–" if now in {None, ""} else now}
            shown[self.add_initial_prefix(name)] = "" if now is None else now
            sentence = gettext(
                "Somebody else has changed this since you opened the form: it was “%(seen)s” and"
                " is “%(now)s” now. Nothing was saved; send again to have it your way."
            )
            self.add_error(name, sentence % values)
        self.data = shown
        return None


def add_fields(table: Iterable[Field], rows: int) -> Callable[[type[Form]], type[Form]]:
    """Return a decorator that gives a form the fields that a person may set, in the table's order.

    One that the class writes itself, because it has choices or a hint, stays as it is written.
    `rows` is the height of a text of several lines.
    """

    def decorated(form: type[Form]) -> type[Form]:
        written = form.declared_fields
        for one in table:
            if one.name not in set_by("person", table):
                continue
            made = written.pop(one.name, None) or _field_for(one, rows)
            if made is not None:
                written[one.name] = made
        return form

    return decorated


def _field_for(field: Field, rows: int) -> forms.Field | None:
    """Return a form's field; None for a choice or a number, which each need words of their own."""
    label, longest = _(field.form_label), field.longest
    match field.holds:
        case "text":
            return forms.CharField(label=label, max_length=longest, required=field.required)
        case "lines":
            area = forms.Textarea(attrs={"rows": rows})
            return forms.CharField(label=label, max_length=longest, required=False, widget=area)
        case "date":
            return forms.DateField(label=label, required=False, widget=DAY)
    return None


def plain(value: Any) -> Any:  # noqa: ANN401 - any form value, as JSON
    return value.isoformat() if hasattr(value, "isoformat") else value


def form_view(kind: type[OfficeForm]) -> View:

    async def view(request: OfficeRequest, **arguments: Any) -> HttpResponse:
        return await _form_page(request, kind, arguments)

    return view


def not_allowed(request: OfficeRequest, section: str) -> HttpResponse:
    """Answer somebody whose role may look, and not change anything."""
    return render(request, "office/not_allowed.html", {"current": section}, status=403)


async def _form_page(
    request: OfficeRequest, kind: type[OfficeForm], arguments: dict[str, Any]
) -> HttpResponse:
    if kind.needs_copy and request.office.mirror.cursor is None:
        return render(request, "office/no_copy.html", {"current": kind.section})
    asked = asked_by(request)
    if not asked.may_write:
        return not_allowed(request, kind.section)
    posted = request.method == "POST"
    asking = Asking(asked, request.office, arguments | {"query": request.GET})
    try:
        asking.arguments.update(await kind.fetched(asking))
        form = kind(asking, *((request.POST, request.FILES) if posted else ()))
    except NoSuchPage as error:
        raise Http404(str(error)) from error
    except PiError as error:
        messages.error(request, sentence_in(str(error), asked.unit))  # the next page shows it
        return HttpResponseRedirect(kind.back)
    if posted and form.is_valid() and (answer := await form.sent(request)):
        return answer
    return _shown(request, form, {"form": form, "current": kind.section, "asked": asked})


def _shown(request: OfficeRequest, form: OfficeForm, context: dict[str, Any]) -> HttpResponse:
    if request.method != "POST" and (why := form.no_longer()):
        return render(request, "office/no_longer.html", context | {"why": why})
    return render(
        request, form.template, context | form.context(), status=422 if form.errors else 200
    )


async def ask(request: OfficeRequest, change: Change, key: str = "") -> Row:
    """Ask the Pi for a change, and wait until the mirror shows it; raise PiError."""
    person, client = asked_by(request).person, request.office.client
    answer, cursor = await run_aside(
        lambda: client.change(change.method, change.path, change.body, person.username, key)
    )
    if cursor is not None:
        await _until_shown(request.office.mirror, cursor)
    return answer


async def _until_shown(mirror: Mirror, cursor: Cursor) -> None:
    # The page that follows must show what was just done (decision 8).
    deadline = asyncio.get_running_loop().time() + SHOWN_WITHIN
    while mirror.cursor is not None and mirror.cursor.seq < cursor.seq:
        if asyncio.get_running_loop().time() > deadline:
            return
        await asyncio.sleep(0.005)
