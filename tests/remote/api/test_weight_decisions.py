"""Weights that are replaced, accepted and void no more, over REST."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Animal, WeightRecord
from tests.remote.api.rows import ROOT, a_session, a_weight
from tests.remote.api.test_changes import sent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def test_a_weight_is_replaced_in_one_change(api: APIClient, animal: Animal) -> None:
    session = a_session()
    body = {"weight_kg": 425, "session_id": session.pk}
    old = sent(api, "post", f"cattle/{animal.pk}/weights", body).json()
    path = f"weights/{old['id']}"
    new = sent(api, "post", f"{path}/replace", {"weight_kg": 435, "reason": "typed 425"})
    assert new.status_code == 201
    made = new.json()
    assert (made["weight_kg"], made["quality"], made["warning"]) == (435, "ok", "")
    assert (made["recorded_at"], made["session_id"]) == (old["recorded_at"], session.pk)
    void = WeightRecord.objects.get(pk=old["id"])
    assert (void.quality, void.reason) == ("void", "replaced by 435 kg: typed 425")
    again = sent(api, "post", f"{path}/replace", {"weight_kg": 436})
    assert (again.status_code, again.json()["code"]) == (400, "bad_value")
    past = api.get(f"{ROOT}cattle/{animal.pk}/history").json()["data"]
    assert [row["kind"] for row in past if row["kind"] in {"weight", "void"}].count("void") == 1


def test_a_repeated_replacement_replaces_once(api: APIClient, animal: Animal) -> None:
    old = a_weight(animal, "425.00", recorded_at=timezone.now())
    answers = [
        api.post(
            f"{ROOT}weights/{old.pk}/replace",
            {"weight_kg": 435},
            format="json",
            headers={"Idempotency-Key": "once"},
        ).json()
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert WeightRecord.objects.count() == 2


def test_a_suspect_weight_is_accepted_and_a_void_taken_back(api: APIClient, animal: Animal) -> None:
    path = f"cattle/{animal.pk}/weights"
    sent(api, "post", path, {"weight_kg": 400})
    doubted = sent(api, "post", path, {"weight_kg": 600}).json()
    assert doubted["quality"] == "suspect"
    preview = sent(api, "post", f"weights/{doubted['id']}/accept?preview=1", {}).json()
    assert (preview["preview"], preview["quality"]) == (True, "ok")
    accepted = sent(api, "post", f"weights/{doubted['id']}/accept", {}).json()
    assert (accepted["quality"], bool(accepted["accepted_by"])) == ("ok", True)
    sent(api, "post", f"weights/{doubted['id']}/void", {"reason": "slip"})
    assert sent(api, "post", f"weights/{doubted['id']}/accept", {}).status_code == 400
    back = sent(api, "post", f"weights/{doubted['id']}/unvoid", {}).json()
    assert (back["quality"], back["accepted_by"]) == ("suspect", None)
    edits = api.get(f"{ROOT}cattle/{animal.pk}/history").json()["data"]
    said = [row["what"] for row in edits if row["kind"] == "edit"]
    assert [one.partition(":")[0] for one in said] == ["not void any more", "accepted"]


def test_a_weight_that_is_not_there_is_named(api: APIClient) -> None:
    for what, body in (("accept", {}), ("unvoid", {}), ("replace", {"weight_kg": 1})):
        refused = sent(api, "post", f"weights/99/{what}", body)
        assert (refused.status_code, refused.json()["code"]) == (404, "unknown_weight")
