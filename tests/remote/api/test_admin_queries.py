"""What an address of the admin may ask: the rest is refused in words, at once."""

import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from herd.models import Animal, Batch, Pen, WeightRecord
from remote.api.models import ApiKey

pytestmark = pytest.mark.django_db

NINES = "9" * 5000
AT = "2026-11-01 08:00:00+00:00"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    at = timezone.now()
    batch = Batch.objects.create(batch_number="B1")
    Animal.objects.create(
        lf_tag="840003123456789", batch=batch, first_seen_at=at, last_seen_at=at, notes="a" * 40
    )
    return client


REFUSED = [
    ("herd/animal", {"notes__regex": "^(a+)+$"}),
    ("herd/animal", {"notes__iregex": "^(a|a)*$"}),
    ("herd/animal", {"lf_tag__regex": "("}),
    ("herd/animal", {"batch__source_type__regex": "."}),
    ("herd/animal", {"notes__search": "a"}),
    ("herd/animal", {"pk__in": "9" * 40}),
    ("herd/animal", {"pk__in": f"1,2,{'9' * 19}"}),
    ("herd/animal", {"id__in": ",".join(["1"] * 600)}),
    ("herd/animal", {"pk": NINES}),
    ("herd/animal", {"id__gte": NINES}),
    ("herd/animal", {"id__range": "1,2"}),
    ("herd/animal", {"pen": "9" * 30}),
    ("herd/animal", {"pen__id__exact": "x"}),
    ("herd/animal", {"batch_id__in": "9" * 30}),
    ("herd/animal", {"last_seen_at__year": "9" * 30}),
    ("herd/animal", {"last_seen_at__year": "0"}),
    ("herd/animal", {"last_seen_at__year": "9999"}),
    ("herd/animal", {"last_seen_at__year": "-1"}),
    ("herd/animal", {"last_seen_at__year": "٢٠٢٦"}),
    ("herd/animal", {"last_seen_at__year__in": "9" * 30}),
    ("herd/animal", {"last_seen_at__month": "9" * 30}),
    ("herd/animal", {"last_seen_at__date": "9" * 9}),
    ("herd/animal", {"last_seen_at__week_day": "9" * 30}),
    ("herd/animal", {"last_seen_at__gte": "0001-01-01 00:00:00+14:00"}),
    ("herd/animal", {"last_seen_at__gte": "9999-12-31 23:59:59-14:00"}),
    ("herd/animal", {"last_seen_at__gte": "2026-11-01"}),
    ("herd/animal", {"last_seen_at__gte": "2026-02-30 00:00:00+00:00"}),
    ("herd/animal", {"last_weight_kg__gt": "1e400"}),
    ("herd/animal", {"last_weight_kg": "NaN"}),
    ("herd/animal", {"pen__icontains": "P"}),
    ("herd/animal", {"status__exact": "a\0b"}),
    ("herd/animal", {"a\0b": "1"}),
    ("herd/animal", {"weights__weight_kg__gt": "1"}),
    ("herd/animal", {"batch__animals__lf_tag": "1"}),
    ("herd/animal", {"q": "x" * 101}),
    ("herd/animal", {"q": "a " * 40}),
    ("herd/animal", {"q": NINES}),
    ("herd/animal", {"x" * 1001: "1"}),
    ("herd/animal", {"_to_field": "notes"}),
    ("herd/batch", {"induction_date__year": "9" * 30}),
    ("herd/batch", {"induction_date__gte": "9" * 30}),
    ("herd/journalentry", {"detail__regex": "^(a+)+$"}),
    ("herd/journalentry", {"seq__in": "9" * 40}),
    ("lora/lorapayload", {"raw_payload__iregex": "^(a+)+$"}),
    ("lora/lorapayload", {"received_at__year": "9" * 30}),
    ("lora/lorapayload", {"rssi__lt": NINES}),
    ("auth/user", {"password__regex": "^pbkdf2"}),
    ("auth/user", {"groups__id__exact": "9" * 30}),
    ("auth/user", {"is_active__exact": "9" * 30}),
    ("remote/apikey", {"scopes__contains": "read"}),
    ("remote/apikey", {"hashed_key__regex": "^(a+)+$"}),
    ("herd/weightrecord/add", {"animal": "9" * 30}),
    ("herd/weightrecord/add", {"animal": "x"}),
    ("herd/weightrecord/add", {"recorded_at": "x"}),
    ("herd/weightrecord/add", {"recorded_at": AT}),
    ("autocomplete", {"term": "a " * 40}),
    ("autocomplete", {"term": NINES}),
]


@pytest.mark.parametrize(("path", "query"), REFUSED, ids=lambda one: str(one)[:60])
def test_what_no_page_of_the_admin_asks_is_refused_in_words(
    boss: Client, path: str, query: dict[str, str]
) -> None:
    begun = time.monotonic()
    answer = boss.get(f"/admin/{path}/", query, secure=True)
    assert answer.status_code == 400
    assert "errornote" in answer.content.decode()
    assert time.monotonic() - begun < 20  # a regular expression would still be at it


