"""How pages look: targets for gloves, the choice of a look, paper, a small phone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.system.browser import DESKTOP, PHONE, office_page
from tests.system.editing import SIZES, SOON, a_pen, heard
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

CUT = """[...document.querySelectorAll(".list :is(th, td), .board .card")]
  .filter((one) => one.checkVisibility() && !one.closest(".unseen"))
  .filter((one) => {
    const right = (box) => box.getBoundingClientRect().right;
    const room = right(one.closest(".scroll, main"));
    return one.scrollWidth > one.clientWidth + 1 || right(one) > room + 1;
  })
  .map((one) => `${one.scrollWidth} in ${one.clientWidth}: ${one.outerHTML.slice(0, 120)}`)"""
# One call for both, because the page's next state draws the banner again.
BANNER_OF_A_PI_AWAY = """(one) => {
  one.querySelector("strong").textContent = "Pi away since 2026-11-24 14:02";
  one.querySelector(".pause").insertAdjacentHTML("beforebegin",
    '<span class="why">The Pi did not answer. Check that it has power.</span>');
  const box = (of) => one.querySelector(of).getBoundingClientRect();
  return [box(".pause").top, box(".dot").top, box(".pause").bottom];
}"""
A4: ViewportSize = {"width": 718, "height": 1047}  # within a printer's margins
RING = 5  # px: an outline of 3 that stands 2 off
WIDTH = "document.documentElement.scrollWidth"
INDUCED = "2026-11-25"
# Asked in one breath: a row that lives is swapped for a fresh one between two questions.
LINES_OF_DAYS = """(day) => [...document.querySelectorAll("tbody td time")]
  .filter((one) => one.textContent.includes(day)).map((one) => one.getClientRects().length)"""
LINES = """[...document.querySelectorAll("tbody code")].map((one) => one.getClientRects().length)"""


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
    return [
        "/office/",
        "/office/batches",
        f"/office/batches/{animal['batch']['id']}",
        "/office/cattle",
        f"/office/cattle/{pk}",
        f"/office/cattle/{pk}/weigh",
        f"/office/cattle/{pk}/tags",
        "/office/pens",
        f"/office/pens/{pen}",
        "/office/weights",
        "/office/payloads",
        "/office/status",
        "/office/import",
        f"/office/batches/{animal['batch']['id']}/closeout",
    ]


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


@pytest.fixture
def long_names(farm: Farm, numbers: Iterator[int]) -> dict[str, Any]:
    """An animal with the longest of everything, and with a weight that nobody believes."""
    number = next(numbers)
    animal = heard(farm, f"LONG-2026-{number:04d}", f"84000312388{number:04d}", f"{number:024X}")
    pen = farm.post("pens", {"pen_number": f"NORTH-{number}", "location": "L" * 50}).json()["id"]
    farm.change("PATCH", f"cattle/{animal['id']}", {"livestock_id": f"CANADA-2026-NAME-{number}"})
    batch = {"funder": "F" * 40, "induction_date": INDUCED}
    farm.change("PATCH", f"batches/{animal['batch']['id']}", batch)
    farm.post(f"cattle/{animal['id']}/move", {"pen_id": pen})
    for day, kg in ((20, 318), (21, 341), (22, 105)):
        at = f"2026-08-{day}T08:00:00Z"
        farm.post(f"cattle/{animal['id']}/weights", {"weight_kg": kg, "recorded_at": at})
    return {**animal, "pen": {"id": pen}}


@pytest.mark.parametrize("look", ["light", "barn"])
def test_no_page_is_wider_than_its_screen_and_no_cell_is_cut(
    farm: Farm, long_names: dict[str, Any], look: str
) -> None:
    pk, batch, pen = long_names["id"], long_names["batch"]["id"], long_names["pen"]["id"]
    with office_page(farm, "/office/") as page:
        for path in (
            "cattle",
            "batches",
            "pens",
            "weights",
            "payloads",
            "status",
            f"cattle/{pk}",
            f"batches/{batch}",
            f"pens/{pen}",
        ):
            open_as(page, farm, f"/office/{path}", look)
            for width in (320, 390, 768, 820, 1024, 1180, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate(WIDTH) <= width, (path, width)
                assert page.evaluate(CUT) == [], (path, width)


@pytest.mark.parametrize("look", ["light", "barn"])
def test_a_tag_stands_in_one_line_from_a_tablet_on(
    farm: Farm, long_names: dict[str, Any], look: str
) -> None:
    with office_page(farm, "/office/") as page:
        open_as(page, farm, f"/office/cattle?q={long_names['lf_tag']}", look)
        for width in (768, 820, 1024, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(LINES) == [1, 1], width


def test_paper_keeps_the_table_whole(farm: Farm, long_names: dict[str, Any]) -> None:
    with office_page(farm, "/office/") as page:
        for path in ("cattle", "batches", f"pens/{long_names['pen']['id']}?print=1"):
            page.goto(f"{farm.office_url}/office/{path}")
            page.emulate_media(media="print")
            page.set_viewport_size(A4)
            expect(page.locator("thead").first).to_be_visible()
            assert page.evaluate(WIDTH) <= A4["width"], path
            assert page.evaluate(CUT) == [], path
            page.emulate_media(media="screen")


def test_a_date_stands_in_one_line(farm: Farm, long_names: dict[str, Any]) -> None:
    with office_page(farm, f"/office/batches?q={long_names['batch']['batch_number']}") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)  # its rows are these
        expect(page.locator("tbody td time", has_text=INDUCED).first).to_be_visible(timeout=SOON)
        assert page.evaluate(LINES_OF_DAYS, INDUCED) == [1]


def test_a_phone_sorts_lists_and_shows_the_whole_menu(farm: Farm, pages: list[str]) -> None:
    with office_page(farm, "/office/cattle", PHONE) as page:
        page.get_by_label("Order").select_option("-weight")
        page.wait_for_url("**/cattle?sort=-weight")
        head = page.locator("thead th", has_text="Weight")
        expect(head).to_have_attribute("aria-sort", "descending")
        expect(head).to_be_hidden()
        for entry in page.locator(".top nav a").all():
            assert entry.evaluate("(one) => one.getBoundingClientRect().right") <= PHONE[0]


def test_the_ring_of_a_field_leaves_its_help_readable(farm: Farm, pages: list[str]) -> None:
    with office_page(farm, pages[6]) as page:
        field = page.locator("form.form input:focus")
        below = field.evaluate("(one) => one.getBoundingClientRect().top")
        help_ends = page.locator(".helptext").first.evaluate(
            "(one) => one.getBoundingClientRect().bottom"
        )
        assert below - help_ends >= RING


def test_the_help_of_a_tick_stands_below_what_is_ticked(farm: Farm) -> None:
    with office_page(farm, "/office/chute/begin", PHONE) as page:
        tick, label, told = (
            page.locator(f"div:has(> #id_pair) > {one}").evaluate(
                "(one) => one.getBoundingClientRect().toJSON()"
            )
            for one in ("input", "label", ".helptext")
        )
    assert tick["right"] <= label["left"] == told["left"]
    assert label["top"] <= (tick["top"] + tick["bottom"]) / 2 <= label["bottom"] <= told["top"]


def test_pause_stays_in_the_banners_first_line(farm: Farm) -> None:
    with office_page(farm, "/office/", PHONE) as page:
        top, dot, bottom = page.locator(".banner").evaluate(BANNER_OF_A_PI_AWAY)
        assert top <= dot <= bottom


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
