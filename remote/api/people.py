"""What an office must know of its people: whose password or role has changed, whose account closed.

An office has no database, and its sessions are its own: they end by what is told here.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

from channels.db import database_sync_to_async
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import DatabaseError

from herd.storage import database_corruption
from remote import wire
from remote.api.authentication import role_of

CHECK_SECONDS = 1.0  # looked at, not told: `manage.py changepassword` writes no journal


def stamp_of(user: AbstractUser) -> str:
    """Return what changes with the person's password, role or second factor, and tells none."""
    # The password's hash is salted: nobody can try passwords against a hash of that. SECRET_KEY has
    # no part in it, of which each web process of one Pi may have another.
    told = f"{user.pk} {user.password} {role_of(user)}"
    # A second factor that came or went ends the sessions too: they began without it.
    told += "".join(f" {one.pk}" for one in user.totpdevice_set.all())  # type: ignore[attr-defined]  # django_otp's
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def stamps() -> dict[str, str]:
    """Return the stamp of everybody whose account is open, by name."""
    people = (
        get_user_model().objects.filter(is_active=True).prefetch_related("groups", "totpdevice_set")
    )
    return {one.get_username(): stamp_of(one) for one in people if isinstance(one, AbstractUser)}


async def tell_people(send: Callable[[wire.People], Awaitable[None]]) -> None:
    """Send all stamps, and again whenever one has changed, for ever."""
    told: dict[str, str] | None = None
    while True:
        try:
            found = await database_sync_to_async(stamps)()
        except DatabaseError as error:
            database_corruption.note(error)  # nobody can say; the tailer tells of it
        else:
            if found != told:
                told = found
                await send({"type": "people", "stamps": found})
        await asyncio.sleep(CHECK_SECONDS)
