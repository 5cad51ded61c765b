"""What an installed machine needs: a clone as somebody has it, and packages without a network."""

import atexit
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from deploy import deb
from tests.install import machine as machines
from tests.install.machine import Machine
from tests.system.farm import ROOT

CLONE = "/home/farmer/hexa brand"
WHEELS = "/mnt/wheels"


@cache
def source() -> Path:
    """Return a folder with this project's files, as they are now."""
    folder = Path(tempfile.mkdtemp(prefix="hexabrand-source-"))
    atexit.register(shutil.rmtree, folder)
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in told.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


@contextmanager
def with_clone() -> Iterator[Machine]:
    """A machine with a clone in a farmer's folder, and a network that has the packages alone."""
    machines.require()
    with Machine({source(): "/mnt/source", deb.wheels(deb.own_architecture()): WHEELS}) as machine:
        machine.environment = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS}
        machine.run("useradd --create-home farmer && rm -rf /etc/pip.conf")
        machine.run(f"cp -r /mnt/source '{CLONE}' && chown -R farmer: '{CLONE}'")
        yield machine
