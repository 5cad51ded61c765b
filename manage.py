#!/usr/bin/env python3
"""HexaBrand's commands. The role comes from DJANGO_SETTINGS_MODULE, else from the environment."""

import signal
import sys
from types import FrameType


def _end_at_once(_signum: int, _frame: FrameType | None) -> None:
    """Commands that have a loop of their own replace this; all others may simply stop."""
    raise SystemExit(0)


def main() -> None:
    signal.signal(signal.SIGTERM, _end_at_once)
    signal.signal(signal.SIGINT, _end_at_once)

    from hexabrand.settings.role import choose_settings_module  # noqa: PLC0415 - signals come first

    choose_settings_module()

    from django.core.management import execute_from_command_line  # noqa: PLC0415 - needs the role

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
