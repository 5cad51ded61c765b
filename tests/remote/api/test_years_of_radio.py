"""What is asked every few seconds, or for a page, does not go through all that a farm has heard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from herd.head_days import head_days_of
from herd.models import Animal
from lora.clock_correction import retime_some
from lora.models import LoRaPayload
from lora.pruning import prune_payloads
from lora.worker import Worker
from remote.api.closeout import closeout_of
from remote.api.growth import growth_of
from remote.api.history import history_of
from remote.api.status import status
from tests.remote.api.rows import a_batch, a_payload, a_weight, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

MILLIONS = (
    "lora_payload_buffer",
    "journal",
    "movements",
    "cattle",
    "cattle_weight_history",
    "treatments",
    "reversible_changes",
)
# Indexes of the few rows that somebody looks for.
FEW = ("payload_of_doubtful_time", "merges_that_stand", "cattle_that_left_early")


def signed_in() -> Client:
    browser = Client()
    browser.force_login(User.objects.create_superuser("ana"))
    return browser


def a_look_at_the_log() -> None:
    browser = signed_in()
    assert browser.get("/admin/lora/lorapayload/", secure=True).status_code == 200
    assert browser.get("/admin/herd/journalentry/", secure=True).status_code == 200


ASKED: dict[str, Callable[[], object]] = {
    "the status": status,
    "times to be put right": lambda: retime_some(set()),
    "payloads to be taken out": lambda: prune_payloads(timezone.now() - timedelta(days=9), 500),
    "repeats to be taken out": lambda: prune_payloads(timezone.now(), 500, only_repeats=True),
    "a step of the worker": lambda: Worker().step(),
    "the past of an animal": lambda: history_of(Animal.objects.get(), None, 50),
    "how a batch grew": lambda: growth_of(a_batch().pk),
    "the head days of a batch": lambda: head_days_of(a_batch(), timezone.localdate()),
    "the closeout of a batch": lambda: closeout_of(a_batch()),
    "the menus of the radio log": a_look_at_the_log,
}


def scanned(sql: str) -> list[str]:
    """The large tables that this statement goes through from end to end. The newest rows of all,
    and how many there are, may be asked for."""
    if not sql.startswith("SELECT") or " WHERE " not in sql.removesuffix(" WHERE 1"):
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [str(step[3]) for step in cursor.fetchall()]
    long = [step.split()[1] for step in steps if step.startswith("SCAN") and not step.endswith(FEW)]
    return [table for table in long if table in MILLIONS]


@pytest.mark.parametrize("name", ASKED)
def test_it_is_found_by_an_index(name: str) -> None:
    a_weight(an_animal(lf_tag="LF1"), quality="void")
    a_payload()
    with CaptureQueriesContext(connection) as asked:
        ASKED[name]()
    assert asked.captured_queries
    found = [one["sql"] for one in asked.captured_queries if scanned(one["sql"])]
    assert found == []


def test_a_reason_is_still_filtered_by_when_no_late_payload_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("herd.admin.filters.RecentValuesFilter.looked_at", 2)
    for text in ("hxb:B1:LF1:U1", "nonsense", "hxb:B1:LF2:U2", "hxb:B1:LF3:U3"):
        a_payload(text)
    Worker().step()
    browser, (wrong,) = signed_in(), LoRaPayload.objects.filter(status="error")
    found = browser.get(f"/admin/lora/lorapayload/?error_code={wrong.error_code}", secure=True)
    assert list(found.context["cl"].queryset) == [wrong]
    nobody = browser.get("/admin/lora/lorapayload/?form=rak", secure=True)
    assert list(nobody.context["cl"].queryset) == []
