"""`manage.py pair`: makes this office follow a Pi, and trust its certificate alone."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from remote.office import pulled_backups
from remote.office.link import pairing
from remote.office.link.configuration import NAMES
from remote.office.link.link_errors import PiError
from remote.wire import BadPairing, PairingString


class Command(BaseCommand):
    help = "Follow the Pi that printed this pairing string; a running office takes it by itself."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "pairing",
            nargs="?",
            default="-",
            help="the line that `manage.py pairing` printed on the Pi; without it, or with -, it is"
            " read from standard input, so that nobody else here sees its key (ps shows arguments)",
        )
        parser.add_argument(
            "--add",
            action="store_true",
            help="another web process of the Pi that this office follows already (PostgreSQL)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = PairingString.parse(self._given(options["pairing"]))
            paired = pairing.add(given) if options["add"] else pairing.pair(given)
        except (BadPairing, PiError) as error:
            raise CommandError(f"Not paired, nothing was changed. {error}") from error
        pairing.write(paired, settings.PAIRING_FILE.file)
        # Where the Pi before was met last is no hint any more.
        settings.PI_FOUND_FILE.unlink(missing_ok=True)
        first = paired.endpoints[0]
        self.stdout.write(f"Paired with the Pi at {first.host}:{first.port}.")
        if outranked := [name for name in NAMES.split() if name in os.environ]:
            self.stderr.write(f"The environment or .env outranks it: {', '.join(outranked)}.")
        if recovery_key := pulled_backups.first_recovery_key():
            self.stdout.write(pulled_backups.printed(recovery_key))

    def _given(self, text: str) -> str:
        # Not as an argument where it can be helped: `ps` shows those to everybody, with the key.
        if text != "-":
            return text
        if sys.stdin.isatty():
            self.stderr.write("Paste what `manage.py pairing` printed on the Pi, then Enter:")
        return sys.stdin.readline()
