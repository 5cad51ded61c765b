"""The chute in Chromium: readers and scales that type, corrections, a link that is cut; each weight
once on the Pi."""

import os
import signal
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.system.browser import office_page, sign_in
from tests.system.editing import SOON, a_pen, heard
from tests.system.farm import Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]

CHUTE = "/office/chute"
SHOTS = os.environ.get("HEXABRAND_SCREENSHOTS", "")
PASSWORD = "correct horse battery"
WIDTHS = [(1366, 768), (820, 1180), (390, 844)]


def scan(page: Page, text: str) -> None:
    """A reader or a scale that types, into whatever has the focus."""
    page.keyboard.type(text, delay=1)
    page.keyboard.press("Enter")


def word(page: Page, text: str) -> None:
    expect(page.locator("[data-chute-word]")).to_have_text(text, timeout=SOON)


def all_sent(page: Page) -> None:
    expect(page.locator("[data-chute-count]")).to_have_text("Everything is sent", timeout=SOON)


def weights(farm: Farm, animal: dict[str, Any]) -> list[tuple[float, str]]:
    rows = farm.rows(f"cattle/{animal['id']}/weights")
    return sorted((row["weight_kg"], row["quality"]) for row in rows)


def a_product(farm: Farm, name: str, ml: float | None, days: int = 0) -> dict[str, Any]:
    body = {"name": name, "ml_per_100kg": ml, "withdrawal_days": days}
    made = farm.post("products", body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def treatments(farm: Farm, animal: dict[str, Any]) -> list[tuple[int, float | None, bool]]:
    rows = farm.rows(f"cattle/{animal['id']}/treatments")
    return sorted((row["product_id"], row["amount"], row["voided_at"] is None) for row in rows)


@pytest.fixture
def head(farm: Farm, numbers: Iterator[int]) -> list[dict[str, Any]]:
    number = next(numbers)
    named = [(f"84000355{number:03d}{pk:04d}", f"CHUTE{number}-{pk}") for pk in range(10)]
    for lf, uhf in named[:-1]:
        farm.hear(f"hxb:CHUTE{number}:{lf}:{uhf}")
    last = heard(farm, f"CHUTE{number}", *named[-1])
    found = [farm.rows("cattle", tag=lf) for lf, _ in named[:-1]]
    return [*(rows[0] for rows in found), last]


def test_ten_head_with_a_correction_an_unknown_tag_and_a_cut_link(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    complaints: list[str] = []
    with office_page(farm, CHUTE, complaints=complaints) as page:
        word(page, "SCAN")
        for place, animal in enumerate(head[:4]):
            scan(page, animal["lf_tag"])
            word(page, "OK")
            scan(page, f"0{400 + place}.50")
        expect(page.locator("[data-chute-weight]")).to_have_text("403.50")
        scan(page, "413.5")
        page.get_by_role("button", name="Replace 403.50 by 413.5").click()
        all_sent(page)
        farm.processes["pi web"].send(signal.SIGSTOP)
        for place, animal in enumerate(head[4:8], start=4):
            scan(page, animal["uhf_tag"])  # two inputs, however slow the line
            scan(page, f"{400 + place},5")
        expect(page.locator("[data-chute-count]")).to_have_text("4 waiting", timeout=SOON)
        page.reload()
        expect(page.locator("[data-chute-count]")).to_have_text("4 waiting", timeout=SOON)
        farm.processes["pi web"].send(signal.SIGCONT)
        all_sent(page)
        unknown = f"9001{head[0]['lf_tag'][4:]}"
        scan(page, unknown)
        word(page, "NEW")
        scan(page, "408.5")
        page.get_by_role("button", name="Put this tag on").click()
        page.get_by_label("The animal: any tag").fill(head[8]["lf_tag"])
        page.keyboard.press("Enter")
        page.locator("[data-chute-found] button").last.click()
        word(page, "OK")
        scan(page, f"9002{head[0]['lf_tag'][4:]}")
        word(page, "NEW")
        scan(page, "555")
        page.get_by_role("button", name="New animal here").click()
        page.get_by_label("Visual id").fill("777")
        page.get_by_label("Sex").select_option("Heifer")
        page.get_by_role("button", name="Enter the new animal").click()
        word(page, "OK")
        scan(page, head[9]["lf_tag"])
        scan(page, "409.5")
        all_sent(page)
    for place, animal in enumerate(head):
        kept = [(403.5, "void"), (413.5, "ok")] if place == 3 else [(400.5 + place, "ok")]
        assert weights(farm, animal) == kept, place
    assert farm.get(f"cattle/{head[8]['id']}").json()["lf_tag"] == unknown
    (new,) = farm.rows("cattle", tag=f"9002{head[0]['lf_tag'][4:]}")
    assert (new["visual_id"], new["sex"], weights(farm, new)) == ("777", "Heifer", [(555.0, "ok")])
    assert [one for one in complaints if "Failed to load" not in one] == []


def test_a_browser_that_lost_the_office_keeps_what_is_weighed(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        page.context.set_offline(True)
        for place in (0, 1):
            scan(page, head[place]["lf_tag"])
            word(page, "KEPT")
            scan(page, f"{300 + place}")
        expect(page.locator("[data-chute-count]")).to_have_text("2 waiting")
        assert weights(farm, head[0]) == []
        page.context.set_offline(False)
        all_sent(page)
    assert [weights(farm, animal) for animal in head[:2]] == [[(300.0, "ok")], [(301.0, "ok")]]


def test_a_browser_that_keeps_nothing_sends_all_while_its_page_is_open(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        page.evaluate("void (Storage.prototype.setItem = () => { throw new Error('no room'); })")
        page.context.set_offline(True)
        for place in (0, 1):
            scan(page, head[place]["lf_tag"])
            scan(page, f"{300 + place}")
        expect(page.locator("[data-chute-notice]")).to_contain_text("can keep nothing more")
        expect(page.locator("[data-chute-count]")).to_have_text("2 waiting")
        page.context.set_offline(False)
        all_sent(page)
    assert [weights(farm, animal) for animal in head[:2]] == [[(300.0, "ok")], [(301.0, "ok")]]


def test_what_waits_survives_the_sign_out_and_goes_under_its_own_name(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        farm.processes["pi web"].send(signal.SIGSTOP)
        scan(page, head[0]["lf_tag"])
        scan(page, "333")
        expect(page.locator("[data-chute-count]")).to_have_text("1 waiting", timeout=SOON)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login*")
        farm.processes["pi web"].send(signal.SIGCONT)
        sign_in(page, farm, CHUTE)
        all_sent(page)
    assert weights(farm, head[0]) == [(333.0, "ok")]
    assert farm.rows(f"cattle/{head[0]['id']}/weights")[0]["recorded_by"] == "office:admin"


def test_somebody_else_s_are_sent_when_they_say_so(farm: Farm, head: list[dict[str, Any]]) -> None:
    code = (
        "from django.contrib.auth.models import Group, User;"
        f"ben = User.objects.create_user('ben', password={PASSWORD!r});"
        "ben.groups.add(Group.objects.get(name='manager'))"
    )
    farm.manage("pi", "shell", "-c", code)
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        page.route("**/chute/send", lambda route: route.abort())
        scan(page, head[0]["lf_tag"])
        scan(page, "333")
        expect(page.locator("[data-chute-count]")).to_have_text("1 waiting", timeout=SOON)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/login*")
        page.unroute("**/chute/send")
        sign_in(page, farm, CHUTE, ("ben", PASSWORD))
        expect(page.locator("[data-chute-refused]")).to_contain_text("1 confirmed by admin wait")
        assert weights(farm, head[0]) == []
        page.get_by_role("button", name="Send them under my name").click()
        wait_until(lambda: weights(farm, head[0]), "the weight is on the Pi")
    assert farm.rows(f"cattle/{head[0]['id']}/weights")[0]["recorded_by"] == "office:ben"


def test_radio_reads_and_weights_feed_the_card(farm: Farm, head: list[dict[str, Any]]) -> None:
    one = head[0]
    farm.change("PATCH", f"cattle/{one['id']}", {"livestock_id": f"RADIO{one['id']}"})
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
        farm.hear(f"event:hxbchk1|lid:RADIO{one['id']}|weight:377.5")
        word(page, "OK")
        expect(page.locator("[data-chute-weight]")).to_have_text("377.5", timeout=SOON)


def test_a_reader_s_keys_press_no_button_and_new_tags_wait_for_a_touch(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    lf, uhf = f"84000399{head[0]['id']:07d}", f"{head[0]['id']:024X}"
    with office_page(farm, CHUTE) as page:
        scan(page, head[0]["lf_tag"])
        scan(page, "350")
        page.get_by_role("button", name="Void 350").focus()
        scan(page, "351")
        page.get_by_role("button", name="Keep both").click()
        page.get_by_role("button", name="New tags").click()
        scan(page, lf)
        scan(page, uhf)
        expect(page.locator("[data-chute-tag]").last).to_have_text(uhf)
        assert farm.get(f"cattle/{head[0]['id']}").json()["lf_tag"] == head[0]["lf_tag"]
        page.get_by_role("button", name="Put the tags on").click()
        all_sent(page)
    now = farm.get(f"cattle/{head[0]['id']}").json()
    assert (now["lf_tag"], now["uhf_tag"]) == (lf, uhf)
    assert len(weights(farm, head[0])) == 2


CARD_TIMES = """async (tags) => {
  const box = document.getElementById("chute-box"), times = [];
  for (const tag of tags) {
    const before = document.querySelector("[data-fact=tag]").textContent;
    const began = performance.now();
    box.value = tag;
    box.form.requestSubmit();
    while (document.querySelector("[data-chute-state]").dataset.word === "wait"
      || document.querySelector("[data-fact=tag]").textContent === before) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    times.push(performance.now() - began);
  }
  return times;
}"""


def test_a_scan_that_comes_before_the_script_is_taken(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    with office_page(farm, CHUTE) as page:
        page.goto(f"{farm.office_url}{CHUTE}?line={head[0]['lf_tag']}")
        word(page, "OK")
        expect(page).to_have_url(f"{farm.office_url}{CHUTE}")


def test_from_enter_to_the_next_card(farm: Farm, head: list[dict[str, Any]]) -> None:
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        times = page.evaluate(CARD_TIMES, [one["lf_tag"] for one in head] * 3)
    print(f"card: median {median(times):.0f} ms of {len(times)}")
    assert median(times) < 1000  # 60 are promised, on a machine that does nothing else


LARGE = """() => {
  const px = (of) => parseFloat(getComputedStyle(document.querySelector(of)).fontSize);
  const small = [...document.querySelectorAll(".chute :is(button, input, select)")]
    .filter((one) => one.type !== "hidden" && one.checkVisibility())
    .map((one) => (one.closest("label") ?? one).getBoundingClientRect())
    .filter((box) => box.width < 47.9 || box.height < 47.9).length;
  const outside = [...document.querySelectorAll("[data-chute-word] span")]
    .map((one) => one.getBoundingClientRect())
    .filter((box) => box.left < -1 || box.right > innerWidth + 1).length;
  return [px("[data-chute-word]"), px("[data-chute-weight]"), small,
    document.documentElement.scrollWidth, outside];
}"""


def test_what_was_found_for_one_animal_is_not_there_for_the_next_one(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    with office_page(farm, CHUTE) as page:
        word(page, "SCAN")
        found = page.locator("[data-chute-found] button")
        for digit in (3, 4):
            scan(page, f"900{digit}{head[0]['lf_tag'][4:]}")
            word(page, "NEW")
            page.get_by_role("button", name="Put this tag on").click()
            typed = page.get_by_label("The animal: any tag")
            expect(typed).to_have_value("")
            expect(found).to_have_count(0)
            typed.fill(head[digit]["lf_tag"])
            page.keyboard.press("Enter")
            expect(found).to_have_count(1, timeout=SOON)
            page.get_by_role("button", name="Cancel").click()


@pytest.mark.parametrize("theme", ["light", "dark", "barn"])
@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
def test_it_is_read_at_three_metres_touched_with_gloves_and_accessible(
    farm: Farm, head: list[dict[str, Any]], size: tuple[int, int], theme: str
) -> None:
    farm.change(
        "PATCH", f"cattle/{head[0]['id']}", {"visual_id": "755", "health": "Limps, left hind"}
    )
    here, other = (a_pen(farm, f"{head[0]['id']}-NORTH-{name}")["id"] for name in "AB")
    farm.post(f"cattle/{head[0]['id']}/move", {"pen_id": other})
    treat = [a_product(farm, f"{name} {here}", 2.5)["id"] for name in ("Oxytet", "Ivomec")]
    session = farm.post("sessions", {"pen_id": here, "tasks": {"treat": treat}}).json()["id"]
    complaints: list[str] = []
    with office_page(farm, CHUTE, size, complaints) as page:
        page.evaluate(f"localStorage.setItem('theme', '{theme}')")
        page.reload()
        tag = head[0]["lf_tag"]
        for read, said in ((tag, "OK"), ("900555000000001", "NEW"), (tag, "WRONGPEN")):
            if said == "WRONGPEN":
                page.goto(f"{farm.office_url}{CHUTE}?session={session}")
            scan(page, read)
            word(page, said)
            scan(page, "425")
            scan(page, "435")
            if said == "WRONGPEN":
                give_all_but_one(page)
            big, kg, small, width, outside = page.evaluate(LARGE)
            assert (big >= 96, kg >= 72, small, width <= size[0]) == (True, True, 0, True)
            assert outside == 0
            found = Axe().run(page).response["violations"]
            bad = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
            assert bad == [], [one["nodes"][0]["html"] for one in found]
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/chute-{said}-{size[0]}-{theme}.png", full_page=True)
    assert complaints == []


def give_all_but_one(page: Page) -> None:
    """By the keyboard alone: the first product is the second stop behind the box."""
    for key in ("Tab", "Tab", "Space"):
        page.keyboard.press(key)
    expect(page.locator("[data-told=left]")).to_have_count(1)
    page.get_by_role("button", name="Treat now").press("Enter")
    expect(page.locator("[data-told=given]")).to_have_count(1)
    expect(page.locator("#chute-box")).to_be_focused()


def test_a_session_pairs_a_new_tag_with_the_animal_before_by_one_touch(
    farm: Farm, numbers: Iterator[int]
) -> None:
    number = next(numbers)
    lf, uhf = f"84000356{number:07d}", f"E2801160{number:016d}"
    animal = farm.post("cattle", {"lf_tag": lf}).json()
    with office_page(farm, f"{CHUTE}/begin", size=(390, 844)) as page:
        page.get_by_label("Pair tags").check()
        page.get_by_role("button", name="Begin", exact=True).click()
        scan(page, lf)
        word(page, "OK")
        scan(page, "425")
        scan(page, uhf)
        word(page, "PAIR")
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/chute-pair.png")
        page.get_by_role("button", name=f"Put it on …{lf[-6:]}").click()
        word(page, "OK")
        expect(page.locator("[data-chute-weight]")).to_have_text("425")
        all_sent(page)
    assert farm.get(f"cattle/{animal['id']}").json()["uhf_tag"] == uhf
    assert weights(farm, animal) == [(425.0, "ok")]


def test_a_session_sorts_into_pens_and_the_next_scan_confirms(
    farm: Farm, head: list[dict[str, Any]]
) -> None:
    pens = [a_pen(farm, f"S{head[0]['id']}{name}") for name in "AB"]
    names = [one["pen_number"] for one in pens]
    product = a_product(farm, f"Ivomec {head[0]['id']}", 2)
    with office_page(farm, f"{CHUTE}/begin") as page:
        page.get_by_label("Name").fill("Fall sort")
        page.get_by_label(product["name"]).check()
        page.get_by_label("Sort by").select_option("weight")
        page.get_by_label("Where they go").fill(f"400 = {names[0]}\n{names[1]}")
        page.get_by_role("button", name="Begin").click()
        expect(page.locator("[data-region=session]")).to_contain_text("Fall sort")
        for animal, kg in zip(head[:3], (399, 401, 402), strict=True):
            scan(page, animal["lf_tag"])
            word(page, "OK")
            scan(page, str(kg))
            word(page, f"PEN{names[kg >= 400]}")
        page.get_by_role("button", name="Do not move").click()
        scan(page, head[0]["uhf_tag"])
        word(page, "AGAIN")
        expect(page.locator("[data-chute-doses]")).to_contain_text("given; touch to take it back")
        page.get_by_role("button", name="Take back the treatment").click()
        all_sent(page)
        expect(page.locator("[data-region=session]")).to_contain_text("3 head weighed")
        page.get_by_role("link", name="End the session").click()
        page.get_by_role("button", name="End it").click()
        expect(page.locator("[data-region=session]")).to_contain_text("ended")
    held = [farm.get(f"cattle/{one['id']}").json()["pen"] for one in head[:3]]
    assert [pen and pen["id"] for pen in held] == [pens[0]["id"], pens[1]["id"], None]
    (session,) = farm.rows("sessions", search="Fall sort")
    given = [treatments(farm, one) for one in head[:3]]
    assert given == [[(product["id"], 8.0, place != 2)] for place in range(3)]
    weighed = [farm.rows(f"cattle/{one['id']}/weights")[0]["session_id"] for one in head[:3]]
    assert weighed == [session["id"]] * 3
