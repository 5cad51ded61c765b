"""Ten questions of a manager, each answered within two clicks of the dashboard, as the Pi knows it.

A click is a link that is followed or a filter that is sent."""

import base64
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from herd.causes import CAUSES
from herd.local_time import localtime
from remote.office.pages.batches import target_of
from tests.system.browser import office_page
from tests.system.editing import SOON
from tests.system.farm import Farm

pytestmark = [pytest.mark.system, pytest.mark.browser]

CLICKS = 2
HEAD = "180"
FILE = "bigw.csv"
ON_FEED, LEFT = {"active", "pending"}, ("exported", "sold", "dead")
PASSWORD = "correct horse battery"
PEOPLE = f"""
from django.contrib.auth.models import Group, User
managers = Group.objects.get(name="manager")
for name in ("vera", "carl"):
    User.objects.create_user(name, password={PASSWORD!r}).groups.add(managers)
"""
LOT, PEN, TARGET_KG = "LOT8895", "P02", 650


class FarmWithPast(Farm):
    """Its herd has 120 days behind it."""

    def set_up_pi(self) -> None:
        super().set_up_pi()
        self.manage("pi", "simulate_past", "--head", HEAD)
        self.manage("pi", "shell", "-c", PEOPLE)


class Manager:
    """Begins at the dashboard, and counts the clicks."""

    def __init__(self, page: Page, farm: Farm) -> None:
        self.page, self.farm, self.clicks = page, farm, 0
        page.goto(f"{farm.office_url}/office/")
        expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)

    def click(self, what: Locator) -> None:
        self.clicks += 1
        what.click(timeout=SOON)

    def menu(self, name: str) -> None:
        self.click(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name))

    def link(self, name: str | re.Pattern[str]) -> None:
        main = self.page.get_by_role("main")
        self.click(main.get_by_role("link", name=name, exact=True))

    def show(self, **fields: str) -> None:
        for label, value in fields.items():
            self.page.get_by_label(label, exact=True).fill(value)
        self.click(self.page.get_by_role("button", name="Show", exact=True))

    def search(self, text: str) -> None:
        self.page.get_by_label("Scan or type a tag").fill(text)
        self.clicks += 1
        self.page.keyboard.press("Enter")

    def rows(self, within: str = "main") -> list[list[str]]:
        """The cells of each row of a table."""
        cells = "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
        found: list[list[str]] = self.page.locator(f"{within} tbody tr").evaluate_all(cells)
        return found

    def acts(self, day: str) -> list[tuple[str, str]]:
        """What the journal on the page has of a day: what was done, and by whom."""
        card = self.page.locator("section.card", has=self.page.locator("h2", has_text=day))
        expect(card).to_be_visible(timeout=SOON)
        found = card.locator("tbody tr")
        deeds, people = (found.locator(f"td:nth-child({n})").all_inner_texts() for n in (2, 3))
        return list(zip(deeds, people, strict=True))


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with FarmWithPast(tmp_path_factory.mktemp("farm")) as running:
        a_day_of_work(running)
        yield running


@pytest.fixture(scope="module")
def desk(farm: Farm) -> Iterator[Page]:
    with office_page(farm, "/office/", account=("vera", PASSWORD)) as page:
        yield page


@pytest.fixture
def manager(desk: Page, farm: Farm) -> Iterator[Manager]:
    asking = Manager(desk, farm)
    yield asking
    assert 1 <= asking.clicks <= CLICKS


def done(farm: Farm, path: str, body: dict[str, Any], person: str, method: str = "POST") -> None:
    answer = farm.change(method, path, body, person=person)
    assert answer.status_code < 300, answer.text


