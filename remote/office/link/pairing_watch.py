"""Notices that `manage.py pair` has written another pairing, so that nobody need restart."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from remote.office.link.configuration import Configuration

log = logging.getLogger(__name__)

LOOK_EVERY: Final = 1.0  # seconds

Reread = Callable[[], Mapping[str, Any] | None]


class PairingWatch:
    """`reread` gives the settings of a pairing written since it was last asked, or None."""

    def __init__(self, reread: Reread) -> None:
        self._reread = reread

    async def changed(self) -> Configuration:
        """Wait for another pairing. One that cannot be used is told of, and not taken."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if (values := self._reread()) is not None:
                    return Configuration.of(values)
            except (ImproperlyConfigured, ValueError, OSError) as error:
                log.error("The new pairing in office.env is not taken: %s", error)  # noqa: TRY400 - a sentence
