"""Walking a long list: nothing is missed or seen twice, whatever is written meanwhile."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.remote.api.rows import ROOT, a_batch, an_animal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])


def walk(api: APIClient, path: str, **params: Any) -> list[int]:
    """The ids of all pages, each asked for with the `next` of the one before."""
    found: list[int] = []
    following: str | None = ""
    while following is not None:
        asked = params | ({"cursor": following} if following else {})
        page = api.get(ROOT + path, asked).json()
        found += [row["id"] for row in page["data"]]
        following = page["next"]
    return found


def test_the_newest_come_first_fifty_at_a_time(api: APIClient) -> None:
    made = [an_animal().pk for _ in range(51)]
    page = api.get(ROOT + "cattle").json()
    assert [row["id"] for row in page["data"]] == made[:0:-1]
    assert (page["total"], page["next"] is None) == (51, False)


def test_the_last_page_has_no_next(api: APIClient) -> None:
    made = [an_animal().pk for _ in range(4)]
    assert api.get(ROOT + "cattle", {"limit": 4}).json()["next"] is None
    assert walk(api, "cattle", limit=2) == made[::-1]


def test_more_than_500_are_never_sent_at_once(api: APIClient) -> None:
    for _ in range(501):
        an_animal()
    assert len(api.get(ROOT + "cattle", {"limit": 10_000}).json()["data"]) == 500


@pytest.mark.parametrize("ordering", ["id", "-id", "status", "-status", "last_seen_at"])
def test_every_order_is_walked_whole_also_through_ties(api: APIClient, ordering: str) -> None:
    made = {an_animal(status=status).pk for status in ("active", "sold", "active") * 4}
    found = walk(api, "cattle", ordering=ordering, limit=5)
    assert (set(found), len(found)) == (made, len(made))


def test_a_text_order_is_kept_over_pages(api: APIClient) -> None:
    made = {number: a_batch(number).pk for number in ("C & D", "A=ä", "B,+/%")}
    assert walk(api, "batches", ordering="batch_number", limit=1) == [
        made[number] for number in sorted(made)
    ]


def test_rows_that_come_in_between_shift_nothing(api: APIClient) -> None:
    made = [an_animal().pk for _ in range(4)]
    first = api.get(ROOT + "cattle", {"limit": 2}).json()
    an_animal()
    second = api.get(ROOT + "cattle", {"limit": 2, "cursor": first["next"]}).json()
    assert [row["id"] for row in second["data"]] == [made[1], made[0]]


def test_only_a_first_page_counts(api: APIClient) -> None:
    for _ in range(3):
        an_animal()
    first = api.get(ROOT + "cattle", {"limit": 1}).json()
    second = api.get(ROOT + "cattle", {"limit": 1, "cursor": first["next"]}).json()
    assert (first["total"], second["total"]) == (3, None)


def test_a_cursor_of_another_order_is_refused(api: APIClient) -> None:
    an_animal(), an_animal()
    following = api.get(ROOT + "cattle", {"limit": 1}).json()["next"]
    answer = api.get(ROOT + "cattle", {"ordering": "status", "cursor": following})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!",
        "W10",
        "WyJzdGF0dXMiLCBudWxsLCAxXQ",
        "WyItaWQiLCAxLCA5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
    ],
)
def test_a_forged_cursor_is_refused(api: APIClient, cursor: str) -> None:
    for ordering in ("-id", "status", "last_seen_at"):
        answer = api.get(ROOT + "cattle", {"ordering": ordering, "cursor": cursor})
        assert answer.status_code == 400