def a_day_of_work(farm: Farm) -> None:
    """What people did beside the past: a move, an import, a dismissal, a batch's own target."""
    (pen,), (lot,) = farm.rows("pens", search=PEN), farm.rows("batches", search=LOT)
    standing = [row["id"] for row in farm.rows("cattle", pen=pen["id"], status="active")]
    (to,) = farm.rows("pens", search="P12")
    moved = {"cattle_ids": standing[:3], "pen_id": to["id"], "reason": "too many", "force": True}
    done(farm, "cattle/move", moved, "vera")
    weighed = farm.rows("cattle", batch=lot["id"], status="active")[:2]
    lines = [f"{row['livestock_id']},{row['last_weight_kg'] + 1}" for row in weighed]
    data = base64.b64encode("\n".join(["LID,Weight", *lines]).encode()).decode()
    done(farm, "imports", {"kind": "weights", "name": FILE, "data": data}, "carl")
    doubted = farm.rows("weights", quality="suspect")[-1]
    items = [{"key": f"suspect:{doubted['id']}", "text": "the lame one"}]
    done(farm, "work-marks", {"kind": "dismissed", "items": items, "reason": "it was two"}, "vera")
    done(farm, f"batches/{lot['id']}", {"target_kg": TARGET_KG}, "vera", "PATCH")


def day(ago: int) -> str:
    return (timezone.localdate() - timedelta(days=ago)).isoformat()


def acts_of(farm: Farm, day: str, **query: Any) -> list[dict[str, Any]]:
    acts = farm.rows("operations", limit=200, **query)
    return [a for a in acts if f"{localtime(datetime.fromisoformat(a['made_at'])):%F}" == day]


