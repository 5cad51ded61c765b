"""Which page of the office is whose: a table held against the URL map, so that none is forgotten.

The Pi refuses what a role may not do; here is what its people are shown.
"""

from collections.abc import Iterator

import pytest
from django.test import AsyncClient
from django.urls import URLPattern, resolve

from remote.office.mirror.mirror import Mirror
from remote.office.pages import PAGES
from remote.office.urls import urlpatterns
from tests.office.filled import filled, here
from tests.office.test_pages import signed_in

OPEN = {"login", "health", "metrics"}
SEEN = {
    "",
    "office/",
    "office/find",
    "office/batches",
    "office/batches/suggest",
    "office/batches/<int:pk>",
    "office/batches/<int:pk>/closeout",
    "office/cattle",
    "office/cattle/<int:pk>",
    "office/chute/card",
    "office/pens",
    "office/pens/suggest",
    "office/pens/<int:pk>",
    "office/products",
    "office/deaths",
    "office/left",
    "office/shipments",
    "office/shipments/<int:pk>",
    "office/shipments/<int:pk>/manifest",
    "office/shipments/<int:pk>/files/<slug:name>",
    "office/weights",
    "office/sessions",
    "office/sessions/<int:pk>",
    "office/journal",
    "office/journal/<int:pk>",
    "office/changes",
    "office/scales",
    "office/changes/<int:pk>/undo",
    "office/payloads",
    "office/work",
    "office/status",
}
SENT = {  # by POST
    "logout",
    "office/unit",
    "office/language",
    "office/payloads/<int:pk>/retry",
    "office/chute/send",
    "office/work/seen",
    "office/work/<int:pk>/back",
}
CHANGED = {
    "office/work/dismiss",
    "office/work/remind",
    "office/chute",
    "office/chute/begin",
    "office/chute/<int:pk>/end",
    "office/chute/<int:pk>/resume",
    "office/batches/new",
    "office/batches/<int:pk>/edit",
    "office/cattle/move",
    "office/cattle/leave",
    "office/cattle/treat",
    "office/cattle/<int:pk>/treat",
    "office/cattle/<int:pk>/edit",
    "office/cattle/<int:pk>/move",
    "office/cattle/<int:pk>/weigh",
    "office/cattle/<int:pk>/tags",
    "office/cattle/<int:pk>/leave",
    "office/cattle/pull",
    "office/cattle/<int:pk>/pull",
    "office/pulls/<int:pk>/return",
    "office/pulls/<int:pk>/void",
    "office/products/new",
    "office/products/<int:pk>/edit",
    "office/pens/new",
    "office/pens/<int:pk>/edit",
    "office/pens/<int:pk>/delete",
    "office/pens/<int:pk>/move",
    "office/shipments/new",
    "office/shipments/<int:pk>/edit",
    "office/shipments/<int:pk>/plan",
    "office/shipments/<int:pk>/begin",
    "office/shipments/<int:pk>/load",
    "office/shipments/<int:pk>/unload",
    "office/shipments/<int:pk>/ship",
    "office/shipments/<int:pk>/cancel",
    "office/shipments/<int:pk>/reported",
    "office/weights/<int:pk>/void",
    "office/weights/<int:pk>/unvoid",
    "office/weights/<int:pk>/accept",
    "office/weights/<int:pk>/replace",
    "office/scales/adjusted",
    "office/scales/correct",
    "office/scales/<int:pk>/deny",
    "office/sessions/<int:pk>/edit",
    "office/import",
    "office/import/<slug:token>",
    "office/journal/<int:pk>/undo",
    "office/payloads/<int:pk>/correct",
    "office/payloads/<int:pk>/conflict",
}
NOT_PAGES = {
    *("", "office/find", "office/batches/suggest", "office/pens/suggest", "office/chute/card"),
    "office/shipments/<int:pk>/files/<slug:name>",
    *("office/changes", "office/changes/<int:pk>/undo"),  # they lead to the journal
}
REFUSED = {403, 404}  # 404 where a viewer cannot have come to the page at all


@pytest.fixture(autouse=True)
def herd() -> Iterator[Mirror]:
    with filled() as mirror:
        yield mirror


def address(path: str) -> str:
    path = path.replace("<int:pk>", "1").replace("<slug:name>", "nlis")
    return "/" + path.replace("<slug:token>", "0" * 32)


async def status(client: AsyncClient, path: str) -> int:
    return (await client.get(address(path))).status_code


def test_every_page_has_its_place_in_the_table() -> None:
    served = [str(one.pattern) for one in urlpatterns if isinstance(one, URLPattern)]
    assert sorted(served) == sorted([*OPEN, *SEEN, *SENT, *CHANGED])


@pytest.mark.parametrize("path", sorted((SEEN | CHANGED) - NOT_PAGES))
def test_every_page_and_form_has_a_live_banner(path: str) -> None:
    assert resolve(address(path)).url_name in PAGES


@pytest.mark.parametrize("path", sorted(SEEN | SENT | CHANGED))
async def test_a_stranger_is_led_to_the_sign_in_page(path: str) -> None:
    answer = await here.browser().get(address(path))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/login")


@pytest.mark.parametrize("role", ["viewer", "manager"])
@pytest.mark.parametrize("path", sorted(SEEN))
async def test_everybody_who_is_signed_in_sees_the_herd(path: str, role: str) -> None:
    assert await status(signed_in(role), path) in {200, 302}


@pytest.mark.parametrize("path", sorted(CHANGED))
async def test_forms_are_not_for_viewers(path: str) -> None:
    assert await status(signed_in("viewer"), path) in REFUSED


@pytest.mark.parametrize("path", sorted(CHANGED - {"office/import/<slug:token>"}))
async def test_forms_are_for_managers(path: str) -> None:
    assert await status(signed_in("manager"), path) != 403
