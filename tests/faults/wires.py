"""Faults of the wire between office and Pi: cut, reset, swallowed, slowed, delayed."""

import signal
import statistics
import time
from collections.abc import Callable

import requests

from benchmarks.pages import sign_in
from tests.faults.ledger import link_state
from tests.faults.proxy import Mode, Wire
from tests.faults.report import Promise
from tests.faults.rows import Act, Trial
from tests.system.farm import wait_until

LINK = Promise(noticed_within=20.0, healed_within=10.0, page_within=0.3)
SLOW_LINK = Promise(healed_within=10.0, page_within=0.3)
HANGING = Promise(noticed_within=30.0)
PAGES = ("/office/", "/office/cattle", "/office/batches", "/office/payloads", "/office/status")


def cut(mode: Mode) -> Act:
    """Until the office says that its copy is not live any more; its pages go on meanwhile."""

    def act(trial: Trial) -> float:
        with sign_in(trial.farm) as clerk, trial.gateway.load(trial.chance):
            trial.under_load()
            begun = time.monotonic()
            the_wire(trial).set(mode)
            wait_until(lambda: link_state(trial.farm) != "live", "the office notices", 60)
            trial.noticed.append(time.monotonic() - begun)
            _pages_go_on(trial, clerk)
            time.sleep(trial.chance.uniform(0.5, 4.0))
            healed = time.monotonic()
            the_wire(trial).set("well")
        return healed

    return act


def hang(name: str, seen: Callable[[Trial], bool]) -> Act:
    """SIGSTOP until somebody who looks at a page can see that something is wrong."""

    def act(trial: Trial) -> float:
        with trial.gateway.load(trial.chance, per_second=40):
            trial.under_load()
            process = trial.farm.processes[name]
            begun = time.monotonic()
            process.send(signal.SIGSTOP)
            wait_until(lambda: seen(trial), "it is seen that a process hangs")
            trial.noticed.append(time.monotonic() - begun)
            process.send(signal.SIGCONT)
        return time.monotonic()

    return act


def on_the_banner(trial: Trial) -> bool:
    return link_state(trial.farm) != "live"


def on_the_screen(trial: Trial) -> bool:
    assert trial.eye
    return trial.eye.says("lost the office server")


def slow(mode: Mode, seconds: float) -> Act:
    """Whether or not the link bears it, pages go on and everything comes in the end."""

    def act(trial: Trial) -> float:
        with sign_in(trial.farm) as clerk, trial.gateway.load(trial.chance, per_second=40):
            the_wire(trial).set(mode)
            time.sleep(seconds)
            _pages_go_on(trial, clerk)
            healed = time.monotonic()
            the_wire(trial).set("well")
        return healed

    return act


def the_wire(trial: Trial) -> Wire:
    assert isinstance(trial.scene, Wire)
    return trial.scene


def _pages_go_on(trial: Trial, clerk: requests.Session) -> None:
    """From the mirror, at its own speed: the median of several pages, each asked three times."""
    took = []
    for page in PAGES * 3:
        begun = time.monotonic()
        answer = clerk.get(trial.farm.office_url + page, timeout=5, allow_redirects=False)
        took.append(time.monotonic() - begun)
        assert answer.status_code == 200, f"{page} answered {answer.status_code}."
    trial.pages.append(statistics.median(took))
