#!/usr/bin/env python3
"""HexaBrand's commands. The role comes from DJANGO_SETTINGS_MODULE, else from the environment."""

import logging
import sys

from hexabrand import logs, shutdown


def main() -> None:
    shutdown.at_once()
    if sys.argv[1:] in (["--version"], ["version"]):
        _tell_version()
        return
    logs.mark_standard_error()
    try:
        _prepare()
        _execute()
    except PermissionError as error:
        from hexabrand.ownership import refusal  # noqa: PLC0415 - only when it is needed

        raise SystemExit(refusal(error)) from None


def _execute() -> None:
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - needs the role

    with shutdown.in_order():
        execute_from_command_line(sys.argv)


def _tell_version() -> None:
    from remote.wire import RELEASE  # noqa: PLC0415 - signals come first

    sys.stdout.write(f"HexaBrand {RELEASE}\n")


def _prepare() -> None:
    """Import all that the command needs. A setting that cannot be used is told in a sentence."""
    import django  # noqa: PLC0415 - signals come first
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - only when the handlers stand
    from django.core.management import get_commands, load_command_class  # noqa: PLC0415 - only when the handlers stand

    try:
        from hexabrand.ownership import refuse_beside_service  # noqa: PLC0415 - only when the handlers stand

        refuse_beside_service(sys.argv[1:])
        from hexabrand.settings.environment import choose_settings_module  # noqa: PLC0415 - reads .env

        choose_settings_module()
        django.setup()
    except ImproperlyConfigured as error:
        raise SystemExit(logs.with_priority(str(error), logging.ERROR)) from None
    commands, name = get_commands(), "".join(sys.argv[1:2])
    if name in commands:
        load_command_class(commands[name], name)
        _refuse_newer_herd(name)


def _refuse_newer_herd(command: str) -> None:
    """End an older release's command before it looks at, or changes, a newer release's tables."""
    from hexabrand import releases  # noqa: PLC0415 - needs the role

    try:
        releases.refuse_newer_herd(command)
    except releases.NewerTables as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
