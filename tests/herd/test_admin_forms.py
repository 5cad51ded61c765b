"""Forms of the admin: what the herd refuses, and what is doubtful, in front of who typed it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from herd.models import Animal, Batch, Pen, WeightRecord
from herd.storage.journal import BUSY, JournalBusy
from lora.framing.frames import Frame
from lora.intake import Heard, store
from tests.remote.api.rows import a_pen, a_weight, an_animal

pytestmark = pytest.mark.django_db
INLINES = ("pairings", "weights", "treatments", "movements")
EMPTY = {f"{inline}-{count}_FORMS": "0" for inline in INLINES for count in ("TOTAL", "INITIAL")}


@pytest.fixture
def animal() -> Animal:
    return an_animal(lf_tag="840003123456789", livestock_id="L1", notes="quiet")


def page_of(client: Client, path: str, form: dict[str, str] | None = None) -> Any:
    if form is None:
        return client.get(f"/admin/herd/{path}", secure=True)
    return client.post(f"/admin/herd/{path}", form, secure=True, follow=True)


def form_shown(client: Client, path: str) -> dict[str, str]:
    """Return what a browser would send of the form, with its hidden fields."""
    form = page_of(client, path).context["adminform"].form
    sent = dict(EMPTY)
    for field in form:
        shown = "" if field.value() is None else str(field.value())
        sent |= {field.html_name: shown, field.html_initial_name: shown}
    return sent


def error_at(page: Any, name: str | None) -> str:
    errors = page.context["adminform"].form.errors
    assert list(errors) == [name or "__all__"], errors
    return " ".join(errors[name or "__all__"])


# -- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "typed", "field", "says"),
    [
        ("animal/{pk}/change/", {"livestock_id": "l2"}, "livestock_id", "L2"),
        ("animal/{pk}/change/", {"induction_date": "2999-01-01"}, "induction_date", "future"),
        ("pen/add/", {"pen_number": "p9", "capacity": "7"}, "pen_number", "P9"),
        (
            "weightrecord/add/",
            {"weight_kg": "0", "recorded_at_0": "2026-11-01", "recorded_at_1": "08:00"},
            "weight_kg",
            "greater than or equal to 0.01",
        ),
        (
            "weightrecord/add/",
            {"weight_kg": "351.5", "recorded_at_0": "2999-11-01", "recorded_at_1": "08:00"},
            "recorded_at",
            "future",
        ),
    ],
)
def test_a_refusal_stands_at_its_field_beside_what_was_typed(
    manager: Client, animal: Animal, path: str, typed: dict[str, str], field: str, says: str
) -> None:
    an_animal(livestock_id="L2")
    a_pen("P9")
    path = path.format(pk=animal.pk)
    sent = form_shown(manager, path) | {"notes": "limps", "animal": str(animal.pk)} | typed
    page = page_of(manager, path, sent)
    assert page.redirect_chain == []
    assert says in error_at(page, field)
    for name, value in typed.items():
        assert f'value="{value}"' in page.content.decode(), name
    assert Animal.objects.get(pk=animal.pk).notes == "quiet"
    assert not WeightRecord.objects.exists()
    assert Pen.objects.count() == 1


def test_a_busy_pi_leaves_what_was_typed(
    manager: Client, animal: Animal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise JournalBusy(BUSY)

    path = f"animal/{animal.pk}/change/"
    sent = form_shown(manager, path) | {"notes": "limps"}
    monkeypatch.setattr("herd.admin.base.carry_out", busy)
    page = page_of(manager, path, sent)
    assert error_at(page, None) == BUSY
    assert ">\nlimps</textarea>" in page.content.decode()


def test_a_payloads_text_is_kept_when_it_is_refused(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise JournalBusy(BUSY)

    (row,) = store([Heard(Frame("hxb:B:L:U", "plain", error="binary"), "udp:x", 1)])
    monkeypatch.setattr("lora.admin.retry", busy)
    path = f"/admin/lora/lorapayload/{row.pk}/change/"
    page = manager.post(path, {"raw_payload": "hxb:B1:LF1:U1"}, secure=True)
    assert "hxb:B1:LF1:U1</textarea>" in page.content.decode()
    assert BUSY in page.content.decode()


@pytest.mark.parametrize(
    ("action", "typed", "field"),
    [
        ("move_animals", {"pen": "P1"}, "pen"),
        ("move_animals", {"pen": "P1", "force": "on"}, "reason"),
        ("mark_animals", {"status": "dead", "on": "2026-11-01"}, "reason"),
        ("mark_animals", {"status": "exported", "on": "2999-11-01"}, "on"),
        ("give_tags", {"lf_tag": "9.82E+14", "reason": "lost it"}, "lf_tag"),
        ("give_tags", {"uhf_tag": "U2"}, "uhf_tag"),
    ],
)
def test_a_refused_action_says_so_at_its_field(
    manager: Client, animal: Animal, action: str, typed: dict[str, str], field: str
) -> None:
    a_pen("P1", pk=1, capacity=1)
    an_animal(uhf_tag="U2", pen_id=1)
    sent = {"action": action, "_selected_action": str(animal.pk), "apply": "1", **typed}
    page = page_of(manager, "animal/", {**sent, "pen": "1"} if "pen" in typed else sent)
    form = page.context["form"]
    assert list(form.errors) == [field]
    assert form.data.get("reason", "") == typed.get("reason", "")
    assert "Nothing was changed" in page.content.decode()


# -- changed by somebody else meanwhile -----------------------------------------------------------


def test_a_stale_edit_is_refused_and_shows_what_is_there_now(
    manager: Client, animal: Animal
) -> None:
    path = f"animal/{animal.pk}/change/"
    sent = form_shown(manager, path) | {"notes": "limps", "breed": "Angus"}
    Animal.objects.update(notes="sold to Ana", sex="Steer")
    page = page_of(manager, path, sent)
    assert "it was “quiet” and is “sold to Ana” now" in error_at(page, "notes")
    assert ">\nlimps</textarea>" in page.content.decode()
    animal.refresh_from_db()
    assert (animal.notes, animal.breed) == ("sold to Ana", "")
    # Saved again, it is meant so: the form has sent the other's text along.
    again = re.search(r'name="initial-notes" value="([^"]*)"', page.content.decode())
    assert again is not None
    page_of(manager, path, sent | {"initial-notes": again[1]})
    animal.refresh_from_db()
    assert (animal.notes, animal.breed, animal.sex) == ("limps", "Angus", "Steer")


@pytest.mark.parametrize(
    ("path", "typed", "changed", "field"),
    [
        ("batch/{pk}/change/", {"funder": "Ana"}, {"funder": "Bob"}, "funder"),
        ("batch/{pk}/change/", {"status": "closed"}, {"status": "closed"}, ""),
        (
            "batch/{pk}/change/",
            {"induction_date": "2026-10-01"},
            {"induction_date": "2026-10-02"},
            "induction_date",
        ),
        ("batch/{pk}/change/", {"notes": "a\r\nb"}, {"notes": "a\nb"}, ""),
    ],
)
def test_only_what_would_undo_anothers_change_is_stale(
    manager: Client, path: str, typed: dict[str, str], changed: dict[str, str], field: str
) -> None:
    batch = Batch.objects.create(batch_number="B1")
    path = path.format(pk=batch.pk)
    sent = form_shown(manager, path) | typed
    Batch.objects.update(**changed)
    page = page_of(manager, path, sent)
    assert bool(page.redirect_chain) == (not field)
    if field:
        assert list(page.context["adminform"].form.errors) == [field]


def test_a_pens_capacity_that_another_changed_is_not_overwritten(manager: Client) -> None:
    pen = a_pen("P1", capacity=80)
    path = f"pen/{pen.pk}/change/"
    sent = form_shown(manager, path) | {"capacity": "90"}
    Pen.objects.update(capacity=100)
    assert "is “100” now" in error_at(page_of(manager, path, sent), "capacity")
    assert Pen.objects.get().capacity == 100


# -- weights --------------------------------------------------------------------------------------


def test_a_new_weight_is_of_now(manager: Client) -> None:
    form = page_of(manager, "weightrecord/add/").context["adminform"].form
    given = form.get_initial_for_field(form.fields["recorded_at"], "recorded_at")
    assert timedelta() <= timezone.now() - given < timedelta(minutes=10)


def test_a_suspect_weight_says_so_with_its_reason(manager: Client, animal: Animal) -> None:
    for days in (60, 30):
        a_weight(animal, str(330 - days), recorded_at=timezone.now() - timedelta(days=days))
    now = timezone.localtime()
    sent = {"recorded_at_0": now.date().isoformat(), "recorded_at_1": f"{now:%H:%M:%S}"}
    sent |= {"animal": str(animal.pk), "weight_kg": "900"}
    page = page_of(manager, "weightrecord/add/", sent)
    weight = WeightRecord.objects.get(weight_kg=900)
    assert (weight.quality, bool(weight.reason)) == ("suspect", True)
    said = "kept as suspect and counts in no figure: " + weight.reason
    assert [str(one) for one in page.context["messages"] if said in str(one)]
