"""A pytest plugin, loaded before the settings are: tests never touch the state of this checkout."""

import atexit
import os
import shutil
import tempfile

STATE = tempfile.mkdtemp(prefix="hexabrand-test-")
os.environ["HEXABRAND_STATE_DIR"] = STATE
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
