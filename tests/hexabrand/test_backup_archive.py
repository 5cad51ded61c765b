"""What is in a backup, what is refused of one, and what a restore tells before it does anything."""

import io
import json
import os
import pty
import select
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hexabrand.backup import archive
from hexabrand.backup.archive import MANIFEST, Manifest
from hexabrand.backup.database import DATABASE, CannotTell, Contents, NoGoodBackup
from hexabrand.settings.environment import ASKED
from remote.wire import RELEASE
from tests.hexabrand.test_backup import PI, asked, backed_up, first_pi, pi, shell
from tests.hexabrand.test_commands import MANAGE, manage
from tests.system.farm import ROOT

__all__ = ["first_pi", "pi"]  # fixtures

DEVICE_KEY = "scale1=" + "ab" * 16
SERIAL = "/dev/serial/by-id/usb-barn-port0@115200"


def members(file: Path) -> dict[str, bytes]:
    with tarfile.open(file) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]


def rewritten(file: Path, change: Any) -> Path:
    """The same backup after `change` of its members."""
    held = members(file)
    change(held)
    with tarfile.open(file, "w:gz") as tar:
        for name, content in held.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return file


def plain_tar(backup: Path) -> Path:
    """As release 1.0.0 wrote them: not compressed, no manifest, no settings."""
    held = members(backup)
    old = backup.with_name(backup.name.removesuffix(".gz"))
    with tarfile.open(old, "w") as tar:
        for name in (DATABASE, "pi-secret.key", "pi-office.key", "pi-tls.key", "pi-tls.pem"):
            member = tarfile.TarInfo(name)
            member.size = len(held[name])
            tar.addfile(member, io.BytesIO(held[name]))
    backup.unlink()
    return old


# -- what is in it ----------------------------------------------------------------------------


def test_a_backup_is_small_and_says_what_is_in_it(pi: Path) -> None:
    file = backed_up(pi, "--keep", "3")
    assert file.name.endswith(".tar.gz")
    assert file.stat().st_size * 4 < (pi / PI).stat().st_size
    told = json.loads(members(file)[MANIFEST])
    assert told["release"] == RELEASE
    assert told["contents"] == {"cattle": 0, "payloads": 0, "cut_off": "2026-11-01 10:00:00"}
    assert "herd.0001_initial" in told["migrations"]
    assert set(told["files"]) == set(members(file)) - {MANIFEST}


def test_settings_come_back_on_another_machine_and_its_own_outrank_them(
    pi: Path, tmp_path: Path
) -> None:
    given = {
        "LORA_DEVICE_KEYS": DEVICE_KEY,
        "LORA_SERIAL": SERIAL,
        "TIME_ZONE": "America/Denver",
        "WEIGHT_UNIT": "lb",
        "BACKUP_DIR": str(tmp_path / "usb"),
        "PI_BIND": "127.0.0.1",
    }
    made = manage(pi, "backup", **given)
    other = tmp_path / "other"
    done = manage(other, "restore", made.stdout.strip(), WEIGHT_UNIT="kg")
    assert done.returncode == 0, done.stderr
    assert "This machine sets otherwise, and keeps its own: WEIGHT_UNIT." in done.stdout
    assert str(other / "settings.env") in done.stdout
    assert (other / "settings.env").stat().st_mode & 0o077 == 0
    zone, unit, port, keys, folder, bind = settings_of(other, WEIGHT_UNIT="kg")
    assert (zone, unit, port) == ("America/Denver", "kg", SERIAL.partition("@")[0])
    assert (keys, folder, bind) == ("True", str(other / "backups"), "0.0.0.0")
    emptied = settings_of(other, TIME_ZONE="", WEIGHT_UNIT="")
    assert emptied[:2] == ["UTC", "kg"]


def settings_of(state: Path, **more: str) -> list[str]:
    values = "s.TIME_ZONE, s.WEIGHT_UNIT, s.LORA_SERIAL[0][0], s.LORA_DEVICE_KEYS !="
    ask = (
        "from django.conf import settings as s; from lora.signing import DeviceKeys;"
        f" print({values} DeviceKeys(), s.BACKUP_DIR, s.PI_BIND, sep='|')"
    )
    done = manage(state, "shell", "-v0", "-c", ask, **more)
    assert done.returncode == 0, done.stderr
    return str(done.stdout).strip().split("|")


def test_every_setting_either_goes_into_a_backup_or_is_the_machines_own() -> None:
    """The settings of the office are in no backup of a Pi."""
    assert {"LORA_DEVICE_KEYS", "LORA_SERIAL", "TIME_ZONE", "PI_API_KEY"} <= ASKED
    places = {name for name in ASKED if name.endswith(("_DIR", "_BIND"))} - {"LORA_UDP_BIND"}
    assert places | {"DATABASE_URL"} <= archive.MACHINES_OWN


