"""What `manage.py status` tells of what lies on the disk, while nothing runs."""

import json
import os
import time
from pathlib import Path

from tests.hexabrand.test_commands import manage

FAILED = {"at": "2026-11-26T04:15:00Z", "reason": "The Pi does not answer."}


def test_the_office_tells_where_the_pi_answered_last_its_own_address_and_its_copies(
    tmp_path: Path,
) -> None:
    shown = "ab" * 32
    found = {"host": "10.0.0.42", "port": 5001, "fingerprint": shown}
    (tmp_path / "office-pi-found.json").write_text(json.dumps(found))
    (tmp_path / "pulled").mkdir()
    (tmp_path / "pulled" / "hexabrand-20261125-031500.tar.gz.enc").touch()
    pulled = {"at": "2026-11-25T04:15:00Z", "failed": FAILED}
    (tmp_path / "last-pull.json").write_text(json.dumps(pulled))
    given = {
        "REMOTE_PI_HOST": "10.0.0.9",
        "PI_CERT_FINGERPRINT": shown,
        "PI_API_KEY": "a-key-of-the-tests",
        "OFFICE_URL": "https://herd.farm.example",
    }
    text = manage(tmp_path, "status", role="ui", **given).stdout
    assert "follows      10.0.0.42:5001" in text
    assert "https://herd.farm.example/office/" in text
    told = "1 of the Pi's backups, the last one fetched 2026-11-25T04:15:00Z; FAILED: The Pi does"
    assert told in text


def test_an_office_that_was_never_paired_says_so(tmp_path: Path) -> None:
    text = manage(tmp_path, "status", role="ui").stdout
    assert "no Pi yet" in text
    assert "copies" not in text


def test_the_pi_tells_whether_its_backup_was_read_back_and_why_alerts_wait(tmp_path: Path) -> None:
    assert manage(tmp_path, "setup", "--json").returncode == 0
    (tmp_path / "pi-alerts.json").write_text(json.dumps({"trouble": "The webhook is away."}))
    given = {
        "ALERT_WEBHOOK_URL": "https://hooks.example/x",
        "ALERT_WEBHOOK_SECRET": "0123456789abcdef",
    }
    assert manage(tmp_path, "backup").returncode == 0
    text = manage(tmp_path, "status", **given).stdout
    assert " old, read back\n" in text
    assert "alerts       NOT SENT: The webhook is away." in text
    (tmp_path / "last-backup.json").unlink()
    assert " old, not read back\n" in manage(tmp_path, "status").stdout


def test_the_pi_tells_how_much_the_receiver_has_spilled(tmp_path: Path) -> None:
    assert manage(tmp_path, "setup", "--json").returncode == 0
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    beat = f"{boot} {time.monotonic()} 60 30 0 {os.getpid()} 42\n"
    (tmp_path / "receiver.alive").write_text(beat)
    text = manage(tmp_path, "status").stdout
    assert "ago; 42 frames wait in its spill file for the database\n" in text
