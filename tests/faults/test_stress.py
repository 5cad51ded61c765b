"""A little of the stress with every test run; `make test-faults` has five minutes of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.sound import unsound
from tests.faults.stress import THREADS, stress
from tests.system.farm import Farm

pytestmark = pytest.mark.system

SECONDS = 10.0


def test_people_who_change_the_same_herd_at_once_leave_one_that_adds_up(tmp_path: Path) -> None:
    crowd, wrong = stress(tmp_path, SECONDS, seed=1)
    assert wrong == []
    assert crowd.answers[200] + crowd.answers[201] > 10 * THREADS


HARM = {
    "UPDATE batches SET head_count = head_count + 1": "counts are not",
    "UPDATE batches SET weight_sum_kg = weight_sum_kg + 5": "counts are not",
    "UPDATE pens SET head_count = 3": "a pen's count",
    "UPDATE tag_pairings SET to_at = from_at": "worn and not paired",
    "UPDATE cattle SET lf_tag = NULL": "paired and not worn",
    "UPDATE cattle SET pen_id = NULL": "its history in",
}


def test_the_stress_sees_what_does_not_add_up(tmp_path: Path) -> None:
    farm = Farm(tmp_path)
    with farm:
        farm.hear("hxb:HARM:LFH1:UHFH1")
        farm.payload_that_says("hxb:HARM:LFH1:UHFH1")
        (animal,) = farm.rows("cattle")
        pen = farm.post("pens", {"pen_number": "H1"}).json()["id"]
        assert farm.post(f"cattle/{animal['id']}/move", {"pen_id": pen}).ok
    file = tmp_path / "pi" / "pi.sqlite3"
    assert unsound(file) == []
    for statement, told in HARM.items():
        copy = tmp_path / "copy.sqlite3"
        copy.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as herd, closing(sqlite3.connect(copy)) as harmed:
            herd.backup(harmed)
            harmed.execute(statement)
            harmed.commit()
        assert told in str(unsound(copy)), statement
