"""The spill file: heard is stored, also while the herd's database is away, and stored once."""

import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from lora.framing.frames import Frame, Note
from lora.group_store import GroupStore, store_groups
from lora.intake import BootClock, Heard, NumberedGroup, SourceNote, store_frames, this_boot
from lora.models import LoRaPayload, Source, SpillPosition
from lora.processes.disk_space import DiskFull
from lora.spill import NAME, Spill, SpillFailed, open_spill
from tests.lora.inline import Inline

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / NAME


def heard(*texts: str) -> list[Heard]:
    return [Heard(Frame(text, "plain"), "udp:1", time.monotonic_ns()) for text in texts]


def group(spill: Spill, *texts: str, clock: BootClock | None = None) -> NumberedGroup:
    return NumberedGroup(spill.next_number(), clock or BootClock.now(), heard(*texts), [])


def stored() -> list[str]:
    return list(LoRaPayload.objects.order_by("pk").values_list("raw_payload", flat=True))


class Away(Inline):
    """A database that cannot be written until `back`."""

    def __init__(self) -> None:
        self.is_away = True
        self.tries = 0

    def submit(self, job: Callable[[], None]) -> "Future[None]":
        self.tries += 1
        if not self.is_away:
            return super().submit(job)
        future: Future[None] = Future()
        future.set_exception(OperationalError("server closed the connection"))
        return future


