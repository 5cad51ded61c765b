"""The API in a browser: its root, its filters, and forms that keep what was typed."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from herd.models import Animal, Pen
from remote.wire import API_ROOT
from tests.remote.api.rows import ROOT, a_payload, a_pen, a_weight, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


class Browser:
    """Somebody who is signed in and sends forms."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        user, _ = User.objects.get_or_create(username="ana", is_superuser=True, is_staff=True)
        self.client.force_login(user)

    def sees(self, path: str) -> str:
        return str(self.asks("get", path).content.decode())

    def asks(self, method: str, path: str, form: dict[str, Any] | None = None) -> Any:
        headers = {"Accept": "text/html", "Referer": "https://testserver/"}
        if method == "get":
            return self.client.get(ROOT + path, headers=headers, secure=True)
        self.client.get(f"{ROOT}pens", headers=headers, secure=True)
        headers["X-CSRFToken"] = self.client.cookies["hexabrand_pi_csrf"].value
        body = form or {}
        if method == "post":
            return self.client.post(ROOT + path, body, headers=headers, secure=True)
        data = encode_multipart(BOUNDARY, body)
        send = getattr(self.client, method)
        return send(ROOT + path, data, content_type=MULTIPART_CONTENT, headers=headers, secure=True)


@pytest.fixture
def browser() -> Browser:
    return Browser()


def field(page: str, name: str) -> str:
    """Return the tag of a form's field, with what it holds."""
    found = re.search(rf'<(?:input|textarea|select)[^>]*name="{name}"[^>]*>', page)
    assert found, f"no field {name}"
    return found[0]


def test_the_root_leads_to_the_lists(browser: Browser) -> None:
    page = browser.sees("")
    for name in ("batches", "cattle", "pens", "payloads", "imports"):
        assert f'href="https://testserver{API_ROOT}{name}"' in page


@pytest.mark.parametrize("path", ["", "batches", "cattle", "pens", "imports", "status"])
def test_the_pages_bear_our_name(browser: Browser, path: str) -> None:
    page = browser.sees(path)
    assert "HexaBrand</title>" in page
    assert "Django REST framework" not in page


def test_so_does_the_page_to_sign_in() -> None:
    page = Client().get("/api/auth/login", secure=True).content.decode()
    assert "HexaBrand" in page
    assert "Django REST framework" not in page


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("cattle", ["batch", "pen", "status", "tag", "search"]),
        ("batches", ["search", "source", "open", "status"]),
        ("payloads", ["status", "error_code", "source", "search", "since", "until"]),
        ("weights", ["since", "until", "batch", "pen", "quality"]),
        ("pens", ["search", "location"]),
    ],
)
def test_a_list_has_a_form_of_its_filters(browser: Browser, path: str, names: list[str]) -> None:
    page = browser.sees(path)
    form = page.partition('id="filtersModal"')[2]
    assert [name for name in names if f'name="{name}"' not in form] == []
    assert "invalid name" not in form
    empty = "&".join(f"{name}=" for name in names)
    assert browser.asks("get", f"{path}?{empty}").status_code == 200


def test_an_animals_page_leads_to_what_can_be_done_with_it(
    browser: Browser, animal: Animal
) -> None:
    page = browser.sees(f"cattle/{animal.pk}")
    for step in ("move", "status", "tags", "weights", "history"):
        assert f'href="{ROOT}cattle/{animal.pk}/{step}"' in page


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("batches", ["batch_number", "funder"]),
        ("pens", ["pen_number", "capacity"]),
        ("cattle/{}/move", ["pen_id", "batch_id", "reason", "force"]),
        ("cattle/{}/status", ["status", "on", "reason"]),
        ("cattle/{}/tags", ["lf_tag", "uhf_tag", "reason"]),
        ("cattle/{}/weights", ["weight_kg", "recorded_at"]),
        ("cattle/move", ["cattle_ids", "pen_id"]),
        ("cattle/status", ["cattle_ids", "status"]),
        ("weights/{}/void", ["reason"]),
        ("payloads", ["payload"]),
        ("payloads/{}/retry", ["text"]),
        ("payloads/{}/resolve", ["action", "cattle_id"]),
        ("imports", ["kind", "data", "unit"]),
        ("changes/{}/undo", []),
        ("imports/{}/cancel", []),
    ],
)
def test_each_change_has_a_form(
    browser: Browser, animal: Animal, path: str, names: list[str]
) -> None:
    answer = browser.asks("get", path.format(animal.pk))
    page = answer.content.decode()
    assert answer.status_code == 200
    form = page.partition('id="post-object-form"')[2].partition("</form>")[0]
    assert "<button" in form
    for name in names:
        field(form, name)


