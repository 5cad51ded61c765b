"""Processes killed at random moments: what was acknowledged is stored, and has its effect once."""

import base64
import json
import os
import random
import socket
from pathlib import Path

import pytest

from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system

KILLS = int(os.environ.get("FAULT_TRIALS", "4"))


class Gateway:
    """Sends tag reads as a packet forwarder does, and keeps a ledger of what was acknowledged."""

    def __init__(self, farm: Farm) -> None:
        self.acknowledged: list[str] = []
        self._token = 0
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.connect(("127.0.0.1", farm.udp_port))
        self._udp.settimeout(0.25)

    def close(self) -> None:
        self._udp.close()

    def push(self, text: str) -> bool:
        """True when the Pi answered: from then on the text must never be lost."""
        self._token += 1
        head = b"\x02" + self._token.to_bytes(2, "big") + b"\x00\xaa\x55\x5a\x00\x00\x00\x01\x03"
        packet = {"stat": 1, "rssi": -60, "data": base64.b64encode(text.encode()).decode()}
        try:
            self._udp.send(head + json.dumps({"rxpk": [packet]}).encode())
            answered = self._udp.recv(64)[1:3] == head[1:3]
        except OSError:  # refused or silent: the receiver is down
            return False
        if answered:
            self.acknowledged.append(text)
        return answered


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
        rows = _all(farm, "payloads")
        animals = _all(farm, "cattle")
    finally:
        farm.stop()
        gateway.close()
    stored = [row["raw_payload"] for row in rows]
    assert set(gateway.acknowledged) <= set(stored), f"lost, seed {seed}"
    assert {row["status"] for row in rows} <= {"processed", "duplicate"}
    assert sorted(a["lf_tag"] for a in animals) == sorted({t.split(":")[2] for t in stored})


def _all(farm: Farm, path: str) -> list[dict[str, str]]:
    """Every row of a list, page after page."""
    answer = farm.get(path, limit=500).json()
    rows: list[dict[str, str]] = answer["data"]
    while answer["next"]:
        answer = farm.get(path, limit=500, cursor=answer["next"]).json()
        rows += answer["data"]
    return rows
