"""What each office page shows, from the mirror alone: at first load and for every change.

`PAGES` names each page as `remote.office.urls` does.
"""

from collections.abc import Callable

from remote.office.mirror.mirror import Mirror
from remote.office.pages import (
    animals,
    batches,
    chute,
    closeout,
    dashboard,
    deaths,
    imports,
    left,
    payloads,
    pens,
    products,
    sessions,
    shipments,
    status,
    weights,
    work,
)
from remote.office.pages.page import Page, PageRequest

Builder = Callable[..., Page]


def _form(mirror: Mirror, asked: PageRequest, **_arguments: object) -> Page:
    """Build a form's page: the banner above it is live, and nothing else moves."""
    return Page("office/form.html", "", frozenset())


FORMS = (
    "new-batch edit-batch new-pen edit-pen delete-pen move-here move-many leave-many edit-animal"
    " move-animal weigh retag leave void unvoid accept replace treat treat-many new-product"
    " edit-product correct conflict journal act undo import"
    " dismiss-work remind-work pull pull-many return-pull void-pull"
    " scales scale-adjusted correct-scale deny-step"
    " begin-session edit-session end-session resume-session"
    " new-shipment edit-shipment plan-animals begin-loading load unload ship cancel-shipment report"
)
PAGES: dict[str, Builder] = {
    "dashboard": dashboard.build,
    "batches": batches.build_list,
    "batch": batches.build_detail,
    "closeout": closeout.build,
    "cattle": animals.build_list,
    "animal": animals.build_detail,
    "pens": pens.build_board,
    "pen": pens.build_detail,
    "chute": chute.build,
    "products": products.build,
    "deaths": deaths.build,
    "left": left.build,
    "shipments": shipments.build_list,
    "shipment": shipments.build_detail,
    "manifest": shipments.build_manifest,
    "payloads": payloads.build,
    "sessions": sessions.build_list,
    "session": sessions.build_detail,
    "weights": weights.build,
    "work": work.build,
    "status": status.build,
    "import-look": imports.build,
    **dict.fromkeys(FORMS.split(), _form),
}

__all__ = ["PAGES", "Builder", "Page", "PageRequest"]
