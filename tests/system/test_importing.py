"""A sheet imported at the office as a person does it: checked, watched, cancelled, taken back."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.farm import Farm

pytestmark = pytest.mark.browser

SOON = 20_000  # ms
ROWS = 1_500


@contextmanager
def another_import(farm: Farm) -> Iterator[None]:
    """Be one: the Pi carries out one at a time."""
    with (farm.root / "pi" / "imports.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def choose(page: Page, folder: Path, text: str, kind: str = "animals") -> None:
    sheet = folder / "herd.csv"
    sheet.write_text(text)
    page.get_by_label("The file holds").select_option(kind)
    page.get_by_label("XLSX or CSV file").set_input_files(sheet)
    page.get_by_role("button", name="Check the file").click()


def animals(lot: str) -> str:
    return "LID,EID,lot\n" + "".join(f"{lot}-{n},,{lot}\n" for n in range(ROWS))


def test_an_open_page_follows_the_import_to_its_end(farm: Farm, tmp_path: Path) -> None:
    complaints: list[str] = []
    with office_page(farm, "/office/import", complaints=complaints) as page:
        with another_import(farm):
            choose(page, tmp_path, animals("WATCHED"))
            expect(page.get_by_text("this one waits for it")).to_be_visible(timeout=SOON)
        expect(page.get_by_text(f"{ROWS} rows, all can be imported")).to_be_visible(timeout=SOON)
        with another_import(farm):
            page.get_by_role("button", name="Import").click()
            expect(page.get_by_text("this one waits for it")).to_be_visible(timeout=SOON)
        expect(page.get_by_text(f"Imported: new animals {ROWS}")).to_be_visible(timeout=SOON)
        page.get_by_role("link", name="Take it back").click()
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("Taken back.")).to_be_visible(timeout=SOON)
    assert farm.get("cattle", search="WATCHED").json()["data"] == []
    assert complaints == []


def test_an_import_that_waits_is_cancelled(farm: Farm, tmp_path: Path) -> None:
    with office_page(farm, "/office/import") as page, another_import(farm):
        choose(page, tmp_path, animals("CANCELLED"))
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("Cancelled: nothing was changed.")).to_be_visible(timeout=SOON)


def test_errors_stand_before_the_form_that_mends_them(farm: Farm, tmp_path: Path) -> None:
    with office_page(farm, "/office/import") as page:
        choose(page, tmp_path, "LID,Weight\nnobody,350\n", "weights")
        expect(page.get_by_text("One row cannot be taken")).to_be_visible(timeout=SOON)
        texts = page.locator("main h2").all_inner_texts()
        assert texts.index("What cannot be imported") < texts.index("Which column holds what")
        page.get_by_label("Add unknown animals as pending").check()
        page.get_by_role("button", name="Check again").click()
        expect(page.get_by_text("1 row, which can be imported")).to_be_visible(timeout=SOON)
        assert page.get_by_label("Add unknown animals as pending").is_checked()


def test_the_page_goes_on_when_the_office_is_started_again(farm: Farm, tmp_path: Path) -> None:
    with office_page(farm, "/office/import") as page:
        with another_import(farm):
            choose(page, tmp_path, animals("AGAIN"))
            expect(page.get_by_text("this one waits for it")).to_be_visible(timeout=SOON)
            farm.processes["office web"].kill()
            farm.start("office web")
            farm.wait_until_it_answers()
        expect(page.get_by_text(f"{ROWS} rows, all can be imported")).to_be_visible(timeout=60_000)
