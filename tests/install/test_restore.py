"""A Pi replaced from the office's copy of its backup, all of it under Debian's own Python."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.system.farm import ROOT, Farm, wait_until

SYSTEM_PYTHON = Path("/usr/bin/python3")
SERIAL = "socket://127.0.0.1:9"
# Seconds in which the office says the truth, and is live once the new Pi is up. The promise is a
# third of it; the machines that run this are shared.
TRUTH_WITHIN, LIVE_WITHIN = 60.0, 30.0


def packages(folder: Path) -> str:
    """Where Debian's own Python finds what requirements.txt names: in this checkout where that is
    of the same Python, else in an environment of its own."""
    ask = "import sys; print(*sys.version_info[:2])"
    theirs = subprocess.run(
        [SYSTEM_PYTHON, "-c", ask], capture_output=True, text=True, check=True
    ).stdout
    if theirs.split() == [str(number) for number in sys.version_info[:2]]:
        return str(Path(pytest.__file__).parents[1])
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
    bootstrap = [str(clone / "deploy/bootstrap.sh"), "requirements.txt"]
    subprocess.run(bootstrap, check=True, env=os.environ | {"PYTHON": str(SYSTEM_PYTHON)})
    (found,) = clone.glob(".venv/lib/python*/site-packages")
    return str(found)


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    if not SYSTEM_PYTHON.exists():
        if "CI" in os.environ:
            pytest.fail("This machine has no Debian Python: /usr/bin/python3.")
        pytest.skip("This machine has no Debian Python: /usr/bin/python3.")
    found = Farm(tmp_path)
    found.python = str(SYSTEM_PYTHON)
    found.given = {"PYTHONPATH": packages(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        yield found
    finally:
        found.stop()


def link(farm: Farm) -> Any:
    """What the office says of its link; None where it does not answer."""
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"{farm.office_url}/health", timeout=5).json().get("link")
    return None


def start_pi(farm: Farm) -> None:
    for name in ("receiver", "worker", "pi web"):
        farm.start(name)
    farm.wait_until_pi_answers()
    farm.wait_until_it_listens()


def test_a_pi_replaced_from_the_offices_copy_is_followed_again_without_pairing(
    farm: Farm, tmp_path: Path
) -> None:
    farm.given["TIME_ZONE"] = "America/Denver"
    farm.start_pi()
    farm.manage("office", "setup")
    paired = farm.manage("office", "pair", farm.account["pairing"])
    key_file = tmp_path / "recovery-key"
    key_file.write_text(paired.partition("Recovery key: ")[2].splitlines()[0])
    farm.start("office web")
    farm.hear("hxb:BATCH001:LF123:UHF456")
    farm.payload_that_says("hxb:BATCH001:LF123:UHF456")
    farm.manage("pi", "backup")
    copy = Path(farm.manage("office", "backup", "--pull").strip())
    wait_until(lambda: link(farm) == "live", "the office is live")

    for name in ("receiver", "worker", "pi web"):
        farm.processes[name].kill()
    shutil.rmtree(farm.root / "pi")  # the card is dead; a new Pi takes its address
    wait_until(lambda: link(farm) not in {"live", None}, "the office says it", TRUTH_WITHIN)
    farm.given.pop("TIME_ZONE")
    told = farm.manage("pi", "restore", "--recovery-key-file", str(key_file), str(copy))
    assert "Restored: 1 cattle, 1 payloads" in told
    assert "TIME_ZONE" in told
    farm.manage("pi", "setup")
    start_pi(farm)
    wait_until(lambda: link(farm) == "live", "it is live again", LIVE_WITHIN)
    assert [row["lf_tag"] for row in farm.rows("cattle")] == ["LF123"]
    assert farm.get("status").json()["restored"]["backup"] == copy.name
    assert "TIME_ZONE" in (farm.root / "pi/settings.env").read_text()
    versions = farm.get("status").json()["versions"]
    assert versions["python"] == debians_version()


def debians_version() -> str:
    ask = "import platform; print(platform.python_version())"
    done = subprocess.run([SYSTEM_PYTHON, "-c", ask], capture_output=True, text=True, check=True)
    return done.stdout.strip()
