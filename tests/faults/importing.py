"""The Pi's web process killed while it imports a sheet: all of the sheet is there, or nothing."""

import base64
import time
from itertools import count
from typing import Any

import requests

from tests.faults.rows import Act, Trial
from tests.system.farm import wait_until

ROWS = 4_000
ENDED = {"done", "refused", "cancelled", "taken_back", "kept"}
_sheets = count()


def killed_importing(phase: str) -> Act:
    """Kill it in this phase. The barn reads none of the animals, so that the herd must be that of a
    Pi that never saw the sheet; one that was done before is taken back as a person does."""

    def act(trial: Trial) -> float:
        with trial.gateway.load(trial.chance):
            run = _begin(trial)
            wait_until(lambda: _state(trial, run) in {phase, *ENDED}, f"the import is {phase}")
            time.sleep(trial.chance.uniform(0, 0.3))
            trial.farm.processes["pi web"].kill()
            begun = time.monotonic()
            trial.start("pi web")
            trial.under_load()
        wait_until(lambda: _state(trial, run) in ENDED, "the import has ended")
        _leave_nothing(trial, run)
        return begun

    return act


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
