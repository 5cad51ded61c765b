"""Who may ask: keys, scopes, roles."""

import fcntl
import logging
import time
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from herd.models import JournalEntry
from herd.storage.journal import _line_file
from remote.api import authentication
from remote.api.authentication import role_of
from remote.api.models import ApiKey
from tests.remote.api.rows import ROOT, a_payload
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
PATH = ROOT + "batches"


def asked_with(key: str) -> APIClient:
    return APIClient(headers={"X-API-Key": key})


def test_a_key_is_made_and_known_by_its_prefix() -> None:
    row, plain = ApiKey.objects.create_key(name="gate", scopes=["read"])
    assert plain.startswith("hxb_")
    assert plain.startswith(row.prefix)
    assert plain not in (row.id, row.hashed_key)
    assert asked_with(plain).get(PATH).status_code == 200


@pytest.mark.parametrize("key", ["", "hxb_", "hxb_abcd.wrong", "x" * 5000, "ключ", "hxb_\x01"])
def test_an_unknown_key_is_refused(key: str) -> None:
    answer = asked_with(key).get(PATH)
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_key"


def test_half_a_key_is_no_key() -> None:
    row, plain = ApiKey.objects.create_key(name="gate", scopes=["read"])
    assert asked_with(plain[:-1]).get(PATH).status_code == 401
    assert asked_with(f"{row.prefix}.").get(PATH).status_code == 401


def test_a_key_in_the_address_is_ignored() -> None:
    _, plain = ApiKey.objects.create_key(name="gate", scopes=["read"])
    assert APIClient().get(PATH, {"X-API-Key": plain, "api_key": plain}).status_code == 401


def test_the_shared_secret_may_do_everything(settings: Settings) -> None:
    settings.PI_API_KEYS = ["first-shared-secret", "second-shared-secret"]
    client = asked_with("second-shared-secret")
    assert client.get(PATH).status_code == 200
    assert client.post(ROOT + "payloads", {"payload": "x"}, format="json").status_code == 201


def test_a_revoked_key_is_refused_within_five_seconds() -> None:
    row, plain = ApiKey.objects.create_key(name="gate", scopes=["read"])
    assert asked_with(plain).get(PATH).status_code == 200
    row.revoked = True
    row.save()
    until, caller = authentication._remembered[plain]
    authentication._remembered[plain] = (until - 5.0, caller)
    assert asked_with(plain).get(PATH).status_code == 401


def test_an_expired_key_is_refused() -> None:
    yesterday = timezone.now() - timedelta(days=1)
    _, plain = ApiKey.objects.create_key(name="gate", scopes=["read"], expiry_date=yesterday)
    assert asked_with(plain).get(PATH).status_code == 401


def test_a_key_does_only_what_its_scopes_say() -> None:
    row = a_payload("x", error="binary")
    reads, ingests = client_with("read"), client_with("ingest")
    assert ingests.get(PATH).status_code == 403
    assert reads.post(ROOT + "payloads", {"payload": "x"}, format="json").status_code == 403
    assert ingests.post(ROOT + "payloads", {"payload": "x"}, format="json").status_code == 201
    assert ingests.post(f"{ROOT}payloads/{row.pk}/retry").status_code == 403
    assert client_with("write").post(f"{ROOT}payloads/{row.pk}/retry").status_code == 202


def test_the_last_use_is_noted_once_a_minute() -> None:
    _, plain = ApiKey.objects.create_key(name="gate", scopes=["read"])
    noted = []
    for _ in range(2):
        asked_with(plain).get(PATH)
        noted.append(ApiKey.objects.get().last_used_at)
        authentication._remembered.clear()
    assert noted[0] is not None
    assert noted[0] == noted[1]


def test_a_busy_writer_does_not_stop_a_reader() -> None:
    _, plain = ApiKey.objects.create_key(name="gate", scopes=["read"])
    with _line_file().open("w") as line:
        fcntl.flock(line, fcntl.LOCK_EX)
        began = time.monotonic()
        assert asked_with(plain).get(PATH).status_code == 200
    assert time.monotonic() - began < 5


def test_nobody_keeps_an_answer(api: APIClient) -> None:
    assert api.get(PATH).headers["Cache-Control"] == "no-store"


def test_a_key_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    _, plain = ApiKey.objects.create_key(name="gate", scopes=["read"])
    with caplog.at_level(logging.DEBUG):
        asked_with(plain).get(PATH)
        asked_with(plain + "x").get(PATH)
    assert plain not in caplog.text


@pytest.mark.parametrize(
    ("header", "actor"),
    [("ana", "office:ana"), ("Jos%C3%A9%20P", "office:José P")],
)
def test_the_person_behind_the_offices_key_is_in_the_journal(
    api: APIClient, header: str, actor: str
) -> None:
    row = a_payload("x", error="binary")
    user = User.objects.create_user(actor.removeprefix("office:"))
    user.groups.add(Group.objects.get_or_create(name="manager")[0])
    api.post(f"{ROOT}payloads/{row.pk}/retry", headers={"X-Office-User": header})
    assert JournalEntry.objects.order_by("-seq")[0].actor == actor


@pytest.mark.parametrize("header", ["a%00b%0Ac", "ana%00", "a" * 101])
def test_a_name_that_would_have_to_be_cut_or_cleaned_is_refused(
    api: APIClient, header: str
) -> None:
    answer = api.get(PATH, headers={"X-Office-User": header})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["detail"] == "X-Office-User: At most 100 printable characters."


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ([], "viewer"),
        (["viewer"], "viewer"),
        (["viewer", "manager"], "manager"),
        (["administrator", "manager"], "administrator"),
        (["cooks"], "viewer"),
    ],
)
def test_a_persons_role_is_the_strongest_of_the_groups(groups: list[str], role: str) -> None:
    user = User.objects.create_user("ana")
    user.groups.set([Group.objects.get_or_create(name=name)[0] for name in groups])
    assert role_of(user) == role


def test_a_signed_in_viewer_looks_and_a_manager_changes() -> None:
    row = a_payload("x", error="binary")
    client = APIClient()
    user = User.objects.create_user("ana")
    client.force_login(user)
    path = f"{ROOT}payloads/{row.pk}/retry"
    assert client.get(PATH, secure=True).status_code == 200
    assert client.post(path, secure=True).status_code == 403
    user.groups.add(Group.objects.get_or_create(name="manager")[0])
    assert client.post(path, secure=True).status_code == 202


@pytest.mark.parametrize("person", ["nobody", "viewer", "closed"])
def test_a_key_may_not_do_what_its_person_may_not(api: APIClient, person: str) -> None:
    User.objects.create_user("viewer")
    closed = User.objects.create_user("closed", is_active=False)
    closed.groups.add(Group.objects.get_or_create(name="manager")[0])
    answer = api.post(f"{ROOT}pens", {"pen_number": "P1"}, headers={"X-Office-User": person})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert api.get(PATH, headers={"X-Office-User": person}).status_code == 200


def test_an_administrators_deed_is_not_for_a_manager(api: APIClient) -> None:
    pen = api.post(f"{ROOT}pens", {"pen_number": "P1"}).json()
    for name, status in (("manager", 403), ("administrator", 200)):
        user = User.objects.create_user(name)
        user.groups.add(Group.objects.get_or_create(name=name)[0])
        answer = api.delete(f"{ROOT}pens/{pen['id']}", headers={"X-Office-User": name})
        assert answer.status_code == status
