"""A search by blocks of letters says what a look at every name would say."""

import random

import pytest

from remote.office.mirror.index import SEARCHED_FIELDS
from remote.office.mirror.mirror import Mirror
from remote.office.mirror.name_search import BLOCK, END, NameSearch
from remote.office.mirror.tables import Row
from tests.office.rows import animal, event, mirror_of

HEAD = 5 * BLOCK + 7  # the last ones are no block yet


def some_name(chance: random.Random, letters: str = "0123a") -> str:
    return "".join(chance.choices(letters, k=chance.randint(1, 9)))


def some_names(chance: random.Random) -> list[str]:
    return [some_name(chance) for _ in range(chance.randint(0, 3))]


def some_texts(chance: random.Random) -> list[str]:
    whole = [END + name + END for name in ("0", "01", "012")]
    parts = [some_name(chance) for _ in range(150)]
    return [*whole, *parts, *(part + END for part in parts)]


@pytest.mark.parametrize("seed", range(4))
def test_a_search_finds_what_a_look_at_every_name_finds(seed: int) -> None:
    chance = random.Random(seed)
    held = [some_names(chance) for _ in range(HEAD)]
    search = NameSearch()
    for slot, names in enumerate(held):
        search.put(slot, names)
        if slot == seed * BLOCK:
            search.note_some()  # some are noted, others are not yet
    for _ in range(3):
        for text in some_texts(chance):
            naive = [text in f"{END}{END.join(names)}{END}" for names in held]
            assert list(search.mask(text)) == naive, text
            assert search.slots(text) == [slot for slot in range(HEAD) if naive[slot]], text
        for slot in chance.sample(range(HEAD), 40):
            held[slot] = some_names(chance)
            search.put(slot, held[slot])
        search.note_some()


def test_the_same_search_finds_what_was_tagged_since() -> None:
    search = NameSearch()
    search.put(0, ["840"])
    assert search.slots("84") == [0]
    assert list(search.mask("84")) == [1]
    search.put(1, ["984"])
    assert list(search.mask("84")) == [1, 1]
    search.put(0, [])
    assert list(search.mask("84")) == [0, 1]


def test_the_same_search_finds_what_was_tagged_since_in_a_block_that_waits() -> None:
    search = NameSearch()
    for slot in range(2 * BLOCK):
        search.put(slot, ["840"])
    assert search.slots("984") == search.slots(END + "984") == []
    search.put(3, ["9841"])
    assert search.slots("984") == search.slots(END + "984") == [3]
    search.note_some()
    assert search.slots("984") == search.slots(END + "984") == [3]


def test_a_text_that_few_have_is_not_looked_for_in_every_name() -> None:
    search = NameSearch()
    for slot in range(100 * BLOCK):
        search.put(slot, [f"840003{slot:09}"])
    while search.note_some():
        pass
    looked_at = sum(len(some) for _, some in search._looked_at("001777" + END))
    assert looked_at <= 3 * BLOCK
    assert search.slots("001777" + END) == [1777]


def an_animal(key: int, chance: random.Random) -> Row:
    names = {field: chance.choice([some_name(chance, "0123AÜ"), None]) for field in SEARCHED_FIELDS}
    return animal(key, **names)


@pytest.fixture(params=range(3))
def mirror(request: pytest.FixtureRequest) -> Mirror:
    """A herd in which animals were tagged anew, merged, brought back, and came late."""
    chance = random.Random(request.param)
    keys = chance.sample(range(1, 300), 200)
    mirror = mirror_of({"cattle": [an_animal(key, chance) for key in keys]})
    for seq in range(11, 211):
        key = chance.randint(1, 320)
        is_gone = chance.random() < 0.3
        row: Row = {"id": key} if is_gone else an_animal(key, chance)
        mirror.apply([event(seq, "cattle:deleted" if is_gone else "cattle:updated", row)])
        if seq == 100:
            mirror.held.index.note_names()
    return mirror


def names_of(row: Row) -> list[str]:
    return [row[field].casefold() for field in SEARCHED_FIELDS if row[field]]


def naive(mirror: Mirror, text: str) -> list[int]:
    """By going through them: whole names, then endings, then any part, each the newest first."""
    wanted = text.casefold()
    rows = sorted(mirror.tables["cattle"].values(), key=lambda row: row["id"], reverse=True)
    by_rank: dict[int, list[int]] = {0: [], 1: [], 2: []}
    for row in rows:
        names = names_of(row)
        if wanted in names:
            by_rank[0].append(row["id"])
        elif any(name.endswith(wanted) for name in names):
            by_rank[1].append(row["id"])
        elif any(wanted in name for name in names):
            by_rank[2].append(row["id"])
    return [key for keys in by_rank.values() for key in keys]


def test_a_list_of_found_animals_is_exact_in_any_order_and_on_any_page(mirror: Mirror) -> None:
    chance = random.Random(9)
    for text in [some_name(chance, "0123AÜ") for _ in range(60)]:
        wanted = naive(mirror, text)
        found = mirror.held.query_animals(text=text)
        assert list(found.keys) == wanted, text
        assert len(found) == len(wanted)
        assert [found.keys[place] for place in range(len(wanted))] == wanted
        assert list(found.keys[1:7]) == wanted[1:7]
        assert list(reversed(found.keys)) == wanted[::-1]
        assert list(mirror.held.query_animals(text=text, sort="id").keys) == sorted(wanted)
        exact = [key for key in wanted if text.casefold() in names_of(mirror.tables["cattle"][key])]
        assert [row["id"] for row in mirror.held.known_as(text)] == exact