class Hanging(Inline):
    """A database that answers nothing, and does the work later all the same."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Callable[[], None], Future[None]]] = []
        self.hangs = True

    def submit(self, job: Callable[[], None]) -> "Future[None]":
        if not self.hangs:
            return super().submit(job)
        self.jobs.append((job, Future()))
        return self.jobs[-1][1]

    def go_on(self) -> None:
        self.hangs = False
        for job, future in self.jobs:
            job()
            future.set_result(None)


class Answerless(Inline):
    """A database that commits, and whose answer is lost, until `is_away` is no more."""

    is_away = True

    def submit(self, job: Callable[[], None]) -> "Future[None]":
        done = super().submit(job)
        if not self.is_away:
            return done
        assert done.exception() is None
        future: Future[None] = Future()
        future.set_exception(OperationalError("server closed the connection"))
        return future


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def drain(store: GroupStore, clock: Time) -> None:
    for _ in range(50):
        clock.now += 10
        store.drain()


# -- the file ---------------------------------------------------------------------------------


def test_what_was_spilled_is_there_after_a_kill_in_order_and_whole(file: Path) -> None:
    spill = Spill(file)
    frame = Frame("hxb:é\t", "rak", "bad_crc", "7", -48.5, 9.25, 12, "delivery")
    one = NumberedGroup(
        spill.next_number(),
        BootClock(5, 17, doubtful=True),
        [Heard(frame, "serial:x#7", 3)],
        [SourceNote("serial:x", Note("module", "+OK", error=True), 4)],
    )
    two = group(spill, "hxb:B1:LF2:U2")
    spill.add(two)
    spill.add(one)
    again = Spill(file)
    assert again.oldest(100) == [one, two]
    assert again.frames == 2
    assert file.stat().st_mode & 0o077 == 0


def test_numbers_rise_over_starts_whatever_the_clock_or_the_file_says(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def numbers_at(now: float) -> list[int]:
        monkeypatch.setattr("lora.spill.time.time", lambda: now)
        spill = Spill(file)
        numbers = [spill.next_number(), spill.next_number()]
        spill._close()
        return numbers

    first = numbers_at(1_800_000_000)
    older = file.read_bytes()
    behind = numbers_at(0)
    again = numbers_at(1_800_000_060)
    file.write_bytes(older)  # as out of an image of the card
    numbers = [*first, *behind, *again, *numbers_at(1_800_000_120)]
    assert numbers == sorted(set(numbers))


def test_a_full_disk_takes_nothing_into_the_spill(file: Path, settings: Settings) -> None:
    spill = Spill(file)
    settings.DISK_RESERVE = 10**12
    with pytest.raises(DiskFull):
        spill.add(group(spill, "hxb:B1:LF1:U1"))
    assert spill.frames == 0


def test_a_file_that_is_taken_away_is_begun_anew(file: Path) -> None:
    spill = Spill(file)
    file.unlink()
    spill.add(kept := group(spill, "hxb:B1:LF1:U1"))
    assert Spill(file).oldest(10) == [kept]


def test_of_a_damaged_file_all_is_rescued_that_can_be_read(file: Path) -> None:
    spill = Spill(file)
    for number in range(60):
        spill.add(group(spill, *[f"hxb:B1:LF{number}:{'U' * 200}"] * 10))
    spill._close()
    size = file.stat().st_size
    with file.open("r+b") as damaged:
        damaged.seek(size * 2 // 3 // 4096 * 4096)
        damaged.write(os.urandom(8192))
    again = Spill(file)
    assert 0 < again.frames < 600
    assert len(list(file.parent.glob("spill-damaged-*.sqlite3"))) == 1
    again.add(group(again, "hxb:B1:LF1:U1"))
    assert sum(len(one.heard) for one in again.oldest(10_000)) == again.frames
    assert again.oldest(10_000)[-1].heard[0].frame.text == "hxb:B1:LF1:U1"


def test_a_file_that_is_no_database_is_put_aside(file: Path) -> None:
    file.write_bytes(os.urandom(9000))
    spill = Spill(file)
    spill.add(group(spill, "hxb:B1:LF1:U1"))
    assert spill.frames == 1
    assert len(list(file.parent.glob("spill-damaged-*.sqlite3"))) == 1


def test_a_group_that_the_disk_has_changed_is_put_aside_and_the_rest_goes_on(file: Path) -> None:
    spill = Spill(file)
    for number in (1, 2, 3):
        spill.add(group(spill, f"hxb:B1:LF{number}:U"))
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE groups SET body = CAST(replace(body, 'LF2', 'LF9') AS BLOB)")
    texts = [one.heard[0].frame.text for one in spill.oldest(10)]
    assert texts == ["hxb:B1:LF1:U", "hxb:B1:LF3:U"]
    assert (spill.frames, spill.unreadable) == (2, 1)


def test_a_folder_that_takes_no_file_means_no_spill(tmp_path: Path) -> None:
    assert open_spill(tmp_path / "nowhere") is None


def test_a_file_that_a_full_disk_refused_at_the_start_is_opened_when_there_is_room(
    tmp_path: Path,
) -> None:
    folder, clock = tmp_path / "later", Time()
    store = GroupStore(open_spill(folder), Inline(), clock, partial(open_spill, folder))
    store.store(store.number(heard("hxb:B1:LF1:U"), []))
    folder.mkdir()
    left = Spill(folder / NAME)
    left.add(group(left, "hxb:B1:LF2:U"))
    left._close()
    clock.now += 61
    store.store(store.number(heard("hxb:B1:LF3:U"), []))
    drain(store, clock)
    assert stored() == ["hxb:B1:LF1:U", "hxb:B1:LF2:U", "hxb:B1:LF3:U"]


# -- in order, once ---------------------------------------------------------------------------


def test_while_the_database_is_away_frames_are_spilled_and_come_back_in_order(file: Path) -> None:
    database, clock = Away(), Time()
    store = GroupStore(Spill(file), database, clock)
    for number in range(5):
        store.store(store.number(heard(f"hxb:B1:LF{number}:U"), []))
    assert (stored(), store.spilled) == ([], 5)
    assert isinstance(store.error, OperationalError)
    database.is_away = False
    drain(store, clock)
    store.store(store.number(heard("hxb:B1:LF5:U"), []))
    assert stored() == [f"hxb:B1:LF{number}:U" for number in range(6)]
    assert store.spilled == 0
    assert store.error is None


def test_nothing_overtakes_what_waits_in_the_spill(file: Path) -> None:
    database, clock = Away(), Time()
    store = GroupStore(Spill(file), database, clock)
    store.store(store.number(heard("hxb:B1:LF1:U"), []))
    database.is_away = False
    clock.now += 10
    store.store(store.number(heard("hxb:B1:LF2:U"), []))
    assert stored() == []
    drain(store, clock)
    assert stored() == ["hxb:B1:LF1:U", "hxb:B1:LF2:U"]


def test_a_database_that_is_away_is_not_asked_with_every_frame(file: Path) -> None:
    database, clock = Away(), Time()
    store = GroupStore(Spill(file), database, clock)
    for number in range(100):
        store.store(store.number(heard(f"hxb:B1:LF{number}:U"), []))
        store.drain()
    assert database.tries == 1


def test_what_a_hanging_database_stores_after_all_is_stored_once(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lora.group_store.GIVE_UP_AFTER", 0.0)
    database, clock = Hanging(), Time()
    store = GroupStore(Spill(file), database, clock)
    store.store(store.number(heard("hxb:B1:LF1:U"), []))
    store.store(store.number(heard("hxb:B1:LF2:U"), []))
    assert store.spilled == 2
    database.go_on()
    drain(store, clock)
    assert stored() == ["hxb:B1:LF1:U", "hxb:B1:LF2:U"]
    assert store.spilled == 0


def test_a_kill_between_storing_and_forgetting_stores_nothing_twice(file: Path) -> None:
    spill = Spill(file)
    groups = [group(spill, f"hxb:B1:LF{number}:U") for number in range(3)]
    for one in groups:
        spill.add(one)
    store_groups(groups[:2], spill.generation)  # and here the receiver is killed
    drain(GroupStore(Spill(file), Inline(), clock := Time()), clock)
    assert stored() == [f"hxb:B1:LF{number}:U" for number in range(3)]
    assert SpillPosition.objects.get().number == groups[-1].number


def test_a_commit_whose_answer_was_lost_is_stored_once(file: Path) -> None:
    store = GroupStore(Spill(file), database := Answerless(), clock := Time())
    store.store(store.number(heard("hxb:B1:LF1:U"), []))
    assert (stored(), store.spilled) == (["hxb:B1:LF1:U"], 1)
    database.is_away = False
    store.store(store.number(heard("hxb:B1:LF2:U"), []))
    drain(store, clock)
    assert stored() == ["hxb:B1:LF1:U", "hxb:B1:LF2:U"]
    assert store.spilled == 0


def test_damage_that_is_met_on_the_way_back_holds_nothing_up(file: Path) -> None:
    spill = Spill(file)
    for number in range(60):
        spill.add(group(spill, f"hxb:B1:LF{number}:{'U' * 3000}"))
    spill._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spill._database.execute("PRAGMA cache_size = 0")
    with file.open("r+b") as damaged:
        damaged.seek(file.stat().st_size * 2 // 3 // 4096 * 4096)
        damaged.write(os.urandom(16384))
    store = GroupStore(spill, Inline(), clock := Time())
    drain(store, clock)
    store.store(store.number(heard("hxb:B1:LF60:U"), []))
    assert 0 < len(stored()) < 61
    assert stored()[-1] == "hxb:B1:LF60:U"
    assert store.spilled == 0


def test_what_cannot_be_forgotten_is_not_stored_again(file: Path) -> None:
    spill = Spill(file)
    spill.add(group(spill, "hxb:B1:LF1:U"))
    spill._database.execute("PRAGMA query_only = ON")
    store = GroupStore(spill, Inline(), clock := Time())
    drain(store, clock)
    assert isinstance(store.error, SpillFailed)
    spill._database.execute("PRAGMA query_only = OFF")
    drain(store, clock)
    assert stored() == ["hxb:B1:LF1:U"]
    assert store.spilled == 0
    store.store(store.number(heard("hxb:B1:LF2:U"), []))
    assert stored() == ["hxb:B1:LF1:U", "hxb:B1:LF2:U"]


def test_a_long_spill_comes_back_in_few_commits(file: Path) -> None:
    spill = Spill(file)
    for number in range(50):
        spill.add(group(spill, f"hxb:B1:LF{number}:U"))
    with CaptureQueriesContext(connection) as asked:
        drain(GroupStore(spill, Inline(), clock := Time()), clock)
    assert len(stored()) == 50
    assert len(asked) < 30


def test_what_another_boot_heard_keeps_its_time_and_its_doubt(file: Path) -> None:
    spill = Spill(file)
    clock = BootClock(boot=7, offset_ns=1_700_000_000 * 10**9, doubtful=True)
    spill.add(
        NumberedGroup(spill.next_number(), clock, [Heard(Frame("x", "plain"), "udp:1", 0)], [])
    )
    spill.add(group(spill, "hxb:B1:LF1:U"))
    drain(GroupStore(spill, Inline(), passing := Time()), passing)
    old, new = LoRaPayload.objects.order_by("pk")
    assert (old.boot, old.received_at.timestamp(), old.approximate) == (7, 1_700_000_000, True)
    assert new.boot == this_boot()
    assert abs(new.received_at.timestamp() - time.time()) < 60


def test_a_frame_that_is_refused_holds_up_no_other_in_the_spill(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(some: list[Heard], *more: object, **named: object) -> object:
        if any(one.frame.text == "hxb:bad" for one in some):
            raise ValueError("no such character")
        return store_frames(some, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("lora.group_store.store_frames", refuse)
    spill = Spill(file)
    spill.add(group(spill, "hxb:B:L1:U1", "hxb:bad", "hxb:B:L2:U2"))
    drain(GroupStore(spill, Inline(), clock := Time()), clock)
    assert [row.status for row in LoRaPayload.objects.order_by("pk")] == [
        "received", "error", "received",
    ]  # fmt: skip
    assert spill.frames == 0


def test_where_neither_takes_a_frame_it_is_not_acknowledged(file: Path, settings: Settings) -> None:
    store = GroupStore(Spill(file), Away(), Time())
    settings.DISK_RESERVE = 10**12
    numbered = store.number(heard("hxb:B1:LF1:U"), [])
    with pytest.raises(DiskFull):
        store.store(numbered)
    settings.DISK_RESERVE = 0
    store.store(numbered)
    store.store(numbered)
    assert store.spilled == 1


def test_what_a_module_said_of_itself_is_spilled_too(file: Path) -> None:
    database, clock = Away(), Time()
    store = GroupStore(Spill(file), database, clock)
    note = SourceNote("gateway:aa", Note("gateway", "rxnb 2"), time.monotonic_ns())
    store.store(store.number([], [note]))
    database.is_away = False
    drain(store, clock)
    assert Source.objects.get(name="gateway:aa").note == "rxnb 2"
