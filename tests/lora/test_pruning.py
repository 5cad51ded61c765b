"""What goes when it is old, what never goes, and what a full disk stops."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from herd.models import JournalEntry
from lora.framing.frames import Frame
from lora.group_store import GroupStore
from lora.intake import Heard, store, store_frames
from lora.listeners import Inbox
from lora.models import LoRaPayload
from lora.processes import clock
from lora.processes.disk_space import DiskFull, room
from lora.pruning import Pruner, prune_payloads
from lora.receiver import Group, Receiver
from lora.worker import Worker
from tests.lora.inline import Inline

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

SECOND = 1_000_000_000
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def right_clock(settings: Settings) -> Settings:
    settings.TRUST_CLOCK = True
    return settings


@pytest.fixture
def disk(settings: Settings) -> Settings:
    """`disk.DISK_RESERVE` beyond every disk makes it a full one."""
    return settings


def heard(text: str, second: int) -> Heard:
    return Heard(Frame(text, "plain"), "udp:10.0.0.1", second * SECOND)


def five_years_ago() -> None:
    """One of every kind: read, repeat, event, error, waiting."""
    store(
        [
            heard("hxb:B1:LF1:U1", 10),
            heard("hxb:B1:LF1:U1", 11),
            heard("event:hxbchi000001|weight:267.3|lid:1", 20),
            heard("nonsense", 30),
        ]
    )
    Worker().step()
    store([heard("hxb:B1:LF2:U2", 40)])
    LoRaPayload.objects.update(received_at=LONG_AGO)
    JournalEntry.objects.update(at=LONG_AGO)


def just_now() -> None:
    """Something is stored at this very time, which shows that the clock is right."""
    store([Heard(Frame("hxb:B1:LF3:U3", "plain"), "udp:10.0.0.1", time.monotonic_ns())])


def test_a_payload_whose_time_was_never_put_right_stays() -> None:
    five_years_ago()
    LoRaPayload.objects.filter(status="processed").update(approximate=True)
    kept = LoRaPayload.objects.filter(status="processed").count()
    prune_payloads(timezone.now(), 100)
    assert LoRaPayload.objects.filter(status="processed").count() == kept


def statuses() -> list[str]:
    return list(LoRaPayload.objects.order_by("id").values_list("status", flat=True))


def test_settled_reads_go_and_events_errors_and_what_waits_stay() -> None:
    five_years_ago()
    assert prune_payloads(LONG_AGO + timedelta(days=1), 10) == 2
    assert statuses() == ["processed", "error", "received"]
    assert LoRaPayload.objects.filter(event_id="hxbchi000001").exists()


def test_the_event_of_a_pruned_year_is_still_known() -> None:
    five_years_ago()
    prune_payloads(LONG_AGO + timedelta(days=1), 10)
    store([heard("event:hxbchi000001|weight:267.3|lid:1", 9_000)])
    Worker().step()
    assert statuses()[-1] == "duplicate"


def test_the_pruner_takes_journal_and_payloads_in_steps_and_then_rests() -> None:
    five_years_ago()
    just_now()
    now = 0.0
    pruner = Pruner(clock=lambda: now)
    steps = []
    while gone := pruner.step():
        steps.append(gone)
    assert steps[-1] == 2
    five_years_ago()
    just_now()
    assert pruner.step() == 0
    now = 3601.0
    assert pruner.step() > 0


def pruned() -> int:
    return sum(iter(Pruner().step, 0))


@pytest.mark.parametrize("said", [None, False])
def test_nothing_goes_by_a_clock_that_may_be_wrong(
    monkeypatch: pytest.MonkeyPatch, *, said: bool | None
) -> None:
    five_years_ago()
    just_now()
    monkeypatch.setattr(clock, "is_synchronised", lambda: said)
    assert pruned() == 0
    monkeypatch.setattr(clock, "is_synchronised", lambda: True)
    assert pruned() > 0


def test_nothing_goes_by_a_clock_far_ahead_of_all_that_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    five_years_ago()
    just_now()
    ahead = timezone.now() + timedelta(days=3650)
    monkeypatch.setattr(timezone, "now", lambda: ahead)
    assert pruned() == 0


def test_a_payload_that_goes_is_not_looked_for_in_every_row() -> None:
    plan = LoRaPayload.objects.filter(duplicate_of__in=[1, 2]).order_by().explain()
    assert "payload_by_first" in plan


def test_a_short_disk_lets_repeats_go_after_a_day(disk: Settings) -> None:
    five_years_ago()
    two_days_ago = datetime.now(UTC) - timedelta(days=2)
    LoRaPayload.objects.update(received_at=two_days_ago)
    disk.DISK_RESERVE = 10**12
    pruner = Pruner()
    while pruner.step():
        pass
    assert statuses() == ["processed", "processed", "error", "received"]


def test_a_full_disk_stores_nothing_and_says_why(disk: Settings) -> None:
    disk.DISK_RESERVE = 10**12
    with pytest.raises(DiskFull, match="nothing new is stored until there is room"):
        store_frames([heard("hxb:B1:LF1:U1", 1)])
    assert not LoRaPayload.objects.exists()


def test_the_worker_leaves_what_waits_until_there_is_room(disk: Settings) -> None:
    store([heard("hxb:B1:LF1:U1", 1)])
    disk.DISK_RESERVE = 10**12
    with pytest.raises(DiskFull):
        Worker().step()
    disk.DISK_RESERVE = 0
    assert Worker().step() == 1


def test_the_receiver_keeps_what_it_heard_and_stores_it_when_there_is_room(
    disk: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    disk.DISK_RESERVE = 10**12
    receiver, stop = Receiver(Inbox(), None, [], GroupStore(None, Inline())), threading.Event()
    group = Group(heard=[heard("hxb:B1:LF1:U1", 1)])
    timer = threading.Timer(0.4, lambda: setattr(disk, "DISK_RESERVE", 0))
    timer.start()
    assert receiver._keep(group, stop)
    assert statuses() == ["received"]
    assert [r.levelname for r in caplog.records if r.name == "lora.receiver"] == ["WARNING", "INFO"]


def test_room_counts_what_deleted_rows_have_left() -> None:
    store([heard(f"hxb:B1:LF{n}:{'U' * 40}", n) for n in range(500)])
    before = room().in_database
    LoRaPayload.objects.all().delete()
    assert room().in_database > before
