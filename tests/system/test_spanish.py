"""Every page in Spanish, at the width of a desk and of a phone: its words are longer."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.system.browser import office_page
from tests.system.editing import SIZES, SOON
from tests.system.farm import Farm
from tests.system.test_access import furnished

pytestmark = [pytest.mark.system, pytest.mark.browser]


@SIZES
def test_every_page_fits_in_spanish_and_complains_of_nothing(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int]
) -> None:
    paths = furnished(farm, animal)
    complaints: list[str] = []
    with office_page(farm, "/office/", size, complaints) as page:
        # Not by the button, which would keep it for this account in the tests to come.
        told = {"name": "hexabrand_language", "value": "es", "url": farm.office_url}
        page.context.add_cookies([told])  # type: ignore[list-item]  # a dictionary of its keys
        for path in paths:
            page.goto(farm.office_url + path)
            expect(page.locator("html")).to_have_attribute("lang", "es")
            expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            found = Axe().run(page).response["violations"]
            bad = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
            assert bad == [], f"{path}: {[one['nodes'][0]['html'] for one in found]}"
    assert complaints == []
