"""Every change that people make, in a real Chromium, at the width of a desk and of a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.system.browser import keep_marks, marked_rows, office_page, told_page
from tests.system.editing import SIZES, a_pen, heard, send
from tests.system.farm import Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]


@SIZES
def test_a_batch_is_made_edited_and_closed(
    farm: Farm, numbers: Iterator[int], size: tuple[int, int]
) -> None:
    name = f"NEWLOT{next(numbers)}"
    with office_page(farm, "/office/batches", size) as page:
        page.get_by_role("link", name="New batch").click()
        page.get_by_label("Number").fill(name)
        page.get_by_label("Funder").fill("Rio Blanco")
        assert send(page, "Create the batch") == f"Batch {name} is created."
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("link", name="Edit or close").click()
        page.get_by_label("Status").select_option("closed")
        assert send(page, "Save") == "Saved."
        expect(page.locator(".facts").first).to_contain_text("closed")
        page.goto(f"{farm.office_url}/office/batches/new")
        page.get_by_label("Number").fill(name)
        assert "another batch with this batch number" in send(page, "Create the batch")
        expect(page.get_by_label("Number")).to_have_value(name)


def test_a_batch_with_head_on_feed_is_closed_after_a_warning(
    farm: Farm, animal: dict[str, Any]
) -> None:
    with office_page(farm, f"/office/batches/{animal['batch']['id']}/edit") as page:
        page.get_by_label("Status").select_option("closed")
        assert "1 head is still on feed" in send(page, "Save")
        assert farm.get(f"batches/{animal['batch']['id']}").json()["status"] == "open"
        assert send(page, "Save") == "Saved."
    assert farm.get(f"batches/{animal['batch']['id']}").json()["status"] == "closed"


@SIZES
def test_a_pen_is_made_edited_filled_and_deleted(
    farm: Farm, animal: dict[str, Any], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    name = f"PEN{next(numbers)}"
    with office_page(farm, "/office/pens", size) as page:
        page.get_by_role("link", name="New pen").click()
        page.get_by_label("Number").fill(name)
        page.get_by_label("Capacity").fill("2")
        assert send(page, "Create the pen") == f"Pen {name} is created."
        page.locator(".pen", has_text=name).click()
        page.get_by_role("link", name="Move animals here").first.click()
        expect(page.get_by_label("Tags or ids")).to_be_focused()
        page.keyboard.type(f"nobody\n{animal['lf_tag']}")
        assert "Matches no animal, or several: nobody" in send(page, "Move them here")
        page.get_by_label("Tags or ids").fill(animal["lf_tag"])
        assert send(page, "Move them here") == "1 animal moved."
        expect(page.locator("[data-list] [data-key]")).to_have_count(1)
        page.get_by_role("link", name="Delete").click()
        told = f"Pen {name} holds 1 animal: move it first."
        expect(page.locator("main")).to_contain_text(told)
        farm.post(f"cattle/{animal['id']}/move", {"pen_id": None})
        page.get_by_role("link", name="Back").click()
        expect(page.locator("[data-list] [data-key]")).to_have_count(0)
        page.get_by_role("link", name="Delete").click()
        assert send(page, "Delete the pen") == f"Pen {name} is deleted."


@SIZES
def test_an_animal_is_moved_and_a_full_pen_says_so(
    farm: Farm, animal: dict[str, Any], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    full, other = a_pen(farm, f"FULL{next(numbers)}", 1), a_pen(farm, f"FREE{next(numbers)}")
    there = heard(farm, "EDITFULL", f"LFFULL{full['id']}", "")
    farm.post(f"cattle/{there['id']}/move", {"pen_id": full["id"]})
    with office_page(farm, f"/office/cattle/{animal['id']}/move", size) as page:
        page.get_by_label("To pen").fill(full["pen_number"].lower())
        assert "1 more would be 1 too many" in send(page, "Move")
        page.get_by_label("Even if the pen is full").check()
        assert "say why" in send(page, "Move")
        page.get_by_label("To pen").fill(other["pen_number"])
        assert send(page, "Move") == "Moved."
        expect(page.locator(".facts")).to_contain_text(other["pen_number"])
        expect(page.locator(".timeline")).to_contain_text(
            f"Put into pen {other['pen_number']} by admin (office)"
        )


@SIZES
def test_ticked_animals_are_moved_together_and_leave_together(
    farm: Farm, animal: dict[str, Any], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    pen = a_pen(farm, f"MANY{next(numbers)}")
    batch = animal["batch"]
    heard(farm, batch["batch_number"], f"LFMANY{animal['id']}", "")
    with office_page(farm, "/office/", size) as page:
        with told_page(page):
            page.goto(f"{farm.office_url}/office/cattle?batch={batch['id']}")
        keep_marks(page)
        for box in page.locator(".tick").all():
            box.check()
        expect(page.locator("[data-chosen]")).to_have_text("2 ticked")
        farm.hear(f"hxb:{batch['batch_number']}:{animal['lf_tag']}:")  # the row is drawn anew
        wait_until(lambda: marked_rows(page), "the row is marked")
        expect(page.locator(".tick:checked")).to_have_count(2)
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator("form.form")).to_contain_text("2 animals")
        assert "Choose a pen or a batch" in send(page, "Move them")
        page.get_by_label("To pen").fill(pen["pen_number"])
        assert send(page, "Move them") == "2 animals moved."
        page.goto(f"{farm.office_url}/office/cattle/leave?all=1&batch={batch['id']}")
        page.get_by_label("Status").select_option("sold")
        page.get_by_label("Reason").fill("lot is sold")
        assert send(page, "Save") == "Saved."
    rows = farm.rows("cattle", batch=batch["id"])
    assert {(row["status"], row["left_reason"]) for row in rows} == {("sold", "lot is sold")}
    assert farm.get(f"pens/{pen['id']}").json()["head_count"] == 0


@SIZES
def test_an_animal_changes_its_batch_and_keeps_its_pen(
    farm: Farm, animal: dict[str, Any], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    pen, name = a_pen(farm, f"STAY{next(numbers)}"), f"OTHER{next(numbers)}"
    farm.post("batches", {"batch_number": name})
    farm.post(f"cattle/{animal['id']}/move", {"pen_id": pen["id"]})
    with office_page(farm, f"/office/cattle/{animal['id']}/move", size) as page:
        page.get_by_label("To batch").fill(name)
        page.get_by_label("Reason").fill("sorted by weight")
        assert send(page, "Move") == "Moved."
        expect(page.locator(".timeline")).to_contain_text("sorted by weight")
        page.get_by_role("link", name="Move", exact=True).click()
        page.get_by_label("Into no pen").check()
        assert send(page, "Move") == "Moved."
    row = farm.get(f"cattle/{animal['id']}").json()
    assert (row["batch"]["batch_number"], row["pen"]) == (name, None)


@SIZES
def test_an_animal_is_weighed_in_pounds_dated_back_and_voided(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int]
) -> None:
    path = f"/office/cattle/{animal['id']}"
    with office_page(farm, path, size) as page:
        page.get_by_role("button", name="Weights are in kg").click()
        page.get_by_role("link", name="Weigh", exact=True).click()
        expect(page.get_by_label("Weight in lb")).to_be_focused()
        page.keyboard.type("800")
        assert send(page, "Record the weight") == "The weight is recorded."
        expect(page.locator(".tiles")).to_contain_text("800")
        page.get_by_role("link", name="Weigh", exact=True).click()
        page.get_by_label("Weight in lb").fill("700")
        page.get_by_label("When").fill("2026-09-01T08:00")
        send(page, "Record the weight")
        expect(page.locator(".tiles")).to_contain_text("800")
        expect(page.locator(".chart circle")).to_have_count(2)
        page.get_by_role("link", name="Void 700").click()
        page.get_by_label("Reason").fill("another animal")
        assert send(page, "Void the weight") == "The weight is voided."
        expect(page.locator(".chip.void")).to_have_count(1)
        expect(page.locator("tr", has=page.locator(".chip.void"))).to_contain_text(
            "another animal, by admin (office)"
        )
        expect(page.locator(".timeline")).to_contain_text(
            "lb voided by admin (office): another animal"
        )
        page.get_by_role("button", name="Weights are in lb").click()  # it is kept for the person
    weights = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
    assert sorted((one["weight_kg"], one["quality"]) for one in weights) == [
        (317.51, "void"),
        (362.87, "ok"),
    ]
    assert {one["recorded_by"] for one in weights} == {"office:admin"}


def test_two_who_edit_one_animal_lose_nothing(farm: Farm, animal: dict[str, Any]) -> None:
    path = f"/office/cattle/{animal['id']}/edit"
    with office_page(farm, path) as page:
        other = page.context.new_page()
        other.goto(f"{farm.office_url}{path}")
        other.get_by_label("Notes").fill("limps\nleft hind")
        other.get_by_label("Health note").fill("lame")
        assert send(other, "Save") == "Saved."
        page.get_by_label("Breed").fill("Angus")
        assert send(page, "Save") == "Saved."
        other.goto(f"{farm.office_url}{path}")
        page.goto(f"{farm.office_url}{path}")
        other.get_by_label("Notes").fill("limps no more")
        assert send(other, "Save") == "Saved."
        page.get_by_label("Notes").fill("sold soon")
        told = send(page, "Save")
        assert "limps no more" in told
        assert send(page, "Save") == "Saved."
    row = farm.get(f"cattle/{animal['id']}").json()
    assert (row["breed"], row["health"], row["notes"]) == ("Angus", "lame", "sold soon")


@SIZES
def test_an_animal_gets_notes_new_tags_and_leaves(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int]
) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}", size) as page:
        page.get_by_role("link", name="Edit, notes").click()
        page.get_by_label("Health note").fill("lame <script>alert(1)</script>")
        page.get_by_label("Visual id").fill("17")
        assert send(page, "Save") == "Saved."
        expect(page.locator(".facts").first).to_contain_text("lame <script>alert(1)</script>")
        page.get_by_role("link", name="New tags").click()
        page.get_by_label("LF tag").fill("9.82E+14")
        assert "spreadsheet" in send(page, "Put the tags on")
        page.get_by_label("LF tag").fill(f"982 000 00{animal['id']:07d}")
        assert send(page, "Put the tags on") == "The tags are on."
        expect(page.locator(".timeline")).to_contain_text(animal["lf_tag"])
        expect(page.locator(".timeline")).to_contain_text("health: –")


@SIZES
def test_a_death_has_a_reason_and_its_day_can_be_put_right(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int]
) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}/leave", size) as page:
        expect(page.get_by_label("Status")).to_have_value("")
        page.get_by_label("Status").select_option("dead")
        assert "Say why" in send(page, "Save")
        page.get_by_label("Reason").fill("bloat")
        assert send(page, "Save") == "Saved."
        page.get_by_role("link", name="Exported, dead, sold").click()
        expect(page.get_by_label("Status")).to_have_value("dead")
        expect(page.get_by_label("Reason")).to_have_value("bloat")
        page.get_by_label("Since").fill("2026-11-02")
        assert "was first seen on" in send(page, "Save")
        farm.change("PATCH", f"cattle/{animal['id']}", {"induction_date": "2026-11-01"})
        assert send(page, "Save") == "Saved."
        page.get_by_role("link", name="Weigh", exact=True).click()
        expect(page.locator(".message.warning").first).to_contain_text("is dead")
        page.get_by_label("Weight in kg").fill("351")
        assert send(page, "Record the weight") == "The weight is recorded."
        expect(page.locator(".message.warning").first).to_contain_text("is dead since 2026-11-02")
        page.get_by_role("link", name="Exported, dead, sold").click()
        expect(page.get_by_label("Since")).to_have_value("2026-11-02")
