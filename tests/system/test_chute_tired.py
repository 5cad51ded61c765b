"""What a tired crew does at the chute, by keyboard alone, on a phone and at the desk: nothing of it
loses an animal or a weight."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.system.browser import DESKTOP, PHONE, office_page
from tests.system.editing import SOON, a_pen, heard
from tests.system.farm import Farm
from tests.system.test_chute import (
    CHUTE,
    a_product,
    all_sent,
    scan,
    treatments,
    weights,
    word,
)

pytestmark = [pytest.mark.system, pytest.mark.browser]

SEND = "**/office/chute/send"


@pytest.fixture
def pair(farm: Farm, numbers: Iterator[int]) -> list[dict[str, Any]]:
    number = next(numbers)
    return [
        heard(farm, f"TIRED{number}", f"84000366{number:03d}{pk:04d}", f"TIRED{number}-{pk}")
        for pk in range(2)
    ]


def told(page: Page, text: str) -> None:
    expect(page.locator("[data-chute-notice]")).to_contain_text(text, timeout=SOON)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_slip_of_the_keys_leaves_the_animal_where_it_is(
    farm: Farm, pair: list[dict[str, Any]], size: tuple[int, int]
) -> None:
    one, other = pair
    with office_page(farm, CHUTE, size) as page:
        word(page, "SCAN")
        scan(page, "402")  # the weight before the tag
        told(page, "Nobody is called “402”")
        word(page, "SCAN")
        scan(page, one["lf_tag"])
        scan(page, one["lf_tag"])
        word(page, "OK")
        scan(page, "41255")
        told(page, "Nobody is called “41255”")
        scan(page, f"{one['lf_tag']}{other['lf_tag']}")
        told(page, "it is no tag")
        scan(page, "-400")
        told(page, "is no weight")
        word(page, "OK")
        scan(page, "412,5")
        expect(page.locator("[data-chute-weight]")).to_have_text("412.5")
        all_sent(page)
    assert weights(farm, one) == [(412.5, "ok")]
    assert weights(farm, other) == []


def test_the_page_stays_open_while_the_office_is_away(
    farm: Farm, pair: list[dict[str, Any]], numbers: Iterator[int]
) -> None:
    name = f"Tired {next(numbers)}"
    product = a_product(farm, name, 2, days=3)
    day = date.today() - timedelta(days=2)  # noqa: DTZ011 - the farm's day is this machine's
    lot = {"lot_no": "L1", "expires_on": day.isoformat()}
    assert farm.change("PATCH", f"products/{product['id']}", lot).status_code == 200
    with office_page(farm, f"{CHUTE}/begin", PHONE) as page:
        page.get_by_label("Name").fill(name)
        page.get_by_label(f"{name} (3 days) · lot L1 expired").check()
        page.keyboard.press("Enter")
        word(page, "SCAN")
        session = page.url
        page.context.set_offline(True)
        scan(page, pair[0]["lf_tag"])
        word(page, "KEPT")
        scan(page, "390")
        expect(page.locator("[data-chute-doses]")).to_contain_text(f"lot L1 expired on {day}")
        page.get_by_role("link", name="End the session").press("Enter")
        told(page, "The office cannot be reached.")
        waiting = page.locator("[data-chute-count]")
        expect(waiting).to_have_text("2 waiting")  # the weight, and what it was given
        box = waiting.bounding_box()
        assert box
        assert box["y"] + box["height"] < PHONE[1]  # on the first screen
        assert page.url == session
        scan(page, pair[1]["lf_tag"])
        scan(page, "380")
        page.context.set_offline(False)
        all_sent(page)
        page.get_by_role("link", name="End the session").press("Enter")
        page.get_by_role("button", name="End it").press("Enter")
        expect(page.locator("[data-region=session]")).to_contain_text("ended", timeout=SOON)
        all_sent(page)
    assert [weights(farm, one) for one in pair] == [[(390, "ok")], [(380, "ok")]]


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_a_look_at_another_page_lets_nobody_go_unconfirmed(
    farm: Farm, pair: list[dict[str, Any]], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    product = a_product(farm, f"Tired {next(numbers)}", 2, days=3)
    session = farm.post("sessions", {"tasks": {"treat": [product["id"]]}}).json()["id"]
    with office_page(farm, f"{CHUTE}?session={session}", size) as page:
        word(page, "SCAN")
        scan(page, pair[0]["lf_tag"])
        scan(page, "390")
        expect(page.locator("[data-chute-doses]")).to_contain_text("with the next animal")
        page.get_by_role("link", name="Everything about this animal").click()
        page.wait_for_url("**/office/cattle/*")
        page.goto(f"{farm.office_url}{CHUTE}?session={session}")
        told(page, "was not confirmed when this page was left")
        expect(page.locator("[data-chute-weight]")).to_have_text("390")
        scan(page, pair[1]["lf_tag"])
        word(page, "OK")
        all_sent(page)
        page.go_back()
        page.wait_for_url("**/office/cattle/*")
        page.go_forward()
        word(page, "OK")  # who stands there now
        expect(page.locator("[data-chute-weight]")).to_have_text("–")
        scan(page, "380")
        all_sent(page)
        page.get_by_role("link", name="Without a session").click()
        word(page, "SCAN")
        all_sent(page)
    given = [[one for *one, _ in treatments(farm, animal)] for animal in pair]
    assert given == [[[product["id"], 7.8]], [[product["id"], 7.6]]]
    assert [weights(farm, one) for one in pair] == [[(390, "ok")], [(380, "ok")]]


def test_a_move_that_waits_is_taken_back_to_the_pen_where_the_animal_stood(
    farm: Farm, pair: list[dict[str, Any]]
) -> None:
    here, there = (a_pen(farm, f"T{pair[0]['id']}{name}")["id"] for name in "AB")
    farm.post(f"cattle/{pair[0]['id']}/move", {"pen_id": here})
    tasks = {"sort": {"by": "weight", "rules": [{"pen_id": there}]}}
    session = farm.post("sessions", {"tasks": tasks}).json()["id"]
    with office_page(farm, f"{CHUTE}?session={session}", PHONE) as page:
        word(page, "SCAN")
        page.context.set_offline(True)
        for one in pair:
            scan(page, one["lf_tag"])
            scan(page, "390")
        page.get_by_role("button", name="Take back the move of").click()
        page.context.set_offline(False)
        all_sent(page)
    moves = [
        (row["to"], row["session_id"])
        for row in farm.rows(f"cattle/{pair[0]['id']}/history")
        if row["kind"] == "movement" and row["what"] == "pen"
    ]
    assert farm.get(f"cattle/{pair[0]['id']}").json()["pen"]["id"] == here
    assert [session_id for _, session_id in moves] == [session, session, None]


def test_a_new_lot_is_known_at_the_chute_at_once(
    farm: Farm, pair: list[dict[str, Any]], numbers: Iterator[int]
) -> None:
    name = f"Tired {next(numbers)}"
    path = f"products/{a_product(farm, name, 2, days=3)['id']}"
    with office_page(farm, f"{CHUTE}/begin", PHONE) as page:
        page.get_by_label("Name").fill(name)
        page.get_by_label(f"{name} (3 days)").check()
        page.keyboard.press("Enter")
        word(page, "SCAN")
        scan(page, pair[0]["lf_tag"])
        scan(page, "390")
        doses = page.locator("[data-chute-doses]")
        expect(doses).to_contain_text(name)
        for days, count in ((-2, 1), (90, 0)):
            day = date.today() + timedelta(days=days)  # noqa: DTZ011 - the farm's day is this machine's
            lot = {"lot_no": f"L{days}", "expires_on": day.isoformat()}
            assert farm.change("PATCH", path, lot).status_code == 200
            expired = doses.get_by_text(f"lot L{days} expired on {day}")
            expect(expired).to_have_count(count, timeout=SOON)
            expect(doses.get_by_text("expired")).to_have_count(count, timeout=SOON)
        assert farm.change("PATCH", path, {"active": False}).status_code == 200
        expect(doses).not_to_contain_text(name, timeout=SOON)


def test_an_answer_takes_no_button_from_the_keyboard(
    farm: Farm, pair: list[dict[str, Any]]
) -> None:
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        scan(page, pair[0]["lf_tag"])
        word(page, "OK")
        held: list[Route] = []
        page.route(SEND, lambda route: route.continue_() if held else held.append(route))
        scan(page, "390")
        expect(page.locator("[data-chute-count]")).to_have_text("1 waiting", timeout=SOON)
        button = page.get_by_role("button", name="Void 390")
        button.focus()
        held[0].continue_()
        all_sent(page)
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("[data-chute-weight]")).to_have_text("–")
        all_sent(page)
    assert weights(farm, pair[0]) == [(390, "void")]
