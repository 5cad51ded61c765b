"""Signing in at the office, with the Pi there and with the Pi away."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE
from typing import cast

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import AsyncRequestFactory, override_settings
from pytest_django import Settings

from hexabrand.hosts import OwnNames
from remote.office import signin
from remote.office.link.client import Person
from remote.office.link.link_errors import PiRefused, PiUnreachable
from remote.office.live.consumers import _origin_is_ours
from remote.office.mirror.tables import Row
from remote.office.office import OfficeRequest, SignInMiddleware
from remote.office.signin import PI_ENTRY, Remembered, SessionStore, sign_out
from tests.office.filled import here
from tests.office.http_pi import Answer, HttpPi, serving

GRACE = Person("grace", "Grace H.", "manager")
BAD: Row = {"detail": "Name or password is wrong.", "code": "bad_credentials"}


@pytest.fixture(autouse=True)
def office(settings: Settings, tmp_path: Path) -> Iterator[HttpPi]:
    """An office whose Pi knows Grace by the password "green"."""
    pi = HttpPi()
    pi.answer = answer_of_the_pi
    settings.REMOTE_PI_HOST, settings.REMOTE_PI_PORT = "127.0.0.1", pi.port
    settings.USE_SSL_FOR_PI, settings.USE_SELF_SIGNED_CERT = False, False
    settings.PI_API_KEY = "hxb_key-of-the-office"
    settings.SESSION_FILE_PATH = tmp_path / "sessions"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    forget_everything()
    here.renew()
    SignInMiddleware(page)  # as when the office starts: makes the folder of the sessions
    with serving(pi):
        yield pi
    forget_everything()


def forget_everything() -> None:
    signin._nobody.cache_clear()
    if "_storage_path" in vars(SessionStore):
        delattr(SessionStore, "_storage_path")  # Django keeps the first folder it was told


def answer_of_the_pi(_path: str, body: Row | None) -> Answer:
    if body == {"username": "grace", "password": "green"}:
        return 200, {"username": "grace", "display_name": "Grace H.", "role": "manager"}, {}
    return 401, BAD, {}


async def test_a_new_browser_speaks_the_language_that_the_person_chose() -> None:
    given = {"username": "grace", "password": "green", "next": "/office/"}
    browser = here.browser()
    assert "hexabrand_language" not in (await browser.post("/login", given)).cookies
    await browser.post("/office/language", {"language": "es"})
    answer = await here.browser().post("/login", given)
    assert answer.cookies["hexabrand_language"].value == "es"


async def sign_in(request: OfficeRequest, username: str, password: str) -> Person:
    return await here.office.signin.sign_in(request, username, password)


def person_of_scope(scope: Row) -> Person | None:
    return here.office.signin.person_of_scope(scope)


def remembered() -> dict[str, Remembered]:
    return here.office.signin._remembered


async def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"hello {cast('OfficeRequest', request).person}")


def visit(path: str = "/office/", session: str | None = None, **headers: str) -> OfficeRequest:
    request = cast("OfficeRequest", AsyncRequestFactory().get(path, headers=headers))
    request.scope["office"] = here.office
    request.session = SessionStore(session)
    return request


async def through(request: OfficeRequest) -> HttpResponseBase:
    return await SignInMiddleware(page)(request)


async def signed_in() -> str:
    """The session key of Grace, as her browser holds it."""
    request = visit()
    await sign_in(request, "grace", "green")
    await request.session.asave()
    assert request.session.session_key is not None
    return request.session.session_key


async def test_a_stranger_is_led_to_the_sign_in_page_and_back() -> None:
    answer = await through(visit("/office/cattle?search=1"))
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=%2Foffice%2Fcattle%3Fsearch%3D1"


@pytest.mark.parametrize("path", ["/login", "/health", "/static/office.css"])
async def test_some_pages_are_for_everybody(path: str) -> None:
    assert (await through(visit(path))).status_code == 200


@pytest.mark.parametrize("path", ["/loginx", "/health/x", "/staticx", "/", "//login"])
async def test_nothing_else_is(path: str) -> None:
    assert (await through(visit(path))).status_code == 302


async def test_who_signed_in_is_known_to_pages_and_sockets() -> None:
    key = await signed_in()
    request = visit(session=key)
    assert (await through(request)).status_code == 200
    assert request.person == GRACE
    cookie = f"other=1; {settings.SESSION_COOKIE_NAME}={key}".encode()
    assert person_of_scope({"headers": [(b"host", b"x"), (b"cookie", cookie)]}) == GRACE


@pytest.mark.parametrize("cookie", [b"", b"hexabrand_office_session=../../etc/passwd", b"\xff=;"])
def test_a_socket_without_a_session_is_nobodys(cookie: bytes) -> None:
    assert person_of_scope({"headers": [(b"cookie", cookie)]}) is None
    assert person_of_scope({"headers": []}) is None


async def test_a_cookie_that_was_copied_is_dead_after_sign_out() -> None:
    key = await signed_in()
    await sign_out(visit(session=key))
    assert (await through(visit(session=key))).status_code == 302
    cookie = f"{settings.SESSION_COOKIE_NAME}={key}".encode()
    assert person_of_scope({"headers": [(b"cookie", cookie)]}) is None


async def test_the_session_id_from_before_signing_in_is_worth_nothing_after() -> None:
    planted = visit()
    await planted.session.aset("planted", "yes")
    await planted.session.asave()
    before = planted.session.session_key
    await sign_in(planted, "grace", "green")
    await planted.session.asave()
    assert planted.session.session_key != before
    assert await planted.session.aget("planted") is None
    assert (await through(visit(session=before))).status_code == 302


async def test_a_wrong_password_signs_nobody_in() -> None:
    request = visit()
    with pytest.raises(PiRefused, match="wrong"):
        await sign_in(request, "grace", "blue")
    assert await request.session.aget(signin.SESSION_ENTRY) is None


async def test_too_many_tries_are_told_in_the_pis_words(office: HttpPi) -> None:
    problem = {"detail": "Too many tries. Wait 30 seconds.", "code": "throttled"}
    office.answer = lambda _path, _body: (429, problem, {"Retry-After": "30"})
    with pytest.raises(PiRefused, match="Wait 30 seconds"):
        await sign_in(visit(), "grace", "green")


async def test_while_the_pi_is_away_those_seen_before_may_sign_in(office: HttpPi) -> None:
    await signed_in()
    office.go_away()
    assert await sign_in(visit(), "grace", "green") == GRACE
    for username, password in (("grace", "blue"), ("ada", "green"), ("", "")):
        with pytest.raises(PiUnreachable, match="cannot be asked"):
            await sign_in(visit(), username, password)


async def test_a_password_changed_since_is_none_while_the_pi_is_away(office: HttpPi) -> None:
    old = {"username": "grace", "display_name": "Grace H.", "role": "manager", "stamp": "1"}
    office.answer = lambda _path, _body: (200, old, {})
    here.mirror.set_people({"grace": "1"})
    key = await signed_in()
    office.go_away()
    assert (await sign_in(visit(), "grace", "green")).stamp == "1"
    here.mirror.set_people({"grace": "2"})
    with pytest.raises(PiUnreachable, match="cannot be asked"):
        await sign_in(visit(), "grace", "green")
    cookie = f"{settings.SESSION_COOKIE_NAME}={key}".encode()
    assert person_of_scope({"headers": [(b"cookie", cookie)]}) is None


async def test_whom_another_pi_knew_has_to_sign_in_again(office: HttpPi) -> None:
    """Its people have no account at this one; a second certificate of the same Pi is no matter."""
    request = visit()
    await sign_in(request, "grace", "green")
    await request.session.aset(PI_ENTRY, "ab" * 32)
    remembered()["grace"] = replace(remembered()["grace"], pi="ab" * 32)
    await request.session.asave()
    key = request.session.session_key
    here.client.trusted = frozenset({"ab" * 32, "cd" * 32})
    assert (await through(visit(session=key))).status_code == 200
    here.client.trusted = frozenset({"cd" * 32})
    assert (await through(visit(session=key))).status_code == 302
    cookie = f"{settings.SESSION_COOKIE_NAME}={key}".encode()
    assert person_of_scope({"headers": [(b"cookie", cookie)]}) is None
    office.go_away()
    with pytest.raises(PiUnreachable, match="cannot be asked"):
        await sign_in(visit(), "grace", "green")


async def test_guessing_while_the_pi_is_away_slows_down_too(office: HttpPi) -> None:
    await signed_in()
    office.go_away()
    tries = [sign_in(visit(), "grace", "blue") for _ in range(40)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert len([one for one in answers if "Try again in" in str(one)]) == 35


async def test_the_pi_is_told_where_the_browser_is(office: HttpPi) -> None:
    await signed_in()
    assert office.requests[-1][2]["X-Office-Client"] == "127.0.0.1"


async def test_a_password_that_the_pi_no_longer_takes_is_forgotten(office: HttpPi) -> None:
    await signed_in()
    with pytest.raises(PiRefused):
        await sign_in(visit(), "grace", "a guess must not make the office forget")
    assert "grace" in remembered()
    office.answer = lambda _path, _body: (401, BAD, {})
    with pytest.raises(PiRefused):
        await sign_in(visit(), "grace", "green")
    office.go_away()
    with pytest.raises(PiUnreachable):
        await sign_in(visit(), "grace", "green")


# -- a second factor -------------------------------------------------------------------------------


def wants_a_code(_path: str, body: Row | None) -> Answer:
    """The answer of a Pi at which Grace's account has a second factor."""
    asked = dict(body or {})
    given = asked.pop("code", None)
    status, known, headers = answer_of_the_pi(_path, asked)
    if status == 200 and given != "123456":
        code = "bad_code" if given else "code_needed"
        return 401, {"detail": "Give the code, too.", "code": code}, {}
    return status, known, headers


