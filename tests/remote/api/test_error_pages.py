"""What a browser sees at the Pi of what is not there, or not for it: pages of ours."""

import json

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client, RequestFactory
from django.urls import get_resolver

from remote.api.roles import ensure_groups
from remote.api.views import error_pages

pytestmark = pytest.mark.django_db


def manager(*, checks: bool = False) -> Client:
    ensure_groups()
    user = User.objects.create_user("fred")
    user.groups.add(Group.objects.get(name="manager"))
    client = Client(enforce_csrf_checks=checks)
    client.force_login(user)
    return client


def test_what_is_not_there_is_said_in_the_admins_own_page() -> None:
    page = manager().get("/admin/herd/nothing/", secure=True)
    assert page.status_code == 404
    text = page.content.decode()
    assert error_pages.GONE in text
    assert "/admin/herd/animal/" in text  # the bar leads on
    assert "/office/" not in text


@pytest.mark.parametrize("path", ["/nothing", "/office/cattle", "/favicon.ico"])
def test_who_is_not_signed_in_sees_no_tables(path: str) -> None:
    page = Client().get(path, secure=True)
    assert (page.status_code, error_pages.GONE in page.content.decode()) == (404, True)
    assert "/admin/herd/animal/" not in page.content.decode()


def test_what_a_role_may_not_do_is_said_with_who_can() -> None:
    page = manager().get("/admin/auth/user/", secure=True)
    assert (page.status_code, error_pages.NOT_YOURS in page.content.decode()) == (403, True)


def test_a_form_of_an_older_session_is_refused_in_a_sentence() -> None:
    page = manager(checks=True).post("/admin/herd/pen/add/", {}, secure=True)
    assert (page.status_code, error_pages.OLD_FORM in page.content.decode()) == (403, True)
    assert "CSRF verification" not in page.content.decode()


def test_a_mistake_of_ours_is_a_page_in_the_admin_and_json_to_machines() -> None:
    answer = get_resolver().resolve_error_handler(500)
    page = answer(RequestFactory().get("/admin/"))
    assert (page.status_code, error_pages.BROKEN in page.content.decode()) == (500, True)
    for path in ("/api/remote/pens", "/metrics"):
        told = json.loads(answer(RequestFactory().get(path)).content)
        assert (told["status"], told["code"]) == (500, "internal")


def test_a_path_of_the_api_stays_json() -> None:
    answer = Client().get("/api/nothing", secure=True)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
