"""What people decide of a stored weight: accepted, void no more, replaced; and what is expected
rests on none that is void."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from herd import operations
from herd.errors import BadValue, HerdError, NothingToChange
from herd.models import Animal, JournalEntry, Session, WeightRecord
from herd.operations.sessions import enter_session
from herd.unit_of_work import open_unit_of_work
from tests.herd.test_without_database import NOW

pytestmark = pytest.mark.django_db
Weights = list[tuple[float, float]]  # days before now, and kg


def weighed(weights: Weights) -> list[WeightRecord]:
    """Let one animal have these weights; return them in this order."""
    with open_unit_of_work("radio") as unit:
        animal = operations.animal_or_pending(unit, "L1", NOW - timedelta(days=400))
        return [operations.record_weight(unit, animal, at(days, kg)) for days, kg in weights]


def at(days: float, kg: float) -> operations.Weighing:
    when = NOW - timedelta(days=days)
    return operations.Weighing(Decimal(str(kg)), when, "radio", NOW)


def done(operation: Any, *arguments: Any) -> WeightRecord:
    with open_unit_of_work("office:ana") as unit:
        made = operation(unit, *arguments)
    made.refresh_from_db()
    return made  # type: ignore[no-any-return]  # the operation's


def qualities() -> list[tuple[float, str]]:
    rows = WeightRecord.objects.order_by("recorded_at", "pk")
    return [(float(one.weight_kg), one.quality) for one in rows]


def weigh(days: float, kg: float) -> WeightRecord:
    return done(lambda unit: operations.record_weight(unit, unit.animal("L1"), at(days, kg)))


SUDDEN: Weights = [(40, 400), (37, 402), (36, 490)]


def test_an_accepted_weight_counts_beside_those_before_it() -> None:
    *_, doubted = weighed(SUDDEN)
    assert doubted.quality == "suspect"
    for _ in range(2):
        accepted = done(operations.accept_weight, doubted.pk, NOW)
    assert (accepted.quality, accepted.reason, accepted.accepted_by) == ("ok", "", "office:ana")
    assert qualities() == [(400, "ok"), (402, "ok"), (490, "ok")]
    assert Animal.objects.get().last_weight_kg == 490
    entry = JournalEntry.objects.get(kind="cattle:updated", actor="office:ana")
    assert entry.detail == "accepted: weight of 490 kg of 2026-10-15"


def test_what_comes_later_does_not_doubt_it_again() -> None:
    *_, doubted = weighed(SUDDEN)
    done(operations.accept_weight, doubted.pk, NOW)
    for day in range(35, 20, -1):
        weigh(day, 405)
    assert qualities()[:3] == [(400, "ok"), (402, "ok"), (490, "ok")]
    assert qualities()[3] == (405, "suspect")
    weigh(19.5, 500)
    assert qualities()[-1] == (500, "ok")


def test_an_accepted_weight_of_the_same_day_is_the_one_that_counts() -> None:
    first, second = weighed([(0.02, 402), (0.01, 490)])
    assert (first.quality, second.quality) == ("ok", "suspect")
    done(operations.accept_weight, second.pk, NOW)
    assert qualities() == [(402, "suspect"), (490, "ok")]
    done(operations.accept_weight, first.pk, NOW)  # both are right, says who stood there
    assert qualities() == [(402, "ok"), (490, "ok")]


def test_a_weight_that_no_animal_has_counts_where_it_is_accepted() -> None:
    (calf,) = weighed([(3, 12)])
    assert calf.quality == "suspect"
    assert done(operations.accept_weight, calf.pk, NOW).quality == "ok"
    assert Animal.objects.get().last_weight_kg == 12


def test_void_ends_what_was_accepted() -> None:
    *_, doubted = weighed(SUDDEN)
    done(operations.accept_weight, doubted.pk, NOW)
    void = done(operations.void_weight, doubted.pk, "slip", NOW)
    assert (void.quality, void.accepted_by) == ("void", None)
    assert done(operations.unvoid_weight, doubted.pk, NOW).quality == "suspect"


def test_a_void_that_is_taken_back_leaves_all_as_it_was() -> None:
    records = weighed([(200 - 20 * n, 300 + 30 * n) for n in range(10)])
    figures = ("last_weight_kg", "last_weighed_at", "adg_kg", "expected_kg")
    before = (
        Animal.objects.values(*figures).get(),
        list(WeightRecord.objects.order_by("pk").values()),
    )
    for record in (records[0], records[4], records[-1]):
        done(operations.void_weight, record.pk, "slip", NOW)
    assert Animal.objects.get().last_weight_kg == 540
    for record in (records[-1], records[0], records[4]):
        for _ in range(2):
            done(operations.unvoid_weight, record.pk, NOW)
    after = (
        Animal.objects.values(*figures).get(),
        list(WeightRecord.objects.order_by("pk").values()),
    )
    assert after == before


def test_a_replaced_weight_makes_room_for_the_right_one() -> None:
    old, *_ = weighed([(0.001, 425)])
    with open_unit_of_work("office:ana") as unit:
        session = operations.begin_session(unit, {"name": "Morning"}, NOW)
        enter_session(unit, session.pk)
        weighing = replace(at(0.0005, 426), scale="gate")
        second = operations.record_weight(unit, unit.animal_no(old.animal_id), weighing)
    asked = operations.Replacement(second.pk, Decimal("435.5"), NOW, "office", "read wrong")
    new = done(operations.replace_weight, asked)
    second.refresh_from_db()
    assert new.scale == "gate"  # or no step of it would count for the right weight
    assert (second.quality, second.reason) == ("void", "replaced by 435.5 kg: read wrong")
    assert (new.quality, new.recorded_at, new.session_id) == ("ok", second.recorded_at, session.pk)
    assert (new.source, new.recorded_by) == ("office", "office:ana")
    assert Session.objects.count() == 1


@pytest.mark.parametrize("wrong_kg", [425, 390, 43.5, 500])
def test_of_a_typing_error_that_is_replaced_nothing_is_left(wrong_kg: float) -> None:
    *_, wrong = weighed([(40, 400), (20, 420), (0.001, wrong_kg)])
    asked = operations.Replacement(wrong.pk, Decimal(435), NOW, "office")
    new = done(operations.replace_weight, asked)
    assert (new.quality, new.reason) == ("ok", "")
    (void,) = WeightRecord.objects.filter(quality="void")
    assert void.reason == "replaced by 435 kg"
    assert Animal.objects.get().last_weight_kg == 435


@pytest.mark.parametrize("void", range(6))
def test_what_is_expected_rests_on_no_void_weight(void: int) -> None:
    """As if the void one had never been weighed."""
    weights: Weights = [(150 - 25 * n, 300 + 37.5 * n + 3 * (n % 2)) for n in range(6)]
    records = weighed(weights)
    done(operations.void_weight, records[void].pk, "slip", NOW)
    after = list(standing())
    figures = Animal.objects.values("expected_kg", "adg_kg", "last_weight_kg").get()
    WeightRecord.objects.all().delete()
    Animal.objects.all().delete()
    weighed([one for n, one in enumerate(weights) if n != void])
    assert after == list(standing())
    assert figures == Animal.objects.values("expected_kg", "adg_kg", "last_weight_kg").get()


def standing() -> Any:
    rows = WeightRecord.objects.exclude(quality="void").order_by("recorded_at")
    return rows.values_list("weight_kg", "quality", "expected_kg")


@pytest.mark.parametrize(
    ("operation", "void", "wrong"),
    [
        (lambda pk: (operations.accept_weight, pk, NOW), True, BadValue),
        (
            lambda pk: (
                operations.replace_weight,
                operations.Replacement(pk, Decimal(400), NOW, "office"),
            ),
            False,
            NothingToChange,
        ),
        (
            lambda pk: (
                operations.replace_weight,
                operations.Replacement(pk, Decimal(410), NOW, "office"),
            ),
            True,
            BadValue,
        ),
        (
            lambda pk: (
                operations.replace_weight,
                operations.Replacement(pk, Decimal(9_000), NOW, "office"),
            ),
            False,
            BadValue,
        ),
    ],
)
def test_what_cannot_be_decided_changes_nothing(
    operation: Any, wrong: type[HerdError], *, void: bool
) -> None:
    (record,) = weighed([(1, 400)])
    if void:
        done(operations.void_weight, record.pk, "slip", NOW)
    before = list(WeightRecord.objects.values())
    with pytest.raises(wrong):
        done(*operation(record.pk))
    assert list(WeightRecord.objects.values()) == before


def test_a_weight_of_before_the_induction_is_not_accepted() -> None:
    (record,) = weighed([(30, 400)])
    Animal.objects.update(induction_date=(NOW - timedelta(days=3)).date(), first_seen_at=NOW)
    with pytest.raises(BadValue, match="induction date"):
        done(operations.accept_weight, record.pk, NOW)
