"""Lists in a real browser: on paper, on a phone, with Back, paused; a session that ends; work by
keyboard alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from remote.office.views import MORE, NAVIGATION
from tests.install.test_office_sample import Sample, sample
from tests.system.browser import PHONE, a_page, office_page
from tests.system.farm import Farm

__all__ = ["sample"]  # a fixture
pytestmark = pytest.mark.system

SOON = 15_000
GLOVE = 48  # pixels
NAME = 60  # pixels: of a row that shows its name
TABLET = (768, 1024)
FITS = "(one) => one.scrollWidth <= one.clientWidth"
# Asked in one breath: a banner that lives is swapped for a fresh one between two questions.
BOX_OF = "(css) => document.querySelector(css).getBoundingClientRect().toJSON()"
LINES_OF = "(css) => document.querySelector(css).getClientRects().length"
BOXES = "(all) => all.map((one) => one.getBoundingClientRect()).map((box) => [box.top, box.height])"
ROW = "[data-list] [data-key]"
UNIT = ".tools [name=unit] b"


def opened(page: Page, sample: Sample, path: str) -> None:
    page.add_init_script("window.print = () => { document.body.dataset.wasPrinted = '' }")
    page.goto(f"http://127.0.0.1:{sample.port}{path}")
    expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="apt-get install poppler-utils")
@pytest.mark.parametrize("path", ["cattle?status=on_feed", "weights", "payloads", "work"])
def test_print_starts_on_the_first_page_with_the_filters_name_and_every_row(
    sample: Sample, path: str, tmp_path: Path
) -> None:
    file = tmp_path / "list.pdf"
    with a_page() as page:
        opened(page, sample, f"/office/{path}")
        page.get_by_role("button", name="Print").click()
        expect(page.locator("body[data-was-printed]")).to_be_attached(timeout=SOON)
        keys = page.locator(ROW).evaluate_all("(rows) => rows.map((row) => row.dataset.key)")
        page.pdf(path=file, format="A4")
    command = ["pdftotext", "-layout", str(file), "-"]
    sheets = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")
    assert len(sheets[0]) > 1_000
    if path.startswith("cattle"):
        assert len(keys) == 300
        assert "Status: on feed" in sheets[0]
        assert all(re.search(rf"\bA{key}\b", "".join(sheets)) for key in keys)


# Of each list page what comes first: of weighings it is the last animal, on a card of its own.
FIRST = {"weights": ".last", "deaths": "main .list tbody tr"}
LISTS = (
    "work batches cattle pens sessions shipments weights payloads deaths products"
    " work?kind=suspect cattle?status=on_feed"
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_on_a_phone_the_first_screen_shows_the_first_rows(sample: Sample, language: str) -> None:
    with a_page(PHONE) as page:
        spoken(page, sample, language)
        for path in LISTS.split():
            opened(page, sample, f"/office/{path}")
            expect(page.locator(first := FIRST.get(path, ROW)).first).to_be_visible()
            assert page.evaluate(BOX_OF, first)["top"] + NAME < PHONE[1], path
            assert page.evaluate("document.documentElement.scrollWidth") == PHONE[0], path


def spoken(page: Page, sample: Sample, language: str) -> None:
    url = f"http://127.0.0.1:{sample.port}"
    page.context.add_cookies([{"name": "hexabrand_language", "value": language, "url": url}])


@pytest.mark.parametrize("path", ["weights", "sessions/1"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_weighings_are_a_table_from_a_tablets_width_on_and_cards_on_a_phone(
    sample: Sample, path: str, language: str
) -> None:
    with a_page(TABLET) as page:
        spoken(page, sample, language)
        for size in (TABLET, (1024, 768), (1366, 768), PHONE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            opened(page, sample, f"/office/{path}")
            head = page.locator(".list.compact thead").first
            expect(head).to_be_visible(visible=size != PHONE)
            assert page.locator(".scroll:has(.compact)").first.evaluate(FITS), size


def test_a_paused_phone_says_so_in_a_line_of_its_own(sample: Sample) -> None:
    with a_page(PHONE) as page:
        opened(page, sample, "/office/payloads")
        before = page.evaluate(BOX_OF, ".banner strong")
        page.get_by_role("button", name="Pause").click()
        note = page.locator("[data-paused]")
        expect(note).to_contain_text(re.compile(r"\d+ changes? waits?"), timeout=SOON)
        assert page.evaluate(BOX_OF, ".banner strong") == before  # nothing is squeezed
        assert page.evaluate(LINES_OF, "[data-paused]") == 1


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("script", [True, False])
def test_the_menu_is_one_line_at_a_desk_and_all_of_it_is_reached_by_keyboard(
    sample: Sample, language: str, *, script: bool
) -> None:
    root = f"http://127.0.0.1:{sample.port}"
    with a_page((1366, 768)) as first:
        browser = first.context.browser
        assert browser is not None
        page = browser.new_page(
            java_script_enabled=script, viewport=first.viewport_size, locale=language
        )
        page.goto(f"{root}/office/cattle")
        expect(page.locator("html")).to_have_attribute("lang", language)
        places = page.locator(".top nav > :visible").evaluate_all(BOXES)
        assert len({top for top, _height in places}) == 1
        more = page.locator(".more summary")
        more.focus()
        page.keyboard.press("Enter")
        hidden = page.locator(".more a:visible")
        expect(hidden).to_have_count(4)
        shown = page.locator(".top nav :is(a, summary):visible").evaluate_all(BOXES)
        assert min(height for _top, height in shown) >= GLOVE
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/office/products$"))
        expect(page.locator(".more a[aria-current]")).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("script", [True, False])
def test_the_menu_is_two_lines_on_a_phone_and_all_of_it_is_reached_by_keyboard(
    sample: Sample, language: str, *, script: bool
) -> None:
    root = f"http://127.0.0.1:{sample.port}"
    with a_page(PHONE) as first:
        browser = first.context.browser
        assert browser is not None
        page = browser.new_page(
            java_script_enabled=script, viewport=first.viewport_size, locale=language
        )
        page.goto(f"{root}/office/journal")
        expect(page.locator("html")).to_have_attribute("lang", language)
        for theme in ("barn", "light"):
            page.locator("html").evaluate("(one, theme) => one.dataset.theme = theme", theme)
            places = page.locator(".top nav > :visible").evaluate_all(BOXES)
            assert len({top for top, _height in places}) <= 2, theme
            brand, unit = (page.locator(one).bounding_box() for one in (".brand img", UNIT))
            assert brand
            assert unit
            assert brand["x"] + brand["width"] <= unit["x"], theme
        page.locator(".more summary").focus()
        page.keyboard.press("Enter")
        shown = page.locator(".top nav :is(a, summary):visible")
        assert min(height for _top, height in shown.evaluate_all(BOXES)) >= GLOVE
        leads_to = page.locator(".top nav a:visible").evaluate_all(
            "(all) => all.map((a) => a.href)"
        )
        assert len(leads_to) == len({*leads_to}) == len(NAVIGATION) + len(MORE)
        expect(page.locator(".top nav a[aria-current]:visible")).to_have_count(1)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/office/sessions$"))


def test_more_of_the_menu_is_whole_at_the_chute_of_a_phone(sample: Sample) -> None:
    with a_page(PHONE) as page:
        opened(page, sample, "/office/chute")
        page.locator(".more summary").click()
        places = page.locator(".more a:visible").all()
        assert len(places) > len(MORE)
        for one in places:
            box = one.bounding_box()
            assert box
            assert box["x"] + box["width"] <= PHONE[0]


def test_more_of_the_menu_closes_by_escape_and_by_a_click_beside_it(sample: Sample) -> None:
    with a_page() as page:
        opened(page, sample, "/office/cattle")
        status = page.locator(".more a", has_text="Status")
        for key in ("Escape", ""):
            page.locator(".more summary").click()
            expect(status).to_be_visible()
            if key:
                page.keyboard.press(key)
            else:
                page.locator("h1").click()
            expect(status).to_be_hidden()


def test_back_takes_one_filter_back(sample: Sample) -> None:
    with a_page() as page:
        opened(page, sample, "/office/cattle")
        page.get_by_label("Sex").select_option("Steer")
        expect(page).to_have_url(re.compile(r"\?sex=Steer$"))
        page.get_by_label("Search", exact=True).press_sequentially("840")
        expect(page).to_have_url(re.compile(r"q=840&sex=Steer$"))
        page.go_back()
        expect(page).to_have_url(re.compile(r"\?sex=Steer$"))
        expect(page.get_by_label("Search", exact=True)).to_have_value("")
        page.go_back()
        expect(page).to_have_url(re.compile("/office/cattle$"))
        expect(page.get_by_label("Sex")).to_have_value("")


def test_a_paused_page_says_so_and_counts_what_waits(sample: Sample) -> None:
    with a_page() as page:
        opened(page, sample, "/office/payloads")
        note = page.locator("[data-paused]")
        expect(note).to_be_hidden()
        page.get_by_role("button", name="Pause").click()
        expect(note).to_contain_text("Paused:")
        expect(note).to_contain_text(re.compile(r"\d+ changes? waits?"), timeout=SOON)
        page.get_by_role("button", name="Go on").click()
        expect(note).to_be_hidden()


def test_a_session_that_ends_keeps_what_was_typed_and_comes_back_to_it(farm: Farm) -> None:
    with office_page(farm, "/office/batches/new") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        page.get_by_label("Number").fill("KEPT1")
        page.get_by_label("Notes").fill("two lines\nof notes")
        page.context.clear_cookies(name="hexabrand_office_session")
        page.get_by_role("button", name="Create the batch").click()
        page.get_by_label("Name").fill(farm.account["username"])
        page.get_by_label("Password").fill(farm.account["password"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Number")).to_have_value("KEPT1", timeout=SOON)
        expect(page.get_by_label("Notes")).to_have_value("two lines\nof notes")
        expect(page.get_by_text("You were signed out.")).to_be_visible()
        assert farm.rows("batches", search="KEPT1") == []


def test_work_is_dismissed_by_keyboard_and_brought_back(farm: Farm) -> None:
    farm.hear("hxb:STRAY1:LFSTRAY1:")
    farm.payload_that_says("hxb:STRAY1:LFSTRAY1:")
    with office_page(farm, "/office/work?kind=stray") as page:
        expect(page.get_by_role("link", name="LFSTRAY1", exact=True)).to_be_visible(timeout=SOON)
        page.locator("#main").focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator(ROW).first).to_be_focused()
        page.keyboard.press("d")
        page.get_by_label("Reason").fill("a calf")
        page.keyboard.press("Enter")
        expect(page.get_by_text("1 item is marked.")).to_be_visible(timeout=SOON)
        expect(page).to_have_url(re.compile(r"/office/work\?kind=stray$"))
        expect(page.get_by_role("link", name="LFSTRAY1", exact=True)).to_have_count(0)
        (mark,) = farm.rows("work-marks", standing="true")
        assert (mark["kind"], mark["reason"]) == ("dismissed", "a calf")
        page.get_by_role("link", name="Dismissed: 1").click()
        page.get_by_role("button", name="Bring back").click()
        expect(page.get_by_text("It is brought back.")).to_be_visible(timeout=SOON)
        assert farm.rows("work-marks", standing="true") == []
