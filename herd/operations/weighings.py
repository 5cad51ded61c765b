"""Weights: all are kept; one that cannot be right is kept as suspect and counts for nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from herd.errors import UnknownAnimal
from herd.growth import animal_gain
from herd.models import Animal, WeightRecord
from herd.operations.placing import new_animal
from herd.register import Register

REREAD_WITHIN = timedelta(minutes=10)
# A steer's gut holds some 10 % of it, and compensatory gain stays under 4 kg a day.
GUT_FILL = 0.12
FASTEST_GAIN_KG_PER_DAY = 4.0
FASTEST_LOSS_KG_PER_DAY = 4.0
GAIN_RESTS_ON = 50  # weighings, the latest; more would not move the slope


@dataclass(frozen=True, slots=True)
class Weighing:
    """`source` is radio, office, admin or import."""

    livestock_id: str
    weight_kg: Decimal
    at: datetime
    source: str


def record_weight(register: Register, weighing: Weighing) -> WeightRecord:
    """Keeps the weight; an unknown animal is entered as pending, not refused."""
    animal = register.animal(weighing.livestock_id)
    if animal is None:
        animal = new_animal(
            register,
            Animal(livestock_id=weighing.livestock_id, status=Animal.Status.PENDING),
            weighing.at,
        )
    reason = doubt(animal, weighing)
    record = WeightRecord.objects.create(
        animal=animal,
        weight_kg=weighing.weight_kg,
        recorded_at=weighing.at,
        source=weighing.source,
        recorded_by=register.actor,
        quality=WeightRecord.Quality.SUSPECT if reason else WeightRecord.Quality.OK,
        reason=reason,
    )
    register.note("weight:recorded", record.pk, weighing.at)
    _refresh(register, animal, weighing.at)
    return record


def doubt(animal: Animal, weighing: Weighing) -> str:
    """Why a weight cannot count, "" when it can."""
    if animal.last_weight_kg is None or animal.last_weighed_at is None:
        return ""
    apart = abs(weighing.at - animal.last_weighed_at)
    if apart < REREAD_WITHIN:
        return "weighed again within 10 minutes"
    days = apart / timedelta(days=1)
    before, now = float(animal.last_weight_kg), float(weighing.weight_kg)
    most = before * (1 + GUT_FILL) + FASTEST_GAIN_KG_PER_DAY * days
    least = before * (1 - GUT_FILL) - FASTEST_LOSS_KG_PER_DAY * days
    if least <= now <= most:
        return ""
    return f"{now - before:+.0f} kg in {days:.0f} days: no steer can do that"


def void_weight(register: Register, record_id: int, reason: str, at: datetime) -> WeightRecord:
    """Takes a weight out of every figure; the row and its number stay. Twice is as once."""
    record = WeightRecord.objects.select_related("animal").filter(pk=record_id).first()
    if record is None:
        raise UnknownAnimal(f"There is no weight no. {record_id}.")
    if record.quality != WeightRecord.Quality.VOID:
        record.quality, record.reason = WeightRecord.Quality.VOID, reason
        record.save(update_fields=["quality", "reason"])
        register.note("weight:voided", record.pk, at, reason)
        _refresh(register, record.animal, at)
    return record


def _refresh(register: Register, animal: Animal, at: datetime) -> None:
    """The animal's last weight and gain, from its good weighings: the cost is one animal's."""
    good = list(
        WeightRecord.objects.filter(animal=animal, quality=WeightRecord.Quality.OK)
        .order_by("-recorded_at", "-id")
        .values_list("recorded_at", "weight_kg")[:GAIN_RESTS_ON]
    )
    animal.last_weighed_at, animal.last_weight_kg = good[0] if good else (None, None)
    gain = animal_gain([(when, float(kg)) for when, kg in reversed(good)])
    animal.adg_kg = gain.adg_kg if gain else None
    animal.last_seen_at = max(animal.last_seen_at, at)
    animal.save(update_fields=["last_weighed_at", "last_weight_kg", "adg_kg", "last_seen_at"])
    register.note("cattle:updated", animal.pk, at)
    if animal.batch_id is not None:
        register.note("batch:updated", animal.batch_id, at)
