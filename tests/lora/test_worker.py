"""What becomes of payloads: every effect of both families, repeats, conflicts, poison."""

import logging
import threading
from datetime import UTC, datetime

import pytest

from herd.models import Animal, Batch, JournalEntry, Movement, Pen, TagPairing, WeightRecord
from herd.unit_of_work import UnitOfWork
from lora import apply_reading
from lora import worker as worker_module
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload, Source
from lora.retry import NotRetryable, retry
from lora.worker import Worker

pytestmark = pytest.mark.django_db

SECOND = 1_000_000_000
HOUR = 3600 * SECOND


class Barn:
    """Hears texts a minute apart unless told otherwise, and applies them."""

    def __init__(self) -> None:
        self.now_ns = 1_000 * SECOND
        self.clock = 0.0
        self.worker = Worker(clock=lambda: self.clock)

    def hear(self, *texts: str, after: float = 60.0, source: str = "udp:10.0.0.1") -> LoRaPayload:
        for text in texts:
            self.now_ns += int(after * SECOND)
            (row,) = store([Heard(Frame(text, "plain"), source, self.now_ns)])
        self.worker.step()
        row.refresh_from_db()
        return row


@pytest.fixture
def barn() -> Barn:
    return Barn()


def kinds() -> list[str]:
    """What the journal says, receptions left out."""
    entries = JournalEntry.objects.order_by("seq").values_list("kind", flat=True)
    return [kind for kind in entries if kind != "payload:received"]


def test_a_first_read_founds_the_batch_and_enters_the_animal(barn: Barn) -> None:
    row = barn.hear("hxb:BATCH001:LF123:UHF456")
    animal = Animal.objects.get()
    assert (animal.lf_tag, animal.uhf_tag) == ("LF123", "UHF456")
    assert animal.batch is not None
    assert (animal.batch.batch_number, animal.batch.source_type) == ("BATCH001", "hxb")
    assert (row.status, row.animal_id, row.batch_id) == ("processed", animal.pk, animal.batch_id)
    assert kinds() == ["batch:created", "cattle:created", "batch:updated", "payload:processed"]
    assert TagPairing.objects.filter(to_at=None).count() == 2


def test_one_tag_is_enough_to_know_an_animal_again(barn: Barn) -> None:
    barn.hear("hxb:B1:LF1:U1", "hxb:B1:LF1:", "hxb:B1::U1")
    assert Animal.objects.count() == 1
    assert set(LoRaPayload.objects.values_list("status", flat=True)) == {"processed"}


def test_any_spelling_of_a_tag_is_the_same_animal(barn: Barn) -> None:
    barn.hear("hxb:B1:840 003 123456789:", "hxb:B1:840003123456789:")
    assert Animal.objects.get().lf_tag == "840003123456789"


def test_an_animal_read_in_another_batch_moves_and_its_past_is_kept(barn: Barn) -> None:
    barn.hear("hxb:B1:LF1:U1")
    barn.hear("hxb:B2:LF1:U1")
    animal, move = Animal.objects.get(), Movement.objects.get()
    assert animal.batch == move.to_batch == Batch.objects.get(batch_number="B2")
    assert move.from_batch == Batch.objects.get(batch_number="B1")
    assert "cattle:moved" in kinds()


def test_a_new_tag_beside_a_known_one_is_a_new_pairing(barn: Barn) -> None:
    barn.hear("hxb:B1:LF1:U1", "hxb:B1:LF1:U2")
    assert Animal.objects.get().uhf_tag == "U2"
    assert TagPairing.objects.get(tag="U1").to_at is not None
    assert TagPairing.objects.get(tag="U2").to_at is None
    assert "cattle:retagged" in kinds()


def test_tags_of_two_animals_are_a_conflict_and_nothing_is_guessed(barn: Barn) -> None:
    barn.hear("hxb:B1:LF1:U1", "hxb:B1:LF2:U2")
    row = barn.hear("hxb:B9:LF1:U2")
    assert (row.status, row.error_code) == ("error", "tag_conflict")
    assert "LF1" in row.error_message
    assert "U2" in row.error_message
    assert not Batch.objects.filter(batch_number="B9").exists()


