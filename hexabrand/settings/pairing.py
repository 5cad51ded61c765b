"""`office.env`, which `manage.py pair` writes: read at start, and again when it has changed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import environ

from hexabrand.settings import environment
from hexabrand.settings.addresses import fingerprint, host, pi_addresses, port
from hexabrand.settings.environment import boolean, secret

WRITTEN = ("REMOTE_PI_HOST", "PI_API_KEY")  # a file without them was cut off

T = TypeVar("T")


class PairingFile:
    """What `manage.py pair` wrote; the real environment and `.env` outrank it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._taken = self._state()
        self._written = _parsed(file) if self._taken else {}

    def values(self) -> dict[str, Any]:
        """Return the settings of the pairing. ImproperlyConfigured names one that is no good."""
        return {
            "REMOTE_PI_HOST": self._read("REMOTE_PI_HOST", host, ""),
            "REMOTE_PI_PORT": self._read("REMOTE_PI_PORT", port, 5001),
            "PI_ADDRESSES": self._read("PI_ADDRESSES", pi_addresses, list[tuple[str, int, str]]()),
            "USE_SSL_FOR_PI": self._read("USE_SSL_FOR_PI", boolean, True),  # noqa: FBT003 - the default
            "USE_SELF_SIGNED_CERT": self._read("USE_SELF_SIGNED_CERT", boolean, True),  # noqa: FBT003 - the default
            "PI_CERT_FINGERPRINT": self._read("PI_CERT_FINGERPRINT", fingerprint, ""),
            "PI_API_KEY": self._read("PI_API_KEY", secret, ""),
        }

    def values_if_changed(self) -> dict[str, Any] | None:
        """Return the settings of a file written since, None where it is the one taken last.

        ImproperlyConfigured or ValueError where it cannot be used: what was read before stays, and
        the same file is not complained of again.
        """
        state = self._state()
        if state is None or state == self._taken:
            return None
        self._taken, before = state, self._written
        try:
            self._written = _whole(_parsed(self.file))
            return self.values()
        except Exception:
            self._written = before
            raise

    def _read(self, name: str, cast: Callable[[str], T], default: T) -> T:
        # Not loaded into the environment: `serve` hands that on to daphne, where nobody could tell
        # any more what came from where.
        source = {**self._written, **os.environ}
        return environment.read(name, cast, default, secret="KEY" in name, source=source)

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns


def _whole(written: dict[str, str]) -> dict[str, str]:
    if missing := [name for name in WRITTEN if not written.get(name)]:
        raise ValueError(f"it lacks {' and '.join(missing)}")
    return written


def _parsed(file: Path) -> dict[str, str]:
    class Elsewhere(environ.Env):  # type: ignore[misc]  # the package has no types
        ENVIRON: dict[str, str] = {}

    Elsewhere.read_env(str(file))
    return Elsewhere.ENVIRON