@pytest.mark.parametrize("text", ["plain", 'a "b" c', "it's", "back\\slash\\n", "#1 $HOME", "='x'"])
def test_a_setting_is_read_as_it_was_written(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.env"
    file.write_bytes(archive.dump_settings({"NAME": text}))
    assert archive.parse_settings(file) == {"NAME": text}


# -- proving ----------------------------------------------------------------------------------


def a_manifest(content: bytes) -> Manifest:
    files = {DATABASE: archive.hash_of(content)}
    return Manifest("1.1.0", "2026-11-01", Contents(0, 0, None), [], [], files)


def test_an_archive_that_the_disk_gives_back_otherwise_is_no_backup(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    manifest, file = a_manifest(content), tmp_path / "part"
    archive.pack(file, manifest, {DATABASE: content})
    archive.prove(file, manifest)
    whole = file.read_bytes()
    trailer = range(len(whole) - 8, len(whole))  # of gzip: CRC and length
    for at in (*range(20, len(whole), len(whole) // 23), *trailer):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(NoGoodBackup):
            archive.prove(file, manifest)
        file.write_bytes(whole[:at])
        with pytest.raises(NoGoodBackup):
            archive.prove(file, manifest)


A_BAD_DISK = """
from django.conf import settings
from hexabrand.backup import archive, make
pack = archive.pack
def changed_on_the_way(part, *more):
    pack(part, *more)
    whole = bytearray(part.read_bytes())
    whole[-8] ^= 1  # of gzip's CRC: a bit of what it packed may stand for the same zeros
    part.write_bytes(whole)
archive.pack = changed_on_the_way
make.back_up(settings.BACKUP_DIR, 14)
"""


def test_a_backup_that_reads_back_otherwise_is_none_and_is_on_record(pi: Path) -> None:
    done = manage(pi, "shell", "-v0", "-c", A_BAD_DISK)
    assert "NoGoodBackup" in done.stderr
    assert [*(pi / "backups").iterdir()] == []
    assert json.loads((pi / "last-backup.json").read_text())["failed"]["reason"]


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not here")
def test_a_backup_that_cannot_be_read_back_is_none_and_is_on_record(pi: Path) -> None:
    """The disk fails after the archive was written, when it is read again."""
    inject = "-e trace=fadvise64 -e inject=fadvise64:error=EIO:when=2"
    done = shell(pi, f"strace -f -qq -o /dev/null {inject} $BACKUP")
    assert done.returncode != 0
    assert "No backup was made" in done.stderr
    assert [*(pi / "backups").iterdir()] == []
    assert (
        "Input/output error"
        in json.loads((pi / "last-backup.json").read_text())["failed"]["reason"]
    )


# -- what is refused ----------------------------------------------------------------------------


def forged(file: Path, *more: tarfile.TarInfo) -> Path:
    with tarfile.open(file, "w:gz") as tar:
        for member in more:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return file


def member(
    name: str, kind: bytes = tarfile.REGTYPE, to: str = "", size: int = 0
) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.size = kind, to, size
    return made


@pytest.mark.parametrize(
    "bad",
    [
        member(DATABASE, tarfile.SYMTYPE, "/etc/passwd"),
        member(DATABASE, tarfile.LNKTYPE, "../outside"),
        member(DATABASE, tarfile.CHRTYPE),
        member("../outside", size=3),
        member("/tmp/outside", size=3),
        member("other.key", size=3),
    ],
    ids=lambda one: f"{one.name} {one.type!r}",
)
def test_only_plain_files_of_known_names_come_out_of_an_archive(
    tmp_path: Path, bad: tarfile.TarInfo
) -> None:
    (tmp_path / "outside").write_text("here before")
    folder = tmp_path / "ready"
    archive.unpack(forged(tmp_path / "bad.tar.gz", bad), folder, {DATABASE})
    assert [*folder.iterdir()] == []
    assert (tmp_path / "outside").read_text() == "here before"


def test_a_key_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    file = forged(tmp_path / "bad.tar.gz", member("pi-tls.key", size=archive.MOST_BESIDE + 1))
    with pytest.raises(NoGoodBackup, match="larger than it can be"):
        archive.unpack(file, tmp_path / "ready", {"pi-tls.key"})


def test_a_member_that_comes_twice_is_written_once(tmp_path: Path) -> None:
    twice = member("pi-tls.key", size=2), member("pi-tls.key", size=3)
    with pytest.raises(CannotTell):
        archive.unpack(forged(tmp_path / "b.tar.gz", *twice), tmp_path / "ready", {"pi-tls.key"})


def test_a_backup_whose_member_was_changed_is_refused(pi: Path) -> None:
    file = backed_up(pi)
    rewritten(file, lambda held: held.update({"pi-tls.key": b"another key"}))
    done = manage(pi, "restore", str(file))
    assert done.returncode == 1
    assert "pi-tls.key has changed" in done.stderr
    assert asked(pi, "SELECT mark FROM journal") == 77


def backed_up_by_its_release(pi: Path) -> Path:
    """As the release does that knows this migration: ours refuses to touch such a herd."""
    code = (
        "import django; django.setup();"
        "from django.conf import settings; from hexabrand.backup import make;"
        "print(make.back_up(settings.BACKUP_DIR, 3))"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi",
        "HEXABRAND_STATE_DIR": str(pi),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


@pytest.mark.parametrize("form", ["with a manifest", "1.0.0"])
def test_a_backup_of_a_newer_release_is_refused_and_nothing_is_touched(
    pi: Path, tmp_path: Path, form: str
) -> None:
    with closing(sqlite3.connect(pi / PI)) as database, database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('herd', '0099_of_tomorrow', '2030-01-01')"
        )
    file = backed_up_by_its_release(pi)
    if form == "1.0.0":
        file = plain_tar(file)
    other = tmp_path / "other"
    done = manage(other, "restore", str(file))
    assert done.returncode == 1
    assert "herd.0099_of_tomorrow" in done.stderr
    assert "Install that release here, then restore." in done.stderr
    assert {one.suffix for one in other.iterdir()} <= {".lock"}


def test_a_backup_of_the_first_release_is_restored_and_recovered_from(
    pi: Path, tmp_path: Path
) -> None:
    file = plain_tar(backed_up(pi))
    done = manage(tmp_path / "other", "restore", str(file))
    assert done.returncode == 0, done.stderr
    assert "by HexaBrand before 1.1" in done.stdout
    assert asked(tmp_path / "other", "SELECT batch_number FROM batches") == "LOT1"
    (pi / PI).write_bytes(b"")
    assert manage(pi, "setup", "--json").returncode == 0
    assert asked(pi, "SELECT batch_number FROM batches") == "LOT1"


# -- being asked --------------------------------------------------------------------------------


def test_a_check_tells_all_and_touches_nothing(pi: Path) -> None:
    made = manage(pi, "backup", LORA_SERIAL=SERIAL)
    before = {file.name: file.read_bytes() for file in pi.iterdir() if file.is_file()}
    done = manage(pi, "restore", "--check", made.stdout.strip())
    assert done.returncode == 0, done.stderr
    for told in (
        f"by HexaBrand {RELEASE}",
        "0 cattle, 0 payloads, up to 2026-11-01 10:00:00",
        "Here now: 0 cattle",
        "Set aside, not deleted, will be: pi.sqlite3",
        "Its settings: LORA_SERIAL",
    ):
        assert told in done.stdout
    after = {file.name: file.read_bytes() for file in pi.iterdir() if file.is_file()}
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed <= {"check.lock", f"{PI}-wal", f"{PI}-shm"}  # as any reader leaves them


def on_a_terminal(state: Path, answer: str, *arguments: str) -> tuple[int, str]:
    """The exit status and what a person saw, who types `answer` when asked."""
    ours, theirs = pty.openpty()
    environment = {
        "PATH": "/usr/bin:/bin",
        "HEXABRAND_STATE_DIR": str(state),
        "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi",
    }
    process = subprocess.Popen(
        [sys.executable, MANAGE, *arguments],
        cwd=ROOT,
        env=environment,
        start_new_session=True,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            seen += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if answer and seen.rstrip().endswith(b":"):
            os.write(ours, f"{answer}\n".encode())
            answer = ""
    os.close(ours)
    return process.wait(60), seen.decode()


@pytest.mark.parametrize(("answer", "status"), [("no", 1), ("yes", 0)])
def test_a_person_is_asked_before_anything_is_replaced(pi: Path, answer: str, status: int) -> None:
    file = backed_up(pi)
    done, seen = on_a_terminal(pi, answer, "restore", str(file))
    assert done == status, seen
    assert "Type yes to restore it:" in seen
    assert (asked(pi, "SELECT mark FROM journal") == 77) == (answer == "no")
    assert ("Nothing was changed." in seen) == (answer == "no")


def test_with_yes_nobody_is_asked(pi: Path) -> None:
    done, seen = on_a_terminal(pi, "", "restore", "--yes", str(backed_up(pi)))
    assert (done, "Type yes" in seen) == (0, False)
