"""What is known of the herd's scales: that one was adjusted, or weighs wrong."""

from herd.scales_table import ScaleFault, ScaleStep
from remote.api.serializers import Shape, day_of

SHOWN = 10


def scale_troubles() -> list[Shape]:
    """Return the days on which a scale was adjusted or at fault, the newest first: `source`, `day`,
    `trouble`, `detail`, `animals`, and of an adjusted one by which `part` it reads more."""
    steps = ScaleStep.objects.filter(undone_at=None)[:SHOWN]
    found = [*map(_adjusted, steps), *map(_at_fault, ScaleFault.objects.all()[:SHOWN])]
    return sorted(found, key=lambda one: str(one["day"]), reverse=True)[:SHOWN]


def _adjusted(step: ScaleStep) -> Shape:
    part = None if step.factor is None else round(step.factor - 1, 3)
    detail = f"The scale ({step.scale}) on {step.day}"
    if part is None:
        detail += " was adjusted"
    else:
        more = f"{abs(part):.0%} {'more' if part > 0 else 'less'}".replace("%", " %")
        detail += f" read {more} than in the days before"
    asked = "." if step.confirmed_at else ": was it adjusted?"
    told = {"source": step.scale, "day": day_of(step.day), "trouble": "adjusted", "part": part}
    return {**told, "animals": step.animals, "detail": detail + asked}


def _at_fault(fault: ScaleFault) -> Shape:
    detail = (
        f"The scale ({fault.scale}) on {fault.day}: {fault.suspect} of {fault.weights} weights are"
        " suspect and not counted."
    )
    told = {"source": fault.scale, "day": day_of(fault.day), "trouble": "fault", "part": None}
    return {**told, "animals": fault.animals, "detail": detail}
