"""Animals that are ticked stay chosen, whatever happens to their rows meanwhile."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.editing import SOON, heard
from tests.system.farm import Farm

pytestmark = [pytest.mark.system, pytest.mark.browser]


@pytest.fixture(scope="module")
def lot(farm: Farm) -> dict[str, Any]:
    """A batch that fills exactly one page, the last seen first."""
    for number in range(1, 51):
        farm.hear(f"hxb:TICKS:LFTICK{number:02d}:")
    return dict(heard(farm, "TICKS", "LFTICK50", "")["batch"])


def chosen(page: Page, text: str) -> None:
    expect(page.locator("[data-chosen]")).to_have_text(text, timeout=SOON)


def test_a_ticked_animal_is_moved_though_its_row_left_the_page(
    farm: Farm, lot: dict[str, Any]
) -> None:
    with office_page(farm, f"/office/batches/{lot['id']}") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        last = page.locator("[data-list] [data-key]").last
        name = last.locator("a").first.inner_text()
        last.locator(".tick").check()
        page.evaluate("window.scrollTo(0, 0)")
        farm.hear("hxb:TICKS:LFTICKNEW:")
        pill = page.locator("[data-pill]")
        expect(pill).to_have_text("1 new", timeout=SOON)  # nothing moves under the finger
        expect(page.locator("tr", has_text=name)).to_have_count(1)
        pill.click()
        expect(page.locator("tr", has_text=name)).to_have_count(0)
        chosen(page, "1 ticked, 1 of them not on this page")
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator("form.form")).to_contain_text("1 animal:")
        expect(page.locator("form.form")).to_contain_text(name)


def test_a_whole_page_is_ticked_and_unticked_and_none_cannot_be_moved(
    farm: Farm, lot: dict[str, Any]
) -> None:
    with office_page(farm, f"/office/cattle?batch={lot['id']}") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        move = page.get_by_role("button", name="Move", exact=True)
        expect(move).to_be_disabled()
        page.get_by_role("button", name="Tick all on this page").click()
        chosen(page, "50 ticked")
        expect(move).to_be_enabled()
        page.get_by_role("button", name="Untick all").click()
        chosen(page, "Tick animals to move or treat them")
        expect(move).to_be_disabled()


def test_ticks_outlast_a_search_and_coming_back(farm: Farm, lot: dict[str, Any]) -> None:
    with office_page(farm, f"/office/cattle?batch={lot['id']}") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        page.get_by_role("checkbox", name="LFTICK20").check()
        page.get_by_label("Search", exact=True).press_sequentially("LFTICK07")
        chosen(page, "1 ticked, 1 of them not on this page")
        page.get_by_role("checkbox", name="LFTICK07").check()
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator("form.form")).to_contain_text("2 animals:")
        page.go_back()
        expect(page.get_by_role("checkbox", name="LFTICK07")).to_be_checked(timeout=SOON)


def test_ticks_go_from_page_to_page_until_the_animals_are_moved(
    farm: Farm, lot: dict[str, Any]
) -> None:
    farm.hear("hxb:TICKS:LFTICKNEXT:")
    farm.payload_that_says("hxb:TICKS:LFTICKNEXT:")
    listed = f"{farm.office_url}/office/cattle?batch={lot['id']}&sort=lid"
    with office_page(farm, f"/office/cattle?batch={lot['id']}") as page:
        page.goto(listed)
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        page.locator(".tick").first.check()
        page.get_by_role("link", name="Next →").click()
        chosen(page, "1 ticked, 1 of them not on this page")
        page.locator(".tick").first.check()
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator(".names li")).to_have_count(2)
        page.get_by_role("link", name="Cancel").click()
        chosen(page, "2 ticked, 1 of them not on this page")
        page.get_by_role("button", name="Move", exact=True).click()
        page.get_by_label("To batch").fill(lot["batch_number"])
        page.get_by_role("button", name="Move them").click()
        expect(page.locator(".message.success")).to_be_visible(timeout=SOON)
        chosen(page, "Tick animals to move or treat them")
        page.locator(".tick").first.check()
        page.goto(f"{farm.office_url}/office/cattle")
        chosen(page, "Tick animals to move or treat them")
        page.goto(listed)
        chosen(page, "Tick animals to move or treat them")
