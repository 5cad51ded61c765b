"""`manage.py restore FILE`: puts a backup in place of what is here, on this Pi or an empty one."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from herd import damage
from hexabrand import recovery
from hexabrand.safekeeping import NoGoodBackup
from lora.single import AlreadyRunning


class Command(BaseCommand):
    help = "Restore a backup. Stop receiver, worker and web first; offices load a new copy by it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = recovery.restore(options["file"])
        except AlreadyRunning as error:
            raise CommandError(f"{error} Stop it, then restore.") from error
        except (NoGoodBackup, OSError) as error:
            raise CommandError(f"Nothing was changed: {error}") from error
        damage.unmark()
        call_command("migrate", verbosity=0, interactive=False)
        contents, aside = restored.contents, restored.aside
        if aside is not None:
            self.stdout.write(f"The database, keys and certificate that were here: {aside}")
        self.stdout.write(
            f"Restored: {contents.cattle} cattle, {contents.payloads} payloads, up to"
            f" {contents.cut_off or 'the beginning'}. Start the Pi's processes again."
        )
