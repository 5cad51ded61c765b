"""The pictures of the documents, of a farm with the demo's past: `make screenshots`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.editing import SOON
from tests.system.farm import ROOT
from tests.system.lived_in import LivedInFarm

pytestmark = [pytest.mark.system, pytest.mark.browser]

DESK, TALL, PHONE = (1366, 860), (1366, 1250), (390, 844)
FIRST, LOADED = 4094, 31  # of the forty on the truck
NAMES = (
    *("dashboard", "work", "journal", "closeout", "animal", "chute", "loading"),
    *("phone-work", "phone-chute"),
)
ALL_BYTES = 1_500_000


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivedInFarm]:
    """One of its own, on which somebody weighs and loads."""
    with LivedInFarm(tmp_path_factory.mktemp("pictures")) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("HEXABRAND_SCREENSHOTS", tmp_path))


@contextmanager
def opened(farm: LivedInFarm, path: str, size: tuple[int, int]) -> Iterator[Page]:
    with office_page(farm, path, size) as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        yield page


def picture(page: Page, folder: Path, name: str) -> None:
    page.mouse.move(0, 0)
    file = folder / f"{name}.png"
    page.screenshot(path=file, animations="disabled", caret="hide")
    assert file.stat().st_size > 10_000


def test_the_pictures_of_the_pages(farm: LivedInFarm, folder: Path) -> None:
    batch = farm.rows("batches", search="LOT8889")[0]["id"]
    animal = farm.rows("cattle", search="890904404")[0]["id"]
    for name, path, size in (
        ("dashboard", "/office/", (DESK[0], 1668)),
        ("work", "/office/work", DESK),
        ("journal", "/office/journal", DESK),
        ("closeout", f"/office/batches/{batch}/closeout", TALL),
        ("animal", f"/office/cattle/{animal}", TALL),
        ("phone-work", "/office/work", PHONE),
    ):
        with opened(farm, path, size) as page:
            picture(page, folder, name)


def test_the_pictures_of_the_chute(farm: LivedInFarm, folder: Path) -> None:
    (session,) = farm.rows("sessions", open="true")
    for name, tag, kg, size in (
        ("chute", "840003890904060", "631.5", DESK),
        ("phone-chute", "840003890904061", "604", PHONE),
    ):
        with opened(farm, f"/office/chute?session={session['id']}", size) as page:
            for line in (tag, kg):
                page.keyboard.type(line)
                page.keyboard.press("Enter")
            expect(page.locator("[data-chute-weight]")).to_contain_text(kg, timeout=SOON)
            expect(page.locator("[data-chute-count]")).to_have_text("Everything is sent")
            picture(page, folder, name)


def test_the_picture_of_a_truck(farm: LivedInFarm, folder: Path) -> None:
    (truck,) = farm.rows("shipments")
    farm.post(f"shipments/{truck['id']}/begin", {})
    for number in range(FIRST, FIRST + LOADED):
        loaded = farm.post(f"shipments/{truck['id']}/load", {"tag": f"84000389090{number}"})
        assert loaded.status_code == 200, loaded.text
    with opened(farm, f"/office/shipments/{truck['id']}", TALL) as page:
        picture(page, folder, "loading")


def test_the_documents_have_each_picture_and_together_they_are_small() -> None:
    files = list((ROOT / "docs" / "screenshots").glob("*"))
    assert {file.stem for file in files} == set(NAMES)
    assert sum(file.stat().st_size for file in files) < ALL_BYTES
