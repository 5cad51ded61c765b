"""A second factor: each door of a person wants the code, each code counts once."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework.test import APIClient

from remote.api import second_factor
from remote.api.people import stamp_of, stamps
from remote.api.roles import give_role
from remote.throttle import login_throttle
from tests.remote.api.rows import ROOT

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])

KEY = "3132333435363738393031323334353637383930"
PAGE = "/admin/second-factor/"
PASSWORD = "correct horse 9"


@pytest.fixture(autouse=True)
def _no_failure_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no time passes for those of this one, however slow the machine is."""
    second_factor.code_throttle.forget()
    for throttle in (second_factor.code_throttle, login_throttle._pair):
        monkeypatch.setattr(throttle, "_clock", lambda: 1_000.0)


@pytest.fixture
def ana() -> User:
    person = User.objects.create_user("ana", password=PASSWORD)
    give_role(person, "administrator")
    return person


@pytest.fixture
def backup(ana: User) -> list[str]:
    """Her second factor is on; the backup codes."""
    codes = second_factor.turn_on(ana, KEY, code())
    assert codes is not None
    TOTPDevice.objects.update(last_t=-1)  # as if it was turned on before this moment's code
    return codes


def code(steps: int = 0) -> str:
    """What an app shows now, or showed so many steps of 30 s from now."""
    return f"{totp(bytes.fromhex(KEY), drift=steps):06}"


def into_the_admin(given: str, password: str = PASSWORD) -> Any:
    client = Client()
    body = {"username": "ana", "password": password, "code": given}
    return client.post("/admin/login/?next=/admin/", body)


def into_the_api(given: str) -> Any:
    body = {"username": "ana", "password": PASSWORD, "code": given}
    return Client().post("/api/auth/login", body)


def through_an_office(api: APIClient, given: str, password: str = PASSWORD) -> Any:
    body = {"username": "ana", "password": password} | ({"code": given} if given else {})
    return api.post(f"{ROOT}auth/login", body, format="json")


# -- turning it on and off -------------------------------------------------------------------------


def test_a_person_turns_it_on_in_the_admin_with_a_code_of_the_app(ana: User) -> None:
    client, elsewhere = Client(), Client()
    for one in (client, elsewhere):
        one.force_login(ana)
    shown = client.get(PAGE).content.decode()
    assert "<svg" in shown
    address = re.search(r"otpauth://totp/HexaBrand[^<]*", shown)
    assert address is not None
    assert "issuer=HexaBrand" in address[0]
    key = client.session["second_factor_key"]
    assert second_factor.in_letters(key) in shown
    assert "is not the code" in client.post(PAGE, {"code": "000000x"}).content.decode()
    assert not second_factor.is_on(ana)
    good = f"{totp(bytes.fromhex(key)):06}"
    told = client.post(PAGE, {"code": f"{good[:3]} {good[3:]}"}).content.decode()
    assert all(one.token in told for one in StaticToken.objects.all())
    assert StaticToken.objects.count() == second_factor.BACKUP_CODES
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302  # it began without a code
    assert key not in client.get(PAGE).content.decode()


def test_the_code_that_turned_it_on_signs_nobody_in(ana: User) -> None:
    shown = code()
    assert second_factor.turn_on(ana, KEY, shown) is not None
    assert into_the_admin(shown).status_code == 200


def test_it_is_turned_off_with_a_code_alone(ana: User, backup: list[str]) -> None:
    client = Client()
    client.force_login(ana)
    assert "wrong" in client.post(PAGE, {"code": "123"}).content.decode()
    assert second_factor.is_on(ana)
    client.post(PAGE, {"code": code()})
    assert not second_factor.is_on(ana)
    assert not StaticToken.objects.exists()
    assert into_the_admin("").status_code == 302


