"""The file in the state folder that keeps what was told and what waits, so that a restart repeats
nothing and forgets nothing."""

import json
import logging
import threading
from pathlib import Path
from typing import Any

from herd import durable

logger = logging.getLogger(__name__)


class Store:
    """One role's file: `<role>-alerts.json`. Each writing replaces it in one step."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._has_failed = False

    def load(self) -> dict[str, Any]:
        """Return what was saved; nothing where there is no file or it cannot be understood."""
        try:
            found = json.loads(self._file.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.warning("What alerts were told before cannot be read: %s", error)
            return {}
        return found if isinstance(found, dict) else {}

    def save(self, state: dict[str, Any]) -> None:
        """Write it; a disk that takes nothing is told once, and the alerts go on in memory."""
        try:
            with self._lock:
                durable.replace(self._file, json.dumps(state))
        except OSError as error:
            if not self._has_failed:
                logger.warning("The state of the alerts cannot be saved: %s", error)
            self._has_failed = True
        else:
            self._has_failed = False
