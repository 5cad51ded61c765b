"""Sheets that are imported aside: told of, cancelled, killed in between, taken back whole."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from rest_framework.test import APIClient

from herd.models import Animal, JournalEntry, ReversibleChange, WeightRecord
from herd.operations import sheet_import
from lora.worker import Worker
from remote.api import import_closing, import_recovery, import_runs
from remote.api.models import ImportRun, ImportSlice
from tests.remote.api.pi import KEY, Listener, WebPi, running
from tests.remote.api.rows import a_payload, an_animal
from tests.remote.api.test_imports import an_import, imported
from tests.system.farm import wait_until

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

ROWS = 1_000


def animals(rows: int) -> str:
    text = (f"L{n},8400031{n + 1:08d},LOT{n // 40}\n" for n in range(rows))
    return "LID,EID,lot\n" + "".join(text)


ANIMALS = animals(ROWS)
ENDED = {"done", "refused", "cancelled", "taken_back", "kept"}


@pytest.fixture
def pi(tmp_path: Path) -> Iterator[WebPi]:
    with running(tmp_path) as web:
        yield web


def aside(pi: WebPi, text: str = ANIMALS, kind: str = "animals", **more: Any) -> dict[str, Any]:
    """Ask for an import and return where it stands."""
    headers = {"X-API-Key": KEY, "Prefer": "respond-async", **more.pop("headers", {})}
    path = "imports?preview=1" if more.pop("preview", False) else "imports"
    answer = requests.post(
        pi.base + path, json=an_import(kind, text, **more), headers=headers, timeout=30
    )
    assert answer.status_code == 202, answer.text
    assert answer.headers["Preference-Applied"] == "respond-async"
    found: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/api/remote/imports/{found['id']}"
    return found


def state_of(pi: WebPi, run: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = pi.ask("GET", f"imports/{run['id']}").json()
    return found


def ended(pi: WebPi, run: dict[str, Any]) -> dict[str, Any]:
    wait_until(lambda: state_of(pi, run)["state"] in ENDED, "the import has ended")
    return state_of(pi, run)


@contextmanager
def another_import(pi: WebPi) -> Iterator[None]:
    """Be one: the Pi carries out one at a time."""
    with (pi.state / "imports.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def long_writer(pi: WebPi) -> Iterator[None]:
    """Hold the writers' queue."""
    with (pi.state / "writers.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def count(pi: WebPi, table: str) -> int:
    with closing(sqlite3.connect(pi.state / "pi.sqlite3", timeout=10)) as database:
        (found,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found)


# -- asked aside --------------------------------------------------------------------------------


def test_an_import_aside_answers_at_once_and_tells_how_far_it_is(pi: WebPi) -> None:
    run = aside(pi)
    assert (run["state"], run["rows"], run["made_by"]) == ("waiting", None, "key:shared key")
    done = ended(pi, run)
    assert (done["state"], done["status"]) == ("done", 201)
    assert {done[name] for name in ("rows", "rows_read", "rows_checked", "rows_written")} == {ROWS}
    assert done["answer"]["created"] == ROWS
    assert done["answer"]["change_id"] == done["change_id"]
    assert count(pi, "cattle") == ROWS
    assert count(pi, "import_slices") == 0
    assert pi.ask("POST", f"changes/{done['change_id']}/undo", json={}).status_code == 200
    assert count(pi, "cattle") == 0


def test_a_look_aside_changes_nothing(pi: WebPi) -> None:
    looked = ended(pi, aside(pi, preview=True))
    assert (looked["state"], looked["status"], looked["rows_written"]) == ("done", 200, 0)
    assert (looked["answer"]["created"], looked["answer"]["preview"]) == (ROWS, True)
    assert count(pi, "cattle") == 0


def test_a_refused_sheet_says_all_that_is_wrong_and_why(pi: WebPi) -> None:
    text = "LID,Weight\n" + "".join(f"X{n},350\n" for n in range(700))
    run = ended(pi, aside(pi, text, "weights"))
    assert (run["state"], run["status"], run["answer"]["error_count"]) == ("refused", 422, 700)
    assert run["detail"] == "700 rows cannot be taken, so nothing was changed."
    run = ended(pi, aside(pi, "\n", "weights"))
    assert (run["state"], run["status"], run["detail"]) == (
        "refused",
        400,
        "data: The file is empty.",
    )


async def test_whoever_follows_cattle_is_told_of_imports(pi: WebPi) -> None:
    async with pi.socket() as socket:
        listener = Listener(socket)
        await listener.subscribe(None, "cattle")
        run = aside(pi)
        told: list[dict[str, Any]] = []
        while not told or told[-1]["data"].get("state") not in ENDED:
            message = await listener.next()
            told += [message] if message.get("event") == "import:progress" else []
    assert told[-1]["data"] == run | {
        "state": "done",
        **dict.fromkeys(("rows", "rows_read", "rows_checked", "rows_written"), ROWS),
        "change_id": 1,
        "ended_at": told[-1]["data"]["ended_at"],
    }


def test_a_repeat_with_the_same_key_is_told_of_the_same_import(pi: WebPi) -> None:
    once = {"Idempotency-Key": "k1"}
    first = aside(pi, headers=once)
    assert ended(pi, first)["state"] == "done"
    assert aside(pi, headers=once) == first
    assert count(pi, "imports") == 1


# -- waiting, cancelled -------------------------------------------------------------------------


def test_an_import_that_waits_for_another_one_can_be_cancelled(pi: WebPi) -> None:
    with another_import(pi):
        run = aside(pi)
        assert state_of(pi, run)["state"] == "waiting"
        cancelled = pi.ask("POST", f"imports/{run['id']}/cancel")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        assert pi.ask("POST", f"imports/{run['id']}/cancel").status_code == 200
    assert ended(pi, aside(pi, "LID\nL1\n"))["state"] == "done"
    assert state_of(pi, run)["state"] == "cancelled"
    assert count(pi, "cattle") == 1


def test_an_import_whose_write_has_begun_is_not_cancelled(pi: WebPi) -> None:
    run = aside(pi)
    assert ended(pi, run)["state"] == "done"
    late = pi.ask("POST", f"imports/{run['id']}/cancel")
    assert (late.status_code, late.json()["code"]) == (409, "import_begun")
    assert count(pi, "cattle") == ROWS


def test_a_fifth_sheet_that_would_wait_is_told_to_come_again(pi: WebPi) -> None:
    with another_import(pi):
        waiting = [aside(pi, f"LID\nL{n}\n") for n in range(5)]  # one of them is being begun
        body = an_import("animals", "LID\nL9\n")
        answer = requests.post(
            pi.base + "imports",
            json=body,
            headers={"X-API-Key": KEY, "Prefer": "respond-async"},
            timeout=30,
        )
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert [ended(pi, run)["state"] for run in waiting] == ["done"] * 5


def test_a_look_and_a_refusal_take_no_turn_in_the_writers_queue(pi: WebPi) -> None:
    with long_writer(pi):
        looked = pi.ask("POST", "imports?preview=1", json=an_import("animals", ANIMALS))
        assert (looked.status_code, looked.json()["created"]) == (200, ROWS)
        refused = pi.ask("POST", "imports", json=an_import("weights", "LID,Weight\nL1,350\n"))
        assert refused.status_code == 422


# -- stopped in between -------------------------------------------------------------------------


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_import, "WRITTEN_AT_ONCE", 2)


