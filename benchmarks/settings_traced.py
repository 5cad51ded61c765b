"""The Pi's settings, with its turns in the writers' queue written to TRACE_FOLDER."""

from hexabrand.settings.pi import *  # noqa: F403 - Django's own way to layer settings
from hexabrand.settings.pi import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "benchmarks.traced"]
