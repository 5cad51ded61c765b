"""When the office tries again, played through without waiting."""

import random
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

import pytest

from remote.office.link.backoff import CAP_SECONDS, Ending, Pacer, backoff


def attempts(ending: Ending, seed: int, minutes: float = 3) -> list[float]:
    """When each attempt starts, where every one of them ends at once in the same way."""
    uniform = random.Random(seed).uniform
    pacer, now, starts = Pacer(delays=partial(backoff, uniform)), 0.0, []
    while now < minutes * 60:
        starts.append(now)
        now += pacer.delay(ending, now, now)
    return starts


def most_in_a_minute(starts: list[float]) -> int:
    return max(sum(start <= other < start + 60 for other in starts) for start in starts)


def test_the_delays_are_fully_jittered_up_to_a_doubling_bound() -> None:
    bounds: Iterator[float] = backoff(uniform=lambda _low, high: high)
    assert [next(bounds) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    lows: Iterator[float] = backoff(uniform=lambda low, _high: low)
    assert [next(lows) for _ in range(3)] == [0, 0, 0]
    assert CAP_SECONDS == 30


@pytest.mark.parametrize("ending", [Ending.CLOSED, Ending.MUTE, Ending.REFUSED])
def test_no_ending_brings_ten_attempts_into_a_minute(ending: Ending) -> None:
    assert max(most_in_a_minute(attempts(ending, seed)) for seed in range(300)) < 10


def test_a_port_that_is_open_and_mute_is_tried_often_enough_to_heal_in_ten_seconds() -> None:
    starts = attempts(Ending.MUTE, 1)
    gaps = [after - before for before, after in pairwise(starts)]
    assert max(gaps) < 10


def test_a_refused_key_waits_a_minute() -> None:
    assert Pacer().delay(Ending.REFUSED, 0, 0) == 60


def test_the_first_try_after_a_healthy_connection_is_quick() -> None:
    pacer = Pacer(delays=partial(backoff, lambda _low, high: high))
    now = 0.0
    for _ in range(6):
        now += pacer.delay(Ending.CLOSED, now, now)
    pacer.healed()
    assert pacer.delay(Ending.CLOSED, now, now + 40) <= 1


def test_a_long_absence_does_not_slow_down_what_comes_after_it() -> None:
    pacer = Pacer(delays=partial(backoff, lambda _low, high: high))
    waits = [pacer.delay(Ending.ABSENT, now, now) for now in range(9)]
    assert waits[-1] == CAP_SECONDS
    assert pacer.delay(Ending.CLOSED, 400, 410) <= 1


def test_a_pi_that_is_started_again_and_again_is_met_quickly_each_time() -> None:
    pacer = Pacer(delays=partial(backoff, lambda _low, high: high))
    waits = []
    for now in range(0, 100, 5):
        waits.append(pacer.delay(Ending.CLOSED, now, now + 4))
        waits.append(pacer.delay(Ending.ABSENT, now + 4, now + 4))
        assert pacer.may_try(now + 5)
    assert max(waits) <= 1
