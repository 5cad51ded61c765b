"""Texts that are code for a browser or a database, in every text column that the admin shows."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.test import Client

from herd.models import Movement, ReversibleChange, ScaleFault, ScaleStep, TagPairing
from lora.models import DeviceCounter
from remote.api.models import ApiKey
from tests.fuzz.corpus import TEXTS
from tests.markup import Markup, markup_of
from tests.remote.api import rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

EVIL = [text for text in TEXTS if set(text) & set("<>{%'\x1b\u202e\r")]
A_NEW_LINE = ("br", "")
OURS = ("herd", "lora", "remote")


@pytest.fixture
def people() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ana"))
    return client


@pytest.fixture(autouse=True)
def _one_of_everything() -> None:
    animal = rows.an_animal(batch=rows.a_batch(), pen=rows.a_pen(), lf_tag="LF1")
    rows.a_weight(animal)
    rows.a_payload()
    rows.a_session()
    rows.a_mark()
    rows.a_treatment(animal)
    rows.a_pull(animal)
    scale = {"scale": "gate", "day": rows.AT.date(), "animals": 9}
    ScaleStep.objects.create(**scale)
    ScaleFault.objects.create(**scale, weights=9, suspect=8)
    rows.a_shipment()
    at = {"animal": animal, "moved_at": rows.AT}
    Movement.objects.create(**at)
    TagPairing.objects.create(animal=animal, kind="lf", tag="LF1", from_at=rows.AT)
    ReversibleChange.objects.create(kind="move", summary="s", made_at=rows.AT, steps={})
    ApiKey.objects.create_key(name="gate", scopes=["read"])
    DeviceCounter.objects.create(device="gate", counter=1, seen_at=rows.AT)


def shown() -> list[type[models.Model]]:
    return [one for one in apps.get_models() if one._meta.app_label in OURS and _has_page(one)]


def _has_page(model: type[models.Model]) -> bool:
    return admin.site.is_registered(model)


def write(text: str) -> None:
    """Into every column that is free text, past every check of ours."""
    for model in shown():
        told = {
            field.attname: text[: field.max_length]
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField))
            and not (field.choices or field.primary_key or field.name == "hashed_key")
        }
        model._base_manager.update(**told)


def pages(people: Client) -> Iterator[tuple[str, Markup]]:
    for model in shown():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        row = model._base_manager.first()
        for address in (path, f"{path}{row.pk if row else None}/change/", f"{path}?q=%3Cb%3E'"):
            answer = people.get(address, secure=True)
            assert answer.status_code == 200, address
            yield address, markup_of(answer.content.decode())


def test_every_table_has_its_row(people: Client) -> None:
    """Else the next test would look at empty pages."""
    assert len(shown()) >= 10
    assert all(model._base_manager.count() for model in shown())


def test_no_text_adds_a_tag_or_an_attribute_to_the_admin(people: Client) -> None:
    write("plain")
    plain = dict(pages(people))
    for text in EVIL:
        write(text)
        for address, evil in pages(people):
            assert evil.tags <= plain[address].tags | {A_NEW_LINE}, (address, text)


@pytest.mark.parametrize("model", shown(), ids=str)
def test_no_search_is_taken_for_sql(people: Client, model: type[models.Model]) -> None:
    for text in EVIL:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert people.get(path, {"q": text, "o": text}, secure=True).status_code in {200, 302}
    assert all(model._base_manager.count() for model in shown())
