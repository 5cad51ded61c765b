"""Debian's Chromium, driven as a person would use it: signed in at the office."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

from tests.system.farm import Farm, wait_until

HOW_TO_GET_IT = "sudo apt-get install chromium"
PHONE = (390, 844)
DESKTOP = (1280, 800)


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def office_page(
    farm: Farm,
    path: str,
    size: tuple[int, int] = DESKTOP,
    complaints: list[str] | None = None,
    account: tuple[str, str] | None = None,
) -> Iterator[Page]:
    """A page of the office, signed in as `account` or the administrator; console errors, reports
    of the content security policy among them, go to `complaints`."""
    with a_page(size, complaints) as page:
        sign_in(page, farm, path, account)
        yield page


@contextmanager
def a_page(size: tuple[int, int] = DESKTOP, complaints: list[str] | None = None) -> Iterator[Page]:
    """A new browser's page; the Pi's own certificate is taken, as somebody in the barn would."""
    executable = chromium()
    assert executable, f"Chromium is missing: {HOW_TO_GET_IT}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, ignore_https_errors=True
        )
        page = context.new_page()
        if complaints is not None:
            page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()


def sign_in(page: Page, farm: Farm, path: str, account: tuple[str, str] | None = None) -> None:
    username, password = account or (farm.account["username"], farm.account["password"])
    page.goto(f"{farm.office_url}/login?{urlencode({'next': path})}")
    page.get_by_label("Name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{farm.office_url}{path}")


# What a page is told when it opens is nothing new to it, and its banner says "live" before that.
@contextmanager
def told_page(page: Page) -> Iterator[None]:
    """Wait, after what is done inside opened a page, until that page has been told its state."""
    told: list[Page] = []
    page.on("framenavigated", lambda _frame: told.clear())
    page.on("websocket", lambda socket: socket.on("framereceived", lambda _: told.append(page)))
    yield

    def has_been_told() -> bool:
        page.wait_for_timeout(20)  # the events come in while the page is asked something
        return bool(told)

    wait_until(has_been_told, "the page has been told its state")


# A mark is gone after three seconds: who looks now and then may never see it.
MARK_KEEPER = """() => {
  window.markedRows = [];
  const noteMark = ({ target, addedNodes }) => {
    for (const row of [target, ...addedNodes]) {
      if (row.classList?.contains("fresh")) window.markedRows.push(row.textContent);
    }
  };
  new MutationObserver((changes) => changes.forEach(noteMark)).observe(
    document.body, { childList: true, subtree: true, attributeFilter: ["class"] });
}"""


def keep_marks(page: Page) -> None:
    """Remember from now on the text of each row that is marked as new; see `marked_rows`."""
    page.evaluate(MARK_KEEPER)


def marked_rows(page: Page) -> list[str]:
    texts: list[str] = page.evaluate("window.markedRows")
    return texts
