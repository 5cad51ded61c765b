"""What the office tells: its list while it is live, and of an old copy nothing new."""

from datetime import UTC, datetime
from typing import Any

from hexabrand.alerts.office import OfficeWatch
from remote.office.mirror.mirror import LinkState, Mirror
from remote.office.sample import status as status_with
from tests.office.filled import filled, payload

NOW = datetime.now(UTC)
REFUSED = payload(1, status="error", error_code="bad_tag")


async def look(mirror: Mirror) -> tuple[dict[str, bool], bool]:
    """Key → whether it may begin; and whether what is missing is over."""
    seen = await OfficeWatch(mirror).look(frozenset(), 1.0)
    return {item.key: item.begins for item in seen.items}, seen.complete


async def test_while_live_the_whole_list_is_told_but_not_that_alerts_are_stuck() -> None:
    with filled({"payloads": [REFUSED]}) as mirror:
        mirror.status = status_with([])
        mirror.set_alert_trouble("The mail server does not answer.")
        assert await look(mirror) == ({"refused": True}, True)


async def test_of_an_old_copy_nothing_begins_and_nothing_is_over() -> None:
    with filled({"payloads": [REFUSED]}) as mirror:
        mirror.status = status_with([])
        mirror.set_link(LinkState("away", NOW, "The Pi does not answer.", "away"))
        assert await look(mirror) == ({"link:pi-away": True, "refused": False}, False)


async def test_before_the_pis_status_has_come_nothing_is_over() -> None:
    with filled({}) as mirror:
        assert await look(mirror) == ({}, False)


async def test_trouble_with_sending_is_shown_on_open_pages() -> None:
    told: list[Any] = []
    with filled({}) as mirror:
        mirror.watch(told.extend)
        OfficeWatch(mirror).tell_trouble("The mail server does not answer.")
        OfficeWatch(mirror).tell_trouble("The mail server does not answer.")
        assert mirror.alert_trouble == "The mail server does not answer."
    assert [change.event for change in told] == ["status"]
