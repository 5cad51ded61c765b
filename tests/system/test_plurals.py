"""One of each thing, and no page that says "1 animals", in either language."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.system.browser import a_page, office_page
from tests.system.editing import a_pen, heard
from tests.system.farm import Farm
from tests.system.lived_in import addresses

pytestmark = [pytest.mark.system, pytest.mark.browser]

# A number that is a part of another, of a time or of a name counts nothing.
ONE_OF_MANY = re.compile(r"(?<![\w.,:/#-])1 (?:[^\W\d]+ )?([^\W\d]{2,}s)\b(?! per)", re.IGNORECASE)
SINGULAR = {"is", "was", "has", "weighs", "needs", "less", "es", "más", "des", "los", "las"}
LANGUAGES = ("en", "es")
ADMIN = (
    *("herd/animal", "herd/batch", "herd/pen", "herd/weightrecord", "herd/product", "herd/session"),
    *("herd/journalentry", "herd/reversiblechange", "lora/lorapayload", "lora/source"),
)


def plurals_of_one(text: str) -> list[str]:
    flat = re.sub(r"[^\S\n]+", " ", text)
    return [found[0] for found in ONE_OF_MANY.finditer(flat) if found[1].lower() not in SINGULAR]


@pytest.mark.parametrize("text", ["1 animals", "Deletes 1 new batches", "1 lotes"])
def test_a_plural_of_one_is_found(text: str) -> None:
    assert plurals_of_one(f"Today: {text}.") == [text.removeprefix("Deletes ")]


@pytest.mark.parametrize("text", ["1 animal", "21 animals", "1 is loaded", "1.1 weights"])
def test_what_is_no_plural_of_one_is_not(text: str) -> None:
    assert plurals_of_one(text) == []


@pytest.fixture(scope="module")
def pks(farm: Farm) -> dict[str, int]:
    """The one row of each kind."""
    animal = heard(farm, "ONE", "840003123456789", "E28011606000020000000009")
    pk, pen = animal["id"], a_pen(farm, "ONEPEN", capacity=1)["id"]
    session = made(farm, "sessions", name="ONE", batch_id=animal["batch"]["id"])
    made(farm, f"cattle/{pk}/move", pen_id=pen)
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    made(farm, f"cattle/{pk}/weights", weight_kg=318, recorded_at=yesterday)
    made(farm, f"cattle/{pk}/weights", weight_kg=319, session_id=session)
    product = made(farm, "products", name="One day", kind="antibiotic", withdrawal_days=1)
    made(farm, f"cattle/{pk}/treatments", product_id=product)
    made(farm, f"cattle/{pk}/pulls", cause="lameness")
    truck = made(farm, "shipments", shipment_number="ONE")
    made(farm, f"shipments/{truck}/animals", cattle_ids=[pk])
    farm.hear("hxb:ALONE")
    farm.payload_that_says("hxb:ALONE")
    tables = ("pulls", "weights", "payloads", "operations")
    found = {name: farm.rows(name)[0]["id"] for name in tables}
    of_session = {"sessions": session, "open": session}
    of_animal = {"cattle": pk, "pens": pen, "batches": animal["batch"]["id"]}
    return {
        **found, **of_session, **of_animal,
        "journal": found["operations"], "products": product, "shipments": truck,
        **dict.fromkeys(("loading", "shipped"), truck),
    }  # fmt: skip


def made(farm: Farm, path: str, **body: Any) -> int:
    answer = farm.post(path, body)
    assert answer.status_code in {200, 201}, answer.text
    return int(answer.json().get("id", 0))


def faults(page: Page, farm: Farm, paths: list[str]) -> list[str]:
    found = []
    for language in LANGUAGES:
        told = {"name": "hexabrand_language", "value": language, "url": farm.office_url}
        page.context.add_cookies([told])  # type: ignore[list-item]  # a dictionary of its keys
        for path in paths:
            page.goto(farm.office_url + path)
            found += [f"{path}: {one}" for one in plurals_of_one(page.inner_text("body"))]
    return found


def assert_none(found: list[str]) -> None:
    assert not found, "\n".join(sorted(set(found)))


def test_no_page_of_the_office_counts_one_as_many(
    farm: Farm, pks: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "one.csv").write_text("EID,Weight,Date\n840003123456789,330,2026-11-20\n")
    with office_page(farm, "/office/import") as page:
        page.locator("input[type=file]").set_input_files(tmp_path / "one.csv")
        page.locator("form.form button.main").click()
        page.wait_for_url(re.compile(r"/office/import/\w"))
        sheet = page.url.removeprefix(farm.office_url)
        more = [sheet, "/office/payloads?status=error", "/office/cattle?status=on_feed"]
        assert_none(faults(page, farm, [*addresses(pks), *more]))
        truck = pks["shipments"]
        made(farm, f"shipments/{truck}/begin")
        made(farm, f"shipments/{truck}/load", cattle_id=pks["cattle"])
        admin = farm.account["username"]
        left = farm.change("POST", f"shipments/{truck}/ship", {"override": "one"}, person=admin)
        assert left.status_code == 200, left.text
        assert_none(faults(page, farm, addresses(pks)))


def test_no_list_of_the_admin_counts_one_as_many(farm: Farm, pks: dict[str, int]) -> None:
    with a_page() as page:
        admin = f"https://127.0.0.1:{farm.pi_port}/admin/"
        page.goto(admin)
        page.get_by_label("Username").fill(farm.account["username"])
        page.get_by_label("Password").fill(farm.account["password"])
        page.get_by_role("button", name="Log in").click()
        found = []
        for table in ADMIN:
            page.goto(f"{admin}{table}/")
            found += [f"{table}: {one}" for one in plurals_of_one(page.inner_text("body"))]
            for choice in page.locator("select[name=action] option").evaluate_all(
                "(all) => all.map((one) => one.value).filter(Boolean)"
            ):
                page.goto(f"{admin}{table}/")
                page.locator("input.action-select").first.check()
                page.locator("select[name=action]").select_option(choice)
                page.get_by_role("button", name="Go", exact=True).click()
                found += [f"{choice}: {one}" for one in plurals_of_one(page.inner_text("body"))]
        assert_none(found)