async def test_the_sign_in_page_asks_for_a_code_where_the_pi_does(office: HttpPi) -> None:
    browser, grace = here.browser(), {"username": "grace", "password": "green"}
    assert b'name="code"' not in (await browser.get("/login")).content
    office.answer = wants_a_code
    for given in ({}, {"code": ""}, {"code": "1"}):
        answer = await browser.post("/login", {**grace, **given})
        assert answer.status_code == 401
        assert b'name="code"' in answer.content
        assert b"Give the code, too." in answer.content
        assert b"green" not in answer.content
    wrong = await browser.post("/login", {"username": "grace", "password": "blue"})
    assert b'name="code"' not in wrong.content
    assert (await browser.post("/login", {**grace, "code": "123456"})).status_code == 302
    assert office.requests[-1][3] == {**grace, "code": "123456"}


async def test_who_has_a_second_factor_does_not_sign_in_while_the_pi_is_away(
    office: HttpPi,
) -> None:
    await signed_in()
    office.answer = wants_a_code  # from now on; the password alone was remembered before
    with pytest.raises(PiRefused, match="the code"):
        await sign_in(visit(), "grace", "green")
    await here.office.signin.sign_in(visit(), "grace", "green", "123456")
    office.go_away()
    for given in ("", "123456"):
        with pytest.raises(PiUnreachable, match="cannot be asked"):
            await here.office.signin.sign_in(visit(), "grace", "green", given)


