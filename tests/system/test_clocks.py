"""The office's clock, the Pi's and a browser's are set wrong, one by one, in real processes."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from herd import system_clock
from tests.system.browser import office_page
from tests.system.editing import SOON, heard
from tests.system.farm import Farm, wait_until

LIBRARY: Final = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)

pytestmark = [
    pytest.mark.system,
    pytest.mark.browser,
    pytest.mark.skipif(
        LIBRARY is None and not os.environ.get("CI"),
        reason="NO FAKETIME, no wrong clock is tried. Type: sudo apt-get install faketime",
    ),
]


class WrongClocks(Farm):
    """Each role has a clock of its own; `right` names the one that a person vouches for."""

    right = "pi"

    def environment(self, role: str) -> dict[str, str]:
        return super().environment(role) | {
            "TRUST_CLOCK": str(role == self.right),
            "LD_PRELOAD": str(LIBRARY),
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_TIMESTAMP_FILE": str(self.root / f"{role}-clock"),
            "FAKETIME_CACHE_DURATION": "1",
        }

    def set_clock(self, role: str, offset: str) -> None:
        (self.root / f"{role}-clock").write_text(offset)

    def start_again(self, name: str) -> None:
        self.processes[name].kill()
        self.start(name)


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WrongClocks]:
    made = WrongClocks(tmp_path_factory.mktemp("clocks"))
    for role in ("pi", "office"):
        made.set_clock(role, "+0d")
    with made:
        heard(made, "CLOCK1", "840003123009901", "EPCCLOCK1")
        yield made


def named(side: str, off: str) -> str:
    """As the pages say it. This machine's own clock may be synchronised, and then both are sure."""
    if system_clock.is_synchronised(trusted=False):
        return f"The clocks of office and Pi differ by {off.rpartition(' ')[0]}"
    return f"The {'Pi' if side == 'pi' else side}'s clock is {off}"


def nothing_is_old(page: Page) -> None:
    wait_until(lambda: page.locator("time[data-ago]").count(), "a time is told")
    told = [one.get_attribute("data-ago") or "" for one in page.locator("time[data-ago]").all()]
    assert not [ago for ago in told if " d " in ago or " h " in ago]


def blamed(page: Page) -> Locator:
    """Clocks, animals and radios on the attention list; a slow machine may stand there as well."""
    words = re.compile("differ|ahead|behind|not seen|silent")
    return page.locator(".attention li").filter(has_text=words)


def all_is_well(page: Page) -> None:
    expect(blamed(page)).to_have_count(0, timeout=SOON)
    expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)


@pytest.mark.parametrize(
    ("role", "offset", "off"),
    [
        ("office", "+13d", "13 days ahead"),
        ("office", "-14d", "14 days behind"),
        ("pi", "+13d", "13 days ahead"),
    ],
)
def test_a_wrong_clock_is_named_and_nothing_else_is_blamed(
    farm: WrongClocks, role: str, offset: str, off: str
) -> None:
    if role == farm.right:
        farm.right = "office" if role == "pi" else "pi"
        farm.start_again("pi web")
        farm.start_again("office web")
        farm.wait_until_it_answers()
    with office_page(farm, "/office/") as page:
        closed: list[str] = []
        page.on("websocket", lambda one: one.on("close", lambda socket: closed.append(socket.url)))
        with page.expect_websocket():
            page.reload()
        all_is_well(page)
        closed.clear()  # that of the page before this one
        farm.set_clock(role, offset)
        item = blamed(page)
        expect(item).to_have_count(1, timeout=SOON)
        expect(item).to_contain_text(named(role, off), timeout=SOON)
        expect(page.locator(".banner.live")).to_be_visible()
        assert closed == []
        page.goto(f"{farm.office_url}/office/status")  # nobody is signed out
        expect(page.get_by_text(named(role, off))).to_be_visible()
        page.goto(f"{farm.office_url}/office/")
        if role == "office":
            nothing_is_old(page)
        farm.set_clock(role, "+0d")
        all_is_well(page)


def test_an_office_that_starts_with_a_wrong_clock_signs_nobody_out(farm: WrongClocks) -> None:
    with office_page(farm, "/office/") as page:
        all_is_well(page)
        farm.right = "pi"
        farm.set_clock("office", "+40d")
        farm.start_again("office web")
        expect(blamed(page)).to_contain_text("40 days", timeout=SOON)
        nothing_is_old(page)
        page.reload()
        expect(blamed(page)).to_contain_text("40 days", timeout=SOON)
        farm.set_clock("office", "+0d")
        all_is_well(page)


def test_a_browser_with_a_wrong_clock_tells_the_same_ages(farm: WrongClocks) -> None:
    with office_page(farm, "/office/") as page:
        page.add_init_script("const now = Date.now; Date.now = () => now() + 13 * 86400000;")
        page.reload()
        all_is_well(page)
        nothing_is_old(page)
