"""The Pi's web process, or the import's own, killed while a sheet is imported: all of the sheet is
there, or nothing."""

import base64
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import requests

from tests.faults.rows import Act, Trial
from tests.system.farm import wait_until

ROWS = 4_000
ENDED = {"done", "refused", "cancelled", "taken_back", "kept"}
_sheets = count()


def killed_importing(phase: str) -> Act:
    """Kill the web process in this phase. The barn reads none of the animals, so that the herd must
    be that of a Pi that never saw the sheet; one that was done before is taken back as a person
    does it."""
    return _stopped(phase, _kill_web)


def import_killed(phase: str) -> Act:
    """Kill the import's own process in this phase, and nothing else."""
    return _stopped(phase, _kill_import)


def _stopped(phase: str, kill: Callable[[Trial], None]) -> Act:
    def act(trial: Trial) -> float:
        with trial.gateway.load(trial.chance):
            run = _begin(trial)
            wait_until(lambda: _state(trial, run) in {phase, *ENDED}, f"the import is {phase}")
            time.sleep(trial.chance.uniform(0, 0.3))
            begun = time.monotonic()
            kill(trial)
            trial.under_load()
        wait_until(lambda: _state(trial, run) in ENDED, "the import has ended")
        _leave_nothing(trial, run)
        return begun

    return act


def _kill_web(trial: Trial) -> None:
    trial.farm.processes["pi web"].kill()
    trial.start("pi web")


def _kill_import(trial: Trial) -> None:
    web = trial.farm.processes["pi web"].pid
    for children in Path(f"/proc/{web}/task").glob("*/children"):
        for child in children.read_text().split():
            with suppress(ProcessLookupError):  # it is done
                os.kill(int(child), signal.SIGKILL)


def _begin(trial: Trial) -> int:
    lot = f"SHEET{next(_sheets)}"
    text = "LID,lot\n" + "".join(f"{lot}-{n},{lot}\n" for n in range(ROWS))
    body = {"kind": "animals", "data": base64.b64encode(text.encode()).decode()}
    headers = {"X-API-Key": trial.farm.account["api_key"], "Prefer": "respond-async"}
    answer = requests.post(
        f"{trial.farm.api_url}/imports",
        json=body,
        headers=headers,
        timeout=30,
        verify=trial.farm.certificate,
    )
    assert answer.status_code == 202, answer.text
    return int(answer.json()["id"])


def _run(trial: Trial, number: int) -> dict[str, Any]:
    found: dict[str, Any] = trial.farm.get(f"imports/{number}").json()
    return found


def _state(trial: Trial, number: int) -> str:
    return str(_run(trial, number)["state"])


def _leave_nothing(trial: Trial, number: int) -> None:
    run = _run(trial, number)
    assert run["state"] in {"done", "taken_back"}, run
    if run["state"] == "done":
        undone = trial.farm.post(f"changes/{run['change_id']}/undo", {})
        assert undone.status_code == 200, undone.text
