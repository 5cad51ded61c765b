"""`manage.py pairing`: what an office needs to follow this Pi, as one string."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from remote.api.offices import office_key, pairing_string
from remote.api.status import certificate


class Command(BaseCommand):
    help = "Print address, certificate fingerprint and API key as one string for `manage.py pair`."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--host", default="", help="name or address at which the office reaches this Pi"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        shown = certificate()
        if shown is None:
            raise CommandError("This Pi has no certificate yet. Type: manage.py setup")
        key = office_key(settings.HEXABRAND_STATE_DIR)
        self.stdout.write(pairing_string(shown["fingerprint"], key, options["host"]))
