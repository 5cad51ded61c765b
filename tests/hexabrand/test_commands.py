"""The commands that other tools call, run as they call them."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from remote.wire import PairingString

ROOT = Path(__file__).resolve().parents[2]
MANAGE = str(ROOT / "manage.py")


def manage(state: Path, *arguments: str, role: str = "pi", **more: str) -> Any:
    environment = {
        **{k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}},
        "DJANGO_SETTINGS_MODULE": f"hexabrand.settings.{role}",
        "HEXABRAND_STATE_DIR": str(state),
        **more,
    }
    return subprocess.run(
        [sys.executable, MANAGE, *arguments],
        cwd=state.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_worker_is_ours_and_not_another_packages() -> None:
    command = load_command_class(get_commands()["runworker"], "runworker")
    assert type(command).__module__ == "lora.management.commands.runworker"


def test_first_start_prints_one_json_object_and_the_second_changes_nothing(tmp_path: Path) -> None:
    first = json.loads(manage(tmp_path, "setup", "--json").stdout)
    again = json.loads(manage(tmp_path, "setup", "--json").stdout)
    assert set(first) == {
        "username",
        "password",
        "api_key",
        "fingerprint",
        "pairing",
        "addresses",
    }
    assert all(re.fullmatch(r"https://\S+:5001/admin/", each) for each in first["addresses"])
    assert first["password"]
    assert again == {**first, "password": None}
    pairing = PairingString.parse(first["pairing"])
    assert (pairing.key, pairing.fingerprint) == (first["api_key"], first["fingerprint"])


def test_setup_prints_no_key_which_a_service_would_log_at_each_start(tmp_path: Path) -> None:
    for _ in range(2):
        said = manage(tmp_path, "setup").stdout
        assert "hexabrand1:" not in said
        assert (tmp_path / "pi-office.key").read_text() not in said
        assert "manage.py pairing" in said


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    manage(tmp_path / "pi", "setup")
    assert stat.S_IMODE((tmp_path / "pi").stat().st_mode) == 0o700
    for name in ("pi-secret.key", "pi-tls.key", "pi-office.key"):
        assert stat.S_IMODE((tmp_path / "pi" / name).stat().st_mode) == 0o600, name


def test_a_key_that_others_could_read_is_closed_by_the_next_setup(tmp_path: Path) -> None:
    manage(tmp_path, "setup")
    (tmp_path / "pi-tls.key").chmod(0o644)
    manage(tmp_path, "setup")
    assert stat.S_IMODE((tmp_path / "pi-tls.key").stat().st_mode) == 0o600


def test_pairing_prints_what_setup_printed(tmp_path: Path) -> None:
    told = json.loads(manage(tmp_path, "setup", "--json").stdout)
    assert manage(tmp_path, "pairing").stdout.strip() == told["pairing"]
    elsewhere = manage(tmp_path, "pairing", "--host", "barn.example").stdout.strip()
    assert PairingString.parse(elsewhere).host == "barn.example"


@pytest.mark.parametrize("text", ["nonsense", "hexabrand1:", "hexabrand1:e30"])
def test_a_damaged_pairing_string_is_refused_and_nothing_is_written(
    tmp_path: Path, text: str
) -> None:
    done = manage(tmp_path, "pair", text, role="ui")
    assert done.returncode == 1
    assert "Copy the whole line" in done.stderr
    assert not (tmp_path / "office.env").exists()


def test_pairing_with_a_pi_that_does_not_answer_changes_nothing(tmp_path: Path) -> None:
    done = manage(tmp_path, "pair", str(PairingString("127.0.0.1", 9, "00" * 32, "key")), role="ui")
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert not (tmp_path / "office.env").exists()


@pytest.mark.parametrize("role", ["pi", "ui"])
def test_serving_before_setup_says_what_to_type(tmp_path: Path, role: str) -> None:
    done = manage(tmp_path, "serve", role=role)
    assert done.returncode == 1
    assert "manage.py setup" in done.stderr


def test_serve_prints_the_plain_command(tmp_path: Path) -> None:
    line = manage(tmp_path, "serve", "--print", PI_PORT="5011").stdout
    assert line.startswith("daphne -e ssl:5011:privateKey=")


@pytest.mark.parametrize("role", ["pi", "ui"])
def test_no_socket_is_ended_for_its_age_which_a_clock_s_jump_would_add_to(
    tmp_path: Path, role: str
) -> None:
    words = manage(tmp_path, "serve", "--print", role=role).stdout.split()
    assert words[words.index("--websocket_timeout") + 1] == "-1"


def test_a_made_key_is_printed_alone(tmp_path: Path) -> None:
    manage(tmp_path, "setup")
    done = manage(tmp_path, "create_api_key", "--name", "scales", "--scope", "ingest")
    assert done.stdout.startswith("hxb_")
    assert len(done.stdout.split()) == 1


@pytest.mark.parametrize(
    "arguments",
    ["--count -1", "--rate 0", "--rate nan", "--rate inf", "--to h:99999", "--to h", "--to h:x"],
)
def test_a_barn_that_cannot_be_simulated_says_why(tmp_path: Path, arguments: str) -> None:
    done = manage(tmp_path, "simulate", *arguments.split())
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: ")
    assert arguments.split(maxsplit=1)[0] in done.stderr


@pytest.mark.parametrize(
    ("role", "arguments", "sentence"),
    [
        ("ui", ["backup"], "manage.py backup --pull"),
        ("ui", ["backup", "--pull"], "This office knows no Pi yet"),
        ("ui", ["restore", "x.tar.gz"], "restored on the Pi, not here"),
        ("pi", ["backup", "--pull"], "typed at the office"),
        ("pi", ["backup", "--new-recovery-key"], "typed at the office"),
        ("pi", ["restore", "x.tar.gz.enc"], "--recovery-key-file"),
        ("pi", ["restore", "--recovery-key-file", "nowhere", "x.tar.gz.enc"], "cannot be read"),
    ],
)
def test_a_backup_command_of_the_other_role_says_what_to_type(
    tmp_path: Path, role: str, arguments: list[str], sentence: str
) -> None:
    done = manage(tmp_path, *arguments, role=role)
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: ")
    assert sentence in done.stderr


def test_a_new_recovery_key_is_printed_and_nothing_of_it_stays(tmp_path: Path) -> None:
    printed = manage(tmp_path, "backup", "--new-recovery-key", role="ui").stdout
    key = printed.split()[2]
    assert printed.startswith("Recovery key: HBR-")
    assert [file.name for file in tmp_path.iterdir()] == ["office-recovery.pub"]
    assert key not in (tmp_path / "office-recovery.pub").read_text()
