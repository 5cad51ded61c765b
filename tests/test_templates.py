"""Templates are read by people, and the stylesheet names each colour and size once."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.contrib import admin

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 160
STATIC = ROOT / "hexabrand/static"
STYLESHEET = (STATIC / "tokens.css").read_text() + (STATIC / "hexabrand.css").read_text()
ADMIN = (STATIC / "admin.css").read_text()
HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")
TOKEN = re.compile(r"(--[\w-]+):([^;]*);")


def test_no_line_of_a_template_is_longer_than_a_screen() -> None:
    files = sorted((ROOT / "templates").rglob("*.html"))
    lines = [
        f"{file.relative_to(ROOT)}:{number} has {len(line)} characters"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert len(files) > 50
    assert lines == []


def test_a_colour_is_named_by_a_token_and_stands_once() -> None:
    css = _without_comments(STYLESHEET)
    tokens = [colour for _, value in TOKEN.findall(css) for colour in HEX.findall(value)]
    assert HEX.findall(TOKEN.sub("", css)) == []
    assert len(tokens) > 30
    assert _twice(tokens) == []


def test_a_token_is_set_once_in_its_scope() -> None:
    scopes = [(f"{scope} {name}") for scope, text in _scopes() for name, _ in TOKEN.findall(text)]
    assert len(scopes) > 50
    assert _twice(scopes) == []


def test_every_token_is_used_and_every_used_one_is_set() -> None:
    css = _without_comments(STYLESHEET)
    assert set(re.findall(r"var\((--[\w-]+)\)", css)) == {name for name, _ in TOKEN.findall(css)}


def test_what_light_and_barn_are_not_told_is_the_same_in_both_dark_looks() -> None:
    tokens = {scope: TOKEN.findall(text) for scope, text in _scopes()}
    chosen, by_system = (
        next(found for scope, found in tokens.items() if name in scope)
        for name in ('[data-theme="dark"]', '[data-theme="auto"]')
    )
    assert chosen == by_system != []


def test_the_admin_has_no_colour_but_the_tokens() -> None:
    tokens = {name for name, _ in TOKEN.findall(_without_comments(STYLESHEET))}
    css = _without_comments(ADMIN)
    assert HEX.findall(css) == []
    assert set(re.findall(r"var\((--[\w-]+)\)", css)) <= tokens
    django = (Path(admin.__file__).parent / "static/admin/css/base.css").read_text()
    colours = {
        name for name, value in TOKEN.findall(django) if name.endswith(("-bg", "-fg", "-color"))
    }
    assert colours - {name for name, _ in TOKEN.findall(css)} == set()


def _without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def _scopes() -> Iterator[tuple[str, str]]:
    """Yield the selectors, from the outermost in, and the declarations of each block."""
    around: list[str] = []
    for text, brace in re.findall(r"([^{}]*)([{}])", _without_comments(STYLESHEET)):
        if brace == "{":
            around.append(" ".join(text.split()))
        else:
            yield " ".join(around), text
            around.pop()


def _twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
