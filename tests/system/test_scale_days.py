"""A scale's day told, looked at, corrected and taken back at the office, with a real Pi."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.system.browser import office_page
from tests.system.editing import SIZES, send
from tests.system.farm import Farm

pytestmark = [pytest.mark.system, pytest.mark.browser]


def weighed(farm: Farm, animal: dict[str, Any], scale: str) -> tuple[int, datetime]:
    """Return the latest of two days' weights of one animal on a scale, and its time."""
    latest = datetime.now().astimezone() - timedelta(hours=1)
    for days, kg in ((1, "300"), (0, "345")):
        at = (latest - timedelta(days=days)).isoformat()
        body = {"weight_kg": kg, "recorded_at": at, "scale": scale}
        made = farm.post(f"cattle/{animal['id']}/weights", body)
        assert made.status_code == 201, made.text
    return made.json()["id"], latest


@SIZES
def test_a_scale_is_said_to_be_adjusted_and_its_weights_are_corrected(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int]
) -> None:
    scale = f"gate {size[0]} & 1"
    weight, at = weighed(farm, animal, scale)
    day = at.strftime("%Y-%m-%d")
    with office_page(farm, "/office/weights", size) as page:
        page.get_by_role("link", name="Scales").click()
        page.get_by_role("link", name="A scale was adjusted").click()
        page.get_by_label("Scale").fill(scale)
        page.get_by_label("On", exact=True).fill(day)
        page.get_by_label("Reads since then").fill("1,15")
        assert "No gain crosses" in send(page, "It was adjusted")
        row = page.locator("tbody tr", has_text=scale)
        expect(row).to_contain_text("15 % more")
        row.get_by_role("link", name="Correct weights").click()
        page.get_by_label("Through").fill(day)
        page.get_by_label("Factor").fill("0,869565")
        page.get_by_label("Reason").fill("calibrated")
        page.get_by_role("button", name="Show what it would do").click()
        expect(page.locator("section.message")).to_contain_text("Weights that change: 1, of 1")
        assert kg_of(farm, animal, weight) == 345
        assert send(page, "Correct the weights").startswith("Corrected.")
        assert kg_of(farm, animal, weight) == 300
        page.get_by_role("link", name="Take back").first.click()
        assert send(page, "Take it back") == "Taken back."
        assert kg_of(farm, animal, weight) == 345
        page.goto(f"{farm.office_url}/office/scales")
        row.get_by_role("link", name="It was not").click()
        assert "counts no more" in send(page, "It was not adjusted")
        expect(row).to_contain_text("no ·")


def kg_of(farm: Farm, animal: dict[str, Any], weight: int) -> float:
    rows = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
    return next(float(one["weight_kg"]) for one in rows if one["id"] == weight)
