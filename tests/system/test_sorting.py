"""Conflicts, payloads and sheets put in order; two at once, the Pi away, a viewer."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.system.browser import office_page
from tests.system.editing import SIZES, SOON, a_pen, heard, send
from tests.system.farm import Farm, wait_until

pytestmark = [pytest.mark.system, pytest.mark.browser]


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
        assert "can be taken back" in send(page, "Decide")
        wait_until(
            lambda: farm.get(f"payloads/{payload['id']}").json()["status"] == "processed",
            "the payload is applied",
        )
        assert farm.get(f"cattle/{other['id']}").status_code == 404
        assert farm.get(f"cattle/{one['id']}").json()["uhf_tag"] == f"UB{number}"
        menu = page.get_by_role("navigation", name="Main")
        if not menu.get_by_role("link", name="Journal").count():
            menu.get_by_text("More").click()  # on a phone
        menu.get_by_role("link", name="Journal").click()
        page.get_by_role("link", name="Take back").first.click()
        expect(page.locator("form.form")).to_contain_text("is a record of its own again")
        assert send(page, "Take it back") == "Taken back."
        assert farm.get(f"cattle/{other['id']}").json()["uhf_tag"] == f"UB{number}"
        page.goto(f"{farm.office_url}/office/payloads?code=tag_conflict")
        page.get_by_role("link", name=f"Decide no. {payload['id']}").click()
        page.get_by_label("Leave both as they are").check()
        assert "Both stay as they are" in send(page, "Decide")
        page.get_by_role("link", name=f"Decide again no. {payload['id']}").click()
        expect(page.get_by_label("They are one animal")).to_be_visible()


def test_changes_beyond_the_newest_are_reached(farm: Farm, animal: dict[str, Any]) -> None:
    for place in range(52):
        body = {"lf_tag": f"LFPAGE{animal['id']}N{place}"}
        assert farm.post(f"cattle/{animal['id']}/tags", body).status_code == 200
    first = f"LFPAGE{animal['id']}N0 given"
    with office_page(farm, "/office/journal") as page:
        expect(page.locator("tbody tr")).to_have_count(50)
        page.get_by_role("link", name="Earlier", exact=True).click()
        expect(page.locator("tbody")).to_contain_text(first)
        page.get_by_role("link", name="The newest").click()
        expect(page.locator("tbody")).not_to_contain_text(first)


@SIZES
def test_a_payload_is_corrected_and_applied(
    farm: Farm, numbers: Iterator[int], size: tuple[int, int]
) -> None:
    number = next(numbers)
    farm.hear(f"hxb:FIX{number}")
    payload = farm.payload_that_says(f"hxb:FIX{number}")
    with office_page(farm, f"/office/payloads?q=FIX{number}", size) as page:
        page.get_by_role("link", name="Correct").click()
        page.get_by_label("Message").fill(f"hxb:FIX{number}:LFFIX{number}:")
        assert "will be tried again" in send(page, "Try again")
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
        page.get_by_label("XLSX or CSV file").set_input_files(sheet)
        page.get_by_role("button", name="Check the file").click()
        page.get_by_label("Animal (any tag or id)").select_option("Ohrmarke")
        page.get_by_label("Weight", exact=True).select_option("Gewicht")
        page.get_by_role("button", name="Check again").click()
        expect(page.locator(".message.error")).to_contain_text("nothing was changed")
        expect(page.locator("tr", has_text='"x" is not a number')).to_contain_text("3")
        sheet.write_bytes(f"{lines}2026-09-20\n".replace(";x;", ";380,5;").encode("latin-1"))
        page.get_by_role("link", name="Another file").click()
        page.get_by_label("XLSX or CSV file").set_input_files(sheet)
        page.get_by_role("button", name="Check the file").click()
        page.get_by_label("Animal (any tag or id)").select_option("Ohrmarke")
        page.get_by_label("Weight", exact=True).select_option("Gewicht")
        page.get_by_role("button", name="Check again").click()
        expect(page.locator(".message.success")).to_contain_text("weights 2")
        page.get_by_role("button", name="Import").click()
        expect(page.locator(".message.success")).to_contain_text("weights recorded 2")
        weights = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
        assert sorted(one["weight_kg"] for one in weights) == [351.5, 380.5]
        page.get_by_role("link", name="Take it back").click()
        expect(page.locator("form.form")).to_contain_text("2 weights will be voided.")
        assert send(page, "Take it back") == "Taken back."
    weights = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
    assert {one["quality"] for one in weights} == {"void"}


def test_a_date_that_may_be_two_days_is_asked_and_shown_by_its_month_before_it_is_taken(
    farm: Farm, animal: dict[str, Any], tmp_path: Path
) -> None:
    sheet = tmp_path / "loose.csv"
    stranger = f"XN{animal['id']}"
    sheet.write_text(
        f"IDEID,Weight,Date\n{animal['lf_tag']},351,03/04/2026\n{stranger},290,04/05/2026\n"
    )
    with office_page(farm, "/office/import") as page:
        page.get_by_label("XLSX or CSV file").set_input_files(sheet)
        page.get_by_role("button", name="Check the file").click()
        expect(page.locator("td", has_text="3 April or 4 March 2026")).to_be_visible()
        page.get_by_label("First in 03/04/2026 is").select_option("the month")
        page.get_by_label("Add unknown animals").check()
        page.get_by_role("button", name="Check again").click()
        expect(page.locator("#understood")).to_contain_text("4 March 2026")
        expect(page.locator("#understood tr", has_text=stranger)).to_contain_text("pending")
        assert Axe().run(page).response["violations"] == []
        page.get_by_label("First in 03/04/2026 is").select_option("the day")
        page.get_by_role("button", name="Import").click()
        expect(page.locator(".message.warning")).to_contain_text("Check the result below")
        expect(page.locator("#understood")).to_contain_text("3 April 2026")
        page.get_by_role("button", name="Import").click()
        expect(page.locator(".message.success")).to_contain_text("weights recorded 2")
    weighed = farm.get(f"cattle/{animal['id']}/weights").json()["data"]
    assert [one["recorded_at"][:10] for one in weighed] == ["2026-04-03"]
    assert [one["status"] for one in farm.rows("cattle", search=stranger)] == ["pending"]


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
