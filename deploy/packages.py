"""What a virtual environment really holds, against a requirements file; run by its own Python.

`packages.py missing FILE` prints what is not installed as the file names it; `packages.py broken`
prints what is installed in part, as an installation leaves it that was cut off. Status 1 where
there is something to print.
"""

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
    """Whether all its files are there. Without a list of them, pip had not come to its end."""
    files = found.files
    return files is not None and all(
        Path(str(found.locate_file(file))).exists()
        for file in files
        if file.suffix != ".pyc"  # Python makes those again
    )


def main() -> int:
    if sys.argv[1] == "missing":
        found = [str(each) for each in required(Path(sys.argv[2])) if not is_installed(each)]
    else:
        found = [str(each.metadata["Name"]) for each in distributions() if not is_whole(each)]
    print("\n".join(found))  # noqa: T201 - this program talks
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
