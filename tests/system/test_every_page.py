"""Every page with something on it, in both languages and each look, at a desk and on a phone."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.system.browser import PHONE, office_page
from tests.system.editing import SOON
from tests.system.farm import Farm
from tests.system.lived_in import LivedInFarm, every_page

pytestmark = [pytest.mark.system, pytest.mark.browser]

DESK = (1366, 768)
NOWHERE = "/office/cattle/987654"
SHEET = "EID,Weight,Date\n840003890904899,512.5,2026-08-01\n840003890904899,9999,2026-08-02\nx,1,\n"
ONLY_VIOLATIONS: dict[str, Any] = {"resultTypes": ["violations"]}


@dataclass(frozen=True, slots=True)
class Look:
    language: str
    theme: str
    size: tuple[int, int]


# Both languages at both widths, and each theme somewhere: axe takes most of a second for each page.
LOOKS = [
    Look("en", "dark", DESK),
    Look("en", "light", PHONE),
    Look("es", "light", DESK),
    Look("es", "barn", PHONE),
]
EACH_LOOK = pytest.mark.parametrize(
    "look", LOOKS, ids=[f"{one.language}-{one.theme}-{one.size[0]}" for one in LOOKS]
)


def dressed(page: Page, farm: Farm, look: Look) -> None:
    page.evaluate(f"localStorage.setItem('theme', '{look.theme}')")
    # Not by the button, which would keep it for this account in the tests to come.
    told = {"name": "hexabrand_language", "value": look.language, "url": farm.office_url}
    page.context.add_cookies([told])  # type: ignore[list-item]  # a dictionary of its keys


def looked_at(page: Page, look: Look, what: str) -> None:
    expect(page.locator("html")).to_have_attribute("lang", look.language)
    assert page.evaluate("document.documentElement.scrollWidth") <= look.size[0], what
    found = Axe().run(page, options=ONLY_VIOLATIONS).response["violations"]
    bad = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
    assert bad == [], f"{what}: {[one['nodes'][0]['html'] for one in found]}"


@EACH_LOOK
def test_every_page_is_accessible_fits_and_complains_of_nothing(
    lived_in: LivedInFarm, look: Look
) -> None:
    complaints: list[str] = []
    with office_page(lived_in, "/office/", look.size, complaints) as page:
        dressed(page, lived_in, look)
        for path in every_page(lived_in):
            answer = page.goto(lived_in.office_url + path)
            assert answer is not None
            assert answer.ok, path
            expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
            looked_at(page, look, path)
    assert complaints == []


@EACH_LOOK
def test_what_is_shown_before_and_instead_of_a_change_is_accessible_and_fits(
    lived_in: LivedInFarm, look: Look, tmp_path: Path
) -> None:
    """A preview of a sheet, a refused form, an address of nothing, a sign-in that fails."""
    complaints: list[str] = []
    (tmp_path / "scale.csv").write_text(SHEET)
    with office_page(lived_in, "/office/import", look.size, complaints) as page:
        dressed(page, lived_in, look)
        page.reload()
        page.locator("input[type=file]").set_input_files(tmp_path / "scale.csv")
        page.locator("form.form button.main").click()
        page.wait_for_url(re.compile(r"/office/import/\w"))
        expect(page.locator("table").first).to_be_visible(timeout=SOON)
        looked_at(page, look, "a preview of a sheet")
        page.goto(lived_in.office_url + "/office/batches/new")
        page.locator("form.form").evaluate("(form) => { form.noValidate = true }")
        page.locator("form.form button.main").click()
        expect(page.locator(".errorlist").first).to_be_visible()
        looked_at(page, look, "a refused form")
        page.goto(lived_in.office_url + NOWHERE)
        looked_at(page, look, "an address of nothing")
        page.context.clear_cookies(name="hexabrand_office_session")
        page.goto(lived_in.office_url + "/login")
        page.locator("input[name=username]").fill("nobody")
        page.locator("input[name=password]").fill("nothing")
        page.locator("main form button").last.click()
        expect(page.locator(".error, .errorlist")).to_be_visible()
        looked_at(page, look, "a sign-in that fails")
    assert [one for one in complaints if "status of 4" not in one] == []
