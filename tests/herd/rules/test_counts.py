"""Counts in words."""

import pytest

from herd.rules.counts import counted


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 animals"), (1, "1 animal"), (2, "2 animals"), (21, "21 animals")]
)
def test_one_is_no_plural(count: int, told: str) -> None:
    assert counted(count, "animal") == told


def test_an_irregular_plural_is_given() -> None:
    assert (counted(1, "batch", "batches"), counted(2, "batch", "batches")) == (
        "1 batch",
        "2 batches",
    )
