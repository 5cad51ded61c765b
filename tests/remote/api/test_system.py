"""The Pi about itself: status, health, events, the API's own description."""

import json
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from herd.models import JournalEntry
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.worker import Worker
from remote.api import status
from remote.api.models import ApiKey
from remote.api.people import stamp_of
from remote.api.views import system
from remote.throttle import login_throttle
from tests.remote.api.rows import ROOT, a_batch, a_payload, an_animal, happened
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def test_status_counts_and_tells_the_backlogs_age(api: APIClient) -> None:
    a_batch(), a_batch("B2", status="closed"), an_animal()
    a_payload(), a_payload("x", error="binary")
    told = api.get(ROOT + "status").json()
    assert told["counts"] == {
        "batches": 2,
        "batches_open": 1,
        "cattle": 1,
        "pens": 0,
        "payloads": 2,
    }
    assert told["backlog"]["count"] == 1
    assert told["backlog"]["age_seconds"] >= 0
    assert set(told["payloads_today"]) == {"received", "processed", "duplicate", "error"}
    assert len(told["heard_by_hour"]) == 24
    assert [source["name"] for source in told["sources"]] == ["udp:10.0.0.1"]


def test_status_tells_between_which_events_one_never_came(api: APIClient) -> None:
    texts = [f"event:hxbchi{n:06d}|weight:267.3|lid:{n}" for n in range(1, 21) if n not in {7, 8}]
    now = time.monotonic_ns()
    store([Heard(Frame(text, "plain"), "udp:10.0.0.1", now) for text in texts])
    Worker().step()
    assert api.get(ROOT + "status").json()["gaps"] == {"count": 0, "latest": []}
    LoRaPayload.objects.update(received_at=timezone.now() - timedelta(minutes=2))
    gaps = api.get(ROOT + "status").json()["gaps"]
    assert gaps["count"] == 2
    (gap,) = gaps["latest"]
    assert (gap["after"], gap["before"], gap["count"]) == ("hxbchi000006", "hxbchi000009", 2)
    before = LoRaPayload.objects.filter(event_id__lt="hxbchi000007")
    before.update(received_at=timezone.now() - timedelta(days=9))  # the Pi was off in between
    assert api.get(ROOT + "status").json()["gaps"]["count"] == 2
    LoRaPayload.objects.update(received_at=timezone.now() - timedelta(days=4))
    assert api.get(ROOT + "status").json()["gaps"]["count"] == 0


def test_status_tells_how_the_machine_is(api: APIClient) -> None:
    told = api.get(ROOT + "status").json()
    assert 0 < told["disk"]["free_bytes"] <= told["disk"]["total_bytes"]
    assert told["clock"]["synchronised"] in {True, False, None}
    assert set(told["processes"]) == {"receiver", "worker"}
    assert set(told["processes"]["worker"]) == {"alive_seconds_ago"}
    assert told["database"]["engine"].startswith("sqlite")
    assert set(told["versions"]) == {"hexabrand", "python", "django", "sqlite"}
    assert told["certificate"] is None
    assert datetime.fromisoformat(told["server_time"]).tzinfo is not None


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nx\n"])
def test_a_damaged_certificate_does_not_take_the_status_away(
    settings: Settings, tmp_path: Path, content: bytes
) -> None:
    settings.TLS_CERTIFICATE_FILE = tmp_path / "pi-tls.pem"
    settings.TLS_CERTIFICATE_FILE.write_bytes(content)
    assert status.certificate() is None


