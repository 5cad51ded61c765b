"""What the Pi says to a browser that asks for what is not there, or for what it may not."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

from remote.api.views import base

GONE = "There is nothing at this address, or it is gone."
NOT_YOURS = "Your role may not do this. An administrator can, or can give you another role."
BROKEN = "HexaBrand itself failed on this page; its log says why. The herd is not affected."
OLD_FORM = (
    "This form is of an older session, or your browser keeps no cookies. Nothing was changed: go"
    " back, load the page again and send it once more."
)


@requires_csrf_token  # the page has the button that signs out
def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if request.path.startswith("/api/"):
        return base.not_found(request)
    return _page(request, 404, "Not here", GONE)


@requires_csrf_token
def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403, "Not allowed", NOT_YOURS)


def old_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without the token of this session; Django asks for this view by its name."""
    # Asked in the event loop, before anybody has looked who it is: no table may be read here.
    return render(request, "old_form.html", {"sentence": OLD_FORM}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a mistake of ours; machines ask below `/api/`, and for figures at `/metrics`."""
    if request.path.startswith(("/api/", "/metrics")):
        return base.server_error(request)
    # Without the request, of which the page would ask who it is: the database may be what failed.
    context = {"title": "Our mistake", "sentence": BROKEN}
    return HttpResponse(render_to_string("admin/refused.html", context), status=500)


def _page(request: HttpRequest, status: int, title: str, sentence: str) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "sentence": sentence}
    return render(request, "admin/refused.html", context, status=status)
