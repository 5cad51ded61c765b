"""Copies of the Pi's backups at the office: whole, encrypted, and told when there is none."""

import gzip
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from remote import encryption
from remote.office import pulled_backups
from remote.office.link.client import PiClient
from remote.office.link.configuration import PiAddress
from remote.office.link.link_errors import PiError
from remote.office.pages import status as page_part
from remote.office.pulled_backups import NoCopy, copies, last_pull, pull
from remote.office.sample import status as status_with
from tests.office.filled import filled
from tests.office.http_pi import HttpPi, serving
from tests.office.test_attention import listed
from tests.office.test_pages import page

CONTENT = gzip.compress(os.urandom(1_000_000), 1)
NAME = "hexabrand-20261126-031500.tar.gz"
MADE_AT = "2026-11-26T03:15:00Z"


def row(name: str = NAME, content: bytes = CONTENT, **more: Any) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {
        "name": name,
        "bytes": len(content),
        "made_at": MADE_AT,
        "release": "1.1.0",
        "sha256": digest,
        **more,
    }


class Backups:
    """A Pi with backups. `give` makes of a file's rest what is sent of it."""

    def __init__(self, web: HttpPi) -> None:
        self.web, self.rows = web, [row()]
        self.give: Callable[[bytes], bytes] = lambda rest: rest
        web.answer = self._answer

    def _answer(self, path: str, _body: object) -> Any:
        if path.endswith("/backups"):
            return 200, {"data": self.rows, "next": None, "total": len(self.rows)}, {}
        asked = self.web.requests[-1][2].get("Range", "bytes=0-")
        start = int(asked.removeprefix("bytes=").rstrip("-"))
        rest = CONTENT[start:]
        status, headers = (206 if start else 200), {"Content-Length": str(len(rest))}
        return status, self.give(rest), headers


@pytest.fixture
def key(tmp_path: Path, settings: Settings) -> str:
    settings.HEXABRAND_STATE_DIR = tmp_path
    return pulled_backups.new_recovery_key()


@pytest.fixture
def pi(key: str) -> Iterator[Backups]:
    with serving(HttpPi()) as web:
        yield Backups(web)


def pulled(pi: Backups, waits: list[float] | None = None) -> Path:
    client = PiClient(PiAddress("127.0.0.1", pi.web.port, "hxb_key", tls=False))
    return pull(client, (waits if waits is not None else []).append)


def opened(file: Path, key: str) -> bytes:
    return b"".join(encryption.decrypted(io.BytesIO(file.read_bytes()), key))


# -- pulling --------------------------------------------------------------------------------------


def test_a_copy_can_be_read_with_the_recovery_key_alone(pi: Backups, key: str) -> None:
    file = pulled(pi)
    assert file.name == f"{NAME}.enc"
    assert file.stat().st_mode & 0o077 == 0
    assert opened(file, key) == CONTENT
    everything = b"".join(
        one.read_bytes() for one in file.parent.parent.rglob("*") if one.is_file()
    )
    assert CONTENT[100:200] not in everything
    assert key.encode() not in everything
    with pytest.raises(encryption.BadRecoveryKey, match="another recovery key"):
        opened(file, encryption.new_recovery_key())


def test_what_is_here_already_is_not_fetched_again(pi: Backups) -> None:
    first, at = pulled(pi), pi.web.requests
    fetched = len(at)
    assert pulled(pi) == first
    assert [path for _, path, _, _ in at[fetched:]] == ["/api/remote/backups"]


