"""`manage.py backup`: one verified file with the herd, the keys and the certificate."""

import sqlite3
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hexabrand import safekeeping
from lora.single import AlreadyRunning


class Command(BaseCommand):
    help = "Back the Pi up while it runs; the oldest backups beyond --keep are deleted."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.BACKUP_DIR, metavar="FOLDER")
        parser.add_argument("--keep", type=int, default=settings.BACKUPS_KEPT)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] < 1:
            raise CommandError("--keep must be 1 or more.")
        try:
            made = safekeeping.back_up(options["to"], options["keep"])
        except (safekeeping.NoGoodBackup, AlreadyRunning, sqlite3.Error, OSError) as error:
            raise CommandError(f"No backup was made: {error}") from error
        self.stdout.write(str(made))