TAKEN: list[tuple[str, dict[str, str], int | None]] = [
    ("herd/animal", {"status__exact": "active"}, 1),
    ("herd/animal", {"status__exact": "dead"}, 0),
    ("herd/animal", {"batch__source_type__exact": "hxb"}, 1),
    ("herd/animal", {"pk__in": "1,2,3"}, None),
    ("herd/animal", {"pen__isnull": "True"}, 1),
    ("herd/animal", {"last_seen_at__gte": AT}, None),
    ("herd/animal", {"last_seen_at__gte": "2026-11-01 00:00:00-06:00", "o": "1.-2"}, None),
    ("herd/animal", {"last_seen_at__year": "2020"}, 0),
    ("herd/animal", {"notes__icontains": "AAA"}, 1),
    ("herd/animal", {"q": "840 003 123456789"}, 1),
    ("herd/animal", {"q": "A8D4 345D 004B 0001"}, 1),
    ("herd/animal", {"all": "", "_facets": "True"}, 1),
    ("herd/pen", {"filling": "full"}, 0),
    ("herd/pen", {"filling": "9" * 500}, 1),
    ("herd/batch", {"induction_date__gte": "2026-11-01", "induction_date__lt": "2026-12-01"}, 0),
    ("herd/batch", {"induction_date__isnull": "True"}, 1),
    ("herd/journalentry", {"kind": "cattle:moved"}, 0),
    ("auth/user", {"is_superuser__exact": "1", "groups__id__exact": "1"}, None),
    ("remote/apikey", {"revoked__exact": "0"}, 0),
]


@pytest.mark.parametrize(("path", "query", "found"), TAKEN, ids=lambda one: str(one)[:60])
def test_what_a_page_or_a_person_asks_is_looked_up(
    boss: Client, path: str, query: dict[str, str], found: int | None
) -> None:
    Pen.objects.create(pen_number="P1")
    answer = boss.get(f"/admin/{path}/", query, secure=True)
    assert answer.status_code == 200
    assert found in {None, answer.context["cl"].result_count}


PLAIN: list[tuple[str, dict[str, str]]] = [
    ("herd/animal/", {"p": NINES[:400]}),
    ("herd/animal/", {"p": "-1"}),
    ("herd/animal/", {"o": "9" * 400}),
    ("herd/animal/", {"nothing__regex": "x"}),
    ("herd/animal/", {"pen__": "1"}),
    (f"herd/animal/{'9' * 400}/change/", {}),
    (f"herd/animal/{'9' * 19}/history/", {}),
    ("herd/animal/1/change/", {"_changelist_filters": "notes__regex=%28"}),
    ("herd/pen/add/", {"capacity": "9" * 30}),
    ("herd/pen/add/", {"pen_number": "x" * 900}),
    ("autocomplete/", {"page": "9" * 400, "app_label": "herd", "model_name": "weightrecord"}),
    (f"r/{'9' * 30}/1/", {}),
    ("login/", {"next": NINES}),
]


@pytest.mark.parametrize(("path", "query"), PLAIN, ids=lambda one: str(one)[:60])
def test_whatever_else_is_asked_is_answered(boss: Client, path: str, query: dict[str, str]) -> None:
    assert boss.get(f"/admin/{path}", query, secure=True).status_code < 500


@pytest.mark.parametrize("ticked", ["9" * 30, "NaN", AT, "\0", "%00", "9" * 5000])
def test_what_is_no_row_is_not_ticked(boss: Client, ticked: str) -> None:
    form = {"action": "move_animals", "_selected_action": [ticked]}
    answer = boss.post("/admin/herd/animal/", form, secure=True)
    assert answer.status_code == 400
    assert "no row of the list" in answer.content.decode()


def test_a_weight_is_looked_at_and_not_saved(boss: Client) -> None:
    weight = WeightRecord.objects.create(
        animal=Animal.objects.all()[0], weight_kg=300, recorded_at=timezone.now()
    )
    path = f"/admin/herd/weightrecord/{weight.pk}/change/"
    page = boss.get(path, secure=True)
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert boss.post(path, {"quality": "x"}, secure=True).status_code == 403


def test_a_group_that_no_table_can_hold_is_not_given(boss: Client) -> None:
    boss.raise_request_exception = False
    user = User.objects.create_user("ana")
    form: dict[str, Any] = {"username": "ana", "groups": ["9" * 30], "date_joined_0": "2026-11-01"}
    answer = boss.post(f"/admin/auth/user/{user.pk}/change/", form, secure=True)
    assert answer.status_code < 500


def test_a_stranger_learns_nothing_of_what_may_be_asked(client: Client) -> None:
    answer = client.get("/admin/herd/animal/", {"notes__regex": "x"}, secure=True)
    assert (answer.status_code, answer["Location"][:14]) == (302, "/admin/login/?")


def test_keys_are_found_by_their_prefix(boss: Client) -> None:
    key, _ = ApiKey.objects.create_key(name="scale", scopes=["read"])
    answer = boss.get("/admin/remote/apikey/", {"prefix": key.prefix}, secure=True)
    assert answer.context["cl"].result_count == 1