def test_a_database_that_fails_is_told_in_json(api: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE pens RENAME TO gone")
        try:
            answer = api.get(ROOT + "pens")
        finally:
            cursor.execute("ALTER TABLE gone RENAME TO pens")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_a_database_that_is_damaged_is_told_in_json(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> None:
        raise DatabaseError("database disk image is malformed")

    monkeypatch.setattr(system, "status", damaged)
    answer = api.get(ROOT + "status")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_events_are_the_journal_over_plain_http(api: APIClient) -> None:
    batch = a_batch()
    happened("batch:created", batch.pk)
    happened("batch:updated", batch.pk)
    first = api.get(ROOT + "events", {"limit": 1}).json()
    (event,) = first["data"]
    assert (event["event"], event["data"]["batch_number"]) == ("batch:created", "B1")
    rest = api.get(ROOT + "events", {"since": first["next"]}).json()
    assert [one["event"] for one in rest["data"]] == ["batch:updated"]
    assert rest["next"] is None


def test_a_payloads_event_names_it_as_integrators_expect(api: APIClient) -> None:
    row = a_payload()
    (event,) = api.get(ROOT + "events").json()["data"]
    data = event["data"]
    assert (event["event"], data["payload_id"]) == ("payload:received", row.pk)
    assert (data["raw_payload"], data["timestamp"]) == (row.raw_payload, data["received_at"])


def test_an_event_of_a_row_that_is_gone_has_its_id_alone(api: APIClient) -> None:
    happened("pen:deleted", 7)
    (event,) = api.get(ROOT + "events").json()["data"]
    assert event["data"] == {"id": 7}


def test_an_entry_of_no_known_kind_is_passed_over(api: APIClient) -> None:
    happened("backup:made", 1)
    happened("pen:deleted", 7)
    found = api.get(ROOT + "events").json()["data"]
    assert [event["event"] for event in found] == ["pen:deleted"]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda seq, mark: f"{seq}-{mark ^ 1:08x}", "unknown_cursor"),
        (lambda seq, mark: f"{seq + 5}-{mark:08x}", "unknown_cursor"),
        (lambda seq, mark: f"{seq - 2}-{mark:08x}", "pruned"),
        (lambda seq, mark: "0-00000000", "pruned"),
    ],
)
def test_a_cursor_that_cannot_be_resumed_from_is_410(api: APIClient, make: Any, code: str) -> None:
    for number in range(3):
        happened("pen:deleted", number)
    JournalEntry.objects.filter(seq__in=JournalEntry.objects.order_by("seq")[:2]).delete()
    newest = JournalEntry.objects.get()
    answer = api.get(ROOT + "events", {"since": make(newest.seq, newest.mark)})
    assert (answer.status_code, answer.json()["code"]) == (410, code)


# -- sign-in ----------------------------------------------------------------------------------


@pytest.fixture
def ana() -> User:
    return User.objects.create_user("ana", password="correct horse", first_name="Ana")


def sign_in(
    api: APIClient, name: str = "ana", password: str = "wrong", browser: str | None = None
) -> Any:
    body = {"username": name, "password": password}
    headers = {"X-Office-Client": browser} if browser else {}
    return api.post(ROOT + "auth/login", body, format="json", headers=headers)


