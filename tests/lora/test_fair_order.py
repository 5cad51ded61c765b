"""No reading waits behind noise, and readings keep their order whoever sent them."""

import pytest

from herd.models import Animal, JournalEntry
from lora.deduplication import Repeats
from lora.fair_order import MOST_LOOKED_AT
from lora.framing.frames import Frame
from lora.intake import Heard, store_frames
from lora.models import LoRaPayload
from lora.worker import BATCH_SIZE, Worker

pytestmark = pytest.mark.django_db

MINUTE = 60_000_000_000


def heard(text: str, number: int, source: str = "udp:10.0.0.1") -> Heard:
    return Heard(Frame(text, "plain"), source, number * MINUTE)


def noise(count: int, source: str = "udp:10.0.0.66") -> list[Heard]:
    return [heard(f"noise {number}", number, source) for number in range(count)]


def statuses(**which: object) -> set[str]:
    return set(LoRaPayload.objects.filter(**which).values_list("status", flat=True))


def test_a_reading_does_not_wait_behind_a_backlog_of_noise() -> None:
    store_frames([*noise(5_000), heard("hxb:B1:LF1:", 5_000)])
    Worker().step()
    assert Animal.objects.get().lf_tag == "LF1"


def test_noise_is_settled_in_bulk_beside_the_readings() -> None:
    store_frames([*noise(2 * MOST_LOOKED_AT), heard("hxb:B1:LF1:", 5_000)])
    worker = Worker()
    assert [worker.step() for _ in range(3)] == [MOST_LOOKED_AT + 1, MOST_LOOKED_AT, 0]
    assert statuses(source="udp:10.0.0.66") == {"error"}


def test_noise_between_readings_takes_no_readings_place() -> None:
    readings = [heard(f"hxb:B1:LF{number}:", 5_000 + number) for number in range(BATCH_SIZE + 10)]
    store_frames([*noise(300), *readings])
    worker = Worker()
    assert [worker.step(), worker.step()] == [300 + BATCH_SIZE, 10]
    assert statuses() == {"processed", "error"}


@pytest.mark.parametrize(
    "text", ["hxb::LF{}:", "hxb:B1:{}:None:", "event:hxbchi1|{}", "hxb:B1:LF1:"]
)
def test_what_looks_like_readings_and_changes_nothing_is_settled_in_bulk_too(text: str) -> None:
    """Without a batch, without a weight, with four fields, or the same again and again."""
    flood = [Heard(Frame(text.format(n), "plain"), "udp:1", n * 1_000) for n in range(990)]
    store_frames([*flood, heard("hxb:B2:LF2:", 1)])
    assert Worker().step() == 991
    assert Animal.objects.filter(lf_tag="LF2").exists()


def test_what_waits_behind_a_step_is_not_held_against_it() -> None:
    flood = [Heard(Frame("hxb:B1:LF1:", "plain"), "udp:1", n * 1_000) for n in range(500)]
    store_frames(flood)
    rows = list(LoRaPayload.objects.order_by("pk")[:10])
    assert Repeats(rows, set(), 5_000)._firsts == {}


def test_without_a_backlog_everything_is_settled_in_the_order_it_came() -> None:
    store_frames([*noise(5), heard("hxb:B1:LF1:", 6), *noise(5)])
    Worker().step()
    settled = JournalEntry.objects.filter(kind__startswith="payload:").exclude(
        kind="payload:received"
    )
    assert list(settled.order_by("seq").values_list("object_id", flat=True)) == list(
        LoRaPayload.objects.order_by("pk").values_list("pk", flat=True)
    )


def test_readings_of_several_sources_keep_their_order_through_a_flood() -> None:
    """The animal stands where the later reader saw it, however much noise lies between."""
    first, second = "udp:10.0.0.1", "gateway:b827ebfffe123456"
    store_frames(
        [
            heard("hxb:B1:LF1:", 1, second),
            *noise(3_000),
            heard(" HXB :B2:LF1:", 4_000, first),
            *noise(3_000),
            heard("hxb:B3:LF1:", 8_000, second),
        ]
    )
    Worker().step()
    assert Animal.objects.select_related("batch").get().batch.batch_number == "B3"  # type: ignore[union-attr]  # it has one
    assert statuses(raw_payload__icontains="LF1") == {"processed"}


def test_a_repeat_of_noise_is_known_across_steps() -> None:
    store_frames([heard("noise", 1), *noise(3_000), heard("noise", 1)])
    worker = Worker()
    while worker.step():
        pass
    same = LoRaPayload.objects.filter(raw_payload="noise").order_by("pk")
    assert [row.status for row in same] == ["error", "duplicate"]
