"""A small herd on which everything collides, and what people and radios do to it.

An `Operation` names rows so that it can be done again in another database: by the numbers that the
seed gave them, by tags and ids, or by the operation that made them.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, TypeVar

from herd import operations
from herd.commands import RepairTags
from herd.concurrency import carry_out
from herd.models import Animal
from herd.sheets.rows import AnimalRow, WeightRow
from herd.storage import journal
from herd.unit_of_work import UnitOfWork
from lora import conflicts
from lora.framing.frames import Frame
from lora.intake import BootClock, Heard, store_frames, this_boot
from lora.models import LoRaPayload
from lora.retry import retry_one
from lora.worker import Worker

T = TypeVar("T")
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANIMALS: Final = range(1, 7)
LF: Final = tuple(f"LF{number}" for number in range(1, 10))
LIDS: Final = tuple(f"L{number}" for number in range(1, 10))
BATCHES: Final = ("B1", "B2", "B3", "b3")
PENS: Final = ("P1", "P2", "P3", "p3")


@dataclass(frozen=True)
class Operation:
    """`at` is in minutes. `way`: thought "outside" the queue, told there that it reads by the
    unit's "lookups" alone, or "inside", as a form of the admin is."""

    name: str
    given: tuple[Any, ...] = ()
    at: int = 0
    way: str = "outside"

    @property
    def moment(self) -> datetime:
        return NOW + timedelta(minutes=self.at)


@dataclass
class Barn:
    """One run of operations in one database; `changes` are the reversible ones, by who made them.

    `only` are the payloads that a step settles, where one is done again.
    """

    changes: dict[str, int] = field(default_factory=dict)
    only: list[int] | None = None

    def do(self, actor: str, operation: Operation) -> None:
        if operation.name == "store":
            self._store(*operation.given)
        elif operation.name == "step":
            self._step()
        else:
            self._change(actor, operation)

    def _store(self, *texts: tuple[str, int]) -> None:
        clock = BootClock(this_boot(), int(NOW.timestamp()) * 10**9, doubtful=False)
        heard = [Heard(Frame(text, "plain"), "udp:1", at * 10**9) for text, at in texts]
        store_frames(heard, clock=clock)

    def _step(self) -> None:
        worker = Worker()
        if self.only is not None:
            ids = self.only
            worker._oldest = lambda most: _waiting(ids)  # type: ignore[method-assign]
        worker._step_singly = _fails  # type: ignore[method-assign]
        worker.step()

    def _change(self, actor: str, operation: Operation) -> None:
        act = CHANGES[operation.name]

        def think(unit: UnitOfWork) -> Any:
            unit.by_lookups = operation.way == "lookups"
            return act(self, unit, operation)

        with journal.writing() if operation.way == "inside" else nullcontext():
            made = carry_out(actor, think)
        if isinstance(made, int):
            self.changes[actor] = made


def _waiting(ids: list[int]) -> list[LoRaPayload]:
    found = LoRaPayload.objects.filter(status="received").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _fails(find: object) -> int:
    raise AssertionError("a step failed as a whole")


# -- changes: each returns the number of a reversible change, or None ---------------------------


