"""The office's pages over HTTP. Each view asks the mirror, in the event loop's own thread."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from functools import lru_cache
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from remote.exposition import CONTENT_TYPE, exposed
from remote.office import exports
from remote.office.forms.form import not_allowed
from remote.office.link.link_errors import PiError
from remote.office.live.render_cache import Address, Rendered
from remote.office.metrics import health_of, may_read, read
from remote.office.office import OfficeRequest, asked_by
from remote.office.pages import PageRequest, places, shipments
from remote.office.pages.elsewhere import the_only_one
from remote.office.pages.filter_words import filter_words
from remote.office.pages.labels import SPOKEN
from remote.office.pages.page import NoSuchPage, banner
from remote.office.person_views import safe_next
from remote.threads import run_aside

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]

NAVIGATION = (
    ("dashboard", "/office/", _("Dashboard")),
    ("work", "/office/work", _("Work")),
    ("batches", "/office/batches", _("Batches")),
    ("cattle", "/office/cattle", _("Cattle")),
    ("pens", "/office/pens", _("Pens")),
    ("chute", "/office/chute", _("Chute")),
    ("sessions", "/office/sessions", _("Sessions")),
    ("shipments", "/office/shipments", _("Shipments")),
    ("weights", "/office/weights", _("Weighings")),
    ("deaths", "/office/deaths", _("Deaths")),
    ("journal", "/office/journal", _("Journal")),
)
# Behind “More”: one line at a desk has no room for all of them, in Spanish least of all.
MORE = (
    ("products", "/office/products", _("Products")),
    ("import", "/office/import", _("Import")),
    ("payloads", "/office/payloads", _("Radio log")),
    ("status", "/office/status", _("Status")),
)
OF_WRITERS = ("products", "import")
# Pages that tell more than the copy's changes do: the clocks, and what the Pi was asked for.
OF_THIS_MOMENT = ("status", "sessions", "import-look")
SHARED_SECONDS = 5.0  # a page says "today" and "unseen for 14 days" of when it was made


def page_frame(request: OfficeRequest) -> dict[str, Any]:
    office, unit = request.office, request.office.units.of(request.person)
    may_write = request.person is not None and request.person.role != "viewer"
    here = request.get_full_path()
    socket = {"page": here, "unit": unit, "language": get_language() or ""}
    return {
        **banner(office.mirror),
        "navigation": NAVIGATION,
        "behind_more": [one for one in MORE if may_write or one[0] not in OF_WRITERS],
        "person": request.person,
        "unit": unit,
        "other_unit": "lb" if unit == "kg" else "kg",
        "other_languages": [one for one in settings.LANGUAGES if one[0] != get_language()],
        "here": here,
        "socket": "/ws/office?" + urlencode(socket),
        "words": _spoken(get_language()),
        "is_sample": office.is_sample,
    }


@lru_cache(maxsize=8)
def _spoken(_language: str | None) -> dict[str, str]:
    return {name: gettext(text) for name, text in SPOKEN.items()}


def page_view(name: str) -> View:
    """Return the view of a page that the mirror alone can make."""

    async def view(request: OfficeRequest, **arguments: Any) -> HttpResponseBase:
        return _page(request, name, **arguments)

    return view


async def batch(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Show a batch. The mirror knows it; how it grew is asked of the Pi."""
    growth = request.office.pi_queries.growth(pk, asked_by(request).unit)
    known = await _answered_meanwhile(growth, request, "batch", pk=pk)
    return _page(request, "batch", pk=pk, extra=known)


