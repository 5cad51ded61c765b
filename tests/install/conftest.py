"""What the tests of an installation share: the repository to clone, its wheels, fresh computers."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.install import computer, release
from tests.install.computer import Computer

Make = Callable[[str], Computer]


@pytest.fixture(scope="session")
def shelf() -> Iterator[Path]:
    """A folder that every user may read, with the repository and the wheels."""
    computer.require()
    folder = Path(tempfile.mkdtemp(prefix="hexabrand-install-"))
    folder.chmod(0o755)
    release.publish(folder / "repository")
    programs = [python.program for python in computer.pythons().values()]
    release.download_wheels(folder / "wheels", programs, "requirements.txt")
    for path in (folder / "repository", *(folder / "repository").rglob("*")):
        shutil.chown(path, computer.UID, computer.UID)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module", params=computer.pythons())
def make(request: pytest.FixtureRequest, shelf: Path) -> Iterator[Make]:
    """Make a computer of that name with one of the Pythons; its user's path has a space."""
    python = computer.pythons()[request.param]
    environment = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(shelf / "wheels"),
    }
    with ExitStack() as stack:

        def one(name: str) -> Computer:
            home = shelf / "the barn" / f"{request.param} {name}"
            return stack.enter_context(Computer(home, python, environment))

        yield one


@pytest.fixture(scope="session")
def repository(shelf: Path) -> str:
    """What people clone."""
    return str(shelf / "repository")
