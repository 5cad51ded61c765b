"""A pytest plugin, loaded before the settings are: tests never touch the state of this checkout.

No example of a property fails for a slow machine either.
"""

import atexit
import os
import shutil
import tempfile

from hypothesis import settings

STATE = tempfile.mkdtemp(prefix="hexabrand-test-")
os.environ["HEXABRAND_STATE_DIR"] = STATE
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
