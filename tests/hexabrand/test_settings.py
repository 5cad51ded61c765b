"""A setting that cannot be used ends every start with one sentence that names it."""

import os
from pathlib import Path

import pytest

from deploy import demo
from hexabrand.ownership import refusal
from tests.hexabrand.test_commands import ROOT, manage

PI = [
    ("ALLOWED_HOSTS", "http://foo/bar"),
    ("ALLOWED_HOSTS", "barn.local:5001"),
    ("HEXABRAND_STATE_DIR", "/etc/passwd"),
    ("HEXABRAND_STATE_DIR", "/proc/nowhere"),
    ("OFFICE_BIND", "banana"),
    ("PI_API_KEY", "changeme"),
    ("PI_API_KEY", "test123"),
    ("PI_BIND", "banana"),
    ("PI_PORT", "\u0665\u0660\u0660\u0661"),  # int() takes these for 5001
    ("SECRET_KEY", "changeme"),
    ("SECRET_KEY", "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz"),
    ("SECRET_KEY", "tooshort"),
    ("TIME_ZONE", "America/Nowhere"),
    ("WEIGHT_UNIT", "stone"),
    ("DATABASE_URL", "mysql://x/y"),
    ("DATABASE_URL", "nonsense"),
    ("DATABASE_URL", "sqlite:////nowhere/pi.sqlite3"),
    ("LORA_DEDUP_WINDOW", "soon"),
    ("LORA_SERIAL", "/dev/nope@abc"),
    ("LORA_SERIAL", "foo://x"),
    ("LORA_SERIAL", "socket://barn"),
    ("LORA_SERIAL", "ttyUSB0"),
    ("LORA_UDP_ALLOW", "everybody"),
    ("LORA_UDP_BIND", "1700"),
    ("LORA_UDP_BIND", "banana:1700"),
]
OFFICE = [
    ("PI_CERT_FINGERPRINT", "zz"),
    ("REMOTE_PI_HOST", "barn local"),
    ("REMOTE_PI_HOST", "http://foo:5001/"),
    ("REMOTE_PI_PORT", "70000"),
    ("ALLOWED_HOSTS", "http://foo/bar"),
    ("OFFICE_BIND", "banana"),
    ("OFFICE_URL", "farm.example"),
    ("OFFICE_URL", "https://farm.example/hexabrand/"),
    ("OFFICE_URL", "https://farm.example:99999"),
    ("PI_API_KEY", "changeme"),
    ("SECRET_KEY", "tooshort"),
    ("TRUSTED_PROXIES", "everybody"),
]


