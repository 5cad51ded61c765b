"""The Pi's settings with a database that does not wait for its disk: the power cut's control."""

import os

from hexabrand.settings.pi import *  # noqa: F403 - Django's own way to layer settings
from hexabrand.settings.pi import DATABASES

for _database in DATABASES.values():
    _options = _database["OPTIONS"]
    assert isinstance(_options, dict)
    _safe = str(_options["init_command"])
    assert "synchronous=FULL" in _safe
    _options["init_command"] = _safe.replace(
        "synchronous=FULL", f"synchronous={os.environ['FAULT_SYNCHRONOUS']}"
    )
