"""Days on which a scale was adjusted or at fault: stored once, and what they mean for gains."""

from dataclasses import dataclass
from datetime import date, datetime

from herd.errors import BadValue, UnknownScaleStep
from herd.local_time import localdate
from herd.models import Animal
from herd.operations.judging import judge
from herd.scale_days import ScaleDay, animals_across, has_weighed
from herd.scales_table import ScaleFault, ScaleStep
from herd.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Adjusted:
    """What a person says of a scale: it was adjusted on this day."""

    scale: str
    day: date
    at: datetime
    factor: float | None = None  # how much it reads since then of what it read before


def confirm_step(unit: UnitOfWork, said: Adjusted) -> ScaleStep:
    """Keep a person's word that a scale was adjusted, found or not; twice is as once."""
    if said.day > localdate(said.at):
        raise BadValue("A scale cannot have been adjusted in the future.", field="day")
    found = [one for one in unit.rows(ScaleStep, "scale", [said.scale]) if one.day == said.day]
    if not found and not has_weighed(said.scale, said.day):
        raise BadValue(f"The scale {said.scale} weighed nobody around that day.", field="scale")
    step = found[0] if found else ScaleStep(scale=said.scale, day=said.day)
    if not found:
        unit.add(step)
    elif step.undone_at is not None:
        unit.change(step, undone_at=None, undone_by="", judged_to=0)
    if step.confirmed_at is None:
        unit.change(step, confirmed_at=said.at, confirmed_by=unit.actor)
    unit.change(step, factor=said.factor or step.factor)
    unit.note("scale:adjusted", step.id, said.at, str(step))
    return step


def undo_step(unit: UnitOfWork, step_id: int, at: datetime) -> ScaleStep:
    """Keep a person's word that a scale was not adjusted on a day; twice is as once."""
    step = unit.by_number(ScaleStep, [step_id]).get(step_id)
    if step is None:
        raise UnknownScaleStep(f"Scale step no. {step_id} does not exist.")
    if step.undone_at is None:
        unit.change(step, undone_at=at, undone_by=unit.actor, judged_to=0)
        unit.note("scale:undone", step.id, at, str(step))
    return step


def note_scale_day(unit: UnitOfWork, found: ScaleDay, at: datetime) -> None:
    """Store what was found of a scale's day; a step once, a fault as long as it is one."""
    named = {"scale": found.scale, "day": found.day}
    if found.step is not None and not _at(unit, ScaleStep, found):
        step = ScaleStep(**named, **found.step._asdict(), found_at=at)
        unit.add(step)
        unit.note("scale:adjusted", step.id, at, str(step))
    known = _at(unit, ScaleFault, found)
    if found.fault is None:
        unit.delete(ScaleFault, [one.pk for one in known])
    elif known:
        unit.change(known[0], **found.fault._asdict())
    else:
        fault = ScaleFault(**named, **found.fault._asdict())
        unit.add(fault)
        # Else another worker that finds the same day meanwhile would add it once more.
        unit.note("scale_fault:found", fault.id, at)


def _at(
    unit: UnitOfWork, model: type[ScaleStep] | type[ScaleFault], found: ScaleDay
) -> list[ScaleStep | ScaleFault]:
    rows: list[ScaleStep | ScaleFault] = list(unit.rows(model, "scale", [found.scale]))
    return [one for one in rows if one.day == found.day]


def judge_across(unit: UnitOfWork, step_id: int, most: int, at: datetime) -> None:
    """Judge some of the animals that a step concerns; `judged_to` says how far that came."""
    step = unit.by_number(ScaleStep, [step_id])[step_id]
    if step.judged_to is None:
        return
    ids = animals_across(step, most)
    for animal in unit.by_number(Animal, ids).values():
        judge(unit, animal, at, since=step.day.toordinal())
    unit.change(step, judged_to=ids[-1] if len(ids) == most else None)
    unit.note("scale:judged", step.id, at)
