"""Which of the two roles this process plays."""

import os

from django.core.exceptions import ImproperlyConfigured

SETTINGS_OF_ROLE = {"pi": "hexabrand.settings.pi", "ui": "hexabrand.settings.ui"}


def choose_settings_module() -> None:
    """Set DJANGO_SETTINGS_MODULE where it is unset, from IS_PI_BACKEND or IS_SERVER_UI.

    With neither, the Pi: it is the one that can stand alone.
    """
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        return
    from hexabrand.settings.environment import boolean, read  # noqa: PLC0415 - may read .env

    # `.env` may name the settings module too; the import above has read it.
    office = read("IS_SERVER_UI", boolean, default=False)
    pi = read("IS_PI_BACKEND", boolean, default=not office)
    if office and pi:
        raise ImproperlyConfigured(
            "IS_PI_BACKEND and IS_SERVER_UI are both True: one process has one role."
        )
    if not (office or pi):
        raise ImproperlyConfigured(
            "IS_PI_BACKEND is False and IS_SERVER_UI is not True: this process has no role."
        )
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_OF_ROLE["ui" if office else "pi"]
