"""The code in /opt/hexabrand and its packages: root's own, so that no service changes them."""

import contextlib
import hashlib
import os
import shutil
import struct
import sys
from pathlib import Path
from typing import Final

from deploy.service import programs
from deploy.service.layout import CODE, Refused
from deploy.service.systemd import say

PACKAGES: Final = ("hexabrand", "herd", "lora", "remote", "deploy")
LISTS: Final = ("requirements.txt", "requirements-postgres.in", "requirements-postgres.txt")
ABOUT: Final = ("pyproject.toml", "README.md", "CHANGELOG.md", ".env.example")
# What runs, and no more: tests and git's folder would double the room that it takes.
PARTS: Final = (*PACKAGES, "templates", "locale", "manage.py", *ABOUT, *LISTS)
STAGED: Final = CODE / ".staged"  # beside the code in use, so that a renaming puts it in place
REPLACED: Final = CODE / ".replaced"
NEEDED_MB: Final = 600  # for a first installation
JUNK: Final = shutil.ignore_patterns("__pycache__", "*.pyc")


def refuse_unfit() -> None:
    """Raise Refused on a machine that cannot run it: each reason is a sentence."""
    refuse_without_root()
    if not Path("/run/systemd/system").is_dir():
        raise Refused("This machine is not run by systemd; `make pi` and `make office` need none.")
    if struct.calcsize("P") != 8:
        raise Refused("HexaBrand needs a 64-bit system; install the 64-bit Raspberry Pi OS.")
    CODE.parent.mkdir(exist_ok=True)
    free = shutil.disk_usage(CODE.parent).free // 1_000_000
    if free < NEEDED_MB and not (CODE / ".venv").exists():
        raise Refused(f"{CODE.parent} has {free} MB free, and {NEEDED_MB} MB are needed.")


def refuse_without_root() -> None:
    if os.geteuid() != 0:
        raise Refused("This needs root. Type sudo before it.")


def digest(folder: Path) -> str:
    """Return what tells one release's code from another's."""
    known = hashlib.sha256()
    for file in sorted(_files(folder)):
        known.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return known.hexdigest()


def _files(folder: Path) -> list[Path]:
    parts = [folder / part for part in PARTS if (folder / part).exists()]
    inner = [file for part in parts if part.is_dir() for file in part.rglob("*") if file.is_file()]
    files = inner + [part for part in parts if part.is_file()]
    return [file for file in files if file.suffix != ".pyc"]


def stage(source: Path) -> Path:
    """Copy the code beside the one in use; returns where it can be tried."""
    if source == CODE:
        _refuse_anothers(CODE)
        return CODE
    shutil.rmtree(STAGED, ignore_errors=True)
    copy(source, STAGED)
    CODE.chmod(0o755)
    return STAGED


def _refuse_anothers(folder: Path) -> None:
    """Raise Refused for code that somebody else may change: root runs it where it lies."""
    for file in (folder, *_files(folder)):
        if file.stat().st_uid != 0:
            raise Refused(
                f"{file} belongs to another user than root, who runs it there. Type: sudo chown -R"
                f" root: {folder}"
            )


def copy(source: Path, target: Path) -> None:
    """Copy what runs: no tests, no git, and with nobody's file modes."""
    target.mkdir(parents=True)
    for part in PARTS:
        old, new = source / part, target / part
        if old.is_dir():
            shutil.copytree(old, new, ignore=JUNK, copy_function=shutil.copyfile)
        elif old.exists():
            shutil.copyfile(old, new)
    for folder in (target, *(inner for inner in target.rglob("*") if inner.is_dir())):
        folder.chmod(0o755)


def put_in_place(staged: Path) -> None:
    """Exchange the code in use for the staged one, by renaming alone: a power cut in between is
    unlikely, and what is renamed is on the disk by then."""
    os.sync()
    if staged != CODE:
        shutil.rmtree(REPLACED, ignore_errors=True)
        REPLACED.mkdir()
        for part in PARTS:
            _exchange(staged / part, CODE / part, REPLACED / part)
        shutil.rmtree(staged)
        shutil.rmtree(REPLACED)
    _ready(CODE / ".venv.new")
    folders = [str(CODE / name) for name in PACKAGES]
    programs.run([str(CODE / ".venv/bin/python"), "-m", "compileall", "-q", *folders])