def test_a_link_that_breaks_goes_on_where_it_broke(pi: Backups, key: str) -> None:
    waits: list[float] = []
    pi.give = lambda rest: rest[: len(CONTENT) // 3]
    assert opened(pulled(pi, waits), key) == CONTENT
    assert len(waits) >= 2
    asked = [
        int(headers["Range"][6:-1]) for _, _, headers, _ in pi.web.requests if "Range" in headers
    ]
    assert asked == sorted(set(asked))


def test_a_link_that_stays_away_is_a_failure_that_leaves_no_half_file(
    pi: Backups, tmp_path: Path
) -> None:
    pi.give = lambda _rest: b""
    with pytest.raises(PiError):
        pulled(pi)
    assert [*(tmp_path / "pulled").iterdir()] == []
    told = last_pull()
    assert told is not None
    assert told.failed is not None
    assert "does not answer" in told.failed["reason"]


def test_what_comes_otherwise_than_the_pi_has_it_is_no_copy(pi: Backups) -> None:
    pi.give = lambda rest: rest[:-1] + bytes([rest[-1] ^ 1])
    with pytest.raises(NoCopy, match="otherwise"):
        pulled(pi)
    assert copies() == []


def test_the_oldest_copies_go(pi: Backups, settings: Settings) -> None:
    settings.PULLED_BACKUPS_KEPT = 2
    for day in (24, 25, 26):
        pi.rows = [row(f"hexabrand-202611{day}-031500.tar.gz")]
        pulled(pi)
    assert [file.name[:18] for file in copies()] == ["hexabrand-20261126", "hexabrand-20261125"]


def test_what_a_killed_pull_left_goes_with_the_next_one(pi: Backups, tmp_path: Path) -> None:
    (tmp_path / "pulled").mkdir()
    (tmp_path / "pulled" / f".{NAME}.part").write_bytes(b"half")
    assert [*pulled(pi).parent.iterdir()] == copies()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "no backup that it has made and proved"),
        ([row(sha256=None)], "no backup that it has made and proved"),
        ([row("../../etc/cron.d/x")], "no backup that it has made and proved"),
        ([row(bytes=10**15)], "MB free"),
    ],
)
def test_what_cannot_be_copied_is_refused(pi: Backups, rows: list[Any], sentence: str) -> None:
    pi.rows = rows
    with pytest.raises(NoCopy, match=sentence):
        pulled(pi)


def test_an_older_pi_is_told_of(pi: Backups) -> None:
    pi.web.answer = lambda _path, _body: (404, {"detail": "There is nothing.", "code": "x"}, {})
    with pytest.raises(NoCopy, match="too old"):
        pulled(pi)


def test_without_a_recovery_key_the_way_to_one_is_told(pi: Backups, tmp_path: Path) -> None:
    (tmp_path / pulled_backups.PUBLIC_KEY).unlink()
    with pytest.raises(NoCopy, match="--new-recovery-key"):
        pulled(pi)


# -- the recovery key -----------------------------------------------------------------------------


def test_a_recovery_key_is_made_once_and_stored_nowhere(tmp_path: Path, settings: Settings) -> None:
    settings.HEXABRAND_STATE_DIR = tmp_path
    key = pulled_backups.first_recovery_key()
    assert key is not None
    assert pulled_backups.first_recovery_key() is None
    assert [key in file.read_text() for file in tmp_path.iterdir()] == [False]


def test_a_recovery_key_may_be_typed_as_people_type() -> None:
    key = encryption.new_recovery_key()
    typed = key.lower().replace("-", " ").replace("o", "0").replace("i", "1")
    assert encryption.public_key(typed) == encryption.public_key(key)


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1],
        lambda key: key[:9] + ("A" if key[9] != "A" else "B") + key[10:],
        lambda key: key + "A",
        lambda _key: "",
    ],
)
def test_a_misspelt_recovery_key_is_told_as_such(change: Callable[[str], str]) -> None:
    with pytest.raises(encryption.BadRecoveryKey, match="misspelt"):
        encryption.public_key(change(encryption.new_recovery_key()))


# -- the file -------------------------------------------------------------------------------------


def encrypted(content: bytes, key: str) -> bytes:
    made = encryption.Encryptor(encryption.public_key(key))
    pieces = [made.update(content[at : at + 7000]) for at in range(0, len(content), 7000)]
    return made.header + b"".join(pieces) + made.finish()


