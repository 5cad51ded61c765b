"""Who may do what: every path and method of the API, for every kind of caller.

The table is written by hand and held against the URL map: a new endpoint must be given its place.
"""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.urls import URLPattern, URLResolver
from rest_framework.test import APIClient

from hexabrand.urls import urlpatterns as root_patterns
from lora.models import LoRaPayload
from remote.api.urls import urlpatterns
from tests.remote.api.rows import ROOT
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

READ, WRITE, INGEST, OPEN, ADMINISTRATOR = "read", "write", "ingest", "open", "administrator"
EVERYTHING = "everything"  # what holds the whole farm: only with every scope and the highest role
OFFICE = "office"  # what is asked for a person: only with every scope, whatever the person's role
TABLE: dict[str, dict[str, str]] = {
    "": {"get": READ},
    "batches": {"get": READ, "post": WRITE},
    "batches/{id}": {"get": READ, "patch": WRITE},
    "batches/{id}/growth": {"get": READ},
    "batches/{id}/closeout": {"get": READ},
    "cattle": {"get": READ, "post": WRITE},
    "cattle/{id}": {"get": READ, "patch": WRITE},
    "cattle/{id}/history": {"get": READ},
    "cattle/{id}/move": {"post": WRITE},
    "cattle/{id}/status": {"post": WRITE},
    "cattle/{id}/tags": {"post": WRITE},
    "cattle/{id}/weights": {"get": READ, "post": WRITE},
    "cattle/{id}/treatments": {"get": READ, "post": WRITE},
    "products": {"get": READ, "post": WRITE},
    "products/{id}": {"get": READ, "patch": WRITE},
    "treatments": {"get": READ, "post": WRITE},
    "treatments/{id}/void": {"post": WRITE},
    "cattle/{id}/pulls": {"get": READ, "post": WRITE},
    "pulls": {"get": READ, "post": WRITE},
    "pulls/{id}/return": {"post": WRITE},
    "pulls/{id}/void": {"post": WRITE},
    "reports/deaths": {"get": READ},
    "cattle/move": {"post": WRITE},
    "cattle/status": {"post": WRITE},
    "work-marks": {"get": READ, "post": WRITE},
    "work-marks/{id}/end": {"post": WRITE},
    "changes": {"get": READ},
    "changes/{id}": {"get": READ},
    "changes/{id}/undo": {"post": WRITE},
    "operations": {"get": READ},
    "operations.csv": {"get": READ},
    "operations/{id}": {"get": READ},
    "operations/{id}/undo": {"post": WRITE},
    "imports": {"post": WRITE},
    "imports/{id}": {"get": READ},
    "imports/{id}/cancel": {"post": WRITE},
    "pens": {"get": READ, "post": WRITE},
    "pens/{id}": {"get": READ, "patch": WRITE, "delete": ADMINISTRATOR},
    "sessions": {"get": READ, "post": WRITE},
    "sessions/{id}": {"get": READ, "patch": WRITE},
    "sessions/{id}.csv": {"get": READ},
    "sessions/{id}/summary": {"get": READ},
    "sessions/figures": {"get": READ},
    "sessions/{id}/end": {"post": WRITE},
    "sessions/{id}/resume": {"post": WRITE},
    "shipments": {"get": READ, "post": WRITE},
    "shipments/{id}": {"get": READ, "patch": WRITE},
    "shipments/{id}/animals": {"get": READ, "post": WRITE},
    "shipments/{id}/begin": {"post": WRITE},
    "shipments/{id}/load": {"post": WRITE},
    "shipments/{id}/unload": {"post": WRITE},
    "shipments/{id}/ship": {"post": WRITE},
    "shipments/{id}/cancel": {"post": WRITE},
    "shipments/{id}/reported": {"post": WRITE},
    "shipments/{id}/manifest": {"get": READ},
    "shipments/{id}/files/{name}": {"get": READ},
    "weights": {"get": READ},
    "weights/{id}/void": {"post": WRITE},
    "weights/{id}/unvoid": {"post": WRITE},
    "weights/{id}/accept": {"post": WRITE},
    "weights/{id}/replace": {"post": WRITE},
    "weights/correct": {"post": WRITE},
    "scale-faults": {"get": READ},
    "scale-steps": {"get": READ, "post": WRITE},
    "scale-steps/{id}/undo": {"post": WRITE},
    "payloads": {"get": READ, "post": INGEST},
    "payloads/{id}": {"get": READ},
    "payloads/{id}/conflict": {"get": READ},
    "payloads/{id}/resolve": {"post": WRITE},
    "payloads/{id}/retry": {"post": WRITE},
    "sources": {"get": READ},
    "events": {"get": READ},
    "snapshot": {"get": READ},
    "backups": {"get": EVERYTHING},
    "backups/{name}": {"get": EVERYTHING},
    "status": {"get": READ},
    "health": {"get": OPEN},
    "metrics": {"get": READ},
    "auth/login": {"post": OFFICE},
    "auth/person": {"get": OFFICE},
}
MAY: dict[str, frozenset[str]] = {  # of a caller with every scope it can have: which rights it has
    "nobody": frozenset({OPEN}),
    "key read": frozenset({OPEN, READ}),
    "key write": frozenset({OPEN, WRITE, ADMINISTRATOR}),
    "key ingest": frozenset({OPEN, INGEST}),
    "key read write": frozenset({OPEN, READ, WRITE, ADMINISTRATOR}),
    "key read write ingest": frozenset(
        {OPEN, READ, WRITE, INGEST, ADMINISTRATOR, EVERYTHING, OFFICE}
    ),
    "viewer": frozenset({OPEN, READ}),
    "manager": frozenset({OPEN, READ, WRITE, INGEST}),
    "administrator": frozenset({OPEN, READ, WRITE, INGEST, ADMINISTRATOR, EVERYTHING}),
    "office for viewer": frozenset({OPEN, READ, OFFICE}),
    "office for manager": frozenset({OPEN, READ, WRITE, INGEST, OFFICE}),
    "office for administrator": frozenset(
        {OPEN, READ, WRITE, INGEST, ADMINISTRATOR, EVERYTHING, OFFICE}
    ),
}
METHODS = ("get", "post", "patch", "put", "delete")
CASES = [
    (path, method, right) for path, rights in TABLE.items() for method, right in rights.items()
]


