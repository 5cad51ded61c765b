"""A body that the description rules out is refused, and one that it allows is taken."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from herd.models import Animal
from tests.remote.api.rows import ROOT
from tests.remote.api.test_description import description, is_described

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

DATA = "dGFnLHdlaWdodApMRjUsMzUxLjUK"
TAGS, MOVE, LEAVE = "cattle/{id}/tags", "cattle/{id}/move", "cattle/{id}/status"
CORRECTED = {"scale": "gate", "first": "2026-03-01", "last": "2026-03-09", "reason": "checked"}
TAKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("post", MOVE, {"pen_id": None}),
    ("post", LEAVE, {"status": "exported"}),
    ("post", LEAVE, {"status": "dead", "reason": "bloat"}),
    ("post", TAGS, {"uhf_tag": "U77"}),
    ("post", "cattle/{id}/weights", {"weight_kg": 351.4999999}),
    ("post", "pens", {"pen_number": "P \U0001fae8"}),
    ("post", "pens", {"pen_number": "P9", "description": "two\nlines"}),
    ("patch", "pens/{id}", {"capacity": 9, "seen": {"capacity": 1}}),
    ("patch", "pens/{id}", {"location": "", "seen": {"location": None}}),
    ("post", "products", {"name": "Oxytet", "ml_per_100kg": 9.99999999}),
    ("post", "payloads", {"payload": "hxb:B1:LF1:"}),
    ("post", "imports", {"kind": "weights", "data": DATA}),
]
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("post", MOVE, {}),
    ("post", MOVE, {"reason": "sorted"}),
    ("post", "cattle/move", {"cattle_ids": [1]}),
    ("post", MOVE, {"pen_id": 2**63}),
    ("post", MOVE, {"pen_id": None, "force": 0}),
    ("post", MOVE, {"pen_id": None, "force": "yes"}),
    ("post", LEAVE, {"status": "dead"}),
    ("post", LEAVE, {"status": "sold", "reason": "  "}),
    ("post", TAGS, {"reason": "lost"}),
    ("post", TAGS, {"lf_tag": 982000001088420}),
    ("post", "cattle/{id}/weights", {"weight_kg": 0}),
    ("post", "cattle/{id}/weights", {"weight_kg": 5000.01}),
    ("post", "cattle/{id}/weights", {"weight_kg": -1e307}),
    ("post", "pens", {"pen_number": 7}),
    ("post", "pens", {"pen_number": " "}),
    ("post", "pens", {"pen_number": " " + 50 * "P"}),
    ("post", "pens", {"pen_number": "P\u202e1"}),
    ("post", "pens", {"pen_number": "P9", "location": "two\nlines"}),
    ("patch", "cattle/{id}", {"notes": 0}),
    ("post", "products", {"name": "Oxytet", "ml_per_100kg": 0.001}),
    ("post", "products", {"name": "Oxytet", "ml_per_100kg": 10_000}),
    ("post", "products", {"name": "Oxytet", "active": 1}),
    ("post", "treatments", {"product_id": 1}),
    ("post", "treatments", {"product_id": 1, "cattle_ids": []}),
    ("post", "treatments", {"product_id": 1, "cattle_ids": [1], "batch_id": 1}),
    ("post", "treatments", {"product_id": 1, "pen_id": 1, "batch_id": 1}),
    ("post", "weights/correct", {**CORRECTED, "factor": 5.0000001}),
    ("post", "weights/correct", {**CORRECTED, "factor": 0.19}),
    ("post", "payloads/{id}/resolve", {"action": "merge"}),
    ("post", "payloads", {}),
    ("post", "payloads", {"payload": "a", "payloads": ["b"]}),
    ("post", "imports", {"kind": "weights", "data": "0"}),
    ("post", "imports", {"kind": "weights", "data": DATA, "columns": {"tag": 1}}),
]


@pytest.fixture
def answer_to(api: APIClient, animal: Animal) -> Any:
    """Ask with a body for the animal, or for the pen that it stands in."""

    def ask(method: str, path: str, body: dict[str, Any]) -> Any:
        place = path.replace("{id}", str(animal.pen_id if path.startswith("pens") else animal.pk))
        return getattr(api, method)(ROOT + place, body, format="json")

    return ask


def wrong_with(method: str, path: str, body: dict[str, Any]) -> Any:
    asked = description()["paths"][ROOT + path][method]["requestBody"]["content"]
    return is_described(asked["application/json"]["schema"], body)


@pytest.mark.parametrize(("method", "path", "body"), TAKEN)
def test_what_is_described_is_taken(
    answer_to: Any, method: str, path: str, body: dict[str, Any]
) -> None:
    assert wrong_with(method, path, body) == []
    answer = answer_to(method, path, body)
    assert answer.status_code < 300 or answer.json()["code"] == "rows_refused", answer.content


@pytest.mark.parametrize(("method", "path", "body"), REFUSED)
def test_what_is_refused_is_described(
    answer_to: Any, method: str, path: str, body: dict[str, Any]
) -> None:
    assert wrong_with(method, path, body) != []
    answer = answer_to(method, path, body)
    assert answer.status_code in {400, 404}, answer.content  # where it is of no such row


def test_a_key_that_is_no_ascii_is_refused_before_anything_is_read(api: APIClient) -> None:
    text, pen = {"payload": "x"}, {"pen_number": "P9"}
    for path, body in (("payloads", text), ("payloads?event=join", text), ("pens", pen)):
        key = {"Idempotency-Key": "schlüssel"}
        answer = api.post(ROOT + path, body, format="json", headers=key)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["Idempotency-Key"])


def test_a_wrong_limit_is_refused_whatever_the_cursor_is(api: APIClient) -> None:
    assert api.get(f"{ROOT}events?since=7-00000000&limit=0").status_code == 400


def test_a_filter_may_be_left_empty_and_the_description_says_so(api: APIClient) -> None:
    told = description()["paths"][f"{ROOT}cattle"]["get"]["parameters"]
    empty = {one["name"] for one in told if one.get("allowEmptyValue")}
    assert empty == {"batch", "held", "pen", "search", "status", "tag"}
    asked = "&".join(f"{name}=" for name in sorted(empty))
    assert api.get(f"{ROOT}cattle?{asked}").status_code == 200


@pytest.mark.parametrize("length", ["", "0"])
def test_a_change_without_a_body_is_refused(api: APIClient, animal: Animal, length: str) -> None:
    asked = description()["paths"][f"{ROOT}cattle/{{id}}"]["patch"]["requestBody"]
    assert asked["required"]
    assert api.patch(f"{ROOT}cattle/{animal.pk}", CONTENT_LENGTH=length).status_code == 400
