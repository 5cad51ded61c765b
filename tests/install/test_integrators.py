"""docs/integrators.md, typed against a Pi: certificate, key, curl, Python, Home Assistant."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from tests.install.documents import block, command, listing
from tests.system.farm import PATIENCE, Farm, wait_until

DOCUMENT = "docs/integrators.md"
FETCH = block(DOCUMENT, "openssl s_client")
ITS_OWN = command("openssl x509 -in var/pi-tls.pem -noout -fingerprint -sha256")
BY_ADDRESS = command("curl --connect-to <host>:5001:<address>:5001")
NEW_KEY = command("manage.py create_api_key --name feeder --scope read --scope write")
READ = block(DOCUMENT, "export PI")
CHANGE = block(DOCUMENT, 'curl --cacert pi-tls.pem -H "X-API-Key: $KEY" -H')
WEIGH = command("python3 herd.py 982000001088420 412.5")
FOLLOW = block(DOCUMENT, "python3 -m venv following")
SCHEMA = block(DOCUMENT, "curl --cacert pi-tls.pem -o")
TAG = "982000001088420"
# What an integrator on Debian has; what else this machine runs the tests with, where it is none.
OF_DEBIAN = Path("/usr/bin/python3")
PYTHON = str(OF_DEBIAN) if OF_DEBIAN.exists() else sys.executable


class Desk:
    """Where somebody writes a program: a folder with the certificate, and a key."""

    def __init__(self, farm: Farm, folder: Path) -> None:
        self._farm, self._folder = farm, folder
        told = farm.manage("pi", *NEW_KEY.removeprefix("manage.py ").split())
        self.key = told.strip()
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        self.environment = {**kept, "PATH": os.environ["PATH"]}
        for name in ("herd.py", "follow.py"):
            words = "urllib.parse" if name == "herd.py" else "websockets"
            (folder / name).write_text(listing(DOCUMENT, "python", words))

    def filled_in(self, text: str) -> str:
        port = self._farm.pi_port
        for name, value in {
            "<pi>:5001": f"localhost:{port}",
            "<host>:5001:<address>:5001": f"localhost:{port}:127.0.0.1:{port}",
            "<key>": self.key,
            "var/pi-tls.pem": self._farm.certificate,
            "python3 ": f"{PYTHON} ",
        }.items():
            text = text.replace(name, value)
        return text

    def types(self, text: str, *, status: int = 0) -> str:
        """Type it behind what the document exports; return what it prints."""
        typed = self.filled_in(f"{READ.commands[0]}\n{text}")
        done = self._start(typed, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, errors = done.communicate(timeout=PATIENCE * 5)  # an environment is made, too
        assert done.returncode == status, f"{typed}: {out}{errors}"
        return out + (errors if status else "")

    @contextmanager
    def running(self, text: str) -> Iterator[Path]:
        """A program that goes on; the file has what it prints."""
        printed = self._folder / "printed"
        with printed.open("w") as file:
            typed = self.filled_in(f"{READ.commands[0]}\nexec {text}")
            process = self._start(typed, stdout=file, stderr=file)
        try:
            yield printed
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def _start(self, typed: str, **output: Any) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["bash", "-c", typed], cwd=self._folder, env=self.environment, text=True, **output
        )


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A Pi, and an animal on it."""
    farm = Farm(tmp_path_factory.mktemp("farm"))
    try:
        farm.start_pi()
        farm.hear(f"hxb:LOT1:{TAG}:")
        farm.payload_that_says(f"hxb:LOT1:{TAG}:")
        yield farm
    finally:
        farm.stop()


