"""The names and addresses under which this machine may be asked."""

import socket
from collections.abc import Iterator
from typing import Any, SupportsIndex

from remote.interfaces import own_addresses


def own_names() -> list[str]:
    """Return host names and addresses, IPv6 in the brackets that a Host header puts around it."""
    host = socket.gethostname()
    names = {"localhost", host, f"{host}.local"}
    bracketed = {f"[{a}]" if ":" in a else a for a in own_addresses()}
    return sorted(names | bracketed)


class OwnNames(list[str]):
    """What `ALLOWED_HOSTS` holds where none is given: a list whose content is looked up each time.

    Django wants a list and reads it at every request. An address that came after the start, or
    changed since, is one of this machine's own all the same.
    """

    def __iter__(self) -> Iterator[str]:
        return iter(own_names())

    def __len__(self) -> int:
        return len(own_names())

    def __contains__(self, name: object) -> bool:
        return name in own_names()

    def __getitem__(self, index: SupportsIndex | slice) -> Any:  # noqa: ANN401 - str or list
        return own_names()[index]

    def __eq__(self, other: object) -> bool:
        return own_names() == other

    __hash__ = None  # type: ignore[assignment]  # as every list

    def __repr__(self) -> str:
        return repr(own_names())
