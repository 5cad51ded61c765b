"""The admin's page on which a person turns their second factor on and off."""

import logging
from typing import Any, Final, cast

import segno
from django import forms
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.safestring import mark_safe
from django_otp.util import random_hex

from remote.api import second_factor

logger = logging.getLogger(__name__)
KEY: Final = "second_factor_key"  # of the session, until a code shows that an app has it


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )


def page(request: HttpRequest, context: dict[str, Any]) -> HttpResponseBase:
    """Show the page for the person who is signed in, or do what its form asks."""
    user = cast("User", request.user)  # the admin lets nobody else in
    form = CodeForm(request.POST or None)
    is_on = second_factor.is_on(user)
    found: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        found = (_turned_off if is_on else _turned_on)(request, user, form)
        is_on = second_factor.is_on(user)
    if not is_on:
        found |= _invitation(request, user)
    told = {**context, "title": "Second factor", "form": form, "is_on": is_on, **found}
    return TemplateResponse(request, "admin/second_factor.html", told)


def _turned_on(request: HttpRequest, user: User, form: CodeForm) -> dict[str, Any]:
    key = request.session.get(KEY, "")
    code = "".join(form.cleaned_data["code"].split())
    if not key or (codes := second_factor.turn_on(user, key, code)) is None:
        form.add_error("code", "This is not the code that the app shows for this key now.")
        return {}
    del request.session[KEY]
    second_factor.end_other_sessions(user, request.session.session_key)
    logger.warning("%s turned the second factor on.", user.get_username())
    return {"backup_codes": codes}


def _turned_off(_request: HttpRequest, user: User, form: CodeForm) -> dict[str, Any]:
    # With a code: who finds the page open must not be able to.
    if refusal := second_factor.refusal_of(user, form.cleaned_data["code"]):
        form.add_error("code", refusal.sentence)
        return {}
    second_factor.turn_off(user)
    logger.warning("%s turned the second factor off.", user.get_username())
    return {"was_turned_off": True}


def _invitation(request: HttpRequest, user: User) -> dict[str, Any]:
    """Return the key that an app would get, the same as long as the session lasts."""
    key = request.session.setdefault(KEY, random_hex(20))
    address = second_factor.address_for_apps(user, key)
    drawn = segno.make(address, micro=False).svg_inline(scale=5, border=4)
    return {
        "letters": second_factor.in_letters(key),
        "address": address,
        "qr": mark_safe(drawn),  # noqa: S308 - squares, drawn by a library
    }
