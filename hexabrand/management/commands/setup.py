"""`manage.py setup`: the first start of this role; doing it again changes nothing."""

import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError

from herd.storage import database_corruption
from hexabrand import certificates, releases
from hexabrand.backup import make
from hexabrand.backup.database import NoGoodBackup, is_about_to_migrate
from hexabrand.backup.restore import recover
from hexabrand.hosts import web_addresses
from lora.processes.process_lock import AlreadyRunning

ADMINISTRATOR = "admin"  # the office's users sign in by the Pi's accounts, this one first


class Command(BaseCommand):
    help = "Prepare this role: database, keys, certificate, administrator. Safe to repeat."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object only")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _one_at_a_time() as folder:
                tell = self._ready(folder)
                certificates.keep_keys_private(folder)
        except PermissionError:
            raise  # told with its owner, as for every command
        except OSError as error:
            raise CommandError(f"This role cannot be prepared: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(tell | {"addresses": web_addresses()}))
        else:
            self._say(tell)

    def _ready(self, folder: Path) -> dict[str, Any]:
        if not settings.IS_PI_BACKEND:
            return self._office(folder)
        try:
            return self._pi(folder)
        except DatabaseError as error:
            if not (isinstance(error, OperationalError) or database_corruption.is_damage(error)):
                raise
            raise CommandError(f"The database cannot be used now: {error}.") from error

    def _pi(self, folder: Path) -> dict[str, Any]:
        from remote.api.offices import office_key, pairing_string  # noqa: PLC0415 - models: Pi only
        from remote.api.roles import ensure_groups  # noqa: PLC0415 - models: Pi only

        self._recover()
        self._refuse_newer()
        certificates.ensure_secret_key(folder, "pi")
        self._keep_before_migrating()
        call_command("migrate", verbosity=0, interactive=False)
        releases.record_release()
        ensure_groups()
        fingerprint, key = certificates.ensure_certificate(), office_key(folder)
        pairing = pairing_string(fingerprint, key)
        return {
            "username": ADMINISTRATOR,
            "password": _ensure_administrator(),  # last: what fails after it would lose it
            "api_key": key,
            "fingerprint": fingerprint,
            "pairing": pairing,
        }

    def _recover(self) -> None:
        # Told on the error stream: with --json the other one is for the object alone.
        if not database_corruption.is_sqlite():
            return
        try:
            done = recover(settings.BACKUP_DIR)
        except (NoGoodBackup, AlreadyRunning, OSError) as error:
            raise CommandError(str(error)) from error
        if done:
            self.stderr.write(done)

    def _refuse_newer(self) -> None:
        # Again, because what was recovered may be the backup of a newer release.
        try:
            releases.refuse_newer_herd("setup")
        except releases.NewerTables as error:
            raise CommandError(str(error)) from error

    def _keep_before_migrating(self) -> None:
        """Make a backup before a new release changes the tables: it is the way back."""
        if not is_about_to_migrate():
            return
        try:
            made = make.back_up(settings.BACKUP_DIR, settings.BACKUPS_KEPT)
        except make.FAILURES as error:
            raise CommandError(f"No backup before the tables are changed: {error}") from error
        self.stderr.write(f"The tables are changed for this release; before that: {made.name}")

    def _office(self, folder: Path) -> dict[str, Any]:
        certificates.ensure_secret_key(folder, "office")
        return {"role": "office", "paired": bool(settings.REMOTE_PI_HOST)}

    def _say(self, made: dict[str, Any]) -> None:
        if "paired" in made:
            self.stdout.write("The office is prepared.")
            if not made["paired"]:
                self.stdout.write("Next: `manage.py pairing` on the Pi, `manage.py pair …` here.")
            return
        self.stdout.write(f"The Pi is prepared. Certificate {made['fingerprint']}")
        if made["password"]:
            self.stdout.write(
                f"Administrator {made['username']}, password {made['password']}"
                " (shown this once; change it in the admin)."
            )
        # Not the string itself: it holds a key, and each start of a service would log it.
        self.stdout.write("To pair an office: `manage.py pairing` prints what to type there.")


@contextmanager
def _one_at_a_time() -> Iterator[Path]:
    """Lock the state directory for this process: two first starts at once make one Pi."""
    folder: Path = settings.HEXABRAND_STATE_DIR
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with (folder / "setup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _ensure_administrator() -> str | None:
    """Return the generated password, None where an administrator was there before."""
    from django.contrib.auth.models import User  # noqa: PLC0415 - models: Pi only

    if User.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser(ADMINISTRATOR, password=password)
    return password
