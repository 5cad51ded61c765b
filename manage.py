#!/usr/bin/env python3
"""HexaBrand's commands. The role comes from DJANGO_SETTINGS_MODULE, else from the environment."""

import logging
import sys

from hexabrand import ending, priorities


def main() -> None:
    ending.at_once()
    priorities.tell_them()
    _prepare()
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - needs the role

    with ending.in_order():
        execute_from_command_line(sys.argv)


def _prepare() -> None:
    """Imports all that the command needs. A setting that cannot be used is told in a sentence."""
    import django  # noqa: PLC0415 - signals come first
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - only when the handlers stand
    from django.core.management import get_commands, load_command_class  # noqa: PLC0415 - only when the handlers stand

    try:
        from hexabrand import beside_service  # noqa: PLC0415 - only when the handlers stand

        beside_service.refuse(sys.argv[1:])
        from hexabrand.settings.role import choose_settings_module  # noqa: PLC0415 - only when the handlers stand

        choose_settings_module()
        django.setup()
    except ImproperlyConfigured as error:
        raise SystemExit(priorities.marked(str(error), logging.ERROR)) from None
    commands, name = get_commands(), "".join(sys.argv[1:2])
    if name in commands:
        load_command_class(commands[name], name)


if __name__ == "__main__":
    main()
