"""An animal that no radio and no sheet brought is entered by a person."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from herd.models import Animal, JournalEntry, Pen, TagPairing
from tests.remote.api.rows import a_batch, a_pen, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

LF, UHF = "982000001088420", "E28011606000000000000001"


def enter(api: APIClient, **body: Any) -> Any:
    return api.post("/api/remote/cattle", body, format="json")


def test_it_is_on_feed_with_its_tags_batch_and_pen(api: APIClient) -> None:
    batch, pen = a_batch(), a_pen()
    told = {"lf_tag": "982 000001088420", "uhf_tag": UHF.lower(), "visual_id": "755"}
    answer = enter(api, **told, sex="steer", batch_id=batch.pk, pen_id=pen.pk)
    assert answer.status_code == 201, answer.json()
    row = answer.json()
    assert (row["lf_tag"], row["uhf_tag"], row["visual_id"]) == (LF, UHF, "755")
    assert (row["status"], row["batch"]["id"], row["pen"]["id"]) == ("active", batch.pk, pen.pk)
    assert row["induction_date"] is not None
    assert TagPairing.objects.filter(animal_id=row["id"]).count() == 2
    assert JournalEntry.objects.filter(kind="cattle:created", object_id=row["id"]).exists()
    batch.refresh_from_db()
    assert batch.head_count == 1


def test_a_preview_and_a_repeat_enter_no_second_one(api: APIClient) -> None:
    body = {"lf_tag": LF}
    assert api.post("/api/remote/cattle?preview=1", body, format="json").status_code == 200
    assert not Animal.objects.exists()
    answers = [
        api.post("/api/remote/cattle", body, format="json", headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [201, 201]
    assert Animal.objects.count() == 1


def test_what_cannot_be_is_refused_at_its_field(api: APIClient) -> None:
    an_animal(lf_tag=LF, livestock_id="A1")
    full = a_pen(capacity=1)
    enter(api, visual_id="1", pen_id=full.pk)
    before = Animal.objects.count()
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({}, 400, "nothing_to_change"),
        ({"lf_tag": "982 000001088420"}, 409, "tag_conflict"),
        ({"lf_tag": "9.82E+14"}, 400, "bad_tag"),
        ({"livestock_id": "A1"}, 409, "name_taken"),
        ({"livestock_id": "a1"}, 409, "name_taken"),
        ({"visual_id": "2", "pen_id": full.pk}, 409, "pen_full"),
        ({"visual_id": "2", "pen_id": 10**9}, 404, "unknown_place"),
        ({"visual_id": "2", "batch_id": 10**9}, 404, "unknown_place"),
        ({"visual_id": "2", "induction_date": "2999-01-01"}, 400, "bad_value"),
    ]
    for body, status, code in refusals:
        answer = enter(api, **body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body
    assert Animal.objects.count() == before
    assert Pen.objects.get(pk=full.pk).head_count == 1
