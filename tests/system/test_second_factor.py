"""A second factor at the office's door: a real Pi, a real office, TLS between them."""

import pytest
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from tests.system.browser import a_page
from tests.system.editing import SOON
from tests.system.farm import Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]

KEY = "3132333435363738393031323334353637383930"
PASSWORD = "correct horse battery"
WRONG = "000000x"  # no app shows a letter


def code(steps: int = 0) -> str:
    """What an app shows now, or so many steps of 30 s from now."""
    return f"{totp(bytes.fromhex(KEY), drift=steps):06}"


@pytest.fixture(scope="module")
def backup(farm: Farm) -> list[str]:
    """The backup codes of a manager whose second factor is on."""
    script = (
        "from django.contrib.auth.models import Group, User; from remote.api import second_factor;"
        f"ana = User.objects.create_user('ana', password={PASSWORD!r});"
        "ana.groups.add(Group.objects.get(name='manager'));"
        f"print('codes', *second_factor.turn_on(ana, {KEY!r}, {code(-1)!r}))"
    )
    printed = farm.manage("pi", "shell", "-c", script)
    return next(line for line in printed.splitlines() if line.startswith("codes")).split()[1:]


def enter(page: Page, farm: Farm, given: str = "", password: str = PASSWORD) -> None:
    """Sign in as a person does: name and password, and the code once it is asked for."""
    page.context.clear_cookies()
    page.goto(f"{farm.office_url}/login")
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    if given:
        page.get_by_label("Code").fill(given)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()


def is_in(page: Page, farm: Farm) -> None:
    page.wait_for_url(f"{farm.office_url}/office/", timeout=SOON)


def refusal(page: Page) -> str:
    expect(page.get_by_role("alert")).to_be_visible(timeout=SOON)
    return page.get_by_role("alert").inner_text()


def test_the_office_asks_for_the_code_which_counts_once(farm: Farm, backup: list[str]) -> None:
    assert farm.account["pairing"]  # the office knows the Pi by its certificate alone
    assert farm.get("status").url.startswith("https://")
    shown = code()
    with a_page() as page:
        enter(page, farm)
        assert "authenticator app" in refusal(page)
        expect(page.get_by_label("Code")).to_be_visible()
        enter(page, farm, WRONG)
        assert "This code is wrong" in refusal(page)
        enter(page, farm, f"{shown[:3]} {shown[3:]}")
        is_in(page, farm)
        enter(page, farm, shown)
        assert "was used already" in refusal(page)
        enter(page, farm, backup[0])
        is_in(page, farm)
        enter(page, farm, backup[0])
        assert "was used already" in refusal(page)
        enter(page, farm, backup[1])
        is_in(page, farm)


def test_wrong_codes_are_slowed_down_until_a_shell_takes_the_factor_off(
    farm: Farm, backup: list[str]
) -> None:
    assert backup
    with a_page() as page:
        enter(page, farm, WRONG)
        for _ in range(8):
            if "Try again in" in refusal(page):
                break
            page.get_by_label("Code").fill(WRONG)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
        assert "Try again in" in refusal(page)
        assert "password alone" in farm.manage("pi", "second_factor_off", "ana")

        def comes_in() -> bool:
            enter(page, farm)
            return "/login" not in page.url

        wait_until(comes_in, "the wait is over")
        expect(page.get_by_label("Code")).to_have_count(0)
