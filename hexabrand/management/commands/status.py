"""`manage.py status`: how this role is, on one screen; also while nothing of it runs."""

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from hexabrand import status_report


class Command(BaseCommand):
    help = "Tell how this role is, in plain words; ends with status 1 where it is not well."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object only")

    def handle(self, *args: Any, **options: Any) -> None:
        report = status_report.of_pi() if settings.IS_PI_BACKEND else status_report.of_office()
        if options["json"]:
            self.stdout.write(json.dumps(report))
        else:
            self.stdout.write(status_report.as_text(report))
        if not report["well"]:
            sys.exit(1)
