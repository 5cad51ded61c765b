"""Debian's Chromium, driven as a person would use it: signed in at the office."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

from tests.system.farm import Farm

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
