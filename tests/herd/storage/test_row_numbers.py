"""Row numbers are given once, whatever becomes of the file that holds the last ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from herd.models import Batch
from herd.storage import row_numbers
from herd.storage.row_numbers import RowNumbers

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HEXABRAND_STATE_DIR = tmp_path
    monkeypatch.setattr(row_numbers, "_used_last", {})
    Batch.objects.create(pk=40, batch_number="B40")
    return tmp_path / "row_numbers.json"


def given() -> int:
    return RowNumbers().next(Batch)


@pytest.mark.usefixtures("file")
def test_two_who_think_at_the_same_time_have_different_numbers() -> None:
    one, other = RowNumbers(), RowNumbers()
    assert [one.next(Batch), other.next(Batch), one.next(Batch)] == [41, 42, 43]


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(file.read_bytes()[:-3]),
        lambda file: file.write_bytes(bytes(20)),
        lambda file: file.write_text("null"),
        lambda file: file.write_text('{"batches": 7}'),
    ],
    ids=["lost", "cut", "zeros", "no object", "older"],
)
def test_without_the_file_s_word_the_database_says_what_is_used(
    file: Path, harm: Callable[[Path], None]
) -> None:
    assert given() == 41
    Batch.objects.create(pk=41, batch_number="B41")
    harm(file)
    assert [given(), given()] == [42, 43]


@pytest.mark.usefixtures("file")
def test_numbers_of_who_died_are_a_gap() -> None:
    assert given() == 41
    assert given() == 42


@pytest.mark.usefixtures("file")
def test_what_was_not_used_is_given_again() -> None:
    numbers = RowNumbers()
    assert [numbers.next(Batch), numbers.next(Batch)] == [41, 42]
    numbers.keep()
    numbers.give_back()
    assert given() == 43
