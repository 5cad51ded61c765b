"""`manage.py create_api_key`: a key for a machine, shown once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from remote.api.models import SCOPES, ApiKey


class Command(BaseCommand):
    help = "Make an API key; its text is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="who will use it")
        parser.add_argument(
            "--scope", action="append", choices=SCOPES, help="repeat for several; default read"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        scopes = options["scope"] or ["read"]
        _, plain = ApiKey.objects.create_key(name=options["name"], scopes=scopes)
        self.stdout.write(str(plain))
