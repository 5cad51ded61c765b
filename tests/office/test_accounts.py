"""An account that is closed or changed at the Pi ends its sessions at the office."""

from collections.abc import Iterator

import pytest

from remote.office.link.client import Person
from remote.office.link.configuration import PiAddress
from remote.office.mirror.mirror import LinkState, Mirror
from remote.office.signin import ASK_EVERY, Accounts
from tests.office.filled import filled, here
from tests.office.http_pi import Answer, HttpPi, serving
from tests.office.test_pages import signed_in

ANA: Answer = (200, {"username": "ana", "display_name": "Ana", "role": "viewer"}, {})
ANA_NOW = Person("ana", "Ana", "viewer", "stamp 2")
GONE: Answer = (404, {"detail": "Nobody.", "code": "no_such_person"}, {})
BROKEN: Answer = (503, {"detail": "Busy.", "code": "busy"}, {})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pi() -> Iterator[HttpPi]:
    with serving(HttpPi()) as web:
        web.answer = lambda _path, _body: ANA
        here.client.use(PiAddress("127.0.0.1", web.port, "hxb_key-of-the-office", tls=False))
        yield web


@pytest.fixture
def herd() -> Iterator[Mirror]:
    with filled() as mirror:
        yield mirror


async def test_a_closed_account_is_out_with_all_its_sessions(pi: HttpPi, herd: Mirror) -> None:
    one, other = signed_in("viewer"), signed_in("viewer")
    assert (await one.get("/office/")).status_code == 200
    pi.answer = lambda _path, _body: GONE
    here.office.signin.accounts._known["ana"].asked_at -= ASK_EVERY
    assert [(await each.get("/office/")).status_code for each in (one, other)] == [302, 302]
    pi.answer = lambda _path, _body: ANA
    here.office.signin.accounts.has_signed_in("ana")
    assert (await one.get("/office/")).status_code == 302  # the session itself has ended


async def test_the_pi_is_asked_once_in_five_minutes(pi: HttpPi, herd: Mirror) -> None:
    clock = Clock()
    accounts = Accounts(herd, here.client, clock)
    for _ in range(10):
        assert await accounts.is_open("ana")
    assert [(path, headers["X-Office-User"]) for _, path, headers, _ in pi.requests] == [
        ("/api/remote/auth/person", "ana")
    ]
    clock.now += ASK_EVERY
    assert await accounts.is_open("ana")
    assert len(pi.requests) == 2


async def test_who_signs_in_need_not_be_asked_for_at_once(pi: HttpPi, herd: Mirror) -> None:
    accounts = Accounts(herd, here.client, Clock())
    accounts.has_signed_in("ana")
    assert await accounts.is_open("ana")
    assert pi.requests == []


async def test_while_the_pi_cannot_say_people_go_on(pi: HttpPi, herd: Mirror) -> None:
    pi.answer = lambda _path, _body: BROKEN
    assert await Accounts(herd, here.client, Clock()).is_open("ana")
    herd.set_link(LinkState("away", None, "The Pi does not answer."))
    pi.answer = lambda _path, _body: GONE
    assert await Accounts(herd, here.client, Clock()).is_open("ana")


@pytest.mark.parametrize("told", [{"ana": "stamp 2"}, {"bob": "stamp 1"}, {}])
async def test_another_password_or_role_ends_all_sessions_at_once(
    pi: HttpPi, herd: Mirror, told: dict[str, str]
) -> None:
    herd.set_people({"ana": "stamp 1", "bob": "stamp 1"})
    one, other = (signed_in("viewer", stamp="stamp 1") for _ in range(2))
    bob = signed_in("viewer", "bob", stamp="stamp 1")
    assert (await one.get("/office/")).status_code == 200
    herd.set_people({"bob": "stamp 1"} | told)
    assert [(await each.get("/office/")).status_code for each in (one, other)] == [302, 302]
    assert (await bob.get("/office/")).status_code == 200
    herd.set_people({"ana": "stamp 1"})
    assert (await one.get("/office/")).status_code == 302  # the session itself has ended


async def test_while_the_pi_is_away_what_it_told_last_counts(pi: HttpPi, herd: Mirror) -> None:
    herd.set_people({"ana": "stamp 1"})
    ana, old = signed_in("viewer", stamp="stamp 1"), signed_in("viewer", stamp="stamp 0")
    herd.set_link(LinkState("away", None, "The Pi does not answer."))
    assert [(await each.get("/office/")).status_code for each in (ana, old)] == [200, 302]


async def test_a_session_of_an_office_whose_pi_tells_no_stamps_goes_on(herd: Mirror) -> None:
    assert herd.people is None
    assert (await signed_in("viewer").get("/office/")).status_code == 200


def test_a_new_password_is_good_before_the_feed_has_told_of_it(herd: Mirror) -> None:
    accounts = Accounts(herd, here.client, Clock())
    herd.set_people({"ana": "stamp 1", "bob": "stamp 1"})
    accounts.take_stamp(ANA_NOW, told_before="stamp 1")
    assert accounts.is_as_told(ANA_NOW)
    assert accounts.stamp_told("bob") == "stamp 1"


def test_an_old_password_is_not_good_that_was_changed_while_it_was_checked(herd: Mirror) -> None:
    accounts = Accounts(herd, here.client, Clock())
    herd.set_people({"ana": "stamp 3"})
    accounts.take_stamp(ANA_NOW, told_before="stamp 1")
    assert not accounts.is_as_told(ANA_NOW)
