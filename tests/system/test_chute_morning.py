"""A morning at the chute: readers, scales and radios, mistakes, a cut link. At the end each weight,
move and treatment is on the Pi once, and the session's CSV says the same."""

import csv
import io
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import office_page
from tests.system.editing import SOON, a_pen, heard
from tests.system.farm import Farm, wait_until
from tests.system.test_chute import CHUTE, SHOTS, a_product, all_sent, scan, word

pytestmark = [pytest.mark.system, pytest.mark.browser]

CUT_SECONDS = float(os.environ.get("HEXABRAND_CUT_SECONDS", "3"))
REPLACED, VOIDED, SUSPECT, HELD, TAKEN_BACK = {1, 2, 3}, {6, 7}, 8, 10, 11
NEW, PUT = {12, 13}, {15, 16}
HEAD, CUT = 60, range(30, 39)
MORNINGS = [((1366, 768), "light"), ((820, 1180), "barn"), ((390, 844), "barn")]
TIMES = """() => {
  const box = document.getElementById("chute-box");
  const state = document.querySelector("[data-chute-state]");
  let began = 0;
  window.cardTimes = [];
  box.form.addEventListener("submit", () => {
    began = /^[0-9A-F]{15,}$/.test(box.value) ? performance.now() : 0;
  }, true);
  new MutationObserver(() => {
    if (!began || state.dataset.word === "wait") return;
    window.cardTimes.push(performance.now() - began);
    began = 0;
  }).observe(document.querySelector("[data-fact=tag]"), { childList: true });
}"""


@dataclass
class Passing:
    """One animal on its way through, and what the Pi must have of it at the end."""

    tag: str
    kg: int
    pen: dict[str, Any]
    is_by_radio: bool = False
    id: int = 0
    lid: str = ""
    weights: list[tuple[float, str]] = field(default_factory=list)
    moves: list[str] = field(default_factory=list)
    treated: list[tuple[int, float | None, bool]] = field(default_factory=list)

    @property
    def word(self) -> str:
        return f"PEN{self.pen['pen_number']}"


@dataclass
class Morning:
    """What was set up on the Pi before it."""

    farm: Farm
    number: int
    pens: list[dict[str, Any]]
    products: list[dict[str, Any]]
    passing: list[Passing]


@pytest.fixture
def morning(farm: Farm, numbers: Iterator[int]) -> Morning:
    number = next(numbers)
    pens = [a_pen(farm, f"M{number}{name}") for name in "ABC"]
    products = [
        a_product(farm, f"Oxytet M{number}", 2, days=28),
        a_product(farm, f"Ivomec M{number}", None),
    ]
    tags = [
        (f"84000377{number:03d}{pk:04d}", f"E2801160{number:06d}{pk:010d}") for pk in range(HEAD)
    ]
    known = [place for place in range(HEAD) if place not in NEW]
    for place in known[:-1]:
        farm.hear(f"hxb:MORNING{number}:{tags[place][0]}:{tags[place][1]}")
    last = heard(farm, f"MORNING{number}", *tags[known[-1]])
    ids = {
        row["lf_tag"]: row["id"]
        for row in farm.rows("cattle", batch=last["batch"]["id"], limit=100)
    }
    passing = []
    for place, (lf, uhf) in enumerate(tags):
        kg = 380 + 5 * (place % 20)
        pen = pens[0 if kg < 400 else 1 if kg < 450 else 2]
        one = Passing((lf, uhf)[place % 2], kg, pen, place % 5 == 4 and place not in CUT)
        one.id = ids.get(lf, 0)
        passing.append(one)
    made = Morning(farm, number, pens, products, passing)
    for place, one in enumerate(passing):
        prepare(made, place, one)
    return made


