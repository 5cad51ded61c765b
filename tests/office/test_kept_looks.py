"""A look at the whole copy is kept for 20 seconds, and no longer than what it rests on."""

from collections.abc import Iterator
from itertools import count

import pytest

from remote.office.pages.kept_looks import LOOK_AGAIN_SECONDS, kept_look
from tests.office.filled import filled


@pytest.fixture
def looks() -> Iterator[int]:
    return count(1)


def test_a_look_is_kept_for_a_while(looks: Iterator[int]) -> None:
    def looked(at: float) -> int:
        return kept_look(mirror, "x", lambda: next(looks), clock=lambda: at)

    with filled({}) as mirror:
        assert [looked(0.0), looked(LOOK_AGAIN_SECONDS), looked(LOOK_AGAIN_SECONDS + 1)] == [
            1,
            1,
            2,
        ]


def test_another_question_another_name_and_another_copy_are_looked_at_anew(
    looks: Iterator[int],
) -> None:
    def looked(name: str, asked: object) -> int:
        return kept_look(mirror, name, lambda: next(looks), asked)

    with filled({}) as mirror:
        assert [looked("x", 1), looked("x", 1), looked("x", 2), looked("y", 2)] == [1, 1, 2, 3]
    with filled({}) as mirror:
        assert looked("y", 2) == 4
