"""A large sheet, which a process of its own carries out, as a client over REST meets it."""

import base64
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.herd.sheets.test_workbook import a_workbook, with_parts
from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system

ROWS = 4_000
LARGE = 64 * 1024  # as in remote.api.import_process


def sheet(lot: str, more: str = "") -> str:
    rows = [f"{lot}-{number},{lot}" for number in range(ROWS)]
    text = "\n".join(["LID,lot", *rows, more])
    assert len(text) > LARGE
    return text


def post(farm: Farm, text: str, **headers: str) -> requests.Response:
    return post_bytes(farm, text.encode(), **headers)


def post_bytes(farm: Farm, data: bytes, **headers: str) -> requests.Response:
    return requests.post(
        f"{farm.api_url}/imports",
        json={"kind": "animals", "data": base64.b64encode(data).decode()},
        headers={"X-API-Key": farm.account["api_key"], **headers},
        timeout=60,
        verify=farm.certificate,
    )


def processes_of(farm: Farm) -> list[int]:
    """What the Pi web process has started."""
    threads = Path(f"/proc/{farm.processes['pi web'].pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def count(farm: Farm, lot: str) -> int:
    found: list[Any] = farm.get("batches", search=lot).json()["data"]
    return int(found[0]["head_count"]) if found else 0


def test_it_is_answered_and_a_repeat_gets_the_same_answer(farm: Farm) -> None:
    key = {"Idempotency-Key": "large-1"}
    first, again = post(farm, sheet("LARGE"), **key), post(farm, sheet("LARGE"), **key)
    assert (first.status_code, first.json()["created"]) == (201, ROWS)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert count(farm, "LARGE") == ROWS
    assert processes_of(farm) == []
    assert "Fatal" not in farm.log("pi web")  # as Python says of a process that aborts


def test_what_is_refused_is_told_by_line(farm: Farm) -> None:
    answer = post(farm, sheet("REFUSED", "REFUSED-1,OTHER"))
    assert (answer.status_code, answer.json()["code"]) == (422, "rows_refused")
    assert [one["line"] for one in answer.json()["errors"]] == [ROWS + 2]
    assert count(farm, "REFUSED") == 0


def test_one_whose_process_is_killed_leaves_nothing(farm: Farm) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(post, farm, sheet("KILLED"))
        wait_until(lambda: count(farm, "KILLED") > 0, "it is being written")
        for process in processes_of(farm):
            os.kill(process, signal.SIGKILL)
        assert (answer.result().status_code, answer.result().json()["code"]) == (500, "internal")
    wait_until(lambda: count(farm, "KILLED") == 0, "it is taken back")
    assert post(farm, sheet("KILLED")).status_code == 201


def test_it_ends_with_the_web_process(farm: Farm) -> None:
    answer = post(farm, sheet("ORPHAN"), Prefer="respond-async")
    assert answer.status_code == 202
    run = f"imports/{answer.json()['id']}"
    wait_until(lambda: farm.get(run).json()["state"] == "writing", "it is being written")
    (process,) = processes_of(farm)
    farm.processes["pi web"].kill()
    wait_until(lambda: not Path(f"/proc/{process}").exists(), "it is gone")
    farm.start("pi web")
    farm.wait_until_pi_answers()
    wait_until(lambda: farm.get(run).json()["state"] == "taken_back", "it is taken back")
    assert count(farm, "ORPHAN") == 0


def test_a_workbook_is_read_however_small_and_one_that_unpacks_to_much_is_refused(
    farm: Farm,
) -> None:
    book = a_workbook(["LID", "lot"], ["XLSX-1", "XLSX"], ["XLSX-2", "XLSX"])
    assert (post_bytes(farm, book).status_code, count(farm, "XLSX")) == (201, 2)
    bomb = with_parts(book, xl__worksheets__sheet1=b"<worksheet>" + b" " * 100_000_000)
    answer = post_bytes(farm, bomb)
    assert (answer.status_code, "unpacks to more" in answer.text) == (400, True)
