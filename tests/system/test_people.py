"""Whose account changes at the Pi is out at the office at once, with all pages that are open."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.pages import sign_in_as
from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system

AT_ONCE = 15.0  # seconds: a busy machine's; by itself it takes one
PASSWORD = "correct horse battery"
BY_HAND = (
    "from django.contrib.auth.models import Group, User; ana = User.objects.get(username='ana'); "
)


def shell(farm: Farm, code: str) -> None:
    farm.manage("pi", "shell", "-c", code)


@pytest.fixture
def ana(farm: Farm) -> None:
    """A manager with this password."""
    shell(
        farm,
        "from django.contrib.auth.models import Group, User;"
        "User.objects.filter(username='ana').delete();"
        f"ana = User.objects.create_user('ana', password={PASSWORD!r});"
        "ana.groups.add(Group.objects.get(name='manager'))",
    )


@contextmanager
def open_page(farm: Farm, session: requests.Session) -> Iterator[ClientConnection]:
    """The socket of a page that shows the herd."""
    headers = {"Cookie": "; ".join(f"{one.name}={one.value}" for one in session.cookies)}
    with connect(
        f"ws://127.0.0.1:{farm.office_port}/ws/office?page=/office/",
        additional_headers=headers,
        origin=Origin(farm.office_url),
        proxy=None,
    ) as socket:
        assert acknowledged(socket)["state"] == "live"
        yield socket


def acknowledged(socket: ClientConnection) -> dict[str, object]:
    message: dict[str, object] = json.loads(socket.recv(timeout=AT_ONCE))
    socket.send(json.dumps({"ack": message["id"]}))
    return message


def close_code(socket: ClientConnection) -> int | None:
    """What the page is closed with, within the time that is promised."""
    deadline = time.monotonic() + AT_ONCE
    while time.monotonic() < deadline:
        try:
            acknowledged(socket)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
    return None


def is_in(farm: Farm, session: requests.Session) -> bool:
    return session.get(f"{farm.office_url}/office/", allow_redirects=False).status_code == 200


CHANGES = {
    "password": "ana.set_password('another one'); ana.save()",
    "role": "ana.groups.set(Group.objects.filter(name='viewer'))",
    "closed": "ana.is_active = False; ana.save()",
    "deleted": "ana.delete()",
}


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize("change", list(CHANGES))
def test_a_changed_account_ends_sessions_and_open_pages_at_once(farm: Farm, change: str) -> None:
    ana, other = sign_in_as(farm, "ana", PASSWORD), sign_in_as(farm, **administrator(farm))
    with open_page(farm, ana) as hers, open_page(farm, other) as others:
        assert is_in(farm, ana)
        shell(farm, BY_HAND + CHANGES[change])
        assert close_code(hers) == 4401
        assert not is_in(farm, ana)
        assert is_in(farm, other)
        acknowledged(others)


def administrator(farm: Farm) -> dict[str, str]:
    return {name: farm.account[name] for name in ("username", "password")}


@pytest.mark.usefixtures("ana")
def test_while_the_pi_is_away_people_stay_and_who_was_changed_meanwhile_goes_when_it_is_back(
    farm: Farm,
) -> None:
    ana, other = sign_in_as(farm, "ana", PASSWORD), sign_in_as(farm, **administrator(farm))
    farm.processes["pi web"].kill()
    shell(farm, BY_HAND + CHANGES["password"])
    assert is_in(farm, ana)
    farm.start("pi web")
    farm.wait_until_pi_answers()
    wait_until(lambda: not is_in(farm, ana), "the old password's session has ended")
    assert is_in(farm, other)


@pytest.mark.usefixtures("ana")
def test_a_new_password_signs_in_at_once_and_stays(farm: Farm) -> None:
    old = sign_in_as(farm, "ana", PASSWORD)
    shell(farm, BY_HAND + CHANGES["password"])
    new = sign_in_as(farm, "ana", "another one")
    wait_until(lambda: not is_in(farm, old), "the old password's session has ended")
    assert is_in(farm, new)
