"""The herd is as if one thing had been done after the other, on a database server too."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.system.postgres import HOW_TO_GET_IT, Server, programs

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        programs() is None and not os.environ.get("CI"),
        reason=f"NO POSTGRESQL, its tests not run. Type: {HOW_TO_GET_IT}",
    ),
]
ROOT = Path(__file__).resolve().parents[2]
# The tests that are started choose their own settings, as from a shell.
OURS = {"DJANGO_SETTINGS_MODULE", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"}


def test_side_by_side_on_postgresql() -> None:
    # In memory where that can be: each run has two databases of its own.
    memory = Path("/dev/shm")
    given = {name: value for name, value in os.environ.items() if name not in OURS}
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        Path(folder).chmod(0o755)  # for the server's own user
        with Server(Path(folder) / "server") as server:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "tests/lora/interleaving"],
                cwd=ROOT,
                env={"INTERLEAVINGS": "3", **given, "DATABASE_URL": server.url},
                capture_output=True,
                text=True,
                check=False,
            )
    assert done.returncode == 0, done.stdout[-5000:]
