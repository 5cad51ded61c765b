"""Whatever comes from outside is one line of the log, and colours nothing."""

import logging

import pytest

from hexabrand.logs import LONGEST, MASK, Line
from tests.fuzz.corpus import TEXTS

LINE = Line("%(name)s: %(message)s")


def written(text: str, name: str = "lora", error: Exception | None = None) -> str:
    told = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, "it said %s", (text,), told)
    return LINE.format(record)


@pytest.mark.parametrize("text", [text for text in TEXTS if "\ud800" not in text])
def test_a_hostile_text_is_one_line_and_stays_readable(text: str) -> None:
    line = written(text)
    assert len(line.splitlines()) == 1
    assert line.isprintable()


@pytest.mark.parametrize("mark", ["\n", "\r", "\x1b", "\x85", "\u2028", "\u202e", "\x9b", "\0"])
def test_a_control_character_is_told_by_its_number(mark: str) -> None:
    assert written(f"a{mark}b") == f"lora: it said a{ascii(mark)[1:-1]}b"


def test_letters_of_every_language_are_kept() -> None:
    assert written("Müller, 牛 №7") == "lora: it said Müller, 牛 №7"


def test_a_refused_request_has_no_traceback_and_a_failure_has_one() -> None:
    error = ValueError("why")
    assert "\n" not in written("x", "django.security.DisallowedHost", error)
    assert "ValueError: why" in written("x", "django.request", error)


def test_a_text_of_any_length_is_a_line_that_somebody_can_read() -> None:
    line = written("x" * 50_000)
    assert len(line) < LONGEST + 40
    assert line.endswith("(50014 characters)")


def test_a_secret_is_masked_where_a_long_text_is_cut() -> None:
    before = "x" * (LONGEST - len("lora: it said ") - len("://ana:pass"))
    line = written(f"{before}://ana:password@example.org {before}")
    assert "ana:pass" not in line
    assert f"ana:{MASK}" in line
