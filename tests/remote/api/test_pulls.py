"""Pulls and deaths over REST: causes, the hospital pen, back and void, followed, reported."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from herd import operations
from herd.causes import CAUSES
from herd.models import Animal, Batch, JournalEntry, Movement, Product, Pull
from herd.unit_of_work import open_unit_of_work
from remote.api import snapshot
from remote.api.deaths_report import deaths_report
from remote.api.events import read_messages
from remote.wire import START
from tests.remote.api.rows import AT, ROOT, a_batch, a_pen, a_pull, a_treatment, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def sent(api: APIClient, path: str, body: Any, **more: Any) -> Any:
    return api.post(ROOT + path, body, format="json", **more)


def of_animal(animal: Animal) -> Animal:
    return Animal.objects.get(pk=animal.pk)


# -- what it died of ------------------------------------------------------------------------------


def test_a_death_has_a_coded_cause_and_needs_no_other_reason(api: APIClient) -> None:
    animal = an_animal()
    body = {"status": "dead", "on": "2026-03-05", "cause": "bloat"}
    answer = sent(api, f"cattle/{animal.pk}/status", body)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["left_cause"], answer.json()["left_reason"]) == ("bloat", "")
    corrected = {"status": "dead", "on": "2026-03-05", "reason": "found at six"}
    told = sent(api, f"cattle/{animal.pk}/status", corrected).json()
    assert (told["left_cause"], told["left_reason"]) == ("bloat", "found at six")
    what = [one["what"] for one in past(api, animal) if one["kind"] == "edit"]
    assert what[-1] == "dead on 2026-03-05: Bloat"
    back = sent(api, f"cattle/{animal.pk}/status", {"status": "active"}).json()
    assert (back["left_cause"], back["left_reason"]) == (None, "")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "dead", "cause": "magic"}, "cause"),
        ({"status": "sold", "cause": "bloat", "reason": "old"}, "cause"),
        ({"status": "dead"}, "reason"),
        ({"status": "sold", "cause": ""}, "cause"),
    ],
)
def test_a_cause_is_known_and_of_the_dead_alone(
    api: APIClient, body: dict[str, Any], field: str
) -> None:
    animal = an_animal()
    answer = sent(api, f"cattle/{animal.pk}/status", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert of_animal(animal).status == "active"


def test_many_die_of_one_cause(api: APIClient) -> None:
    ids = [an_animal().pk, an_animal().pk]
    body = {"cattle_ids": ids, "status": "dead", "cause": "heat", "on": "2026-03-05"}
    assert sent(api, "cattle/status", body).status_code == 200
    assert list(Animal.objects.values_list("left_cause", flat=True)) == ["heat", "heat"]


# -- pulls ----------------------------------------------------------------------------------------


def test_an_animal_is_pulled_to_the_hospital_pen_and_comes_back(api: APIClient) -> None:
    home, hospital = a_pen("P1"), a_pen("H1")
    animal = an_animal(pen=home)
    body = {"cause": "respiratory", "pen_id": hospital.pk, "note": "40.6 C"}
    answer = sent(api, f"cattle/{animal.pk}/pulls", body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["from_pen_id"], made["to_pen_id"], made["note"]) == (
        home.pk,
        hospital.pk,
        "40.6 C",
    )
    assert of_animal(animal).pen_id == hospital.pk
    assert api.get(f"{ROOT}pulls?open=true&cause=respiratory").json()["total"] == 1
    once_more = sent(api, f"cattle/{animal.pk}/pulls", body)
    assert (once_more.status_code, once_more.json()["code"]) == (409, "already_pulled")
    back = sent(api, f"pulls/{made['id']}/return", {}).json()
    assert back["returned_at"]
    assert of_animal(animal).pen_id == home.pk
    assert sent(api, f"pulls/{made['id']}/return", {}).json() == back
    assert api.get(f"{ROOT}pulls?open=true").json()["total"] == 0
    assert Movement.objects.count() == 2


def test_back_it_goes_where_it_is_told_or_stays_where_it_was_moved(api: APIClient) -> None:
    home, hospital, other = a_pen("P1"), a_pen("H1"), a_pen("P2")
    animal = an_animal(pen=home)
    pull = sent(api, f"cattle/{animal.pk}/pulls", {"cause": "injury", "pen_id": hospital.pk}).json()
    sent(api, f"pulls/{pull['id']}/return", {"pen_id": other.pk})
    assert of_animal(animal).pen_id == other.pk
    pull = sent(api, f"cattle/{animal.pk}/pulls", {"cause": "injury", "pen_id": hospital.pk}).json()
    sent(api, f"cattle/{animal.pk}/move", {"pen_id": home.pk})
    sent(api, f"pulls/{pull['id']}/return", {})
    assert of_animal(animal).pen_id == home.pk


def test_without_a_pen_it_is_pulled_where_it_is(api: APIClient) -> None:
    animal = an_animal(pen=a_pen())
    made = sent(api, f"cattle/{animal.pk}/pulls", {"cause": "eye"}).json()
    assert (made["from_pen_id"], made["to_pen_id"]) == (animal.pen_id, None)
    assert not Movement.objects.exists()


def test_a_void_pull_never_was(api: APIClient) -> None:
    home, hospital = a_pen("P1", capacity=1), a_pen("H1")
    animal = an_animal(pen=home)
    pull = sent(api, f"cattle/{animal.pk}/pulls", {"cause": "heat", "pen_id": hospital.pk}).json()
    an_animal(pen=home)
    path = f"pulls/{pull['id']}/void"
    assert sent(api, path, {"reason": "another one"}).json()["code"] == "pen_full"
    told = sent(api, path, {"reason": "another one", "force": True}).json()
    assert (told["void_reason"], of_animal(animal).pen_id) == ("another one", home.pk)
    assert sent(api, path, {"reason": "twice"}).json() == told
    assert sent(api, f"pulls/{pull['id']}/return", {}).json()["code"] == "bad_value"
    assert sent(api, f"cattle/{animal.pk}/pulls", {"cause": "heat"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"cause": "magic"}, "invalid"),
        ({"cause": "heat", "pen_id": 99}, "unknown_place"),
        ({"cause": "heat", "pulled_at": "2999-01-01T00:00:00Z"}, "bad_value"),
        ({}, "invalid"),
    ],
)
def test_what_no_pull_can_be_is_refused(api: APIClient, body: dict[str, Any], code: str) -> None:
    answer = sent(api, f"cattle/{an_animal().pk}/pulls", body)
    assert answer.json()["code"] == code
    assert not Pull.objects.exists()


def test_all_are_pulled_or_none(api: APIClient) -> None:
    here, gone = an_animal(), an_animal(status="dead", left_on=AT.date())
    body = {"cattle_ids": [here.pk, gone.pk], "cause": "lameness"}
    assert sent(api, "pulls", body).json()["code"] == "not_on_feed"
    assert not Pull.objects.exists()
    previewed = sent(api, "pulls?preview=1", {**body, "cattle_ids": [here.pk]}).json()
    assert (previewed["count"], Pull.objects.count()) == (1, 0)
    again = {"HTTP_IDEMPOTENCY_KEY": "k1"}
    for _ in range(2):
        made = sent(api, "pulls", {**body, "cattle_ids": [here.pk]}, **again).json()
        assert made["cattle_ids"] == [here.pk]
    assert Pull.objects.count() == 1


def test_the_feed_the_snapshot_and_the_history_tell_of_a_pull(api: APIClient) -> None:
    animal = an_animal()
    pull = sent(api, f"cattle/{animal.pk}/pulls", {"cause": "heart", "note": "brisket"}).json()
    sent(api, f"pulls/{pull['id']}/return", {})
    kinds = [
        one.text.partition('"event":"')[2].partition('"')[0] for one in read_messages(START, 9)
    ]
    assert [one for one in kinds if one.startswith("pull")] == ["pull:recorded", "pull:returned"]
    assert any('"topic":"pulls"' in line for line in snapshot.lines())
    told = next(one for one in past(api, animal) if one["kind"] == "pull")
    assert (told["cause"], told["reason"]) == ("heart", "brisket")
    assert told["returned_at"]
    assert JournalEntry.objects.filter(kind__startswith="pull").count() == 2


def past(api: APIClient, animal: Animal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get(f"{ROOT}cattle/{animal.pk}/history").json()["data"]
    return found


def test_in_a_merge_the_pulls_go_with_the_animal_that_stays(api: APIClient) -> None:
    kept, absorbed = an_animal(lf_tag="LF1"), an_animal(uhf_tag="U1")
    pull = a_pull(absorbed)
    with open_unit_of_work("office:ana") as unit:
        change = operations.merge(unit, operations.Merge(kept.pk, absorbed.pk, AT))[1]
    assert Pull.objects.get(pk=pull.pk).animal_id == kept.pk
    with open_unit_of_work("office:ana") as unit:
        operations.undo(unit, change.pk, AT)
    assert Pull.objects.get(pk=pull.pk).animal_id == absorbed.pk


def test_a_pen_that_goes_is_no_longer_named(api: APIClient) -> None:
    pen = a_pen("H1")
    pull = a_pull(an_animal(), to_pen=pen)
    assert api.delete(f"{ROOT}pens/{pen.pk}").status_code in {200, 204}
    assert Pull.objects.get(pk=pull.pk).to_pen_id is None
    assert JournalEntry.objects.filter(kind="pull:recorded", object_id=pull.pk).exists()


# -- the report -----------------------------------------------------------------------------------


def test_deaths_and_pulls_are_told_by_day_batch_and_cause(api: APIClient) -> None:
    today, lot = timezone.localdate(), a_batch("LOT1", head_count=4)
    came = today - timedelta(days=40)
    dead = {"status": "dead", "batch": lot, "induction_date": came}
    one = an_animal(left_on=today - timedelta(days=1), left_cause="bloat", **dead)
    an_animal(left_on=today - timedelta(days=2), left_reason="found", **dead)
    an_animal(left_on=today - timedelta(days=31), **dead)  # before the days that are asked for
    sick = an_animal(batch=lot, induction_date=came)
    a_treatment(one, given_at=timezone.now() - timedelta(days=5))
    a_treatment(one, given_at=timezone.now() - timedelta(days=3), voided_at=timezone.now())
    a_treatment(sick, given_at=timezone.now())
    pulled_at = timezone.now() - timedelta(days=1)
    a_pull(sick, cause="bloat", pulled_at=pulled_at)
    for void in (sick, an_animal(induction_date=came)):
        a_pull(void, cause="heat", pulled_at=pulled_at, voided_at=timezone.now())
    told = api.get(f"{ROOT}reports/deaths").json()
    assert (told["deaths"], told["pulls"], told["in_hospital"]) == (2, 1, 1)
    assert told["by_day"][0] == {"day": str(today - timedelta(days=1)), "deaths": 1, "pulls": 1}
    assert told["by_cause"][0] == {"cause": "bloat", "deaths": 1, "pulls": 1}
    (batch,) = told["by_batch"]
    assert (batch["batch_number"], batch["deaths"], batch["pulls"]) == ("LOT1", 2, 1)
    assert (batch["head_count"], batch["deaths_percent"], batch["pulled_percent"]) == (4, 50, 25)
    death = next(row for row in told["data"] if row["cattle_id"] == one.pk)
    assert (death["days_on_feed"], death["treatments"], death["last_product"]) == (39, 1, "Oxytet")
    pull = next(row for row in told["data"] if row["kind"] == "pull")
    assert (pull["days_on_feed"], pull["treatments"]) == (39, 0)  # treated a day later


def test_the_last_treatment_of_a_row_is_that_until_its_day(api: APIClient) -> None:
    at = timezone.now() - timedelta(days=10)
    sick, pen = an_animal(visual_id="Y7"), a_pen("H1")
    for hours, product in ((-48, "Draxxin"), (0, "Oxytet"), (1, "Banamine"), (48, "Nuflor")):
        made, _ = Product.objects.get_or_create(name=product, withdrawal_days=28)
        a_treatment(sick, product=made, given_at=_noon(at) + timedelta(hours=hours))
    a_pull(sick, pulled_at=_noon(at), to_pen=pen)
    (row,) = api.get(f"{ROOT}reports/deaths").json()["data"]
    assert (row["treatments"], row["last_product"]) == (3, "Banamine")
    assert (row["last_treated_on"], row["pen_number"]) == (row["day"], "H1")
    assert (row["visual_id"], row["batch_id"], row["batch_number"]) == ("Y7", None, "")


def _noon(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=12, minute=0)


def test_a_long_report_asks_the_database_no_more_often(
    api: APIClient, django_assert_num_queries: Any
) -> None:
    for _ in range(2):
        for _ in range(20):
            a_treatment(sick := an_animal(batch=a_batch(f"L{Batch.objects.count()}")))
            a_pull(sick, pulled_at=timezone.now())
        today = timezone.localdate()
        with django_assert_num_queries(10):
            deaths_report(today, today)


def test_the_days_of_a_report_are_the_farms_and_a_year_at_most(api: APIClient) -> None:
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    a_pull(an_animal(), pulled_at=at)
    with override_settings(TIME_ZONE="Europe/Madrid"):  # 00:30 of the 2nd
        found = [
            api.get(f"{ROOT}reports/deaths?first={day}&last={day}").json()["pulls"]
            for day in ("2026-03-01", "2026-03-02")
        ]
    assert found == [0, 1]
    told = api.get(f"{ROOT}reports/deaths?first=1900-01-01&last=2026-03-01").json()
    assert (told["first"], told["last"]) == ("2025-03-01", "2026-03-01")
    for query in ("first=0001-01-01&last=0001-01-01", "last=9999-12-31", "first=9999-12-31"):
        assert api.get(f"{ROOT}reports/deaths?{query}").status_code == 200
    refused = api.get(f"{ROOT}reports/deaths?first=soon")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["first"])


def test_each_cause_is_told_of_in_the_feeds_description() -> None:
    from tests.remote.api.test_asyncapi import SCHEMAS

    assert SCHEMAS["Pull"]["properties"]["cause"]["enum"] == list(CAUSES)
    assert SCHEMAS["Cattle"]["properties"]["left_cause"]["enum"] == [*CAUSES, None]


def test_each_cause_is_in_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs/protocol.md").read_text()
    missing = [code for code, name in CAUSES.items() if f"| `{code}` | {name} |" not in text]
    assert not missing
