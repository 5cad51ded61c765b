"""The API's OpenAPI description: complete, in public words, and true of what is answered."""

import base64
import re
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from django.urls import URLPattern, get_resolver
from rest_framework.test import APIClient

from herd.models import Animal
from lora.models import LoRaPayload
from lora.worker import Worker
from remote.api.schema_operations import OPERATIONS, TAGS
from remote.problems import PROBLEM_JSON
from remote.wire import API_ROOT
from tests.remote.api.rows import ROOT, a_payload, a_weight, happened

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

METHODS = ("get", "post", "patch", "put", "delete")


@cache
def description() -> dict[str, Any]:
    told: dict[str, Any] = APIClient().get("/api/schema?format=json").json()
    return told


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = description()["paths"].items()
    return [(path, name, one) for path, methods in paths for name, one in methods.items()]


def is_described(part: dict[str, Any], value: Any) -> list[str]:
    """Return what is wrong with the value, by that part of the description."""
    whole = {**part, "components": description()["components"]}
    found = jsonschema_rs.Draft202012Validator(whole).iter_errors(value)
    return [f"{error.instance_path}: {error.message}" for error in found]


def test_every_operation_has_public_words_and_a_tag() -> None:
    said = {f"{name.upper()} {path.removeprefix(API_ROOT)}" for path, name, _ in operations()}
    assert said - {"GET /metrics"} == set(OPERATIONS)
    for path, name, one in operations():
        assert 5 < len(one["summary"]) < 60, (name, path)
        assert one["tags"][0] in TAGS
    assert {one["name"] for one in description()["tags"]} == set(TAGS)


def test_no_word_of_developers_is_in_it() -> None:
    text = repr(description())
    assert re.findall(r"\bDRF\b|docstring|metaclass|serializer|queryset", text, re.IGNORECASE) == []


def test_a_body_is_json_alone_but_for_a_servers_protobuf() -> None:
    kinds = {
        f"{name} {path}": set(one["requestBody"]["content"])
        for path, name, one in operations()
        if "requestBody" in one
    }
    intake = kinds.pop(f"post {ROOT}payloads")
    assert intake == {"application/json", "application/octet-stream", "application/x-protobuf"}
    assert len(kinds) > 15
    assert set().union(*kinds.values()) == {"application/json"}


def test_every_body_has_an_example_that_fits() -> None:
    for path, name, one in operations():
        if "requestBody" in one:
            body = one["requestBody"]["content"]["application/json"]
            (example,) = body["examples"].values()
            assert is_described(body["schema"], example["value"]) == [], (name, path)


def test_the_parameters_are_those_that_the_paths_know() -> None:
    views = {
        ROOT + str(one.pattern).replace("<int:pk>", "{id}").replace("<str:name>", "{name}"): one
        for one in get_resolver("remote.api.urls").url_patterns
        if isinstance(one, URLPattern)
    }
    for path, name, one in operations():
        if path in views:
            view = views[path].callback.view_class()  # type: ignore[attr-defined]
            told = {each["name"] for each in one.get("parameters", []) if each["in"] == "query"}
            assert told == view.known_parameters(name.upper()), (name, path)


def test_every_refusal_is_described_as_a_problem() -> None:
    for path, name, one in operations():
        for status, answer in one["responses"].items():
            if status >= "400" and (path, status) != (f"{ROOT}health", "503"):
                assert list(answer["content"]) == [PROBLEM_JSON], (name, path, status)
        assert {"400", "503"} <= one["responses"].keys()


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("post", "pens", {"200", "201", "400", "401", "403", "409", "413", "415", "422", "503"}),
        ("post", "imports", {"200", "201", "202", "422"}),
        ("post", "payloads", {"200", "201", "413", "415", "422"}),
        ("post", "auth/login", {"200", "401", "429"}),
        ("get", "events", {"200", "410"}),
        ("get", "cattle/{id}", {"200", "404"}),
        ("patch", "cattle/{id}", {"200", "404", "409"}),
    ],
)
def test_what_can_happen_is_described(method: str, path: str, statuses: set[str]) -> None:
    assert statuses <= description()["paths"][ROOT + path][method]["responses"].keys()


