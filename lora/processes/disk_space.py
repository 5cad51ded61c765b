"""Room on the disk: while there is too little, nothing new is stored, so that what is stored stays
safe and can be read, and there is still enough to tidy up with."""

import os
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

MEGABYTE = 1_000_000


class DiskFull(Exception):
    """Too little room to store anything; what is heard waits, unacknowledged."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes: free on the disk, and free inside the database's own file."""

    on_disk: int
    in_database: int

    @property
    def is_short(self) -> bool:
        return self.on_disk + self.in_database < settings.DISK_RESERVE * MEGABYTE


def room() -> Room:
    return Room(_on_disk(), _reusable())


def _on_disk() -> int:
    disk = os.statvfs(settings.HEXABRAND_STATE_DIR)
    return disk.f_bavail * disk.f_frsize


def _reusable() -> int:
    """Return the bytes of pages that deleted rows have left in the file."""
    if connection.vendor != "sqlite":  # a database server keeps its own house
        return 0
    with connection.cursor() as cursor:
        (pages,) = cursor.execute("PRAGMA freelist_count").fetchone()
        (size,) = cursor.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(size)


def check_disk_space() -> None:
    """Raise DiskFull while there is too little."""
    found = Room(_on_disk(), 0)
    if found.is_short:  # else nobody has to ask the database, which every step would do
        _refuse_short(room())


def check_free_space() -> None:
    """Raise DiskFull while the disk itself has too little: for files beside the database."""
    _refuse_short(Room(_on_disk(), 0))


def _refuse_short(found: Room) -> None:
    if found.is_short:
        raise DiskFull(
            f"The disk has {found.on_disk // MEGABYTE} MB left, and {settings.DISK_RESERVE} MB are"
            " kept back; nothing new is stored until there is room."
        )