def between_slices(monkeypatch: pytest.MonkeyPatch, act: Any) -> None:
    """Have this happen once, after the first slice is written."""
    left = [act]
    monkeypatch.setattr(import_runs, "sleep", lambda _: left and left.pop()())


WEIGHTS = "LID,Weight,Date\n" + "".join(f"L{n},350,2026-03-01\n" for n in range(1, 6))


@pytest.mark.usefixtures("small_slices")
def test_a_row_that_cannot_be_written_any_more_takes_all_of_the_sheet_back(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(1, 6):
        an_animal(livestock_id=f"L{n}")
    between_slices(monkeypatch, lambda: Animal.objects.filter(livestock_id="L5").delete())
    answer = imported(api, "weights", WEIGHTS)
    assert [(one["line"], one["text"]) for one in answer["errors"]] == [
        (6, "No animal is known as L5.")
    ]
    run = ImportRun.objects.get()
    assert (run.state, run.rows_written) == ("taken_back", 0)
    assert run.detail == (
        "A row could be taken when it was checked, and not when it was written: line 6: No animal"
        " is known as L5. The import was interrupted and taken back; import the sheet again."
    )
    assert set(WeightRecord.objects.values_list("quality", flat=True)) == {"void"}
    assert ReversibleChange.objects.get().kind == "undo"
    assert not ImportSlice.objects.exists()


@pytest.mark.usefixtures("small_slices")
def test_the_slices_of_a_sheet_are_taken_back_as_one(api: APIClient) -> None:
    text = "EID,Weight,Date\n" + "".join(
        f"84000300000{n + 1:04d},{350 + n},2026-03-0{day}\n" for day in (1, 2) for n in range(5)
    )
    done = imported(api, "weights", text, make_pending=True)
    assert (done["created"], done["recorded"]) == (5, 10)
    undone = api.post(f"/api/remote/changes/{done['change_id']}/undo")
    assert undone.status_code == 200, undone.content
    assert not Animal.objects.exists()
    assert JournalEntry.objects.filter(kind="weight:deleted").count() == 10


@pytest.mark.usefixtures("small_slices")
def test_what_somebody_has_built_on_stays_and_is_said_to(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def heard_and_gone() -> None:
        a_payload("hxb:LOT7:840003000000001:")
        Worker().step()
        raise KeyboardInterrupt

    between_slices(monkeypatch, heard_and_gone)
    text = "EID\n" + "".join(f"84000300000000{n}\n" for n in range(1, 6))
    with pytest.raises(KeyboardInterrupt):
        imported(api, "animals", text)
    ImportRun.objects.update(runner="elsewhere/boot/1/1")
    import_recovery.recover()
    run = ImportRun.objects.get()
    assert run.state == "kept"
    assert run.detail.startswith(
        "The import was interrupted. 2 of its 5 rows are written, and stay"
    )
    assert ReversibleChange.objects.get(pk=run.change_id or 0).summary == "A sheet: 2 of 5 rows"
    again = imported(api, "animals", text)
    assert (again["known"], again["created"]) == (2, 3)


@pytest.mark.usefixtures("small_slices")
def test_an_import_that_was_killed_when_it_was_written_is_closed_later(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_run: ImportRun) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(import_closing, "close", killed)
    sheet = "EID\n" + "".join(f"84000300000000{n}\n" for n in range(1, 6))
    with pytest.raises(KeyboardInterrupt):
        imported(api, "animals", sheet)
    monkeypatch.undo()
    run = ImportRun.objects.get()
    of_people = JournalEntry.objects.exclude(actor__in=("", "radio"))
    assert (run.state, of_people.filter(operation=None).count() > 0) == ("done", True)
    ImportRun.objects.update(runner="elsewhere/boot/1/1")
    import_recovery.recover()
    assert set(of_people.values_list("operation", flat=True)) == {run.change_id}
    assert not ImportSlice.objects.exists()


@pytest.mark.usefixtures("small_slices")
def test_what_the_same_person_does_beside_an_import_is_not_the_imports(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    between_slices(
        monkeypatch,
        lambda: api.post("/api/remote/batches", {"batch_number": "OTHER"}, format="json"),
    )
    done = imported(api, "animals", "EID\n" + "".join(f"84000300000000{n}\n" for n in range(1, 6)))
    other = JournalEntry.objects.get(kind="batch:created").operation_id
    own = JournalEntry.objects.filter(operation=done["change_id"], kind="cattle:created")
    assert (own.count(), other not in {None, done["change_id"]}) == (5, True)


@pytest.mark.parametrize("phase", ["waiting", "checking", "writing"])
def test_an_import_whose_process_is_killed_leaves_nothing(tmp_path: Path, phase: str) -> None:
    with ExitStack() as stack:
        pi = WebPi(tmp_path)
        pi.manage("migrate", "--verbosity", "0")
        process = pi.start()
        if phase == "waiting":
            stack.enter_context(another_import(pi))
        run = aside(pi, animals(6_000))
        wait_until(lambda: state_of(pi, run)["state"] == phase, f"the import is {phase}")
        process.kill()
        process.wait()
        stack.close()
        process = pi.start()
        stack.callback(process.wait)
        stack.callback(process.terminate)
        after = ended(pi, run)
        assert (after["state"], "interrupted" in after["detail"]) == ("taken_back", True)
        assert [count(pi, name) for name in ("cattle", "batches", "import_slices")] == [0, 0, 0]
        assert ended(pi, aside(pi))["answer"]["created"] == ROWS
