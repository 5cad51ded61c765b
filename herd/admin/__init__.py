"""The herd in Django's admin; Django looks for this module."""

from herd.admin import pages, scales, session_pages, treatment_pages, work_pages

__all__ = ["pages", "scales", "session_pages", "treatment_pages", "work_pages"]
