"""Every way in which no backup comes to be is told, by the Pi's status."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from remote.api.backups import backup_status
from tests.hexabrand.test_backup import MAY_MOUNT, backed_up, first_pi, pi, shell
from tests.hexabrand.test_commands import MANAGE, manage

__all__ = ["first_pi", "pi"]  # fixtures

needs_mount = pytest.mark.skipif(MAY_MOUNT.returncode != 0, reason="no namespaces on this machine")


Told = Callable[..., Any]


@pytest.fixture
def told(pi: Path, settings: Settings) -> Told:
    """`status["backup"]` as it will be after so many hours."""

    def ask(hours: float = 0, folder: Path = pi / "backups", state: Path = pi) -> Any:
        settings.HEXABRAND_STATE_DIR, settings.BACKUP_DIR = state, folder
        settings.TLS_CERTIFICATE_FILE = state / "pi-tls.pem"
        return backup_status(datetime.now(UTC) + timedelta(hours=hours))

    return ask


def test_a_backup_that_was_made_is_told_with_its_age_and_its_proof(pi: Path, told: Told) -> None:
    file = backed_up(pi)
    now = told(40)
    assert (now["folder"], now["count"], now["failed"]) == (str(file.parent), 1, None)
    assert 39 * 3600 < now["age_seconds"] < 41 * 3600
    made, proved = (datetime.fromisoformat(now[name]) for name in ("newest_at", "proved_at"))
    assert made <= proved < made + timedelta(minutes=2)


def test_none_at_all_is_told_after_a_day(pi: Path, told: Told) -> None:
    young, old = told(), told(25)
    assert (young["count"], young["newest_at"], young["age_seconds"]) == (0, None, None)
    assert young["failed"] is None
    assert "None was ever made" in old["failed"]["reason"]


def test_a_folder_that_is_no_folder_is_told(pi: Path, tmp_path: Path, told: Told) -> None:
    usb = tmp_path / "usb"
    usb.write_text("a file")
    assert manage(pi, "backup", BACKUP_DIR=str(usb)).returncode == 1
    assert "Not a directory" in told(folder=usb)["failed"]["reason"]


def test_a_damaged_herd_is_told_and_the_next_good_backup_ends_it(pi: Path, told: Told) -> None:
    (pi / "backups").mkdir()
    whole = (pi / "pi.sqlite3").read_bytes()
    (pi / "pi.sqlite3").write_bytes(b"")
    assert manage(pi, "backup").returncode == 1
    assert told()["failed"]["reason"]
    (pi / "pi.sqlite3").write_bytes(whole)
    backed_up(pi)
    assert told()["failed"] is None


def test_too_little_room_is_told(pi: Path, told: Told) -> None:
    assert manage(pi, "backup", DISK_RESERVE="1000000").returncode == 1
    assert "MB are needed" in told()["failed"]["reason"]


def test_backups_that_are_gone_are_told(pi: Path, told: Told) -> None:
    backed_up(pi).unlink()
    assert "are gone" in told()["failed"]["reason"]
    (pi / "backups").rmdir()
    assert "are gone" in told()["failed"]["reason"]


@needs_mount
def test_a_disk_that_is_not_mounted_any_more_gets_no_backup_and_is_told(
    pi: Path, tmp_path: Path, told: Told
) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    given = {"BACKUP_DIR": str(usb), "DISK_RESERVE": "0"}
    mounted = f"mount -t tmpfs -o size=40m tmpfs {usb} && $BACKUP && ls {usb}"
    done = shell(pi, f"unshare -Urm /bin/sh -c '{mounted}'", **given)
    assert ".tar.gz" in done.stdout, done.stderr
    assert [*usb.iterdir()] == []  # outside of the namespace nothing is mounted
    assert "Mount that disk" in told(folder=usb)["failed"]["reason"]
    refused = manage(pi, "backup", **given)
    assert refused.returncode == 1
    assert "Mount that disk" in refused.stderr
    assert [*usb.iterdir()] == []
    assert manage(pi, "backup", "--here", **given).returncode == 0
    assert told(folder=usb)["failed"] is None


@needs_mount
def test_a_folder_that_cannot_be_written_is_told(pi: Path, tmp_path: Path, told: Told) -> None:
    usb = tmp_path / "usb"
    usb.mkdir()
    given = {"BACKUP_DIR": str(usb)}
    mounted = f"mount -t tmpfs -o ro tmpfs {usb} && $BACKUP"
    shell(pi, f"unshare -Urm /bin/sh -c '{mounted}'", **given)
    assert "Read-only file system" in told(folder=usb)["failed"]["reason"]


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_a_folder_of_another_user_is_told(pi: Path, tmp_path: Path, told: Told) -> None:
    """A service has a user of its own; the folder was made by root."""
    state, usb = Path("/tmp") / f"hexabrand-{os.getpid()}", tmp_path / "usb"
    shutil.copytree(pi, state)
    try:
        subprocess.run(["chown", "-R", "nobody", str(state)], check=True)
        usb.mkdir(mode=0o700)
        done = shell(state, "setpriv --reuid nobody --clear-groups $BACKUP", BACKUP_DIR=str(usb))
        assert done.returncode != 0
        assert "Permission denied" in told(folder=usb, state=state)["failed"]["reason"]
    finally:
        shutil.rmtree(state)


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")
def test_a_disk_that_hangs_is_told_and_holds_nobody_up(pi: Path) -> None:
    """Each look into the folder takes 5 s here."""
    (pi / "backups").mkdir()
    ask = "from datetime import *; from remote.api.backups import backup_status as told;"
    ask += " print([told(datetime.now(UTC))['failed']['reason'] for _ in (1, 2)])"
    inject = f"-P {pi}/backups -e trace=openat -e inject=openat:delay_enter=5000000"
    command = f'{sys.executable} {MANAGE} shell -v0 -c "{ask}"'
    done = shell(pi, f"strace -f -qq -o /dev/null {inject} {command}")
    assert done.stdout.count("does not answer") == 2, done.stderr


def test_a_full_disk_here_does_not_stop_a_backup_to_another_one(pi: Path, tmp_path: Path) -> None:
    (pi / "last-backup.json").mkdir()  # the record cannot be written, as on a full disk
    done = manage(pi, "backup", BACKUP_DIR=str(tmp_path / "usb"))
    assert done.returncode == 0, done.stderr
    assert "cannot be put on record" in done.stderr


def test_a_backup_that_never_ended_is_told(pi: Path, told: Told) -> None:
    begun = datetime.now(UTC) - timedelta(hours=1)
    (pi / "last-backup.json").write_text(json.dumps({"started_at": begun.isoformat()}))
    assert told()["failed"] is None  # a large herd takes its time
    assert "never ended" in told(6)["failed"]["reason"]


def test_a_backup_from_a_day_when_the_clock_was_ahead_hides_nothing(pi: Path, told: Told) -> None:
    file = backed_up(pi)
    shutil.copy(file, file.with_name("hexabrand-20990101-000000.tar.gz"))
    assert told(40)["age_seconds"] > 39 * 3600


def test_a_backup_that_somebody_makes_elsewhere_is_not_the_nightly_one(
    pi: Path, tmp_path: Path, told: Told
) -> None:
    backed_up(pi, "--to", str(tmp_path / "stick"))
    assert told()["count"] == 0
    assert manage(pi, "backup", "--to", "/proc/nowhere").returncode == 1
    assert told()["failed"] is None


def test_a_backup_before_an_upgrade_that_fails_is_told(pi: Path, told: Told) -> None:
    assert manage(pi, "migrate", "lora", "0001").returncode == 0
    (pi / "backups").write_text("no folder")
    assert manage(pi, "setup", "--json").returncode == 1
    assert told()["failed"]["reason"]
