"""What was done in a session: figures, animals, CSV, and the same animals in another session."""

import csv
import io
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from herd.models import Animal, Movement, WeightRecord
from remote.csv_cells import safe_cell
from tests.remote.api.rows import (
    AT,
    ROOT,
    a_payload,
    a_pen,
    a_session,
    a_treatment,
    a_weight,
    an_animal,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
GATE = "udp:10.0.0.1"


def days_ago(days: float) -> datetime:
    return AT - timedelta(days=days)


@pytest.fixture
def herd() -> SimpleNamespace:
    """Six head in a pen: three weighed (one twice, one before), one doubted, one moved, one read,
    and one that nobody saw."""
    made = SimpleNamespace(pen=a_pen("P1"), to=a_pen("P7"))
    made.session = a_session(
        "Autumn", pen=made.pen, source=GATE, started_at=days_ago(0.1), ended_at=days_ago(-0.1)
    )
    made.spring = a_session("Spring", pen=made.pen, started_at=days_ago(100))
    animals = [an_animal(pen=made.pen, visual_id=f"V{n}", lf_tag=f"LF{n}") for n in range(7)]
    made.one, made.two, made.three, made.doubted, made.moved, made.read, made.unseen = animals
    an_animal(pen=made.pen, status="dead")
    a_weight(made.one, "300", recorded_at=days_ago(100), session=made.spring)
    a_weight(made.one, "700", recorded_at=days_ago(50), quality="void")
    a_weight(made.one, "450", session=made.session)
    a_weight(made.one, "452", session=made.session, recorded_at=AT + timedelta(minutes=1))
    a_weight(made.two, "410", session=made.session)
    a_weight(made.three, "200", recorded_at=days_ago(100), session=made.spring)
    a_weight(made.three, "330", session=made.session)
    a_weight(made.doubted, "90", session=made.session, quality="suspect", reason="no")
    for given in ({}, {}, {"voided_at": AT}):
        animal = made.moved if given else made.three
        a_treatment(animal, session=made.session, **given)
    first = made.three, a_pen("P9")  # a slip of the hand, put right at once
    for animal, pen in (first, (made.moved, made.to), (made.three, made.to)):
        Movement.objects.create(
            animal=animal, from_pen=made.pen, to_pen=pen, moved_at=AT, session=made.session
        )
    row = a_payload()
    type(row).objects.filter(pk=row.pk).update(received_at=AT, animal=made.read)
    return made


def summary(api: APIClient, pk: int, query: str = "") -> Any:
    answer = api.get(f"{ROOT}sessions/{pk}/summary{query}")
    assert answer.status_code == 200
    return answer.json()


def test_its_figures_are_of_its_animals(api: APIClient, herd: SimpleNamespace) -> None:
    told = summary(api, herd.session.pk)
    mean = round((452 + 410 + 330) / 3, 3)
    assert (told["head"], told["weighed"], told["mean_weight_kg"]) == (6, 3, mean)
    assert (told["gaining"], told["mean_gain_kg"], told["suspect"]) == (2, (152 + 130) / 2, 1)
    assert told["adg_kg"] == pytest.approx(1.41, abs=0.001)
    assert told["sorted"] == [{"pen_id": herd.to.pk, "pen_number": "P7", "head": 2}]
    assert (told["unseen"], told["unseen_ids"], told["treated"]) == (1, [herd.unseen.pk], 1)
    assert (told["name"], told["compared"]) == ("Autumn", None)


def test_its_animals_are_told_one_by_one(api: APIClient, herd: SimpleNamespace) -> None:
    rows = summary(api, herd.session.pk)["data"]
    told = [(row["visual_id"], row["weight_kg"], row["gain_kg"], row["sorted_to"]) for row in rows]
    assert sorted(told, key=str) == [
        ("V0", 450, 150, None),
        ("V0", 452, 152, None),
        ("V1", 410, None, None),
        ("V2", 330, 130, "P7"),
        ("V3", 90, None, None),
        ("V4", None, None, "P7"),
    ]
    assert rows[0]["at"] == "2026-03-01T12:00:00Z"


def test_two_sessions_are_compared_by_the_animals_of_both(
    api: APIClient, herd: SimpleNamespace
) -> None:
    now = summary(api, herd.session.pk, f"?with={herd.spring.pk}")["compared"]
    then = summary(api, herd.spring.pk, f"?with={herd.session.pk}")["compared"]
    assert (now["both"], now["mean_gain_kg"], now["name"]) == (2, 141, "Spring")
    assert (now["mean_before_kg"], now["mean_after_kg"], now["mean_days"]) == (250, 391, 100)
    assert (now["only_here"], now["only_there"], now["adg_kg"]) == (1, 0, 1.41)
    same = ("both", "mean_gain_kg", "mean_before_kg", "mean_after_kg", "adg_kg")
    assert {name: then[name] for name in same} == {name: now[name] for name in same}
    assert (then["only_here"], then["only_there"]) == (0, 1)


def test_it_is_a_sheet_too(api: APIClient, herd: SimpleNamespace) -> None:
    answer = api.get(f"{ROOT}sessions/{herd.session.pk}.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 6
    (third,) = [row for row in rows if row["visual_id"] == "V2"]
    assert third["lf_tag"] == "LF2"
    assert (third["weight_kg"], third["quality"], third["gain_kg"]) == ("330.0", "ok", "130.0")
    assert (third["sorted_to"], third["at"]) == ("P7", "2026-03-01T12:00:00Z")
    (moved,) = [row for row in rows if row["visual_id"] == "V4"]
    assert (third["treated"], moved["treated"]) == ("Oxytet; Oxytet", "")  # one was void


def test_no_cell_of_the_sheet_is_a_formula(api: APIClient, herd: SimpleNamespace) -> None:
    """What a radio sends as a name would run where the file is opened; less than nothing is gained
    all the same."""
    herd.moved.livestock_id = "=HYPERLINK(1)"
    herd.moved.save()
    text = api.get(f"{ROOT}sessions/{herd.session.pk}.csv").content.decode()
    assert "'=HYPERLINK(1)" in text
    assert safe_cell(-0.5) == -0.5


@pytest.mark.parametrize("stood", ["pen", ""], ids=["in a pen", "in none"])
def test_a_move_that_was_taken_back_sorts_nobody(
    api: APIClient, herd: SimpleNamespace, stood: str
) -> None:
    pen = herd.pen if stood else None
    herd.moved.movements.update(from_pen=pen)
    told = {"animal": herd.moved, "moved_at": AT, "session": herd.session}
    Movement.objects.create(from_pen=herd.to, to_pen=pen, **told)
    shown = summary(api, herd.session.pk)
    assert [(one["pen_number"], one["head"]) for one in shown["sorted"]] == [("P7", 1)]
    (row,) = [one for one in shown["data"] if one["cattle_id"] == herd.moved.pk]
    assert row["sorted_to"] is None


def test_who_was_treated_only_is_told_too(api: APIClient, herd: SimpleNamespace) -> None:
    given = {"session": herd.session, "amount": "8.50", "unit": "ml", "recorded_by": "office:ana"}
    a_treatment(herd.unseen, **given)
    told = summary(api, herd.session.pk)
    (row,) = [row for row in told["data"] if row["cattle_id"] == herd.unseen.pk]
    assert (row["id"], row["weight_kg"], row["treated"]) == (None, None, "Oxytet 8.5 ml")
    assert (row["visual_id"], row["by"]) == ("V6", "office:ana")
    assert (told["head"], told["unseen"], told["treated"]) == (7, 0, 2)


def test_figures_of_several_are_told_at_once(api: APIClient, herd: SimpleNamespace) -> None:
    asked = f"{herd.session.pk},{herd.spring.pk},999"
    told = api.get(f"{ROOT}sessions/figures?ids={asked}").json()["data"]
    assert told[0] == {
        "id": herd.session.pk,
        "head": 4,
        "weighed": 4,
        "suspect": 1,
        "mean_weight_kg": 410.5,
    }
    assert [(one["head"], one["mean_weight_kg"]) for one in told[1:]] == [(2, 250), (0, None)]
    for wrong in ("", "x", "1,,2", "1," * 100 + "1", "9" * 30):
        assert api.get(f"{ROOT}sessions/figures?ids={wrong}").status_code == 400


def test_one_that_is_not_there_is_not_found(api: APIClient) -> None:
    session = a_session()
    for path in ("99/summary", "99.csv", f"{session.pk}/summary?with=99"):
        assert api.get(f"{ROOT}sessions/{path}").status_code == 404
    assert api.get(f"{ROOT}sessions/{session.pk}/summary?with=x").status_code == 400
    empty = summary(api, session.pk)
    assert (empty["head"], empty["mean_weight_kg"], empty["unseen"], empty["data"]) == (
        *(0, None, 0),
        [],
    )


def test_a_thousand_head_are_asked_for_in_a_few_statements(api: APIClient) -> None:
    session = a_session(source=GATE)
    animals = Animal.objects.bulk_create(
        Animal(first_seen_at=AT, last_seen_at=AT, lf_tag=f"T{n}") for n in range(1000)
    )
    WeightRecord.objects.bulk_create(
        WeightRecord(
            animal=one, weight_kg=400, recorded_at=AT + timedelta(seconds=n), session=session
        )
        for n, one in enumerate(animals)
    )
    with CaptureQueriesContext(connection) as made:
        assert len(summary(api, session.pk)["data"]) == 1000
    assert len(made) <= 13
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM cattle_weight_history WHERE session_id = %s",
            [session.pk],
        )
        assert "weights_of_a_session" in str(cursor.fetchall())