@pytest.mark.parametrize(
    "size",
    [0, 1, encryption.CHUNK - 1, encryption.CHUNK, encryption.CHUNK + 1, 3 * encryption.CHUNK],
)
def test_whatever_its_length_it_comes_back(size: int) -> None:
    key, content = encryption.new_recovery_key(), os.urandom(size)
    assert b"".join(encryption.decrypted(io.BytesIO(encrypted(content, key)), key)) == content


def test_no_change_goes_unnoticed() -> None:
    key = encryption.new_recovery_key()
    whole = encrypted(os.urandom(3 * encryption.CHUNK), key)
    step, body = encryption.CHUNK + encryption.TAG, encryption.HEADER
    first, second = whole[body : body + step], whole[body + step : body + 2 * step]
    bad = {
        "cut in a chunk": whole[:-1],
        "cut between chunks": whole[: body + 2 * step],
        "no chunk": whole[:body],
        "chunks moved": whole[:body] + second + first + whole[body + 2 * step :],
        "a chunk left out": whole[:body] + whole[body + step :],
        "a bit": whole[: body + 9] + bytes([whole[body + 9] ^ 1]) + whole[body + 10 :],
        "more": whole + b"x",
        "the sender": whole[: body - 1] + bytes([whole[body - 1] ^ 1]) + whole[body:],
        "no file of ours": b"\x1f\x8b" + whole,
        "nothing": b"",
    }
    taken = [told for told, content in bad.items() if is_taken(content, key)]
    assert taken == []


def is_taken(content: bytes, key: str) -> bool:
    try:
        b"".join(encryption.decrypted(io.BytesIO(content), key))
    except encryption.BadEncryptedFile:
        return False
    return True


# -- what the office says -------------------------------------------------------------------------


def backup_status(**more: Any) -> dict[str, Any]:
    return {
        "folder": "/srv/usb",
        "count": 3,
        "newest_at": MADE_AT,
        "age_seconds": 3600.0,
        "proved_at": MADE_AT,
        "failed": None,
        **more,
    }


async def test_the_pis_backups_stand_on_the_status_page_and_their_troubles_on_the_list() -> None:
    failed = {"at": MADE_AT, "reason": "Mount that disk."}
    with filled({}) as mirror:
        mirror.status = status_with([], backup=backup_status())
        assert listed(mirror) == []
        assert "3 in <code>/srv/usb</code>" in await page("/office/status")
        assert "read back and found whole" in await page("/office/status")
        mirror.status = status_with([], backup=backup_status(age_seconds=40 * 3600.0))
        assert listed(mirror) == ["The Pi's newest backup is 40 hours old"]
        mirror.status = status_with([], backup=backup_status(failed=failed))
        assert listed(mirror) == ["The Pi has no new backup: Mount that disk."]
        assert "Mount that disk." in await page("/office/status")
        mirror.status = status_with([])  # an older Pi
        assert listed(mirror) == []
        assert "/srv/usb" not in await page("/office/status")


async def test_copies_are_told_once_they_were_asked_for(pi: Backups, tmp_path: Path) -> None:
    with filled({}) as mirror:
        mirror.status = status_with([], backup=backup_status())
        assert listed(mirror) == []
        pulled(pi)
        assert listed(mirror) == []
        assert f"1, encrypted; the newest is of <code>{NAME}</code>" in await page("/office/status")
        pi.rows = []
        with pytest.raises(NoCopy):
            pulled(pi)
        (text,) = listed(mirror)
        assert text.startswith("No new copy of the Pi's backup here: The Pi has no backup")
        assert NAME in await page("/office/status")  # the last good one
        record = tmp_path / pulled_backups.RECORD
        old = (datetime.now(UTC) - page_part.OLD - timedelta(hours=1)).isoformat()
        record.write_text(json.dumps({"at": old, "name": NAME, "made_at": MADE_AT}))
        assert listed(mirror) == ["The Pi's backups have not been copied here for more than a day"]
