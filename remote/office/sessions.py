"""Sessions as files in the state directory, which a clock that jumps does not end."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends import file

from remote.office.mirror.mirror import mirror


class SessionStore(file.SessionStore):
    """Expires by the office's clock and the Pi's together: where one of them is weeks ahead, nobody
    is signed out."""

    def get_expiry_age(self, **told: Any) -> int:
        told.setdefault("modification", _surely_past())
        return super().get_expiry_age(**told)


def _surely_past() -> datetime:
    """Before the Pi was heard nothing ends: one clock alone may have been set while we were off."""
    return mirror.time.earlier() if mirror.time.is_known else datetime.min.replace(tzinfo=UTC)
