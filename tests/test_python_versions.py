"""Debian 12 has Python 3.11.2: what later patches of 3.11 brought must not be used.

mypy sees to what came with 3.12 and later; typeshed knows no patches, so those are listed here.
"""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# Function → keyword that came with a patch of 3.11; and names that are new altogether.
KEYWORDS = {
    "extract": "filter",
    "extractall": "filter",
    "unpack_archive": "filter",  # 3.11.4
    "parseaddr": "strict",
    "getaddresses": "strict",  # 3.11.10
}
NAMES = {
    "data_filter",
    "tar_filter",
    "fully_trusted_filter",
    "extraction_filter",  # 3.11.4
    "FilterError",
    "AbsolutePathError",
    "OutsideDestinationError",
    "LinkOutsideDestinationError",
    "SetReparseDeferralEnabled",
    "GetReparseDeferralEnabled",  # 3.11.9
    "verify_generated_headers",  # 3.11.10
}


def sources() -> list[str]:
    """What runs on a Pi or at an office; tests run on the developer's own Python."""
    listed = subprocess.run(
        ["git", "ls-files", "manage.py", "hexabrand", "herd", "lora", "remote", "deploy"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [name for name in listed if name.endswith(".py")]


def too_new(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if KEYWORDS.get(called) in {given.arg for given in node.keywords} - {None}:
                yield f"{called}({KEYWORDS[called]}=)"
        name = getattr(node, "attr", getattr(node, "id", getattr(node, "name", "")))
        if name in NAMES:
            yield str(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tar.extract(m, path, filter='data')", ["extract(filter=)"]),
        ("unpack_archive(f, filter='data')", ["unpack_archive(filter=)"]),
        ("from tarfile import data_filter", ["data_filter"]),
        ("tar.extract(m, path)\nobjects.filter(x=1)", []),
    ],
)
def test_the_check_itself(text: str, found: list[str]) -> None:
    assert list(too_new(text)) == found


def test_nothing_needs_a_later_patch_of_python_3_11() -> None:
    found = {name: list(too_new((ROOT / name).read_text())) for name in sources()}
    assert len(found) > 100
    assert {name: what for name, what in found.items() if what} == {}


def test_later_minor_versions_are_mypys_and_ruffs_to_find() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert told["mypy"]["python_version"] == "3.11"
    assert told["ruff"]["target-version"] == "py311"
