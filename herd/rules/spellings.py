"""What people call a sex or a status in the languages of their sheets, and our word for it.

Calves have words of their own that say more than their sex (becerra, Kalb): these stay as they are.
"""

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

# The last two as barns write them.
SEXES: Final[Mapping[str, str]] = {
    "Steer": "novillo castrado buey ochse boeuf bouvillon novilho boi",
    "Heifer": "vaquilla vaquillona novilla färse faerse genisse novilha",
    "Bull": "toro torete bulle stier taureau touro",
    "Cow": "vaca kuh vache",
    "Mixed": "mixto mixta mezclado gemischt mixte misto",
    "male": "m macho mannlich maennlich mannchen",
    "female": "f hembra h weiblich w femelle femea",
}
MALES: Final = ("male", "Steer", "Bull")
FEMALES: Final = ("female", "Heifer", "Cow")
STATUSES: Final[Mapping[str, str]] = {
    "active": "activo activa vivo viva aktiv actif active ativo ativa",
    "pending": "pendiente ausstehend wartend enattente pendente",
    "exported": "exportado exportada embarcado embarcada exportiert exporte exportee",
    "dead": "muerto muerta muerte tot verendet mort morte morto morta",
    "sold": "vendido vendida verkauft vendu vendue",
}
# Of farmOS's column `archived`.
YES: Final = frozenset(
    ("archived", "archivado", "archivada", "1", "true", "yes", "si", "ja", "oui")
)
NO: Final = frozenset(("0", "false", "no", "nein", "non", "nao"))


def sex_of(text: str) -> str | None:
    """Return our word for a sex, of one animal or of many; None of a word that nobody knows."""
    return _one_of(text, _by_word("sexes"))


def status_of(text: str) -> str | None:
    return _one_of(text, _by_word("statuses"))


def sexes_meant(sex: str) -> tuple[str, ...]:
    """Return the sexes of which a word for sorting holds: a steer is a male too."""
    return MALES if sex == "male" else FEMALES if sex == "female" else (sex,)


def folded(text: str) -> str:
    """Return the text in small letters, without accents and gaps."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(one for one in letters if not unicodedata.combining(one) and not one.isspace())


def _one_of(text: str, known: Mapping[str, str]) -> str | None:
    word = folded(text)
    return known.get(word) or known.get(word.removesuffix("s"))


@cache
def _by_word(table: str) -> Mapping[str, str]:
    words = SEXES if table == "sexes" else STATUSES
    return {folded(one): name for name, others in words.items() for one in (name, *others.split())}
