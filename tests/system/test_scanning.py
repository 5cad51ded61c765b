"""A wedge reader's tag opens the animal, whatever has the focus; people's typing does not."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.editing import SOON, said
from tests.system.farm import Farm

pytestmark = [pytest.mark.system, pytest.mark.browser]

FOCUSED = {
    "a tick box": ".tick >> nth=0",
    "the look": "[data-look]",
    "Pause": "[data-pause]",
    "a filter": "[name=status]",
    "a link": "tbody a >> nth=0",
    "a heading": "thead a >> nth=0",
}


def scan(page: Page, text: str) -> None:
    page.keyboard.type(text, delay=2)
    page.keyboard.press("Enter")


def spelt(tag: str) -> str:
    return f"{tag[:3]} {tag[3:6]} {tag[6:]}"


@pytest.mark.parametrize("selector", FOCUSED.values(), ids=FOCUSED.keys())
def test_a_scan_opens_the_animal_whatever_has_the_focus(
    farm: Farm, animal: dict[str, Any], selector: str
) -> None:
    with office_page(farm, "/office/cattle") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        if "tick" in selector:
            page.locator(selector).check()
        page.locator(selector).focus()
        scan(page, spelt(animal["lf_tag"]))
        page.wait_for_url(f"**/office/cattle/{animal['id']}")


@pytest.mark.parametrize("form", ["weigh", "move", "leave", "edit"])
def test_a_scan_on_an_untouched_form_opens_the_animal(
    farm: Farm, animal: dict[str, Any], form: str
) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}/{form}") as page:
        expect(page.locator("form.form [autofocus]")).to_be_focused()
        scan(page, animal["lf_tag"])
        page.wait_for_url(f"**/office/cattle/{animal['id']}")


def test_another_unit_does_not_throw_away_what_is_typed(farm: Farm, animal: dict[str, Any]) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}/weigh") as page:
        page.get_by_label("Weight in kg").fill("351,5")
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("button", name="Weights are in kg").click()
        expect(page.get_by_label("Weight in kg")).to_have_value("351,5")
        page.once("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Weights are in kg").click()
        expect(page.get_by_label("Weight in lb")).to_have_value("")
        page.get_by_role("button", name="Weights are in lb").click()
        expect(page.get_by_label("Weight in kg")).to_be_visible()


def test_a_scan_does_not_throw_away_what_is_typed(farm: Farm, animal: dict[str, Any]) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}/weigh") as page:
        page.keyboard.type("352", delay=150)
        page.wait_for_timeout(150)
        scan(page, animal["lf_tag"])
        asked = page.get_by_role("alert")
        expect(asked).to_contain_text(f"{animal['lf_tag']} was scanned")
        expect(page.get_by_label("Weight in kg")).to_have_value("352")
        expect(page).to_have_url(re.compile("/weigh$"))
        asked.get_by_role("link").click()
        page.wait_for_url(f"**/office/cattle/{animal['id']}")


def test_two_scans_are_new_tags_and_a_reader_saves_nothing_by_itself(
    farm: Farm, animal: dict[str, Any]
) -> None:
    tags = [f"84000377{animal['id']:07d}", f"NEWTAG{animal['id']}"]
    with office_page(farm, f"/office/cattle/{animal['id']}/tags") as page:
        for tag in [*tags, tags[1]]:  # the last one is read twice
            page.keyboard.press("Control+A")
            scan(page, tag)
        expect(page.get_by_label("LF tag")).to_have_value(tags[0])
        expect(page.get_by_label("UHF tag")).to_have_value(tags[1])
        assert farm.get(f"cattle/{animal['id']}").json()["lf_tag"] == animal["lf_tag"]
        page.get_by_role("button", name="Put the tags on").click()
        assert said(page) == "The tags are on."
    assert farm.get(f"cattle/{animal['id']}").json()["lf_tag"] == tags[0]


def test_a_scale_types_its_weight_into_the_field(farm: Farm, animal: dict[str, Any]) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}/weigh") as page:
        expect(page.get_by_label("Weight in kg")).to_be_focused()
        scan(page, "0352.50")
        assert said(page) == "The weight is recorded."


def test_who_types_by_hand_presses_what_has_the_focus(farm: Farm, animal: dict[str, Any]) -> None:
    with office_page(farm, "/office/cattle") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        pause = page.locator("[data-pause]")
        pause.focus()
        page.keyboard.type("abcdefgh", delay=60)
        page.keyboard.press("Enter")
        expect(pause).to_have_attribute("aria-pressed", "true")
        expect(page).to_have_url(re.compile("/office/cattle$"))