def prepare(made: Morning, place: int, one: Passing) -> None:
    farm, number = made.farm, made.number
    oxytet, ivomec = (product["id"] for product in made.products)
    one.weights, one.moves = [(one.kg, "ok")], [one.pen["pen_number"]]
    one.treated = [(oxytet, one.kg / 50, True), (ivomec, None, True)]
    if place in REPLACED:
        one.weights.append((one.kg + 100, "void"))
    if place == SUSPECT:
        was_here = farm.change("PATCH", f"cattle/{one.id}", {"induction_date": day(60)[:10]})
        assert was_here.status_code == 200, was_here.text
        for ago, kg in ((12, 300), (10, 305)):
            weighed = {"weight_kg": str(kg), "recorded_at": day(ago)}
            assert farm.post(f"cattle/{one.id}/weights", weighed).status_code == 201
    if place == HELD:
        treated = farm.post(f"cattle/{one.id}/treatments", {"product_id": oxytet, "amount": "9"})
        assert treated.status_code == 201, treated.text
        one.moves, one.treated = [], []
    if place == TAKEN_BACK:
        one.treated[1] = (ivomec, None, False)
    if place in NEW | PUT:
        one.lid, one.tag = one.tag, f"9005{number:04d}{place:07d}"  # a tag that nobody knows
    if one.is_by_radio:
        one.lid = f"M{number}-{place}"
        farm.change("PATCH", f"cattle/{one.id}", {"livestock_id": one.lid})


def day(ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=ago)).isoformat()


# -- what the crew does -----------------------------------------------------------------------


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def begin(page: Page, made: Morning) -> int:
    # The office asks the Pi now and then which radios it hears.
    wait_until(lambda: page.reload() and page.locator("#id_source option").count() > 1, "a radio")
    page.get_by_label("Name").fill(f"Morning {made.number}")
    for product in made.products:
        page.get_by_label(product["name"]).check()
    page.get_by_label("Sort by").select_option("weight")
    a, b, c = (pen["pen_number"] for pen in made.pens)
    page.get_by_label("Where they go").fill(f"400 = {a}\n450 = {b}\n{c}")
    page.get_by_label("Listens to").select_option(index=1)
    page.get_by_role("button", name="Begin").click()
    word(page, "SCAN")
    page.evaluate(TIMES)
    return int(page.url.rpartition("=")[2])


def take(page: Page, made: Morning, place: int, one: Passing) -> None:
    if one.is_by_radio:
        made.farm.hear(f"event:hxbchk{made.number}{place:03d}|lid:{one.lid}|weight:{one.kg}.0")
        shown = page.locator("[data-fact=livestock_id]")
        expect(shown).to_have_text(one.lid, timeout=SOON)
        word(page, one.word)
        return
    scan(page, one.tag)
    word(page, "NEW" if place in NEW | PUT else "HOLD" if place == HELD else "OK")
    scan(page, f"{one.kg + 100 if place in REPLACED else one.kg}")
    if place in REPLACED:
        scan(page, f"ST,GS,+{one.kg:6d}.0kg")
        press(page, f"Replace {one.kg + 100} by {one.kg}.0")
    if place in VOIDED:
        press(page, f"Void {one.kg}")
        press(page, f"{one.kg} is not void")
    if place == SUSPECT:
        page.get_by_role("button", name=f"{one.kg} is right").click(timeout=SOON)
    if place == TAKEN_BACK:
        press(page, "Treat now")
        page.locator("[data-chute-doses] button", has_text="Ivomec").click()
    if place in NEW:
        enter_new(page, place)
    if place in PUT:
        put_on(page, one)
    word(page, "HOLD" if place == HELD else one.word)


def enter_new(page: Page, place: int) -> None:
    press(page, "New animal here")
    page.get_by_label("Visual id").fill(f"N{place}")
    page.get_by_label("Sex").select_option("Heifer")
    press(page, "Enter the new animal")
    expect(page.locator("[data-fact=visual_id]")).to_contain_text(f"N{place}", timeout=SOON)


def put_on(page: Page, one: Passing) -> None:
    page.get_by_role("button", name="Put this tag on").click()
    page.get_by_label("The animal: any tag").fill(one.lid)  # the tag that it has lost
    page.keyboard.press("Enter")
    page.locator("[data-chute-found] button").last.click(timeout=SOON)
    expect(page.locator("[data-fact=tag]")).not_to_be_empty(timeout=SOON)