@pytest.mark.parametrize(("path", "name"), [("batches", "notes"), ("pens", "location")])
def test_an_edit_has_a_form_with_what_is_there(
    browser: Browser, animal: Animal, path: str, name: str
) -> None:
    number = animal.batch_id if path == "batches" else animal.pen_id
    answer = browser.asks("patch", f"{path}/{number}", {name: "north of the creek"})
    assert answer.status_code == 200
    page = browser.sees(f"{path}/{number}")
    form = page.partition('id="patch-object-form"')[2].partition("</form>")[0]
    assert "north of the creek" in form


def test_a_refused_edit_keeps_what_was_typed(browser: Browser, animal: Animal) -> None:
    other = a_pen("P2")
    form = {"pen_number": "P1", "location": "behind the barn", "capacity": "7"}
    answer = browser.asks("patch", f"pens/{other.pk}", form)
    page = answer.content.decode().partition('id="patch-object-form"')[2]
    assert answer.status_code == 409
    assert 'value="behind the barn"' in field(page, "location")
    assert 'value="P1"' in field(page, "pen_number")
    assert "has-error" in page


@pytest.mark.parametrize(
    ("form", "status", "wrong"),
    [
        ({"pen_number": "P1", "capacity": "7"}, 409, "P1"),
        ({"pen_number": "P7", "capacity": "many"}, 400, "many"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_says_why_at_the_field(
    browser: Browser, form: dict[str, str], status: int, wrong: str
) -> None:
    a_pen("P1")
    answer = browser.asks("post", "pens", {**form, "location": "behind the barn"})
    page = answer.content.decode()
    assert answer.status_code == status
    typed = page.partition('id="post-object-form"')[2]
    assert 'value="behind the barn"' in field(typed, "location")
    assert f'value="{wrong}"' in typed
    assert "has-error" in typed
    assert 'role="alert"' in page
    assert Pen.objects.count() == 1


def test_a_refused_move_keeps_the_reason(browser: Browser, animal: Animal) -> None:
    form = {"pen_id": "999", "reason": "sorted by weight", "batch_id": ""}
    page = browser.asks("post", f"cattle/{animal.pk}/move", form).content.decode()
    assert 'value="sorted by weight"' in field(page, "reason")
    assert 'value="999"' in field(page, "pen_id")


def test_an_empty_field_of_a_form_takes_no_animal_out_of_its_pen(
    browser: Browser, animal: Animal
) -> None:
    form = {"pen_id": "", "batch_id": str(animal.batch_id), "reason": ""}
    assert browser.asks("post", f"cattle/{animal.pk}/move", form).status_code == 200
    assert Animal.objects.get().pen_id == animal.pen_id


def test_many_are_moved_by_a_form(browser: Browser, animal: Animal) -> None:
    other, pen = an_animal(lf_tag="LF2"), a_pen("P2")
    form = {"cattle_ids": f"{animal.pk}, {other.pk}\n", "pen_id": str(pen.pk)}
    assert browser.asks("post", "cattle/move", form).status_code == 200
    assert Pen.objects.get(pk=pen.pk).head_count == 2
    page = browser.asks("post", "cattle/move", {"cattle_ids": "7 x", "pen_id": "1"})
    assert (page.status_code, b">7" in page.content) == (400, True)


def test_a_sheet_is_imported_by_its_file(browser: Browser, animal: Animal) -> None:
    file = SimpleUploadedFile("session.csv", b"tag,weight\nLF1,351.5\n")
    form = {"kind": "weights", "name": "session.csv", "data": file}
    answer = browser.asks("post", "imports", form)
    assert answer.status_code == 201, answer.content
    bad = {**form, "data": SimpleUploadedFile("s.csv", b"tag,weight\nLF1,x\n")}
    answer = browser.asks("post", "imports", bad)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="session.csv"' in field(page.partition('id="post-object-form"')[2], "name")


def test_a_change_without_fields_is_done_by_its_button(browser: Browser, animal: Animal) -> None:
    file = SimpleUploadedFile("session.csv", b"tag,weight\nLF1,351.5\n")
    browser.asks("post", "imports", {"kind": "weights", "data": file})
    answer = browser.asks("post", "changes/1/undo")
    assert answer.status_code in {200, 404}


def test_a_page_of_a_form_is_still_405_for_machines(browser: Browser, animal: Animal) -> None:
    path = f"{ROOT}cattle/{animal.pk}/move"
    answer = browser.client.get(path, headers={"Accept": "application/json"}, secure=True)
    assert answer.status_code == 405


def test_no_page_has_a_script_of_its_own(browser: Browser, animal: Animal) -> None:
    a_weight(animal), a_payload()
    for path in ("", f"cattle/{animal.pk}", f"cattle/{animal.pk}/move", "imports"):
        page = browser.sees(path)
        assert not re.search(r"<[^>]+\son[a-z]+=", page)
