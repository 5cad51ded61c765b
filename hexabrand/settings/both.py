"""The union of both roles, for the type checker alone: it takes one settings module."""
# ruff: noqa: F403, I001 - two settings modules laid over each other, the Pi's (it has tables) on top

from hexabrand.settings.ui import *
from hexabrand.settings.ui import INSTALLED_APPS as OFFICE_APPS
from hexabrand.settings.pi import *
from hexabrand.settings.pi import INSTALLED_APPS as PI_APPS

INSTALLED_APPS = [*PI_APPS, *(app for app in OFFICE_APPS if app not in PI_APPS)]
