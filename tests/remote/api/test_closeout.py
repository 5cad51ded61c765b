"""A batch's closeout over REST."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Animal, Batch
from tests.remote.api.rows import a_batch, a_treatment, a_weight, an_animal

ROOT = "/api/remote/"
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def closeout(api: APIClient, batch: Batch) -> dict[str, Any]:
    answer = api.get(f"{ROOT}batches/{batch.pk}/closeout")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_it_counts_who_came_and_left(api: APIClient) -> None:
    batch, today = a_batch(), timezone.localdate()
    for status, reason, cause in (("dead", "", "bloat"),) * 2 + (("sold", "auction", ""),):
        left = {"left_on": today, "left_reason": reason, "left_cause": cause}
        an_animal(batch=batch, status=status, **left)
    kept = an_animal(batch=batch)
    a_treatment(kept, clear_on=today + timedelta(days=5))
    told = closeout(api, batch)
    assert told["head"] == {
        "came": 4, "on_feed": 1, "exported": 0, "sold": 1, "dead": 2, "moved": 0
    }  # fmt: skip
    assert told["left"] == [
        {"day": str(today), "status": "dead", "cause": "bloat", "reason": "", "head": 2},
        {"day": str(today), "status": "sold", "cause": "", "reason": "auction", "head": 1},
    ]
    (given,) = told["treatments"]
    assert (given["doses"], given["head"], given["held"]) == (1, 1, 1)
    assert given["clear_on"] == str(today + timedelta(days=5))


def test_who_moved_on_came_and_is_told(api: APIClient) -> None:
    batch, other = a_batch("B1"), a_batch("B2")
    animal = an_animal(batch=batch)
    animal.movements.create(from_batch=batch, to_batch=other, moved_at=timezone.now())
    animal.movements.create(from_batch=other, to_batch=batch, moved_at=timezone.now())
    assert closeout(api, batch)["head"]["moved"] == 0  # it is back
    animal.movements.create(from_batch=batch, to_batch=other, moved_at=timezone.now())
    Animal.objects.filter(pk=animal.pk).update(batch=other)
    head = closeout(api, batch)["head"]
    assert (head["moved"], head["came"], head["on_feed"]) == (1, 1, 0)  # went twice: one head


def test_treatments_that_stand_are_told_and_whom_they_hold(api: APIClient) -> None:
    batch, today = a_batch(), timezone.localdate()
    soon = today + timedelta(days=5)
    one, other = an_animal(batch=batch), an_animal(batch=batch)
    gone = an_animal(batch=batch, status="dead", left_on=today)
    for animal, clear_on in ((one, today), (one, soon), (other, today), (gone, soon)):
        a_treatment(animal, clear_on=clear_on)
    a_treatment(other, clear_on=today + timedelta(days=9), voided_at=timezone.now())
    (given,) = closeout(api, batch)["treatments"]
    told = [given[name] for name in ("doses", "head", "held", "clear_on")]
    assert told == [4, 3, 1, str(soon)]


def test_growth_stands_beside_the_own_target(api: APIClient) -> None:
    batch = a_batch(target_kg=610.0, target_on=date(2026, 12, 26))
    one, other = an_animal(batch=batch), an_animal(batch=batch)
    for animal, day, kg in (
        (one, (5, 1), "300"),
        (other, (5, 1), "320"),
        (one, (5, 31), "345"),
        (one, (6, 10), "361"),
        (other, (6, 10), "370"),
    ):
        a_weight(animal, kg, recorded_at=datetime(2026, *day, 12, tzinfo=UTC))
    told = closeout(api, batch)
    assert told["expected_gain_kg"] == pytest.approx(1.255, abs=0.001)
    *_, last = told["weighings"]
    assert last["gain_kg"] == pytest.approx(1.32)
    assert last["expected_kg"] == pytest.approx(360.2, abs=0.05)


def test_an_empty_batch_has_one_too(api: APIClient) -> None:
    told = closeout(api, a_batch())
    assert told["weighings"] == told["treatments"] == told["left"] == []
    assert (told["shrink"], told["days_on_feed"]) == (None, None)


def test_a_batch_takes_its_own_target(api: APIClient) -> None:
    path = f"{ROOT}batches/{a_batch().pk}"
    done = api.patch(path, {"target_kg": "610.5", "target_on": "2026-12-26"}, format="json")
    assert (done.json()["target_kg"], done.json()["target_on"]) == (610.5, "2026-12-26")
    seen = {"target_kg": "610.5"}  # as a form showed it
    done = api.patch(path, {"target_kg": None, "seen": seen}, format="json")
    assert done.json()["target_kg"] is None


@pytest.mark.parametrize("wrong", ["0", "-5", "nan", "Infinity", 5001, "heavy"])
def test_a_target_is_a_weight(api: APIClient, wrong: object) -> None:
    path = f"{ROOT}batches/{a_batch().pk}"
    answer = api.patch(path, {"target_kg": wrong}, format="json")
    assert answer.status_code == 400
    assert "target_kg" in answer.json()["fields"]
