"""What people have put away: items that they dismissed, or that come again on a later day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PutAway:
    """The keys of items that no list shows; of those that stand for radio messages, with the newest
    of them: what came later is there again."""

    through: Mapping[str, int | None] = field(default_factory=dict)

    def __contains__(self, key: str) -> bool:
        return key in self.through

    def of(self, kind: str) -> Iterator[str]:
        """Yield the keys of a kind."""
        prefix = f"{kind}:"
        return (key for key in self.through if key.startswith(prefix))


NOTHING = PutAway()