def weigh(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    animal, kg = done.given
    weighing = operations.Weighing(Decimal(kg), done.moment, "office")
    operations.record_weight(unit, unit.animal_no(animal), weighing)


def weigh_named(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    name, kg = done.given
    animal = operations.animal_or_pending(unit, name, done.moment)
    weighing = operations.Weighing(Decimal(kg), done.moment, "office")
    operations.record_weight(unit, animal, weighing)


def void(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    operations.void_weight(unit, done.given[0], "scale not at zero", done.moment)


def retag(barn: Barn, unit: UnitOfWork, done: Operation) -> int | None:
    animal, lf, take_over = done.given
    asked = operations.Retag(animal, done.moment, lf=lf, take_over=take_over)
    change = operations.retag(unit, asked)[1]
    return None if change is None else change.pk


def merge(barn: Barn, unit: UnitOfWork, done: Operation) -> int:
    keep, absorb = done.given
    return operations.merge(unit, operations.Merge(keep, absorb, done.moment))[1].pk


def move(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    animals, pen, force = done.given
    reason = "crowded" if force else ""
    operations.move_animals(unit, operations.Move(animals, pen, done.moment, reason, force))


def change_batch(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    animals, batch = done.given
    operations.change_batch(unit, animals, unit.batch_no(batch), done.moment)


def leave(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    animals, status, again = done.given
    on = done.moment.date()
    leaving = operations.Leaving(animals, status, on, done.moment, "bloat", again)
    operations.leave(unit, leaving)


def edit_animal(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    animal, name, value = done.given
    operations.edit_animal(unit, unit.animal_no(animal), {name: value}, done.moment)


def edit_batch(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    batch, name, value = done.given
    operations.edit_batch(unit, unit.batch_no(batch), {name: value}, done.moment)


def edit_pen(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    pen, name, value = done.given
    operations.edit_pen(unit, unit.pen_no(pen), {name: value}, done.moment)


def create_batch(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    operations.create_batch(unit, {"batch_number": done.given[0]}, done.moment)


def create_pen(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    operations.create_pen(unit, {"pen_number": done.given[0]}, done.moment)


def delete_pen(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    operations.delete_pen(unit, unit.pen_no(done.given[0]), done.moment)


def repair(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    lid, old, new = done.given
    asked = RepairTags("hxb:rep1", lid, old_lf=old, new_lf=new)
    operations.repair_tags(unit, asked, done.moment)


def retime(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    animal, before = done.given
    seen = NOW + timedelta(minutes=before)
    operations.retime(unit, operations.Retiming(animal, seen, done.moment))


def resolve(barn: Barn, unit: UnitOfWork, done: Operation) -> int | None:
    payload, action, animal = done.given
    decision = conflicts.Decision(action, animal, "", done.moment)
    changes = conflicts.resolve(unit, payload, decision).changes
    return changes[0].pk if changes else None


def retry(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    retry_one(unit, *done.given)


def import_animals(barn: Barn, unit: UnitOfWork, done: Operation) -> int:
    rows = [
        AnimalRow(n, livestock_id=lid, lf_tag=lf, batch_number=batch, pen_number=pen)
        for n, (lid, lf, batch, pen) in enumerate(done.given, 2)
    ]
    return operations.import_animals(unit, rows, "a.csv", done.moment).change.pk


def import_weights(barn: Barn, unit: UnitOfWork, done: Operation) -> int:
    at = done.moment - timedelta(hours=1)
    rows = [WeightRow(n, name, Decimal(kg), at) for n, (name, kg) in enumerate(done.given, 2)]
    made = operations.import_weights(unit, rows, "w.csv", done.moment, pending=True)
    return made.change.pk


def undo(barn: Barn, unit: UnitOfWork, done: Operation) -> None:
    change = barn.changes.get(done.given[0])
    if change is not None:
        conflicts.undo(unit, change, done.moment)


CHANGES: Final[dict[str, Callable[[Barn, UnitOfWork, Operation], int | None]]] = {
    act.__name__: act
    for act in (
        *(weigh, weigh_named, void, retag, merge, move, change_batch, leave, repair, retime),
        *(edit_animal, edit_batch, edit_pen, create_batch, create_pen, delete_pen),
        *(resolve, retry, import_animals, import_weights, undo),
    )
}


def seed() -> dict[str, int]:
    """Six animals in two batches and two pens, one of which is full, weights, changes to be taken
    back, and a tag conflict; return the changes."""
    barn = Barn()
    for number in ANIMALS:
        rows = [(LIDS[number - 1], LF[number - 1], f"B{2 - number % 2}", f"P{2 - number % 2}")]
        barn.do("seed", Operation("import_animals", tuple(rows), -600))
        barn.do("seed", Operation("weigh", (number, 300 + number), -590))
    barn.do("seed", Operation("create_pen", ("P9",), -580))
    barn.do("seed", Operation("edit_pen", (1, "capacity", 4), -570))
    barn.do("seed", Operation("edit_pen", (2, "capacity", 3), -570))
    barn.do("retag", Operation("retag", (1, "LF2", True), -560))
    barn.do("import", Operation("import_weights", (("L7", 250), ("L1", 302)), -550))
    said = (("hxb:B1:LF3:U8", -500), ("hxb:B2:LF8:U9", -400), ("hxb:B1:LF3:U9", -300))
    barn.do("seed", Operation("store", (*said, ("hxb:B1", -200))))
    barn.do("seed", Operation("step"))
    assert Animal.objects.count() == 8
    return barn.changes
