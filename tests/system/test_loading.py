"""A truck is loaded live: by a reader that types into a real browser, and by the ramp's radio."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.editing import SIZES, SOON, a_pen, said
from tests.system.farm import Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]

PAGE_OF_PDF = re.compile(rb"/Type\s*/Page\b")
PLANNED, MISSED, BY_RADIO = 40, 2, 10


def scan(page: Page, text: str) -> None:
    page.keyboard.type(text, delay=1)
    page.keyboard.press("Enter")


def made(farm: Farm, path: str, **body: Any) -> dict[str, Any]:
    answer = farm.post(path, body)
    assert answer.status_code in {200, 201}, answer.text
    return dict(answer.json())


def an_animal(farm: Farm, number: int, pk: int, **more: Any) -> dict[str, Any]:
    return made(
        farm, "cattle", lf_tag=f"84000377{number:03d}{pk:04d}", visual_id=f"T{number}-{pk}", **more
    )


@pytest.fixture
def number(numbers: Iterator[int]) -> int:
    return next(numbers)


@pytest.fixture
def truck(farm: Farm, number: int) -> dict[str, Any]:
    """A shipment with the whole of a pen planned, of which the last one is not clear."""
    pen = a_pen(farm, f"TRUCK{number}")
    herd = [an_animal(farm, number, pk, pen_id=pen["id"]) for pk in range(1, PLANNED + 1)]
    product = made(farm, "products", name=f"Oxytet {number}", withdrawal_days=28)
    made(farm, f"cattle/{herd[-1]['id']}/treatments", product_id=product["id"])
    shipment = made(farm, "shipments", shipment_number=f"S-{number}", premises_from="QABC1234")
    made(farm, f"shipments/{shipment['id']}/animals", pen_id=pen["id"])
    extra = an_animal(farm, number, PLANNED + 1)
    return {**shipment, "herd": herd, "extra": extra, "path": f"shipments/{shipment['id']}"}


def counts(farm: Farm, truck: dict[str, Any]) -> list[int]:
    row = farm.get(truck["path"]).json()
    return [row[f"{one}_count"] for one in ("planned", "loaded", "missing", "extra", "shipped")]


def load(farm: Farm, page: Page, truck: dict[str, Any]) -> None:
    """Read 38 of the 40, the held one among them, and one more; some by the radio, no pause
    between two that are typed."""
    herd, extra = truck["herd"], truck["extra"]
    for one in herd[:BY_RADIO]:
        farm.hear(f"hxe:RAMP:{one['lf_tag']}:")
    for one in (*herd[BY_RADIO + MISSED :], extra):
        scan(page, one["lf_tag"])
    expect(page.locator("[data-chute-count]")).to_have_text("Everything is sent", timeout=SOON)
    wait_until(lambda: counts(farm, truck)[:2] == [PLANNED, 39], "38 and the extra one are loaded")


@SIZES
def test_nobody_who_was_scanned_is_left_behind_where_the_link_is_cut(
    farm: Farm, truck: dict[str, Any], size: tuple[int, int]
) -> None:
    made(farm, f"{truck['path']}/begin")
    with office_page(farm, f"/office/{truck['path']}", size) as page:
        count, last = page.locator("[data-chute-count]"), page.locator("[data-loaded]")
        expect(count).to_have_text("Everything is sent", timeout=SOON)
        page.context.set_offline(True)
        for one in truck["herd"][:2]:
            scan(page, one["lf_tag"])
        expect(count).to_have_text("2 waiting", timeout=SOON)
        page.get_by_role("link", name="Edit").click()
        expect(last).to_contain_text("The office cannot be reached", timeout=SOON)
        page.get_by_role("link", name="Ship", exact=True).click()
        expect(last).to_contain_text("2 scanned, and not sent yet", timeout=SOON)
        page.context.set_offline(False)
        expect(count).to_have_text("Everything is sent", timeout=SOON)
        assert counts(farm, truck)[1] == 2
        page.get_by_role("link", name="Ship", exact=True).click()
        page.wait_for_url("**/ship")


def ship(page: Page, shipment: int) -> None:
    page.goto(page.url.split("/office")[0] + f"/office/shipments/{shipment}/ship")
    page.get_by_label("The extra ones leave too").check()
    page.locator("form.form").get_by_role("button", name="Ship").click()


@SIZES
def test_a_truck_is_loaded_live_shipped_and_taken_back(
    farm: Farm, truck: dict[str, Any], size: tuple[int, int]
) -> None:
    complaints: list[str] = []
    shipment, held = truck["id"], truck["herd"][-1]
    with office_page(farm, f"/office/shipments/{shipment}/begin", size, complaints) as page:
        page.locator("form").get_by_role("button", name="Begin loading").click()
        page.wait_for_url(f"**/office/shipments/{shipment}")
        load(farm, page, truck)
        expect(page.locator(".message.error").first).to_contain_text(
            "1 animal is held", timeout=SOON
        )
        expect(page.locator(".names .reason")).to_contain_text("held until")
        assert counts(farm, truck) == [PLANNED, 39, MISSED, 1, 0]

        ship(page, shipment)
        expect(page.locator(".errorlist").first).to_contain_text("not clear")
        made(farm, f"{truck['path']}/unload", cattle_id=held["id"])
        ship(page, shipment)
        assert "Shipped" in said(page)
        assert_exported(farm, truck)
        take_back(farm, page, truck)
    assert [one for one in complaints if " 422 " not in one] == []  # the truck that was refused


def test_what_is_scanned_without_the_office_is_sent_when_it_is_back(
    farm: Farm, truck: dict[str, Any]
) -> None:
    made(farm, f"{truck['path']}/begin")
    tags = [one["lf_tag"] for one in truck["herd"][:5]]
    with office_page(farm, f"/office/{truck['path']}") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        page.context.set_offline(True)
        for tag in (*tags, "840003000000000999"):
            scan(page, tag)
        expect(page.locator("[data-chute-count]")).to_have_text("6 waiting", timeout=SOON)
        assert counts(farm, truck)[1] == 0
        page.context.set_offline(False)
        refused = page.locator("[data-chute-refused] li")
        expect(refused).to_contain_text("No animal wears the tag", timeout=SOON)
        assert counts(farm, truck)[1] == 5
        page.reload()
        expect(refused).to_have_count(1)
        refused.get_by_role("button", name="Throw away").click()
        expect(page.locator("[data-chute-count]")).to_have_text("Everything is sent")


def assert_exported(farm: Farm, truck: dict[str, Any]) -> None:
    """The manifest, the file and the animals say the same: 37 planned ones and the extra one."""
    manifest = farm.get(f"{truck['path']}/manifest").json()
    tags = {one["lf_tag"] for one in manifest["animals"]}
    herd, extra = truck["herd"], truck["extra"]
    stayed = {one["lf_tag"] for one in (*herd[BY_RADIO : BY_RADIO + MISSED], herd[-1])}
    assert tags == {one["lf_tag"] for one in (*herd, extra)} - stayed
    assert (manifest["head"], manifest["held_count"]) == (38, 0)
    assert {one["lf_tag"] for one in manifest["missing"]} == stayed
    assert [one["extra"] for one in manifest["animals"]].count(True) == 1
    lines = list(csv.DictReader(io.StringIO(farm.get(f"{truck['path']}/files/nlis").text)))
    assert {line["RFID"] for line in lines} == tags
    assert {line["From PIC"] for line in lines} == {"QABC1234"}
    assert statuses(farm, truck) == {"exported": 38, "active": 3}


def statuses(farm: Farm, truck: dict[str, Any]) -> dict[str, int]:
    ids = [one["id"] for one in (*truck["herd"], truck["extra"])]
    found = [farm.get(f"cattle/{pk}").json()["status"] for pk in ids]
    return {one: found.count(one) for one in set(found)}


def take_back(farm: Farm, page: Page, truck: dict[str, Any]) -> None:
    """What the radio exported stays so, as it was before the truck left; all else is back."""
    page.goto(page.url.split("/office")[0] + f"/office/shipments/{truck['id']}/manifest")
    expect(page.locator("tbody tr")).to_have_count(38)
    page.goto(page.url.removesuffix("/manifest"))
    page.get_by_role("link", name="Take it back").click()
    page.locator("form.form, main form").get_by_role("button").last.click()
    wait_until(lambda: farm.get(truck["path"]).json()["state"] == "loading", "it is loading again")
    assert statuses(farm, truck) == {"exported": BY_RADIO, "active": 31}
    assert counts(farm, truck) == [PLANNED, 38, MISSED + 1, 1, 0]


@pytest.mark.parametrize("head", [40, 120])
def test_the_manifest_of_a_truck_is_one_page_on_paper(
    farm: Farm, number: int, head: int, tmp_path: Path
) -> None:
    herd = [an_animal(farm, number, pk) for pk in range(1, head + 1)]
    shipment = made(farm, "shipments", shipment_number=f"S-{number}", notes="two decks")
    path = f"shipments/{shipment['id']}"
    made(farm, f"{path}/animals", cattle_ids=[one["id"] for one in herd])
    made(farm, f"{path}/begin")
    for one in herd:
        made(farm, f"{path}/load", cattle_id=one["id"])
    made(farm, f"{path}/ship")
    with office_page(farm, f"/office/{path}/manifest") as page:
        expect(page.locator("tbody tr")).to_have_count(head)
        paper = page.pdf(format="A4", path=tmp_path / "manifest.pdf")
    assert len(PAGE_OF_PDF.findall(paper)) == 1