def test_an_export_read_exports_once(barn: Barn) -> None:
    barn.hear("hxb:B1:LF1:U1", "hxe:B1:LF1:U1")
    barn.hear("hxe:B1:LF1:U1")
    assert Animal.objects.get().status == "exported"
    assert kinds().count("cattle:exported") == 1


def test_a_repeat_within_the_window_has_no_second_effect(barn: Barn) -> None:
    first = barn.hear("hxb:B1:LF1:U1")
    again = barn.hear("hxb:B1:LF1:U1", after=4.9, source="gateway:2")
    assert (again.status, again.duplicate_of_id) == ("duplicate", first.pk)


def test_the_window_counts_from_the_first_reception_not_from_its_repeats(barn: Barn) -> None:
    barn.hear("hxb:B1:LF1:U1")
    barn.hear("hxb:B1:LF1:U1", after=4.0)
    assert barn.hear("hxb:B1:LF1:U1", after=4.0).status == "processed"


def test_repeats_that_wait_together_are_told_apart_too(barn: Barn) -> None:
    barn.hear("hxb:B1:LF1:U1", "hxb:B1:LF1:U1", "hxb:B1:LF1:U1", after=3.0)
    statuses = LoRaPayload.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["processed", "duplicate", "processed"]


def test_the_same_text_after_a_reboot_is_a_new_reading(barn: Barn) -> None:
    row = barn.hear("hxb:B1:LF1:U1")
    LoRaPayload.objects.filter(pk=row.pk).update(boot=1)
    assert barn.hear("hxb:B1:LF1:U1", after=1.0).status == "processed"


INDUCTION = "event:hxbind000001|funder:Acme|lot:L7|pen:P3|lid:77|sex:M|lot_group:G|pen_location:N"


@pytest.mark.parametrize(
    ("told", "sex"), [("sTEER", "Steer"), ("HEIFER", "Heifer"), ("F", "female")]
)
def test_a_sex_has_one_spelling(barn: Barn, told: str, sex: str) -> None:
    barn.hear(INDUCTION.replace("sex:M", f"sex:{told}"))
    assert Animal.objects.get().sex == sex


def test_an_induction_makes_lot_pen_and_animal(barn: Barn) -> None:
    row = barn.hear(INDUCTION)
    animal = Animal.objects.select_related("batch", "pen").get()
    assert (animal.livestock_id, animal.sex) == ("77", "male")
    assert animal.batch is not None
    assert (animal.batch.batch_number, animal.batch.funder, animal.batch.lot_group) == (
        "L7",
        "Acme",
        "G",
    )
    assert (animal.pen and animal.pen.pen_number, Pen.objects.get().location) == ("P3", "N")
    assert row.event_id == "hxbind000001"


def test_a_pairing_puts_tags_and_weight_on_the_inducted_animal(barn: Barn) -> None:
    barn.hear(INDUCTION, "event:hxbpai000001|lf:LF9|epc:U9|lid:77|weight:301.5")
    animal = Animal.objects.get()
    assert (animal.lf_tag, animal.uhf_tag, float(animal.last_weight_kg or 0)) == (
        "LF9",
        "U9",
        301.5,
    )


def test_tags_read_before_their_pairing_get_the_livestock_id(barn: Barn) -> None:
    barn.hear("hxb:B1:LF9:U9", "event:hxbpai000001|lf:LF9|epc:U9|lid:77")
    assert Animal.objects.get().livestock_id == "77"


def test_a_pairing_of_tags_that_another_animal_bears_is_a_conflict(barn: Barn) -> None:
    barn.hear(INDUCTION, "hxb:B1:LF9:U9")
    row = barn.hear("event:hxbpai000001|lf:LF9|epc:U9|lid:77")
    assert row.error_code == "tag_conflict"


