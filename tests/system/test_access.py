"""Every page by keyboard, for a screen reader, at the width of a desk and of a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.system.browser import office_page
from tests.system.editing import SIZES, SOON, a_pen, heard, said
from tests.system.farm import Farm

pytestmark = [pytest.mark.system, pytest.mark.browser]


def test_the_keyboard_alone_weighs_an_animal(farm: Farm, animal: dict[str, Any]) -> None:
    with office_page(farm, "/office/") as page:
        page.keyboard.type(animal["lf_tag"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/office/cattle/*")
        expect(page.locator("#scan")).to_be_focused()
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == "Weigh":
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/weigh")
        expect(page.get_by_label("Weight in kg")).to_be_focused()
        page.keyboard.type("352.5")
        page.keyboard.press("Enter")
        assert said(page) == "The weight is recorded."


def furnished(farm: Farm, animal: dict[str, Any]) -> list[str]:
    """Every page, each with something on it: weights, a full pen, an error, a conflict."""
    pk, batch, lf = animal["id"], animal["batch"]["id"], animal["lf_tag"]
    pen = a_pen(farm, f"AXE{pk}", capacity=1)["id"]
    farm.post(f"cattle/{pk}/move", {"pen_id": pen})
    for kg, day in ((318, 20), (341, 24), (190, 26)):
        at = f"2026-08-{day}T08:00:00Z"
        farm.post(f"cattle/{pk}/weights", {"weight_kg": kg, "recorded_at": at})
    weight = farm.rows(f"cattle/{pk}/weights")[0]["id"]
    heard(farm, f"AXE{pk}", f"LFAXE{pk}", f"UAXE{pk}")
    farm.hear(said_wrong := f"hxb:AXE{pk}:{lf}:UAXE{pk}")
    payload = farm.payload_that_says(said_wrong)["id"]
    farm.post("products", {"name": f"AXE{pk}", "kind": "antibiotic", "withdrawal_days": 3})
    truck = farm.post("shipments", {"shipment_number": f"AXE{pk}"}).json()["id"]
    farm.post(f"shipments/{truck}/animals", {"cattle_ids": [pk]})
    return [
        "/office/",
        "/office/batches",
        f"/office/batches/{batch}",
        "/office/batches/new",
        f"/office/batches/{batch}/edit",
        "/office/cattle",
        f"/office/cattle/{pk}",
        f"/office/cattle/{pk}/move",
        f"/office/cattle/{pk}/weigh",
        f"/office/cattle/{pk}/tags",
        f"/office/cattle/{pk}/edit",
        f"/office/cattle/{pk}/leave",
        "/office/cattle/move?all=1&status=active",
        "/office/pens",
        f"/office/pens/{pen}",
        f"/office/pens/{pen}/edit",
        f"/office/pens/{pen}/move",
        "/office/weights",
        f"/office/weights/{weight}/void",
        "/office/payloads?status=error",
        f"/office/payloads/{payload}/correct",
        f"/office/payloads/{payload}/conflict",
        "/office/scales",
        "/office/scales/adjusted",
        "/office/scales/correct",
        "/office/journal",
        "/office/work",
        "/office/work?show=dismissed",
        f"/office/batches/{batch}/closeout",
        f"/office/cattle/{pk}/treat",
        f"/office/cattle/{pk}/pull",
        "/office/chute/begin",
        "/office/deaths",
        "/office/products",
        "/office/products/new",
        "/office/sessions",
        "/office/shipments",
        "/office/shipments/new",
        f"/office/shipments/{truck}",
        f"/office/shipments/{truck}/plan",
        "/office/import",
        "/office/status",
    ]


@pytest.mark.parametrize("theme", ["light", "dark", "barn"])
@SIZES
def test_every_page_is_accessible_fits_and_complains_of_nothing(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int], theme: str
) -> None:
    paths = furnished(farm, animal)
    complaints: list[str] = []
    with office_page(farm, "/office/", size, complaints) as page:
        page.evaluate(f"localStorage.setItem('theme', '{theme}')")
        for path in paths:
            answer = page.goto(farm.office_url + path)
            assert answer is not None
            assert answer.ok, path
            expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            found = Axe().run(page).response["violations"]
            bad = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
            assert bad == [], f"{path}: {[one['nodes'][0]['html'] for one in found]}"
    assert complaints == []
