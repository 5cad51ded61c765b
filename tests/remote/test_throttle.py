"""Wrong passwords slow down; nobody is locked out."""

from concurrent.futures import ThreadPoolExecutor

from remote.throttle import FORGET_AFTER, LONGEST_WAIT, MOST_KNOWN, LoginThrottle, SignInThrottle


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def failing(times: int) -> tuple[SignInThrottle, Clock]:
    clock = Clock()
    throttle = SignInThrottle(5, clock)
    for _ in range(times):
        throttle.failed("ana")
    return throttle, clock


def test_the_first_tries_are_free() -> None:
    throttle, _ = failing(4)
    assert throttle.wait("ana") == 0


def test_each_further_try_waits_twice_as_long() -> None:
    assert [failing(times)[0].wait("ana") for times in (5, 6, 7, 8)] == [1, 2, 4, 8]


def test_the_wait_has_an_end_however_many_tries() -> None:
    throttle, clock = failing(10_000)
    assert throttle.wait("ana") == LONGEST_WAIT
    clock.now += LONGEST_WAIT
    assert throttle.wait("ana") == 0


def test_the_right_password_begins_anew() -> None:
    throttle, _ = failing(8)
    throttle.succeeded("ana")
    assert throttle.wait("ana") == 0


def test_old_failures_and_floods_of_names_are_forgotten() -> None:
    throttle, clock = failing(8)
    clock.now += FORGET_AFTER + 1
    for number in range(MOST_KNOWN + 2):
        throttle._failures[f"name {number}"] = throttle._failures["ana"]
    throttle.failed("bob")
    assert list(throttle._failures) == ["bob"]


def test_many_tries_at_once_are_no_way_around() -> None:
    login_throttle = LoginThrottle()
    with ThreadPoolExecutor(40) as crowd:
        waits = list(crowd.map(lambda _: login_throttle.enter("ana", "10.0.0.1"), range(40)))
    assert waits.count(0) == 5


def test_right_passwords_leave_nothing_behind() -> None:
    login_throttle = LoginThrottle()
    for _ in range(100):
        assert login_throttle.enter("ana", "10.0.0.1") == 0
        login_throttle.succeeded("ana", "10.0.0.1")


def test_the_wait_begins_when_the_password_is_known_to_be_wrong() -> None:
    throttle, clock = failing(6)
    clock.now += 2.0
    throttle.waits_from_now("ana")
    assert throttle.wait("ana") == 2.0
