"""Every operation only reads: its change is written later, and refused it leaves nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from herd import operations
from herd.commands import Induction, PairTags, RepairTags, TagRead
from herd.models import (
    Animal,
    Batch,
    JournalEntry,
    Movement,
    Pen,
    Product,
    Pull,
    Session,
    Shipment,
    ShipmentAnimal,
    TagPairing,
    Treatment,
    WeightRecord,
    WorkMark,
)
from herd.operations.loading import shipment_no
from herd.operations.sessions import session_no
from herd.scale_days import Fault, ScaleDay, Step
from herd.scales_table import ScaleFault, ScaleStep
from herd.sheets.rows import AnimalRow, TreatmentRow, WeightRow
from herd.storage import journal
from herd.unit_of_work import UnitOfWork, open_unit_of_work
from lora import conflicts
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.retry import retry_one
from lora.worker import Worker
from tests.herd.counting import counted, head

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
Think = Callable[[UnitOfWork, SimpleNamespace], Any]


def changed(operate: Callable[..., Any], *given: Any) -> Any:
    with open_unit_of_work("office:ana") as unit:
        return operate(unit, *given)


def read(unit: UnitOfWork, lf: str, uhf: str, at: datetime = AT) -> Animal:
    return operations.record_read(unit, TagRead("LOT1", lf, uhf, "hxb"), at)


def move(unit: UnitOfWork, animal: Animal, pen: Pen) -> None:
    operations.move_animals(unit, operations.Move([animal.pk], pen.pk, AT))


def weigh(unit: UnitOfWork, animal: Animal, kg: int, at: datetime = AT) -> WeightRecord:
    found = unit.animal_no(animal.pk)
    return operations.record_weight(unit, found, operations.Weighing(Decimal(kg), at, "office"))


def treat(unit: UnitOfWork, animal: Animal, product: Product) -> list[Treatment]:
    dose = operations.Dose(product.pk, AT)
    return operations.treat(unit, operations.Treating([animal.pk], dose, AT, "office"))


def pull(unit: UnitOfWork, animal: Animal, pen: Pen) -> list[Pull]:
    asked = operations.Pulling([animal.pk], "bloat", AT, AT, "office", pen=pen.pk)
    return operations.pull(unit, asked)


def name(unit: UnitOfWork, animal: Animal, lid: str) -> None:
    operations.edit_animal(unit, unit.animal_no(animal.pk), {"livestock_id": lid}, AT)


@pytest.fixture
def herd() -> SimpleNamespace:
    """Three animals, two of them in a pen, weights, a conflict, and a change of each kind."""
    made = SimpleNamespace()
    made.pen = changed(operations.create_pen, {"pen_number": "P1"}, AT)
    made.empty = changed(operations.create_pen, {"pen_number": "P2"}, AT)
    animals = [changed(read, f"LF{n}", f"U{n}") for n in (1, 2, 3, 4)]
    made.one, made.two, made.three, made.spare = animals
    for lid, animal in (("L1", made.one), ("L2", made.two)):
        changed(name, animal, lid)
        changed(move, animal, made.empty)
        changed(move, animal, made.pen)
        changed(weigh, animal, 400)
    made.weight = changed(weigh, made.two, 401, AT + timedelta(minutes=1))
    made.product = changed(operations.create_product, {"name": "Oxytet", "withdrawal_days": 9}, AT)
    made.treatment = changed(treat, made.two, made.product)[0]
    made.hospital = changed(operations.create_pen, {"pen_number": "H1"}, AT)
    made.pull = changed(pull, made.two, made.pen)[0]
    made.retag = changed(operations.retag, operations.Retag(made.three.pk, AT, lf="LF9"))[1]
    same = operations.Merge(made.three.pk, made.spare.pk, AT)
    made.merge = changed(operations.merge, same)[1]
    made.sheet = changed(import_animals).change
    made.weights = changed(import_weights).change
    made.step = ScaleStep.objects.create(scale="office", day=AT.date() + timedelta(days=1))
    store([Heard(Frame("hxb:LOT1:LF1:U2", "plain"), "udp:1", 1)])
    Worker().step()
    made.session = changed(operations.begin_session, {"name": "Open"}, AT)
    made.ended = changed(operations.begin_session, {"name": "Ended"}, AT)
    changed(operations.end_session, made.ended.pk, LATER)
    made.mark = changed(operations.mark_work, seen("suspect:1"))[0]
    made.truck = changed(operations.create_shipment, {"shipment_number": "S-1"}, AT).pk
    changed(truck, made, operations.plan_animals, [made.one.pk, made.two.pk], AT)
    changed(truck, made, operations.begin_loading, AT)
    changed(truck, made, operations.load, made.one, AT)
    made.payload = LoRaPayload.objects.get(error_code="tag_conflict").pk
    return made


def seen(key: str) -> operations.Marking:
    return operations.Marking("seen", [operations.MarkedItem(key)], AT)


def truck(unit: UnitOfWork, herd: SimpleNamespace, operate: Callable[..., Any], *given: Any) -> Any:
    return operate(unit, shipment_no(unit, herd.truck), *given)


def shipped(unit: UnitOfWork, herd: SimpleNamespace) -> Shipment:
    left = operations.Shipping(AT, AT.date())
    made: Shipment = truck(unit, herd, operations.ship, left)
    return made


def shipped_and_reported(unit: UnitOfWork, herd: SimpleNamespace) -> None:
    operations.report_shipment(unit, shipped(unit, herd), AT.date(), LATER)


def import_animals(unit: UnitOfWork) -> operations.Imported:
    rows = [
        AnimalRow(2, "L7", "LF7", "U7", batch_number="LOT7", pen_number="P7"),
        AnimalRow(3, "L1", "LF1", "U1", breed="Angus", pen_number="P7"),
    ]
    return operations.import_animals(unit, rows, "sheet", AT)


def import_weights(unit: UnitOfWork) -> operations.Imported:
    rows = [WeightRow(2, "L2", Decimal(402), LATER), WeightRow(3, "L8", Decimal(300), AT)]
    return operations.import_weights(unit, rows, "weights", LATER, pending=True)


def correct(unit: UnitOfWork) -> operations.Corrected:
    day = AT.date()
    asked = operations.Correction("office", day, day, Decimal("1.1"), "calibrated", LATER)
    return operations.correct_weights(unit, asked)


def decide(unit: UnitOfWork, herd: SimpleNamespace, action: Any) -> Any:
    decision = conflicts.Decision(action, herd.one.pk, "seen", LATER)
    return conflicts.resolve(unit, herd.payload, decision)


def taken_back(unit: UnitOfWork, herd: SimpleNamespace) -> None:
    """In one unit of work: decided, and undone again."""
    outcome = decide(unit, herd, "merge")
    conflicts.undo(unit, outcome.changes[0].pk, LATER)


def void_and_back(unit: UnitOfWork, herd: SimpleNamespace) -> None:
    operations.void_weight(unit, herd.weight.pk, "slip", LATER)
    operations.unvoid_weight(unit, herd.weight.pk, LATER)


OPERATIONS: dict[str, tuple[Think, Callable[[SimpleNamespace], bool]]] = {
    "create_batch": (
        lambda unit, _: operations.create_batch(unit, {"batch_number": "NEW"}, AT),
        lambda _: Batch.objects.filter(batch_number="NEW").exists(),
    ),
    "create_animal": (
        lambda unit, one: operations.create_animal(
            unit, {"lf_tag": "982 000001088420", "visual_id": "755", "pen_id": one.pen.pk}, AT
        ),
        lambda one: Animal.objects.get(lf_tag="982000001088420").pen_id == one.pen.pk,
    ),
    "create_pen": (
        lambda unit, _: operations.create_pen(unit, {"pen_number": "NEW"}, AT),
        lambda _: Pen.objects.filter(pen_number="NEW").exists(),
    ),
    "create_product": (
        lambda unit, _: operations.create_product(unit, {"name": "NEW"}, AT),
        lambda _: Product.objects.filter(name="NEW").exists(),
    ),
    "edit_product": (
        lambda unit, one: operations.edit_product(
            unit, unit.product_no(one.product.pk), {"withdrawal_days": 3}, AT
        ),
        lambda _: Product.objects.get().withdrawal_days == 3,
    ),
    "treat": (
        lambda unit, one: treat(unit, one.one, one.product),
        lambda one: (
            Animal.objects.get(pk=one.one.pk).clear_on == AT.date() + timedelta(days=9)
            and Treatment.objects.count() == 2
        ),
    ),
    "void_treatment": (
        lambda unit, one: operations.void_treatment(unit, one.treatment.pk, "slipped", LATER),
        lambda one: Animal.objects.get(pk=one.two.pk).clear_on is None,
    ),
    "pull": (
        lambda unit, one: pull(unit, one.one, one.hospital),
        lambda one: Animal.objects.get(pk=one.one.pk).pen_id == one.hospital.pk,
    ),
    "send_back": (
        lambda unit, one: operations.send_back(unit, operations.SendingBack(one.pull.pk, LATER)),
        lambda one: Pull.objects.get(pk=one.pull.pk).returned_at == LATER,
    ),
    "void_pull": (
        lambda unit, one: operations.void_pull(
            unit, operations.SendingBack(one.pull.pk, LATER), "slipped"
        ),
        lambda one: Pull.objects.get(pk=one.pull.pk).voided_at == LATER,
    ),
    "edit_batch": (
        lambda unit, one: operations.edit_batch(
            unit, unit.batch_no(one.one.batch_id), {"batch_number": "X"}, AT
        ),
        lambda _: Batch.objects.filter(batch_number="X", head_count=3).exists(),
    ),
    "edit_pen": (
        lambda unit, one: operations.edit_pen(unit, unit.pen_no(one.pen.pk), {"capacity": 9}, AT),
        lambda one: Pen.objects.get(pk=one.pen.pk).capacity == 9,
    ),
    "edit_animal": (
        lambda unit, one: name(unit, one.three, "L3"),
        lambda one: Animal.objects.get(livestock_id="L3").pk == one.three.pk,
    ),
    "delete_pen": (
        lambda unit, one: operations.delete_pen(unit, unit.pen_no(one.empty.pk), LATER),
        lambda _: Movement.objects.filter(from_name="P2", to_name="", from_pen=None).count() == 2,
    ),
    "record_read": (
        lambda unit, _: (read(unit, "LF1", "U1", LATER), read(unit, "LF5", "", LATER)),
        lambda one: (
            Animal.objects.get(lf_tag="LF5").batch == Animal.objects.get(pk=one.one.pk).batch
        ),
    ),
    "induct": (
        lambda unit, _: operations.induct(unit, Induction("", "L5", "LOT5", "P5", "F"), LATER),
        lambda _: Pen.objects.get(pen_number="P5").head_count == 1,
    ),
    "pair_tags": (
        lambda unit, _: operations.pair_tags(
            unit, PairTags("", "L6", "LF6", "U6", Decimal(300)), LATER
        ),
        lambda _: Animal.objects.get(livestock_id="L6").last_weight_kg == 300,
    ),
    "repair_tags": (
        lambda unit, _: operations.repair_tags(unit, RepairTags("", "L1", new_lf="LF99"), LATER),
        lambda _: TagPairing.objects.filter(tag="LF1", to_at=LATER).exists(),
    ),
    "animal_or_pending": (
        lambda unit, _: operations.animal_or_pending(unit, "L99", LATER),
        lambda _: Animal.objects.filter(livestock_id="L99", status="pending").exists(),
    ),
    "record_weight": (
        lambda unit, one: weigh(unit, one.one, 410, LATER),
        lambda one: Animal.objects.get(pk=one.one.pk).last_weight_kg == 405,
    ),
    "void_weight": (
        lambda unit, one: operations.void_weight(unit, one.weight.pk, "slipped", LATER),
        lambda one: WeightRecord.objects.get(pk=one.weight.pk).quality == "void",
    ),
    "confirm_step": (
        lambda unit, _: operations.confirm_step(
            unit, operations.Adjusted("office", AT.date(), LATER, 1.1)
        ),
        lambda _: ScaleStep.objects.filter(factor=1.1, confirmed_by="office:ana").exists(),
    ),
    "undo_step": (
        lambda unit, one: operations.undo_step(unit, one.step.pk, LATER),
        lambda one: ScaleStep.objects.get(pk=one.step.pk).undone_at == LATER,
    ),
    "correct_weights": (
        lambda unit, _: correct(unit),
        lambda one: WeightRecord.objects.get(pk=one.weight.pk).weight_kg == Decimal("441.1"),
    ),
    "undo of a correction": (
        lambda unit, _: operations.undo(unit, correct(unit).change.pk, LATER),
        lambda one: WeightRecord.objects.get(pk=one.weight.pk).weight_kg == 401,
    ),
    "note_scale_day": (
        lambda unit, _: operations.note_scale_day(
            unit, ScaleDay("gate", AT.date(), Step(1.1, 9), Fault(9, 20, 11)), AT
        ),
        lambda _: ScaleStep.objects.filter(factor=1.1).exists() and ScaleFault.objects.exists(),
    ),
    "judge_across": (
        lambda unit, one: operations.judge_across(unit, one.step.pk, 20, LATER),
        lambda one: ScaleStep.objects.get(pk=one.step.pk).judged_to is None,
    ),
    "move_animals": (
        lambda unit, one: move(unit, one.one, one.empty),
        lambda one: Pen.objects.get(pk=one.empty.pk).head_count == 1,
    ),
    "change_batch": (
        lambda unit, one: operations.change_batch(
            unit, [one.one.pk], operations.create_batch(unit, {"batch_number": "B2"}, AT), AT
        ),
        lambda _: Batch.objects.get(batch_number="B2").head_count == 1,
    ),
    "leave": (
        lambda unit, one: operations.leave(
            unit, operations.Leaving([one.one.pk], "dead", AT.date(), AT, "bloat")
        ),
        lambda one: Animal.objects.get(pk=one.one.pk).left_reason == "bloat",
    ),
    "retag": (
        lambda unit, one: operations.retag(
            unit, operations.Retag(one.three.pk, LATER, lf="LF1", take_over=True)
        ),
        lambda one: Animal.objects.get(lf_tag="LF1").pk == one.three.pk,
    ),
    "merge": (
        lambda unit, one: operations.merge(
            unit, operations.Merge(one.one.pk, one.two.pk, LATER, lf="LF2")
        ),
        lambda one: (
            WeightRecord.objects.filter(animal=one.one.pk).count() == 4
            and Animal.objects.get(lf_tag="LF2").pk == one.one.pk
        ),
    ),
    "undo of a retag": (
        lambda unit, one: (
            operations.undo(unit, one.merge.pk, LATER),
            operations.undo(unit, one.retag.pk, LATER),
        ),
        lambda one: Animal.objects.get(lf_tag="LF3").pk == one.three.pk,
    ),
    "undo": (
        lambda unit, one: operations.undo(unit, one.merge.pk, LATER),
        lambda one: Animal.objects.get(lf_tag="LF4").pk == one.spare.pk,
    ),
    "undo of an import of animals": (
        lambda unit, one: operations.undo(unit, one.sheet.pk, LATER),
        lambda one: (
            not Batch.objects.filter(batch_number="LOT7").exists()
            and not Animal.objects.filter(livestock_id="L7").exists()
            and not Pen.objects.filter(pen_number="P7").exists()
        ),
    ),
    "undo of an import of weights": (
        lambda unit, one: operations.undo(unit, one.weights.pk, LATER),
        lambda _: (
            WeightRecord.objects.get(weight_kg=402).quality == "void"
            and not WeightRecord.objects.filter(weight_kg=300).exists()
        ),
    ),
    "import_animals": (
        lambda unit, _: operations.import_animals(unit, [AnimalRow(2, "L10", "LF10")], "", LATER),
        lambda _: Animal.objects.filter(livestock_id="L10").exists(),
    ),
    "accept_weight": (
        lambda unit, one: operations.accept_weight(unit, one.weight.pk, LATER),
        lambda one: WeightRecord.objects.get(pk=one.weight.pk).accepted_by == "office:ana",
    ),
    "unvoid_weight": (
        void_and_back,
        lambda one: WeightRecord.objects.get(pk=one.weight.pk).quality == "ok",
    ),
    "replace_weight": (
        lambda unit, one: operations.replace_weight(
            unit, operations.Replacement(one.weight.pk, Decimal(405), LATER, "office")
        ),
        lambda one: (
            WeightRecord.objects.get(pk=one.weight.pk).quality == "void"
            and WeightRecord.objects.get(weight_kg=405, animal=one.two).quality == "ok"
        ),
    ),
    "begin_session": (
        lambda unit, one: operations.begin_session(unit, {"pen_id": one.pen.pk}, AT),
        lambda _: Session.objects.filter(name=f"P1 {AT.date()}", ended_at=None).exists(),
    ),
    "change_session": (
        lambda unit, one: operations.change_session(
            unit, session_no(unit, one.session.pk), {"notes": "rain", "tasks": {"treat": [1]}}, AT
        ),
        lambda one: Session.objects.filter(notes="rain", tasks__treat=[1]).exists(),
    ),
    "mark_work": (
        lambda unit, one: operations.mark_work(unit, seen("suspect:2")),
        lambda one: WorkMark.objects.filter(key="suspect:2").count() == 1,
    ),
    "end_mark": (
        lambda unit, one: operations.end_mark(unit, one.mark.pk, LATER),
        lambda one: WorkMark.objects.get(pk=one.mark.pk).ended_at == LATER,
    ),
    "end_session": (
        lambda unit, one: operations.end_session(unit, one.session.pk, LATER),
        lambda one: Session.objects.get(pk=one.session.pk).ended_at == LATER,
    ),
    "resume_session": (
        lambda unit, one: operations.resume_session(unit, one.ended.pk, LATER),
        lambda one: Session.objects.get(pk=one.ended.pk).ended_at is None,
    ),
    "import_treatments": (
        lambda unit, _: operations.import_treatments(
            unit, [TreatmentRow(2, "L1", "oxytet", AT)], "", LATER
        ),
        lambda one: Treatment.objects.filter(animal_id=one.one.pk).exists(),
    ),
    "create_shipment": (
        lambda unit, _: operations.create_shipment(unit, {}, AT),
        lambda _: Shipment.objects.filter(shipment_number=f"{AT.date()}").exists(),
    ),
    "edit_shipment": (
        lambda unit, one: truck(unit, one, operations.edit_shipment, {"carrier": "Rio"}, AT),
        lambda one: Shipment.objects.get(pk=one.truck).carrier == "Rio",
    ),
    "plan_animals": (
        lambda unit, one: truck(unit, one, operations.plan_animals, [one.three.pk], AT),
        lambda one: ShipmentAnimal.objects.filter(animal=one.three.pk, planned=True).exists(),
    ),
    "plan_no_longer": (
        lambda unit, one: truck(
            unit, one, operations.plan_no_longer, [one.one.pk, one.two.pk], LATER
        ),
        lambda _: list(ShipmentAnimal.objects.values_list("planned", flat=True)) == [False],
    ),
    "begin_loading": (
        lambda unit, _: operations.begin_loading(
            unit, operations.create_shipment(unit, {"shipment_number": "S-3"}, AT), LATER
        ),
        lambda _: Shipment.objects.get(shipment_number="S-3").loading_at == LATER,
    ),
    "load": (
        lambda unit, one: truck(unit, one, operations.load, unit.animal_no(one.two.pk), LATER),
        lambda one: ShipmentAnimal.objects.get(animal=one.two.pk).loaded_at == LATER,
    ),
    "unload": (
        lambda unit, one: truck(unit, one, operations.unload, unit.animal_no(one.one.pk), LATER),
        lambda one: ShipmentAnimal.objects.get(animal=one.one.pk).loaded_at is None,
    ),
    "ship": (
        lambda unit, one: truck(unit, one, operations.ship, operations.Shipping(AT, AT.date())),
        lambda one: Animal.objects.get(pk=one.one.pk).status == "exported",
    ),
    "look_at_shipping": (
        lambda unit, one: truck(
            unit, one, operations.look_at_shipping, operations.Shipping(AT, AT.date())
        ),
        lambda one: Animal.objects.get(pk=one.one.pk).status == "exported",
    ),
    "cancel_shipment": (
        lambda unit, one: truck(unit, one, operations.cancel_shipment, LATER, "no truck"),
        lambda one: Shipment.objects.get(pk=one.truck).cancelled_at == LATER,
    ),
    "report_shipment": (
        shipped_and_reported,
        lambda one: Shipment.objects.get(pk=one.truck).reported_on == AT.date(),
    ),
    "undo of a shipment": (
        lambda unit, one: operations.undo(unit, shipped(unit, one).change_id or 0, LATER),
        lambda one: (
            Animal.objects.get(pk=one.one.pk).status == "active"
            and Shipment.objects.get(pk=one.truck).state == "loading"
        ),
    ),
    "import_weights": (
        lambda unit, _: operations.import_weights(
            unit, [WeightRow(2, "L1", Decimal(405))], "", LATER
        ),
        lambda one: Animal.objects.get(pk=one.one.pk).last_weight_kg == Decimal("402.5"),
    ),
    "retime": (
        lambda unit, one: operations.retime(unit, operations.Retiming(one.one.pk, AT, LATER)),
        lambda one: (
            not any(
                model.objects.filter(animal=one.one.pk, **{column: AT}).exists()
                for model, column in (
                    (TagPairing, "from_at"),
                    (Movement, "moved_at"),
                    (WeightRecord, "recorded_at"),
                )
            )
        ),
    ),
    "a conflict merged": (
        lambda unit, one: decide(unit, one, "merge"),
        lambda one: not Animal.objects.filter(pk=one.two.pk).exists(),
    ),
    "a conflict decided by giving": (
        lambda unit, one: decide(unit, one, "give"),
        lambda one: Animal.objects.get(uhf_tag="U2").pk == one.one.pk,
    ),
    "a conflict ignored": (
        lambda unit, one: decide(unit, one, "ignore"),
        lambda one: payload(one).error_code == "conflict_ignored",
    ),
    "a conflict decided and taken back": (
        taken_back,
        lambda one: (
            Animal.objects.get(uhf_tag="U2").pk == one.two.pk
            and WeightRecord.objects.filter(animal=one.two.pk).count() == 3
        ),
    ),
    "a retry": (
        lambda unit, one: retry_one(unit, one.payload, "hxb:LOT1:LF1:U1"),
        lambda one: payload(one).raw_payload == "hxb:LOT1:LF1:U1",
    ),
}


def payload(herd: SimpleNamespace) -> LoRaPayload:
    return LoRaPayload.objects.get(pk=herd.payload)


@contextmanager
def reading_only() -> Iterator[None]:
    """Nothing may write, and no savepoint be opened."""

    def refuse(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        assert sql.startswith("SELECT"), sql
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def thought(unit: UnitOfWork, think: Think, herd: SimpleNamespace) -> None:
    with reading_only(), unit.savepoint():
        think(unit, herd)


def written(unit: UnitOfWork) -> None:
    with journal.writing():
        unit.write()


def rows() -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored, but for the stamps of places that were written as they are."""
    models = [*apps.get_app_config("herd").get_models(), *apps.get_app_config("lora").get_models()]
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name != "updated_at"}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in models
    }


