"""Days on which a scale was adjusted or at fault are found across the herd, stored, and known to
the gains of the animals that it weighed."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from herd import operations
from herd.concurrency import Change, nothing_more
from herd.models import Animal, WeightRecord
from herd.operations.scale_steps import note_scale_day
from herd.operations.weighings import recalculate_gain
from herd.scale_days import look_at
from herd.scales_table import ScaleFault, ScaleStep
from herd.storage import journal
from herd.storage.row_numbers import RowNumbers
from herd.unit_of_work import open_unit_of_work
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.scale_watch import ANIMALS, EVERY, ScaleWatch
from lora.simulation.walk_over import WalkOverScale
from lora.worker import Worker

pytestmark = pytest.mark.django_db
LAST = 84
START = timezone.localtime().replace(hour=9, minute=0) - timedelta(days=LAST + 1)


class Watched:
    """A watch whose clock is the test's."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._watch = ScaleWatch(lambda: self._seconds)

    def look(self) -> None:
        self._seconds += EVERY
        while self._watch.step():
            pass


def weigh(day: float, weights: Iterable[tuple[str, float]], scale: str = "gate") -> None:
    with open_unit_of_work("radio") as unit:
        for name, kg in weights:
            at = START + timedelta(days=day)
            animal = operations.animal_or_pending(unit, name, at)
            weighing = operations.Weighing(Decimal(f"{kg:.1f}"), at, "radio", scale=scale)
            operations.record_weight(unit, animal, weighing)


def of_day(day: int, head: int, factor: float = 1.1) -> list[tuple[str, float]]:
    """Return the weights of docs/formulas.md: 3 kg less and 3 kg more by turns, adjusted on day
    40."""
    kg = 300 + 1.2 * day + (-3 if day % 4 == 0 else 3)
    return [(f"L{n}", kg * (factor if day >= 40 else 1)) for n in range(head)]


def gains() -> set[tuple[float | None, str]]:
    rows = Animal.objects.values_list("adg_kg", "adg_confidence")
    return {(adg and round(adg, 2), confidence) for adg, confidence in rows}


def found() -> list[tuple[str, int]]:
    rows = ScaleStep.objects.order_by("day").values_list("scale", "day")
    return [(scale, (day - START.date()).days) for scale, day in rows]


def test_a_step_is_named_on_its_first_day_and_no_gain_crosses_it() -> None:
    watched, head = Watched(), 8
    for day in range(0, LAST + 1, 2):
        weigh(day, of_day(day, head))
        if day in {36, 38, 40, 42}:
            watched.look()
            assert len(found()) == (day >= 40)
    assert found() == [("gate", 40)]
    assert ScaleStep.objects.get().factor == pytest.approx(1.085, abs=0.01)
    assert gains() == {(1.32, "low")}


def test_weights_that_were_there_before_are_judged_anew_a_few_animals_at_a_time() -> None:
    head = ANIMALS + 3
    for day in range(0, LAST + 1, 4):
        weigh(day, of_day(day, head))
    assert gains() != {(1.32, "low")}
    assert {confidence for _, confidence in gains()} == {"ok"}
    watched = Watched()
    watched.look()
    assert {confidence for _, confidence in gains()} == {"low"}
    assert ScaleStep.objects.filter(judged_to=None).count() == 1


def test_too_few_animals_are_no_step() -> None:
    for day in range(30, 50, 2):
        weigh(day, of_day(day, 7))
    Watched().look()
    assert found() == []


def test_another_scale_knows_nothing_of_the_step() -> None:
    for day in range(0, LAST + 1, 4):
        weigh(day, of_day(day, 8))
        weigh(day + 0.1, [("other", 300 + 1.2 * day)], scale="chute")
    Watched().look()
    assert Animal.objects.get(livestock_id="other").adg_confidence == "ok"
    assert Animal.objects.get(livestock_id="L1").adg_confidence == "low"


def test_a_step_that_a_person_does_not_believe_is_not_found_again_nor_the_days_behind_it() -> None:
    watched = Watched()
    for day in range(30, 46, 2):
        weigh(day, of_day(day, 8, factor=1.25))
        watched.look()
        ScaleStep.objects.update(undone_at=timezone.now())
    assert [day for _, day in found()] == [40]


