"""Files that a power cut leaves whole; pure, because both programs keep some."""

import os
import tempfile
from pathlib import Path


def replace(file: Path, text: str) -> None:
    """Write a file for its owner alone: a power cut leaves the old or the new one, never a part.

    Raises OSError, and leaves nothing of a try that failed.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")  # made with mode 0600
    try:
        with os.fdopen(handle, "w") as temporary:
            temporary.write(text)
            temporary.flush()
            os.fsync(handle)  # before the name: else it may lead to an empty file
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def flush(folder: Path) -> None:
    """Write the folder's names to the disk, so that a new one survives a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