def test_a_shell_on_the_pi_takes_it_off(
    ana: User, backup: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("second_factor_off", "ana")
    assert "password alone" in capsys.readouterr().out
    assert into_the_admin("").status_code == 302
    for name, why in (("ana", "no second factor"), ("nobody", "nobody called")):
        with pytest.raises(CommandError, match=why):
            call_command("second_factor_off", name)


def test_no_page_of_the_admin_shows_a_key(ana: User, backup: list[str]) -> None:
    client = Client()
    client.force_login(ana)
    for table in ("otp_totp/totpdevice", "otp_static/staticdevice"):
        assert client.get(f"/admin/{table}/").status_code == 404


# -- the doors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", [into_the_admin, into_the_api])
def test_a_form_of_the_pi_wants_the_code(ana: User, backup: list[str], door: Any) -> None:
    assert b"the code that your authenticator app shows" in door("").content
    assert b"This code is wrong" in door("0").content
    shown = code()  # once: the next one counts anew
    assert door(shown).status_code == 302
    assert b"This code is wrong" in door(shown).content
    assert door(backup[0].upper()).status_code == 302
    assert b"This code is wrong" in door(backup[0]).content


def test_an_office_is_told_that_a_code_is_needed(
    ana: User, api: APIClient, backup: list[str]
) -> None:
    asked = through_an_office(api, "")
    assert (asked.status_code, asked.json()["code"]) == (401, "code_needed")
    wrong = through_an_office(api, "12")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_code")
    shown = code()
    assert through_an_office(api, shown).json()["username"] == "ana"
    assert through_an_office(api, shown).json()["code"] == "bad_code"
    assert through_an_office(api, backup[1]).status_code == 200


def test_a_wrong_password_tells_nothing_of_a_second_factor(
    ana: User, api: APIClient, backup: list[str]
) -> None:
    for given in ("", code()):
        told = through_an_office(api, given, password="wrong")
        assert told.json()["code"] == "bad_credentials"
    assert b"authenticator" not in into_the_admin("", password="wrong").content


def test_nobody_else_is_asked(ana: User, api: APIClient) -> None:
    assert through_an_office(api, "").status_code == 200
    assert into_the_admin("").status_code == 302


def test_neither_a_key_nor_a_password_over_basic_auth_is_a_way_around(
    ana: User, api: APIClient, backup: list[str]
) -> None:
    assert api.get(f"{ROOT}pens").status_code == 200  # a machine's key knows no second factor
    basic = APIClient()
    basic.credentials(HTTP_AUTHORIZATION="Basic YW5hOmNvcnJlY3QgaG9yc2UgOQ==")
    assert basic.get(f"{ROOT}pens").status_code == 401


def test_it_ends_the_persons_sessions_at_offices(ana: User) -> None:
    before = stamps()["ana"]
    second_factor.turn_on(ana, KEY, code())
    on = stamps()["ana"]
    assert on != before
    assert on == stamp_of(User.objects.get())
    second_factor.turn_off(ana)
    assert stamps()["ana"] == before


# -- clocks and guesses ----------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [-4, 4])
def test_a_clock_may_be_two_minutes_out(ana: User, backup: list[str], steps: int) -> None:
    assert second_factor.refusal_of(ana, code(steps)) is None
    assert TOTPDevice.objects.get().drift == steps  # and is followed from there
    assert second_factor.refusal_of(ana, code(steps - 1)) == second_factor.WRONG


def test_a_clock_that_is_further_out_takes_a_backup_code(ana: User, backup: list[str]) -> None:
    assert second_factor.refusal_of(ana, code(60)) == second_factor.WRONG
    assert second_factor.refusal_of(ana, backup[2]) is None


def test_wrong_codes_slow_down_the_next_try_whatever_the_address(
    ana: User, api: APIClient, backup: list[str]
) -> None:
    for number in range(5):
        api.credentials(HTTP_X_OFFICE_CLIENT=f"192.0.2.{number}")
        assert through_an_office(api, f"{number}").status_code == 401
    told = through_an_office(api, backup[0])
    assert (told.status_code, told.json()["code"]) == (429, "throttled")
    assert StaticToken.objects.count() == second_factor.BACKUP_CODES  # it was not looked at
    assert b"Too many wrong codes" in into_the_admin(backup[0]).content


def test_a_password_without_a_code_forgets_no_failure(ana: User, backup: list[str]) -> None:
    """Else who knows a password could take turns: one try of it, one guess of a code."""
    for _ in range(5):
        into_the_admin("")
    assert b"Too many wrong passwords" in into_the_admin("").content
    login_throttle.forget()
    assert into_the_admin(code()).status_code == 302
