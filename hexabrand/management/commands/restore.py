"""`manage.py restore FILE`: puts a backup in place of what is here, on this Pi or an empty one."""

import getpass
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from herd.storage import database_corruption
from hexabrand.backup import restore
from hexabrand.backup.archive import SETTINGS, outranked_settings
from hexabrand.backup.database import Contents, NoGoodBackup, database_file, state_dir, verify
from lora.processes.process_lock import AlreadyRunning


class Command(BaseCommand):
    help = "Restore a backup. Stop receiver, worker and web first; offices load a new copy by it."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", "--dry-run", action="store_true", help="only tell of it")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        key_help = "for a copy that an office kept; without it the key is asked for"
        parser.add_argument("--recovery-key-file", type=Path, metavar="FILE", help=key_help)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_PI_BACKEND:
            raise CommandError("Nothing was changed: a backup is restored on the Pi, not here.")
        file, key = options["file"], _recovery_key(options["file"], options["recovery_key_file"])
        look = restore.looked_at if options["check"] else restore.prepared
        try:
            with look(file, key) as found:
                self._tell(found)
                if options["check"]:
                    return
                _ask(options["yes"])
                restored = found.put_in_place()
        except AlreadyRunning as error:
            raise CommandError(f"{error} Stop it, then restore.") from error
        except (NoGoodBackup, OSError) as error:
            raise CommandError(f"Nothing was changed: {error}") from error
        database_corruption.unmark()
        call_command("migrate", verbosity=0, interactive=False)
        self._tell_done(restored)

    def _tell(self, found: restore.Prepared) -> None:
        release = found.manifest.release if found.manifest else "before 1.1"
        lines = [f"Backup made {found.made_at} by HexaBrand {release}: {_count(found.contents)}."]
        lines.append(f"Here now: {_present()}.")
        if replaced := found.replaces():
            names = ", ".join(file.name for file in replaced)
            lines.append(f"Set aside, not deleted, will be: {names}.")
        if found.settings:
            lines.append(f"Its settings: {', '.join(found.settings)}, into {SETTINGS}.")
        if own := outranked_settings(found.settings):
            lines.append(f"This machine sets otherwise, and keeps its own: {', '.join(own)}.")
        self.stdout.write("\n".join(lines))

    def _tell_done(self, restored: restore.Restored) -> None:
        if restored.aside is not None:
            self.stdout.write(
                f"The database, keys and certificate that were here: {restored.aside}"
            )
        if (state_dir() / SETTINGS).exists():
            self.stdout.write(
                f"Settings of the backup: {state_dir() / SETTINGS}. What the environment or .env"
                " sets, goes before it."
            )
        self.stdout.write(f"Restored: {_count(restored.contents)}. Start the Pi's processes again.")


def _recovery_key(file: Path, key_file: Path | None) -> str:
    # Never from the command line, which every user of the machine can read.
    if file.suffix != restore.ENCRYPTED:
        return ""
    try:
        if key_file is not None:
            return key_file.read_text().strip()
    except (OSError, ValueError) as error:
        raise CommandError(f"Nothing was changed: {key_file} cannot be read: {error}") from error
    if not sys.stdin.isatty():
        raise CommandError(
            "Nothing was changed: this copy is encrypted. Name a file that holds the recovery key:"
            " --recovery-key-file FILE."
        )
    return getpass.getpass("Recovery key: ")


def _ask(yes: bool) -> None:  # noqa: FBT001 - as the option comes
    """Ask at a terminal; take a script that has none at its word."""
    if yes or not sys.stdin.isatty():
        return
    if input("Type yes to restore it: ").strip().lower() != "yes":
        raise CommandError("Nothing was changed.")


def _present() -> str:
    try:
        return _count(verify(database_file()))
    except NoGoodBackup as error:
        return str(error).rstrip(".")


def _count(contents: Contents) -> str:
    return (
        f"{contents.cattle} cattle, {contents.payloads} payloads, up to"
        f" {contents.cut_off or 'the beginning'}"
    )
