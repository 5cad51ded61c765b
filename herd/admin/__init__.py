"""The herd in Django's admin; Django looks for this module."""

from herd.admin import (
    pages,
    pull_pages,
    scales,
    session_pages,
    shipment_pages,
    treatment_pages,
    work_pages,
)

__all__ = [
    "pages",
    "pull_pages",
    "scales",
    "session_pages",
    "shipment_pages",
    "treatment_pages",
    "work_pages",
]
