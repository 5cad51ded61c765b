"""`make conform`: the Pi held against its own description, by every check of Schemathesis.

`CONFORM_SECONDS` in all (60). Ends with status 1 where anything is not as described.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.backlog import fill, waiting
from tests.fuzz.__main__ import HISTORY
from tests.system.farm import ROOT, Farm, wait_until

SECONDS = int(os.environ.get("CONFORM_SECONDS", "60"))
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
# These two stand in schema_checks.py.
REPLACED = "positive_data_acceptance,negative_data_rejection"


def conform(root: Path, seconds: int, *options: str) -> "subprocess.CompletedProcess[str]":
    """Run all checks against a Pi with a herd; what they say is in the output."""
    with tempfile.TemporaryDirectory() as folder:
        farm = Farm(root)
        try:
            farm.start_pi()
            fill(farm, HISTORY)
            wait_until(lambda: waiting(farm) == 0, "there is a herd")
            return subprocess.run(
                [*_command(farm), f"--max-time={seconds}", *options],
                cwd=folder,  # it leaves files where it stands
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                check=False,
                capture_output=True,
                text=True,
                timeout=seconds + 120,
            )
        finally:
            farm.stop()


def _command(farm: Farm) -> list[str]:
    where = f"{farm.api_url.removesuffix('/remote')}/schema?format=json"
    key = f"X-API-Key: {farm.account['api_key']}"
    tool = [str(Path(sys.executable).with_name("st")), "--no-color", "--config-file"]
    asked = ["--header", key, "--tls-verify", farm.certificate]
    checks = ["--checks", "all", "--exclude-checks", REPLACED]
    return [*tool, str(CONFIGURATION), "run", where, *asked, *checks]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="hexabrand-conform-") as folder:
        done = conform(Path(folder), SECONDS)
    print(done.stdout, done.stderr, sep="\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
