"""What the pages say, from the mirror alone."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import AsyncClient
from django.urls import Resolver404
from pytest_django import Settings

from remote.office.link.client import Person
from remote.office.live.consumers import _address, _origin_is_ours
from remote.office.live.render_cache import Address, ClientState, RenderCache
from remote.office.mirror.mirror import LinkState, Mirror
from remote.office.pages import PAGES, PageRequest
from remote.office.pi_queries import PiQueries
from remote.office.signin import SessionStore
from tests.office.filled import HERD, animal, batch, fill, filled, here
from tests.office.rows import event

ROOT = Path(__file__).resolve().parents[2]
LISTS = [
    "/office/",
    "/office/batches",
    "/office/cattle",
    "/office/chute",
    "/office/pens",
    "/office/payloads",
    "/office/status",
    "/office/batches/1",
    "/office/batches/1/closeout",
    "/office/pens/1",
    "/office/sessions",
    "/office/sessions/1",
    "/office/work",
    "/office/work?kind=suspect",
    "/office/shipments",
    "/office/shipments/1",
]


@pytest.fixture
def herd() -> Iterator[Mirror]:
    with filled() as mirror:
        yield mirror


def signed_in(role: str = "manager", user: str = "ana", stamp: str = "") -> AsyncClient:
    Path(settings.SESSION_FILE_PATH).mkdir(parents=True, exist_ok=True)
    session = SessionStore()
    person = {"username": user, "display_name": user.title(), "role": role}
    session["person"] = person | ({"stamp": stamp} if stamp else {})
    session.save()
    here.office.signin.accounts.has_signed_in(user)
    client = here.browser()
    client.cookies["hexabrand_office_session"] = session.session_key or ""
    return client


async def page(path: str, role: str = "manager", user: str = "ana") -> str:
    answer = await signed_in(role, user).get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.mark.parametrize("path", LISTS)
async def test_nobody_keeps_a_page(herd: Mirror, path: str) -> None:
    answer = await signed_in().get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("path", LISTS)
async def test_every_page_opens_and_says_how_old_it_is(herd: Mirror, path: str) -> None:
    html = await page(path)
    assert "data-age=" in html
    assert "Live" in html


@pytest.mark.parametrize("path", LISTS)
async def test_without_a_copy_no_page_shows_an_empty_herd(path: str) -> None:
    html = await page(path)
    assert "No copy of the herd yet" in html
    assert "data-list" not in html


DIGITS = ["9" * 5000, "9" * 4000, "9" * 19, "٣", "-1", "1e9", "%00", "1%00", "x" * 5000]
NUMBERED = [
    "/office/batches?page={}",
    "/office/cattle?page={}",
    "/office/cattle?batch={}",
    "/office/cattle?pen={}",
    "/office/cattle?batch={0}&pen={0}&status={0}&sex={0}&show={0}&sort={0}&q={0}",
    "/office/cattle?batch_number={0}&pen_number={0}",
    "/office/cattle?format=csv&batch={}",
    "/office/cattle/move?animal={}",
    "/office/cattle/move?all=1&pen={}",
    "/office/cattle/leave?animal={}",
    "/office/pens/1/move?animal={}",
    "/office/payloads?page={0}&source={0}&code={0}",
    "/office/payloads/2/correct?animal={}",
    "/office/weights/1/void?animal={}",
    "/office/scales?cursor={}",
    "/office/scales/adjusted?scale={0}&day={0}",
    "/office/scales/correct?scale={0}&day={0}&last={0}",
    "/office/scales/{}/deny",
    "/office/journal?animal={}",
    "/office/find?q={}",
    "/office/pens/suggest?q={}",
    "/office/cattle/{}",
    "/office/batches/{}/edit",
]


@pytest.mark.parametrize("digits", DIGITS, ids=lambda digits: digits[:6])
@pytest.mark.parametrize("path", NUMBERED)
async def test_no_number_in_an_address_is_too_long(herd: Mirror, path: str, digits: str) -> None:
    answer = await signed_in().get(path.format(digits))
    assert answer.status_code in {200, 302, 404}


@pytest.mark.parametrize(
    "page", ["//[", "http://[", "/office/cattle?" + "a=1%26" * 1001, "/office/cattle/" + "9" * 5000]
)
def test_the_socket_of_a_page_that_is_none_is_told_so(page: str) -> None:
    with pytest.raises(Resolver404):
        _address({"query_string": f"page={page}".encode()}, Person("ana", "Ana", "manager"))


def test_an_origin_that_is_none_is_not_ours() -> None:
    scope = {"headers": [(b"origin", b"http://["), (b"host", b"127.0.0.1")]}
    assert asyncio.run(_origin_is_ours(scope)) is False


@pytest.mark.parametrize("path", [*LISTS, "/office/find?q=1"])
async def test_a_stranger_is_sent_to_sign_in(herd: Mirror, path: str) -> None:
    answer = await here.browser().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login?next=")


async def test_batches_are_found_filtered_and_sorted_by_the_address(herd: Mirror) -> None:
    assert "LOT2" not in await page("/office/batches?status=open")
    assert "LOT1<" not in await page("/office/batches?q=rio")
    up = await page("/office/batches?sort=number")
    assert up.index(">LOT1<") < up.index(">LOT2<")


@pytest.mark.parametrize("text", ["840 003 000000001", "840003000000001", "a1", "00001"])
async def test_a_scan_opens_the_animal_in_any_spelling(herd: Mirror, text: str) -> None:
    answer = await signed_in().get("/office/find", {"q": text})
    assert answer["Location"] in {"/office/cattle/1", "/office/cattle?q=00001"}


async def test_a_scan_that_fits_several_lists_them(herd: Mirror) -> None:
    answer = await signed_in().get("/office/find", {"q": "E28011"})
    assert answer["Location"] == "/office/cattle?q=E28011"


async def test_a_thing_that_is_not_in_the_copy_is_a_plain_404(herd: Mirror) -> None:
    answer = await signed_in().get("/office/batches/999")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "Batch no. 999 is not in this office" in html
    assert 'id="scan"' in html  # from here people go on
    assert "data-live" not in html


async def test_a_stranger_who_asks_for_what_is_not_there_sees_no_navigation(herd: Mirror) -> None:
    answer = await here.browser().get("/static/nothing.css")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "Not here" in html
    assert 'id="scan"' not in html


async def test_only_what_concerns_an_animal_makes_its_history_stale(herd: Mirror) -> None:
    ana = PageRequest({}, Person("ana", "Ana", "manager"), "kg")
    address = Address("animal", (("pk", 1),), (), ana, may_write=True, unit="kg")
    shown, render_cache = ClientState(), RenderCache(herd)
    assert "past" not in shown.difference(render_cache.rendered(address))
    herd.apply([event(101, "cattle:updated", animal(2))])
    assert "past" not in shown.difference(render_cache.rendered(address))
    herd.apply([event(102, "cattle:updated", animal(1))])
    assert shown.difference(render_cache.rendered(address))["past"]


async def test_an_animal_is_shown_without_its_history_while_the_pi_is_away(herd: Mirror) -> None:
    html = await page("/office/cattle/1")
    assert "840003000000001" in html
    assert "United States" in html
    assert "cannot be read now" in html


async def test_head_days_are_the_pis_and_none_while_it_is_away(
    herd: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = "<dt>Head-days</dt><dd>%s</dd>"
    assert shown % "–" in await page("/office/batches/1")

    async def told(_queries: object, ask: object) -> tuple[dict[str, Any], str]:
        return {"data": [], "head_days": 1020}, ""

    monkeypatch.setattr(PiQueries, "_from_the_pi", told)
    assert shown % 1020 in await page("/office/batches/1")


async def test_the_radio_log_says_why_a_payload_was_refused(herd: Mirror) -> None:
    html = await page("/office/payloads?status=error")
    assert "A spreadsheet ate it." in html
    assert "/office/payloads/2/retry" in html


async def test_a_viewer_is_offered_no_retry_and_is_told_why(herd: Mirror) -> None:
    html = await page("/office/payloads", role="viewer")
    assert "/retry" not in html
    assert "a manager can" in html


async def test_nothing_can_be_tried_again_while_the_pi_is_away(herd: Mirror) -> None:
    herd.set_link(LinkState("away", None, "The Pi does not answer."))
    html = await page("/office/payloads")
    assert "/retry" not in html
    assert "while the Pi is away" in html
    assert "Pi away since" in html


async def test_each_user_reads_weights_in_their_own_unit_in_any_browser(
    herd: Mirror, settings: Settings, tmp_path: Path
) -> None:
    settings.HEXABRAND_STATE_DIR = tmp_path
    here.renew()
    fill(here.mirror, HERD)
    await signed_in().post("/office/unit", {"unit": "lb", "next": "/office/batches"})
    assert "781" in await page("/office/batches")
    assert "354.2" in await page("/office/batches", user="bob")
    here.renew()
    fill(here.mirror, HERD)
    assert "781" in await page("/office/batches")


async def test_a_broken_file_of_units_hinders_nobody(
    herd: Mirror, settings: Settings, tmp_path: Path
) -> None:
    settings.HEXABRAND_STATE_DIR = tmp_path
    (tmp_path / "office-units.json").write_text('["ana", {')
    here.renew()
    fill(here.mirror, HERD)
    assert "354.2" in await page("/office/batches")


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:x"])
async def test_nobody_is_sent_to_another_site(herd: Mirror, wanted: str) -> None:
    answer = await signed_in().post("/office/unit", {"unit": "kg", "next": wanted})
    assert answer["Location"] == "/office/"


STRANGE = [
    "page=0",
    "page=99",
    "page=x",
    "sort=nothing",
    "sort=-",
    "batch=99999999999",
    "pen=x",
    "q=%00",
    "status=%3Cx",
]


@pytest.mark.parametrize("query", STRANGE)
async def test_a_strange_address_is_an_ordinary_page(herd: Mirror, query: str) -> None:
    for path in ("/office/batches", "/office/cattle", "/office/payloads", "/office/batches/1"):
        assert "Live" in await page(f"{path}?{query}")


def test_pages_of_a_sorted_list_follow_each_other_without_gap_or_overlap() -> None:
    rows = [batch(n, mean_weight_kg=None if n % 3 == 0 else n * 7 % 50) for n in range(1, 131)]
    copy = Mirror()
    fill(copy, {"batches": rows})
    ana = Person("ana", "Ana", "viewer")
    pages = [
        PAGES["batches"](copy, PageRequest({"sort": "-weight", "page": str(n)}, ana, "kg"))
        for n in (1, 2, 3)
    ]
    seen = [row for one in pages for row in one.lists["batches"].rows]
    weights = [row["mean_weight_kg"] for row in seen]
    valued = [kg for kg in weights if kg is not None]
    assert {row["id"] for row in seen} == set(range(1, 131))
    assert valued == sorted(valued, reverse=True)
    assert weights[len(valued) :] == [None] * (130 - len(valued))


async def test_the_security_headers_are_on_every_page(herd: Mirror) -> None:
    answer = await signed_in().get("/office/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_no_template_holds_a_script_or_a_style_of_its_own() -> None:
    for file in (ROOT / "templates").rglob("*.html"):
        text = file.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text), file
        assert not re.search(r"(?:src|href)=\"https?:", text), file
