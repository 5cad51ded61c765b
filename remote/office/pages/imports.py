"""How far an import is, while its page is open."""

from typing import Final

from remote.office.mirror.mirror import Mirror, Row
from remote.office.pages.page import Page, PageRequest, named
from remote.wire import Told

ON_THE_WAY: Final = ("waiting", "reading", "checking", "writing")
TOPICS: Final[frozenset[Told]] = frozenset({"imports"})


def build(mirror: Mirror, asked: PageRequest, token: str) -> Page:
    """Build what moves on the page; where the Pi has to be asked, the page loads itself anew."""
    number = asked.params.get("run", "")
    if not number:
        return Page("office/import.html", "", TOPICS)
    run = named(mirror.imports, number)
    context = {"run": run, "is_over": run is None or not is_on_the_way(run)}
    return Page("", "", TOPICS, regions={"import": ("office/_import_progress.html", context)})


def is_on_the_way(run: Row) -> bool:
    return run["state"] in ON_THE_WAY
