"""Refusals over REST: their form, their codes, and the table of these in the documents."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework import exceptions
from rest_framework.test import APIClient

from herd.errors import HerdError
from herd.models import Animal
from lora import conflicts, retry
from remote.api.views.base import FAILURES
from remote.problems import PROBLEM_JSON, PROBLEMS, media_type, problem
from remote.wire import ResyncReason
from tests.remote.api.rows import ROOT, a_batch
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

REPOSITORY = Path(__file__).resolve().parents[3]
FIELDS_OF_A_PROBLEM = {"type", "title", "status", "detail", "code"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "cattle?batch=x", None, 400),
        ("get", "events?since=x", None, 400),
        ("post", "batches", "{", 400),
        ("post", "batches", "[]", 400),
        ("post", "batches", "null", 400),
        ("post", "batches", "", 400),
        ("patch", "batches/1", "", 400),
        ("post", "cattle/move", '{"cattle_ids": [1, "x"], "pen_id": 1}', 400),
        ("patch", "cattle/1", '{"seen": {"notes": [1]}}', 400),
        ("post", "payloads", '{"payloads": ["a", 1]}', 400),
        ("post", "payloads", "", 400),
        ("get", "cattle/999", None, 404),
        ("post", "cattle/999/move", '{"pen_id": null}', 404),
        ("put", "batches", "{}", 405),
        ("post", "health", None, 405),
        ("get", "nothing", None, 404),
        ("get", "events?since=7-00000000", None, 410),
        ("post", "imports", '{"kind": "weights", "data": "dGFnLHdlaWdodApMRjEseA=="}', 422),
        ("post", "auth/login", '{"username": "a", "password": "b"}', 401),
    ],
)
def test_every_refusal_is_a_problem(
    api: APIClient, animal: Animal, method: str, path: str, body: str | None, status: int
) -> None:
    answer = api.generic(method.upper(), ROOT + path, body or "", "application/json")
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM_JSON), answer.content
    told = answer.json()
    assert told.keys() >= FIELDS_OF_A_PROBLEM
    assert (told["status"], told["type"]) == (status, f"/api/problems#{told['code']}")
    assert told["title"] == PROBLEMS[told["code"]].title
    assert all(map(_is_list_of_texts, told.get("fields", {}).values()))


def _is_list_of_texts(one: Any) -> bool:
    return isinstance(one, list) and all(isinstance(text, str) for text in one)


@pytest.mark.parametrize("path", ["nothing", "cattle/999"])
def test_a_refusal_is_plain_json_for_who_asks_for_that_alone(api: APIClient, path: str) -> None:
    old = api.get(ROOT + path, headers={"Accept": "application/json"})
    new = api.get(ROOT + path, headers={"Accept": "application/json, application/problem+json"})
    assert (old["Content-Type"], new["Content-Type"]) == ("application/json", PROBLEM_JSON)
    assert old.json() == new.json()


def test_what_is_wrong_with_a_member_is_told_with_its_name(api: APIClient) -> None:
    body = {"cattle_ids": [1, "x", *["y"] * 50], "pen_id": 1}
    told = api.post(f"{ROOT}cattle/move", body, format="json").json()
    assert told["fields"]["cattle_ids"][0] == "1: A valid integer is required."
    assert len(told["fields"]["cattle_ids"]) == 20


def test_what_is_wrong_with_all_of_a_body_is_told_of_the_body(api: APIClient) -> None:
    batch = a_batch()
    for body, method in (("[]", "post"), ("null", "post"), ("", "patch")):
        path = f"{ROOT}batches" + (f"/{batch.pk}" if method == "patch" else "")
        told = api.generic(method.upper(), path, body, "application/json").json()
        assert list(told["fields"]) == ["body"], told


def test_a_refused_sheet_tells_what_is_wrong_by_field(api: APIClient) -> None:
    body = {"kind": "weights", "data": "dGFnLHdlaWdodApMRjEseA=="}  # tag,weight / LF1,x
    told = api.post(f"{ROOT}imports", body, format="json").json()
    assert told["code"] == "rows_refused"
    assert told["fields"]["tag"] == []
    assert told["fields"]["weight"][0].startswith("Line 2: ")


def test_a_missing_scope_and_a_wrong_key_are_problems(animal: Animal) -> None:
    body = {"pen_id": None}
    answer = client_with("read").post(f"{ROOT}cattle/{animal.pk}/move", body, format="json")
    assert (answer.status_code, answer["Content-Type"]) == (403, PROBLEM_JSON)
    answer = APIClient(headers={"X-API-Key": "wrong"}).get(f"{ROOT}pens")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_key")


def test_the_page_of_problems_has_a_place_for_each() -> None:
    page = APIClient().get("/api/problems").content.decode()
    assert [code for code in PROBLEMS if f'id="{code}"' not in page] == []


# -- the codes --------------------------------------------------------------------------------


def test_the_documents_have_the_table_of_codes() -> None:
    text = (REPOSITORY / "docs/protocol.md").read_text().partition("### Problems")[2]
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \| (.+) \|$", text.partition("###")[0], re.MULTILINE)
    assert rows == [(code, str(one.status), one.title) for code, one in PROBLEMS.items()]


def test_every_error_of_the_herd_has_its_code_in_the_table() -> None:
    assert conflicts.NoConflict.code in PROBLEMS
    assert retry.UnknownPayload.code in PROBLEMS
    assert {kind.code for kind in _below(HerdError)} - set(PROBLEMS) == set()


def _below(kind: type[HerdError]) -> Iterator[type[HerdError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def test_every_refusal_in_the_code_has_the_status_of_the_table() -> None:
    told = {(code, status) for status, code, _ in FAILURES.values()} | set(_written())
    assert len(told) > 12
    assert {one for one in told if PROBLEMS[one[0]].status != one[1]} == set()


def _written() -> Iterator[tuple[str, int]]:
    """Every `Refused(409, "code", …)` and `problem(409, "code", …)` of the code."""
    for folder in ("remote/api", "hexabrand"):
        for file in (REPOSITORY / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Refused", "problem"}:
                    match node.args:
                        case [ast.Constant(int(status)), ast.Constant(str(code)), *_]:
                            yield code, status


@pytest.mark.parametrize(
    "kind",
    [
        exceptions.ParseError,
        exceptions.AuthenticationFailed,
        exceptions.NotAuthenticated,
        exceptions.PermissionDenied,
        exceptions.NotFound,
        exceptions.MethodNotAllowed,
        exceptions.NotAcceptable,
        exceptions.UnsupportedMediaType,
        exceptions.Throttled,
        exceptions.ValidationError,
    ],
)
def test_the_library_s_own_refusals_are_in_the_table(kind: type[exceptions.APIException]) -> None:
    assert PROBLEMS[str(kind.default_code)].status == kind.status_code


def test_the_reasons_to_load_a_snapshot_are_in_the_table() -> None:
    over_rest = set(ResyncReason.__args__) - {"too_slow"}  # type: ignore[attr-defined]
    assert over_rest <= set(PROBLEMS)


def test_an_unknown_code_is_told_by_its_status() -> None:
    told = problem(418, "teapot", "No.")
    assert (told["type"], told["title"]) == ("about:blank", "I'm a Teapot")


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("", PROBLEM_JSON),
        ("*/*", PROBLEM_JSON),
        ("application/json", "application/json"),
        ("application/json;q=0.9, */*", "application/json"),
        ("application/problem+json, application/json", PROBLEM_JSON),
    ],
)
def test_the_kind_goes_by_what_is_accepted(accepted: str, kind: str) -> None:
    assert media_type(accepted) == kind
