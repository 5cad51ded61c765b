"""Every change that people make, in a real Chromium, at the width of a desk and of a phone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.system.browser import DESKTOP, PHONE, office_page
from tests.system.farm import PATIENCE, Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]

SOON = PATIENCE * 1000
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Each test has tags and numbers of its own."""
    return iter(range(1, 1000))


@pytest.fixture
def animal(farm: Farm, numbers: Iterator[int]) -> dict[str, Any]:
    number = next(numbers)
    return heard(farm, f"EDIT{number}", f"84000312300{number:04d}", f"EPCEDIT{number}")


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


@SIZES
def test_a_batch_is_made_edited_and_closed(
    farm: Farm, numbers: Iterator[int], size: tuple[int, int]
) -> None:
    name = f"NEWLOT{next(numbers)}"
    with office_page(farm, "/office/batches", size) as page:
        page.get_by_role("link", name="New batch").click()
        page.get_by_label("Number").fill(name)
        page.get_by_label("Funder").fill("Rio Blanco")
        assert send(page, "Make the batch") == f"Batch {name} is made."
        page.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("link", name="Edit or close").click()
        page.get_by_label("Status").select_option("closed")
        assert send(page, "Save") == "Saved."
        expect(page.locator(".facts")).to_contain_text("closed")
        page.goto(f"{farm.office_url}/office/batches/new")
        page.get_by_label("Number").fill(name)
        assert "another batch with this batch number" in send(page, "Make the batch")
        expect(page.get_by_label("Number")).to_have_value(name)