def assert_figures_add_up() -> None:
    for batch in Batch.objects.all():
        assert counted(batch) == pytest.approx({n: getattr(batch, n) for n in counted(batch)})
    for pen in Pen.objects.all():
        assert head(pen) == pen.head_count


@pytest.mark.parametrize("named", OPERATIONS)
def test_it_reads_and_is_written_later(named: str, herd: SimpleNamespace) -> None:
    think, holds = OPERATIONS[named]
    last, unit = JournalEntry.objects.latest("seq").seq, UnitOfWork("office:ana")
    thought(unit, think, herd)
    assert JournalEntry.objects.latest("seq").seq == last
    written(unit)
    assert holds(herd)
    assert JournalEntry.objects.latest("seq").seq > last
    connection.check_constraints()
    assert_figures_add_up()


class Refused(Exception):
    pass


@pytest.mark.parametrize("named", OPERATIONS)
def test_refused_it_leaves_nothing_and_can_be_thought_again(
    named: str, herd: SimpleNamespace
) -> None:
    think, holds = OPERATIONS[named]
    before, unit = rows(), UnitOfWork("office:ana")

    def refused(unit: UnitOfWork, herd: SimpleNamespace) -> None:
        think(unit, herd)
        raise Refused

    for _ in range(2):
        with pytest.raises(Refused):
            thought(unit, refused, herd)
    written(unit)
    assert rows() == before
    with pytest.raises(Refused):
        thought(unit, refused, herd)
    thought(unit, think, herd)
    written(unit)
    assert holds(herd)
    assert_figures_add_up()


