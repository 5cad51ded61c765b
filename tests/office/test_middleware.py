"""Django's middleware under names of ours: no thread waits, and nothing of it is lost."""

import pytest
from django.utils.deprecation import MiddlewareMixin
from django.utils.module_loading import import_string

from hexabrand.settings import ui
from tests.office.filled import here
from tests.office.test_pages import signed_in


@pytest.mark.parametrize("name", ui.MIDDLEWARE)
def test_no_middleware_hands_its_steps_to_a_thread(name: str) -> None:
    step = getattr(import_string(name), "__acall__", None)
    assert step is not MiddlewareMixin.__acall__


@pytest.mark.parametrize("path", ["/login", "/office/", "/office/nothing", "/logout"])
async def test_every_answer_carries_its_policy(path: str) -> None:
    answer = await signed_in().get(path)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path", ["/login", "/logout", "/office/unit", "/office/language", "/office/payloads/1/retry"]
)
async def test_a_form_of_another_site_is_refused(path: str) -> None:
    client = here.browser(enforce_csrf_checks=True)
    client.cookies = signed_in().cookies
    assert (await client.post(path, {"unit": "lb"})).status_code == 403


async def test_a_form_of_ours_is_taken_and_its_session_kept() -> None:
    client = here.browser(enforce_csrf_checks=True)
    client.cookies = signed_in().cookies
    await client.get("/office/")
    token = client.cookies["hexabrand_office_csrf"].value
    answer = await client.post("/office/unit", {"unit": "lb", "csrfmiddlewaretoken": token})
    assert (answer.status_code, answer["Location"]) == (302, "/office/")
    gone = await client.post("/logout", {"csrfmiddlewaretoken": token})
    assert (gone.status_code, gone["Location"]) == (302, "/login")
    assert (await client.get("/office/")).status_code == 302


@pytest.mark.parametrize("path", ["/login", "/office/unit"])
async def test_a_form_in_no_charset_of_texts_is_refused_unread(path: str) -> None:
    kind = "multipart/form-data; boundary=x; charset=punycode"
    answer = await here.browser().post(path, b"-" + b"zz9" * 20_000, content_type=kind)
    assert answer.status_code == 415
