"""Makes the scripts of a virtual environment that was moved or copied start its own Python."""

import os
import re
import sys
from pathlib import Path


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


if __name__ == "__main__":
    relocate(Path(sys.argv[1]).resolve())  # a link to it is not another place
