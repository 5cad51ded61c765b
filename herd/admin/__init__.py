"""The herd in Django's admin; Django looks for this module."""

from herd.admin import pages

__all__ = ["pages"]
