"""Pulls and causes of death in the admin: pulled, sent back, voided, marked dead of something."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from herd.models import Animal, Pen, Pull
from tests.herd.counting import recount

pytestmark = pytest.mark.django_db


@pytest.fixture
def animal() -> Animal:
    at = timezone.now() - timedelta(days=9)
    home = Pen.objects.create(pen_number="P1")
    made = Animal.objects.create(livestock_id="L1", pen=home, first_seen_at=at, last_seen_at=at)
    recount()
    return made


@pytest.fixture
def hospital() -> Pen:
    return Pen.objects.create(pen_number="H1")


def posted(manager: Client, path: str, form: dict[str, Any]) -> str:
    form = {"apply": "1", **form}
    answer = manager.post(f"/admin/herd/{path}", form, secure=True, follow=True)
    return answer.content.decode()


def pulled(manager: Client, animal: Animal, pen: Pen) -> Pull:
    now = timezone.localtime()
    when = {"pulled_at_0": f"{now:%Y-%m-%d}", "pulled_at_1": f"{now:%H:%M:%S}"}
    form = {"cause": "lameness", "pen": pen.pk, "note": "left hind", **when}
    done = posted(manager, f"animal/{animal.pk}/do/pull_animals/", form)
    assert "1 animal pulled: Lameness." in done
    return Pull.objects.latest("pk")


def test_an_animal_is_pulled_and_sent_back(manager: Client, animal: Animal, hospital: Pen) -> None:
    pull = pulled(manager, animal, hospital)
    assert (pull.source, pull.recorded_by, pull.note) == ("admin", "admin:fred", "left hind")
    assert Animal.objects.get().pen_id == hospital.pk
    page = manager.get(f"/admin/herd/pull/{pull.pk}/change/", secure=True)
    assert b"left hind" in page.content
    posted(manager, f"pull/{pull.pk}/do/send_back/", {"pen": ""})
    assert Animal.objects.get().pen_id == animal.pen_id
    assert Pull.objects.get().returned_by == "admin:fred"
    assert manager.get("/admin/herd/pull/add/", secure=True).status_code == 403


def test_a_pull_is_made_void(manager: Client, animal: Animal, hospital: Pen) -> None:
    pull = pulled(manager, animal, hospital)
    posted(manager, f"pull/{pull.pk}/do/void_pulls/", {"reason": "another one"})
    assert Pull.objects.get().void_reason == "another one"
    assert Animal.objects.get().pen_id == animal.pen_id


def test_a_death_has_a_cause(manager: Client, animal: Animal) -> None:
    form = {"status": "dead", "on": str(timezone.localdate()), "cause": "bloat"}
    posted(manager, f"animal/{animal.pk}/do/mark_animals/", form)
    assert Animal.objects.get().left_cause == "bloat"
