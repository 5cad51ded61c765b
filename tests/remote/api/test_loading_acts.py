"""What was done to a shipment stands in the journal in a sentence, and is taken back, or the
journal says beforehand why it cannot be."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from herd.models import Animal, ReversibleChange, Shipment, ShipmentAnimal
from tests.remote.api.rows import ROOT, a_shipment
from tests.remote.api.test_changes import sent
from tests.remote.api.test_shipments import cattle, loading, made

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def last() -> ReversibleChange:
    return ReversibleChange.objects.latest("pk")


def asked(api: APIClient, act: ReversibleChange) -> dict[str, Any]:
    """What the journal says before the act is taken back."""
    return dict(api.get(f"{ROOT}operations/{act.pk}?preview=1").json())


def taken_back(api: APIClient, act: ReversibleChange) -> Any:
    return sent(api, "post", f"operations/{act.pk}/undo", {})


def test_an_act_for_many_names_how_many_and_which(api: APIClient) -> None:
    herd = cattle(4)
    made(api, *herd, shipment_number="S-9", destination="")
    act = last()
    assert (act.summary, act.count) == ("4 head planned for shipment S-9", 4)
    told = asked(api, act)
    assert told["undoing"] == ["4 animals are in the shipment as before."]
    assert [one["id"] for one in told["cattle"]] == [one.pk for one in herd]


def test_a_plan_taken_back_leaves_those_that_are_loaded_by_now_and_names_them(
    api: APIClient,
) -> None:
    herd = cattle(3)
    path = made(api, *herd)
    act = last()
    sent(api, "post", f"{path}/begin", {})
    sent(api, "post", f"{path}/load", {"cattle_id": herd[1].pk})
    why = f"{herd[1]} in shipment S-1 is loaded by now: take it off first."
    assert [one["why"] for one in asked(api, act)["remainder"]] == [why]
    assert [one["why"] for one in taken_back(api, act).json()["remainder"]] == [why]
    assert [row.animal_id for row in ShipmentAnimal.objects.all()] == [herd[1].pk]


def begun(api: APIClient, path: str, _: Animal) -> None:
    sent(api, "post", f"{path}/begin", {})


def loaded(api: APIClient, path: str, animal: Animal) -> None:
    sent(api, "post", f"{path}/load", {"cattle_id": animal.pk})


def unloaded(api: APIClient, path: str, animal: Animal) -> None:
    sent(api, "post", f"{path}/unload", {"cattle_id": animal.pk})


def unplanned(api: APIClient, path: str, animal: Animal) -> None:
    sent(api, "post", f"{path}/animals", {"cattle_ids": [animal.pk], "remove": True})


def planned(api: APIClient, path: str, animal: Animal) -> None:
    sent(api, "post", f"{path}/animals", {"cattle_ids": [animal.pk]})


def shipped(api: APIClient, path: str, _: Animal) -> None:
    sent(api, "post", f"{path}/ship", {})


def cancelled(api: APIClient, path: str, _: Animal) -> None:
    sent(api, "post", f"{path}/cancel", {"reason": "no truck"})


def put_on_another(api: APIClient, _: str, animal: Animal) -> None:
    other = a_shipment("S-2")
    planned(api, f"shipments/{other.pk}", animal)


def died(api: APIClient, _: str, animal: Animal) -> None:
    sent(api, "post", f"cattle/{animal.pk}/status", {"status": "dead", "reason": "bloat"})


HAS_LEFT = "Shipment S-1 has left: take the shipping back first."
BUILT_ON = [  # acts, of which the first after the truck was planned is taken back, and why not
    ((begun, loaded), "One is loaded on shipment S-1 by now. Take them off."),
    ((begun, loaded, shipped), HAS_LEFT),
    ((begun, cancelled), "Shipment S-1 was cancelled."),
    ((cancelled, put_on_another), "1 of 1 stands in another shipment that has not left: 1 in S-2."),
    ((unplanned, planned), "1 is in shipment S-1 again by now."),
    ((unplanned, put_on_another), "1 of 1 stands in another shipment"),
    ((unplanned, died), "Animal 1 is dead since"),
    ((unplanned, cancelled), "Shipment S-1 was cancelled."),
]


@pytest.mark.parametrize(("acts", "why"), BUILT_ON)
def test_the_journal_says_beforehand_why_an_act_cannot_be_taken_back(
    api: APIClient, acts: Any, why: str
) -> None:
    (animal,) = cattle(1)
    path = made(api, animal)
    acts[0](api, path, animal)
    act = last()
    for later in acts[1:]:
        later(api, path, animal)
    before = list(ShipmentAnimal.objects.values()), list(Shipment.objects.values())
    told = asked(api, act)
    assert (told["refused"][: len(why)], told["refused_code"]) == (why, "undo_impossible")
    answer = taken_back(api, act)
    assert (answer.status_code, answer.json()["detail"]) == (409, told["refused"])
    assert (list(ShipmentAnimal.objects.values()), list(Shipment.objects.values())) == before


@pytest.mark.parametrize(
    ("acts", "why"),
    [
        ((loaded, unloaded), "1 in shipment S-1 was changed since."),
        ((loaded, shipped), HAS_LEFT),
        ((loaded, cancelled), "Shipment S-1 was cancelled."),
    ],
)
def test_a_tick_that_was_built_on_stays(api: APIClient, acts: Any, why: str) -> None:
    (animal,) = cattle(1)
    path = loading(api, animal)
    acts[0](api, path, animal)
    act = last()
    for later in acts[1:]:
        later(api, path, animal)
    assert asked(api, act)["refused"] == why


def test_a_shipment_that_holds_animals_is_not_cancelled_by_taking_back_its_planning(
    api: APIClient,
) -> None:
    made(api)
    act = last()
    assert asked(api, act)["undoing"] == ["The shipment will be cancelled."]
    planned(api, f"shipments/{Shipment.objects.get().pk}", *cattle(1))
    assert asked(api, act)["refused"].startswith("Shipment S-1 holds animals by now.")


def test_why_a_shipment_was_cancelled_is_told(api: APIClient) -> None:
    cancelled(api, made(api), None)  # type: ignore[arg-type]  # no animal is asked for
    assert (last().summary, last().reason) == ("Shipment S-1 to Packer North cancelled", "no truck")
