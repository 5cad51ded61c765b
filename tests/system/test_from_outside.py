"""A farm as somebody sees it who watches over it: health, figures, `manage.py status`; and that no
secret stands in any log, also in one that tells everything."""

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from benchmarks.pages import sign_in
from tests.system.farm import ROOT, Farm, wait_until

pytestmark = pytest.mark.system

DEVICE_KEY = "00112233445566778899aabbccddeeff"
SECRET_KEY = "a-secret-key-of-the-tests-and-of-nobody-else"
DATABASE_PASSWORD = "pass-of-the-database"
SHARED_KEY = "shared-key-0123456789abcdef"


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    farm = Farm(tmp_path_factory.mktemp("farm"))
    farm.given = {
        "DJANGO_SETTINGS_MODULE": "tests.system.settings_loud",
        "LORA_DEVICE_KEYS": f"scale1={DEVICE_KEY}",
        "SECRET_KEY": SECRET_KEY,
        "DISK_RESERVE": "1",
    }
    with farm:
        wait_until(lambda: health(farm)[0] == 200, "all is well")
        wait_until(lambda: office_health(farm)["status"] == "ok", "the office is live")
        yield farm


def health(farm: Farm) -> tuple[int, set[str]]:
    answer = farm.get("health", key="")
    return answer.status_code, {reason["code"] for reason in answer.json().get("reasons", [])}


def office_health(farm: Farm) -> dict[str, Any]:
    told: dict[str, Any] = requests.get(f"{farm.office_url}/health", timeout=5).json()
    return told


def status(farm: Farm, role: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "status", *arguments],
        cwd=ROOT,
        env=farm.environment(role),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def figures(text: str) -> dict[str, float]:
    found = text_string_to_metric_families(text)
    return {one.name: one.value for family in found for one in family.samples}


def test_prometheus_reads_both_roles(farm: Farm) -> None:
    farm.hear("hxb:OUTSIDE:LFOUT1:")
    farm.payload_that_says("hxb:OUTSIDE:LFOUT1:")
    pi = requests.get(
        f"https://127.0.0.1:{farm.pi_port}/metrics",
        verify=farm.certificate,
        timeout=20,
        headers={"Authorization": f"Bearer {farm.account['api_key']}"},
    )
    found = figures(pi.text)
    assert found["hexabrand_frames_received_total"] >= 1
    assert found["hexabrand_feed_sockets"] == 1
    assert found["hexabrand_healthy"] == found["hexabrand_database_up"] == 1
    office = figures(requests.get(f"{farm.office_url}/metrics", timeout=20).text)
    assert office["hexabrand_mirror_rows"] >= 0
    assert office["hexabrand_data_age_seconds"] < 30


def test_status_tells_how_each_role_is(farm: Farm) -> None:
    code, text = status(farm, "pi")
    assert code == 0, text
    assert re.search(r"the Pi: well\n", text)
    for job in ("receiver", "worker", "web"):
        assert re.search(rf"^  {job} +running, started \d+", text, re.MULTILINE), text
    code, text = status(farm, "office")
    assert code == 0, text
    assert re.search(r"^  link +live, data is \d+ s old", text, re.MULTILINE), text
    told = json.loads(status(farm, "pi", "--json")[1])
    assert (told["well"], told["backlog"]["count"]) == (True, 0)


def test_a_killed_receiver_and_worker_are_told_to_all_who_ask(farm: Farm) -> None:
    for name in ("receiver", "worker"):
        farm.processes[name].kill()
    gone = {"receiver_stopped", "worker_stopped"}
    # A web process that has just begun takes what it has not yet seen for starting, for 30 s.
    wait_until(lambda: health(farm) == (503, gone), "the Pi's health says so", 45)
    code, text = status(farm, "pi")
    assert code == 1
    assert "NOT WELL" in text
    assert re.search(r"^  receiver +not running, last seen \d+ s ago", text, re.MULTILINE), text
    for name in ("receiver", "worker"):
        farm.start(name)
    wait_until(lambda: health(farm) == (200, set()), "all is well again")


