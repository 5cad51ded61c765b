"""`hexabrand …`, and what `make service` runs. Any Python 3 can read it: where that of this
machine is too old for the rest, it says so."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True  # root's files in somebody's clone would be in the way
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
if sys.version_info < (3, 11):  # noqa: UP036 - told before anything newer is read
    sys.exit("HexaBrand needs Python 3.11 or later.")

from deploy.service.command import main  # noqa: E402 - not before the Python is known to do

sys.exit(main(sys.argv[1:]))
