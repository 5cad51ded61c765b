"""Office pages from a mirror of 50,000 animals, beside the floor: the same server's `/health`."""

import sqlite3
import statistics
import time
from dataclasses import dataclass

import requests

from benchmarks import floor, load
from benchmarks.intake import database
from tests.system.farm import Farm, wait_until

ANIMALS = 50_000
TIMES = 40
AT = "2026-01-01 00:00:00"
PATHS = ("/health", "/office/", "/office/batches", "/office/cattle", "/office/cattle?q=84000300",
         "/office/pens", "/office/payloads", "/office/status")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageTime:
    path: str
    median_ms: float
    kilobytes: float


def fill(farm: Farm) -> None:
    """Writes the herd straight into the Pi's tables, before anything runs."""
    connection = floor.connect(database(farm))
    connection.execute("BEGIN IMMEDIATE")
    _fill_groups(connection)
    _fill_cattle(connection)
    connection.execute("COMMIT")
    connection.close()


def _fill_groups(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO batches (id, batch_number, source_type, status, funder, lot_group, notes,"
        " created_at, updated_at) VALUES (?, ?, 'hxb', 'open', 'Acme', '', '', ?, ?)",
        [(n + 1, f"LOT{n:04d}", AT, AT) for n in range(ANIMALS // 200)],
    )
    connection.executemany(
        "INSERT INTO pens (id, pen_number, location, capacity, description, created_at,"
        " updated_at) VALUES (?, ?, 'north', 220, '', ?, ?)",
        [(n + 1, f"P{n:03d}", AT, AT) for n in range(ANIMALS // 200)],
    )


def _fill_cattle(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT INTO cattle (id, livestock_id, lf_tag, uhf_tag, visual_id, tag_color, sex, breed,"
        " batch_id, pen_id, status, health, last_weight_kg, adg_kg, first_seen_at, last_seen_at,"
        " notes) VALUES (?, ?, ?, ?, ?, 'yellow', 'steer', 'Angus', ?, ?, 'active', '', ?, 1.5,"
        " ?, ?, '')",
        [
            (n + 1, str(n), load.lf(n), load.uhf(n), str(n), n // 200 + 1, n // 200 + 1,
             350 + n % 90, AT, AT)
            for n in range(ANIMALS)
        ],
    )  # fmt: skip


def measure(farm: Farm) -> list[PageTime]:
    session = sign_in(farm)
    wait_until(
        lambda: requests.get(_url(farm, "/health"), timeout=5).json()["link"] == "live",
        "the mirror is loaded",
        120,
    )
    return [_time(session, farm, path) for path in PATHS]


def sign_in(farm: Farm) -> requests.Session:
    session = requests.Session()
    session.get(_url(farm, "/login"))
    answer = session.post(
        _url(farm, "/login"),
        data={
            "username": farm.account["username"],
            "password": farm.account["password"],
            "csrfmiddlewaretoken": session.cookies["hexabrand_office_csrf"],
        },
    )
    assert "Sign in" not in answer.text, answer.text
    return session


def _time(session: requests.Session, farm: Farm, path: str) -> PageTime:
    taken, size = [], 0
    for _ in range(TIMES):
        start = time.perf_counter()
        answer = session.get(_url(farm, path))
        taken.append((time.perf_counter() - start) * 1000)
        size = len(answer.content)
        assert answer.status_code == 200, path
    return PageTime(path, statistics.median(taken), size / 1024)


def _url(farm: Farm, path: str) -> str:
    return farm.office_url + path