def test_a_person_is_known_by_name_and_password(api: APIClient, ana: User) -> None:
    answer = sign_in(api, password="correct horse")
    assert answer.status_code == 200
    told = {"username": "ana", "display_name": "Ana", "role": "viewer", "stamp": stamp_of(ana)}
    assert answer.json() == told


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(api: APIClient, ana: User) -> None:
    wrong, unknown = sign_in(api), sign_in(api, "nobody")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "bad_credentials"


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(
    api: APIClient, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    encode = PBKDF2PasswordHasher.encode

    def watched(self: PBKDF2PasswordHasher, password: str, *rest: Any) -> str:
        hashed.append(password)
        return encode(self, password, *rest)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", watched)
    sign_in(api)
    sign_in(api, "nobody")
    assert hashed == ["wrong", "wrong"]


def test_somebody_who_may_not_sign_in_any_more_is_refused(api: APIClient, ana: User) -> None:
    User.objects.update(is_active=False)
    assert sign_in(api, password="correct horse").status_code == 401


def test_wrong_passwords_slow_down_the_next_try(api: APIClient, ana: User) -> None:
    for _ in range(6):
        answer = sign_in(api)
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert int(answer["Retry-After"]) >= 1
    assert sign_in(api, password="correct horse").status_code == 429


def test_one_persons_wrong_passwords_do_not_stop_another(
    api: APIClient, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It stands still: a busy machine takes longer to the next request than bob's wait of a second.
    monkeypatch.setattr(login_throttle._pair, "_clock", lambda: 0.0)
    for _ in range(5):
        login_throttle.enter("bob", "127.0.0.1")
    assert sign_in(api, "bob").status_code == 429
    assert sign_in(api, password="correct horse").status_code == 200


def test_trying_many_names_from_one_address_slows_down_too(api: APIClient, ana: User) -> None:
    for number in range(19):
        login_throttle.enter(f"somebody {number}", "127.0.0.1")
    answers = [sign_in(api, name).status_code for name in ("bob", "eve", "joe")]
    assert answers == [401, 429, 429]


def test_a_guesser_behind_an_office_delays_nobody_else_there(api: APIClient, ana: User) -> None:
    for number in range(21):
        answer = sign_in(api, f"name {number}", browser="192.168.1.66")
    assert answer.status_code == 429
    assert sign_in(api, password="correct horse", browser="192.168.1.7").status_code == 200
    assert sign_in(api, "bob", browser="no address").status_code == 401


def test_guessing_one_name_from_many_addresses_slows_down_too(api: APIClient, ana: User) -> None:
    for number in range(30):
        assert login_throttle.enter("ana", f"10.0.0.{number}") == 0
    assert sign_in(api).status_code == 429


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("ingest",), ("read", "write")])
def test_a_key_that_is_no_offices_guesses_no_password(ana: User, scopes: tuple[str, ...]) -> None:
    api = client_with(*scopes)
    answers = [sign_in(api, password=one) for one in ("wrong", "correct horse")]
    answers.append(api.get(ROOT + "auth/person", headers={"X-Office-User": "ana"}))
    assert {(one.status_code, one.json()["code"]) for one in answers} == {
        (403, "permission_denied")
    }


def test_nor_does_somebody_who_is_signed_in_with_a_password_of_their_own(ana: User) -> None:
    api = APIClient()
    api.force_login(User.objects.create_superuser("boss"))
    assert sign_in(api, password="correct horse").status_code == 403


def test_a_key_that_tries_many_names_from_addresses_it_makes_up_slows_down(
    api: APIClient, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_throttle._key, "_clock", lambda: 0.0)
    key = ApiKey.objects.get().prefix
    for number in range(99):
        login_throttle.enter(f"name {number}", f"127.0.0.1 10.0.0.{number}", key)
    answers = [sign_in(api, f"bob {n}", browser=f"10.0.1.{n}").status_code for n in range(3)]
    assert answers == [401, 429, 429]
    other = client_with("read", "write", "ingest")
    assert sign_in(other, password="correct horse", browser="10.0.2.1").status_code == 200


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 200, None, 5, {"a": 1}, "\ud800"])
def test_a_name_that_nobody_can_have_is_refused(api: APIClient, name: Any) -> None:
    body = json.dumps({"username": name, "password": "x"})
    answer = api.post(ROOT + "auth/login", body, content_type="application/json")
    assert answer.status_code in {400, 401}


def test_an_office_is_told_when_an_account_is_closed(api: APIClient, ana: User) -> None:
    def asked() -> Any:
        return api.get(ROOT + "auth/person", headers={"X-Office-User": "ana"})

    told = {"username": "ana", "display_name": "Ana", "role": "viewer", "stamp": stamp_of(ana)}
    assert asked().json() == told
    User.objects.update(is_active=False)
    assert (asked().status_code, asked().json()["code"]) == (404, "no_such_person")


def test_signing_in_needs_a_key(ana: User) -> None:
    answer = sign_in(APIClient(), password="correct horse")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


# -- the API's own description ----------------------------------------------------------------


def test_the_schema_is_valid_and_complete(tmp_path: Path) -> None:
    """With warnings as failures: every view, field and filter is known to it."""
    file = tmp_path / "schema.yml"
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(file))
    text = file.read_text()
    assert "openapi: 3.1" in text
    assert "X-API-Key" in text


