"""Whether a herd agrees with itself: counts and animals, tags and pairings, history and places."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Final

# Each finds rows that must not be: a name, and what is wrong with it.
CHECKS: Final = {
    "a batch's counts are not its animals'": """
        SELECT batch_number, head_count, count(c.id), on_feed_count,
            coalesce(sum(c.status IN ('active', 'pending')), 0), weighed_count,
            count(c.last_weight_kg), round(weight_sum_kg - coalesce(sum(c.last_weight_kg), 0), 3),
            gaining_count - count(c.adg_kg), round(gain_sum_kg - coalesce(sum(c.adg_kg), 0), 3)
        FROM batches b LEFT JOIN cattle c ON c.batch_id = b.id GROUP BY b.id
        HAVING head_count <> count(c.id) OR weighed_count <> count(c.last_weight_kg)
            OR on_feed_count <> coalesce(sum(c.status IN ('active', 'pending')), 0)
            OR abs(weight_sum_kg - coalesce(sum(c.last_weight_kg), 0)) > 0.001
            OR gaining_count <> count(c.adg_kg)
            OR abs(gain_sum_kg - coalesce(sum(c.adg_kg), 0)) > 0.001""",
    "a pen's count is not its animals'": """
        SELECT pen_number, head_count, count(c.id) FROM pens p
        LEFT JOIN cattle c ON c.pen_id = p.id AND c.status IN ('active', 'pending')
        GROUP BY p.id HAVING head_count <> count(c.id)""",
    "a tag is on two animals": """
        SELECT tag, count(*) FROM (
            SELECT 'lf ' || lf_tag AS tag FROM cattle WHERE lf_tag <> ''
            UNION ALL SELECT 'uhf ' || uhf_tag FROM cattle WHERE uhf_tag <> '')
        GROUP BY tag HAVING count(*) > 1""",
    "a tag is worn and not paired": """
        SELECT id, 'lf', lf_tag FROM cattle WHERE lf_tag <> ''
        UNION ALL SELECT id, 'uhf', uhf_tag FROM cattle WHERE uhf_tag <> ''
        EXCEPT SELECT animal_id, kind, tag FROM tag_pairings WHERE to_at IS NULL""",
    "a tag is paired and not worn": """
        SELECT animal_id, kind, tag FROM tag_pairings WHERE to_at IS NULL
        EXCEPT SELECT id, 'lf', lf_tag FROM cattle WHERE lf_tag <> ''
        EXCEPT SELECT id, 'uhf', uhf_tag FROM cattle WHERE uhf_tag <> ''""",
}
MOVEMENTS: Final = """
    SELECT animal_id, from_batch_id, to_batch_id, from_pen_id, to_pen_id FROM movements
    ORDER BY id"""
MERGED: Final = """
    SELECT json_extract(steps, '$.kept'), json_extract(steps, '$.absorbed.id')
    FROM reversible_changes WHERE kind = 'merge'"""


def unsound(file: Path) -> list[str]:
    """Return what is wrong, in words; an empty list of a herd that adds up."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        found = [
            f"{what}: {row}" for what, query in CHECKS.items() for row in database.execute(query)
        ]
        (state,) = database.execute("PRAGMA integrity_check").fetchone()
        found += [] if state == "ok" else [state]
        found += [
            f"a reference leads nowhere: {r}" for r in database.execute("PRAGMA foreign_key_check")
        ]
        return found + _elsewhere(database)


def _elsewhere(database: sqlite3.Connection) -> list[str]:
    """Return the animals whose history does not lead to where they are."""
    came_to: dict[tuple[int, str], list[int | None]] = defaultdict(list)
    for animal, from_batch, to_batch, from_pen, to_pen in database.execute(MOVEMENTS):
        if from_batch != to_batch:
            came_to[animal, "batch"].append(to_batch)
        if from_pen != to_pen:
            came_to[animal, "pen"].append(to_pen)
    merged = {pk for row in database.execute(MERGED) for pk in row}
    wrong = []
    for animal, *places in database.execute("SELECT id, batch_id, pen_id FROM cattle"):
        for kind, place in zip(("batch", "pen"), places, strict=True):
            # Founded there and never moved: no movement. One that was two records has the history
            # of both, of which only the one it is kept as leads to its place.
            known = came_to.get((animal, kind), [place])
            if place not in (known if animal in merged else known[-1:]):
                wrong.append(f"animal {animal} is in {kind} {place}, its history in {known[-1]}")
    return wrong
