"""Signing in and out, and what each person chooses for themselves: unit and language."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from remote.office.link.link_errors import PiError
from remote.office.office import OfficeRequest, asked_by
from remote.office.signin import CODE_ASKED, sign_out
from remote.office.units import UNITS


@require_POST
async def set_unit(request: OfficeRequest) -> HttpResponse:
    unit = request.POST.get("unit")
    if unit in UNITS:
        request.office.units.choose(asked_by(request).person, unit)
    return HttpResponseRedirect(safe_next(request))


@require_POST
async def set_language(request: OfficeRequest) -> HttpResponse:
    answer, language = HttpResponseRedirect(safe_next(request)), request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        request.office.languages.choose(asked_by(request).person, language)
        _keep_language(answer, language)
    return answer


def _keep_language(answer: HttpResponse, language: str | None) -> None:
    """Let the browser ask for a language from now on, also on the page to sign in at."""
    if language:
        name, age = settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_COOKIE_AGE
        answer.set_cookie(name, language, max_age=age, httponly=True, samesite="Lax")


async def login(request: OfficeRequest) -> HttpResponse:
    context: dict[str, Any] = {"next": request.GET.get("next", ""), "username": ""}
    context["expired"] = "expired" in request.GET
    if request.method == "POST":
        context |= {"next": safe_next(request), "username": request.POST.get("username", "")}
        try:
            given = [request.POST.get(name, "") for name in ("username", "password", "code")]
            person = await request.office.signin.sign_in(request, *given)
        except PiError as error:
            asks_code = getattr(error, "code", "") in CODE_ASKED or "code" in request.POST
            context |= {"error": str(error), "asks_code": asks_code}
        else:
            answer = HttpResponseRedirect(context["next"])
            _keep_language(answer, request.office.languages.of(person))
            return answer
    return render(request, "office/login.html", context, status=401 if "error" in context else 200)


@require_POST
async def logout(request: OfficeRequest) -> HttpResponse:
    await sign_out(request)
    return redirect(settings.LOGIN_URL)


def safe_next(request: OfficeRequest) -> str:
    """Return where to go afterwards: a page of ours, never another site's."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if ours else "/office/"
