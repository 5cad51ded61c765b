"""API keys in the admin."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from remote.api.authentication import caller_of
from remote.api.models import ApiKey

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
