"""`python -m tests.faults.stress`: four people and a radio change one small herd at once, for
`STRESS_SECONDS` (300), merging and taking back as they go; then all of it must still add up.

`FAULT_SEED` repeats the choices, not the order in which they meet. Ends with status 1 for a 5xx, a
sum that is none, a tag on two animals, a history that ends elsewhere, or a copy that differs.
"""

import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import requests

from benchmarks.pages import sign_in
from tests.faults.ledger import MIRRORED_WITHIN, link_state
from tests.faults.mirrored import TOPICS, differences
from tests.faults.sound import unsound
from tests.system.farm import Farm, wait_until

SECONDS = float(os.environ.get("STRESS_SECONDS", "300"))
SEED = int(os.environ.get("FAULT_SEED", str(random.randrange(1_000_000))))
THREADS = 4
BATCHES, PENS, ANIMALS = 5, 6, 60
STATUSES = ("dead", "sold", "exported", "active", "active")
BUSY = 503  # the queue of writers was longer than a request waits

Body = dict[str, Any]


@dataclass(slots=True)
class Crowd:
    """What all threads did: answers by status, and what never should be answered."""

    answers: Counter[int] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, answer: requests.Response) -> None:
        with self.lock:
            self.answers[answer.status_code] += 1
            self.done[what] += answer.ok
            if answer.status_code >= 500 and answer.status_code != BUSY:
                self.wrong.append(f"{answer.status_code} to {what}: {answer.text[:200]}")


class Person:
    """One thread's choices; each asks for what there is, and changes some of it."""

    def __init__(self, farm: Farm, crowd: Crowd, chance: Random) -> None:
        self._farm, self._crowd, self._chance = farm, crowd, chance
        self._session = requests.Session()
        self._session.headers["X-API-Key"] = farm.account["api_key"]
        self._session.verify, self._session.trust_env = farm.certificate, False

    def work(self, end: float) -> None:
        acts = (
            *(self.read, self.read, self.read_mixed, self.move, self.move_many, self.leave),
            *(self.retag, self.weigh, self.void, self.decide, self.decide, self.undo, self.edit),
        )
        while time.monotonic() < end:
            try:
                self._chance.choice(acts)()
            except requests.RequestException as error:
                self._crowd.wrong.append(f"no answer: {type(error).__name__} {error}"[:300])

    # -- what is done -------------------------------------------------------------------------

    def read(self) -> None:
        animal, batch = self._chance.randrange(ANIMALS), self._chance.randrange(BATCHES)
        self._hear(f"hxb:STRESS{batch}:SLF{animal}:SUHF{animal}")

    def read_mixed(self) -> None:
        """The tags of two animals at once, or one alone: what conflicts come from."""
        lf, uhf, batch = (self._chance.randrange(n) for n in (ANIMALS, ANIMALS, BATCHES))
        tags = self._chance.choice((f"SLF{lf}:SUHF{uhf}", f"SLF{lf}:", f":SUHF{uhf}"))
        self._hear(f"hxb:STRESS{batch}:{tags}")

    def move(self) -> None:
        if animal := self._any("cattle"):
            self._send("move", f"cattle/{animal['id']}/move", self._place())

    def move_many(self) -> None:
        if ids := self._some_ids():
            self._send("move many", "cattle/move", {**self._place(), "cattle_ids": ids})

    def leave(self) -> None:
        status = self._chance.choice(STATUSES)
        if self._chance.random() < 0.5 and (ids := self._some_ids()):
            body = {"cattle_ids": ids, "status": status, "again": True}
            self._send("leave many", "cattle/status", body)
        elif animal := self._any("cattle"):
            self._send("leave", f"cattle/{animal['id']}/status", {"status": status})

    def retag(self) -> None:
        if animal := self._any("cattle"):
            kind = self._chance.choice(("lf", "uhf"))
            tag = f"S{kind.upper()}{self._chance.randrange(ANIMALS)}"
            body = {f"{kind}_tag": tag, "take_over": self._chance.random() < 0.7}
            self._send("retag", f"cattle/{animal['id']}/tags", body)

    def weigh(self) -> None:
        if animal := self._any("cattle"):
            kg = round(self._chance.gauss(400, 60), 1)
            self._send("weigh", f"cattle/{animal['id']}/weights", {"weight_kg": kg})

    def void(self) -> None:
        if weight := self._any("weights"):
            self._send("void", f"weights/{weight['id']}/void", {"reason": "stress"})

    def decide(self) -> None:
        if not (payload := self._any("payloads", error_code="tag_conflict")):
            return
        url = f"payloads/{payload['id']}"
        found = self._session.get(f"{self._farm.api_url}/{url}/conflict", timeout=60)
        animals = found.json().get("cattle", []) if found.ok else []
        if animals:
            action = self._chance.choice(("merge", "merge", "give", "ignore"))
            body = {"action": action, "cattle_id": self._chance.choice(animals)["id"]}
            self._send(action, f"{url}/resolve", body)

    def undo(self) -> None:
        if change := self._any("changes"):
            self._send("undo", f"changes/{change['id']}/undo", {})

    def edit(self) -> None:
        if animal := self._any("cattle"):
            body = {"notes": f"note {self._chance.random()}"}
            self._send("edit", f"cattle/{animal['id']}", body, "PATCH")

    # -- how ------------------------------------------------------------------------------------

    def _place(self) -> Body:
        pen = self._any("pens")
        body: Body = {"pen_id": pen["id"] if pen and self._chance.random() < 0.8 else None}
        if self._chance.random() < 0.5 and (batch := self._any("batches")):
            body["batch_id"] = batch["id"]
        return body | {"force": self._chance.random() < 0.5, "reason": "stress"}

    def _some_ids(self) -> list[int]:
        rows = self._rows("cattle")
        return [row["id"] for row in self._chance.sample(rows, min(len(rows), 5))]

    def _any(self, path: str, **query: str) -> Body | None:
        rows = self._rows(path, **query)
        return self._chance.choice(rows) if rows else None

    def _rows(self, path: str, **query: str) -> list[Body]:
        params = {"limit": "100", **query}
        answer = self._session.get(f"{self._farm.api_url}/{path}", params=params, timeout=60)
        self._crowd.note("look", answer)
        rows: list[Body] = answer.json()["data"] if answer.ok else []
        return rows

    def _hear(self, text: str) -> None:
        self._send("read", "payloads", {"payload": text})

    def _send(self, what: str, path: str, body: Body, method: str = "POST") -> None:
        url = f"{self._farm.api_url}/{path}"
        self._crowd.note(what, self._session.request(method, url, json=body, timeout=60))


