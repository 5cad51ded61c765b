"""A parameter that a path does not know is refused before anything is done."""

import pytest
from django.urls import URLPattern, get_resolver
from rest_framework.permissions import SAFE_METHODS
from rest_framework.test import APIClient

from herd.models import Animal, JournalEntry, Pen
from lora.models import LoRaPayload
from remote.api.views.base import RestView
from tests.remote.api.rows import ROOT, a_batch, a_payload, a_weight, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def every_method() -> list[tuple[str, str]]:
    """Each path below the API's root, with each of its methods."""
    patterns = get_resolver("remote.api.urls").url_patterns
    found = []
    for one in patterns:
        if isinstance(one, URLPattern) and hasattr(one.callback, "view_class"):
            view = one.callback.view_class
            assert issubclass(view, RestView), view
            path = str(one.pattern).replace("<int:pk>", "1").replace("<str:name>", "x")
            methods = [name.upper() for name in view.http_method_names if hasattr(view, name)]
            found += [(name, path) for name in methods if name != "OPTIONS"]
    return found


@pytest.mark.parametrize(("method", "path"), every_method())
def test_no_path_takes_a_parameter_that_it_does_not_know(
    api: APIClient, animal: Animal, method: str, path: str
) -> None:
    before = JournalEntry.objects.count()
    answer = api.generic(method, f"{ROOT}{path}?prevew=1", "{}", "application/json")
    assert answer.status_code == 400, (method, path, answer.content)
    if method != "HEAD":
        assert list(answer.json()["fields"]) == ["prevew"]
    assert JournalEntry.objects.count() == before


@pytest.mark.parametrize(("method", "path"), every_method())
def test_a_path_that_changes_knows_the_preview_or_refuses_it(
    api: APIClient, animal: Animal, method: str, path: str
) -> None:
    before = JournalEntry.objects.count()
    answer = api.generic(method, f"{ROOT}{path}?preview=1", "{}", "application/json")
    assert answer.status_code != 201
    if method not in SAFE_METHODS:
        assert JournalEntry.objects.count() == before


@pytest.mark.parametrize(
    "question",
    [
        "prevew=1",
        "Preview=1",
        "PREVIEW=1",
        "preview",
        "preview=",
        "preview=yes",
        "preview=1;x=2",
        "preview%20=1",
        "amp;preview=1",
        "preview[]=1",
        "dry_run=1",
        "preview=1&preview=0",
        "limit=5",
    ],
)
def test_a_misspelt_preview_makes_no_pen(api: APIClient, question: str) -> None:
    answer = api.post(f"{ROOT}pens?{question}", {"pen_number": "P1"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Pen.objects.exists()


@pytest.mark.parametrize("value", ["1", "true", "True", "TRUE"])
def test_a_preview_is_200_and_makes_no_pen(api: APIClient, value: str) -> None:
    answer = api.post(f"{ROOT}pens?preview={value}", {"pen_number": "P1"}, format="json")
    assert (answer.status_code, answer.json()["preview"]) == (200, True)
    assert not Pen.objects.exists()


@pytest.mark.parametrize("value", ["0", "false"])
def test_no_preview_makes_the_pen(api: APIClient, value: str) -> None:
    answer = api.post(f"{ROOT}pens?preview={value}", {"pen_number": "P1"}, format="json")
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("cattle?searchfor=7", "There is no such parameter here. Did you mean search?"),
        ("cattle?Batch=7", "There is no such parameter here. Did you mean batch?"),
        ("events?from=7", "There is no such parameter here, but: limit, since."),
        ("status?verbose=1", "There is no such parameter here."),
        ("pens?limit=1&limit=2", "Give it once."),
    ],
)
def test_the_nearest_parameter_is_named(api: APIClient, path: str, told: str) -> None:
    answer = api.get(ROOT + path)
    assert answer.status_code == 400
    assert list(answer.json()["fields"].values()) == [[told]]


@pytest.mark.parametrize(
    "path",
    ["/api/schema?formats=json", "/api/docs?scripts=", "/api/asyncapi?version=2", "/metrics?x=1"],
)
def test_the_paths_beside_the_root_know_their_parameters_too(api: APIClient, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("path", ["cattle?format=json", "pens/1?format=json", "status?format=json"])
def test_the_format_may_be_asked_for_anywhere(api: APIClient, animal: Animal, path: str) -> None:
    assert api.get(ROOT + path.replace("/1", f"/{animal.pen_id}")).status_code == 200


def test_none_finds_what_has_none(api: APIClient, animal: Animal) -> None:
    alone = an_animal(lf_tag="LF2", batch=a_batch("B2"))
    stray = an_animal(lf_tag="LF3")
    weights = {one.pk: a_weight(one).pk for one in (animal, alone, stray)}
    payload = a_payload()
    LoRaPayload.objects.filter(pk=a_payload("hxb:B1:LF9:").pk).update(
        animal=animal, batch=animal.batch
    )

    def ids(path: str) -> list[int]:
        return [row["id"] for row in api.get(ROOT + path).json()["data"]]

    assert ids("cattle?batch=none") == [stray.pk]
    assert ids("cattle?pen=none") == [stray.pk, alone.pk]
    assert ids("cattle?pen=NONE&batch=none") == [stray.pk]
    assert ids("weights?batch=none") == [weights[stray.pk]]
    assert ids("weights?pen=none") == [weights[stray.pk], weights[alone.pk]]
    assert ids("payloads?cattle=none") == ids("payloads?batch=none") == [payload.pk]
    assert ids(f"cattle?batch={animal.batch_id}") == [animal.pk]


@pytest.mark.parametrize("value", ["nobody", "null", "-1", str(2**63), "1.5"])
def test_what_is_neither_a_number_nor_none_is_refused(api: APIClient, value: str) -> None:
    answer = api.get(f"{ROOT}cattle", {"pen": value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["pen"])
