"""Which engines are warned of."""

import pytest

from remote.api.status import engine_warning


@pytest.mark.parametrize(
    "version", [(3, 51, 3), (3, 52, 0), (3, 44, 6), (3, 44, 9), (3, 50, 7), (4, 0, 0)]
)
def test_a_mended_engine_is_not_warned_of(version: tuple[int, int, int]) -> None:
    assert engine_warning(version) == ""


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 44, 5), (3, 45, 9), (3, 50, 6), (3, 51, 2)])
def test_an_engine_with_the_bug_is_named(version: tuple[int, int, int]) -> None:
    assert ".".join(map(str, version)) in engine_warning(version)
