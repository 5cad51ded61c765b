"""`deploy/bootstrap.sh` heals what it finds, and what it cannot do it says in a sentence.

With a requirements file of one tiny wheel. Where .venv is made anew, `python -m venv` is a copy of
one that was made before: the real thing takes four seconds each time.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.system.farm import wait_until

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
NOBODY = 65534
MODULE = f"lib/python3.{sys.version_info[1]}/site-packages/tiny"

Harm = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Clone:
    """A folder with what the installation needs of ours."""

    folder: Path
    wheels: Path
    path: str

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    def begin(self, *before: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*before, "deploy/bootstrap.sh", "requirements.txt"],
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                "PATH": self.path,
                "HOME": str(self.folder.parent),
                "LC_ALL": "C.UTF-8",
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(self.wheels),
                **more,
            },
        )

    def install(self, *before: str, **more: str) -> tuple[int, str]:
        """Status, and what was said."""
        process = self.begin(*before, **more)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def is_whole(self) -> bool:
        """Whether Python, pip's script and the package work, each of this folder."""
        tiny = [str(self.venv / "bin" / "python"), "-c", "import tiny; print(tiny.__file__)"]
        pip = [str(self.venv / "bin" / "pip"), "--version"]
        here = [subprocess.run(c, capture_output=True, text=True, check=False) for c in (tiny, pip)]
        return all(str(self.venv) in done.stdout for done in here)


