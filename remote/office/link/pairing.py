"""Takes a pairing string: finds the Pi that printed it, and writes down how it is followed.

A running office notices what was written, so that nobody need restart it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

from remote.office.link import pinning
from remote.office.link.client import PiClient
from remote.office.link.configuration import Configuration, Endpoint, PiAddress, from_settings
from remote.office.link.finding import PROBE_SECONDS
from remote.office.link.link_errors import (
    CertificateChanged,
    NotPaired,
    PiError,
    PiRefused,
    PiUnreachable,
)
from remote.threads import run_aside
from remote.wire import PairingString

log = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 8.0  # all addresses are asked at once
LOOK_EVERY: Final = 1.0  # seconds

Reread = Callable[[], Mapping[str, Any] | None]


def pair(given: PairingString) -> Configuration:
    """Return the configuration of a Pi that answered, with its certificate stored.

    The certificate first, then the key: it is sent to no other than the Pi that was meant.
    """
    endpoints = _endpoints(given)
    configuration = replace(
        from_settings(), endpoints=endpoints, key=given.key, tls=True, is_pinned=True
    )
    return _proved(configuration, endpoints)


def add(given: PairingString) -> Configuration:
    """Return the present configuration and in it another web process of the same Pi.

    It is the same Pi if it knows this office's key: keys are in the database that both share.
    """
    before = from_settings()
    if not before.endpoints[0].host:
        raise NotPaired("This office follows no Pi yet: the first one is paired without --add.")
    further = _endpoints(given)
    try:
        _proved(before, further)
    except PiRefused as error:
        raise NotPaired(
            "That is another Pi: it does not know this office's key. Only web processes that share"
            " one database are added."
        ) from error
    return replace(before, endpoints=tuple(dict.fromkeys([*before.endpoints, *further])))


def write(paired: Configuration, file: Path) -> None:
    """Store what the office's settings read at its start, and a running office at once."""
    first = paired.endpoints[0]
    lines = (
        f"REMOTE_PI_HOST={first.host}",
        f"REMOTE_PI_PORT={first.port}",
        f"PI_ADDRESSES={','.join(_written(one, first.fingerprint) for one in paired.endpoints)}",
        f"PI_CERT_FINGERPRINT={first.fingerprint}",
        f"PI_API_KEY={paired.key}",
    )
    pinning.store("\n".join(lines) + "\n", file)


def _endpoints(given: PairingString) -> tuple[Endpoint, ...]:
    fingerprint = pinning.normal_fingerprint(given.fingerprint)
    hosts = dict.fromkeys([given.host, *given.addresses])
    return tuple(Endpoint(host, given.port, fingerprint) for host in hosts)


def _written(one: Endpoint, usual: str) -> str:
    host = f"[{one.host}]" if ":" in one.host else one.host
    return f"{host}:{one.port}" + (f"={one.fingerprint}" if one.fingerprint != usual else "")


def _proved(configuration: Configuration, endpoints: Sequence[Endpoint]) -> Configuration:
    """Ask the first of these that shows the right certificate; raise where it refuses the key."""
    addresses = [configuration.address_of(one) for one in endpoints]
    at = endpoints[addresses.index(asyncio.run(_first_to_answer(addresses)))]
    # Beside the present one: a pairing that fails changes nothing.
    candidate = configuration.certificate_file.with_suffix(".candidate")
    candidate.unlink(missing_ok=True)
    try:
        pin = pinning.Pin(candidate, at.fingerprint)
        PiClient(PiAddress(at.host, at.port, configuration.key, pin=pin)).status()
        kept = configuration.address_of(at).pin
        pinning.store(candidate.read_text(), kept.file if kept else configuration.certificate_file)
        return replace(configuration, endpoints=tuple(dict.fromkeys([at, *endpoints])))
    finally:
        candidate.unlink(missing_ok=True)


async def _first_to_answer(addresses: Sequence[PiAddress]) -> PiAddress:
    """Ask all side by side; where none is the Pi, raise what the likeliest of them said."""
    asked = [run_aside(partial(_ask, address)) for address in addresses]
    errors: dict[PiAddress, PiError] = {}
    with contextlib.suppress(TimeoutError):
        for answer in asyncio.as_completed(asked, timeout=ANSWER_SECONDS):
            address, error = await answer
            if error is None:
                return address
            errors[address] = error
    for error in errors.values():
        # Somebody answers there who is not the Pi: more to the point than a silent address.
        if isinstance(error, CertificateChanged):
            raise error
    raise errors.get(addresses[0], PiUnreachable(f"The Pi does not answer at {addresses[0]}."))


def _ask(address: PiAddress) -> tuple[PiAddress, PiError | None]:
    """Return no error where the Pi's certificate is shown; no key is sent."""
    try:
        shown, _ = pinning.shown_at(address.host, address.port, PROBE_SECONDS)
    except OSError:
        return address, PiUnreachable(f"The Pi does not answer at {address}.")
    if shown != address.fingerprint:
        return address, CertificateChanged(address.fingerprint, shown)
    return address, None


class PairingWatch:
    """`reread` gives the settings of a pairing written since it was last asked, or None."""

    def __init__(self, reread: Reread) -> None:
        self._reread = reread

    async def changed(self) -> Configuration:
        """Wait for another pairing. One that cannot be used is logged, and not taken."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if (values := self._reread()) is not None:
                    return Configuration.of(values)
            except (ImproperlyConfigured, ValueError, OSError) as error:
                log.error("The new pairing in office.env is not taken: %s", error)  # noqa: TRY400 - a sentence
