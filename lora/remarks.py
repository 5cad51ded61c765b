"""What a person should know of a payload that was applied as it is."""

from herd.commands import Command, Induction, TagRead
from herd.models import ON_FEED, Animal
from herd.unit_of_work import UnitOfWork
from herd.withdrawal_lookups import is_early
from lora.payloads import OF_INDUCTION, label_of

_NOT_TAKEN = ("weight_kg", "lf", "uhf")  # by an induction, which a sender may have meant as more


def remarks_on(unit: UnitOfWork, command: Command, animal: Animal) -> str:
    """Return all that is to be said of a command that was applied to its animal."""
    of_animal = ""
    if isinstance(command, Induction):
        of_animal = _remark_on_pen(unit, animal)
    elif isinstance(command, TagRead) and command.source == "hxe":
        of_animal = _remark_on_withdrawal(animal)
    return f"{of_animal} {remark_on(command)}".strip()


def remark_on(command: Command) -> str:
    """Return what is missing of a reading, or of no use in it; "" for nothing."""
    remarks = []
    if getattr(command, "mismatched", False):
        remarks.append("Its event id names another kind of event than its fields.")
    if isinstance(command, Induction):
        remarks += _on_induction(command)
    return " ".join(remarks)


def _remark_on_pen(unit: UnitOfWork, animal: Animal) -> str:
    """Return a sentence where an induction left its animal in a pen that holds more than it can."""
    # Said and not refused: the animal stands there.
    if animal.pen_id is None:
        return ""
    pen = unit.pen_no(animal.pen_id)
    if not pen.capacity or animal.status not in ON_FEED:
        return ""
    head = unit.head_in(pen)
    return f"Pen {pen} holds {head} of {pen.capacity} head." if head > pen.capacity else ""


def _remark_on_withdrawal(animal: Animal) -> str:
    """Return a sentence where an export was read of an animal that is not clear."""
    if not is_early(animal):
        return ""
    return f"{animal} is not clear until {animal.clear_on}. Say what was done."


def _on_induction(induction: Induction) -> list[str]:
    remarks = []
    missing = [f"no {label_of(name)}" for name in OF_INDUCTION if not getattr(induction, name)]
    if missing:
        remarks.append(f"The induction names {' and '.join(missing)}.")
    if not induction.batch_number and (induction.funder or induction.lot_group):
        remarks.append("Its funder and lot group are a lot's, and are not kept.")
    unused = [label_of(name) for name, _ in induction.extra if name in _NOT_TAKEN]
    if unused:
        remarks.append(f"Not taken from an induction: {', '.join(unused)}.")
    return remarks
