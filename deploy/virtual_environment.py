"""What a virtual environment really holds, and its scripts after a move; run by its own Python.

`missing FILE` prints what is not installed as the requirements file names it; `broken` prints what
is installed in part, as an installation leaves it that was cut off: status 1 where there is
something to print. `relocate FOLDER` makes the scripts of an environment that was moved or copied
start its own Python.
"""

import os
import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path

from pip._vendor.packaging.requirements import Requirement


def required(file: Path) -> list[Requirement]:
    """Return the requirements that hold on this machine; their hashes were pip's to check."""
    lines = file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    texts = [line.partition(" --hash")[0].partition(" #")[0].strip() for line in lines]
    found = [Requirement(text) for text in texts if text and not text.startswith(("#", "-"))]
    return [each for each in found if each.marker is None or each.marker.evaluate()]


def is_installed(requirement: Requirement) -> bool:
    try:
        found = distribution(requirement.name)
        return found.version in requirement.specifier and found.files is not None
    except (PackageNotFoundError, TypeError):  # no version: its metadata are cut short
        return False


def is_whole(found: Distribution) -> bool:
    """Return whether all files of a package are there."""
    # Without a list of them, pip had not come to its end.
    files = found.files
    return files is not None and all(
        Path(str(found.locate_file(file))).exists()
        for file in files
        if file.suffix != ".pyc"  # Python makes those again
    )


def made_in(venv: Path) -> str:
    """Return the folder that the environment was made in, as venv has noted it."""
    note = (venv / "pyvenv.cfg").read_text()
    found = re.search(r"^command = .* -m venv (.*)$", note, re.MULTILINE)
    return found[1] if found else str(venv)


def relocate(venv: Path) -> None:
    old, new = made_in(venv), str(venv)
    if old == new:
        return
    for script in sorted((venv / "bin").iterdir()):
        if script.is_file() and not script.is_symlink():
            _write(script, relocated(script.read_bytes(), os.fsencode(old), os.fsencode(new)))
    note = venv / "pyvenv.cfg"  # last: it says that all is done
    _write(note, note.read_bytes().replace(os.fsencode(old), os.fsencode(new)))


def relocated(script: bytes, old: bytes, new: bytes) -> bytes:
    """Return a script as pip would have written it in the new folder; programs stay as they are."""
    if b"\0" in script[:1024]:
        return script
    head = rb"#!(?:/bin/sh\n'''exec' )?\"?" + re.escape(old) + rb"(/bin/[\w.]+)[^\n]*\n(?:' '''\n)?"
    found = re.match(head, script)
    if found is None:
        return script.replace(old, new)
    # Through the shell: a first line takes neither a space nor more than 127 bytes.
    first = b"#!/bin/sh\n'''exec' \"" + new + found[1] + b'" "$0" "$@"\n\' \'\'\'\n'
    return first + script[found.end() :]


def _write(file: Path, content: bytes) -> None:
    if content != file.read_bytes():
        file.write_bytes(content)


def main() -> int:
    match sys.argv[1:]:
        case ["relocate", folder]:
            relocate(Path(folder).resolve())  # a link to it is not another place
            return 0
        case ["missing", file]:
            found = [str(each) for each in required(Path(file)) if not is_installed(each)]
        case _:
            found = [str(each.metadata["Name"]) for each in distributions() if not is_whole(each)]
    print("\n".join(found))  # noqa: T201 - this program talks
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
