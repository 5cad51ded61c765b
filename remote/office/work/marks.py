"""What people said of items: dismissed, seen, or to come again on a day. The Pi holds it."""

from remote.office.mirror.mirror import Mirror
from remote.office.work.put_away import NOTHING, PutAway


def put_away(mirror: Mirror) -> PutAway:
    """Return the items that no list shows now."""
    return NOTHING
