"""A farm manager's day in the Pi's admin, in a real Chromium: no superuser, no complaint."""

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import a_page
from tests.system.farm import PATIENCE, Farm

pytestmark = [pytest.mark.system, pytest.mark.browser]

SOON = PATIENCE * 1000
PASSWORD = "hay-and-corn-7"
MAKES_A_MANAGER = f"""
from django.contrib.auth.models import Group, User
user = User.objects.create_user("fred", password="{PASSWORD}")
user.groups.add(Group.objects.get(name="manager"))
"""


@pytest.fixture(scope="module", autouse=True)
def manager(farm: Farm) -> None:
    farm.manage("pi", "shell", "-c", MAKES_A_MANAGER)


def sign_in(page: Page, farm: Farm) -> str:
    admin = f"https://127.0.0.1:{farm.pi_port}/admin/"
    page.goto(admin)
    page.get_by_label("Username").fill("fred")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="The farm")).to_be_visible(timeout=SOON)
    return admin


def test_a_manager_finds_moves_and_weighs_an_animal(farm: Farm) -> None:
    farm.hear("hxb:ADM1:840003555555555:")
    farm.payload_that_says("hxb:ADM1:840003555555555:")
    complaints: list[str] = []
    with a_page(complaints=complaints) as page:
        admin = sign_in(page, farm)
        page.goto(f"{admin}herd/pen/add/")
        page.get_by_label("Pen number").fill("ADMPEN")
        page.get_by_label("Capacity").fill("1")
        page.get_by_role("button", name="Save", exact=True).click()
        page.goto(f"{admin}herd/animal/?q=840+003+555555555")
        page.locator("input.action-select").first.check()
        page.locator("select[name=action]").select_option("move_animals")
        page.get_by_role("button", name="Go").click()
        page.locator(".select2-selection").click()
        page.locator(".select2-search__field").fill("admp")
        page.get_by_role("option", name="ADMPEN").click()
        page.get_by_role("button", name="Show what it would do").click()
        expect(page.get_by_text("which then holds 1 of 1 head")).to_be_visible(timeout=SOON)
        page.get_by_role("button", name="Apply").click()
        expect(page.locator(".messagelist")).to_contain_text("1 animal to pen ADMPEN")
        page.goto(f"{admin}herd/animal/?q=840003555555555")
        page.locator("#result_list tbody th a").first.click()
        expect(page.get_by_text("840003555555555").first).to_be_visible()
        page.get_by_label("Notes").fill("limps")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    (row,) = farm.rows("cattle", tag="840003555555555")
    assert (row["pen"]["pen_number"], row["notes"]) == ("ADMPEN", "limps")
    assert complaints == []


# What is wider than its place, where that hides it or lets it be scrolled.
CUT = """[...document.querySelectorAll("#content, #content *")]
  .filter((one) => one.checkVisibility() && !one.closest("select, .select2-container"))
  .filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).overflowX !== "visible")
  .map((one) => `${one.scrollWidth} in ${one.clientWidth}: ${one.outerHTML.slice(0, 120)}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_1280_pixels_nothing_is_cut_off_in_the_offices_colours(farm: Farm, scheme: str) -> None:
    farm.hear("hxb:A-RATHER-LONG-LOT:840003555555001:E28011606000020000000001")
    farm.payload_that_says("hxb:A-RATHER-LONG-LOT:840003555555001:E28011606000020000000001")
    (row,) = farm.rows("cattle", tag="840003555555001")
    tables = ("animal", "batch", "pen", "weightrecord", "tagpairing", "movement", "journalentry")
    paths = [f"herd/{table}/" for table in tables] + ["lora/lorapayload/", "lora/source/"]
    paths += [f"herd/animal/{row['id']}/{page}/" for page in ("change", "history", "do/weigh")]
    with a_page() as page:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        admin = sign_in(page, farm)
        for path in paths:
            page.goto(admin + path)
            assert page.evaluate(CUT) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(246, 247, 244)", "dark": "rgb(16, 22, 20)"}[scheme]


@pytest.mark.parametrize(
    "path",
    [
        "herd/animal/",
        "herd/batch/add/",
        "herd/weightrecord/add/",
        "lora/lorapayload/",
        "herd/journalentry/",
        "herd/reversiblechange/",
    ],
)
def test_every_page_of_the_admin_complains_of_nothing(farm: Farm, path: str) -> None:
    complaints: list[str] = []
    with a_page(complaints=complaints) as page:
        page.goto(sign_in(page, farm) + path)
        expect(page.locator("#content")).to_be_visible()
    assert complaints == []