def try_what_fails(farm: Farm, keys: list[str]) -> None:
    """What goes wrong on a farm: wrong and right keys and passwords, on every door."""
    password = farm.account["password"]
    for key in keys:
        farm.get("cattle", key=key)
        headers = {"Authorization": f"Bearer {key}", "Cookie": f"hexabrand_pi_session={key}"}
        requests.get(
            f"https://127.0.0.1:{farm.pi_port}/metrics?key=x",
            headers=headers,
            verify=farm.certificate,
            timeout=20,
        )
        with contextlib.suppress(WebSocketException, OSError):
            connect(
                f"ws://127.0.0.1:{farm.pi_port}/ws/remote/events",
                additional_headers={"X-API-Key": key},
                open_timeout=2,
            )
    farm.post("auth/login", {"username": "admin", "password": password + "x"})
    farm.post("auth/login", {"username": password, "password": 5})
    farm.post("payloads", {"payload": f"sig:scale1:1:0011223344556677:{DEVICE_KEY}"[:40]})
    farm.processes["pi web"].kill()  # the office's link fails, and what it asks of the Pi
    wait_until(lambda: office_health(farm)["link"] != "live", "the office has noticed")
    farm.start("pi web")
    farm.wait_until_pi_answers()


BROKEN = [
    {"DATABASE_URL": f"postgres://farm:{DATABASE_PASSWORD}@127.0.0.1:1/farm"},
    {"DATABASE_URL": f"postgres://farm:{DATABASE_PASSWORD}/x@127.0.0.1:1/farm"},
    {"DATABASE_URL": f"postgres://farm:{DATABASE_PASSWORD}@127.0.0.1:port/farm"},
    {"DATABASE_URL": f"mysql://farm:{DATABASE_PASSWORD}@127.0.0.1/farm"},
    {"PI_API_KEY": f"{SHARED_KEY} with blanks"},
    {"LORA_DEVICE_KEYS": f"{DEVICE_KEY}=scale1"},
    {"LORA_DEVICE_KEYS": f"scale1={DEVICE_KEY}zz"},
]


def refused(farm: Farm, command: str, given: dict[str, str], folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    environment = {**farm.environment("pi"), "HEXABRAND_STATE_DIR": str(folder), **given}
    with contextlib.suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            [sys.executable, "manage.py", command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode != 0
        return done.stdout + done.stderr
    raise AssertionError(f"{command} goes on with {given}")


def test_no_secret_stands_in_any_log(farm: Farm, tmp_path: Path) -> None:
    account = farm.account
    another = farm.manage("pi", "create_api_key", "--name", "another").strip()
    with sign_in(farm) as session:
        cookies = [str(cookie.value) for cookie in session.cookies]
        session.get(f"{farm.office_url}/office/status?key=x")
        try_what_fails(farm, [account["api_key"], another, another[:-1] + "x", SHARED_KEY])
    logs = {file.name: file.read_text(errors="replace") for file in farm.root.glob("*.log")}
    assert {"pi-serve.log", "pi-runreceiver.log", "office-serve.log"} <= set(logs)
    assert "DEBUG" in logs["office-serve.log"]  # it does tell everything
    assert "X-API-Key: ***" in logs["office-serve.log"]
    for number, given in enumerate(BROKEN):
        logs[f"refused {number}"] = refused(farm, "setup", given, tmp_path / str(number))
    halves = [key.partition(".")[2] for key in (account["api_key"], another)]
    secrets = [
        account["password"],
        account["pairing"],
        DEVICE_KEY,
        SECRET_KEY,
        SHARED_KEY,
        DATABASE_PASSWORD,
        *cookies,
        *halves,
    ]
    assert min(map(len, secrets)) >= 8
    found = {name: [one for one in secrets if one in text] for name, text in logs.items()}
    assert {name: those for name, those in found.items() if those} == {}
    lines = [Path(f"/proc/{one.pid}/cmdline").read_text() for one in farm.processes.values()]
    assert [line for line in lines for one in secrets if one in line] == []


def test_status_is_told_while_nothing_runs(farm: Farm) -> None:
    for process in farm.processes.values():
        process.kill()
    for role, jobs in (("pi", ("receiver", "worker", "web")), ("office", ("office",))):
        code, text = status(farm, role)
        assert code == 1
        assert "The web process does not answer." in text
        for job in jobs:
            assert re.search(rf"^  {job} +not running, last seen", text, re.MULTILINE), text
