"""API keys and people in the admin."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from remote.api.authentication import ROLES, caller_of, role_of
from remote.api.models import ApiKey
from remote.api.roles import may_enter

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
LIST = "/admin/remote/apikey/"


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("ana"))
    return client


def make_key(admin: Client) -> str:
    form = {"name": "gate", "scopes": ["read"]}
    page = admin.post(f"{LIST}add/", form, follow=True, secure=True)
    found = re.search(r"hxb_[^\s<]+\.[^\s<]+", page.content.decode())
    assert found is not None
    return found[0]


def test_a_new_key_works_and_is_shown_this_once(admin: Client) -> None:
    plain = make_key(admin)
    caller = caller_of(plain)
    assert caller is not None
    assert caller.scopes == {"read"}
    page = admin.get(LIST, secure=True).content.decode()
    assert ApiKey.objects.get().prefix in page
    assert plain not in page


def test_a_revoked_key_stays_revoked(admin: Client) -> None:
    make_key(admin)
    path = f"{LIST}{ApiKey.objects.get().pk}/change/"
    form = {"name": "gate", "scopes": ["read"], "revoked": "on"}
    admin.post(path, form, secure=True)
    admin.post(path, {"name": "gate", "scopes": ["read"]}, secure=True)
    assert ApiKey.objects.get().revoked


def test_the_packages_own_keys_are_not_offered(admin: Client) -> None:
    assert admin.get("/admin/rest_framework_api_key/apikey/", secure=True).status_code == 404


# -- people ---------------------------------------------------------------------------------------

PEOPLE = "/admin/auth/user/"
PASSWORD = {"password1": "hay-and-corn-7", "password2": "hay-and-corn-7"}


def edited(admin: Client, user: User, **changed: str) -> Any:
    form = {"username": user.username, "is_active": "on", "role": role_of(user)} | changed
    return admin.post(f"{PEOPLE}{user.pk}/change/", form, secure=True)


def test_a_person_is_given_one_of_three_roles_and_no_permissions(admin: Client) -> None:
    for path in ("add/", f"{User.objects.get().pk}/change/"):
        page = admin.get(PEOPLE + path, secure=True).content.decode()
        assert re.findall(r'type="radio" name="role" value="(\w+)"', page) == [*reversed(ROLES)]
        assert "user_permissions" not in page
        assert "is_superuser" not in page
    assert admin.get("/admin/auth/group/", secure=True).status_code == 404


@pytest.mark.parametrize("role", ROLES)
def test_a_new_person_has_the_role_that_was_chosen(admin: Client, role: str) -> None:
    admin.post(f"{PEOPLE}add/", {"username": "fred", "role": role, **PASSWORD}, secure=True)
    fred = User.objects.get(username="fred")
    assert (role_of(fred), fred.is_superuser, fred.is_staff) == (role, False, False)
    signed_in = Client()
    assert signed_in.login(username="fred", password=PASSWORD["password1"])
    people = signed_in.get(PEOPLE, secure=True).status_code
    assert people == {"viewer": 302, "manager": 403, "administrator": 200}[role]


def test_another_role_takes_the_first_one_away(admin: Client) -> None:
    boss = User.objects.create_superuser("bea")
    edited(admin, boss, role="viewer")
    boss.refresh_from_db()
    assert (role_of(boss), may_enter(boss)) == ("viewer", False)
    edited(admin, boss, role="manager")
    assert [group.name for group in boss.groups.all()] == ["manager"]


@pytest.mark.parametrize("changed", [{"role": "manager"}, {"is_active": ""}])
def test_the_only_administrator_stays_one(admin: Client, changed: dict[str, str]) -> None:
    ana = User.objects.get()
    page = edited(admin, ana, **changed)
    assert "This is the only administrator" in page.content.decode()
    assert admin.get(f"{PEOPLE}{ana.pk}/delete/", secure=True).status_code == 403
    User.objects.create_superuser("bea")
    assert edited(admin, ana, **changed).status_code == 302


def test_a_password_is_given_anew_from_the_persons_page(admin: Client) -> None:
    ana = User.objects.get()
    page = admin.get(f"{PEOPLE}{ana.pk}/change/", secure=True).content.decode()
    assert "../password/" in page
    assert "pbkdf2" not in page
    assert admin.get(f"{PEOPLE}{ana.pk}/password/", secure=True).status_code == 200