@SIZES
def test_a_pen_is_made_edited_filled_and_deleted(
    farm: Farm, animal: dict[str, Any], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    name = f"PEN{next(numbers)}"
    with office_page(farm, "/office/pens", size) as page:
        page.get_by_role("link", name="New pen").click()
        page.get_by_label("Number").fill(name)
        page.get_by_label("Capacity").fill("2")
        assert send(page, "Make the pen") == f"Pen {name} is made."
        page.locator(".pen", has_text=name).click()
        page.get_by_role("link", name="Move animals here").click()
        expect(page.get_by_label("Tags or ids")).to_be_focused()
        page.keyboard.type(f"nobody\n{animal['lf_tag']}")
        assert "Not one animal each: nobody" in send(page, "Move them here")
        page.get_by_label("Tags or ids").fill(animal["lf_tag"])
        assert send(page, "Move them here") == "1 animal moved."
        expect(page.locator("[data-list] [data-key]")).to_have_count(1)
        page.get_by_role("link", name="Delete").click()
        assert "holds 1 head" in send(page, "Delete the pen")
        farm.post(f"cattle/{animal['id']}/move", {"pen_id": None})
        assert send(page, "Delete the pen") == f"Pen {name} is deleted."


@SIZES
def test_an_animal_is_moved_and_a_full_pen_says_so(
    farm: Farm, animal: dict[str, Any], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    full, other = a_pen(farm, f"FULL{next(numbers)}", 1), a_pen(farm, f"FREE{next(numbers)}")
    there = heard(farm, "EDITFULL", f"LFFULL{full['id']}", "")
    farm.post(f"cattle/{there['id']}/move", {"pen_id": full["id"]})
    with office_page(farm, f"/office/cattle/{animal['id']}/move", size) as page:
        page.get_by_label("To pen").select_option(str(full["id"]))
        assert "1 more would be 1 too many" in send(page, "Move")
        page.get_by_label("Also when the pen is full").check()
        assert "say why" in send(page, "Move")
        page.get_by_label("To pen").select_option(str(other["id"]))
        assert send(page, "Move") == "Moved."
        expect(page.locator(".facts")).to_contain_text(other["pen_number"])
        expect(page.locator(".timeline")).to_contain_text(f"moved to pen {other['pen_number']}")


@SIZES
def test_ticked_animals_are_moved_together_and_leave_together(
    farm: Farm, animal: dict[str, Any], numbers: Iterator[int], size: tuple[int, int]
) -> None:
    pen = a_pen(farm, f"MANY{next(numbers)}")
    batch = animal["batch"]
    heard(farm, batch["batch_number"], f"LFMANY{animal['id']}", "")
    with office_page(farm, f"/office/cattle?batch={batch['id']}", size) as page:
        for box in page.locator(".tick").all():
            box.check()
        expect(page.locator("[data-chosen]")).to_have_text("2 ticked")
        farm.hear(f"hxb:{batch['batch_number']}:{animal['lf_tag']}:")  # the row is drawn anew
        expect(page.locator(".fresh")).to_have_count(1, timeout=SOON)
        expect(page.locator(".tick:checked")).to_have_count(2)
        page.get_by_role("button", name="Move", exact=True).click()
        expect(page.locator("form.form")).to_contain_text("2 animals")
        page.get_by_label("To pen").select_option(str(pen["id"]))
        assert send(page, "Move them") == "2 animals moved."
        page.goto(f"{farm.office_url}/office/cattle/leave?all=1&batch={batch['id']}")
        page.get_by_label("It is").select_option("sold")
        page.get_by_label("Reason").fill("lot is sold")
        assert send(page, "Save") == "Saved."
    rows = farm.rows("cattle", batch=batch["id"])
    assert {(row["status"], row["left_reason"]) for row in rows} == {("sold", "lot is sold")}
    assert farm.get(f"pens/{pen['id']}").json()["head_count"] == 0


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
        assert send(page, "Make it void") == "The weight is void."
        expect(page.locator(".chip.void")).to_have_count(1)
    weights = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
    assert sorted((one["weight_kg"], one["quality"]) for one in weights) == [
        (317.51, "void"), (362.87, "ok"),
    ]  # fmt: skip
    assert {one["recorded_by"] for one in weights} == {"office:admin"}


@SIZES
def test_an_animal_gets_notes_new_tags_and_leaves(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int]
) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}", size) as page:
        page.get_by_role("link", name="Edit, notes").click()
        page.get_by_label("Health note").fill("lame <script>alert(1)</script>")
        page.get_by_label("Visual id").fill("17")
        assert send(page, "Save") == "Saved."
        expect(page.locator(".facts")).to_contain_text("lame <script>alert(1)</script>")
        page.get_by_role("link", name="New tags").click()
        page.get_by_label("LF tag").fill("9.82E+14")
        assert "spreadsheet" in send(page, "Put the tags on")
        page.get_by_label("LF tag").fill(f"982 000 00{animal['id']:07d}")
        assert send(page, "Put the tags on") == "The tags are on."
        expect(page.locator(".timeline")).to_contain_text(animal["lf_tag"])
        page.get_by_role("link", name="Exported, dead, sold").click()
        page.get_by_label("It is").select_option("dead")
        page.get_by_label("Reason").fill("bloat")
        assert send(page, "Save") == "Saved."
        expect(page.locator(".facts")).to_contain_text("bloat")
        expect(page.locator(".timeline")).to_contain_text("health: –")


@SIZES
def test_a_conflict_is_looked_at_decided_and_taken_back(
    farm: Farm, numbers: Iterator[int], size: tuple[int, int]
) -> None:
    number = next(numbers)
    one = heard(farm, "CONF", f"LFA{number}", f"UA{number}")
    other = heard(farm, "CONF", f"LFB{number}", f"UB{number}")
    text = f"hxb:CONF:LFA{number}:UB{number}"
    farm.hear(text)
    payload = farm.payload_that_says(text)
    with office_page(farm, "/office/payloads?code=tag_conflict", size) as page:
        page.get_by_role("link", name=f"Decide no. {payload['id']}").click()
        page.get_by_label("They are one animal").check()
        page.get_by_label(f"LFA{number}").check()
        page.get_by_role("button", name="Show what it would do").click()
        expect(page.locator("section.message")).to_contain_text(f"UB{number}")
        assert len(farm.rows("cattle", tag=f"UB{number}")) == 1
        assert farm.get(f"cattle/{other['id']}").status_code == 200
        assert "can be taken back" in send(page, "Do it")
        wait_until(
            lambda: farm.get(f"payloads/{payload['id']}").json()["status"] == "processed",
            "the payload is applied",
        )
        assert farm.get(f"cattle/{other['id']}").status_code == 404
        assert farm.get(f"cattle/{one['id']}").json()["uhf_tag"] == f"UB{number}"
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Changes").click()
        page.get_by_role("button", name="Take back").first.click()
        assert said(page) == "It is taken back."
    assert farm.get(f"cattle/{other['id']}").json()["uhf_tag"] == f"UB{number}"


