"""Spanish is complete: every text of the office has it, and people keep what they choose."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override, trans_real
from django.utils.translation.template import templatize

from remote.office.mirror.mirror import Mirror
from remote.office.pages.page import _render_row
from remote.office.sample import status as status_with
from remote.office.templatetags.office import counted
from tests.office.filled import filled
from tests.office.test_language import PAGES
from tests.office.test_pages import signed_in

ROOT = Path(__file__).resolve().parents[2]
CATALOG = ROOT / "locale/es/LC_MESSAGES/django"
SAID = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "_"}
LITERAL = r"""(u?'(?:\\.|[^'\\])*'|u?"(?:\\.|[^"\\])*")"""
OF_TEMPLATE = re.compile(rf"\b(?:gettext|_|pgettext)\({LITERAL}\)|\bngettext\({LITERAL}")
HOLDS = re.compile(r"%\(\w+\)|%[sd%]|\{\w*\}|</?\w+")


@pytest.fixture
def herd() -> Iterator[Mirror]:
    with filled() as mirror:
        yield mirror


def in_spanish() -> dict[str, str]:
    """Return the compiled texts by the English ones; of a plural, the form for many."""
    with CATALOG.with_suffix(".mo").open("rb") as file:
        held: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]  # not in the stubs
    singular = {key[0]: text for key, text in held.items() if isinstance(key, tuple)}
    return singular | {key: text for key, text in held.items() if isinstance(key, str) and key}


def said_in_python() -> Iterator[str]:
    for folder in ("remote/office", "herd", "hexabrand"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SAID:
                    for told in node.args[:1]:
                        if isinstance(told, ast.Constant) and isinstance(told.value, str):
                            yield told.value


def said_in_templates() -> Iterator[str]:
    for file in sorted((ROOT / "templates").rglob("*.html")):
        for found in OF_TEMPLATE.finditer(templatize(file.read_text(), origin=str(file))):
            yield ast.literal_eval(found[1] or found[2])


@pytest.mark.parametrize("said", [said_in_python, said_in_templates])
def test_no_text_is_without_spanish(said: Any) -> None:
    texts = {text for text in said() if text.strip()}
    known = in_spanish()
    assert len(texts) > 300
    assert sorted(texts - known.keys()) == []


def test_nothing_that_is_put_into_a_text_is_lost() -> None:
    told = in_spanish()
    wrong = [
        (english, spanish)
        for english, spanish in told.items()
        if not set(HOLDS.findall(spanish)) <= set(HOLDS.findall(english)) | {"%(count)"}
        or (set(HOLDS.findall(english)) - set(HOLDS.findall(spanish))) - {"%%"}
    ]
    assert len(told) > 1_000
    assert wrong == []


def test_what_is_translated_is_what_was_compiled() -> None:
    written = CATALOG.with_suffix(".po").read_text()
    assert "fuzzy" not in written
    assert re.findall(r'^msgstr(?:\[\d\])? ""\n\n', written, re.MULTILINE) == []
    entries = len(re.findall(r"^msgid ", written, re.MULTILINE)) - 1  # the head
    assert entries == len(in_spanish())


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_asks_for_no_text_that_is_not_there(
    herd: Mirror, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """What is looked up by a variable, no reading of the sources finds."""
    known, missing = {":", *in_spanish()}, set[str]()  # the colon is Django's own, after a label
    look_up = trans_real.DjangoTranslation.gettext

    def told(self: Any, text: str) -> str:
        if self.language() == "es" and text.strip() and "\x04" not in text and text not in known:
            missing.add(text)
        return str(look_up(self, text))

    monkeypatch.setattr(trans_real.DjangoTranslation, "gettext", told)
    _render_row.cache_clear()  # rows that are held were asked for before
    herd.status = status_with([])
    await signed_in("administrator").get(path, headers={"Accept-Language": "es"})
    assert missing == set()


async def test_who_chooses_spanish_reads_it_and_nobody_else(herd: Mirror) -> None:
    browser = signed_in()
    answer = await browser.post("/office/language", {"language": "es", "next": "/office/pens"})
    assert answer["Location"] == "/office/pens"
    html = (await browser.get("/office/pens")).content.decode()
    assert '<html lang="es">' in html
    assert "Corrales" in html
    assert "language=es" in html  # its socket too
    assert "Pens" in (await signed_in().get("/office/pens")).content.decode()


async def test_a_language_that_there_is_not_changes_nothing(herd: Mirror) -> None:
    browser = signed_in()
    await browser.post("/office/language", {"language": "xx", "next": "/office/pens"})
    assert '<html lang="en">' in (await browser.get("/office/pens")).content.decode()


async def test_figures_keep_their_point_in_spanish(herd: Mirror) -> None:
    answer = await signed_in().get("/office/batches", headers={"Accept-Language": "es"})
    html = answer.content.decode()
    assert "354.2" in html
    assert "354,2" not in html


def test_a_status_bends_with_its_count() -> None:
    with override("es"):
        assert [counted("exported", count) for count in (None, 1, 33)] == [
            "0 exportados",
            "1 exportado",
            "33 exportados",
        ]
    assert counted("exported", 33) == "33 exported"


def test_no_template_puts_a_count_before_a_word_that_cannot_bend() -> None:
    beside = re.compile(r"\}\}(?:</b>)? \{\{ [^}]*\|named")
    files = list((ROOT / "templates").rglob("*.html"))
    assert len(files) > 50
    assert [file.name for file in files if beside.search(file.read_text())] == []
