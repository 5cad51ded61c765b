"""`manage.py second_factor_off`: for somebody whose app and backup codes are lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from herd.storage import journal
from remote.api.authentication import person_named
from remote.api.second_factor import turn_off


class Command(BaseCommand):
    help = "Take the second factor off an account: the password alone signs in again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="whose account it is")

    def handle(self, *args: Any, **options: Any) -> None:
        person = person_named(options["name"])
        if person is None:
            raise CommandError(f"There is nobody called {options['name']}.")
        with journal.writing():
            was_on = turn_off(person)
        if not was_on:
            raise CommandError(f"{options['name']} has no second factor.")
        self.stdout.write(f"{options['name']} signs in with the password alone now.")
