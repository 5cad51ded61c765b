"""What is sent to open pages: the difference between what a browser shows and what is true now.

All who look at the same page share one computation for each version of the mirror.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from math import inf
from typing import Any

from remote.office.mirror.mirror import Mirror
from remote.office.pages import PAGES, PageRequest
from remote.office.pages.page import Page

PAGES_KEPT = 64  # more addresses than people look at; each holds its HTML


@dataclass(frozen=True, slots=True)
class Address:
    """A page as a browser named it; `asked` holds who looks and in which unit."""

    name: str
    arguments: tuple[tuple[str, Any], ...]
    params: tuple[tuple[str, str], ...]
    asked: PageRequest = field(compare=False, hash=False)
    may_write: bool
    unit: str
    language: str = "en"

    def build(self, mirror: Mirror) -> Page:
        return PAGES[self.name](mirror, self.asked, **dict(self.arguments))


@dataclass(frozen=True, slots=True)
class Rendered:
    page: Page
    lists: dict[str, dict[str, str]]
    regions: dict[str, str]
    version: int  # of the mirror
    at: float  # on a clock that only goes forward

    @classmethod
    def of(cls, page: Page, version: int = -1) -> "Rendered":
        lists, regions = page.rendered_lists(), page.rendered_regions()
        return cls(page, lists, regions, version, time.monotonic())


class RenderCache:
    """The pages that somebody is looking at, rendered once for each version of the mirror."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._rendered: OrderedDict[Address, Rendered] = OrderedDict()

    def rendered(self, address: Address, at_most: float = inf) -> Rendered:
        """Return a page as the copy is now, rendered at most so many seconds ago."""
        # Two hundred sockets on the dashboard cost one rendering for each change, not 200.
        found, version = self._rendered.get(address), self._mirror.version
        if found is None or found.version != version or time.monotonic() - found.at > at_most:
            found = self._rendered[address] = Rendered.of(address.build(self._mirror), version)
            while len(self._rendered) > PAGES_KEPT:
                self._rendered.popitem(last=False)
        self._rendered.move_to_end(address)
        return found


class ClientState:
    """What one browser shows, so that only the difference is sent."""

    def __init__(self) -> None:
        self._lists: dict[str, dict[str, str]] = {}
        self._regions: dict[str, str] = {}
        self._past: object = None

    def difference(self, now: Rendered) -> dict[str, Any]:
        """Return what differs from what is shown, and take it as shown.

        `lists`: name → keys in order and the rows that are new or other; `regions`: name → HTML;
        `past`: true where what only the Pi can tell has changed. Empty where nothing did.
        """
        lists = {}
        for name, rows in now.lists.items():
            shown = self._lists.get(name)
            # Dicts are equal in any order: a list that was only sorted anew has to go out too.
            if shown != rows or (shown is not None and list(shown) != list(rows)):
                known = shown or {}
                changed = {key: html for key, html in rows.items() if known.get(key) != html}
                lists[name] = {"keys": list(rows), "rows": changed}
        regions = {
            name: html for name, html in now.regions.items() if self._regions.get(name) != html
        }
        past = now.page.past
        has_past_changed = self._past not in (None, past)
        self._lists, self._regions, self._past = now.lists, now.regions, past
        return {
            **({"lists": lists} if lists else {}),
            **({"regions": regions} if regions else {}),
            **({"past": True} if has_past_changed else {}),
        }
