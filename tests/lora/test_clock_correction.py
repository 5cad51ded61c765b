"""A Pi that started in 1970 and got its clock later: marked at first, right in the end."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from herd import operations, system_clock
from herd.models import Animal, Batch, JournalEntry, Movement, TagPairing, WeightRecord
from herd.unit_of_work import UnitOfWork
from lora import intake
from lora.clock_correction import Retimer, retime_some
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.processes import clock
from lora.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

WRONG = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
TEXTS = (
    "event:hxbind000001|funder:A|lot:LOT1|pen:P1|lid:L1",
    "event:hxbpai000001|lf:840003123456789|epc:E2801160600002084D3A1B2C|lid:L1",
    "event:hxbchi000001|weight:267.3|lid:L1",
    "hxe:SHIP1:840003123456789:",
)


@pytest.fixture
def wrong_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The Pi's time of day stands in 1970 and the kernel says so; call it to set the clock."""
    true_offset = intake._clock_offset_ns
    off = int((datetime.now(UTC) - WRONG).total_seconds()) * 1_000_000_000
    monkeypatch.setattr(intake, "_clock_offset_ns", lambda: true_offset() - off)
    monkeypatch.setattr(clock, "is_synchronised", lambda: False)

    def set_right() -> None:
        monkeypatch.setattr(intake, "_clock_offset_ns", true_offset)
        monkeypatch.setattr(clock, "is_synchronised", lambda: True)

    return set_right


def heard(*texts: str) -> None:
    for text in texts:
        store([Heard(Frame(text, "plain"), "udp:10.0.0.1", time.monotonic_ns())])
    Worker().step()


def test_what_came_before_the_clock_was_set_is_marked(wrong_clock: Callable[[], None]) -> None:
    heard(TEXTS[0])
    wrong_clock()
    heard("hxb:LOT1:LF1:")
    assert list(LoRaPayload.objects.order_by("id").values_list("approximate", flat=True)) == [
        True,
        False,
    ]


def test_every_time_that_a_reading_left_is_put_right(wrong_clock: Callable[[], None]) -> None:
    heard(*TEXTS)
    assert Animal.objects.get().induction_date == WRONG.date()
    wrong_clock()
    assert retime_some(set()) == 4
    animal, today, just_now = Animal.objects.get(), datetime.now(UTC).date(), recently()
    assert (animal.induction_date, animal.left_on) == (today, today)
    assert animal.first_seen_at > just_now < animal.last_seen_at
    assert animal.last_weighed_at is not None
    assert animal.last_weighed_at > just_now
    assert not WeightRecord.objects.filter(recorded_at__lt=just_now).exists()
    assert not TagPairing.objects.filter(from_at__lt=just_now).exists()
    assert not Movement.objects.filter(moved_at__lt=just_now).exists()
    assert not LoRaPayload.objects.filter(received_at__lt=just_now).exists()
    assert not LoRaPayload.objects.filter(approximate=True).exists()
    assert Batch.objects.get(batch_number="SHIP1").last_read_at > just_now  # type: ignore[operator]


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


def test_offices_hear_of_it(wrong_clock: Callable[[], None]) -> None:
    heard(TEXTS[2])
    wrong_clock()
    last = JournalEntry.objects.first()
    assert last is not None
    retime_some(set())
    told = JournalEntry.objects.filter(seq__gt=last.seq).values_list("kind", flat=True)
    assert {"payload:processed", "weight:recorded", "cattle:updated"} <= set(told)


def test_the_order_of_weights_is_that_of_their_arrival(wrong_clock: Callable[[], None]) -> None:
    """One while the clock was wrong, one after it was set, a day apart by the monotonic clock."""
    day_ago = time.monotonic_ns() - 86_400 * 1_000_000_000
    store([Heard(Frame(TEXTS[2], "plain"), "udp:10.0.0.1", day_ago)])
    Worker().step()
    wrong_clock()
    heard("event:hxbchi000002|weight:268.9|lid:L1")
    retime_some(set())
    first, second = WeightRecord.objects.order_by("recorded_at")
    assert second.recorded_at - first.recorded_at > timedelta(hours=23)
    assert (first.quality, second.quality) == ("ok", "ok")
    assert Animal.objects.get().last_weight_kg == second.weight_kg


def test_an_earlier_boot_cannot_be_put_right_and_stays_marked(
    wrong_clock: Callable[[], None],
) -> None:
    heard(TEXTS[0])
    LoRaPayload.objects.update(boot=1)
    wrong_clock()
    assert retime_some(set()) == 0
    assert LoRaPayload.objects.get().approximate


def test_one_that_cannot_be_put_right_stays_marked_and_holds_up_no_other(
    wrong_clock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(*TEXTS)
    wrong_clock()
    true_retime, tries = operations.retime, 0

    def fail_once(unit: UnitOfWork, retiming: operations.Retiming) -> None:
        nonlocal tries
        tries += 1
        true_retime(unit, retiming)
        if tries == 1:
            raise RuntimeError

    monkeypatch.setattr(operations, "retime", fail_once)
    retimer = Retimer(is_right=lambda: True)
    assert (retimer.step(), retimer.step()) == (len(TEXTS), 0)
    marked = LoRaPayload.objects.get(approximate=True)
    assert (marked.raw_payload, marked.received_at.year) == (TEXTS[0], WRONG.year)
    assert Animal.objects.get().induction_date == WRONG.date()


def test_one_that_cannot_be_written_stays_marked_and_holds_up_no_other(
    wrong_clock: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(*TEXTS)
    wrong_clock()
    first, write = LoRaPayload.objects.earliest("pk").pk, UnitOfWork.write

    def fail_on_first(unit: UnitOfWork) -> None:
        if not unit.by_number(LoRaPayload, [first])[first].approximate:
            raise OverflowError
        write(unit)

    monkeypatch.setattr(UnitOfWork, "write", fail_on_first)
    given_up: set[int] = set()
    assert (retime_some(given_up), retime_some(given_up)) == (len(TEXTS), 0)
    assert given_up == {first} == {one.pk for one in LoRaPayload.objects.filter(approximate=True)}


def test_nothing_is_touched_until_the_clock_is_right(wrong_clock: Callable[[], None]) -> None:
    heard(TEXTS[0])
    assert Retimer().step() == 0
    wrong_clock()
    assert Retimer(is_right=clock.is_synchronised).step() == 1


def test_a_clock_that_somebody_vouches_for_is_right(settings: Settings) -> None:
    settings.TRUST_CLOCK = True
    assert clock.is_synchronised() is True
    settings.TRUST_CLOCK = False
    assert clock.is_synchronised() in {True, False, None}


@pytest.fixture
def timesync(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """timesyncd's folder, not there yet, under a kernel that does not answer (EPERM)."""
    monkeypatch.setattr(system_clock, "TIMESYNC", tmp_path / "timesync")
    monkeypatch.setattr(system_clock, "_libc", lambda: SimpleNamespace(adjtimex=lambda _: -1))
    return tmp_path / "timesync"


def test_where_the_kernel_does_not_answer_timesyncd_does(timesync: Path) -> None:
    assert clock.is_synchronised() is None
    timesync.mkdir()
    assert clock.is_synchronised() is False
    (timesync / "synchronized").touch()
    assert clock.is_synchronised() is True
