"""What to say of the Pi's backups, and of the copies of them that this office keeps."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from remote.attention import OLD_BACKUP_SECONDS, AttentionItem, backup_items
from remote.office.mirror.mirror import Row
from remote.office.pulled_backups import copies, last_pull

OLD: Final = timedelta(seconds=OLD_BACKUP_SECONDS)
COPY_FAILED: Final = "backup-copy-failed"
COPY_OLD: Final = "backup-copy-old"


def copy_items(now: datetime) -> list[AttentionItem]:
    """Return what is wrong with the copies; nothing where none were ever asked for. `now` is by the
    earlier clock: an office's that has jumped ahead makes no copy old."""
    pulled = last_pull()
    if pulled is None:
        return []
    if failed := pulled.failed:
        text = _("No new copy of the Pi's backup here: %s") % failed["reason"]
        since = datetime.fromisoformat(failed["at"])
        return [AttentionItem(COPY_FAILED, text, severity="grave", since=since)]
    if pulled.at and now - datetime.fromisoformat(pulled.at) > OLD:
        text = _("The Pi's backups have not been copied here for more than a day")
        return [AttentionItem(COPY_OLD, text, severity="grave")]
    return []


def shown(status: Row, now: datetime) -> dict[str, Any]:
    """Return what the status page shows; an older Pi tells nothing of its backups."""
    return {
        "backup": status.get("backup"),
        "backup_troubles": [item.text for item in (*backup_items(status), *copy_items(now))],
        "pulled": last_pull(),
        "copies": len(copies()),
    }
