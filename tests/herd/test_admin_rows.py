"""The page of one row in the admin: what can be done there, its history, and filters of lists."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from herd.models import Animal, JournalEntry, Movement, Pen, TagPairing, WeightRecord
from herd.scales_table import ScaleStep
from lora.models import LoRaPayload
from lora.worker import Worker
from tests.herd.counting import recount
from tests.remote.api.rows import a_batch, a_payload, a_pen, a_weight, an_animal

pytestmark = pytest.mark.django_db


@pytest.fixture
def animal() -> Animal:
    return an_animal(lf_tag="840003123456789", livestock_id="L1", batch=a_batch())


def done(client: Client, row: Any, action: str, **form: str) -> Any:
    """Open the action from the row's own page, as its link does, and confirm it."""
    opts = row._meta
    page = client.get(f"/admin/{opts.app_label}/{opts.model_name}/{row.pk}/change/", secure=True)
    (link,) = [url for url, one in page.context["row_actions"] if one.__name__ == action]
    assert client.get(link, secure=True).status_code == 200
    return client.post(link, {**form, "apply": "1"}, secure=True, follow=True)


def offered(client: Client, row: Any) -> list[str]:
    opts = row._meta
    page = client.get(f"/admin/{opts.app_label}/{opts.model_name}/{row.pk}/change/", secure=True)
    links = page.content.decode().partition('<ul class="object-tools">')[2].partition("</ul>")[0]
    return [text for text in re.findall(r">([^<>]+)</a>", links) if text != "History"]


def test_an_animal_is_moved_from_its_own_page(manager: Client, animal: Animal) -> None:
    pen = a_pen(capacity=1)
    page = done(manager, animal, "move_animals", pen=str(pen.pk))
    assert page.redirect_chain[-1][0] == f"/admin/herd/animal/{animal.pk}/change/"
    assert "1 animal to pen P1" in page.content.decode()
    assert Movement.objects.get().to_pen == pen
    assert JournalEntry.objects.get(kind="cattle:moved").actor == "admin:fred"
    done(manager, animal, "change_batch", batch=str(a_batch("B2").pk))
    animal.refresh_from_db()
    assert (str(animal.batch), animal.pen) == ("B2", pen)


def test_an_animal_is_weighed_and_retagged_from_its_own_page(
    manager: Client, animal: Animal
) -> None:
    for days in (60, 30):
        a_weight(animal, str(330 - days), recorded_at=timezone.now() - timedelta(days=days))
    now = timezone.localtime()
    when = {"recorded_at_0": now.date().isoformat(), "recorded_at_1": f"{now:%H:%M:%S}"}
    page = done(manager, animal, "weigh", weight_kg="330", **when)
    assert "L1: 330 kg." in page.content.decode()
    page = done(manager, animal, "weigh", weight_kg="900", **when)
    doubt = WeightRecord.objects.get(weight_kg=900)
    assert (doubt.quality, doubt.source, doubt.recorded_by) == ("suspect", "admin", "admin:fred")
    (said,) = page.context["messages"]
    assert said.level_tag == "warning"
    assert doubt.reason in str(said)
    done(manager, animal, "give_tags", lf_tag="982 000001088420", reason="lost")
    assert Animal.objects.get().lf_tag == "982000001088420"
    assert TagPairing.objects.get(to_at=None).recorded_by == "admin:fred"


def test_a_refusal_on_the_page_of_one_animal_keeps_what_was_typed(
    manager: Client, animal: Animal
) -> None:
    page = done(manager, animal, "give_tags", lf_tag="9.82E+14", reason="lost it")
    assert list(page.context["form"].errors) == ["lf_tag"]
    assert "lost it" in page.content.decode()


def test_what_does_not_fit_a_row_is_not_offered(manager: Client, animal: Animal) -> None:
    assert offered(manager, animal) == [
        *("Move to a pen", "Move to a batch", "Weigh", "Treat", "Give new tags"),
        "Mark exported, sold, dead, or back on feed",
        "Pull to the hospital pen",
    ]
    weight, payload = a_weight(animal), a_payload()
    assert offered(manager, weight) == ["Void"]
    WeightRecord.objects.update(quality="suspect")
    assert offered(manager, weight) == ["Void", "Accept"]
    WeightRecord.objects.update(quality="void")
    assert offered(manager, weight) == ["Take the void back"]
    assert offered(manager, payload) == []


