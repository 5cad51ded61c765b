"""Forms for work items: dismissed with a reason, put off until a day, seen, brought back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from remote.office.forms.cattle import reason_field
from remote.office.forms.form import DAY, Change, OfficeForm, ask, not_allowed
from remote.office.link.link_errors import PiError
from remote.office.office import OfficeRequest, asked_by
from remote.office.pages.page import NoSuchPage
from remote.office.refusal_text import refusal_text
from remote.office.work.items import WORK_PAGE, WorkItem
from remote.office.work.kinds import BY_NAME
from remote.office.work.marks import SEEN, put_away
from remote.office.work.named import MOST_AT_ONCE, items_named
from remote.work_keys import DISMISSED, REMINDER

NAMED_AT_MOST = 10


class MarkWork(OfficeForm):
    """A form about the items that the address names, or all of a kind."""

    section = "work"
    template = "office/confirm.html"
    back = WORK_PAGE
    kind = ""

    def prepare(self) -> None:
        self.items = self._items()
        if self.is_bound and not self.items:
            raise NoSuchPage(gettext("Nothing of this needs anybody any more."))

    def no_longer(self) -> str:
        return "" if self.items else gettext("Nothing of this needs anybody any more.")

    def _items(self) -> Sequence[WorkItem]:
        mirror, asked = self.asking.mirror, self.asking.asked
        if asked.params.get("all") and (kind := BY_NAME.get(asked.params.get("kind", ""))):
            found = kind.found(mirror, put_away(mirror))[:MOST_AT_ONCE]
            return [kind.item(mirror, one, asked.unit) for one in found]
        return items_named(mirror, self.asking.arguments["query"].getlist("id"), asked.unit)

    def context(self) -> dict[str, Any]:
        points = [told(item) for item in self.items[:NAMED_AT_MOST]]
        if rest := len(self.items) - NAMED_AT_MOST:
            points += [gettext("and %d more") % rest] if rest > 0 else []
        count = len(self.items)
        return {"question": ngettext("%d item:", "%d items:", count) % count, "points": points}

    def change(self) -> Change:
        done = ngettext("%d item is marked.", "%d items are marked.", len(self.items))
        given = {name: self.cleaned_data.get(name) for name in ("reason", "until")}
        until = given["until"]
        body = {
            "kind": self.kind,
            "items": [_sent(item) for item in self.items],
            "reason": given["reason"] or "",
            "until": until.isoformat() if until else None,
        }
        return Change("POST", "work-marks", body, done % len(self.items), self.back)


class DismissWork(MarkWork):
    title = _("Dismiss")
    button = _("Dismiss")
    kind = DISMISSED

    reason = reason_field(
        required=True,
        help_text=_("It is found under “Dismissed”, and comes again when it happens again."),
    )


class RemindWork(MarkWork):
    title = _("Remind me")
    button = _("Put off until then")
    kind = REMINDER

    until = forms.DateField(label=_("On"), widget=DAY)
    reason = reason_field(help_text=_("Nobody's list shows it before."))


def told(item: WorkItem) -> str:
    """Return the item in one line, as it is kept with the mark."""
    return f"{item.name}: {item.why}"


def _sent(item: WorkItem) -> dict[str, Any]:
    return {"key": item.key, "text": told(item)[:300], "through": item.through}


@require_POST
async def seen(request: OfficeRequest) -> HttpResponse:
    """Say that the person has seen an item."""
    items = items_named(request.office.mirror, [request.GET.get("key", "")], "kg")
    body = {"kind": SEEN, "items": [_sent(item) for item in items]}
    change = Change("POST", "work-marks", body, gettext("You have seen it."), _back(request))
    return await _asked(request, change if items else None)


@require_POST
async def bring_back(request: OfficeRequest, pk: int) -> HttpResponse:
    """End a mark: the item is there again, if its cause still stands."""
    done = gettext("It is brought back.")
    change = Change("POST", f"work-marks/{pk}/end", {}, done, _back(request))
    return await _asked(request, change)


async def _asked(request: OfficeRequest, change: Change | None) -> HttpResponse:
    if not asked_by(request).may_write:
        return not_allowed(request, "work")
    if change is None:
        messages.warning(request, gettext("Nothing of this needs anybody any more."))
        return HttpResponseRedirect(_back(request))
    try:
        await ask(request, change)
        messages.success(request, change.done)
    except PiError as error:
        messages.error(request, refusal_text(str(error)))
    return HttpResponseRedirect(change.back)


def _back(request: OfficeRequest) -> str:
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith(WORK_PAGE) else WORK_PAGE
