"""Other programs, run to their end."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """In whose name a program runs; what it makes is for that user alone."""

    user: int
    group: int
    groups: Sequence[int] = ()

    @classmethod
    def of(cls, name: str) -> "Identity":
        user = pwd.getpwnam(name)
        return cls(user.pw_uid, user.pw_gid, os.getgrouplist(name, user.pw_gid))


def run(
    command: list[str],
    environment: dict[str, str] | None = None,
    identity: Identity | None = None,
    given: str | None = None,
) -> Done:
    """Run it and return what it printed; another user's stands in /, which is open to all.

    `given` is what it reads: a secret is not for its arguments, which everybody on a machine sees.
    """
    done: Done = subprocess.run(  # noqa: S603 - our own command
        command,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        **(_as_user(identity) if identity else {}),
    )
    return done


def show(command: list[str], environment: dict[str, str], identity: Identity) -> int:
    """Run it on the caller's terminal and return its status."""
    return subprocess.run(command, env=environment, check=False, **_as_user(identity)).returncode  # noqa: S603 - our own command


def _as_user(identity: Identity) -> dict[str, Any]:
    who = {"user": identity.user, "group": identity.group, "extra_groups": identity.groups}
    return {"cwd": "/", "umask": 0o077, **who}  # the caller's own folder may be closed to them
