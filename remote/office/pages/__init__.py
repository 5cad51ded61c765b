"""What each office page shows, from the mirror alone: at first load and for every change.

`PAGES` names each page as `remote.office.urls` does.
"""

from collections.abc import Callable

from remote.office.pages import animals, batches, dashboard, payloads, pens, status
from remote.office.pages.page import Asked, Page

Builder = Callable[..., Page]

PAGES: dict[str, Builder] = {
    "dashboard": dashboard.build,
    "batches": batches.build_list,
    "batch": batches.build_detail,
    "cattle": animals.build_list,
    "animal": animals.build_detail,
    "pens": pens.build_board,
    "pen": pens.build_detail,
    "payloads": payloads.build,
    "status": status.build,
}

__all__ = ["PAGES", "Asked", "Builder", "Page"]
