"""Since when each work item is so: the time, or the day, of all that anybody knows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remote.office.mirror.mirror import LinkState
from remote.office.sample import status as status_with
from remote.office.work.kinds import BY_NAME, KINDS
from remote.office.work.put_away import NOTHING
from remote.wire import Table
from tests.office.filled import AT, batch, filled, here, weight
from tests.office.filled import animal as an_animal
from tests.office.test_attention import source
from tests.office.test_list_files import file_at
from tests.office.test_pages import page
from tests.office.test_work import error, off

NOW = datetime.now(UTC)
EARLIER = (NOW - timedelta(days=2)).isoformat()
DAY = "2026-11-20"
LEFT = {"cattle_id": 7, "name": "A7", "left_on": DAY, "clear_on": "2027-01-09"}
LOSES = {"adg_kg": -1.0, "adg_confidence": "ok", "last_weighed_at": AT}
BARE = {"livestock_id": None, "visual_id": "", "induction_date": None, "last_weight_kg": None}
FEW = {"funder": "", "lot_group": "", "induction_date": None, "notes": "", "head_count": 1}

# Of what stands in the copy: since when.
HERD: dict[str, tuple[dict[Table, list[Any]], str]] = {
    "suspect": ({"weights": [weight(7, cattle_id=1, quality="suspect", recorded_at=AT)]}, AT),
    "off": ({"cattle": [off(2, 300.0, last_weighed_at=AT)]}, AT),
    "losing": (
        {"cattle": [an_animal(3, **LOSES)]},
        AT,
    ),
    "unseen": ({"cattle": [an_animal(4, last_seen_at=AT)]}, AT),
    "stray": ({"cattle": [an_animal(5, first_seen_at=AT, **BARE)]}, AT),
    "conflict": ({"payloads": [error(1, "tag_conflict")]}, AT),
    "refused": ({"payloads": [error(1, "bad_tag")]}, AT),
    "stray-place": ({"batches": [batch(5, created_at=AT, **FEW)]}, AT),
}
# Of what the Pi's status tells.
TOLD: dict[str, tuple[dict[str, Any], str]] = {
    "left-early": ({"left_early": [LEFT]}, DAY),
    "turned-back": (
        {
            "turned_back": [
                {"cattle_id": 3, "name": "A3", "kind": "lf", "tag": "LF9", "given": "ana", "at": AT}
            ]
        },
        AT,
    ),
}
# What machines do, by the key of its item.
MACHINE: dict[str, tuple[dict[str, Any], str]] = {
    "backup-old": ({"backup": {"age_seconds": 999_999, "newest_at": EARLIER}}, EARLIER),
    "backup-failed": ({"backup": {"failed": {"reason": "full", "at": EARLIER}}}, EARLIER),
    "backlog": ({"backlog": {"count": 3, "age_seconds": 99, "oldest_at": EARLIER}}, EARLIER),
    "gaps": ({"gaps": {"count": 1, "latest": [{"noticed_at": EARLIER}]}}, EARLIER),
    "scale-s1-2026-11-20-fault": (
        {"scales": [{"source": "s1", "day": DAY, "trouble": "fault", "detail": "wrong"}]},
        DAY,
    ),
    "receiver-hung": ({"processes": {"receiver": {"alive_seconds_ago": 60}}}, ""),
}
NOBODY_KNOWS = {"pen-over"}


def since_of(kind: str) -> list[str | None]:
    mirror, found = here.mirror, BY_NAME[kind]
    return [found.item(mirror, one, "kg").since for one in found.found(mirror, NOTHING)]


@pytest.mark.parametrize("kind", HERD)
def test_an_item_of_the_herd_tells_since_when(kind: str) -> None:
    rows, since = HERD[kind]
    with filled({"cattle": [an_animal(1)], **rows}):
        assert since_of(kind)[-1] == since


@pytest.mark.parametrize("kind", TOLD)
def test_an_item_that_the_pi_tells_has_its_time_or_day(kind: str) -> None:
    told, since = TOLD[kind]
    with filled({}) as mirror:
        mirror.status = status_with([], **told)
        assert since_of(kind) == [since]


@pytest.mark.parametrize("key", MACHINE)
def test_a_trouble_of_the_pi_tells_since_when(key: str) -> None:
    told, since = MACHINE[key]
    with filled({}) as mirror:
        mirror.status = status_with([], server_time=NOW.isoformat(), **told)
        assert since_of("machine") == [since or (NOW - timedelta(seconds=60)).isoformat()]


def test_a_silent_source_and_a_pi_that_is_away_tell_since_when() -> None:
    with filled({}) as mirror:
        mirror.status = status_with([source("barn", hours=3)])
        mirror.set_link(LinkState("away", NOW, "The Pi does not answer."))
        assert None not in since_of("machine")


def test_each_kind_of_work_is_asked() -> None:
    assert {one.name for one in KINDS} == {*HERD, *TOLD, *NOBODY_KNOWS, "machine"}


async def test_the_day_stands_in_the_row_and_in_the_file() -> None:
    with filled({}) as mirror:
        mirror.status = status_with([], left_early=[LEFT])
        shown = await page("/office/work?kind=left-early")
        assert f'<td data-label="Since">{DAY}</td>' in shown
        _name, (row,) = await file_at("/office/work?kind=left-early&format=csv")
        assert row["since"] == DAY
