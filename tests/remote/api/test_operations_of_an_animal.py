"""Each act that touches an animal is found by it, whatever its journal rows name."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone
from rest_framework.test import APIClient

from herd.models import Animal, OperationAnimal, ReversibleChange, ShipmentAnimal, TagPairing
from lora.worker import Worker
from tests.remote.api import test_operations as acts
from tests.remote.api.rows import AT, ROOT, a_weight
from tests.remote.api.test_operations import ACTS, last, sent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
Kind = ReversibleChange.Kind
Act = Callable[[APIClient, Animal], None]

# What these did is about a batch, a pen, a truck or a scale, or about another animal.
OF_NO_ANIMAL: set[Act] = {
    *(acts.enter_batch, acts.edit_batch, acts.enter_pen, acts.edit_pen),
    *(acts.enter_product, acts.edit_product),
    *(acts.begin_session, acts.end_session, acts.edit_session, acts.resume_session),
    *(acts.plan_shipment, acts.edit_shipment, acts.begin_loading, acts.cancel, acts.report),
    *(acts.deny_step, acts.confirm_step, acts.enter_animal),
    *(acts.import_animals, acts.report_no_more),
    *(
        acts.retry,
        acts.dismiss,
        acts.bring_back,
        acts.remind,
    ),  # of an unread message, and of a weight that there is not
}


def retry_a_read(api: APIClient, animal: Animal) -> None:
    """The message told of the animal once it was applied."""
    payload = acts.an_error()
    sent(api, "post", f"payloads/{payload.pk}/retry", {"text": f"hxb:B1:{animal.lf_tag}:U1"})
    Worker().step()
    payload.refresh_from_db()
    assert payload.animal_id == animal.pk


def ship_one_that_the_radio_exported(api: APIClient, animal: Animal) -> None:
    path = acts.a_truck(animal, "loading", planned=True, loaded_at=AT)
    Animal.objects.filter(pk=animal.pk).update(status="exported", left_on=timezone.localdate())
    sent(api, "post", f"{path}/ship", {})
    assert ShipmentAnimal.objects.get().shipped


MORE: tuple[Act, ...] = (retry_a_read, ship_one_that_the_radio_exported)


def found(api: APIClient, animal: Animal) -> list[int]:
    answer = api.get(f"{ROOT}operations?cattle={animal.pk}")
    return [one["id"] for one in answer.json()["data"]]


def tagged(animal: Animal) -> None:
    for kind, tag in (("lf", "LF1"), ("uhf", "U1")):
        TagPairing.objects.create(animal=animal, kind=kind, tag=tag, from_at=AT)


@pytest.mark.parametrize("act", [*ACTS, *MORE], ids=lambda act: act.__name__)
def test_an_act_and_its_undo_are_found_by_the_animal(
    api: APIClient, animal: Animal, act: Act
) -> None:
    tagged(animal)
    act(api, animal)
    done = last()
    is_found = act not in OF_NO_ANIMAL
    assert (done.pk in found(api, animal)) is is_found
    named = [one["id"] for one in api.get(f"{ROOT}operations/{done.pk}").json()["cattle"]]
    assert (animal.pk in named) is is_found
    if act is retry_a_read:  # which cannot be taken back
        return
    sent(api, "post", f"operations/{done.pk}/undo", {})
    assert (last().kind, last().pk in found(api, animal)) == (Kind.UNDO, is_found)


def test_every_kind_of_act_is_tried() -> None:
    assert {kind for kind, _ in ACTS.values()} == {*Kind.values} - {Kind.UNDO, Kind.OTHER}


MARKED: dict[str, bool] = {
    **dict.fromkeys(("off", "losing", "unseen", "stray", "left-early", "turned-back"), True),
    **dict.fromkeys(("pen-over", "stray-place", "refused", "noise", "machine"), False),
}


@pytest.mark.parametrize("kind", [*MARKED, "suspect"])
def test_what_is_said_of_a_work_item_is_found_by_its_animal(
    api: APIClient, animal: Animal, kind: str
) -> None:
    number = a_weight(animal).pk if kind == "suspect" else animal.pk
    items = [{"key": f"{kind}:{number}:2026-03-01", "text": "L1"}]
    sent(api, "post", "work-marks", {"kind": "dismissed", "items": items, "reason": "seen"})
    is_found = MARKED.get(kind, True)
    assert (last().kind, last().pk in found(api, animal)) == (Kind.WORK, is_found)
    mark = api.get(f"{ROOT}work-marks").json()["data"][0]["id"]
    sent(api, "post", f"work-marks/{mark}/end", {})
    assert len(found(api, animal)) == 2 * is_found


def test_what_was_loaded_before_is_found_after_an_upgrade(api: APIClient, animal: Animal) -> None:
    acts.load(api, animal)
    sent(api, "post", f"operations/{last().pk}/undo", {})
    before = found(api, animal)
    OperationAnimal.objects.all().delete()
    assert (len(before), found(api, animal)) == (2, [])
    import_module("herd.migrations.0016_operation_animals").name_animals(apps, None)
    assert found(api, animal) == before
