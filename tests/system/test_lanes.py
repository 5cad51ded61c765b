"""Several workers on one PostgreSQL: together they leave what one alone leaves."""

import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from benchmarks import load
from lora.signing import sign
from tests.system.farm import Farm, Process, wait_until
from tests.system.herd_tables import Rows, herd_of
from tests.system.postgres import HOW_TO_GET_IT, Server, programs

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        programs() is None and not os.environ.get("CI"),
        reason=f"NO POSTGRESQL, its tests not run. Type: {HOW_TO_GET_IT}",
    ),
]
POSTGRES_LOCK = 0x48584252  # as in herd.storage.journal
KEY = bytes(range(32))
KILLS = int(os.environ.get("FAULT_TRIALS", "4"))
Herd = dict[str, Rows]


def crowd(chance: random.Random, count: int) -> Iterator[str]:
    """Few animals, each named in every way, so that nearly all that comes shares something."""
    for number in range(count):
        animal, other = chance.randrange(40), chance.randrange(40)
        lf, uhf, event = f"LFC{animal}", f"UHFC{animal}", f"{number:06}"
        text = chance.choice(
            [
                f"hxb:LOT{animal % 7}:{lf}:",
                f"hxb:LOT{other % 7}::{uhf}",
                f"hxe:LOT{animal % 7}:{lf}:{uhf}",
                f"hxb:NEW{number // 60}:{lf}:UHFC{other}",
                f"event:hxbind{event}|funder:F{number}|lot:LOT{animal % 9}|pen:P3|lid:{animal}",
                f"event:hxbpai{event}|lf:{lf}|epc:{uhf}|lid:{animal}|weight:{300 + number % 50}",
                f"event:hxbchi{event}|weight:{310 + number % 90}|lid:{other}",
                f"event:hxbrep{event}|new_lf:LFR{other}|lid:{animal}",
                f"event:hxbchi{number // 9:06}|weight:{300 + number}|lid:{animal}",
                "hxb:LOT1:LFAGAIN:",
            ]
        )
        yield sign(KEY, f"reader{other % 3}", number, text) if chance.random() < 0.1 else text


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="hexabrand-pg-") as folder:
        Path(folder).chmod(0o755)
        with Server(Path(folder) / "server") as running:
            yield running


@pytest.fixture(scope="module")
def farm(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Farm:
    """A backlog on the server that nobody has looked at, and no process at work."""
    farm = Farm(tmp_path_factory.mktemp("lanes"))
    keys = ",".join(f"reader{number}={KEY.hex()}" for number in range(3))
    farm.given = {"DATABASE_URL": server.url, "LORA_DEVICE_KEYS": keys}
    texts = [*crowd(random.Random(1), 900), *load.day(2400)]
    try:
        farm.set_up_pi()
        farm.start("pi web")
        farm.wait_until_pi_answers()
        for start in range(0, len(texts), 100):
            answer = farm.post("payloads", {"payloads": texts[start : start + 100]})
            assert answer.status_code == 201, answer.text
    finally:
        farm.stop()
    return farm


@pytest.fixture(scope="module")
def alone(server: Server, farm: Farm) -> Herd:
    """What one worker leaves that is never disturbed."""
    return worked_off(server, farm, "alone", 1)


def database(server: Server, name: str) -> str:
    return f"{server.url.rpartition('/')[0]}/{name}"


def worked_off(server: Server, farm: Farm, name: str, workers: int, trouble: int = 0) -> Herd:
    """The herd that so many workers leave of a copy of the backlog; with `trouble`, so many of them
    are killed in between, and the server is stopped once."""
    with psycopg.connect(database(server, "postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE farm".encode())
    url = database(server, name)
    farm.given["DATABASE_URL"] = url
    running = [Process(farm, "pi", "runworker") for _ in range(workers)]
    try:
        chance = random.Random(trouble)
        for kill in range(trouble):
            left = waiting(url)
            wait_until(lambda left=left: waiting(url) < left or not left, "they are at work")  # type: ignore[misc]
            time.sleep(chance.random() * 0.2)
            running.pop(chance.randrange(workers)).kill()
            if kill == trouble // 2:
                server.stop()
                server.start()
            running.append(Process(farm, "pi", "runworker"))
        wait_until(lambda: waiting(url) == 0, "all is settled", 180)
    finally:
        assert [worker.end() for worker in running] == [0] * workers
    return herd_of(url)


def waiting(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT count(*) FROM lora_payload_buffer WHERE status = 'received'"
        ).fetchone()
    return int(found[0]) if found else 0


def assert_same(found: Herd, expected: Herd) -> None:
    for table, rows in expected.items():
        assert (rows - found[table], found[table] - rows) == (Counter(), Counter()), table


@pytest.mark.parametrize("workers", [2, 3])
def test_workers_side_by_side_leave_what_one_leaves(
    server: Server, farm: Farm, alone: Herd, workers: int
) -> None:
    assert_same(worked_off(server, farm, f"by{workers}", workers), alone)


def test_nothing_is_lost_or_doubled_where_workers_are_killed_and_the_server_restarts(
    server: Server, farm: Farm, alone: Herd
) -> None:
    assert_same(worked_off(server, farm, "killed", 2, trouble=KILLS), alone)


def test_what_a_person_changes_meanwhile_is_noticed(server: Server, farm: Farm) -> None:
    """The worker has written its rows and waits for its turn, as somebody who has it changes one of
    them: neither waits for the other for ever, and both changes stand."""
    with psycopg.connect(database(server, "postgres"), autocommit=True) as connection:
        connection.execute(b"CREATE DATABASE changed TEMPLATE farm")
    url = farm.given["DATABASE_URL"] = database(server, "changed")
    with psycopg.connect(url, client_encoding="utf8") as person:
        person.execute("DELETE FROM lora_payload_buffer WHERE raw_payload <> 'hxb:LOT1:LFAGAIN:'")
        person.execute(
            "INSERT INTO cattle (lf_tag, visual_id, tag_color, sex, breed, status, health,"
            " adg_confidence, left_reason, first_seen_at, last_seen_at, notes)"
            " VALUES ('LFAGAIN', '', '', '', '', 'active', '', '', '', now(), now(), '')"
        )
        person.commit()
        person.execute("SELECT pg_advisory_xact_lock(%s)", [POSTGRES_LOCK])
        worker = Process(farm, "pi", "runworker")
        try:
            wait_until(lambda: is_queued(url), "the worker waits for its turn")
            person.execute("UPDATE cattle SET status = 'dead' WHERE lf_tag = 'LFAGAIN'")
            person.execute(
                "INSERT INTO journal (mark, kind, object_id, at, actor, detail)"
                " SELECT 1, 'cattle:updated', id, now(), 'ann', '' FROM cattle"
            )
            person.commit()
            wait_until(lambda: waiting(url) == 0, "all is settled")
        finally:
            assert worker.end() == 0
        assert person.execute("SELECT status FROM cattle").fetchall() == [("dead",)]
        remarks = person.execute("SELECT DISTINCT remark FROM lora_payload_buffer").fetchall()
        assert ("The animal is marked dead, and stays so.",) in remarks


def is_queued(url: str) -> bool:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
        return found.fetchone() is not None
