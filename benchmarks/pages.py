"""Office pages from a mirror of 50,000 animals with 500,000 weights on the Pi, beside the floor:
the same server's `/health`."""

import sqlite3
import statistics
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import requests

from benchmarks import farms, floor, load
from benchmarks.farms import database
from benchmarks.figures import Figure
from tests.system.farm import Farm, Process, wait_until

ANIMALS = 50_000
WEIGHTS_EACH = 10
IN_A_GROUP = 200
TIMES = 40
AT = "2026-01-01 00:00:00"
# With {n} another one each time: nothing of it was made before, and its past is asked of the Pi.
PATHS = (
    "/health",
    "/office/",
    "/office/batches",
    "/office/batches/{n}",
    "/office/cattle",
    "/office/cattle?q=84000300",
    "/office/cattle?q=4711",
    "/office/cattle?sort=-weight",
    "/office/cattle?status=active&page=900",
    "/office/cattle?show=unseen",
    "/office/cattle?q=84000300&status=active&sort=lid",
    "/office/cattle/{n}",
    "/office/pens",
    "/office/pens/7",
    "/office/weights",
    "/office/payloads",
    "/office/status",
)


@dataclass(frozen=True, slots=True)
class PageTime:
    path: str
    median_ms: float
    kilobytes: float
    cpu_ms: float  # of the office for one request: what is said of a machine that is busy besides


def show(root: Path) -> list[Figure]:
    print(f"\nOffice pages from a mirror of {ANIMALS} animals (whole request, median)")
    with farms.stopped_at_last(farms.farm_in(root, "pages")) as farm:
        farm.set_up_pi()
        fill(farm)
        farm.start("pi web")
        farm.wait_until_pi_answers()
        print(f"  the mirror is loaded {wait_for_the_mirror(farm):.1f} s after the start")
        measured = measure(farm)
        for name, process in farm.processes.items():
            print(f"  resident: {name} {process.resident_mb():.0f} MB")
    for one in measured:
        print(f"  {one.path:<48} {one.median_ms:6.1f} ms  {one.kilobytes:6.0f} KB")
    bare = measured[0].median_ms  # `/health`: what the web server takes for an empty answer
    return [Figure(f"page {one.path}", one.median_ms, "ms", bare) for one in measured[1:]]


def fill(farm: Farm, animals: int = ANIMALS) -> None:
    """Writes the herd straight into the Pi's tables, before anything runs."""
    connection = floor.connect(database(farm))
    connection.execute("BEGIN IMMEDIATE")
    _fill_groups(connection, animals)
    floor.insert(connection, "cattle", (_animal(n) for n in range(animals)))
    floor.insert(connection, "movements", (_movement(n) for n in range(animals)))
    _fill_weights(connection, animals)
    connection.execute("COMMIT")
    connection.close()