def work(page: Page, made: Morning) -> None:
    began = 0.0
    for place, one in enumerate(made.passing):
        if place == CUT.start:
            all_sent(page)
            made.farm.processes["pi web"].send(signal.SIGSTOP)
            began = time.monotonic()
        take(page, made, place, one)
        if SHOTS and place in {SUSPECT, TAKEN_BACK, CUT[-1]}:
            width = page.evaluate("innerWidth")
            page.screenshot(path=f"{SHOTS}/morning-{place}-{width}.png", full_page=True)
        if place == CUT[-1]:
            expect(page.locator("[data-chute-count]")).to_contain_text("waiting")
            time.sleep(max(0.0, CUT_SECONDS - (time.monotonic() - began)))
            made.farm.processes["pi web"].send(signal.SIGCONT)
            expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
            all_sent(page)


# -- what the Pi has --------------------------------------------------------------------------


def found(farm: Farm, one: Passing, session: int) -> Passing:
    """What the Pi has of an animal in the session."""
    (row,) = farm.rows("cattle", tag=one.tag) if not one.is_by_radio else [{"id": one.id}]
    past = farm.rows(f"cattle/{row['id']}/history", limit=200)
    here = [entry for entry in past if entry.get("session_id") == session]
    moves = [entry["to"] for entry in here if entry["kind"] == "movement"]
    weights = [(e["weight_kg"], e["quality"]) for e in here if e["kind"] == "weight"]
    return Passing(
        one.tag,
        one.kg,
        one.pen,
        one.is_by_radio,
        row["id"],
        one.lid,
        sorted(weights),
        moves,
        sorted(
            (entry["product_id"], entry["amount"], entry["voided_at"] is None)
            for entry in farm.rows(f"cattle/{row['id']}/treatments")
            if entry["session_id"] == session
        ),
    )


def lines_of(made: Morning, session: int) -> list[tuple[str, ...]]:
    """The session's CSV: each weight with where the animal went and what it was given."""
    text = made.farm.get(f"sessions/{session}.csv").text
    named = ("lf_tag", "uhf_tag", "weight_kg", "quality", "sorted_to", "treated")
    return sorted(tuple(row[name] for name in named) for row in csv.DictReader(io.StringIO(text)))


def lines_expected(made: Morning, one: Passing) -> list[tuple[str, ...]]:
    tags = made.farm.get(f"cattle/{one.id}").json()
    names = {product["id"]: product["name"] for product in made.products}
    given = sorted(  # as they were offered
        f"{names[pk]} {amount:g} ml" if amount else names[pk]
        for pk, amount, stands in one.treated
        if stands
    )
    pen = one.pen["pen_number"] if one.moves else ""
    about = (tags["lf_tag"] or "", tags["uhf_tag"] or "")
    return [(*about, str(float(kg)), quality, pen, "; ".join(given)) for kg, quality in one.weights]


@pytest.mark.parametrize(
    ("size", "look"), MORNINGS, ids=[f"{size[0]}-{look}" for size, look in MORNINGS]
)
def test_all_that_a_crew_confirmed_is_on_the_pi_once(
    farm: Farm, morning: Morning, size: tuple[int, int], look: str
) -> None:
    complaints: list[str] = []
    with office_page(farm, f"{CHUTE}/begin", size, complaints) as page:
        page.evaluate(f"localStorage.setItem('theme', '{look}')")
        page.reload()
        session = begin(page, morning)
        work(page, morning)
        times = page.evaluate("cardTimes")
        page.get_by_role("link", name="End the session").click()
        press(page, "End it")
        expect(page.locator("[data-region=session]")).to_contain_text("ended", timeout=SOON)
        all_sent(page)
        page.goto(f"{farm.office_url}/office/pens?q=M{morning.number}")
        expect(page.locator(".pen .held")).to_have_count(3, timeout=SOON)
    print(f"Enter to the next card: median {median(times):.0f} ms of {len(times)}")
    assert median(times) < 2000  # 60 are promised, on a machine that does nothing else
    expected = []
    for one in morning.passing:
        has = found(farm, one, session)
        one.id, one.weights = has.id, sorted(one.weights)
        assert has == one
        expected += lines_expected(morning, one)
    assert lines_of(morning, session) == sorted(expected)
    summary = farm.get(f"sessions/{session}/summary").json()
    assert (summary["head"], summary["treated"]) == (HEAD, HEAD - 1)
    assert sum(pen["head"] for pen in summary["sorted"]) == HEAD - 1
    assert [one for one in complaints if "Failed to load" not in one] == []