@SIZES
def test_a_payload_is_corrected_and_applied(
    farm: Farm, numbers: Iterator[int], size: tuple[int, int]
) -> None:
    number = next(numbers)
    farm.hear(f"hxb:FIX{number}")
    payload = farm.payload_that_says(f"hxb:FIX{number}")
    with office_page(farm, f"/office/payloads?q=FIX{number}", size) as page:
        page.get_by_role("link", name="Correct").click()
        page.get_by_label("Payload").fill(f"hxb:FIX{number}:LFFIX{number}:")
        assert "is tried again" in send(page, "Try again")
    wait_until(
        lambda: farm.get(f"payloads/{payload['id']}").json()["status"] == "processed",
        "the corrected payload is applied",
    )


@SIZES
def test_a_sheet_is_looked_at_mapped_imported_and_taken_back(
    farm: Farm, animal: dict[str, Any], tmp_path: Path, size: tuple[int, int]
) -> None:
    sheet = tmp_path / "session.csv"
    lines = f"Ohrmarke;Gewicht;Date\n{animal['lf_tag']};351,5;2026-09-01\n{animal['lf_tag']};x;"
    sheet.write_bytes(f"{lines}2026-09-20\n".encode("latin-1"))
    with office_page(farm, "/office/import", size) as page:
        page.get_by_label("CSV file").set_input_files(sheet)
        page.get_by_role("button", name="Look at it").click()
        page.get_by_label("Animal (any tag or id)").select_option("Ohrmarke")
        page.get_by_label("Weight", exact=True).select_option("Gewicht")
        page.get_by_role("button", name="Look again").click()
        expect(page.locator(".message.error")).to_contain_text("nothing was changed")
        expect(page.locator("tr", has_text='"x" is no number')).to_contain_text("3")
        sheet.write_bytes(f"{lines}2026-09-20\n".replace(";x;", ";380,5;").encode("latin-1"))
        page.get_by_role("link", name="Another file").click()
        page.get_by_label("CSV file").set_input_files(sheet)
        page.get_by_role("button", name="Look at it").click()
        page.get_by_label("Animal (any tag or id)").select_option("Ohrmarke")
        page.get_by_label("Weight", exact=True).select_option("Gewicht")
        page.get_by_role("button", name="Look again").click()
        expect(page.locator(".message.success")).to_contain_text("2 weights")
        page.get_by_role("button", name="Import it").click()
        expect(page.locator(".message.success")).to_contain_text("2 weights recorded")
        weights = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
        assert sorted(one["weight_kg"] for one in weights) == [351.5, 380.5]
        page.get_by_role("link", name="Take it back").click()
        page.get_by_role("button", name="Take back").first.click()
        assert said(page) == "It is taken back."
    weights = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
    assert {one["quality"] for one in weights} == {"void"}