def test_no_password_is_kept_in_the_clear() -> None:
    key = asyncio.run(signed_in())
    assert "green" not in repr(remembered())
    stored = next(Path(settings.SESSION_FILE_PATH).glob(f"*{key}"))
    assert "green" not in stored.read_text()
    assert S_IMODE(Path(settings.SESSION_FILE_PATH).stat().st_mode) == 0o700


def test_the_middleware_never_leaves_the_event_loop() -> None:
    assert SignInMiddleware.async_capable
    assert not SignInMiddleware.sync_capable


@pytest.mark.parametrize("path", ["/login", "/health", "/office/"])
async def test_the_office_answers_to_its_own_names_alone(path: str) -> None:
    answer = await here.browser().get(path, headers={"host": "evil.example"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("origin", "host", "is_ours"),
    [
        ("http://127.0.0.1:5000", "127.0.0.1:5000", True),
        ("http://[::1]:5000", "[::1]:5000", True),
        ("http://[::1]:5000", "[::1]:5001", False),
        ("http://evil.example", "evil.example", False),
        ("", "127.0.0.1", False),
    ],
)
async def test_a_browsers_socket_comes_from_a_page_of_ours(
    origin: str, host: str, *, is_ours: bool
) -> None:
    headers = [(b"origin", origin.encode()), (b"host", host.encode())]
    with override_settings(ALLOWED_HOSTS=OwnNames()):
        assert await _origin_is_ours({"headers": headers, "office": here.office}) is is_ours
