"""`make pi`: the barn's role for real: first start, then receiver, worker and web."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from deploy.roles import run

if __name__ == "__main__":
    sys.exit(run("pi"))
