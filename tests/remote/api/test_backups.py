"""The Pi's backups over REST: what is listed, and files that go out whole, in part, and slowly."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from remote.api.views.backups import BLOCK
from tests.remote.api.pi import KEY, PATIENCE, WebPi, running

NAME = "hexabrand-20261126-031500.tar.gz"
SIZE = 60_000_000


@pytest.fixture(scope="module")
def pi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebPi]:
    state = tmp_path_factory.mktemp("pi")
    with running(state) as web:
        web.manage("backup")
        block = os.urandom(1_000_000)
        (state / "backups" / NAME).write_bytes(block * (SIZE // len(block)))
        yield web


def test_they_are_listed_the_newest_first_and_only_ours_with_a_hash(pi: WebPi) -> None:
    rows = {row["name"]: row for row in pi.ask("GET", "backups").json()["data"]}
    foreign = rows.pop(NAME)
    ((name, own),) = rows.items()
    assert (foreign["bytes"], foreign["made_at"]) == (SIZE, "2026-11-26T03:15:00Z")
    assert (foreign["sha256"], foreign["release"]) == (None, None)
    file = pi.state / "backups" / name
    assert own["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert pi.ask("GET", f"backups/{name}").content == file.read_bytes()


def test_the_rest_of_one_is_given_from_where_it_broke_off(pi: WebPi) -> None:
    whole = (pi.state / "backups" / NAME).read_bytes()
    answer = asked(pi, Range=f"bytes={SIZE - 1000}-")
    assert (answer.status_code, answer.content) == (206, whole[-1000:])
    assert answer.headers["Content-Range"] == f"bytes {SIZE - 1000}-{SIZE - 1}/{SIZE}"
    for odd in ("bytes=5-9", "bytes=-5", "lines=1-", f"bytes={SIZE}-"):
        with asked(pi, stream=True, Range=odd) as answer:
            assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(SIZE))


def asked(pi: WebPi, *, stream: bool = False, **headers: str) -> requests.Response:
    return requests.get(
        f"{pi.base}backups/{NAME}",
        headers={"X-API-Key": KEY, **headers},
        stream=stream,
        timeout=PATIENCE,
    )


def test_who_reads_slowly_costs_the_pi_no_memory(pi: WebPi) -> None:
    before, digest = pi.resident_mb(), hashlib.sha256()
    with asked(pi, stream=True) as answer:
        for _ in range(20):  # the web process has all the time to read the file
            assert pi.ask("GET", "pens").ok
        assert pi.resident_mb() - before < 20
        for chunk in answer.iter_content(BLOCK):
            digest.update(chunk)
    assert digest.digest() == hashlib.sha256((pi.state / "backups" / NAME).read_bytes()).digest()


@pytest.mark.parametrize("name", ["hexabrand-20200101-000000.tar.gz", "..%2Fpi-tls.key", "x"])
def test_nothing_but_a_backup_is_given_out(pi: WebPi, name: str) -> None:
    (pi.state / "pi-tls.key").write_text("secret")
    assert pi.ask("GET", f"backups/{name}").status_code == 404


def test_a_folder_that_cannot_be_read_is_told(pi: WebPi, tmp_path: Path) -> None:
    folder = pi.state / "backups"
    folder.rename(tmp_path / "away")
    folder.write_text("no folder")
    try:
        answer = pi.ask("GET", "backups")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "Not a directory" in answer.json()["detail"]
        assert "Not a directory" in pi.ask("GET", "status").json()["backup"]["failed"]["reason"]
    finally:
        folder.unlink()
        (tmp_path / "away").rename(folder)


def test_one_that_is_not_there_is_told_in_json_whatever_the_reader_accepts(pi: WebPi) -> None:
    headers = {"X-API-Key": KEY, "Accept": "application/gzip"}
    answer = requests.get(f"{pi.base}backups/none.tar.gz", headers=headers, timeout=PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