@pytest.mark.parametrize("path", ["999/do/move_animals/", "{pk}/do/drop_tables/", "x/do/weigh/"])
def test_an_action_of_nothing_is_refused(manager: Client, animal: Animal, path: str) -> None:
    path = path.format(pk=animal.pk)
    assert manager.get(f"/admin/herd/animal/{path}", secure=True).status_code in {403, 404}


def test_a_pen_is_searched_and_not_chosen_of_a_thousand(manager: Client, animal: Animal) -> None:
    Pen.objects.bulk_create(Pen(pen_number=f"P{number}") for number in range(1250))
    page = manager.get(f"/admin/herd/animal/{animal.pk}/do/move_animals/", secure=True)
    assert page.content.decode().count("<option") <= 1
    asked = {"app_label": "herd", "model_name": "animal", "field_name": "pen", "term": "P124"}
    found = manager.get("/admin/autocomplete/", asked, secure=True).json()["results"]
    assert found[0]["text"] == "P124"


# -- history --------------------------------------------------------------------------------------


def test_history_is_the_journals(manager: Client, animal: Animal) -> None:
    other = an_animal(livestock_id="L2")
    a_payload("hxb:B1:840003123456789:")
    Worker().step()
    done(manager, animal, "mark_animals", status="dead", on="2026-11-01", reason="bloat")
    done(manager, other, "mark_animals", status="sold", on="2026-11-01", reason="auction")
    weight = a_weight(animal)
    done(manager, weight, "void_weights", reason="a gate stood on the scale")
    page = manager.get(f"/admin/herd/animal/{animal.pk}/history/", secure=True)
    said = [(entry.actor, entry.kind, entry.detail) for entry, _ in page.context["entries"]]
    assert ("admin:fred", "weight:voided", "a gate stood on the scale") in said
    assert [one for one in said if "bloat" in one[2] and one[0] == "admin:fred"]
    assert ("radio", "cattle:updated") in {one[:2] for one in said}
    assert [entry.seq for entry, _ in page.context["entries"]] == sorted(
        (entry.seq for entry, _ in page.context["entries"]), reverse=True
    )
    assert "auction" not in page.content.decode()


def test_a_batchs_history_is_the_journals_too(manager: Client) -> None:
    body = {"batch_number": "LOT7", "source_type": "hxb", "status": "open"}
    manager.post("/admin/herd/batch/add/", body, secure=True)
    entry = JournalEntry.objects.get(kind="batch:created")
    page = manager.get(f"/admin/herd/batch/{entry.object_id}/history/", secure=True)
    assert "batch created" in page.content.decode()
    assert "admin:fred" in page.content.decode()


# -- filters --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"in_pen": "p1"}, {"L1"}),
        ({"in_batch": "LOT7"}, {"L2", "L3"}),
        ({"in_batch": " LOT7 ", "in_pen": "P10"}, {"L2"}),
        ({"in_pen": "none"}, {"L3"}),
        ({"in_pen": "P77"}, set()),
        ({"in_pen": "\x07"}, set()),
        ({"in_pen": "9" * 60}, set()),
        ({"in_pen": ""}, {"L1", "L2", "L3"}),
    ],
)
def test_animals_are_found_by_the_pen_and_batch_that_is_typed(
    manager: Client, asked: dict[str, str], found: set[str]
) -> None:
    lot, one, ten = a_batch("LOT7"), a_pen("P1"), a_pen("P10")
    an_animal(livestock_id="L1", pen=one)
    an_animal(livestock_id="L2", pen=ten, batch=lot)
    an_animal(livestock_id="L3", batch=lot)
    page = manager.get("/admin/herd/animal/", {**asked, "q": ""}, secure=True)
    assert {animal.livestock_id for animal in page.context["cl"].queryset} == found


def test_a_typed_filter_keeps_the_others_and_the_search(manager: Client) -> None:
    page = manager.get("/admin/herd/animal/?q=L1&status__exact=active&in_pen=P1", secure=True)
    form = page.content.decode().partition('<form method="get" class="typed-filter">')[2]
    for hidden in ('name="q" value="L1"', 'name="status__exact" value="active"'):
        assert hidden in form.partition("</form>")[0]


# -- tag conflicts --------------------------------------------------------------------------------


@pytest.fixture
def conflict(manager: Client) -> LoRaPayload:
    for text in ("hxb:B1:LF1:", "hxb:B2::U2", "hxb:B1:LF1:U2"):
        a_payload(text)
    Worker().step()
    recount()
    return LoRaPayload.objects.get(error_code="tag_conflict")


