"""English first, and nothing that a person reads is out of a translator's reach."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings as office
from django.template import engines
from django.utils.module_loading import import_string
from django.utils.translation import trans_real
from pytest_django import Settings

from remote.office import views
from remote.office.live.consumers import PageConsumer
from remote.office.mirror.mirror import Mirror
from remote.office.office import in_office
from remote.office.pages import animal_row, payload_row
from remote.office.pages.page import _render_row
from remote.office.sample import status as status_with
from tests.office.filled import filled, here
from tests.office.test_pages import signed_in

PAGES = [
    "/office/",
    "/office/batches",
    "/office/batches/1",
    "/office/batches/1/closeout",
    "/office/cattle",
    "/office/cattle/1",
    "/office/pens",
    "/office/pens/1",
    "/office/pens/1?print=1",
    "/office/chute",
    "/office/chute/begin",
    "/office/weights",
    "/office/products",
    "/office/products/new",
    "/office/products/1/edit",
    "/office/payloads",
    "/office/payloads?status=error",
    "/office/work",
    "/office/work?kind=suspect",
    "/office/work?state=dismissed",
    "/office/work/dismiss?id=refused:bad_tag:udp:10.0.0.9:2",
    "/office/work/remind?id=suspect:3",
    "/office/status",
    "/office/journal",
    "/office/import",
    "/office/cattle/1/edit",
    "/office/cattle/1/move",
    "/office/cattle/1/weigh",
    "/office/cattle/1/tags",
    "/office/cattle/1/leave",
    "/office/cattle/1/treat",
    "/office/cattle/treat?id=1",
    "/office/batches/new",
    "/office/batches/1/edit",
    "/office/pens/new",
    "/office/pens/1/edit",
    "/office/pens/1/delete",
    "/office/pens/1/move",
    "/office/cattle/move?id=1&id=2",
    "/office/weights/1/void",
    "/office/weights/1/unvoid",
    "/office/weights/1/accept",
    "/office/weights/1/replace",
    "/office/scales",
    "/office/scales/adjusted",
    "/office/scales/correct",
    "/office/scales/1/deny",
    "/office/deaths",
    "/office/left",
    "/office/cattle/1/pull",
    "/office/pulls/1/return",
    "/office/pulls/1/void",
    "/office/sessions",
    "/office/sessions/1",
    "/office/sessions/1/edit",
    "/office/payloads/2/correct",
    "/office/nothing",
]
READ = {"aria-label", "title", "placeholder", "data-label", "alt", "label"}
# What stays as it is in every language: names, units, and what the herd and the Pi say.
DATA = re.compile(
    r"HexaBrand|Oxytet|CSV|CV|RSSI|SNR|LF|UHF|kg|lb|LOT\d|A\d|P\d|Acme|Rio|north|yellow|Ana|ana|steer"
    r"|chip TID|MB|GB|sqlite|ES|Español"
    r"|bad_tag|A spreadsheet ate it\.|\+90 kg in 1 days|hxb:\S*|udp:\S*|urn:\S*|E280\d*"
    r"|United States|The Pi does not answer at \S+"
    r"|This office knows no Pi yet\..*?with the string it prints\."
    r"|Python|Django|SQLite|[0-9a-fT:Z.+-]{16,}"
)


class _Read(HTMLParser):
    """What a person reads of a page, or is read to them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.attributes = "", list[str]()
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in {"script", "style", "textarea"}
        self.attributes += [value for name, value in attrs if name in READ and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        self.text += "" if self._silent else f" {data}"


def untranslated(html: str) -> list[str]:
    """Words outside the marks that are no data."""
    read = _Read()
    read.feed(html)
    found = []
    for text in (read.text, *read.attributes):
        while text != (text := re.sub("«[^«»]*»", " ", text)):
            pass
        found += re.findall(r"[A-Za-z]{2,}", DATA.sub(" ", text))
    return found


def forget_texts() -> None:
    """Nothing that was translated before is held: neither by rows nor by templates."""
    words = (animal_row._words, animal_row._pen, animal_row.chip, payload_row._words, views._spoken)
    for kept in (_render_row, *words):
        kept.cache_clear()
    for loader in engines["django"].engine.template_loaders:  # type: ignore[attr-defined]  # not in the stubs
        loader.reset()


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A catalogue in which every text has its translation: itself in marks."""

    def one(self: Any, text: str) -> str:
        return text if "\x04" in text else f"«{self.language()}: {text}»"

    def several(self: Any, singular: str, plural: str, count: int) -> str:
        return f"«{self.language()}: {singular if count == 1 else plural}»"

    forget_texts()
    with monkeypatch.context() as patched:
        patched.setattr(trans_real.DjangoTranslation, "gettext", one)
        patched.setattr(trans_real.DjangoTranslation, "ngettext", several)
        yield
    forget_texts()


@pytest.fixture
def herd() -> Iterator[Mirror]:
    with filled() as mirror:
        mirror.status = status_with([])
        yield mirror


@pytest.mark.parametrize("path", PAGES)
async def test_all_that_a_page_says_can_be_translated(
    herd: Mirror, marked: None, path: str
) -> None:
    answer = await signed_in("administrator").get(path)
    html = answer.content.decode()
    assert html.count("«en: ") > 20
    assert untranslated(html) == []


async def test_so_can_the_page_to_sign_in_at(marked: None) -> None:
    answer = await here.browser().get("/login")
    assert untranslated(answer.content.decode()) == []


@pytest.mark.parametrize("name", office.MIDDLEWARE)
def test_no_middleware_makes_the_office_hang(name: str) -> None:
    """One that cannot run in the event loop makes daphne hang."""
    assert import_string(name).async_capable


async def test_a_page_names_its_language_and_so_does_its_socket(herd: Mirror) -> None:
    answer = await signed_in().get("/office/", headers={"Accept-Language": "de, fr;q=0.5"})
    html = answer.content.decode()
    assert '<html lang="en">' in html  # the only one so far
    assert "language=en" in html
    assert "Accept-Language" in answer["Vary"]


async def test_rows_held_in_one_language_are_not_shown_in_another(
    herd: Mirror, marked: None, settings: Settings
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    for path in ("/office/cattle", "/office/weights"):
        english = await signed_in().get(path, headers={"Accept-Language": "en"})
        german = await signed_in().get(path, headers={"Accept-Language": "de"})
        assert "«en: Tags»" in english.content.decode() or path != "/office/cattle"
        assert "«en: " not in german.content.decode()


async def first_message(page: str, language: str) -> str:
    """What the socket of an open page says first."""
    cookie = signed_in().cookies["hexabrand_office_session"].value
    headers = {
        "host": "testserver",
        "origin": "http://testserver",
        "cookie": f"hexabrand_office_session={cookie}",
    }
    socket = WebsocketCommunicator(
        in_office(here.office, PageConsumer.as_asgi()),
        "/ws/office?" + urlencode({"page": page, "language": language}),
        [(name.encode(), value.encode()) for name, value in headers.items()],
    )
    await socket.connect()
    told = await socket.receive_from()
    await socket.disconnect()
    return str(json.loads(told))


async def test_an_open_page_is_kept_true_in_its_own_language(
    herd: Mirror, marked: None, settings: Settings
) -> None:
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    for language in ("en", "de"):
        told = await first_message("/office/cattle", language)
        assert f"«{language}: Tags»" in told
        assert told.count("«") == told.count(f"«{language}: ")
