"""Processes killed at random moments: what was acknowledged is stored, and has its effect once."""

import os
import random
from pathlib import Path

import pytest

from tests.faults.gateway import Gateway
from tests.faults.mirrored import all_rows
from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system

KILLS = int(os.environ.get("FAULT_TRIALS", "4"))


@pytest.mark.parametrize("victim", ["receiver", "worker"])
def test_what_was_acknowledged_survives_kills_and_counts_once(tmp_path: Path, victim: str) -> None:
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    farm = Farm(tmp_path)
    gateway = Gateway(farm)
    try:
        farm.start_pi()
        for kill in range(KILLS):
            for number in range(chance.randint(5, 60)):
                gateway.push(f"hxb:KILL{kill}:LF{kill}K{number}:UHF{kill}K{number}")
            farm.processes[victim].kill()
            farm.start(victim)
            farm.wait_until_it_listens()
        wait_until(lambda: farm.get("status").json()["backlog"]["count"] == 0, "all is settled")
        rows = all_rows(farm, "payloads")
        animals = all_rows(farm, "cattle")
    finally:
        farm.stop()
        gateway.close()
    stored = [row["raw_payload"] for row in rows]
    assert set(gateway.acknowledged) <= set(stored), f"lost, seed {seed}"
    assert {row["status"] for row in rows} <= {"processed", "duplicate"}
    assert sorted(a["lf_tag"] for a in animals) == sorted({t.split(":")[2] for t in stored})
