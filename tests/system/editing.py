"""What the tests of changes share: animals and pens of their own, forms, what a page says."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.system.browser import DESKTOP, PHONE
from tests.system.farm import PATIENCE, Farm

SOON = PATIENCE * 1000
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def heard(farm: Farm, batch: str, lf: str, uhf: str) -> dict[str, Any]:
    farm.hear(f"hxb:{batch}:{lf}:{uhf}")
    farm.payload_that_says(f"hxb:{batch}:{lf}:{uhf}")
    (row,) = farm.rows("cattle", tag=lf)
    return row


def a_pen(farm: Farm, number: str, capacity: int = 0) -> dict[str, Any]:
    made = farm.post("pens", {"pen_number": number, "capacity": capacity})
    assert made.status_code == 201, made.text
    return dict(made.json())


def said(page: Page) -> str:
    message = page.locator(".message.success, .errorlist").first
    expect(message).to_be_visible(timeout=SOON)
    return message.inner_text()


def send(page: Page, button: str) -> str:
    page.locator("form.form").get_by_role("button", name=button).click()
    return said(page)
