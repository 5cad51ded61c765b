"""The office by keyboard alone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.system.browser import office_page
from tests.system.editing import said
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
