"""What each user has chosen for good, in whichever browser they use this office."""

import json
import logging
from collections.abc import Collection
from pathlib import Path

from remote.office.link.client import Person

log = logging.getLogger(__name__)


class Choices:
    """One choice by user name, in a file that the offices of one process share."""

    def __init__(self, file: Path, allowed: Collection[str], named: str) -> None:
        self._file, self._allowed, self._named = file, allowed, named
        self._chosen = self._read()

    def of(self, person: Person | None) -> str | None:
        """Return what the person has chosen, None where that is nothing yet."""
        return self._chosen.get(person.username if person else "")

    def choose(self, person: Person, value: str) -> None:
        # Another office of this process may have written since; its people keep their choice.
        self._chosen |= self._read() | {person.username: value}
        made = self._file.with_suffix(".new")  # a power cut must not leave half a file
        try:
            made.write_text(json.dumps(self._chosen))
            made.replace(self._file)
        except OSError as error:
            log.warning(
                "The %s that users chose cannot be kept in %s: %s", self._named, self._file, error
            )

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self._file.read_text())
            return {str(name): one for name, one in known.items() if one in self._allowed}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError) as error:
            log.warning(
                "The %s that users chose cannot be read from %s: %s", self._named, self._file, error
            )
            return {}
