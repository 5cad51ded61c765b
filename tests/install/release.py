"""The repository that people clone, and the package index they install from: this working tree, and
the wheels of its requirements in a folder, because a machine of the tests has no internet."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.install.documents import ROOT

AUTHOR = {
    "GIT_AUTHOR_NAME": "HexaBrand",
    "GIT_AUTHOR_EMAIL": "hexabrand@localhost",
    "GIT_COMMITTER_NAME": "HexaBrand",
    "GIT_COMMITTER_EMAIL": "hexabrand@localhost",
}


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **AUTHOR},
    ).stdout.strip()


def publish(repository: Path) -> None:
    """Make the repository to clone: what git would commit of this tree, as one commit."""
    repository.mkdir(parents=True)
    tree = git(ROOT, "stash", "create") or "HEAD"
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", tree], check=True, capture_output=True
    )
    subprocess.run(["tar", "-x", "-C", str(repository)], input=archive.stdout, check=True)
    git(repository, "init", "--quiet", "--initial-branch=main")
    commit(repository, "This release")


def commit(repository: Path, subject: str) -> None:
    git(repository, "add", "--force", "--all")
    git(repository, "commit", "--quiet", "--no-verify", "--message", subject)


def publish_a_newer_one(repository: Path) -> None:
    """Commit a later release, which adds a table."""
    newest = max(path.stem for path in (repository / "herd/migrations").glob("[0-9]*.py"))
    (repository / "herd/migrations/9000_a_later_release.py").write_text(
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        f'    dependencies = [("herd", "{newest}")]\n'
        '    operations = [migrations.RunSQL("CREATE TABLE herd_later (id integer)")]\n'
    )
    commit(repository, "A later release")


def download_wheels(folder: Path, pythons: list[str], requirements: str) -> None:
    """Fetch the wheels that each of these Pythons takes, through this environment's pip."""
    folder.mkdir(exist_ok=True)
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda python: _download(folder, python, requirements), pythons))


def _download(folder: Path, python: str, requirements: str) -> None:
    own = folder / Path(python).name  # two at once in one folder would take each other's files
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "download",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--requirement",
            str(ROOT / requirements),
            "--dest",
            str(own),
        ],
        check=True,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for wheel in own.iterdir():
        wheel.replace(folder / wheel.name)
    shutil.rmtree(own)