def _exchange(new: Path, place: Path, old: Path) -> None:
    if place.exists():
        place.rename(old)
    if new.exists():
        new.rename(place)


def delete(*, copied: bool) -> None:
    """Delete what was put here; the code too, where it is only a copy of what lies elsewhere."""
    for part in (*(PARTS if copied else ()), ".venv", ".venv.new", STAGED.name, REPLACED.name):
        path = CODE / part
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # not empty
        CODE.rmdir()


def _ready(fresh: Path) -> None:
    """Put new packages in place of the old. An environment may be moved: its interpreter is called
    by path, and none of its scripts, which name the old one."""
    if fresh.exists():
        shutil.rmtree(REPLACED, ignore_errors=True)
        _exchange(fresh, CODE / ".venv", REPLACED)
        shutil.rmtree(REPLACED, ignore_errors=True)


def python() -> str:
    """Return an interpreter that the services' user can run too: none under /root or /home."""
    for name in (os.environ.get("PYTHON", ""), "/usr/bin/python3", sys.executable):
        path = shutil.which(name) if name else None
        is_private = path and str(Path(path).resolve()).startswith(("/root/", "/home/"))
        if path and not is_private and _is_fit(path):
            return path
    raise Refused(
        "Python 3.11 or later is missing. Type: sudo apt-get install python3 python3-venv"
    )


def _is_fit(path: str) -> bool:
    code = "import sys, venv, sqlite3, ssl; sys.exit(sys.version_info < (3, 11))"
    return Path(path).exists() and programs.run([path, "-I", "-c", code]).returncode == 0


def install_packages(staged: Path, *, postgres: bool) -> None:
    """Install what the release needs; does nothing where it is there already."""
    files = [staged / "requirements.txt"]
    if postgres:
        files.append(staged / "requirements-postgres.txt")
    interpreter = python()
    wanted = _mark(interpreter, files)
    mark = CODE / ".venv/.installed-for"
    fresh = CODE / ".venv.new"
    shutil.rmtree(fresh, ignore_errors=True)  # of an installation that was cut off
    if mark.exists() and mark.read_text() == wanted and _is_fit(str(CODE / ".venv/bin/python")):
        return
    place = "from the package" if (CODE / "wheels").is_dir() else "from PyPI"
    say(f"Installing Python packages {place} …")
    for file in files:
        _run([*_pip(interpreter, fresh), "--require-hashes", "-r", str(file)])
    os.sync()  # what the mark stands for is on the disk before it
    (fresh / mark.name).write_text(wanted)
    if not (CODE / ".venv").exists():
        fresh.rename(CODE / ".venv")


def _mark(interpreter: str, files: list[Path]) -> str:
    """Return what the packages depend on: the interpreter's minor version, and the pinned list."""
    version = programs.run([interpreter, "-c", "import sys; print(sys.version_info[:2])"]).stdout
    return hashlib.sha256(version.encode() + b"".join(f.read_bytes() for f in files)).hexdigest()


def _pip(interpreter: str, fresh: Path) -> list[str]:
    """Return the command that installs into the new environment, from the .deb's wheels where they
    are: those bring pip itself, which Debian's Python lacks without python3-venv."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    wheels = CODE / "wheels"
    if wheels.is_dir():
        if not fresh.exists():
            _run([interpreter, "-m", "venv", "--without-pip", str(fresh)])
        pip = f"{next(wheels.glob('pip-*.whl'))}/pip"
        place = ["--python", str(fresh / "bin/python")]
        alone = ["--no-index", "--find-links", str(wheels)]
        return [interpreter, pip, *place, "install", *quiet, *alone]
    if not fresh.exists():
        if programs.run([interpreter, "-c", "import ensurepip"]).returncode != 0:
            raise Refused("Python lacks venv. Type: sudo apt-get install python3-venv")
        _run([interpreter, "-m", "venv", str(fresh)])
    return [str(fresh / "bin/python"), "-m", "pip", "install", *quiet]


def _run(command: list[str]) -> None:
    done = programs.run(command)
    if done.returncode != 0:
        shutil.rmtree(CODE / ".venv.new", ignore_errors=True)
        last = "\n".join((done.stderr or done.stdout).splitlines()[-4:])
        raise Refused(
            f"{last}\nThe Python packages could not be installed; what ran before runs on. Is the"
            " network there? The .deb needs none."
        )
