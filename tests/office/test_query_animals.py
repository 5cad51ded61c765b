"""Which animals a list, a scan or a link means."""

import re

import pytest
from django.http import QueryDict

from remote.office.forms import many, moving
from remote.office.forms.form import Asking
from remote.office.mirror.tables import Row
from remote.wire import Table
from tests.office.filled import animal, batch, filled, here, pen
from tests.office.test_figures import asked
from tests.office.test_pages import page, signed_in

LOT2, P2 = {"id": 2, "batch_number": "LOT2"}, {"id": 2, "pen_number": "P2"}
HERD: dict[Table, list[Row]] = {
    "batches": [batch(1), batch(2)],
    "pens": [pen(1), pen(2)],
    "cattle": [
        animal(1),
        animal(2, batch=LOT2),
        animal(3, pen=P2),
        animal(4, batch=LOT2, status="dead"),
        animal(5, batch=LOT2, pen=P2),
    ],
}


async def chosen_by(link: str) -> list[int]:
    ids = re.search(r'name="ids" value="([\d ]*)"', await page(link.replace("&amp;", "&")))
    assert ids is not None
    return sorted(map(int, ids[1].split()))


@pytest.mark.parametrize(
    ("path", "who"), [("/office/batches/2", [2, 5]), ("/office/pens/2", [3, 5])]
)
async def test_all_on_the_page_of_a_batch_or_pen_are_those_in_it(path: str, who: list[int]) -> None:
    with filled(HERD):
        links = re.findall(r'href="([^"]*all=1[^"]*)"', await page(path))
        assert await chosen_by(links[0]) == who


async def test_all_that_are_found_are_those_that_the_filters_find() -> None:
    with filled(HERD):
        links = re.findall(r'href="([^"]*all=1[^"]*)"', await page("/office/cattle?status=active"))
        assert await chosen_by(links[0]) == [1, 2, 3, 5]


async def test_without_a_filter_nobody_is_offered_the_whole_herd_nor_gets_it() -> None:
    with filled(HERD):
        assert "all=1" not in await page("/office/cattle?sort=-seen")
        answer = await signed_in().get("/office/cattle/move?all=1&sort=-seen&q=+")
    assert answer.status_code == 404


async def test_more_than_can_be_moved_at_once_are_said_to_be_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(many, "MOST_AT_ONCE", 2)
    with filled(HERD):
        html = await page("/office/cattle/move?all=1&status=active")
    assert "At most 2 at once: 2 more are left out" in html


async def test_a_scan_opens_the_only_one_so_named_though_others_hold_the_text() -> None:
    with filled({"cattle": [animal(1, livestock_id="12"), animal(2, livestock_id="7123")]}):
        exact = await signed_in().get("/office/find", {"q": "12"})
        part = await signed_in().get("/office/find", {"q": "123"})
        several = await signed_in().get("/office/find", {"q": "1"})
    assert (exact["Location"], part["Location"]) == ("/office/cattle/1", "/office/cattle/2")
    assert several["Location"] == "/office/cattle?q=1"


async def test_an_id_that_is_part_of_another_can_be_moved_into_a_pen() -> None:
    herd = HERD | {"cattle": [animal(1, livestock_id="42"), animal(2, livestock_id="1426")]}
    with filled(herd):
        answer = await signed_in().post("/office/pens/1/move", {"tags": "42", "key": "k"})
        html = answer.content.decode()
    assert "Matches no animal" not in html
    assert "knows no Pi yet" in html  # it is asked of the Pi, and this office has none


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/office/cattle?q=a&sort=lid", "/office/cattle?q=a&amp;sort=lid"),
        ("/office/pens/2?page=1", "/office/pens/2?page=1"),
    ],
)
async def test_a_form_about_many_leads_back_to_the_list_it_came_from(path: str, back: str) -> None:
    with filled(HERD):
        listed = await page(path)
        (link,) = re.findall(r'href="([^"]*all=1[^"]*)"', listed)
        form = await page(link.replace("&amp;", "&"))
    assert f'name="back" value="{back}"' in listed
    assert f'href="{back}">← Back' in form


async def test_nobody_is_led_back_to_another_site() -> None:
    with filled(HERD):
        form = await page("/office/cattle/move?id=1&back=https://evil.example/office/")
    assert "evil" not in form.split("<main")[1].split("</h1>")[0]


async def test_of_thousands_the_first_are_named_and_all_are_meant() -> None:
    with filled({"cattle": [animal(pk) for pk in range(1, many.NAMED + 41)]}):
        html = await page("/office/cattle/move?all=1&status=active")
        ids = await chosen_by("/office/cattle/move?all=1&status=active")
    assert html.count('<span class="chip active">') == many.NAMED
    assert "and 40 more" in html
    assert ids == list(range(1, many.NAMED + 41))


def form_of(kind: type[many.ManyForm], ids: str, **given: str) -> many.ManyForm:
    asking = Asking(asked(), here.office, {"query": QueryDict("id=1")})
    return kind(asking, {"key": "k", "ids": ids, **given})


async def test_who_has_left_stays_where_it_is_and_the_rest_is_moved() -> None:
    with filled(HERD):
        html = await page("/office/cattle/move?id=2&id=4&id=5")
        form = form_of(moving.MoveMany, "2 4 5", pen="p1")
        assert form.is_valid(), form.errors
        change = form.change()
    assert "1 of 3 has left and stays where it is: A4." in html
    assert change.body["cattle_ids"] == [2, 5]
    assert change.done == "2 animals moved."


@pytest.mark.parametrize(("status", "who"), [("sold", [2, 5]), ("active", [4])])
async def test_who_has_left_does_not_leave_again_but_may_come_back(
    status: str, who: list[int]
) -> None:
    given = {"status": status, "on": "2026-11-20", "reason": "lot is sold"}
    with filled(HERD):
        form = form_of(moving.LeaveMany, "2 4 5", **given)
        assert form.is_valid(), form.errors
        assert form.change().body["cattle_ids"] == who
        alone = form_of(moving.LeaveMany, "4", **given)
        assert alone.is_valid() == (status == "active")


async def test_a_form_about_many_names_each_with_its_status() -> None:
    with filled(HERD):
        html = await page("/office/cattle/leave?id=2&id=4")
    a2, a4 = re.findall(r"<li>(A\d .*?)</li>", html, re.DOTALL)
    assert (a2.startswith("A2 "), " active</span>" in a2) == (True, True)
    assert (a4.startswith("A4 "), " dead</span>" in a4) == (True, True)
    assert "1 of 2 has left already" in html
