"""A clock that jumps, and one that was not set when the Pi started."""

import time
from datetime import UTC, datetime, timedelta

import requests

from benchmarks.pages import sign_in
from tests.faults.mirrored import all_rows
from tests.faults.rows import Act, Trial
from tests.faults.scenes import CannotBeTried, FalseClock
from tests.system.farm import Farm, wait_until

UNSET = "-20000d"
TAKES_HOLD = 2.5  # seconds; each process looks once a second what time it shall believe in


def clock_jumps(offset: str) -> Act:
    """There and back. The order is the journal's, so it does not change, nobody is lost and nobody
    signed out."""

    def act(trial: Trial) -> float:
        assert isinstance(trial.scene, FalseClock)
        with sign_in(trial.farm) as clerk, trial.gateway.load(trial.chance):
            trial.under_load()
            wait_until(lambda: trial.follower.connections, "the follower is connected")
            losses = list(trial.follower.losses)
            trial.scene.set(offset)
            time.sleep(TAKES_HOLD)
            _is_signed_in(trial.farm, clerk)
            trial.scene.set("+0d")
            healed = time.monotonic()
            time.sleep(TAKES_HOLD)
            _is_signed_in(trial.farm, clerk)
            assert trial.follower.losses == losses, f"A socket was lost: {trial.follower.losses}"
        return healed

    return act


def _is_signed_in(farm: Farm, clerk: requests.Session) -> None:
    answer = clerk.get(f"{farm.office_url}/office/cattle", allow_redirects=False, timeout=30)
    assert answer.status_code == 200, f"Signed out by the clock: {answer.status_code}."


def clock_set_late(trial: Trial) -> float:
    """The Pi starts in 1970, and what it hears says so; then its clock is set and vouched for."""
    assert isinstance(trial.scene, FalseClock)
    trial.gateway.push(trial.gateway.next_text())  # its journal does not begin in 1970
    trial.scene.set(UNSET)
    _start_again(trial, trust="False")
    before = len(all_rows(trial.farm, "payloads"))
    with trial.gateway.load(trial.chance):
        wait_until(lambda: len(_doubtful(trial.farm)) > 0, "a payload came")
        trial.under_load()
    new = len(all_rows(trial.farm, "payloads")) - before
    assert len(_doubtful(trial.farm)) >= new > 0, "A time of 1970 carries no mark."
    trial.scene.set("+0d")
    healed = time.monotonic()
    _start_again(trial, trust="True")
    wait_until(lambda: not _doubtful(trial.farm), "no time is doubtful any more")
    recently = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    wrong = [row for row in all_rows(trial.farm, "payloads") if row["received_at"] < recently]
    assert not wrong, f"{len(wrong)} times were not put right."
    return healed


def _start_again(trial: Trial, trust: str) -> None:
    trial.farm.given["TRUST_CLOCK"] = trust
    for name in ("receiver", "worker"):
        trial.farm.processes[name].end()
        trial.start(name)
    if trust == "False" and _is_set(trial.farm):
        raise CannotBeTried("this machine's clock is set, so no time is doubtful")


def _is_set(farm: Farm) -> bool:
    """As the kernel says, which no library can make believe."""
    say = "from lora.processes.clock import is_synchronised; print('set:', is_synchronised())"
    return "set: True" in farm.manage("pi", "shell", "-c", say)


def _doubtful(farm: Farm) -> list[int]:
    return [row["id"] for row in all_rows(farm, "payloads") if row["approximate"]]