@pytest.mark.parametrize(
    ("method", "path", "header"),
    [
        ("post", "payloads", "Idempotency-Key"),
        ("post", "pens", "Idempotency-Key"),
        ("post", "imports", "Prefer"),
    ],
)
def test_the_headers_that_count_are_described(method: str, path: str, header: str) -> None:
    told = description()["paths"][ROOT + path][method]["parameters"]
    assert header in {one["name"] for one in told if one["in"] == "header"}


# -- what is answered ------------------------------------------------------------------------------


def answered(api: APIClient, method: str, path: str, template: str, body: Any = None) -> Any:
    """Ask, and hold the answer against the description of the path."""
    answer = getattr(api, method)(ROOT + path, body, format="json")
    told = description()["paths"][ROOT + template][method]["responses"]
    assert str(answer.status_code) in told, (method, path, answer.status_code, answer.content)
    kind = answer["Content-Type"].partition(";")[0]
    content = told[str(answer.status_code)]["content"]
    assert kind in content
    value = answer.json()
    assert is_described(content[kind]["schema"], value) == [], (method, path)
    return value


LISTS = ("batches", "cattle", "pens", "weights", "payloads", "sources", "changes", "backups")


@pytest.fixture
def farm(api: APIClient, animal: Animal) -> Animal:
    """Some of all that answers tell of."""
    a_weight(animal)
    for text in (
        "hxb:B1:LF1:U1",
        "hxb:B1:LF8:U8",
        "hxb:B1:LF8:U1",
        "event:hxbchi1|weight:3|lid:7",
    ):
        a_payload(text)
    a_payload("x", error="binary")
    Worker().step()
    happened("weight:recorded", animal.weights.get().pk)
    happened("pen:deleted", 999)
    path = f"cattle/{animal.pk}"
    for name, body in (
        ("weights", {"weight_kg": 350}),
        ("move", {"pen_id": None}),
        ("tags", {"lf_tag": "LF5"}),
    ):
        answer = api.post(f"{ROOT}{path}/{name}", body, format="json")
        assert answer.status_code < 300, answer.content
    api.patch(f"{ROOT}{path}", {"notes": "limps"}, format="json")
    weight = animal.weights.latest("id")
    api.post(f"{ROOT}weights/{weight.pk}/void", {"reason": "dog"}, format="json")
    return animal


@pytest.mark.parametrize("path", [*LISTS, "events", "status", "health"])
def test_what_is_read_is_as_described(api: APIClient, farm: Animal, path: str) -> None:
    told = answered(api, "get", path, path)
    if path in {"batches", "cattle", "pens", "weights", "payloads", "sources", "events"}:
        assert told["data"]


def test_an_animal_and_its_past_are_as_described(api: APIClient, farm: Animal) -> None:
    path = f"cattle/{farm.pk}"
    answered(api, "get", path, "cattle/{id}")
    past = answered(api, "get", f"{path}/history", "cattle/{id}/history")
    kinds = {one["kind"] for one in past["data"]}
    assert kinds == {"pairing", "movement", "weight", "void", "read", "edit"}
    answered(api, "get", f"{path}/weights", "cattle/{id}/weights")
    answered(api, "get", f"batches/{farm.batch_id}", "batches/{id}")
    answered(api, "get", f"batches/{farm.batch_id}/growth", "batches/{id}/growth")
    answered(api, "get", f"batches/{farm.batch_id}/closeout", "batches/{id}/closeout")
    answered(api, "get", "cattle/99999", "cattle/{id}")


@pytest.mark.parametrize("preview", ["", "?preview=1"])
def test_what_changes_is_as_described(api: APIClient, farm: Animal, preview: str) -> None:
    one, pen, asked = f"cattle/{farm.pk}", f"pens/{farm.pen_id}", preview
    pens = {"pen_number": "P9", "capacity": 3}
    for _ in "12":  # made, and refused where there is one by now
        answered(api, "post", f"pens{asked}", "pens", pens)
    answered(api, "post", f"batches{asked}", "batches", {"batch_number": "B9"})
    answered(api, "patch", f"pens/1{asked}", "pens/{id}", {"capacity": 9})
    answered(api, "patch", f"{one}{asked}", "cattle/{id}", {"notes": "x", "seen": {"notes": "y"}})
    answered(api, "post", f"{one}/weights{asked}", "cattle/{id}/weights", {"weight_kg": 351})
    answered(api, "post", f"{one}/move{asked}", "cattle/{id}/move", {"batch_id": farm.batch_id})
    many = {"cattle_ids": [farm.pk], "pen_id": farm.pen_id}
    answered(api, "post", f"cattle/move{asked}", "cattle/move", many)
    answered(api, "post", f"{one}/tags{asked}", "cattle/{id}/tags", {"uhf_tag": "U77"})
    left = {"status": "exported"}
    answered(api, "post", f"{one}/status{asked}", "cattle/{id}/status", left)
    answered(api, "post", f"cattle/status{asked}", "cattle/status", {**left, **many, "pen_id": 1})
    answered(api, "delete", f"{pen}{asked}", "pens/{id}")