async def closeout(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Show a batch's closeout, of which the Pi knows the most."""
    known = await request.office.pi_queries.closeout(pk, asked_by(request))
    return _page(request, "closeout", pk=pk, extra=known)


async def cattle(request: OfficeRequest) -> HttpResponseBase:
    """Show the cattle. The mirror knows the tags that are worn; of former ones the Pi is asked."""
    asked = asked_by(request)
    extra = await request.office.pi_queries.worn_before(asked) if asked.search else None
    return _page(request, "cattle", extra=extra)


async def animal(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Show an animal. The mirror knows it; its long past is asked of the Pi."""
    unit = request.office.units.of(request.person)
    history = request.office.pi_queries.history(pk, unit)
    known = await _answered_meanwhile(history, request, "animal", pk=pk)
    if request.GET.get("format") == "csv" and known["history"] is not None:
        return exports.past_of_animal(pk, known["history"], request.office.mirror, unit)
    return _page(request, "animal", pk=pk, extra=known)


async def chute(request: OfficeRequest) -> HttpResponseBase:
    """Show the chute's one screen, to those who may weigh."""
    if not asked_by(request).may_write:
        return not_allowed(request, "chute")
    return _page(request, "chute")


async def sessions(request: OfficeRequest) -> HttpResponseBase:
    """Show the sessions. Of those whose weights are not all held here the Pi tells the figures."""
    if request.office.mirror.cursor is not None:
        await request.office.pi_queries.session_figures(asked_by(request))
    return _page(request, "sessions")


async def session(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Show a session. The mirror knows it; what was done in it is asked of the Pi."""
    asked = asked_by(request)
    known = await request.office.pi_queries.session(pk, asked)
    if request.GET.get("format") == "csv" and known.get("summary"):
        return exports.animals_of_session(pk, known["summary"]["data"], asked.unit)
    return _page(request, "session", pk=pk, extra=known)


async def deaths(request: OfficeRequest) -> HttpResponseBase:
    """Show deaths and pulls of some days, of which the Pi makes the report."""
    asked = asked_by(request)
    known = await request.office.pi_queries.deaths(asked)
    if request.GET.get("format") == "csv" and known.get("report"):
        return exports.deaths_and_pulls(known["report"], asked)
    return _page(request, "deaths", extra=known)


async def shipment(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Show a shipment. The mirror knows its counts; its animals are asked of the Pi."""
    extra = await request.office.pi_queries.loaded(pk)
    return _page(request, "shipment", pk=pk, extra=extra | {"key": token_hex(16)})


async def manifest(request: OfficeRequest, pk: int) -> HttpResponseBase:
    extra = await request.office.pi_queries.manifest(pk)
    return _page(request, "manifest", pk=pk, extra=extra)


async def shipment_file(request: OfficeRequest, pk: int, name: str) -> HttpResponse:
    """Hand on a CSV file of the Pi's to report a shipment with."""
    parts: list[bytes] = []
    try:
        path, client = f"shipments/{pk}/files/{name}", request.office.client
        await run_aside(lambda: client.download(path, 0, parts.append))
    except PiError as error:
        messages.error(request, str(error))
        return redirect("manifest", pk=pk)
    answer = HttpResponse(b"".join(parts), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="shipment-{pk}-{name}.csv"'
    return answer


async def payloads(request: OfficeRequest) -> HttpResponseBase:
    """Show the radio log. The mirror knows the latest; the older ones are asked of the Pi."""
    extra = None
    if "before" in request.GET and request.office.mirror.cursor is not None:
        older = request.office.pi_queries.older_payloads(asked_by(request))
        extra = await _answered_meanwhile(older, request, "payloads")
    return _page(request, "payloads", extra=extra)


def _page(
    request: OfficeRequest, name: str, *, extra: dict[str, Any] | None = None, **arguments: Any
) -> HttpResponseBase:
    mirror = request.office.mirror
    # An empty herd would look as if all animals were gone.
    if mirror.cursor is None:
        return render(request, "office/no_copy.html", {"current": name})
    asked = asked_by(request)
    if asked.params.get("format") == "csv" and name in exports.COLUMNS:
        return exports.answer(name, mirror, asked)
    try:
        shown = _rendered(request, name, asked, arguments)
    except NoSuchPage as error:
        raise Http404(str(error)) from error
    context = {
        "page": shown.page,
        "asked": asked,
        "current": name,
        "filters": filter_words(mirror, asked),
        "lists": shown.lists,
        "regions": shown.regions,
        **shown.page.context,
        **(extra or {}),
    }
    return render(request, shown.page.template, context)


async def _answered_meanwhile(
    question: Awaitable[dict[str, Any]], request: OfficeRequest, name: str, **arguments: Any
) -> dict[str, Any]:
    """Return the Pi's answer. While it works on it, render what the copy knows of the page."""
    answer = asyncio.ensure_future(question)
    await asyncio.sleep(0)  # it is on its way
    if request.office.mirror.cursor is not None:
        with contextlib.suppress(NoSuchPage):
            _rendered(request, name, asked_by(request), arguments)
    return await answer


def _rendered(
    request: OfficeRequest, name: str, asked: PageRequest, arguments: dict[str, Any]
) -> Rendered:
    """Return the page as whoever has it open sees it, or made anew where nobody has."""
    params, language = tuple(sorted(asked.params.items())), get_language() or ""
    given, look = tuple(arguments.items()), (asked.may_write, asked.unit, language)
    address = Address(name, given, params, asked, *look)
    if name in OF_THIS_MOMENT or "print" in asked.params:
        return Rendered.of(address.build(request.office.mirror))
    return request.office.render_cache.rendered(address, SHARED_SECONDS)


async def find(request: OfficeRequest) -> HttpResponse:
    """Open the one animal that was scanned, or else the pen, batch, product or shipment of that
    name; or list what holds the text."""
    wanted = request.GET.get("q", "").strip()[:100]
    mirror = request.office.mirror
    found = mirror.find_unique(wanted)
    if found is not None:
        return redirect("animal", pk=found["id"])
    if place := the_only_one(mirror, wanted):
        return HttpResponseRedirect(place)
    if wanted and not mirror.finds(wanted) and shipments.holds(mirror, wanted):
        return HttpResponseRedirect("/office/shipments?" + urlencode({"q": wanted}))
    return HttpResponseRedirect("/office/cattle?" + urlencode({"q": wanted}))


def suggestions(place: places.Place) -> View:
    """Return the view that says which batches or pens somebody may mean who types so far."""

    async def view(request: OfficeRequest) -> JsonResponse:
        wanted = request.GET.get("q", "")[:100]
        found = places.suggested(request.office.mirror, place, wanted)
        return JsonResponse({"data": [{"number": number, "told": told} for number, told in found]})

    return view


@require_POST
async def retry_payload(request: OfficeRequest, pk: int) -> HttpResponse:
    person, client = asked_by(request).person, request.office.client
    text = request.POST.get("text") or None
    try:
        if person.role == "viewer":
            messages.error(request, gettext("Your role may look, but not change anything."))
        else:
            await run_aside(lambda: client.retry_payload(pk, person.username, text))
            messages.success(request, gettext("Message no. %d will be tried again.") % pk)
    except PiError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(safe_next(request))


async def health(request: OfficeRequest) -> JsonResponse:
    """Answer 200 while the link to the Pi is well, 503 with the reasons where not."""
    health = health_of(request.office.mirror)
    answer = JsonResponse(health, status=200 if health["status"] == "ok" else 503)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - asked every few seconds: the link has told of it, once
    return answer


async def metrics(request: OfficeRequest) -> HttpResponse:
    """Answer Prometheus: at addresses in METRICS_ALLOW, without signing in."""
    if not may_read(request):
        return HttpResponse("METRICS_ALLOW does not name this address.\n", "text/plain", 403)
    return HttpResponse(exposed(lambda: read(request.office)), CONTENT_TYPE)


async def home(request: OfficeRequest) -> HttpResponse:
    return redirect("dashboard")
