"""The same Pi on a database server: several workers, several machines, a server that restarts."""

import contextlib
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from tests.faults.follower import Follower
from tests.faults.gateway import Gateway
from tests.faults.mirrored import all_rows
from tests.system.farm import Farm, Process, wait_until
from tests.system.postgres import HOW_TO_GET_IT, Server, programs

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        programs() is None and not os.environ.get("CI"),
        reason=f"NO POSTGRESQL, its tests not run. Type: {HOW_TO_GET_IT}",
    ),
]
BACKLOG = 500
POSTGRES_LOCK = 0x48584252  # as in herd.storage.journal, which the office may not import


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # Not below pytest's own folders, which another user may not enter.
    with tempfile.TemporaryDirectory(prefix="hexabrand-pg-") as folder:
        Path(folder).chmod(0o755)
        with Server(Path(folder) / "server") as running:
            yield running


@pytest.fixture(scope="module")
def farm(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """A Pi without a worker: each test starts those that it needs."""
    with serving(machine(server, tmp_path_factory.mktemp("farm"))) as farm:
        farm.start("receiver")
        farm.wait_until_it_listens()
        yield farm


@contextmanager
def serving(farm: Farm) -> Iterator[Farm]:
    try:
        farm.set_up_pi()
        farm.start("pi web")
        farm.wait_until_pi_answers()
        yield farm
    finally:
        farm.stop()


def machine(server: Server, root: Path) -> Farm:
    """One with a state folder and ports of its own, and the herd on the server."""
    root.mkdir(exist_ok=True)
    farm = Farm(root)
    farm.given = {"DATABASE_URL": server.url}
    return farm


@contextmanager
def workers(*farms: Farm) -> Iterator[list[Process]]:
    running = [Process(farm, "pi", "runworker") for farm in farms]
    try:
        yield running
    finally:
        assert [worker.end() for worker in running] == [0] * len(running)


def post(farm: Farm, texts: list[str]) -> None:
    for start in range(0, len(texts), 100):
        answer = farm.post("payloads", {"payloads": texts[start : start + 100]})
        assert answer.status_code == 201, answer.text


def all_is_settled(farm: Farm) -> None:
    wait_until(lambda: farm.get("status").json()["backlog"]["count"] == 0, "all is settled")


def snapshot(farm: Farm) -> tuple[str, set[str]]:
    """Its cursor, and the tags of the cattle in it."""
    lines = [json.loads(line) for line in farm.get("snapshot").text.splitlines()]
    assert lines[-1] == {"type": "end", "rows": len(lines) - 2}
    cattle = [line["data"] for line in lines[1:-1] if line["topic"] == "cattle"]
    return lines[0]["cursor"], {animal["lf_tag"] for animal in cattle}


def test_three_workers_share_a_backlog_and_nothing_is_done_twice(
    server: Server, farm: Farm, tmp_path: Path
) -> None:
    tags = [f"LFPG{number:04}" for number in range(BACKLOG)]
    with (
        serving(machine(server, tmp_path / "second")) as second,
        contextlib.closing(Follower(second)) as follower,
    ):
        post(farm, [f"hxb:PG1:{tag}:EPC{tag}" for tag in tags])
        with workers(farm, farm, second):  # two on one machine, one on another
            all_is_settled(farm)
        assert {row["status"] for row in all_rows(farm, "payloads")} == {"processed"}
        assert sorted(row["lf_tag"] for row in all_rows(farm, "cattle")) == tags
        cursor, in_snapshot = snapshot(farm)
        assert in_snapshot == set(tags)
        wait_until(lambda: follower.cursor == cursor, "the other machine's feed is as far")
    told = Counter(event["event"] for event in follower.events)
    assert told["payload:processed"] == told["payload:received"] == BACKLOG
    assert told["cattle:created"] == BACKLOG


def test_what_the_radio_says_wakes_the_worker_and_the_feed(farm: Farm) -> None:
    with workers(farm) as (worker,), contextlib.closing(Follower(farm)) as follower:
        wait_until(lambda: "at work" in worker.log and follower.connections, "all listen")
        time.sleep(1.5)  # past the first look, so that only a hint can be quick
        took = []
        for number in range(5):
            begun = time.monotonic()
            farm.hear(f"hxb:PGWAKE:LFWAKE{number}:")
            tag = f"LFWAKE{number}"
            wait_until(lambda tag=tag: tag in tags_told(follower), "it is told")  # type: ignore[misc]
            took.append(time.monotonic() - begun)
    assert sorted(took)[2] < 0.5, took  # without hints: two waits of up to a second each


def tags_told(follower: Follower) -> set[str]:
    return {e["data"]["lf_tag"] for e in follower.events if e["event"] == "cattle:created"}


def test_a_restart_of_the_server_is_survived_by_all(server: Server, farm: Farm) -> None:
    with workers(farm) as (worker,):
        post(farm, ["hxb:PGBEFORE:LFBEFORE:"])
        all_is_settled(farm)
        server.stop()
        farm.hear("hxb:PGAWAY:LFAWAY:")
        wait_until(lambda: "cannot be written now" in worker.log, "the worker has noticed")
        server.start()
        assert farm.payload_that_says("hxb:PGAWAY:LFAWAY:")["status"] == "processed"
        wait_until(lambda: "can be written again" in worker.log, "the worker is at work again")
    assert "Traceback" not in worker.log + farm.log("receiver")
    assert farm.processes["receiver"].is_running()
    assert worker.log.count("cannot be written now") == 1


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.thaw()


@contextmanager
def migrating(server: Server) -> Iterator[None]:
    """Hold the lock that an ALTER TABLE takes."""
    with psycopg.connect(server.url) as other:
        other.execute("LOCK TABLE lora_payload_buffer IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def restoring(server: Server) -> Iterator[None]:
    """Leave the tables out that a restore has not made yet."""
    with psycopg.connect(server.url, autocommit=True) as other:
        other.execute("ALTER TABLE lora_payload_buffer RENAME TO not_there_yet")
        try:
            yield
        finally:
            other.execute("ALTER TABLE not_there_yet RENAME TO lora_payload_buffer")


@pytest.mark.parametrize("away", [stopped, frozen, migrating, restoring])
def test_what_is_heard_while_the_database_is_away_is_acknowledged_and_survives_a_kill(
    server: Server, farm: Farm, away: Callable[[Server], AbstractContextManager[None]]
) -> None:
    texts = [f"hxb:PGSPILL:LF{away.__name__}{number}:" for number in range(6)]
    gateway = Gateway(farm)
    with away(server), contextlib.closing(gateway):
        assert all(gateway.push(text, patience=15.0) for text in texts[:3])
        farm.processes["receiver"].kill()
        farm.start("receiver")
        farm.wait_until_it_listens()
        assert all(gateway.push(text, patience=15.0) for text in texts[3:])
        told = f"{len(texts)} frames wait in its spill file"
        wait_until(lambda: told in farm.get("health", key="").text, "its health tells it")
        assert farm.processes["receiver"].is_running()
    wait_until(lambda: farm.get("status").status_code == 200, "the Pi answers again")
    with workers(farm):
        for text in texts:
            assert farm.payload_that_says(text)["status"] == "processed"
    assert stored(server, f"LF{away.__name__}") == texts


def stored(server: Server, part: str) -> list[str]:
    with psycopg.connect(server.url) as other:
        found = other.execute(
            "SELECT raw_payload FROM lora_payload_buffer WHERE strpos(raw_payload, %s) > 0"
            " ORDER BY id",
            [part],
        )
        return [text.decode() for (text,) in found]


def test_the_status_knows_the_server(farm: Farm) -> None:
    database = farm.get("status").json()["database"]
    assert database["engine"].startswith("postgresql 1")
    assert database["bytes"] > 1_000_000
    assert database["wal_bytes"] is None


def test_who_has_no_patience_is_told_that_the_pi_is_busy(server: Server, farm: Farm) -> None:
    with psycopg.connect(server.url) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [POSTGRES_LOCK])
        begun = time.monotonic()
        answer = farm.post("pens", {"pen_number": "PGBUSY"})
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        assert time.monotonic() - begun < 20
    assert farm.post("pens", {"pen_number": "PGBUSY"}).status_code == 201


NOTICED_WITHIN, LIVE_WITHIN = 20.0, 10.0  # as docs/faults.md has it


@pytest.fixture(scope="module")
def office(farm: Farm) -> Iterator[Farm]:
    farm.start_office()
    yield farm
    farm.processes["office web"].kill()


def link(farm: Farm) -> dict[str, Any]:
    told: dict[str, Any] = requests.get(f"{farm.office_url}/health", timeout=5).json()
    return told


@pytest.mark.parametrize("fault", ["stop", "freeze"])
def test_the_office_says_that_the_pis_database_is_away_and_is_live_again_after_it(
    server: Server, office: Farm, fault: str
) -> None:
    wait_until(lambda: link(office)["link"] == "live", "the office follows")
    with contextlib.closing(Follower(office)) as follower:
        wait_until(lambda: follower.connections, "the feed is followed")
        cure = {"stop": server.start, "freeze": server.thaw}[fault]
        getattr(server, fault)()
        try:
            begun = time.monotonic()
            wait_until(
                lambda: "database" in str(link(office)), "the office says so", NOTICED_WITHIN
            )
            answer = office.get("health", key="")
            assert "1001" in follower.losses[0]
            assert time.monotonic() - begun < NOTICED_WITHIN
        finally:
            cure()
        wait_until(lambda: link(office)["link"] == "live", "it is live again", LIVE_WITHIN)
    assert answer.status_code == 503
    assert "journal_unreadable" in {reason["code"] for reason in answer.json()["reasons"]}


def test_what_the_pi_reads_by_hand_is_told_here_too(farm: Farm) -> None:
    """An animal's past page by page, its batch's growth and closeout."""
    batch = farm.post("batches", {"batch_number": "PAST"}).json()["id"]
    pk = farm.post("cattle", {"livestock_id": "PAST-1", "batch_id": batch}).json()["id"]
    farm.change("PATCH", f"cattle/{pk}", {"induction_date": "2026-08-01"})
    for day, kg in ((1, 300), (20, 325), (21, 999)):
        at = f"2026-08-{day:02}T08:00:00Z"
        farm.post(f"cattle/{pk}/weights", {"weight_kg": kg, "recorded_at": at})
    whole = farm.get(f"cattle/{pk}/history").json()
    assert sum(one["kind"] == "weight" for one in whole["data"]) == 3
    paged, path = [], f"cattle/{pk}/history?limit=1"
    while path:
        page = farm.get(path).json()
        paged += page["data"]
        path = page["next"] and f"cattle/{pk}/history?limit=1&cursor={page['next']}"
    assert paged == whole["data"]
    grown = farm.get(f"batches/{batch}/growth").json()
    assert [one["mean_weight_kg"] for one in grown["data"]] == [300.0, 325.0]
    closeout = farm.get(f"batches/{batch}/closeout").json()
    assert closeout["head_days"] == grown["head_days"]


def test_older_code_refuses_the_tables_of_a_newer_release(server: Server, farm: Farm) -> None:
    with psycopg.connect(server.url, autocommit=True) as other:
        other.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('herd', '0099_later', now())"
        )
        other.execute("INSERT INTO releases (release, prepared_at) VALUES ('9.9.0', now())")
        try:
            done = Process(farm, "pi", "setup")
            wait_until(lambda: not done.is_running(), "it ends")
            assert done.end() == 1
            assert done.log.startswith("This herd was made by HexaBrand 9.9.0")
        finally:
            other.execute("DELETE FROM django_migrations WHERE name = '0099_later'")
            other.execute("DELETE FROM releases WHERE release = '9.9.0'")
