"""Marks of work items: dismissed with a reason, seen, put off until a day, and brought back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd.local_time import localdate
from herd.models import JournalEntry, WorkMark
from remote.api import snapshot
from remote.wire import RECENT
from tests.remote.api.rows import AT, ROOT, a_mark, a_weight, an_animal
from tests.remote.conftest import client_with

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
ITEM = {"key": "suspect:7", "text": "A17: got 402 kg"}


def sent(api: APIClient, path: str = "work-marks", body: Any = None, **headers: str) -> Any:
    return api.post(f"{ROOT}{path}", body or {}, format="json", headers=headers)


def dismiss(api: APIClient, *keys: str, reason: str = "noise", **more: Any) -> Any:
    items = [{"key": key} for key in keys]
    return sent(api, body={"kind": "dismissed", "items": items, "reason": reason, **more})


def test_an_item_is_dismissed_with_a_reason_found_again_and_brought_back(api: APIClient) -> None:
    body = {"kind": "dismissed", "items": [ITEM], "reason": "two on the scale"}
    answer = sent(api, body=body)
    assert answer.status_code == 201
    (mark,) = answer.json()["data"]
    assert (mark["key"], mark["text"]) == ("suspect:7", "A17: got 402 kg")
    assert (mark["reason"], mark["ended_at"]) == ("two on the scale", None)
    found = api.get(f"{ROOT}work-marks", {"standing": "true", "search": "402"}).json()["data"]
    assert found == [mark]
    ended = sent(api, f"work-marks/{mark['id']}/end").json()
    assert ended["ended_at"] is not None
    assert ended["ended_by"] == mark["made_by"]
    assert api.get(f"{ROOT}work-marks", {"standing": "true"}).json()["data"] == []
    told = JournalEntry.objects.filter(kind__startswith="work:").order_by("seq")
    assert [one.kind for one in told] == ["work:marked", "work:ended"]


def test_a_dismissal_needs_a_reason_and_a_reminder_a_later_day(api: APIClient) -> None:
    assert dismiss(api, "a", reason=" ").json()["fields"].keys() == {"reason"}
    body = {"kind": "reminder", "items": [ITEM]}
    assert sent(api, body=body).json()["fields"].keys() == {"until"}
    today = localdate(timezone.now())
    assert sent(api, body=body | {"until": str(today)}).status_code == 400
    assert sent(api, body=body | {"until": str(today + timedelta(1))}).status_code == 201
    assert WorkMark.objects.count() == 1


def test_what_nobody_knows_of_an_item_is_refused(api: APIClient) -> None:
    body = {"kind": "dismissed", "items": [{**ITEM, "colour": "red"}], "reason": "noise"}
    answer = sent(api, body=body)
    assert (answer.status_code, answer.json()["fields"].keys()) == (400, {"items"})
    assert "no such field" in answer.content.decode()
    assert not WorkMark.objects.exists()


def test_twice_is_as_once_and_another_reason_takes_the_place_of_the_first(api: APIClient) -> None:
    first = dismiss(api, "a", "b").json()
    assert dismiss(api, "a", "b").json() == first
    assert JournalEntry.objects.count() == 2
    (changed,) = dismiss(api, "a", reason="other").json()["data"]
    assert (changed["id"], changed["reason"]) == (first["data"][0]["id"], "other")
    sent(api, f"work-marks/{changed['id']}/end")
    (anew,) = dismiss(api, "a").json()["data"]
    assert anew["id"] not in {one["id"] for one in first["data"]}


def test_each_person_has_seen_it_for_themselves(api: APIClient) -> None:
    for client in (api, client_with("read", "write"), api):
        assert sent(client, body={"kind": "seen", "items": [ITEM]}).status_code == 201
    assert WorkMark.objects.filter(kind="seen").count() == 2


def test_a_thousand_are_dismissed_at_once_in_few_statements(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(30):
        answer = dismiss(api, *(f"off:{n}:x" for n in range(1_000)))
    assert answer.json()["count"] == 1_000
    assert dismiss(api, *map(str, range(1_001))).status_code == 400


def test_an_unknown_mark_and_a_look_change_nothing(api: APIClient) -> None:
    assert sent(api, "work-marks/999/end").json()["code"] == "unknown_work_mark"
    body = {"kind": "seen", "items": [ITEM]}
    assert sent(api, "work-marks?preview=1", body).json()["preview"] is True
    assert not WorkMark.objects.exists()


def test_offices_hold_what_stands_and_suspect_weights_however_old() -> None:
    old, animal = a_mark(), an_animal()
    suspect = a_weight(animal, quality="suspect")
    for _ in range(RECENT + 5):
        a_mark(ended_at=AT)
        a_weight(animal)
    marks, weights = snapshot._chosen("work_marks"), snapshot._chosen("weights")
    assert marks is not None
    assert weights is not None
    assert old.pk in marks
    assert suspect.pk in weights
    assert len(marks) == len(weights) == RECENT + 1
