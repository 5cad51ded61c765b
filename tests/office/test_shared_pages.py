"""A page that several people look at is made once for each change, and is true for each of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from remote.office import views
from remote.office.live.render_cache import Rendered
from remote.office.mirror.mirror import Mirror
from remote.office.pages.page import Page
from tests.office.filled import animal, filled
from tests.office.rows import event
from tests.office.test_pages import page

PATH = "/office/cattle/1"


@pytest.fixture
def herd() -> Iterator[Mirror]:
    with filled() as mirror:
        yield mirror


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that are made, by their titles."""
    titles: list[str] = []
    by_page = Rendered.of

    def counted(page: Page, *more: Any) -> Rendered:
        titles.append(page.title)
        return by_page(page, *more)

    monkeypatch.setattr(Rendered, "of", counted)
    return titles


async def test_a_second_person_gets_the_page_of_the_first(herd: Mirror, made: list[str]) -> None:
    first, second = await page(PATH), await page(PATH, user="ben")
    assert len(made) == 1
    assert ("Ana</span>" in first, "Ben</span>" in second) == (True, True)


async def test_what_has_changed_since_is_on_the_next_page(herd: Mirror, made: list[str]) -> None:
    assert "lame" not in await page(PATH)
    herd.apply([event(101, "cattle:updated", animal(1, health="lame"))])
    assert "lame" in await page(PATH)
    assert len(made) == 2


@pytest.mark.parametrize("path", ["/office/pens/1?print=1", "/office/status"])
async def test_a_page_that_tells_the_time_is_made_anew(
    herd: Mirror, made: list[str], path: str
) -> None:
    for _ in range(2):
        await page(path)
    assert len(made) == 2


async def test_one_who_may_only_look_gets_a_page_of_their_own(
    herd: Mirror, made: list[str]
) -> None:
    managers, viewers = await page("/office/cattle"), await page("/office/cattle", role="viewer")
    assert len(made) == 2
    assert ('class="tick"' in managers, 'class="tick"' in viewers) == (True, False)


async def test_a_page_is_not_kept_while_days_go_by(
    herd: Mirror, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the Pi away nothing changes, and "seen within a day" does."""
    await page("/office/cattle")
    monkeypatch.setattr(views, "SHARED_SECONDS", 0.0)
    await page("/office/cattle")
    assert len(made) == 2