def test_a_conflict_shows_both_animals_side_by_side(manager: Client, conflict: LoRaPayload) -> None:
    assert "Decide a tag conflict" in offered(manager, conflict)
    link = f"/admin/lora/lorapayload/{conflict.pk}/do/decide_conflict/"
    page = manager.get(link, secure=True)
    animals = list(Animal.objects.order_by("pk"))
    assert sorted(one.pk for one in page.context["conflict"].animals) == [a.pk for a in animals]
    lines = dict(page.context["lines"])
    assert {str(value) for value, _ in lines["Batch"]} == {"B1", "B2"}
    assert [value for value, was_read in lines["LF tag (EID)"] if was_read] == ["LF1"]
    assert page.content.decode().count('type="radio" name="animal"') == 2


@pytest.mark.parametrize(("decision", "left"), [("merge", 1), ("give", 2), ("ignore", 2)])
def test_a_conflict_is_decided_on_its_page(
    manager: Client, conflict: LoRaPayload, decision: str, left: int
) -> None:
    right = Animal.objects.get(lf_tag="LF1")
    done(manager, conflict, "decide_conflict", decision=decision, animal=str(right.pk))
    assert Animal.objects.count() == left
    conflict.refresh_from_db()
    assert conflict.error_code == ("conflict_ignored" if decision == "ignore" else "")


def test_a_conflict_without_an_animal_chosen_says_so_beside_them(
    manager: Client, conflict: LoRaPayload
) -> None:
    page = done(manager, conflict, "decide_conflict", decision="merge", reason="same ear")
    assert list(page.context["form"].errors) == ["animal"]
    assert "same ear" in page.content.decode()


def test_a_conflict_that_is_gone_says_so(manager: Client, conflict: LoRaPayload) -> None:
    LoRaPayload.objects.filter(pk=conflict.pk).update(status="processed", error_code="")
    link = f"/admin/lora/lorapayload/{conflict.pk}/do/decide_conflict/"
    page = manager.get(link, secure=True)
    assert "is not in conflict (any more)" in page.content.decode()
    assert "Decide a tag conflict" not in offered(manager, conflict)


# -- what is shown --------------------------------------------------------------------------------


def test_no_column_of_the_worker_is_in_a_managers_way(manager: Client) -> None:
    payload = a_payload("hxb:B1:LF1:U1")
    for path in ("", f"{payload.pk}/change/"):
        page = manager.get(f"/admin/lora/lorapayload/{path}", secure=True).content.decode().lower()
        assert [word for word in ("digest", "boot:", ">boot<", "arrived") if word in page] == []


def test_a_movement_says_from_where_to_where_in_one_pair_of_columns(
    manager: Client, animal: Animal
) -> None:
    done(manager, animal, "move_animals", pen=str(a_pen("P7").pk), reason="sorted")
    for path in ("movement/", f"movement/{Movement.objects.get().pk}/change/"):
        page = manager.get(f"/admin/herd/{path}", secure=True).content.decode()
        assert "P7" in page
        assert "sorted" in page
        assert "from_pen" not in page


def test_a_scale_is_confirmed_corrected_and_not_believed_in_the_admin(
    manager: Client, animal: Animal
) -> None:
    at = timezone.now() - timedelta(days=3)
    weight = WeightRecord.objects.create(
        animal=animal, weight_kg=440, recorded_at=at, source="radio", scale="gate"
    )
    day = timezone.localdate(at)
    step = ScaleStep.objects.create(scale="gate", day=day, factor=1.1)
    done(manager, step, "confirm_steps")
    assert offered(manager, step) == ["It was not adjusted", "Correct its weights"]
    asked = {"first": f"{day}", "last": f"{day}", "factor": "0.5", "reason": "calibrated"}
    page = done(manager, step, "correct_scale", **asked)
    assert "Corrected: 1 weight of 1 animal." in page.content.decode()
    step.refresh_from_db()
    weight.refresh_from_db()
    assert (step.confirmed_by, step.undone_by) == ("admin:fred", "admin:fred")
    assert weight.weight_kg == 220
    assert weight.read_kg == 440


def test_a_journal_entry_leads_to_what_it_is_about(manager: Client, animal: Animal) -> None:
    done(manager, animal, "mark_animals", status="dead", on="2026-11-01", reason="bloat")
    page = manager.get("/admin/herd/journalentry/", secure=True).content.decode()
    assert f'href="/admin/herd/animal/{animal.pk}/change/"' in page
    assert "cattle updated" in page
