"""The past that a demo begins with: a small one, by its counts, and what a barn goes on with."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Model

from herd.commands import CheckIn, Induction
from herd.local_time import midnight
from herd.models import (
    Animal,
    Batch,
    Movement,
    Pen,
    Pull,
    Session,
    Shipment,
    ShipmentAnimal,
    TagPairing,
    Treatment,
    WeightRecord,
)
from lora.models import LoRaPayload, Source
from lora.payloads import parse
from lora.simulation.barn import Feedlot
from lora.simulation.farm_past import ALLEY, GAINS_MORE_KG, PENS, TROUGH, Past
from lora.simulation.past_writing import steers_on_feed, write_past

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 27, 16, tzinfo=UTC)
HEAD, LOT = 180, 20
STRAY = 1


def counted(model: type[Model], column: str) -> Counter[str]:
    return Counter(model._default_manager.values_list(column, flat=True))


def test_it_is_the_same_for_the_same_seed() -> None:
    one, again, other = (
        Past(seed, NOW, NOW - timedelta(hours=16), HEAD).happenings() for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other
    assert [event.at for event in one] == sorted(event.at for event in one)
    assert one[-1].at <= NOW


def test_a_small_past_has_all_that_a_page_can_show() -> None:
    write_past(seed=1, head=HEAD, now=NOW)

    assert counted(Animal, "status") == {"active": 168 + STRAY, "exported": 6, "dead": 5, "sold": 1}
    assert counted(WeightRecord, "quality")["suspect"] == 8
    assert Counter(Animal.objects.annotate(n=Count("weights")).values_list("n", flat=True)) == {
        3: 167,
        4: 7,
        2: 3,
        1: 3,
        0: STRAY,
    }
    assert counted(LoRaPayload, "error_code")["tag_conflict"] == 1
    assert len(counted(LoRaPayload, "error_code")) == 7
    assert Batch.objects.filter(head_count=LOT).count() == 9
    assert Animal.objects.get(batch__batch_number="LOT9041").pen is None
    assert Pen.objects.count() == len(PENS)
    assert Animal.objects.filter(clear_on__gt=NOW).count() > 0
    assert Animal.objects.filter(status="exported", clear_on__gt=NOW).count() == 1
    assert Treatment.objects.count() == 12
    assert counted(Pull, "cause") == {"respiratory": 1, "lameness": 1, "foot_rot": 1}
    assert counted(Animal, "left_cause")["bloat"] == 2
    truck = Shipment.objects.get(state="planned", day=NOW.date())
    assert ShipmentAnimal.objects.filter(shipment=truck).count() == 9
    assert Session.objects.filter(ended_at=None).count() == 1
    assert TagPairing.objects.filter(reason="tag lost").count() == 1
    assert Movement.objects.filter(reason="Sorted by weight").count() == 3
    silent = Source.objects.get(name=TROUGH).last_heard_at
    assert silent is not None
    assert silent < NOW - timedelta(hours=12)


@pytest.mark.parametrize("hour", [0.1, 3, 6.9, 7.1, 23.9])
def test_at_every_hour_there_is_a_truck_for_today_some_sick_and_an_open_session(
    hour: float,
) -> None:
    now = midnight(NOW.date()) + timedelta(hours=hour)
    write_past(seed=1, head=HEAD, now=now)
    assert Shipment.objects.filter(state="planned", day=NOW.date()).count() == 1
    assert Pull.objects.count() == 3
    assert Session.objects.filter(ended_at=None).count() == 1
    assert WeightRecord.objects.filter(recorded_at__gte=midnight(NOW.date())).exists()


def test_its_lots_grow_as_they_were_made_to() -> None:
    write_past(seed=1, head=HEAD, now=NOW)

    assert {one.adg_kg for one in Batch.objects.filter(head_count=LOT)} != {None}
    lots = Batch.objects.filter(head_count=LOT).order_by("batch_number")
    for batch, more in zip(lots, GAINS_MORE_KG, strict=True):
        assert batch.adg_kg == pytest.approx(1.55 + more, abs=0.15), batch


def test_a_barn_goes_on_with_the_herd_and_its_session() -> None:
    write_past(seed=1, head=HEAD, now=NOW)

    steers = steers_on_feed(NOW)
    on_feed = Animal.objects.filter(status="active")
    assert len(steers) == on_feed.count() - STRAY - 1  # nor the one with another tag
    open_lot = Session.objects.get(ended_at=None).batch_id
    due = {str(one.number) for one in steers if one.weighed}
    weighed_today = WeightRecord.objects.filter(recorded_at__date=NOW.date()).values("animal")
    rest = on_feed.filter(batch=open_lot).exclude(pk__in=weighed_today)
    assert due <= {one.livestock_id for one in rest}

    barn = Feedlot(1, steers=steers, coming_and_going=0.0)
    said = [parse(one.decode("utf-8", "replace")) for one in islice(barn.payloads(), 400)]
    assert not any(isinstance(one, Induction) for one in said)
    assert {one.livestock_id for one in said if isinstance(one, CheckIn)} <= due | {
        str(one.number) for one in steers
    }


def test_it_is_for_an_empty_herd() -> None:
    Pen.objects.create(pen_number="P1")
    with pytest.raises(CommandError, match="an empty one"):
        call_command("simulate_past", head=HEAD)
    assert not LoRaPayload.objects.filter(source=ALLEY).exists()


def test_its_head_has_bounds() -> None:
    with pytest.raises(CommandError, match="--head"):
        call_command("simulate_past", head=5)
