"""An account that is closed at the Pi ends its sessions at the office."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from remote.office import accounts as module
from remote.office.accounts import ASK_EVERY, Accounts
from remote.office.link.client import client_from_settings
from remote.office.mirror.mirror import LinkState, Mirror
from tests.office.filled import filled
from tests.office.http_pi import Answer, HttpPi, serving
from tests.office.test_pages import signed_in

ANA: Answer = (200, {"username": "ana", "display_name": "Ana", "role": "viewer"}, {})
GONE: Answer = (404, {"detail": "Nobody.", "code": "no_such_person"}, {})
BROKEN: Answer = (503, {"detail": "Busy.", "code": "busy"}, {})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def pi(settings: Settings) -> Iterator[HttpPi]:
    with serving(HttpPi()) as web:
        web.answer = lambda _path, _body: ANA
        settings.REMOTE_PI_HOST, settings.REMOTE_PI_PORT = "127.0.0.1", web.port
        settings.USE_SSL_FOR_PI, settings.USE_SELF_SIGNED_CERT = False, False
        settings.PI_API_KEY = "hxb_key-of-the-office"
        client_from_settings.cache_clear()
        yield web
    client_from_settings.cache_clear()


@pytest.fixture
def herd() -> Iterator[Mirror]:
    with filled() as mirror:
        yield mirror


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.accounts, "_known", {})


async def test_a_closed_account_is_out_with_all_its_sessions(pi: HttpPi, herd: Mirror) -> None:
    here, there = signed_in("viewer"), signed_in("viewer")
    assert (await here.get("/office/")).status_code == 200
    pi.answer = lambda _path, _body: GONE
    module.accounts._known["ana"].asked -= ASK_EVERY
    assert [(await one.get("/office/")).status_code for one in (here, there)] == [302, 302]
    pi.answer = lambda _path, _body: ANA
    module.accounts.has_signed_in("ana")
    assert (await here.get("/office/")).status_code == 302  # the session itself has ended


async def test_the_pi_is_asked_once_in_five_minutes(pi: HttpPi, herd: Mirror) -> None:
    clock = Clock()
    accounts = Accounts(clock)
    for _ in range(10):
        assert await accounts.is_open("ana")
    assert [(path, headers["X-Office-User"]) for _, path, headers, _ in pi.requests] == [
        ("/api/remote/auth/person", "ana")
    ]
    clock.now += ASK_EVERY
    assert await accounts.is_open("ana")
    assert len(pi.requests) == 2


async def test_who_signs_in_need_not_be_asked_for_at_once(pi: HttpPi, herd: Mirror) -> None:
    accounts = Accounts(Clock())
    accounts.has_signed_in("ana")
    assert await accounts.is_open("ana")
    assert pi.requests == []


async def test_while_the_pi_cannot_say_people_go_on(pi: HttpPi, herd: Mirror) -> None:
    pi.answer = lambda _path, _body: BROKEN
    assert await Accounts(Clock()).is_open("ana")
    herd.set_link(LinkState("away", None, "The Pi does not answer."))
    pi.answer = lambda _path, _body: GONE
    assert await Accounts(Clock()).is_open("ana")