def stress(root: Path, seconds: float, seed: int) -> tuple[Crowd, list[str]]:
    """Return what was done, and all that is wrong with it."""
    with Farm(root) as farm:
        for number in range(PENS):
            farm.post("pens", {"pen_number": f"S{number}", "capacity": 15})
        crowd, end = Crowd(), time.monotonic() + seconds
        people = [Person(farm, crowd, Random(f"{seed} {n}")) for n in range(THREADS)]
        threads = [threading.Thread(target=person.work, args=[end]) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return crowd, [*crowd.wrong, *_after(farm)]


def _after(farm: Farm) -> list[str]:
    wait_until(lambda: farm.get("status").json()["backlog"]["count"] == 0, "all is settled")
    wait_until(lambda: link_state(farm) == "live", "the office follows")
    wrong = unsound(farm.root / "pi" / "pi.sqlite3")
    with sign_in(farm) as clerk:
        for topic in TOPICS:
            until = time.monotonic() + MIRRORED_WITHIN
            while any(found := differences(farm, topic, clerk)) and time.monotonic() < until:
                time.sleep(0.2)
            if any(found):
                wrong.append(f"the office's {topic}: {found[0]} missing, {found[1]} too many")
    logs = {name: process.log for name, process in farm.processes.items()}
    return wrong + [f"the {name} logged a traceback" for name in logs if "Traceback" in logs[name]]


def main() -> int:
    print(f"\nseed {SEED}, {THREADS} threads, {SECONDS:.0f} s", flush=True)
    with tempfile.TemporaryDirectory(prefix="hexabrand-stress-") as folder:
        crowd, wrong = stress(Path(folder), SECONDS, SEED)
    answers = ", ".join(f"{status}: {count:,}" for status, count in sorted(crowd.answers.items()))
    done = ", ".join(f"{what} {count:,}" for what, count in sorted(crowd.done.items()))
    print(f"answers {answers}\ndone {done}\nwrong {len(wrong)}")
    for one in wrong[:40]:
        print(f"FAILED {one}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