def test_a_check_in_is_a_weight_and_two_make_a_gain(barn: Barn) -> None:
    barn.hear(INDUCTION)
    Animal.objects.update(induction_date=datetime(2026, 1, 1, tzinfo=UTC).date())
    for number, (day, kg) in enumerate(((1, 300), (31, 345))):
        row = LoRaPayload.objects.get(pk=barn.hear("hxb:never:applied:").pk)
        del row
        (heard,) = store(
            [Heard(Frame(f"event:hxbchi{number:06d}|weight:{kg}|lid:77", "plain"), "s", number)]
        )
        LoRaPayload.objects.filter(pk=heard.pk).update(
            received_at=datetime(2026, 1, 1, tzinfo=UTC).replace(day=day)
        )
        barn.worker.step()
    animal = Animal.objects.get(livestock_id="77")
    assert animal.adg_kg == pytest.approx(1.5)


def test_the_whole_example_of_a_check_in_makes_a_pending_animal(barn: Barn) -> None:
    barn.hear("event:hxbchi000001|weight:267.3|lid:1")
    animal, weight = Animal.objects.get(), WeightRecord.objects.get()
    assert (animal.status, animal.livestock_id) == ("pending", "1")
    assert (float(weight.weight_kg), weight.quality, weight.source) == (267.3, "ok", "radio")


def test_a_weight_that_no_steer_can_have_is_kept_as_suspect(barn: Barn) -> None:
    barn.hear("event:hxbchi000001|weight:267.3|lid:1")
    barn.now_ns += HOUR
    barn.hear("event:hxbchi000002|weight:867.3|lid:1")
    suspect = WeightRecord.objects.get(weight_kg="867.3")
    assert suspect.quality == "suspect"
    assert "too fast" in suspect.reason
    assert float(Animal.objects.get().last_weight_kg or 0) == 267.3


def test_a_repair_replaces_the_tag_and_keeps_the_old_one_in_history(barn: Barn) -> None:
    barn.hear(INDUCTION, "event:hxbpai000001|lf:LF9|epc:U9|lid:77")
    barn.hear("event:hxbrep000001|lid:77|old_lf:LF9|new_lf:LF10|reason:lost")
    assert Animal.objects.get().lf_tag == "LF10"
    assert TagPairing.objects.get(tag="LF9").to_at is not None
    assert TagPairing.objects.get(tag="LF10").reason == "lost"


def test_a_repair_of_an_unknown_animal_says_so(barn: Barn) -> None:
    row = barn.hear("event:hxbrep000001|lid:99|new_lf:LF10")
    assert row.error_code == "unknown_animal"
    assert "99" in row.error_message


def test_an_event_that_was_corrected_is_still_known_as_its_sender_repeats_it(barn: Barn) -> None:
    sent = "event:hxbchi500001|weight:abc|lid:1"
    wrong = barn.hear(sent)
    retry(wrong.pk, actor="office:ana", text="event:hxbchi500001|weight:300|lid:1")
    barn.worker.step()
    again = barn.hear(sent, after=60_000)
    assert (again.status, again.duplicate_of_id) == ("duplicate", wrong.pk)
    corrected = barn.hear("event:hxbchi500001|weight:300|lid:1", after=60_000)
    assert corrected.status == "duplicate"


def test_an_event_id_is_used_once_for_ever(barn: Barn) -> None:
    first = barn.hear("event:hxbchi000001|weight:267.3|lid:1")
    same = barn.hear("event:hxbchi000001|weight:267.3|lid:1", after=9_000)
    other = barn.hear("event:hxbchi000001|weight:268.0|lid:1")
    assert (same.status, same.duplicate_of_id) == ("duplicate", first.pk)
    assert (other.status, other.error_code) == ("error", "event_id_reused")
    assert WeightRecord.objects.count() == 1


def test_an_id_that_names_another_kind_is_marked(barn: Barn) -> None:
    row = barn.hear("event:hxbind000009|weight:267.3|lid:1")
    assert row.status == "processed"
    assert "another kind" in row.remark


def test_a_corrected_payload_is_applied_and_cannot_be_retried_again(barn: Barn) -> None:
    row = barn.hear("hxb:B1:9.82E+14:U1")
    assert row.error_code == "bad_tag"
    retry(row.pk, actor="office:ana", text="hxb:B1:982000001088420:U1")
    barn.worker.step()
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("processed", "")
    with pytest.raises(NotRetryable, match="processed"):
        retry(row.pk, actor="office:ana")