def wheel(folder: Path) -> str:
    """Build the wheel of `tiny`, and return its line for a requirements file."""
    folder.mkdir()
    info = "tiny-1.0.dist-info"
    parts = {
        "tiny/__init__.py": b"",
        "tiny/a_file_more.py": b"",
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    sums = {
        name: base64.urlsafe_b64encode(hashlib.sha256(part).digest()).rstrip(b"=").decode()
        for name, part in parts.items()
    }
    record = [f"{name},sha256={sums[name]},{len(part)}" for name, part in parts.items()]
    parts[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]).encode()
    file = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return f"tiny==1.0 \\\n    --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """One that has installed for real, in a folder whose name is as odd as they come."""
    root = tmp_path_factory.mktemp("installed")
    root.chmod(0o755)
    folder = root / "a barn's 100% #1; ü"
    (folder / "deploy").mkdir(parents=True)
    for name in ("bootstrap.sh", "virtual_environment.py"):
        shutil.copy(DEPLOY / name, folder / "deploy")
    (folder / "requirements.txt").write_text(wheel(root / "wheels"))
    (root / "bin").mkdir()
    fast = root / "bin" / "python3"
    fast.write_text(
        '#!/bin/sh\nif [ "$1 $2" = "-m venv" ] && [ -d "$HOME/template" ]; then\n'
        'cp -a "$HOME/template/." "$3" && mkdir "$3/lib"\n'
        'exec cp -al "$HOME/template-lib/." "$3/lib"; fi\n'
        f'exec {sys._base_executable} "$@"\n'  # type: ignore[attr-defined]
    )
    fast.chmod(0o755)
    clone = Clone(folder, root / "wheels", f"{root}/bin:/usr/bin:/bin")
    status, said = clone.install()
    assert (status, said) == (0, "Installing requirements.txt …\n")
    assert clone.is_whole()
    shutil.copytree(clone.venv, root / "template", symlinks=True, ignore=lambda *_: ["lib"])
    shutil.copytree(clone.venv / "lib", root / "template-lib", symlinks=True)
    for part in (MODULE, f"{MODULE}-1.0.dist-info"):
        shutil.rmtree(root / part.replace("lib", "template-lib", 1))
    return clone


@pytest.fixture
def clone(made: Clone, tmp_path: Path) -> Clone:
    """A copy of it, which is a clone that was moved as well."""
    folder = tmp_path / "moved to"
    shutil.copytree(made.folder, folder, symlinks=True, ignore=lambda *_: ["lib"])
    # Linked, because nothing writes into those files: what is changed is made anew.
    subprocess.run(["cp", "-al", made.venv / "lib", folder / ".venv"], check=True)
    for name in ("template", "template-lib"):
        (tmp_path / name).symlink_to(made.folder.parent / name)
    return Clone(folder, made.wheels, made.path)


def test_a_second_time_nothing_is_done(made: Clone) -> None:
    assert made.install() == (0, "")


def test_a_moved_clone_runs_its_own_scripts_without_a_network(clone: Clone) -> None:
    assert not clone.is_whole()
    assert clone.install(PIP_FIND_LINKS="/nowhere") == (0, "")
    assert clone.is_whole()


def test_a_link_to_an_environment_leaves_that_as_it_is(made: Clone, tmp_path: Path) -> None:
    scripts = sorted((made.venv / "bin").glob("pip*"))
    before = [script.read_bytes() for script in scripts]
    shutil.copytree(made.folder, tmp_path / "second", ignore=lambda *_: [".venv"])
    (tmp_path / "second/.venv").symlink_to(made.venv)
    assert Clone(tmp_path / "second", made.wheels, made.path).install() == (0, "")
    assert [script.read_bytes() for script in scripts] == before


def gone(venv: Path) -> None:
    for name in ("python", "python3"):
        (venv / "bin" / name).unlink()
        (venv / "bin" / name).symlink_to("/usr/bin/python3.0")


def upgraded(venv: Path) -> None:
    library = (venv / MODULE).parents[1]
    library.rename(library.with_name("python3.0"))


def cut_off_before_pip(venv: Path) -> None:
    for part in (venv / MODULE).parent.glob("pip*"):
        shutil.rmtree(part)


def cut_off_in_a_package(venv: Path) -> None:
    (venv / ".installing").touch()
    (venv / MODULE / "a_file_more.py").unlink()


def cut_off_before_its_list_of_files(venv: Path) -> None:
    (venv / f"{MODULE}-1.0.dist-info/RECORD").unlink()


def a_stamp_that_lies(venv: Path) -> None:
    shutil.rmtree(venv / MODULE)
    shutil.rmtree(venv / f"{MODULE}-1.0.dist-info")
    requirements = venv.parent / "requirements.txt"
    (venv / ".installed").write_text(hashlib.sha256(requirements.read_bytes()).hexdigest())


def a_file_in_its_place(venv: Path) -> None:
    shutil.rmtree(venv)
    venv.write_text("")


@pytest.mark.parametrize(
    "harm",
    [
        gone,
        upgraded,
        cut_off_before_pip,
        cut_off_in_a_package,
        cut_off_before_its_list_of_files,
        a_stamp_that_lies,
        a_file_in_its_place,
    ],
)
def test_it_heals(clone: Clone, harm: Harm) -> None:
    harm(clone.venv)
    status, said = clone.install()
    assert status == 0, said
    assert clone.is_whole()
    assert clone.install() == (0, "")


@pytest.mark.parametrize("when", ["pyvenv.cfg", ".installing", MODULE])
def test_a_killed_installation_is_completed_by_the_next_one(clone: Clone, when: str) -> None:
    shutil.rmtree(clone.venv)
    process = clone.begin()
    wait_until((clone.venv / when).exists, f"{when} is there")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    status, said = clone.install()
    assert status == 0, said
    assert clone.is_whole()


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        ("sys.version_info = (3, 10, 9)", "is too old; 3.11 or later is needed"),
        ("sys.maxsize = 2**31 - 1", "a 32-bit Python, and HexaBrand runs on 64-bit ones alone"),
        ("sys.modules['ensurepip'] = None", "sudo apt-get install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_refused(clone: Clone, python: str, sentence: str) -> None:
    shutil.rmtree(clone.venv)
    (clone.folder / "sitecustomize.py").write_text(f"import sys\n{python}\n")
    status, said = clone.install(PYTHONPATH=str(clone.folder))
    assert status == 1
    assert said.startswith("HexaBrand: ")
    assert sentence in said
    assert not clone.venv.exists()


def test_a_python_that_is_not_there_is_named(clone: Clone) -> None:
    status, said = clone.install(PYTHON="python3.99")
    assert status == 1
    assert "python3.99 was not found" in said


def test_another_python_is_taken_when_it_is_asked_for(clone: Clone) -> None:
    """The one that runs the tests, against one whose packages are for another."""
    (clone.venv / ".abi").write_text("cpython-399-x86_64-linux-gnu\n")
    status, said = clone.install(PYTHON=str(Path(clone.path.partition(":")[0]) / "python3"))
    assert status == 0, said
    assert (clone.venv / ".abi").read_text().strip() == sysconfig.get_config_var("SOABI")


def test_without_a_network_it_says_so(clone: Clone) -> None:
    a_stamp_that_lies(clone.venv)
    nowhere = {
        "PIP_NO_INDEX": "0",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "1",
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    }
    status, said = clone.install(**nowhere)
    assert status == 1
    assert "could not fetch the packages. Is this machine in a network" in said
    assert clone.install()[0] == 0


def test_a_full_disk_is_called_so(clone: Clone, tmp_path: Path) -> None:
    shutil.rmtree(clone.venv)
    small = tmp_path / "small"
    small.mkdir()
    script = (
        'mount -t tmpfs -o size=5m none "$0" && cp -r "$1"/. "$0" && cd "$0" &&'
        " exec deploy/bootstrap.sh requirements.txt"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, str(small), str(clone.folder)],
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        assert not os.environ.get("CI"), done.stderr
        pytest.skip(f"NO NAMESPACES HERE, a full disk is not tried: {done.stderr}")
    assert done.returncode == 1
    assert "the disk is full" in done.stderr


def test_a_venv_of_somebody_else_is_told_with_the_cure(clone: Clone) -> None:
    a_stamp_that_lies(clone.venv)
    for folder in (clone.folder, *clone.folder.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/tmp"):
            folder.chmod(0o555)  # what root made, and where we are not root, what is read-only
    user = [] if os.geteuid() else ["setpriv", f"--reuid={NOBODY}", "--clear-groups"]
    try:
        status, said = clone.install(*user)
    finally:
        clone.folder.chmod(0o755)
    assert status == 1
    assert "may not write there. Type: sudo chown -R" in said


def test_a_second_one_waits_for_the_first(clone: Clone) -> None:
    a_stamp_that_lies(clone.venv)
    with (clone.folder / ".bootstrap.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = clone.begin()
        assert process.stdout is not None
        assert "another installation is at work" in process.stdout.readline()
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert clone.is_whole()
