"""A body of a kind that a path does not take is refused in a sentence that says what it takes."""

import gzip
from typing import Any

import pytest
from django.test import Client
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


def post(api: APIClient, path: str, body: Any, kind: str, **headers: str) -> Any:
    return api.generic("POST", ROOT + path, body, kind, headers=headers)


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


PEN = '{"pen_number": "Ñ1"}'


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("", b"\xef\xbb\xbf" + PEN.encode()),  # as some programs on Windows begin a text
        ("", PEN.encode("utf-16")),
        ("", PEN.encode("utf-16-le")),
        ("", PEN.encode("utf-32-be")),
        ("; charset=utf-8", b"\xef\xbb\xbf" + PEN.encode()),
        ("; charset=UTF-16", PEN.encode("utf-16")),
        ("; charset=windows-1252", PEN.encode("cp1252")),
        ("; charset=nobody-knows", PEN.encode()),
    ],
)
def test_json_is_read_in_any_spelling_of_unicode(api: APIClient, charset: str, body: bytes) -> None:
    answer = post(api, "pens", body, f"application/json{charset}")
    assert (answer.status_code, answer.json()["pen_number"]) == (201, "Ñ1")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b'{"capacity": NaN}', "The JSON holds NaN, which is no number; null means none."),
        (b'{"capacity": ' + b"9" * 5000 + b"}", "The JSON holds a number of thousands of digits."),
        (b"[" * 60_000, "The JSON is nested too deep."),
        (b'{"pen_number": "\xff"}', "The body is no text in UTF-8: send UTF-8."),
        (
            b'{"pen_number": ',
            "The JSON cannot be read: Expecting value: line 1 column 16 (char 15).",
        ),
    ],
)
def test_json_that_is_none_is_told_in_words(api: APIClient, body: bytes, sentence: str) -> None:
    answer = post(api, "pens", body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert answer.json()["detail"] == sentence


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_a_packed_body_is_refused_by_that_name(api: APIClient, kind: str) -> None:
    body = gzip.compress(b'{"payload": "hxb:B1:N1"}')
    answer = post(api, "payloads", body, kind, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")
    assert "(Content-Encoding: gzip)" in answer.json()["detail"]


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "zlib"])
def test_a_charset_of_no_text_is_refused_before_anything_is_read(charset: str) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x"):
        sent_as = f"{kind}; charset={charset}"
        answer = Client().generic("POST", "/admin/login/", "-" + "zz9" * 300_000, sent_as)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["batches/999", "cattle/999", "imports/999", "changes/999"])
def test_what_is_not_there_is_told_in_plain_words(api: APIClient, path: str) -> None:
    told = api.get(ROOT + path).json()
    assert "number" in told["detail"]
    assert "query" not in told["detail"]