def test_a_dead_scale_is_a_fault_and_no_step() -> None:
    watched = Watched()
    for day in range(30, 44, 2):
        dead = 17.0 if day == 40 else None
        weigh(day, [(name, dead or kg) for name, kg in of_day(day, 8, factor=1)])
        watched.look()
    assert found() == []
    (fault,) = ScaleFault.objects.all()
    assert (fault.scale, fault.day) == ("gate", (START + timedelta(days=40)).date())
    assert (fault.animals, fault.weights, fault.suspect) == (8, 8, 8)


def test_two_workers_that_find_one_day_store_it_once() -> None:
    for day in range(0, 42, 2):
        weigh(day, [(f"L{n}", 17) for n in range(8)] if day == 40 else of_day(day, 8))
    broken = (START + timedelta(days=40)).date()
    note = partial(note_scale_day, found=look_at("gate", broken), at=START)
    one = Change("radio", note, nothing_more, RowNumbers())
    one.think()
    with open_unit_of_work("radio") as unit:
        note(unit)  # the other
    with journal.writing():
        one.write()
    assert ScaleFault.objects.get().day == broken


def test_a_fault_is_gone_once_its_weights_are_void() -> None:
    watched = Watched()
    for day in (36, 38, 40):
        kg = 17.0 if day == 40 else 300.0
        weigh(day, [(f"L{n}", kg) for n in range(8)])
    watched.look()
    assert ScaleFault.objects.count() == 1
    with open_unit_of_work("office:ana") as unit:
        for pk in WeightRecord.objects.filter(weight_kg=17).values_list("pk", flat=True):
            operations.void_weight(unit, pk, "dead scale", timezone.now())
    # The rows that are void are not looked at, and none is left.
    watched.look()
    assert ScaleFault.objects.count() == 0


def walk_over(scale: WalkOverScale, day: int) -> None:
    """Record what the scale reads of some of its animals."""
    walkers = {one.number for one in scale.walkers[:12]}
    with open_unit_of_work("radio") as unit:
        for one in scale.readings(day):
            if one.walker.number in walkers:
                at = START + timedelta(days=one.at_days - 0.375)
                animal = operations.animal_or_pending(unit, str(one.walker.number), at)
                weighing = operations.Weighing(Decimal(str(one.kg)), at, "radio", scale="trough")
                operations.record_weight(unit, animal, weighing)


@pytest.mark.parametrize("factor", [1.15, 0.85])
def test_no_sure_gain_of_an_adjusted_walk_over_scale_is_implausible(factor: float) -> None:
    scale = WalkOverScale(seed=11, adjusted_on=50, factor=factor, dead_on=range(30, 32))
    watched = Watched()
    told: list[float] = []
    for day in range(72):
        walk_over(scale, day)
        if day in {49, 50, 51} or day % 7 == 0:
            watched.look()
        assert [on for _, on in found()] == [50] * (day >= 50), day
        if day > 45:
            sure = Animal.objects.filter(adg_confidence="ok").values_list("adg_kg", flat=True)
            told += [one for one in sure if one is not None]
    assert told
    assert sum(not 0.4 <= one <= 2.2 for one in told) <= 0.02 * len(told)


def test_the_worker_names_the_gateway_or_signer_as_the_scale() -> None:
    store([Heard(Frame("event:hxbchi000001|weight:300|lid:L1", "plain"), "gateway:AA", 1)])
    Worker().step()
    (weight,) = WeightRecord.objects.all()
    assert (weight.scale, weight.weighed_by) == ("gateway:AA", "gateway:AA")


def test_a_judging_asks_for_the_steps_once() -> None:
    weigh(0, [(f"L{n}", 300) for n in range(5)])
    ids = list(Animal.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as made, open_unit_of_work("radio") as unit:
        for animal in unit.animals(ids):
            recalculate_gain(unit, animal, timezone.now())
    assert sum("scale_steps" in one["sql"] for one in made.captured_queries) == 1
