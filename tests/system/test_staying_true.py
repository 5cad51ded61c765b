"""An open page stays true: scrolled, paused, read aloud, and in what only the Pi can tell."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.editing import SOON, heard
from tests.system.farm import Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]

LISTEN = """window.heard = [];
new MutationObserver(() => {
  window.heard.push(document.querySelector("[data-announce]").textContent);
}).observe(document.querySelector("[data-announce]"), { childList: true });"""


@pytest.fixture(scope="module")
def lot(farm: Farm) -> dict[str, Any]:
    """A batch of a page's length."""
    for number in range(1, 41):
        farm.hear(f"hxb:TRUE:LFTRUE{number:02d}:")
    return dict(heard(farm, "TRUE", "LFTRUE40", "")["batch"])


def weigh(farm: Farm, animal: dict[str, Any], kg: float, at: str | None = None) -> None:
    answer = farm.post(
        f"cattle/{animal['id']}/weights",
        {"weight_kg": kg, **({"recorded_at": at} if at else {})},
    )
    assert answer.status_code == 201, answer.text


def live(page: Page) -> None:
    expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)


def test_a_scrolled_page_shows_changes_in_place_and_says_that_rows_wait(
    farm: Farm, lot: dict[str, Any]
) -> None:
    with office_page(farm, f"/office/batches/{lot['id']}") as page:
        live(page)
        page.evaluate("window.scrollTo(0, 900)")
        first = page.locator("[data-list] [data-key]").first
        name, last = first.locator("a").first.inner_text(), page.locator("[data-key]").last
        (animal,) = farm.rows("cattle", tag=last.locator("a").first.inner_text())
        weigh(farm, animal, 345.5)  # who was seen last goes to the top
        expect(last).to_contain_text("345.5", timeout=SOON)
        expect(page.locator("[data-region=figures]")).to_contain_text("345.5", timeout=SOON)
        expect(page.locator("[data-pill]")).to_have_text("Changes are waiting")
        assert first.locator("a").first.inner_text() == name
        page.evaluate("window.scrollTo(0, 0)")
        expect(first).to_contain_text("345.5", timeout=SOON)
        expect(page.locator("[data-pill]")).to_be_hidden()


def announced(page: Page, count: int) -> list[str]:
    page.clock.fast_forward(10_000)
    wait_until(lambda: len(page.evaluate("window.heard")) >= count, "it is announced")
    told: list[str] = page.evaluate("window.heard")
    return told


def test_a_screen_reader_hears_each_summary_and_never_the_age(
    farm: Farm, numbers: Iterator[int]
) -> None:
    with office_page(farm, "/office/payloads") as page:
        page.clock.install()
        page.reload()
        live(page)
        page.evaluate(LISTEN)
        for count in (1, 2):
            text = f"hxb:TOLD{next(numbers)}:LFTOLD{count}:"
            farm.hear(text)
            expect(page.locator("[data-key]", has_text=text)).to_be_visible(timeout=SOON)
            told = ["1 new row", "", "1 new row"][: 2 * count - 1]  # emptied in between
            assert announced(page, len(told)) == told
        page.get_by_role("button", name="Pause").click()
        farm.hear(f"hxb:TOLD{next(numbers)}:LFTOLD3:")
        expect(page.locator("[data-pill]")).to_have_text("1 new", timeout=SOON)
        assert announced(page, 5)[-1] == "1 new row waiting"
        assert page.locator("[aria-live] [data-age], [role=status] [data-age]").count() == 0


def test_another_persons_weighing_comes_into_the_table_and_the_history(
    farm: Farm, animal: dict[str, Any]
) -> None:
    weigh(farm, animal, 340, "2026-08-01T08:00:00Z")
    with office_page(farm, f"/office/cattle/{animal['id']}") as page:
        live(page)
        weigh(farm, animal, 355.5)
        expect(page.locator("[data-past] tbody")).to_contain_text("355.5", timeout=SOON)
        expect(page.locator(".timeline")).to_contain_text("355.5")
        expect(page.locator(".chart circle")).to_have_count(2)


def test_a_batch_shows_its_gain_as_it_grows(farm: Farm, animal: dict[str, Any]) -> None:
    weigh(farm, animal, 340, "2026-08-01T08:00:00Z")
    with office_page(farm, f"/office/batches/{animal['batch']['id']}") as page:
        live(page)
        grown = page.locator("[data-past=growth]")
        expect(grown).to_contain_text("second day of weighing")
        weigh(farm, animal, 362)
        expect(grown.locator(".chart circle")).to_have_count(2, timeout=SOON)


def test_the_empty_radio_feed_ends_with_the_first_payload(tmp_path_factory: Any) -> None:
    with Farm(tmp_path_factory.mktemp("quiet")) as quiet, office_page(quiet, "/office/") as page:
        live(page)
        expect(page.locator("[data-empty=payloads]")).to_be_visible()
        quiet.hear("hxb:FIRST1:LFFIRST1:")
        expect(page.locator(".feed")).to_contain_text("FIRST1", timeout=SOON)
        expect(page.locator("[data-empty=payloads]")).to_be_hidden()