@pytest.fixture(scope="module")
def desk(farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk(farm, tmp_path_factory.mktemp("desk"))
    for typed in FETCH.commands:
        desk.types(typed)
    return desk


def animal_of(farm: Farm) -> dict[str, Any]:
    (animal,) = farm.rows("cattle", tag=TAG)
    return animal


def weights_of(farm: Farm) -> list[float]:
    rows = farm.rows(f"cattle/{animal_of(farm)['id']}/weights")
    return sorted(row["weight_kg"] for row in rows)


def test_the_fingerprint_is_that_of_the_pis_own_file(desk: Desk) -> None:
    assert desk.types(FETCH.commands[1]) == desk.types(ITS_OWN)


def test_the_address_will_do_where_the_name_is_checked(desk: Desk) -> None:
    asked = f"{BY_ADDRESS} --cacert pi-tls.pem https://<pi>:5001/api/remote/health"
    assert json.loads(desk.types(asked))["status"] in {"ok", "unavailable"}
    wrong = "curl -sS --cacert pi-tls.pem --connect-to barn:1:<pi>:5001 https://barn:1/"
    assert "barn" in desk.types(wrong, status=60)


def test_curl_reads(desk: Desk) -> None:
    _, active, by_tag, batches = (json.loads(desk.types(one) or "{}") for one in READ.commands)
    assert TAG in {one["lf_tag"] for one in active["data"]}
    assert [one["lf_tag"] for one in by_tag["data"]] == [TAG]
    assert [one["batch_number"] for one in batches["data"]] == ["LOT1"]


def test_curl_weighs_once_however_often_it_is_sent(farm: Farm, desk: Desk) -> None:
    before = weights_of(farm)
    look, weigh = (one.replace("<id>", str(animal_of(farm)["id"])) for one in CHANGE.commands)
    assert json.loads(desk.types(look))["weight_kg"] == 412.5
    assert weights_of(farm) == before
    first, again = desk.types(weigh), desk.types(weigh)
    assert json.loads(first) == json.loads(again)
    assert weights_of(farm) == [*before, 412.5]


def test_python_reads_weighs_and_says_what_is_refused(farm: Farm, desk: Desk) -> None:
    program = WEIGH.partition(f" {TAG}")[0]
    assert f"{animal_of(farm)['id']} {TAG}" in desk.types(program)
    before = len(weights_of(farm))
    assert " 412.5 " in desk.types(WEIGH)
    assert len(weights_of(farm)) == before + 1
    assert desk.types(f"{program} {TAG} -5", status=1).startswith("400 bad_value: ")


def test_python_follows_and_goes_on_after_a_break(farm: Farm, desk: Desk) -> None:
    *install, follow = FOLLOW.commands
    for typed in install:
        desk.types(typed)
    with desk.running(follow) as printed:
        wait_until(lambda: "1 animals" in printed.read_text(), "all is loaded")
        desk.types(WEIGH)
        wait_until(lambda: "weight:recorded" in printed.read_text(), "a weight is told")
        farm.processes["pi web"].kill()
        farm.hear(f"hxb:LOT2:{TAG}:")
        wait_until(lambda: "Broken off" in printed.read_text(), "the break is noticed")
        farm.start("pi web")
        wait_until(lambda: "batch:created" in printed.read_text(), "what was missed is told")


def test_the_schema_is_given_to_anybody(desk: Desk) -> None:
    for typed in SCHEMA.commands:
        desk.types(typed)
    assert json.loads(desk.types("cat hexabrand.json"))["openapi"].startswith("3.1")


class Configuration(yaml.SafeLoader):
    """YAML as Home Assistant reads it."""


Configuration.add_constructor("!secret", lambda loader, node: f"<{node.value}>")


def test_home_assistant_finds_what_its_templates_name(farm: Farm, desk: Desk) -> None:
    configured = yaml.load(listing(DOCUMENT, "yaml", "rest:"), Loader=Configuration)["rest"]
    found: dict[str, str] = {}
    for resource in configured:
        assert resource["headers"] == {"X-API-Key": "<hexabrand_key>"}
        path = resource["resource"].removeprefix("https://<pi>:5001/api/remote/")
        answer = farm.get(path, key=desk.key).json()
        for sensor in (*resource["sensor"], *resource.get("binary_sensor", ())):
            template = jinja2.Template(sensor["value_template"], undefined=jinja2.StrictUndefined)
            found[sensor["name"]] = template.render(value_json=answer)
    assert found["HexaBrand cattle"] == "1"
    assert found["HexaBrand trouble"] in {"True", "False"}
    assert found["Head in pen P01"] == "0"
    assert all(float(one) >= 0 for name, one in found.items() if name != "HexaBrand trouble")