@pytest.mark.parametrize(
    ("role", "name", "value"),
    [("pi", *bad) for bad in PI] + [("ui", *bad) for bad in OFFICE],
)
def test_a_value_that_cannot_be_used_is_named_at_start(
    tmp_path: Path, role: str, name: str, value: str
) -> None:
    done = manage(tmp_path, "check", role=role, **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith(name)
    assert len(done.stderr.splitlines()) == 1


def test_an_address_with_tls_and_cookies_without_are_refused(tmp_path: Path) -> None:
    given = {"OFFICE_URL": "https://farm.example", "OFFICE_TLS": "False"}
    done = manage(tmp_path, "check", role="ui", **given)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert done.stderr.startswith("OFFICE_TLS=False and OFFICE_URL=https://farm.example contradict")


def test_postgresql_without_its_driver_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['psycopg'] = None\n")
    url = "postgres://farm@127.0.0.1/farm"
    done = manage(tmp_path, "check", DATABASE_URL=url, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "requirements-postgres.txt" in done.stderr


@pytest.mark.parametrize("command", ["serve", "setup", "runreceiver", "runworker", "simulate"])
def test_every_command_refuses_it(tmp_path: Path, command: str) -> None:
    done = manage(tmp_path, command, LORA_SERIAL="/dev/nope@abc")
    assert done.returncode == 1
    assert done.stderr.startswith("LORA_SERIAL=")


@pytest.mark.parametrize("role", ["pi", "ui"])
def test_an_address_of_another_machine_is_no_fault_of_the_port(tmp_path: Path, role: str) -> None:
    bind = "PI_BIND" if role == "pi" else "OFFICE_BIND"
    manage(tmp_path, "setup", role=role)
    done = manage(tmp_path, "serve", role=role, **{bind: "192.0.2.1"})
    assert done.returncode == 1
    assert f"{bind}=192.0.2.1" in done.stderr


@pytest.mark.parametrize(
    ("role", "given"),
    [
        ("pi", {"LORA_SERIAL": "/dev/ttyUSB0@9600, socket://10.0.0.9:4001", "PI_BIND": "[::1]"}),
        ("pi", {"ALLOWED_HOSTS": "*, .farm.example, 10.0.0.9, [fe80::1], barn_1"}),
        ("ui", {"OFFICE_URL": "HTTPS://[2001:db8::1]:443/", "TRUSTED_PROXIES": "10.0.0.7"}),
        ("ui", {"REMOTE_PI_HOST": "[fe80::1]", "PI_CERT_FINGERPRINT": "AB:" * 31 + "CD"}),
    ],
)
def test_what_is_well_written_is_taken(tmp_path: Path, role: str, given: dict[str, str]) -> None:
    assert manage(tmp_path, "check", role=role, **given).returncode == 0


@pytest.mark.parametrize(
    ("pi", "office", "sentence"),
    [
        ("True", "True", "one process has one role"),
        ("False", "False", "no role"),
        ("False", "", "no role"),
    ],
)
def test_two_roles_or_none_are_refused(tmp_path: Path, pi: str, office: str, sentence: str) -> None:
    done = manage(
        tmp_path, "check", DJANGO_SETTINGS_MODULE="", IS_PI_BACKEND=pi, IS_SERVER_UI=office
    )
    assert done.returncode == 1
    assert sentence in done.stderr


@pytest.mark.parametrize(
    ("given", "role"),
    [({}, "pi"), ({"IS_SERVER_UI": "True"}, "ui"), ({"IS_PI_BACKEND": "True"}, "pi")],
)
def test_the_role_comes_from_the_environment(
    tmp_path: Path, given: dict[str, str], role: str
) -> None:
    ask = "from django.conf import settings; print(settings.SETTINGS_MODULE)"
    done = manage(tmp_path, "shell", "-v0", "-c", ask, DJANGO_SETTINGS_MODULE="", **given)
    assert f"hexabrand.settings.{role}" in done.stdout


def test_a_relative_name_begins_at_the_projects_folder(tmp_path: Path) -> None:
    """Commands are typed in any folder; `manage` types them in the one above the state's."""
    state = os.path.relpath(tmp_path / "farm", ROOT)
    backups = os.path.relpath(tmp_path / "elsewhere", ROOT)
    done = manage(tmp_path / "x", "setup", HEXABRAND_STATE_DIR=state)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "farm" / "pi.sqlite3").exists()
    made = manage(tmp_path / "x", "backup", HEXABRAND_STATE_DIR=state, BACKUP_DIR=backups).stdout
    assert Path(made.strip()).resolve().parent == tmp_path / "elsewhere"


def test_a_database_lies_where_it_is_written_whatever_its_folder_is_called(tmp_path: Path) -> None:
    odd = tmp_path / "a+b #1? 100%"
    odd.mkdir()
    done = manage(tmp_path / "pi", "setup", DATABASE_URL=f"sqlite:///{odd}/herd.sqlite3")
    assert done.returncode == 0, done.stderr
    assert (odd / "herd.sqlite3").exists()


def test_another_env_file_can_be_named_and_the_environment_outranks_it(tmp_path: Path) -> None:
    file = tmp_path / "farm.env"
    file.write_text("PI_PORT=x\nOFFICE_PORT=x\n")
    done = manage(tmp_path / "pi", "check", HEXABRAND_ENV_FILE=str(file), OFFICE_PORT="5000")
    assert done.stderr.startswith("PI_PORT='x'")


def test_the_demo_knows_nothing_of_the_farm(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "LORA_SERIAL", "REMOTE_PI_HOST", "BACKUP_DIR", "PI_API_KEY"):
        monkeypatch.setenv(name, "the farm's")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    demo._forget_the_farm()
    assert "the farm's" not in os.environ.values()
    given = demo._environment("pi", demo.PLACES)
    assert not Path(given["HEXABRAND_ENV_FILE"]).exists()


def test_whose_a_file_is_and_what_to_type_is_told(tmp_path: Path) -> None:
    said = refusal(PermissionError(13, "Permission denied", str(tmp_path / "gone" / "a.key")))
    assert said.startswith(f"{tmp_path}/gone/a.key cannot be used by ")
    assert f"{tmp_path} belongs to {tmp_path.owner()}" in said
    assert said.endswith(f"sudo chown -R {tmp_path.owner()} {tmp_path}")
