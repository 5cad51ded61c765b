"""A simulated half-year: the herd's figures are those it was made with, whatever the scale says.

The scale weighs with a noise of 4 kg, so that a gain over d days is uncertain by some 6 kg / d: a
single steer is held to 5 % only where it was weighed over 100 days and more.
"""

from datetime import UTC, datetime, timedelta
from statistics import fmean

import pytest

from herd.models import Animal, WeightRecord
from herd.rules import weight_outliers
from lora.models import LoRaPayload, digest_of
from lora.simulation.barn import Feedlot, Steer
from lora.worker import Worker

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)
HALF_A_YEAR = 182.0
LONG_DAYS = 100
WIDE_KG = 60.0  # no noise of the scale, and less than any of its slips


def live_through(feedlot: Feedlot, days: float) -> dict[str, Steer]:
    """Every payload of these days, applied by the worker; the steers by livestock id."""
    steers: dict[str, Steer] = {}
    rows = []
    for payload in feedlot.payloads():
        if feedlot.day > days:
            break
        steers |= {str(steer.number): steer for steer in feedlot.steers}
        rows.append(received(payload.decode("utf-8", "backslashreplace"), feedlot.day))
    LoRaPayload.objects.bulk_create(rows)
    worker = Worker()
    while worker.step():
        pass
    return steers


def received(text: str, day: float) -> LoRaPayload:
    return LoRaPayload(
        raw_payload=text,
        digest=digest_of(text),
        source="udp:10.0.0.1",
        form="plain",
        boot=1,
        arrived_ms=int(day * 86_400_000),
        received_at=START + timedelta(days=day),
        original_length=len(text),
    )


def days_weighed(animal: Animal) -> float:
    times = [w.recorded_at for w in animal.weights.filter(quality="ok")]
    return (max(times) - min(times)) / timedelta(days=1)


def test_a_simulated_half_year_gives_the_growth_it_was_made_with() -> None:
    steers = live_through(Feedlot(seed=3, growing=True), HALF_A_YEAR)
    grown = [
        animal
        for animal in Animal.objects.exclude(adg_kg=None).prefetch_related("weights")
        if days_weighed(animal) >= LONG_DAYS
    ]
    assert len(grown) > 50
    measured = {one.pk: one.adg_kg or 0.0 for one in grown}
    true = {one.pk: steers[str(one.livestock_id)].gain_kg for one in grown}
    assert fmean(measured.values()) == pytest.approx(fmean(true.values()), rel=0.05)
    near = [pk for pk in true if measured[pk] == pytest.approx(true[pk], rel=0.05)]
    assert len(near) > 0.88 * len(grown)


def test_what_the_scale_said_amiss_is_kept_and_counts_for_nothing() -> None:
    steers = live_through(Feedlot(seed=3, growing=True), HALF_A_YEAR)
    doubted = WeightRecord.objects.filter(quality="suspect")
    reasons = set(doubted.values_list("reason", flat=True))
    assert any("too fast to be right" in reason for reason in reasons)
    assert any("no animal weighs that" in reason for reason in reasons)
    assert wrong_but_counted(steers) == []


def wrong_but_counted(steers: dict[str, Steer]) -> list[WeightRecord]:
    """Weights that count, though the steer never weighed that. What came with an animal's only
    visit to the scale is left out: nothing tells it from the weight until the next visit."""
    wrong = []
    counting = WeightRecord.objects.filter(quality="ok", animal__adg_kg__isnull=False)
    for record in counting.select_related("animal"):
        steer = steers[str(record.animal.livestock_id)]
        days = (record.recorded_at - START) / timedelta(days=1) - steer.day
        if abs(float(record.weight_kg) - steer.start_kg - steer.gain_kg * days) > WIDE_KG:
            wrong.append(record)
    return wrong


def test_without_doubt_nonsense_would_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The promise rests on the doubt, and not on luck."""
    monkeypatch.setattr(weight_outliers, "HEAVIEST_KG", 10_000.0)
    monkeypatch.setattr(weight_outliers, "GUT_FILL", 100.0)
    monkeypatch.setattr(weight_outliers, "ALIKE", 100.0)
    assert wrong_but_counted(live_through(Feedlot(seed=3, growing=True), 60.0)) != []