@pytest.mark.parametrize(
    ("method", "path", "status", "component"),
    [
        ("post", "payloads", "201", "Stored"),
        ("post", "imports", "201", "Imported"),
        ("delete", "pens/{id}", "200", "PenName"),
        ("patch", "batches/{id}", "200", "Batch"),
        ("get", "cattle/{id}", "404", "Error"),
    ],
)
def test_the_schema_tells_what_is_answered(
    api: APIClient, method: str, path: str, status: str, component: str
) -> None:
    told = api.get("/api/schema?format=json").json()["paths"][ROOT + path][method]["responses"]
    (content,) = {str(one) for one in told[status]["content"].values()}
    assert f"schemas/{component}'" in content
    assert "X-Herd-Cursor" in told[status]["headers"]


def test_the_schema_tells_what_every_change_may_be_asked_with(api: APIClient) -> None:
    told = api.get("/api/schema?format=json").json()["paths"][f"{ROOT}cattle/{{id}}/move"]["post"]
    names = {one["name"] for one in told["parameters"]}
    assert names >= {"Idempotency-Key", "X-Office-User", "preview"}


def signed_in(role: str) -> Client:
    """A browser whose user came in by the API's own sign-in."""
    user = User.objects.create_user("ana", password="correct horse")
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = Client(enforce_csrf_checks=True)
    client.get("/api/auth/login", secure=True)
    form = {"username": "ana", "password": "correct horse", "next": ROOT + "batches"}
    answer = sent_form(client, "/api/auth/login", form)
    assert (answer.status_code, answer["Location"]) == (302, ROOT + "batches")
    return client


def sent_form(client: Client, path: str, form: dict[str, str]) -> Any:
    token = {"csrfmiddlewaretoken": client.cookies["hexabrand_pi_csrf"].value}
    return client.post(path, form | token, secure=True, headers={"Referer": "https://testserver/"})


def test_a_viewer_signs_in_and_reads_but_changes_nothing() -> None:
    client = signed_in("viewer")
    page = client.get(ROOT + "batches", headers={"Accept": "text/html"}, secure=True)
    assert (page.status_code, b"Log out" in page.content) == (200, True)
    assert sent_form(client, ROOT + "batches", {"batch_number": "B1"}).status_code == 403
    assert client.get("/admin/", secure=True).status_code == 302
    assert sent_form(client, "/api/auth/logout", {}).status_code == 302
    assert client.get(ROOT + "batches", secure=True).status_code in {401, 403}


def test_a_form_of_the_browsable_api_can_be_sent() -> None:
    client = signed_in("manager")
    page = client.get(ROOT + "batches", headers={"Accept": "text/html"}, secure=True)
    names = set(re.findall(r'name="([a-z_]+)"', page.content.decode()))
    assert {"batch_number", "funder"} <= names
    assert not {"head_count", "adg_kg"} & names
    form = {"batch_number": "B1", "funder": "", "induction_date": "", "notes": ""}
    assert sent_form(client, ROOT + "batches", form).status_code == 201


def test_wrong_passwords_slow_the_apis_sign_in_too() -> None:
    client = Client()
    for _ in range(6):
        answer = client.post("/api/auth/login", {"username": "ana", "password": "x"}, secure=True)
    assert b"Too many wrong passwords" in answer.content


def test_the_schemas_page_takes_nothing_from_elsewhere_and_has_no_inline_script() -> None:
    page = Client().get("/api/docs").content.decode()
    script = Client().get("/api/docs?script=").content.decode()
    assert_fits_policy(page)
    assert "SwaggerUIBundle" in script
    assert not re.search(r"https?://(?!testserver)", script)


@pytest.mark.parametrize("path", ["batches", "cattle?limit=1", "payloads", "auth/login", "status"])
def test_the_browsable_api_fits_the_content_security_policy(path: str) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ana"))
    a_payload(), an_animal(), an_animal()
    answer = client.get(ROOT + path, headers={"Accept": "text/html"}, secure=True)
    assert answer["Content-Type"].startswith("text/html")
    assert_fits_policy(answer.content.decode())


def assert_fits_policy(page: str) -> None:
    """`default-src 'self'`: no script in the page, no handler in an attribute, nothing foreign."""
    for attributes, content in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL):
        assert not content.strip() or "application/json" in attributes
    assert not re.search(r"<[^>]+\son[a-z]+=", page)
    assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//', page)