def _fill_groups(connection: sqlite3.Connection, animals: int) -> None:
    groups = range(1, animals // IN_A_GROUP + 1)
    floor.insert(connection, "batches", [_batch(n) for n in groups])
    floor.insert(connection, "pens", [_pen(n) for n in groups])


def _batch(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "batch_number": f"LOT{n:04d}",
        "source_type": "hxb",
        "status": "open",
        "funder": "Acme",
        "lot_group": "",
        "notes": "",
        "head_count": IN_A_GROUP,
        "on_feed_count": IN_A_GROUP,
        "weighed_count": IN_A_GROUP,
        "weight_sum_kg": 430.0 * IN_A_GROUP,
        "gaining_count": IN_A_GROUP,
        "gain_sum_kg": 1.5 * IN_A_GROUP,
        "created_at": AT,
        "updated_at": AT,
    }


def _pen(n: int) -> dict[str, Any]:
    return {
        "id": n,
        "pen_number": f"P{n:03d}",
        "location": "north",
        "capacity": 220,
        "description": "",
        "head_count": IN_A_GROUP,
        "created_at": AT,
        "updated_at": AT,
    }


def _animal(n: int) -> dict[str, Any]:
    return {
        "id": n + 1,
        "livestock_id": str(n),
        "lf_tag": load.lf(n),
        "uhf_tag": load.uhf(n),
        "visual_id": str(n),
        "tag_color": "yellow",
        "sex": "steer",
        "breed": "Angus",
        "batch_id": n // IN_A_GROUP + 1,
        "pen_id": n // IN_A_GROUP + 1,
        "status": "active",
        "health": "",
        "last_weight_kg": 350 + n % 90,
        "last_weighed_at": AT,
        "adg_kg": 1.5,
        "adg_confidence": "ok",
        "expected_kg": 352.5,
        "left_reason": "",
        "first_seen_at": AT,
        "last_seen_at": AT,
        "notes": "",
    }


def _movement(n: int) -> dict[str, Any]:
    """Its first place: each animal has come into its batch."""
    names = dict.fromkeys(("from_name", "to_name", "reason"), "")
    place = {"to_batch_id": n // IN_A_GROUP + 1, "moved_at": AT, "recorded_by": "radio"}
    return {"animal_id": n + 1, **place, **names}


def _fill_weights(connection: sqlite3.Connection, animals: int) -> None:
    """Ten days a fortnight apart; the last day is AT."""
    days = [date(2026, 1, 1) - timedelta(days=14 * ago) for ago in reversed(range(WEIGHTS_EACH))]
    floor.insert(
        connection,
        "cattle_weight_history",
        (
            {
                "animal_id": n + 1,
                "weight_kg": 350 + n % 90 + 21 * place,
                "recorded_at": f"{day} 10:{n // 60 % 60:02}:{n % 60:02}",
                "source": "radio",
                "recorded_by": "radio",
                "quality": "ok",
                "reason": "",
            }
            for place, day in enumerate(days)
            for n in range(animals)
        ),
    )


def wait_for_the_mirror(farm: Farm) -> float:
    """Seconds from the office's start to its first live page."""
    start = time.perf_counter()
    farm.start_office()
    wait_until(
        lambda: requests.get(_url(farm, "/health"), timeout=5).json()["link"] == "live",
        "the mirror is loaded",
        120,
    )
    return time.perf_counter() - start


def measure(farm: Farm, paths: Iterable[str] = PATHS) -> list[PageTime]:
    """Over one bare connection that stays open: what a client does besides is not the server's."""
    cookies = sign_in(farm).cookies.get_dict()
    held = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    with closing(HTTPConnection("127.0.0.1", farm.office_port)) as connection:
        office = farm.processes["office web"]
        return [_time(connection, held, path, office) for path in paths]


def sign_in(farm: Farm) -> requests.Session:
    return sign_in_as(farm, farm.account["username"], farm.account["password"])


def sign_in_as(farm: Farm, username: str, password: str) -> requests.Session:
    session = requests.Session()
    session.get(_url(farm, "/login"))
    answer = session.post(
        _url(farm, "/login"),
        data={
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": session.cookies["hexabrand_office_csrf"],
        },
    )
    assert "Sign in" not in answer.text, answer.text
    return session


def _time(
    connection: HTTPConnection, headers: dict[str, str], path: str, office: Process
) -> PageTime:
    taken, size, before = [], 0, office.cpu_seconds()
    for n in range(1, TIMES + 1):
        start = time.perf_counter()
        connection.request("GET", path.format(n=n), headers=headers)
        answer = connection.getresponse()
        size = len(answer.read())
        taken.append((time.perf_counter() - start) * 1000)
        assert answer.status in {200, 302}, path
    cpu_ms = (office.cpu_seconds() - before) * 1000 / TIMES
    return PageTime(path, statistics.median(taken), size / 1024, cpu_ms)


def _url(farm: Farm, path: str) -> str:
    return farm.office_url + path
