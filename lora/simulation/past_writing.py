"""Writing a simulated past through what a real one comes by: the intake, the worker, operations.

Only the times are not today's. It runs in a herd that nobody else writes.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Final

from herd import operations
from herd.causes import CAUSES
from herd.concurrency import carry_out
from herd.local_time import localdate, midnight
from herd.models import ON_FEED, Animal, Batch, Pen, Session
from herd.unit_of_work import UnitOfWork
from lora import intake
from lora.framing.frames import Frame
from lora.simulation.barn import PRODUCTS, Steer
from lora.simulation.farm_past import (
    ALLEY,
    BOUND_FOR,
    DAYS,
    PENS,
    Happening,
    Heard,
    Left,
    Moved,
    Past,
    Planned,
    Pulled,
    Weighed,
)
from lora.worker import Worker

BY: Final = "admin"  # whom `make demo` signs in as
BOOT: Final = 1  # no machine's: what was heard then is no repeat of what is heard now
AT_ONCE: Final = 1_000  # payloads in one commit


def write_past(seed: int, head: int, now: datetime) -> None:
    """Write the past of a herd that is empty."""
    now = now.astimezone(UTC)
    past = Past(seed, now, midnight(localdate(now)).astimezone(UTC), head)
    _carry_out(partial(_enter_places, at=now - timedelta(days=DAYS + 1)))
    worker = Worker()
    for is_heard, some in groupby(past.happenings(), lambda one: isinstance(one, Heard)):
        if is_heard:
            _hear([one for one in some if isinstance(one, Heard)], worker)
        else:
            for one in some:
                _carry_out(partial(_do, one=one))


def _carry_out(think: partial[None]) -> None:
    carry_out(BY, think)


def _enter_places(unit: UnitOfWork, at: datetime) -> None:
    for number, capacity in PENS.items():
        location = "north" if number < "P07" else "south"
        pen = {"pen_number": number, "capacity": capacity, "location": location}
        operations.create_pen(unit, pen, at)
    for name, product in PRODUCTS.items():
        operations.create_product(unit, {"name": name, **product}, at)


def _hear(heard: list[Heard], worker: Worker) -> None:
    # By a boot's own clock, as the receiver does it: moments of the past are arrivals of it.
    clock = intake.BootClock(BOOT, 0, doubtful=False)
    for first in range(0, len(heard), AT_ONCE):
        some = heard[first : first + AT_ONCE]
        intake.store_frames([_frame(one) for one in some], clock=clock)
        while worker.step():
            pass


def _frame(heard: Heard) -> intake.Heard:
    form = "semtech" if heard.source.startswith("gateway:") else "plain"
    frame = Frame(heard.text, form, original_length=len(heard.text.encode()))
    return intake.Heard(frame, heard.source, int(heard.at.timestamp() * 1e9))


def _do(unit: UnitOfWork, one: Happening) -> None:
    match one:
        case Left(at, steers, status, reason):
            leaving = operations.Leaving(_ids(steers), status, localdate(at), at, reason)
            coded = replace(leaving, reason="", cause=reason)
            operations.leave(unit, coded if reason in CAUSES else leaving)
        case Pulled(at, steers, cause):
            operations.pull(unit, operations.Pulling(_ids(steers), cause, at, at, "office"))
        case Planned(at, steers):
            day = localdate(at) + timedelta(days=1)
            planned = {**BOUND_FOR, "planned_head": len(steers), "day": day}
            shipment = operations.create_shipment(unit, planned, at)
            operations.plan_animals(unit, shipment, _ids(steers), at)
        case Moved(at, steers, pen, reason):
            to = Pen.objects.values_list("pk", flat=True).get(pen_number=pen)
            moving = operations.Move(_ids(steers), to, at, reason, force=True)
            operations.move_animals(unit, moving)
        case Weighed(at, lot, until):
            batch = Batch.objects.values_list("pk", flat=True).get(batch_number=lot)
            values = {"batch_id": batch, "source": ALLEY}
            session = operations.begin_session(unit, values, at)
            if until is not None:
                operations.end_session(unit, session.pk, until)


def _ids(steers: Iterable[str]) -> list[int]:
    found = Animal.objects.filter(livestock_id__in=steers, status__in=ON_FEED)
    return list(found.order_by("pk").values_list("pk", flat=True))


def steers_on_feed(now: datetime) -> list[Steer]:
    """Return the animals of this herd that a simulated barn can go on with, as they are then."""
    due = _due(now)
    rows = Animal.objects.filter(status=Animal.Status.ACTIVE, batch__isnull=False)
    return [
        found
        for one in rows.select_related("batch", "pen").order_by("pk")
        if (found := _steer(one, now, is_due=one.pk in due)) is not None
    ]


def _due(now: datetime) -> set[int]:
    """Return the animals that an open session is still to weigh."""
    batches = Session.objects.filter(ended_at=None, source=ALLEY).values("batch_id")
    since = midnight(localdate(now))
    due = Animal.objects.filter(batch_id__in=batches, last_weighed_at__lt=since)
    return set(due.values_list("pk", flat=True))


def _steer(animal: Animal, now: datetime, *, is_due: bool) -> Steer | None:
    """Return the animal as a steer; None of one whose tags are not those that its number gives."""
    name, kg = animal.livestock_id or "", animal.last_weight_kg
    if not name.isdecimal() or kg is None or animal.batch is None:
        return None
    days = (now - animal.last_weighed_at).days if animal.last_weighed_at else 0
    today = float(kg) + days * (animal.adg_kg or 0.0)
    steer = Steer(int(name), str(animal.batch), str(animal.pen or ""), 0, today, 0)
    steer.weighed = -float(DAYS) if is_due else 0.0
    steer.is_treated = animal.clear_on is not None and animal.clear_on > localdate(now)
    return steer if steer.eid == animal.lf_tag else None
