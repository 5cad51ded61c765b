"""What a demo shows at once: every picture has its data, and no figure is missing."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from tests.system.browser import office_page
from tests.system.editing import SOON
from tests.system.lived_in import LivedInFarm

pytestmark = [pytest.mark.system, pytest.mark.browser]

# What a picture draws, each with a size: a line of two points or more, a column, a part of a whole.
EMPTY_PICTURES = """[...document.querySelectorAll("main svg:is(.chart, .bar)")].filter((svg) => {
  const drawn = [...svg.querySelectorAll("polyline:not(.expected), .column, .part")];
  return !drawn.some((one) => one.getBBox().width > 1 && one.getBBox().height > 1);
}).map((svg) => svg.getAttribute("aria-label"))"""
MISSING = """[...document.querySelectorAll(
    "main :is(.tiles dd, .facts dd, .chart text, .kg, .bar + small), main .card .empty")]
  .filter((one) => one.checkVisibility() && !one.closest("td")
    && (one.matches(".empty") || ["", "–"].includes(one.textContent.trim())))
  .map((one) => one.closest("section, div")?.textContent.replace(/\\s+/g, " ").slice(0, 80))"""


LOT = 134  # head at most


@dataclass(frozen=True, slots=True)
class Shown:
    path: str
    pictures: int
    row: str = ""  # what its path names, and how it is found
    asked: dict[str, str] = field(default_factory=dict)


PAGES = [
    Shown("", 5),
    Shown("batches/{}", 2, "batches", {"search": "LOT8887"}),
    Shown("batches/{}", 2, "batches", {"search": "LOT8893"}),
    Shown("batches/{}/closeout", 1, "batches", {"search": "LOT8887"}),
    Shown("cattle/{}", 1, "cattle", {"search": "890904899"}),
    Shown("pens", 12),
    Shown("pens/{}", 1, "pens", {"search": "P07"}),
    Shown("weights", 1),
    Shown("chute?session={}", 0, "sessions", {"open": "true"}),
    Shown("sessions/{}", 0, "sessions", {"open": "true"}),
    Shown("sessions/{}", 0, "sessions", {"open": "false"}),
    Shown("shipments/{}", 0, "shipments", {"state": "planned"}),
]


@pytest.mark.parametrize("shown", PAGES, ids=[one.path or "dashboard" for one in PAGES])
def test_every_picture_and_figure_of_a_demo_has_data(lived_in: LivedInFarm, shown: Shown) -> None:
    found = lived_in.rows(shown.row, **shown.asked)[0]["id"] if shown.row else ""
    with office_page(lived_in, f"/office/{shown.path.format(found)}") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        assert page.locator("main svg:is(.chart, .bar)").count() >= shown.pictures
        assert page.evaluate(EMPTY_PICTURES) == []
        assert page.evaluate(MISSING) == []


def test_the_chute_goes_on_with_the_demos_session(lived_in: LivedInFarm) -> None:
    (session,) = lived_in.rows("sessions", open="true")
    animal = lived_in.rows("cattle", search="890904899")[0]
    with office_page(lived_in, f"/office/chute?session={session['id']}") as page:
        expect(page.get_by_text(session["name"]).first).to_be_visible(timeout=SOON)
        page.keyboard.type(animal["lf_tag"])
        page.keyboard.press("Enter")
        for fact in ("visual_id", "livestock_id", "pen", "batch", "last", "expected", "gain"):
            expect(page.locator(f"[data-fact={fact}]")).not_to_have_text("–", timeout=SOON)
            expect(page.locator(f"[data-fact={fact}]")).not_to_be_empty()


def test_each_session_of_the_past_is_of_its_own_lot_alone(lived_in: LivedInFarm) -> None:
    for session in lived_in.rows("sessions", open="false"):
        summary = lived_in.get(f"sessions/{session['id']}/summary").json()
        assert summary["weighed"] <= LOT, session["name"]
