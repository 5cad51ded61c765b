"""What surrounds every request to the Pi, whatever becomes of it."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils.deprecation import MiddlewareMixin
from django.utils.module_loading import import_string
from rest_framework.test import APIClient

from hexabrand.pi_middleware import StoredMessages
from remote.api.events import newest_cursor
from remote.api.views.cattle import CattleList
from tests.remote.api.pi import WebPi, running
from tests.remote.api.rows import ROOT, a_batch, a_payload, happened
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


@pytest.mark.parametrize("name", settings.MIDDLEWARE)
def test_it_is_async_capable(name: str) -> None:
    """One that cannot run in the event loop makes daphne hang."""
    assert import_string(name).async_capable


@pytest.mark.parametrize("name", settings.MIDDLEWARE)
def test_it_hands_nothing_to_a_thread_that_does_not_wait(name: str) -> None:
    step = getattr(import_string(name), "__acall__", None)
    assert step is not MiddlewareMixin.__acall__


def test_a_form_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/admin/login/", {"username": "ana"}, secure=True).status_code == 403


REFUSED: dict[int, tuple[str, str, Any, dict[str, str]]] = {
    401: ("get", "batches", None, {"X-API-Key": "wrong"}),
    403: ("get", "backups", None, {}),
    404: ("get", "nothing", None, {}),
    405: ("put", "batches", {}, {}),
    406: ("get", "batches", None, {"Accept": "image/png"}),
    411: ("get", "batches", None, {"Transfer-Encoding": "chunked"}),
    413: ("post", "cattle", {"notes": "x" * 70_000}, {}),
}


@pytest.mark.parametrize("status", REFUSED)
def test_a_refusal_tells_the_place_in_the_journal_too(status: int) -> None:
    happened("batch:created", 1)
    method, path, body, headers = REFUSED[status]
    ask = getattr(client_with("read", "write"), method)
    answer = ask(ROOT + path, body, format="json", headers=headers)
    assert answer.status_code == status
    assert answer["X-Herd-Cursor"] == str(newest_cursor())


@pytest.mark.parametrize("path", ["health", "batches?format=xml", "events?since=x", "%ff"])
def test_so_does_any_other_answer(path: str) -> None:
    assert client_with("read").get(ROOT + path)["X-Herd-Cursor"] == str(newest_cursor())


def test_so_does_our_own_failure(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CattleList, "get", None)
    api.raise_request_exception = False
    answer = api.get(ROOT + "cattle")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer["X-Herd-Cursor"] == str(newest_cursor())


def test_a_host_name_that_is_not_the_pis_is_told_in_json() -> None:
    answer = Client().get(ROOT + "batches", headers={"Host": "elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_host")
    assert answer["X-Herd-Cursor"] == str(newest_cursor())
    assert Client().get("/admin/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_a_journal_that_cannot_be_read_takes_no_answer_away() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE journal RENAME TO gone")
        try:
            answer = APIClient().get(ROOT + "nothing")
        finally:
            cursor.execute("ALTER TABLE gone RENAME TO journal")
    assert (answer.status_code, "X-Herd-Cursor" in answer) == (404, False)


def test_what_is_sent_in_is_in_the_answers_place(api: APIClient) -> None:
    sent = api.post(ROOT + "payloads", {"payload": "hxb:B1:LF1:U1"}, format="json")
    assert (sent.status_code, sent["X-Herd-Cursor"]) == (201, str(newest_cursor()))
    row = a_payload("hxb:??", error="binary")
    tried = api.post(f"{ROOT}payloads/{row.pk}/retry")
    assert (tried.status_code, tried["X-Herd-Cursor"]) == (202, str(newest_cursor()))


def test_pages_beside_the_api_tell_no_place() -> None:
    a_batch()
    assert "X-Herd-Cursor" not in Client().get("/admin/login/")


def test_the_real_server_tells_it_from_its_event_loop(tmp_path_factory: Any) -> None:
    with running(tmp_path_factory.mktemp("pi")) as pi:
        assert isinstance(pi, WebPi)
        assert pi.ask("GET", "nothing").headers["X-Herd-Cursor"] == str(pi.cursor())
        assert pi.ask("GET", "pens", key="wrong").headers["X-Herd-Cursor"] == str(pi.cursor())


async def test_what_a_page_is_to_say_next_is_kept() -> None:
    """In the event loop: the client of the other tests does not come by it."""

    async def view(request: HttpRequest) -> HttpResponse:
        messages.success(request, "Saved.")
        return HttpResponse()

    request = RequestFactory().get("/admin/")
    request.session = {}  # type: ignore[assignment]  # nothing is stored in it
    answer: Any = await StoredMessages(view).__acall__(request)
    assert answer.cookies["messages"].value
