"""A body of a kind that a path does not take is refused in a sentence that says what it takes."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from remote.problems import PROBLEM_JSON
from tests.remote.api.rows import ROOT
from tests.remote.api.test_description import description
from tests.remote.api.test_parameters import every_method

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

KINDS = ("text/csv", "text/plain", "application/xml", "application/cbor", "garbage", "")


def takes_a_body(method: str, path: str) -> bool:
    """Whether the description has a body; where it has none, what is sent does not matter."""
    described = description()["paths"].get(ROOT + path.replace("/1", "/{id}"), {})
    return "requestBody" in described.get(method.lower(), {})


def problem(api: APIClient, method: str, path: str, kind: str, body: str = "tag\n1") -> Any:
    answer = api.generic(method, ROOT + path, body, content_type=kind)
    assert answer.headers["Content-Type"] == PROBLEM_JSON, (kind, answer.content)
    return answer.json()


@pytest.mark.parametrize(
    ("method", "path"), [one for one in every_method() if one[0] in {"POST", "PATCH", "PUT"}]
)
def test_another_kind_of_body_is_told_what_is_wanted(
    api: APIClient, method: str, path: str
) -> None:
    for kind in KINDS if takes_a_body(method, path) else ():
        told = problem(api, method, path, kind)
        assert (told["status"], told["code"]) == (415, "unsupported_media_type"), (kind, told)
        assert told["detail"].startswith("This path takes ")
        assert "application/json" in told["detail"]
        assert kind in told["detail"]


@pytest.mark.parametrize(
    ("path", "kind", "wanted"),
    [
        ("imports", "text/csv", "the file's bytes in base64 as `data`"),
        ("imports", "application/vnd.ms-excel", "a form with the file as `data`"),
        ("imports", "application/octet-stream", "not application/octet-stream."),
        ("payloads", "text/plain", '{"payload": "hxb:B1:…"}'),
        ("payloads", "", "and the request has no Content-Type."),
    ],
)
def test_what_is_wanted_is_that_of_the_path(
    api: APIClient, path: str, kind: str, wanted: str
) -> None:
    assert wanted in problem(api, "POST", path, kind)["detail"]


def test_a_long_media_type_is_cut(api: APIClient) -> None:
    assert len(problem(api, "POST", "pens", "text/" + 5000 * "x")["detail"]) < 200


@pytest.mark.parametrize("path", ["batches/999", "cattle/999", "imports/999", "changes/999"])
def test_what_is_not_there_is_told_in_plain_words(api: APIClient, path: str) -> None:
    told = api.get(ROOT + path).json()
    assert "number" in told["detail"]
    assert "query" not in told["detail"]
