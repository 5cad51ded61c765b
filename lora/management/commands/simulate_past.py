"""`manage.py simulate_past`: 120 days of a feedlot, written into a herd that is still empty."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from herd.models import Animal, Pen
from lora.simulation.farm_past import HEAD, LOTS
from lora.simulation.past_writing import write_past

LEAST, MOST = 20 * LOTS, 20_000


class Command(BaseCommand):
    help = "Write what a feedlot lived through in its last 120 days into an empty herd."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same past")
        parser.add_argument("--head", type=int, default=HEAD, help=f"animals ({HEAD:,})")

    def handle(self, *args: Any, **options: Any) -> None:
        if not LEAST <= options["head"] <= MOST:
            raise CommandError(f"--head is a number from {LEAST} to {MOST:,}.")
        if Animal.objects.exists() or Pen.objects.exists():
            raise CommandError("This herd has animals or pens: a past is for an empty one.")
        write_past(options["seed"], options["head"], timezone.now())
        self.stdout.write(f"{Animal.objects.count():,} animals, with what happened to them.")