def told_of(acts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """As the journal writes them."""
    told = []
    for act in acts:
        door, _, name = act["made_by"].partition(":")
        reason = f" ({act['reason']})" if act["reason"] else ""
        told.append((act["summary"] + reason, f"{name} ({door})" if name else door))
    return told


def ids_of(links: Locator) -> list[int]:
    hrefs = links.evaluate_all("(links) => links.map((link) => link.getAttribute('href'))")
    return [int(href.rpartition("/")[2]) for href in hrefs]


def rows_of_every_way(farm: Farm) -> list[dict[str, Any]]:
    return [row for way in LEFT for row in farm.rows("cattle", status=way, limit=200)]


@pytest.mark.parametrize(("number", "ago"), [("P01", 1), (PEN, 0)])
def test_who_moved_a_pens_cattle_yesterday_or_today(
    manager: Manager, number: str, ago: int
) -> None:
    manager.search(number)
    manager.link("Journal")
    (pen,) = manager.farm.rows("pens", search=number)
    moves = told_of(acts_of(manager.farm, day(ago), pen=pen["id"], kind="move"))
    assert moves
    assert [act for act in manager.acts(day(ago)) if "moved" in act[0]] == moves


def test_which_weights_are_doubted_and_why(manager: Manager) -> None:
    manager.link(re.compile("suspect weights"))
    expect(manager.page.locator("tr[data-key]").first).to_be_visible(timeout=SOON)
    on_page = {row[0].split()[0]: row[1] for row in manager.rows()}
    (mark,) = manager.farm.rows("work-marks", standing="true")
    animals = {row["id"]: row for row in manager.farm.rows("cattle", limit=500)}
    doubted = {
        animals[row["cattle_id"]]["livestock_id"]: row["reason"]
        for row in manager.farm.rows("weights", quality="suspect", limit=200)
        if animals[row["cattle_id"]]["status"] in ON_FEED and mark["key"] != f"suspect:{row['id']}"
    }
    assert len(doubted) > 1
    assert on_page.keys() == doubted.keys()
    assert all(reason in on_page[name] for name, reason in doubted.items())


def test_what_left_in_a_month_and_why(manager: Manager) -> None:
    first, last = day(31), day(0)
    manager.link("What left")
    manager.show(From=first, Until=last)
    expect(manager.page.locator("h1")).to_contain_text(first)
    left = [row for row in rows_of_every_way(manager.farm) if first <= row["left_on"] <= last]
    assert {row["status"] for row in left} == set(LEFT)
    expected = [
        [
            row["livestock_id"],
            row["left_on"],
            row["status"],
            str(CAUSES.get(row["left_cause"], row["left_reason"] or "–")),
            row["batch"]["batch_number"],
        ]
        for row in left
    ]
    shown = [[*row[:2], row[2].split()[-1], *row[3:5]] for row in manager.rows()]
    assert sorted(shown) == sorted(expected)


def test_when_a_lot_will_be_ready(manager: Manager) -> None:
    manager.search(LOT)
    (batch,) = manager.farm.rows("batches", search=LOT)
    animals = manager.farm.rows("cattle", batch=batch["id"], limit=200)
    target = target_of([row for row in animals if row["status"] in ON_FEED], batch)
    assert target is not None
    tile = manager.page.locator("dl.tiles > div", has_text="Target")
    expect(tile).to_contain_text(target["day"].isoformat(), timeout=SOON)
    expect(tile).to_contain_text(f"weigh {TARGET_KG}")


def test_what_an_import_changed(manager: Manager) -> None:
    manager.menu("Journal")
    (act,) = manager.farm.rows("operations", kind="import")
    assert act["summary"].startswith(FILE)
    manager.link(act["summary"])
    expect(manager.page.locator("h1")).to_have_text(act["summary"])
    changed = manager.farm.get(f"operations/{act['id']}").json()["cattle"]
    imported = manager.farm.rows("weights", limit=200)
    assert [one["id"] for one in changed] == sorted(
        row["cattle_id"] for row in imported if row["source"] == "import"
    )
    names = manager.page.locator("ul.names a")
    assert ids_of(names) == [one["id"] for one in changed]
    assert names.all_inner_texts() == [one["name"] for one in changed]


def test_what_was_dismissed(manager: Manager) -> None:
    manager.menu("Work")
    manager.link("Dismissed: 1")
    (mark,) = manager.farm.rows("work-marks", standing="true")
    expect(manager.page.locator(f"tr[data-key='{mark['id']}']")).to_be_visible(timeout=SOON)
    ((what, reason, _again, who, *_rest),) = manager.rows()
    assert (what, reason) == (mark["text"], mark["reason"])
    assert mark["made_by"] == f"office:{who.split()[0]}"


def test_which_animals_are_held_and_until_when(manager: Manager) -> None:
    manager.menu("Cattle")
    manager.clicks += 1
    manager.page.get_by_label("Withdrawal").select_option("held")
    manager.page.wait_for_url("**held=held*")
    held = {
        row["livestock_id"]: row["clear_on"]
        for row in manager.farm.rows("cattle", held="true", limit=500)
        if row["status"] in ON_FEED
    }
    assert held
    expect(manager.page.locator("tr[data-key]")).to_have_count(len(held))
    shown = manager.page.locator("tr[data-key]").evaluate_all(
        "(rows) => rows.map((row) => [row.querySelector('th a').innerText,"
        " row.querySelector('.chip.held').title])"
    )
    assert dict(shown) == held


def test_what_died_and_of_what(manager: Manager) -> None:
    first = day(100)
    manager.menu("Deaths")
    manager.show(From=first)
    expect(manager.page.locator("h1")).to_contain_text(first)
    report = manager.farm.get("reports/deaths", first=first).json()
    died = [row for row in report["data"] if row["kind"] == "death"]
    assert len(died) > 1
    shown = [row for row in manager.rows() if row[1:2] == ["death"]]
    assert [(row[0], row[2], row[3]) for row in shown] == [
        (row["livestock_id"], row["day"], str(CAUSES[row["cause"]])) for row in died
    ]


def test_what_is_on_the_truck_today(manager: Manager) -> None:
    (truck,) = [row for row in manager.farm.rows("shipments") if row["day"] == day(0)]
    manager.link(truck["shipment_number"])
    expect(manager.page.locator("h1")).to_contain_text(truck["shipment_number"])
    planned = manager.farm.rows(f"shipments/{truck['id']}/animals")
    assert len(planned) == truck["planned_count"] > 1
    on_page = ids_of(manager.page.locator("ul.names a"))
    assert sorted(on_page) == sorted(row["cattle"]["id"] for row in planned)


def test_what_changed_today_and_by_whom(manager: Manager) -> None:
    manager.menu("Journal")
    acts = told_of(acts_of(manager.farm, day(0)))
    assert {"vera (office)", "carl (office)"} < {who for _, who in acts}
    assert manager.acts(day(0)) == acts