def test_two_who_fill_the_last_place_at_once_fill_it_once(
    farm: Farm, numbers: Iterator[int]
) -> None:
    pen = a_pen(farm, f"RACE{next(numbers)}", 1)
    herd = [heard(farm, "RACE", f"LFRACE{pen['id']}N{place}", "") for place in range(8)]
    with ThreadPoolExecutor(8) as people:
        answers = list(
            people.map(
                lambda one: farm.post(f"cattle/{one['id']}/move", {"pen_id": pen["id"]}), herd
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert farm.get(f"pens/{pen['id']}").json()["head_count"] == 1


def test_a_form_keeps_what_is_typed_while_the_pi_is_away(
    farm: Farm, animal: dict[str, Any]
) -> None:
    with office_page(farm, f"/office/cattle/{animal['id']}/weigh") as page:
        page.get_by_label("Weight in kg").fill("351")
        farm.processes["pi web"].kill()
        button = page.get_by_role("button", name="Record the weight")
        expect(button).to_be_disabled(timeout=SOON)
        expect(page.locator("[data-when-away]")).to_contain_text("The Pi is away")
        expect(page.get_by_label("Weight in kg")).to_have_value("351")
        farm.start("pi web")
        expect(button).to_be_enabled(timeout=SOON)
        assert send(page, "Record the weight") == "The weight is recorded."


def test_a_viewer_sees_no_button_and_the_pi_refuses_all_the_same(farm: Farm) -> None:
    makes = "from django.contrib.auth.models import User as U; U.objects.create_user"
    farm.manage("pi", "shell", "-c", f"{makes}('vera', password='see-only-9')")
    answer = farm.change("POST", "pens", {"pen_number": "VERA"}, person="vera")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    with office_page(farm, "/office/batches", account=("vera", "see-only-9")) as page:
        expect(page.get_by_role("link", name="New batch")).to_have_count(0)
        page.goto(f"{farm.office_url}/office/batches/new")
        expect(page.locator("h1")).to_contain_text("may look")


def test_csv_keeps_tags_as_text_and_is_not_a_formula(farm: Farm, animal: dict[str, Any]) -> None:
    farm.change("PATCH", f"cattle/{animal['id']}", {"notes": "=HYPERLINK(1)"})
    with office_page(farm, f"/office/cattle?q={animal['lf_tag']}") as page:
        with page.expect_download() as got:
            page.get_by_role("link", name="CSV").click()
        text = Path(got.value.path()).read_text("utf-8-sig")
    assert f'"=""{animal["lf_tag"]}"""' in text
    assert ",'=HYPERLINK(1)" in text
    assert len(text.splitlines()) == 2


def test_the_keyboard_alone_weighs_an_animal(farm: Farm, animal: dict[str, Any]) -> None:
    with office_page(farm, "/office/") as page:
        page.keyboard.type(animal["lf_tag"])
        page.keyboard.press("Enter")
        page.wait_for_url("**/office/cattle/*")
        expect(page.locator("#scan")).to_be_focused()
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == "Weigh":
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/weigh")
        expect(page.get_by_label("Weight in kg")).to_be_focused()
        page.keyboard.type("352.5")
        page.keyboard.press("Enter")
        assert said(page) == "The weight is recorded."


@pytest.mark.parametrize("theme", ["light", "dark", "barn"])
@SIZES
def test_every_page_is_accessible_fits_and_complains_of_nothing(
    farm: Farm, animal: dict[str, Any], size: tuple[int, int], theme: str
) -> None:
    pen = farm.rows("pens")[0]["id"]
    batch, pk = animal["batch"]["id"], animal["id"]
    paths = [
        "/office/", "/office/batches", f"/office/batches/{batch}", "/office/batches/new",
        f"/office/batches/{batch}/edit", "/office/cattle", f"/office/cattle/{pk}",
        f"/office/cattle/{pk}/move", f"/office/cattle/{pk}/weigh", f"/office/cattle/{pk}/tags",
        f"/office/cattle/{pk}/edit", f"/office/cattle/{pk}/leave", "/office/cattle/move?all=1",
        "/office/pens", f"/office/pens/{pen}", f"/office/pens/{pen}/edit",
        f"/office/pens/{pen}/move", "/office/weights", "/office/weights/1/void",
        "/office/payloads?status=error", "/office/changes", "/office/import", "/office/status",
    ]  # fmt: skip
    complaints: list[str] = []
    with office_page(farm, "/office/", size, complaints) as page:
        page.evaluate(f"localStorage.setItem('theme', '{theme}')")
        for path in paths:
            page.goto(farm.office_url + path)
            expect(page.locator(".banner.live")).to_be_visible(timeout=SOON)
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            found = Axe().run(page).response["violations"]
            bad = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
            assert bad == [], f"{path}: {[one['nodes'][0]['html'] for one in found]}"
    assert complaints == []
