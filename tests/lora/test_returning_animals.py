"""Animals that had left and are heard of again, and texts that speak of the wrong animal."""

from datetime import date

import pytest

from herd.models import Animal, Batch, JournalEntry, Pen, WeightRecord
from tests.lora.test_worker import Barn

pytestmark = pytest.mark.django_db


@pytest.fixture
def barn() -> Barn:
    barn = Barn()
    barn.hear("event:hxbind1|funder:F|lot:L1|pen:P1|lid:1", "event:hxbpai2|lf:LF1|epc:U1|lid:1")
    return barn


@pytest.mark.parametrize("status", ["exported", "sold"])
def test_an_animal_that_is_inducted_again_is_on_feed_and_counted(barn: Barn, status: str) -> None:
    barn.hear("hxe:X:LF1:U1")
    Animal.objects.update(status=status, left_reason="to the packer")
    barn.hear("event:hxbind3|funder:F|lot:L2|pen:P2|lid:1")

    animal = Animal.objects.get()
    assert (animal.status, animal.left_on, animal.left_reason) == ("active", None, "")
    assert Pen.objects.get(pen_number="P2").head_count == 1
    told = JournalEntry.objects.filter(kind="cattle:moved").latest("seq").detail
    assert told.startswith(f"back on feed; {status} on 20")


def test_a_dead_animal_is_not_inducted(barn: Barn) -> None:
    Animal.objects.update(status="dead", left_on=date(2026, 1, 2))
    row = barn.hear("event:hxbind3|funder:F|lot:L2|pen:P2|lid:1")

    assert (row.status, row.error_code) == ("error", "not_on_feed")
    assert "marked dead" in row.error_message
    assert not Pen.objects.filter(pen_number="P2").exists()


def test_an_export_read_leaves_a_dead_animal_dead_and_is_marked(barn: Barn) -> None:
    Animal.objects.update(status="dead", left_on=date(2026, 1, 2))
    row = barn.hear("hxe:X:LF1:U1")

    animal = Animal.objects.get()
    assert (animal.status, animal.left_on) == ("dead", date(2026, 1, 2))
    assert animal.last_seen_at == row.received_at
    assert (row.status, row.remark) == ("processed", "The animal is marked dead, and stays so.")
    assert not JournalEntry.objects.filter(kind="cattle:exported").exists()


@pytest.mark.parametrize("event", ["pai8|lf:LF1|epc:U9|lid:2", "rep9|new_lf:LF1|lid:2"])
def test_a_conflict_calls_a_livestock_id_by_its_name(barn: Barn, event: str) -> None:
    barn.hear("event:hxbpai7|lf:LF2|epc:U2|lid:2")
    row = barn.hear(f"event:hxb{event}")

    assert row.error_code == "tag_conflict"
    assert "Tag LF1 is on animal 1" in row.error_message
    assert "livestock id 2" in row.error_message
    assert "tag 2" not in row.error_message


@pytest.mark.parametrize("text", ["lid:7", "weight:heavy|lid:7", "weight:300|lid:7|lid:8"])
def test_a_used_event_id_is_told_of_whatever_is_wrong_besides(barn: Barn, text: str) -> None:
    barn.hear("event:hxbchi30|weight:300|lid:7")
    row = barn.hear(f"event:hxbchi30|{text}")

    assert (row.status, row.error_code) == ("error", "event_id_reused")


def test_a_weight_no_animal_has_is_kept_and_doubted(barn: Barn) -> None:
    row = barn.hear("event:hxbchi30|weight:2500|lid:1")

    assert row.status == "processed"
    assert WeightRecord.objects.get().quality == "suspect"


@pytest.mark.parametrize(
    ("told", "batch", "pen"), [("lot:L9", "L9", "P1"), ("pen:P9|funder:None", "L1", "P9")]
)
def test_an_induction_leaves_where_the_animal_is_what_it_does_not_name(
    barn: Barn, told: str, batch: str, pen: str
) -> None:
    row = barn.hear(f"event:hxbind3|{told}|lid:1")

    animal = Animal.objects.select_related("batch", "pen").get()
    assert (row.status, "The induction names no" in row.remark) == ("processed", True)
    assert (str(animal.batch), str(animal.pen)) == (batch, pen)


@pytest.mark.parametrize("told", ["lot:L9", "pen:P9", "lot:L9|pen:P9|funder:"])
def test_a_new_animal_needs_a_lot_or_a_pen(barn: Barn, told: str) -> None:
    row = barn.hear(f"event:hxbind3|{told}|lid:2")

    animal = Animal.objects.select_related("batch", "pen").get(livestock_id="2")
    assert (row.status, row.error_message, animal.status) == ("processed", "", "active")
    assert (animal.batch is not None, animal.pen is not None) == ("lot" in told, "pen" in told)
    assert row.batch_id == animal.batch_id


def test_a_funder_without_a_lot_changes_no_batch(barn: Barn) -> None:
    Batch.objects.update(funder="")
    row = barn.hear("event:hxbind3|pen:P9|funder:G|lid:1")

    assert (row.status, Batch.objects.get().funder) == ("processed", "")
    assert "are not kept" in row.remark


def test_an_induction_into_a_full_pen_is_done_and_remarked(barn: Barn) -> None:
    Pen.objects.update(capacity=2)
    rows = [barn.hear(f"event:hxbind{n}|funder:F|lot:L1|pen:P1|lid:{n}") for n in (2, 3)]

    assert [row.remark for row in rows] == ["", "Pen P1 holds 3 of 2 head."]
    assert Pen.objects.get().head_count == 3


def test_an_animal_that_comes_back_into_its_pen_by_an_induction_is_remarked(barn: Barn) -> None:
    barn.hear("hxe:X:LF1:U1", "event:hxbind2|funder:F|lot:L1|pen:P1|lid:2")
    Pen.objects.update(capacity=1)
    row = barn.hear("event:hxbind3|funder:F|lot:L1|lid:1")

    assert row.remark.startswith("Pen P1 holds 2 of 1 head.")
