"""The office as people use it, in a real Chromium: live rules, scanning, trying again, phones."""

import asyncio
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from tests.system.browser import DESKTOP, PHONE, keep_marks, marked_rows, office_page, told_page
from tests.system.farm import PATIENCE, Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]

SOON = PATIENCE * 1000
PAGES = (
    "/office/",
    "/office/batches",
    "/office/cattle",
    "/office/pens",
    "/office/payloads",
    "/office/status",
)


@pytest.fixture(scope="module", autouse=True)
def a_day_in_the_barn(farm: Farm) -> None:
    farm.manage("pi", "simulate", "--count", "600", "--rate", "400", "--seed", "3")
    wait_until(lambda: farm.get("status").json()["backlog"]["count"] == 0, "all is settled")


def row(page: Page, text: str) -> Locator:
    return page.locator("[data-list] [data-key]", has_text=text)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_page_fits_its_screen_and_complains_of_nothing(
    farm: Farm, size: tuple[int, int]
) -> None:
    complaints: list[str] = []
    with office_page(farm, "/office/", size, complaints) as page:
        for path in PAGES:
            page.goto(farm.office_url + path)
            expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        page.goto(farm.office_url + "/office/cattle")
        page.locator("[data-list] [data-key] a").first.click()
        expect(page.get_by_role("heading", name="History")).to_be_visible()
    assert complaints == []


def test_a_new_row_is_marked_and_the_mark_goes_away(farm: Farm) -> None:
    with office_page(farm, "/office/") as page:
        with told_page(page):
            page.goto(f"{farm.office_url}/office/batches")
        keep_marks(page)
        farm.hear("hxb:FRESH1:LFFRESH1:")
        expect(row(page, "FRESH1")).to_be_visible(timeout=SOON)
        assert any("FRESH1" in text for text in marked_rows(page))
        expect(page.locator(".fresh")).to_have_count(0, timeout=SOON)


def test_who_has_scrolled_down_is_told_and_not_pushed(farm: Farm) -> None:
    with office_page(farm, "/office/payloads") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        page.evaluate("window.scrollTo(0, 900)")
        farm.hear("hxb:SCROLLED1:LFSC1:")
        pill = page.locator("[data-pill]")
        expect(pill).to_contain_text("new", timeout=SOON)
        expect(row(page, "SCROLLED1")).to_have_count(0)
        pill.click()
        expect(row(page, "SCROLLED1")).to_be_visible(timeout=SOON)


def test_a_paused_page_waits_and_goes_on(farm: Farm) -> None:
    with office_page(farm, "/office/payloads") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        page.get_by_role("button", name="Pause").click()
        farm.hear("hxb:PAUSED1:LFPA1:")
        expect(page.locator("[data-pill]")).to_be_visible(timeout=SOON)
        expect(row(page, "PAUSED1")).to_have_count(0)
        page.get_by_role("button", name="Go on").click()
        expect(row(page, "PAUSED1")).to_be_visible(timeout=SOON)


def test_what_somebody_types_is_not_disturbed(farm: Farm) -> None:
    with office_page(farm, "/office/batches") as page:
        field = page.get_by_label("Search", exact=True)
        field.press_sequentially("typing")
        expect(page.locator("[data-list] [data-key]")).to_have_count(0)
        expect(page).to_have_url(re.compile("q=typing$"))
        farm.hear("hxb:TYPING1:LFTY1:")
        expect(row(page, "TYPING1")).to_be_visible(timeout=SOON)
        expect(field).to_have_value("typing")
        expect(field).to_be_focused()


def test_a_list_follows_what_is_typed_and_stays_live(farm: Farm) -> None:
    for name in ("SEARCHA", "SEARCHB"):
        farm.hear(f"hxb:{name}:LF{name}:")
        farm.payload_that_says(f"hxb:{name}:LF{name}:")
    with office_page(farm, "/office/cattle") as page:
        page.get_by_label("Search", exact=True).press_sequentially("lfsearcha")
        expect(page.locator("[data-list] [data-key]")).to_have_count(1, timeout=SOON)
        expect(page.locator(".count")).to_have_text("1 row")
        expect(page.get_by_role("link", name="CSV")).to_have_attribute(
            "href", "?q=lfsearcha&format=csv"
        )
        farm.hear("hxb:SEARCHB:LFSEARCHA:")  # it moves to the other batch
        expect(row(page, "SEARCHB")).to_be_visible(timeout=SOON)
        page.get_by_label("Status").select_option("sold")
        expect(page.locator("[data-empty]")).to_be_visible(timeout=SOON)
        page.reload()
        expect(page.get_by_label("Search", exact=True)).to_have_value("lfsearcha")


def test_a_scanner_types_a_tag_and_the_animal_opens(farm: Farm) -> None:
    farm.hear("hxb:SCAN1:840003999999999:")
    farm.payload_that_says("hxb:SCAN1:840003999999999:")
    with office_page(farm, "/office/cattle") as page:
        expect(page.get_by_label("Scan or type a tag")).to_be_focused()
        page.keyboard.type("840 003 999999999")
        page.keyboard.press("Enter")
        page.wait_for_url("**/office/cattle/*")
        expect(page.locator("main")).to_contain_text("840003999999999")


def test_a_payload_in_error_is_tried_again_from_the_page(farm: Farm) -> None:
    farm.hear("hxb:RETRY1")
    refused = farm.payload_that_says("hxb:RETRY1")
    before = farm.get("status").json()["cursor"]
    with office_page(farm, "/office/payloads?q=RETRY1") as page:
        page.get_by_role("button", name="Try again").first.click()
        expect(page.locator(".message.success")).to_contain_text(str(refused["id"]), timeout=SOON)
    path = f"payloads/{refused['id']}"
    wait_until(lambda: farm.get(path).json()["status"] == "error", "it is refused again")
    events = farm.get("events", since=before).json()["data"]
    kinds = [event["event"] for event in events if event["data"]["id"] == refused["id"]]
    assert kinds == ["payload:received", "payload:error"]


def test_two_browsers_show_the_same_change(farm: Farm) -> None:
    with office_page(farm, "/office/batches") as page:
        other = page.context.new_page()
        other.goto(farm.office_url + "/office/batches")
        farm.hear("hxb:BOTH1:LFBO1:")
        for each in (page, other):
            expect(row(each, "BOTH1")).to_be_visible(timeout=SOON)


def test_a_page_says_so_when_the_office_itself_is_gone(farm: Farm) -> None:
    with office_page(farm, "/office/batches") as page:
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        farm.processes["office web"].kill()
        expect(page.locator(".banner.lost")).to_contain_text("lost the office", timeout=SOON)
        farm.start("office web")
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)


def socket_refusal(farm: Farm, origin: str | None) -> object:
    async def try_it() -> object:
        url = f"ws://127.0.0.1:{farm.office_port}/ws/office?page=/office/"
        try:
            async with connect(url, origin=origin, proxy=None) as socket:  # type: ignore[arg-type]
                await socket.recv()
        except InvalidStatus as refused:
            return refused.response.status_code
        except ConnectionClosedError as closed:
            return closed.rcvd and closed.rcvd.code
        return None

    return asyncio.run(try_it())


def test_another_sites_page_gets_no_socket(farm: Farm) -> None:
    assert socket_refusal(farm, "http://evil.example") == 403
    assert socket_refusal(farm, None) == 403
    assert "Traceback" not in farm.log("office web")


def test_a_stranger_gets_no_herd_through_the_socket(farm: Farm) -> None:
    assert socket_refusal(farm, farm.office_url) == 4401
