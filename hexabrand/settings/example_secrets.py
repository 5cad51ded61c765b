"""Secrets that anybody can know: what a document prints, and words that stand for one to come."""

import re
from typing import Final

from lora.signing import DeviceKeys, read_keys

EXAMPLE: Final = "that is an example from a manual, which everybody can read, and not a secret"

PRINTED: Final = frozenset(
    {
        *("test123", "changeme", "change-me", "secret", "password", "admin", "example"),
        "hexabrand",
        "hxb_6f8a9c2d1e5b4a3f7g8h9i0j",  # the API key of the first design
        "k7qm2vr9xt4wb8nz",  # docs/alerts.md, in lower case
    }
)
PRINTED_DEVICE_KEYS: Final = frozenset({bytes(range(16))})  # docs/protocol.md
# A secret that is drawn has none of these; each is a place to fill in, as manuals write it.
_PLACE: Final = re.compile(
    r"django-insecure-|example|placeholder|change.?(me|this|it)|replace.?(me|this|with)"
    r"|your[-_ ]|(key|secret|token|password).?here|x{5}|\*{5}|\.{5}|…|<[a-z][a-z _-]+>"
)
_WORDS: Final = frozenset(
    {
        *("a", "an", "and", "for", "in", "my", "of", "or", "the", "to", "very"),
        *("api", "key", "token", "secret", "password", "passphrase", "shared", "jwt"),
        *("secure", "insecure", "super", "random", "long", "strong", "be", "change"),
        *("dev", "development", "production", "test", "testing"),
        *("django", "herdlinx", "hexabrand", "hxb", "pi"),
    }
)
# Between the digits of a drawn key: of ten thousand one has no other letters.
_DRAWN: Final = frozenset({"a", "be", "hxb"})


def is_example(text: str) -> bool:
    """Return whether a secret is one of a document, or is made of the words for one."""
    lowered = text.lower()
    if lowered in PRINTED or _PLACE.search(lowered):
        return True
    words = {word for word in re.split(r"[^a-z]+", lowered) if word}
    return bool(words - _DRAWN) and _WORDS.issuperset(words)


def device_keys(text: str) -> DeviceKeys:
    """Return the keys of devices; refuse the one with which docs/protocol.md signs."""
    found = read_keys(text)
    if not PRINTED_DEVICE_KEYS.isdisjoint(found.by_device.values()):
        raise ValueError(EXAMPLE)
    return found
