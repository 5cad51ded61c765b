"""`manage.py backup`: one proved file with the herd, the keys, the certificate and the settings.

At the office: `--pull` keeps an encrypted copy of the Pi's newest.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = (
        "Back the Pi up while it runs; the oldest backups beyond --keep are deleted. At the"
        " office, --pull keeps an encrypted copy of the Pi's newest backup."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        pi, office = parser.add_argument_group("on the Pi"), parser.add_argument_group("office")
        pi.add_argument("--to", type=Path, metavar="FOLDER")
        pi.add_argument("--here", action="store_true", help="also where another disk lay before")
        pi.add_argument("--keep", type=int)
        office.add_argument("--pull", action="store_true", help="fetch the Pi's newest backup")
        office.add_argument("--new-recovery-key", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        asked_office = options["pull"] or options["new_recovery_key"]
        if settings.IS_PI_BACKEND and asked_office:
            raise CommandError("--pull and --new-recovery-key are typed at the office.")
        if settings.IS_PI_BACKEND:
            self._back_up(options)
        elif options["new_recovery_key"]:
            self._new_recovery_key()
        elif options["pull"]:
            self._pull()
        else:
            raise CommandError(
                "This is the office, which has no herd of its own. Type `manage.py backup` on the"
                " Pi, or `manage.py backup --pull` here for a copy of the Pi's newest backup."
            )

    def _back_up(self, options: dict[str, Any]) -> None:
        from hexabrand.backup import make  # noqa: PLC0415 - one role loads its own half alone

        folder = (options["to"] or settings.BACKUP_DIR).resolve()
        keep = settings.BACKUPS_KEPT if options["keep"] is None else options["keep"]
        if keep < 1:
            raise CommandError("--keep must be 1 or more.")
        try:
            made = make.back_up(folder, keep, here=options["here"])
        except make.FAILURES as error:
            raise CommandError(f"No backup was made: {error}") from error
        self.stdout.write(str(made))

    def _new_recovery_key(self) -> None:
        from remote.office import pulled_backups  # noqa: PLC0415 - one role loads its own half alone

        self.stdout.write(pulled_backups.printed(pulled_backups.new_recovery_key()))

    def _pull(self) -> None:
        from remote.office import pulled_backups  # noqa: PLC0415 - one role loads its own half alone
        from remote.office.link.finding import found_client  # noqa: PLC0415 - as above

        try:
            self.stdout.write(str(pulled_backups.pull(found_client())))
        except pulled_backups.FAILURES as error:
            raise CommandError(f"No copy was made: {error}") from error
