"""A person's browser, open on the radio log through every fault: what it shows must be true."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.faults.ledger import Finding
from tests.faults.mirrored import all_rows
from tests.system.browser import office_page
from tests.system.farm import Farm, wait_until

KEYS = "() => [...document.querySelectorAll('[data-list] [data-key]')].map(r => +r.dataset.key)"


@dataclass(frozen=True, slots=True)
class Eye:
    page: Page

    def compare(self, farm: Farm, found: Finding) -> None:
        """The newest payloads stand there, each once, none left out in between."""
        newest = sorted((row["id"] for row in all_rows(farm, "payloads")), reverse=True)
        wait_until(lambda: self._keys()[:1] == newest[:1], "the screen shows the newest payload")
        keys = self._keys()
        found.note(
            "screen",
            lost=len(set(newest[: len(set(keys))]) - set(keys)),
            doubled=len(keys) - len(set(keys)),
        )

    def says(self, words: str) -> bool:
        return words in self.page.inner_text("body")  # as a person reads it: no script

    def _keys(self) -> list[int]:
        keys: list[int] = self.page.evaluate(KEYS)
        return keys


@contextmanager
def watching(farm: Farm) -> Iterator[Eye]:
    with office_page(farm, "/office/payloads") as page:
        yield Eye(page)
