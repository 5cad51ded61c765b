"""Which SQLite engines can damage a database that several processes write.

The WAL-reset bug (sqlite.org/wal.html, "The WAL-Reset Bug") is mended in 3.51.3, and in the later
releases of 3.44 and 3.50. It needs two processes that end a log at once; here all writers stand in
one line (herd.storage.journal.writing), which keeps them apart, so that it is a warning and no
refusal.
"""

MENDED = (3, 51, 3)
MENDED_IN_SERIES = {(3, 44): 6, (3, 50): 7}


def warning(version: tuple[int, int, int]) -> str:
    """Return a sentence for whoever keeps the Pi; "" for an engine without the bug."""
    mended_at = MENDED_IN_SERIES.get(version[:2])
    if version >= MENDED or (mended_at is not None and version[2] >= mended_at):
        return ""
    number = ".".join(map(str, version))
    return f"SQLite {number} has the WAL-reset bug; update it to 3.51.3 or later when you can."
