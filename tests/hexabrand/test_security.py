"""What both roles promise to a stranger on the network, by their settings and their answers."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
ROLES = ("pi", "ui")
ASKED = (
    "DEBUG",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SAMESITE",
    "X_FRAME_OPTIONS",
    "SECURE_CONTENT_TYPE_NOSNIFF",
    "ALLOWED_HOSTS",
)


def python(role: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": f"hexabrand.settings.{role}"} | more,
    )


@cache
def settings_of(role: str) -> dict[str, Any]:
    """As a start in production has them: the test runner changes some."""
    told = (
        "import json; from django.conf import settings;"
        f"print(json.dumps({{name: getattr(settings, name) for name in {ASKED}}}))"
    )
    found: dict[str, Any] = json.loads(python(role, "-c", told).stdout)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_django_finds_nothing_to_complain_of(role: str) -> None:
    checked = python(role, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("role", ROLES)
def test_no_page_tells_of_our_insides(role: str) -> None:
    assert settings_of(role)["DEBUG"] is False


@pytest.mark.parametrize("role", ROLES)
def test_a_session_s_cookie_is_for_the_server_alone(role: str) -> None:
    told = settings_of(role)
    assert (told["SESSION_COOKIE_HTTPONLY"], told["SESSION_COOKIE_SAMESITE"]) == (True, "Lax")
    assert told["CSRF_COOKIE_SAMESITE"] == "Lax"


def test_the_pis_cookies_travel_over_tls_alone() -> None:
    assert settings_of("pi")["SESSION_COOKIE_SECURE"] is True


def test_two_roles_on_one_machine_do_not_share_cookies() -> None:
    """Ports do not keep cookies apart."""
    names = [settings_of(role)[name] for role in ROLES for name in ASKED if "NAME" in name]
    assert len(set(names)) == 4


@pytest.mark.parametrize("role", ROLES)
def test_not_every_host_is_allowed(role: str) -> None:
    assert "*" not in settings_of(role)["ALLOWED_HOSTS"]


@pytest.mark.django_db(databases=["default", "reader"])
@pytest.mark.parametrize("path", ["/admin/login/", "/api/remote/health", "/api/remote/cattle"])
def test_the_pi_answers_to_its_own_names_alone(path: str) -> None:
    assert Client().get(path, secure=True, headers={"host": "evil.example"}).status_code == 400


@pytest.mark.django_db(databases=["default", "reader"])
def test_the_pis_pages_carry_their_policy() -> None:
    answer = Client().get("/admin/login/", secure=True)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")


@pytest.mark.parametrize("secret", ["test123", "changeme"])
def test_an_example_from_a_manual_is_no_secret(secret: str) -> None:
    refused = python("pi", "manage.py", "check", PI_API_KEY=secret)
    assert refused.returncode != 0
    assert "not a secret" in refused.stderr
    assert python("pi", "manage.py", "check", SECRET_KEY=secret).returncode != 0