def paths() -> dict[str, Any]:
    """Path → view class, as the URL map has it."""
    found = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        path = str(pattern.pattern).replace("<int:pk>", "{id}").replace("<str:name>", "{name}")
        found[path] = pattern.callback.view_class  # type: ignore[attr-defined]
    return found


def test_every_endpoint_and_method_has_its_place_in_the_table() -> None:
    served = {
        path: {method for method in METHODS if hasattr(view, method)}
        for path, view in paths().items()
    }
    assert served == {path: set(rights) for path, rights in TABLE.items()}


def a_caller(kind: str) -> tuple[APIClient, dict[str, str]]:
    """The caller, and the headers it sends."""
    word, _, rest = kind.partition(" ")
    if kind == "nobody":
        return APIClient(), {}
    if word == "key":
        return client_with(*rest.split()), {}
    role = rest.removeprefix("for ") or word
    user = User.objects.create_user("ana" if word == "office" else f"ana the {role}")
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    if word == "office":
        return client_with("read", "write", "ingest"), {"X-Office-User": "ana"}
    client = APIClient()
    client.force_login(user)
    return client, {}


@pytest.mark.parametrize("kind", list(MAY))
@pytest.mark.parametrize(("path", "method", "right"), CASES)
def test_each_caller_may_do_what_the_table_says_and_nothing_else(
    kind: str, path: str, method: str, right: str
) -> None:
    client, headers = a_caller(kind)
    send = getattr(client, method)
    answer = send(ROOT + path.replace("{id}", "1"), headers=headers, secure=True)
    if hasattr(answer, "streaming_content"):
        answer.close()
    refused = answer.status_code in {401, 403} and answer.json()["code"] != "bad_credentials"
    assert refused == (right not in MAY[kind]), (answer.status_code, getattr(answer, "data", ""))


def test_nothing_is_taken_in_for_somebody_the_pi_does_not_know() -> None:
    api = client_with("ingest")
    answer = api.post(
        ROOT + "payloads", {"payload": "x"}, format="json", headers={"X-Office-User": "nobody"}
    )
    assert (answer.status_code, LoRaPayload.objects.count()) == (403, 0)


# Beside the API: what a GET is answered, in the order of WHO.
WHO = ("nobody", "viewer", "manager", "administrator")
BESIDE: dict[str, tuple[int, ...]] = {
    "": (302, 302, 302, 302),  # to the admin
    "admin/": (302, 302, 200, 200),
    "api/auth/login": (200, 200, 200, 200),
    "metrics": (401, 200, 200, 200),
    "api/schema": (200, 200, 200, 200),  # what the API is like is no secret
    "api/asyncapi": (200, 200, 200, 200),  # nor what the feed is like
    "api/problems": (200, 200, 200, 200),  # nor its refusals
    "api/docs": (200, 200, 200, 200),
}
UNDER = {"admin/", "api/remote/", "api/auth/"}  # the API has its table, the others only their door


def test_every_path_beside_the_api_has_its_place_too() -> None:
    served = {
        str(one.pattern) for one in root_patterns if isinstance(one, URLPattern | URLResolver)
    }
    assert served - UNDER - {"^api/"} == set(BESIDE) - {"admin/", "api/auth/login"}


@pytest.mark.parametrize("path", list(BESIDE))
def test_beside_the_api_each_is_answered_as_the_table_says(path: str) -> None:
    callers = [a_caller(kind)[0] for kind in WHO]
    answers = [caller.get(f"/{path}", secure=True).status_code for caller in callers]
    assert tuple(answers) == BESIDE[path]
