"""The settings of either role with a log that tells everything, for tests of what it tells."""
# ruff: noqa: F403, F405 - the whole of a role's settings

import os

if os.environ["HEXABRAND_STATE_DIR"].endswith("office"):
    from hexabrand.settings.ui import *
else:
    from hexabrand.settings.pi import *

LOGGING["root"] = {"handlers": ["stderr"], "level": "DEBUG"}
LOGGING["loggers"] = {}
