"""Events that nobody heard, told by the numbers that are left out."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from lora.gaps import FEWEST, NumberedEvent, find_gaps

AT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def heard(*ids: str) -> list[NumberedEvent]:
    return [NumberedEvent(one, AT + timedelta(seconds=n)) for n, one in enumerate(ids)]


def counted(kind: str, *numbers: int) -> list[str]:
    return [f"hxb{kind}{number:06d}" for number in numbers]


def found(*ids: str) -> list[tuple[str, str, int]]:
    return [(gap.after, gap.before, gap.count) for gap in find_gaps(heard(*ids))]


ONE_TO_TWENTY = range(1, 21)


def test_all_that_were_sent_were_heard() -> None:
    assert found(*counted("chi", *ONE_TO_TWENTY)) == []


def test_numbers_left_out_are_told_with_their_neighbours_the_latest_first() -> None:
    ids = counted("chi", *(n for n in ONE_TO_TWENTY if n not in {4, 11, 12}))
    assert found(*ids) == [("hxbchi000010", "hxbchi000013", 2), ("hxbchi000003", "hxbchi000005", 1)]


def test_a_gap_was_noticed_when_the_later_of_its_neighbours_came() -> None:
    (gap,) = find_gaps(heard(*counted("chi", *range(1, 13), 14)))
    assert gap.noticed_at == AT + timedelta(seconds=12)


def test_the_order_of_arrival_is_no_gap() -> None:
    ids = counted("chi", *ONE_TO_TWENTY)
    random.Random(3).shuffle(ids)
    assert found(*ids) == []


def test_kinds_that_are_counted_together_have_one_series() -> None:
    ids = [one for n in ONE_TO_TWENTY if n != 9 for one in counted(("ind", "pai", "chi")[n % 3], n)]
    assert found(*ids) == [("hxbchi000008", "hxbpai000010", 1)]


def test_kinds_that_are_counted_each_by_itself_do_not_fill_each_others_gaps() -> None:
    ids = counted("chi", *(n for n in ONE_TO_TWENTY if n != 7)) + counted("ind", *ONE_TO_TWENTY)
    assert found(*ids) == [("hxbchi000006", "hxbchi000008", 1)]


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([*range(1, 101), *range(106, 201)], [5]),
        ([*range(1, 101), *range(151, 251)], [50]),
        ([*range(1, 201), *range(251, 501)], [50]),
        ([*range(1, 41), *range(71, 111)], [30]),
        ([*range(1, 1001), *range(1101, 2001), *range(2002, 2020)], [1, 100]),
    ],
)
def test_a_hole_is_told_however_long_the_pi_was_off(numbers: list[int], missing: list[int]) -> None:
    assert [count for _, _, count in found(*counted("chi", *numbers))] == missing


@pytest.mark.parametrize(
    "numbers",
    [
        [*ONE_TO_TWENTY, *range(5000, 5020)],  # started anew
        range(0, 400, 10),  # by tens
        [random.Random(n).randrange(10**9) for n in range(50)],
        range(1, 2 * FEWEST - 1, 2),  # too few to tell
    ],
)
def test_a_sender_that_does_not_count_one_by_one_has_no_gaps(numbers: list[int]) -> None:
    assert found(*counted("chi", *numbers)) == []


@pytest.mark.parametrize("one", ["x", "", "٣٤", "hxb٣", "9" * 30, "hxbchi" + "9" * 30])
def test_an_id_without_a_number_counts_for_nothing(one: str) -> None:
    assert found(one, *counted("chi", *ONE_TO_TWENTY)) == []