def test_an_error_counts_once_for_its_source_however_often_it_is_tried_again(barn: Barn) -> None:
    row = barn.hear("hxb:B1:9.82E+14:U1")
    for text in (None, "hxb:B1:9.83E+14:U1"):
        retry(row.pk, actor="office:ana", text=text)
        barn.worker.step()
    assert LoRaPayload.objects.get().status == "error"
    assert Source.objects.get().errors == 1


def test_what_is_no_payload_counts_once_too(barn: Barn) -> None:
    (row,) = store([Heard(Frame("x", "plain", "not_printable"), "udp:10.0.0.1", 1)])
    retry(row.pk, actor="office:ana")
    barn.worker.step()
    assert Source.objects.get().errors == 1


def test_a_poison_payload_is_parked_after_five_tries_and_blocks_nobody(
    barn: Barn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    apply = apply_reading.apply

    def fail_on_poison(unit: UnitOfWork, reading: object, at: object) -> object:
        if getattr(reading, "batch_number", "") == "POISON":
            unit.add(Batch(batch_number="half an effect"))
            raise RuntimeError("our own mistake")
        return apply(unit, reading, at)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_module, "apply", fail_on_poison)
    barn.hear("hxb:POISON:L:U", "hxb:B1:LF1:U1")
    for _ in range(6):
        barn.clock += 1000
        barn.worker.step()
    poison, healthy = LoRaPayload.objects.order_by("pk")
    assert (poison.status, poison.error_code, poison.attempts) == ("error", "internal", 5)
    assert healthy.status == "processed"
    assert list(Batch.objects.values_list("batch_number", flat=True)) == ["B1"]


def test_a_payload_that_fails_as_the_step_is_written_is_parked_and_blocks_nobody(
    barn: Barn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    write = UnitOfWork.write

    def fail_on_poison(unit: UnitOfWork) -> None:
        if any(pairing.tag == "POISON" for pairing in unit.new_rows(TagPairing)):
            raise OverflowError("our own mistake")
        write(unit)

    monkeypatch.setattr(UnitOfWork, "write", fail_on_poison)
    barn.hear("hxb:B1:LF1:U1", "hxb:B9:POISON:U9", "hxb:B1:LF2:U2")
    assert statuses() == ["processed", "received", "processed"]
    for _ in range(6):
        barn.clock += 1000
        barn.worker.step()
    poison = LoRaPayload.objects.get(status="error")
    assert (poison.error_code, poison.attempts) == ("internal", 5)
    assert poison.processed_at is not None
    assert kinds()[-1] == "payload:error"
    assert not Batch.objects.filter(batch_number="B9").exists()


def statuses() -> list[str]:
    return list(LoRaPayload.objects.order_by("pk").values_list("status", flat=True))


def test_a_chore_that_fails_does_not_stop_the_work(
    barn: Barn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> int:
        raise ValueError("a time nobody can read")

    monkeypatch.setattr("lora.worker.Retimer.step", fail)
    store([Heard(Frame("hxb:B1:LF1:U1", "plain"), "udp:10.0.0.1", SECOND)])
    stop = threading.Event()
    monkeypatch.setattr(barn.worker, "_wait_for_commit", lambda stop: stop.set())
    barn.worker.run(stop)
    assert statuses() == ["processed"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_applying_everything_twice_changes_nothing_the_second_time(barn: Barn) -> None:
    texts = [INDUCTION, "event:hxbpai1|lf:LF9|epc:U9|lid:77", "hxb:L7:LF9:U9", "hxb:B2:LF1:U1"]
    barn.hear(*texts)
    before = (
        list(Animal.objects.values_list("pk", "lf_tag", "uhf_tag", "batch", "pen")),
        TagPairing.objects.count(),
        Movement.objects.count(),
    )
    LoRaPayload.objects.update(status="received", boot=1)
    LoRaPayload.objects.filter(event_id="hxbpai1").update(event_id=None)
    barn.worker.step()
    after = (
        list(Animal.objects.values_list("pk", "lf_tag", "uhf_tag", "batch", "pen")),
        TagPairing.objects.count(),
        Movement.objects.count(),
    )
    assert before == after
