"""Every page on paper: begins on the first sheet, whole, without controls, no head alone."""

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.editing import SOON
from tests.system.lived_in import LivedInFarm, every_page
from tests.system.test_looks import A4, CUT, WIDTH

pytestmark = [
    pytest.mark.system,
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="apt-get install poppler-utils"),
]

LONG = 8  # sheets; more of the same list show nothing new
CONTROLS = """[...document.querySelectorAll(
    "nav, button, .button, summary, .banner, .tick, :is(input, select):not(.form *)")]
  .filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 90))"""
HIDDEN_ROWS = """[...document.querySelectorAll("main *")].filter((one) => one.checkVisibility()
  && one.scrollHeight > one.clientHeight + 4 && !one.closest(".unseen, svg, .form")
  && ["auto", "scroll", "hidden"].includes(getComputedStyle(one).overflowY))
  .map((one) => one.outerHTML.slice(0, 90))"""
DARK = """[...document.querySelectorAll("body, main, .card, .tiles > div, th, td")]
  .filter((one) => one.checkVisibility()).map((one) => getComputedStyle(one).backgroundColor)
  .filter((color) => /^rgb\\(/.test(color) && Math.min(...color.match(/\\d+/g)) < 150)"""
HEADS = """[...document.querySelectorAll("h2, thead")].filter((one) => one.checkVisibility())
  .map((one) => one.innerText.replace(/\\s+/g, ""))"""
SMALLEST = """Math.min(...[...document.querySelectorAll("main *")].filter((one) =>
    one.checkVisibility() && !one.closest(".unseen, svg")
    && [...one.childNodes].some((text) => text.nodeType === 3 && text.data.trim()))
  .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""
LEAST = 2  # lines on a sheet
LEAST_PX = 8  # 6 pt: a manifest holds a whole truck on one sheet


def sheets_of(page: Page, file: Path) -> list[str]:
    page.pdf(path=file, format="A4", page_ranges=f"1-{LONG}", print_background=True)
    command = ["pdftotext", "-layout", str(file), "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return told.split("\f")[:-1]


def lines_of(sheet: str) -> list[str]:
    """Return what stands on a sheet above its number."""
    lines = ["".join(line.split()) for line in sheet.splitlines() if line.strip()]
    return [line for line in lines if not line.replace("/", "").isdigit()]


def faults_on_paper(page: Page, file: Path) -> list[str]:
    page.emulate_media(media="print")
    found = [one for fault in (CONTROLS, HIDDEN_ROWS, DARK, CUT) for one in page.evaluate(fault)]
    title = "".join(page.locator("h1").first.inner_text().split())
    heads = set(page.evaluate(HEADS))
    sheets = [lines_of(sheet) for sheet in sheets_of(page, file)]
    smallest = page.evaluate(SMALLEST)
    least = 1 if page.locator(".form").count() else LEAST  # an empty field has no text
    told = {
        "it is wider than a sheet": page.evaluate(WIDTH) > A4["width"],
        f"{smallest} px cannot be read": smallest < LEAST_PX,
        "its first sheet has no title": title not in "".join(sheets[0]),
        f"nearly nothing is on a sheet: {sheets[-1]}": any(len(one) < least for one in sheets),
        "a head is alone at the end": heads & {lines[-1] for lines in sheets[:-1]},
    }
    page.emulate_media(media="screen")
    return found + [fault for fault, is_so in told.items() if is_so]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_is_whole_on_paper(lived_in: LivedInFarm, language: str, tmp_path: Path) -> None:
    faults: list[str] = []
    with office_page(lived_in, "/office/", (A4["width"], A4["height"])) as page:
        told = {"name": "hexabrand_language", "value": language, "url": lived_in.office_url}
        page.context.add_cookies([told])  # type: ignore[list-item]  # a dictionary of its keys
        page.evaluate("localStorage.setItem('theme', 'dark')")
        page.add_init_script("window.print = () => {}")
        for path in every_page(lived_in):
            page.goto(lived_in.office_url + path)
            expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
            faults += [f"{path}: {one}" for one in faults_on_paper(page, tmp_path / "page.pdf")]
    assert not faults, "\n".join(faults)
