"""How pages look: targets for gloves, the choice of a look, paper, a small phone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import DESKTOP, office_page
from tests.system.editing import SIZES, SOON, a_pen
from tests.system.farm import Farm

pytestmark = [pytest.mark.system, pytest.mark.browser]

SMALL = """[...document.querySelectorAll("a, button, input, select, summary, textarea")]
  .filter((one) => one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true }))
  .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 47.9 || box.height < 47.9)
  .map(([html, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)"""
LETTERS = """[...document.querySelectorAll(".chart text")].map((one) =>
  one.ownerSVGElement.getScreenCTM().a * parseFloat(getComputedStyle(one).fontSize))"""
SCROLLED_OVER = """(() => {
  const [before, after] = document.querySelectorAll(".page-tools a");
  window.scrollTo(0, window.scrollY + before.getBoundingClientRect().top - 5);
  after.focus({ preventScroll: true });
})()"""
UNDER_THE_BAR = """(() => {
  const bar = document.querySelector(".top"), active = document.activeElement;
  return !bar.contains(active)
    && active.getBoundingClientRect().top < bar.getBoundingClientRect().bottom - 1;
})()"""


@pytest.fixture
def pages(farm: Farm, animal: dict[str, Any]) -> list[str]:
    """Each with something on it."""
    pk, pen = animal["id"], a_pen(farm, f"LOOK{animal['id']}", capacity=9)["id"]
    farm.post(f"cattle/{pk}/move", {"pen_id": pen})
    for day, kg in enumerate((318, 341, 190, 368), start=20):
        at = f"2026-08-{day}T08:00:00Z"
        farm.post(f"cattle/{pk}/weights", {"weight_kg": kg, "recorded_at": at})
    farm.hear(f"hxb:LOOK{pk}")
    farm.payload_that_says(f"hxb:LOOK{pk}")
    return ["/office/", "/office/batches", f"/office/batches/{animal['batch']['id']}",
            "/office/cattle", f"/office/cattle/{pk}", f"/office/cattle/{pk}/weigh",
            f"/office/cattle/{pk}/tags", "/office/pens", f"/office/pens/{pen}",
            "/office/weights", "/office/payloads", "/office/status", "/office/import"]  # fmt: skip


def open_as(page: Page, farm: Farm, path: str, look: str) -> None:
    page.evaluate(f"localStorage.setItem('theme', '{look}')")
    page.goto(farm.office_url + path)
    expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)


@SIZES
def test_in_the_barn_every_target_is_large_enough_for_a_glove(
    farm: Farm, pages: list[str], size: tuple[int, int]
) -> None:
    with office_page(farm, "/office/", size) as page:
        for path in pages:
            open_as(page, farm, path, "barn")
            assert page.evaluate(SMALL) == [], path


def test_a_small_phone_shows_each_page_whole(farm: Farm, pages: list[str]) -> None:
    with office_page(farm, "/office/", (375, 667)) as page:
        for path in pages:
            open_as(page, farm, path, "light")
            assert page.evaluate("document.documentElement.scrollWidth") <= 375, path
            assert all(size >= 11 for size in page.evaluate(LETTERS)), path


def test_the_look_is_named_and_chosen_by_keyboard_and_auto_can_be_chosen_again(farm: Farm) -> None:
    with office_page(farm, "/office/") as page:
        look = page.get_by_label("Theme")
        expect(look).to_have_value("auto")
        for wanted in ("barn", "auto"):
            look.focus()
            page.keyboard.type(wanted[0])
            expect(page.locator(f"html[data-theme={wanted}]")).to_be_attached()
            page.reload()
            expect(look).to_have_value(wanted)
        expect(page.locator(".who").first).to_have_text("admin")


def test_paper_is_white_and_holds_the_whole_time(farm: Farm, pages: list[str]) -> None:
    with office_page(farm, "/office/") as page:
        open_as(page, farm, pages[3], "dark")
        shown = page.locator("tbody time").first
        assert "2026" not in shown.inner_text()
        page.emulate_media(media="print")
        color = page.evaluate("getComputedStyle(document.querySelector('tbody td')).color")
        assert color == "rgb(0, 0, 0)"
        assert shown.inner_text().startswith("20")
        before = "getComputedStyle(document.querySelector('tbody time'), '::before').content"
        assert page.evaluate(before) == "none"


def test_paper_says_when_it_was_printed_and_shows_no_controls(
    farm: Farm, animal: dict[str, Any]
) -> None:
    with office_page(farm, "/office/cattle") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        printed = page.locator("[data-printed]")
        expect(printed).to_be_hidden()
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        expect(printed).to_be_visible()
        expect(printed).to_have_text(
            re.compile(r"Printed 20\d\d-\d\d-\d\d \d\d:\d\d, from data \d+ s old")
        )
        expect(page.locator(".count")).to_be_visible()
        for away in (".banner", "nav", "button", ".filters"):
            expect(page.locator(away).first).to_be_hidden()


def test_a_recent_time_is_told_both_ways(farm: Farm, animal: dict[str, Any]) -> None:
    with office_page(farm, f"/office/cattle?q={animal['lf_tag']}") as page:
        seen = page.locator("tbody time").first
        expect(seen).to_have_attribute("data-ago", "just now", timeout=SOON)
        assert len(seen.inner_text()) == len("14:02")


def test_what_has_the_focus_is_never_under_the_bar(farm: Farm, pages: list[str]) -> None:
    with office_page(farm, "/office/", DESKTOP) as page:
        open_as(page, farm, pages[4], "light")
        page.set_viewport_size({"width": 1280, "height": 400})
        page.evaluate(SCROLLED_OVER)
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.textContent.trim()") == "Weigh"
        assert not page.evaluate(UNDER_THE_BAR)
