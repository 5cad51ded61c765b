"""A read that took off a tag which a person had put on is told until somebody has seen to it."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Animal
from tests.lora.test_worker import Barn
from tests.remote.api.rows import ROOT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


@pytest.fixture
def barn() -> Barn:
    barn = Barn()
    barn.now_ns = time.time_ns() - 3_600 * 10**9
    return barn


def told(api: APIClient) -> list[dict[str, Any]]:
    return list(api.get(f"{ROOT}status").json()["turned_back"])


def test_it_is_told_whose_tag_a_read_took_off(api: APIClient, barn: Barn) -> None:
    barn.hear("hxb:LOT1:LF1:U1")
    animal = Animal.objects.get()
    answer = api.post(f"{ROOT}cattle/{animal.pk}/tags", {"lf_tag": "LF9"}, format="json")
    assert (answer.status_code, told(api)) == (200, [])
    barn.hear("hxb:LOT1:LF1:U1")
    (one,) = told(api)
    assert (one["cattle_id"], one["kind"], one["tag"]) == (animal.pk, "lf", "LF9")
    assert one["given"] != "radio"
    animal.pairings.update(to_at=timezone.now() - timedelta(days=31))
    assert told(api) == []