def test_every_operation_is_tried() -> None:
    offered = {one for one in operations.__all__ if one.islower()}
    assert offered - OPERATIONS.keys() == {"weighed_after_leaving"}  # only says something


def statements_of_an_undo(first: int, count: int) -> int:
    """Import so many animals and weights of them; return how often taking the weights and another
    such sheet of animals back asks and writes."""
    many, more = range(first, first + count), range(first + count, first + 2 * count)
    animals = [AnimalRow(n, f"L{n}", f"LF{n}", batch_number=f"B{n % 3}") for n in many]
    others = [AnimalRow(n, f"L{n}", f"LF{n}", pen_number=f"P{n % 3}") for n in more]
    weighed = [WeightRow(n, f"L{n}", Decimal(300), AT) for n in many]
    changed(operations.import_animals, animals, "sheet", AT)
    made = changed(operations.import_weights, weighed, "weights", AT).change
    new = changed(operations.import_animals, others, "sheet", AT).change
    with CaptureQueriesContext(connection) as captured:
        changed(operations.undo, made.pk, LATER)
        changed(operations.undo, new.pk, LATER)
    assert not Animal.objects.filter(lf_tag=f"LF{more[0]}").exists()
    return len(captured)


def test_an_undo_asks_no_more_often_for_many_rows_than_for_some() -> None:
    assert statements_of_an_undo(1000, 30) <= statements_of_an_undo(2000, 6)