def test_a_conflict_and_its_end_are_as_described(api: APIClient, farm: Animal) -> None:
    conflict = LoRaPayload.objects.filter(error_code="tag_conflict").first()
    assert conflict is not None
    path = f"payloads/{conflict.pk}"
    answered(api, "get", f"{path}/conflict", "payloads/{id}/conflict")
    body = {"action": "give", "cattle_id": farm.pk, "reason": "x"}
    answered(api, "post", f"{path}/resolve?preview=1", "payloads/{id}/resolve", body)
    done = answered(api, "post", f"{path}/resolve", "payloads/{id}/resolve", body)
    change = f"changes/{done['change_ids'][0]}"
    answered(api, "get", f"{change}?preview=1", "changes/{id}")
    answered(api, "post", f"{change}/undo", "changes/{id}/undo")
    answered(api, "post", f"{change}/undo", "changes/{id}/undo")
    operation = change.replace("changes", "operations")
    answered(api, "get", "operations", "operations")
    answered(api, "get", f"{operation}?preview=1", "operations/{id}")
    answered(api, "post", f"{operation}/undo", "operations/{id}/undo")
    bad = LoRaPayload.objects.get(error_code="binary")
    answered(api, "post", f"payloads/{bad.pk}/retry", "payloads/{id}/retry", {"text": "hxb:B1:L:"})
    answered(api, "get", f"payloads/{bad.pk}", "payloads/{id}")


@pytest.mark.parametrize(
    ("sheet", "more"),
    [
        ("tag,weight\nLF5,351.5\n", {}),
        ("tag,weight\nLF5,x\n", {}),
        ("tag,weight\nLF5,x\nLF5,351.5\n", {"skip_bad_rows": True}),
        ("tag,weight\nnobody,351.5\n", {}),
        ("lid,pen\nN1,P1\n", {"kind": "animals"}),
        ("", {}),
    ],
)
@pytest.mark.parametrize("preview", ["", "?preview=1"])
def test_an_import_is_as_described(
    api: APIClient, farm: Animal, sheet: str, more: dict[str, Any], preview: str
) -> None:
    data = base64.b64encode(sheet.encode()).decode()
    body = {"kind": "weights", "data": data, **more}
    answered(api, "post", f"imports{preview}", "imports", body)


def test_intake_is_as_described(api: APIClient) -> None:
    answered(api, "post", "payloads", "payloads", {"payloads": ["hxb:B1:LF1:", "\x07"]})
    answered(api, "post", "payloads", "payloads", {"payloads": [1]})
    answered(api, "post", "auth/login", "auth/login", {"username": "ana", "password": "x"})


# -- intake that is sent again ---------------------------------------------------------------------


def sent(api: APIClient, key: str, text: str = "hxb:B1:LF1:") -> Any:
    headers = {"Idempotency-Key": key}
    return api.post(f"{ROOT}payloads", {"payload": text}, format="json", headers=headers)


def test_an_intake_sent_twice_with_its_key_is_stored_once(api: APIClient) -> None:
    first, again = sent(api, "k1"), sent(api, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert LoRaPayload.objects.count() == 1
    other = sent(api, "k1", "hxb:B1:LF2:")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert sent(api, "k2").status_code == 201
    assert LoRaPayload.objects.count() == 2


def test_a_body_has_no_field_but_those_described_and_no_empty_name() -> None:
    pen = description()["components"]["schemas"]["PenInput"]
    assert is_described(pen, {"pen_number": "P1"}) == []
    assert len(is_described(pen, {"pen_number": "P1", "pens": 1})) == 1
    assert len(is_described(pen, {"pen_number": ""})) == 1
