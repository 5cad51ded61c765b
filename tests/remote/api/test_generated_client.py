"""A client that openapi-python-client makes of the Pi's schema does real work with a real Pi."""

import base64
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from remote.wire import API_ROOT, KEY_HEADER
from tests.remote.api.pi import KEY, WebPi, running

PACKAGE = "generated_client_of_the_pi"
SHEET = b"lid,eid,weight\nL1,982000001088420,350\nL2,982000001088421,360\n"
# Files and lines are taken as they come, and no formatter is looked for.
CONFIGURATION = {
    "post_hooks": [],
    "content_type_overrides": {
        "application/gzip": "application/octet-stream",
        "application/x-ndjson": "text/plain",
        "application/x-protobuf": "application/octet-stream",
    },
}


class Client:
    """Calls what was generated, found by method and path: its names are the generator's."""

    def __init__(self, schema: dict[str, Any], connected: Any) -> None:
        self.schema, self.connected = schema, connected
        self.models = importlib.import_module(f"{PACKAGE}.models")
        api = importlib.import_module(f"{PACKAGE}.api")
        found = pkgutil.walk_packages(api.__path__, f"{api.__name__}.")
        self._modules = {one.name.rpartition(".")[2]: one.name for one in found if not one.ispkg}

    def module(self, method: str, path: str) -> ModuleType:
        named = self.schema["paths"][path][method]["operationId"]
        return importlib.import_module(self._modules[named])

    def call(self, method: str, path: str, *ids: int, **given: Any) -> Any:
        operation = self.module(method, API_ROOT + path)
        return operation.sync_detailed(*ids, client=self.connected, **given)

    def body(self, model: str, **fields: Any) -> Any:
        """Return the body of a request, made of its JSON."""
        return getattr(self.models, model).from_dict(fields)

    def does(self, method: str, path: str, *ids: int, **given: Any) -> Any:
        """Return what the answer was read as."""
        answer = self.call(method, path, *ids, **given)
        assert answer.status_code < 300, answer.content
        return answer.parsed


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPi]:
    with running(tmp_path_factory.mktemp("pi")) as web:
        yield web


@pytest.fixture(scope="module")
def schema(pi: WebPi) -> dict[str, Any]:
    found: dict[str, Any] = pi.ask("GET", "../schema?format=json").json()
    return found


@pytest.fixture(scope="module")
def client(
    pi: WebPi, schema: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("client")
    generate(schema, folder)
    sys.path.insert(0, str(folder))
    with connected(pi) as made:
        yield Client(schema, made)
    sys.path.remove(str(folder))


def generate(schema: dict[str, Any], folder: Path) -> None:
    """Fails where it has to leave something out, too."""
    (folder / "schema.json").write_text(json.dumps(schema))
    (folder / "configuration.json").write_text(json.dumps(CONFIGURATION))
    options = ["--path=schema.json", "--config=configuration.json", "--meta=none"]
    options += [f"--output-path={PACKAGE}", "--fail-on-warning"]
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", "generate", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def connected(pi: WebPi, key: str = KEY) -> Any:
    made = importlib.import_module(f"{PACKAGE}.client").AuthenticatedClient
    return made(
        base_url=f"http://127.0.0.1:{pi.port}",
        token=key,
        prefix="",
        auth_header_name=KEY_HEADER,
        raise_on_unexpected_status=True,
    )


@pytest.fixture(scope="module")
def herd(client: Client) -> list[Any]:
    """Two animals, which came by a sheet."""
    sheet = client.body(
        "ImportInput", kind="animals", name="s.csv", data=base64.b64encode(SHEET).decode()
    )
    assert client.does("post", "imports", body=sheet).created == 2
    rows: list[Any] = client.does("get", "cattle").data
    return rows


def test_every_operation_has_its_function(client: Client, schema: dict[str, Any]) -> None:
    operations = [(method, path) for path, one in schema["paths"].items() for method in one]
    assert len(operations) > 40
    assert all(hasattr(client.module(*one), "sync_detailed") for one in operations)


def test_animals_are_read_page_by_page(client: Client, herd: list[Any]) -> None:
    first = client.does("get", "cattle", limit=1)
    second = client.does("get", "cattle", limit=1, cursor=first.next_)
    assert [one.id for one in (*first.data, *second.data)] == [one.id for one in herd]
    assert (first.total, second.next_) == (2, None)
    assert isinstance(first.data[0], client.models.Cattle)
    assert isinstance(first.data[0].first_seen_at, datetime)


def test_a_weight_is_sent_once_however_often(client: Client, herd: list[Any]) -> None:
    at = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    body = client.body("WeightInput", weight_kg=412.5, recorded_at=at.isoformat())
    path, pk = "cattle/{id}/weights", herd[0].id
    before = client.does("get", path, pk).total
    sent = [client.does("post", path, pk, body=body, idempotency_key="once") for _ in range(2)]
    assert [(one.weight_kg, one.recorded_at) for one in sent] == [(412.5, at)] * 2
    assert sent[0].id == sent[1].id
    assert client.does("get", path, pk).total == before + 1


def test_a_move_and_a_full_pen_are_both_typed(client: Client, herd: list[Any]) -> None:
    pen = client.does("post", "pens", body=client.body("PenInput", pen_number="P1", capacity=1))
    into = client.body("MoveInput", pen_id=pen.id)
    first, second = (one.id for one in herd)
    look = client.does("post", "cattle/{id}/move", first, body=into, preview=True)
    assert (look.pen.pen_number, client.does("get", "pens/{id}", pen.id).head_count) == ("P1", 0)
    assert client.does("post", "cattle/{id}/move", first, body=into).pen.id == pen.id
    refused = client.call("post", "cattle/{id}/move", second, body=into)
    assert (refused.status_code, type(refused.parsed)) == (409, client.models.Error)
    assert str(refused.parsed.code) == "pen_full"
    assert "P1" in refused.parsed.detail


def test_what_is_invalid_names_its_field(client: Client, herd: list[Any]) -> None:
    body = client.body("WeightInput", weight_kg=123456789.0)
    refused = client.call("post", "cattle/{id}/weights", herd[0].id, body=body).parsed
    assert str(refused.code) == "invalid"
    assert list(refused.fields.additional_properties) == ["weight_kg"]


def test_payloads_are_sent_in_and_events_read(client: Client) -> None:
    stored = client.does("post", "payloads", body=client.body("Intake", payload="hxb:LOT9:LF9:"))
    assert [one.raw_payload for one in stored.data] == ["hxb:LOT9:LF9:"]
    told = client.does("get", "events").data[-1]
    assert (told.event, told.data.raw_payload) == ("payload:received", "hxb:LOT9:LF9:")


def test_a_wrong_key_is_a_typed_refusal(pi: WebPi, client: Client) -> None:
    with connected(pi, "nobodys-key") as made:
        refused = Client(client.schema, made).call("get", "cattle")
    assert (refused.status_code, type(refused.parsed)) == (401, client.models.Error)
