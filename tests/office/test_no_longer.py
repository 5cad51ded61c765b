"""A form of something whose state no longer allows it says so in a sentence, and leads back."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from remote.office.mirror.tables import Row
from tests.office.filled import (
    animal,
    batch,
    filled,
    payload,
    pen,
    product,
    pull,
    session,
    shipment,
    weight,
)
from tests.office.test_pages import signed_in
from tests.office.test_radio_log import a_pi_that_has
from tests.office.test_work import text_of

Rows = dict[str, list[Row]]
GONE = {"status": "sold", "left_on": "2026-11-10"}
OVER = {"ended_at": "2026-11-20T10:00:00Z"}
VOID = {"voided_at": "2026-11-20T10:00:00Z"}
BACK = {"returned_at": "2026-11-20T10:00:00Z"}
BY_STATE: dict[str, dict[str, Any]] = {
    "planned": {"state": "planned"},
    "loading": {"state": "loading"},
    "left": {"state": "shipped", "shipped_on": "2026-11-20"},
    "cancelled": {"state": "cancelled"},
}
SAID = {
    "planned": "Shipment S-1 is not being loaded yet. Begin loading first.",
    "loading": "Shipment S-1 is being loaded.",
    "left": "Shipment S-1 left on 2026-11-20. It can be taken back under “Journal”.",
    "cancelled": "Shipment S-1 was cancelled.",
}
ALLOWED = {
    "plan": ("planned", "loading"),
    "begin": ("planned",),
    "load": ("loading",),
    "unload": ("loading",),
    "ship": ("loading",),
    "cancel": ("planned", "loading"),
    "reported": ("left",),
    "edit": ("planned", "loading", "left", "cancelled"),  # once it has left, its notes alone
}


def of(table: str, make: Callable[..., Row], **fields: Any) -> Rows:
    rows: Rows = {"cattle": [animal(1)], "products": [product(1)], "pens": [pen(1)]}
    return rows | {table: [make(1, **fields)]}


# The form, what is there, and what its page says; "" where the form is shown.
CASES: list[tuple[str, Rows, str]] = [
    *(
        (
            f"shipments/1/{step}",
            of("shipments", shipment, **row),
            "" if state in fit else SAID[state],
        )
        for step, fit in ALLOWED.items()
        for state, row in BY_STATE.items()
    ),
    ("chute/1/end", of("sessions", session), ""),
    ("chute/1/end", of("sessions", session, **OVER), "Session P1 2026-11-20 is over already."),
    ("chute/1/resume", of("sessions", session, **OVER), ""),
    ("chute/1/resume", of("sessions", session), "Session P1 2026-11-20 is going on."),
    ("sessions/1/edit", of("sessions", session, **OVER), ""),
    ("pulls/1/return", of("pulls", pull), ""),
    ("pulls/1/return", of("pulls", pull, **BACK), "A1 went back already."),
    ("pulls/1/return", of("pulls", pull, **VOID), "This pull is void."),
    (
        "pulls/1/return",
        of("pulls", pull) | {"cattle": [animal(1, **GONE)]},
        "A1 is sold since 2026-11-10.",
    ),
    ("pulls/1/void", of("pulls", pull, **BACK), ""),
    ("pulls/1/void", of("pulls", pull, **VOID), "This pull is void."),
    ("weights/1/void", of("weights", weight), ""),
    ("weights/1/void", of("weights", weight, quality="void"), "This weight is void already."),
    ("weights/1/unvoid", of("weights", weight, quality="void"), ""),
    ("weights/1/unvoid", of("weights", weight), "This weight is not void."),
    ("weights/1/accept", of("weights", weight, quality="suspect"), ""),
    (
        "weights/1/accept",
        of("weights", weight, quality="void"),
        "This weight is void. Take that back first.",
    ),
    (
        "weights/1/accept",
        of("weights", weight, accepted_by="office:ana"),
        "This weight was accepted already.",
    ),
    ("weights/1/replace", of("weights", weight), ""),
    (
        "weights/1/replace",
        of("weights", weight, quality="void"),
        "This weight is void. Record the right one as a new weight.",
    ),
    *((f"cattle/1/{act}", of("cattle", animal), "") for act in ("move", "pull", "treat")),
    ("cattle/1/pull", of("cattle", animal, **GONE), "A1 is sold since 2026-11-10."),
    ("cattle/1/pull", of("pulls", pull), "A1 is pulled already."),
    ("cattle/1/pull", of("pulls", pull, **BACK), ""),
    *((f"cattle/1/{act}", of("cattle", animal, **GONE), "") for act in ("edit", "weigh", "tags")),
    ("cattle/1/leave", of("cattle", animal, **GONE), ""),  # it may come back
    *((f"cattle/{act}?id=1", of("cattle", animal), "") for act in ("move", "pull", "treat")),
    (
        "cattle/move?id=1",
        of("cattle", animal, **GONE),
        "1 of 1 has left and stays where it is: A1.",
    ),
    ("cattle/pull?id=1", of("cattle", animal, **GONE), "1 of 1 has left and is not pulled: A1."),
    ("cattle/treat?id=1", of("cattle", animal, **GONE), "1 of 1 has left and is not treated: A1."),
    ("cattle/leave?id=1", of("cattle", animal, **GONE), ""),
    ("pens/1/delete", of("pens", pen, head_count=0), ""),
    ("pens/1/delete", of("pens", pen, head_count=3), "Pen P1 holds 3 animals: move them first."),
    ("pens/1/edit", of("pens", pen), ""),
    ("batches/1/edit", of("batches", batch, status="closed"), ""),  # and opened again
    ("products/1/edit", of("products", product, active=False), ""),  # and taken into use again
    ("payloads/1/correct", of("payloads", payload, status="error", error_code="bad_tag"), ""),
    (
        "payloads/1/correct",
        of("payloads", payload),
        "Message no. 1 is not in error any more: nothing is to be corrected.",
    ),
    ("work/dismiss?id=suspect:1", of("weights", weight), "Nothing of this needs anybody any more."),
    ("work/remind?id=suspect:1", of("weights", weight), "Nothing of this needs anybody any more."),
    (
        "work/dismiss?id=suspect:1",
        of("weights", weight, quality="suspect") | {"cattle": [animal(1)]},
        "",
    ),
]


async def opened(path: str) -> str:
    answer = await signed_in().get(f"/office/{path}")
    assert answer.status_code == 200, path
    return answer.content.decode()


def is_form(shown: str) -> bool:
    (main,) = re.findall(r"<main.*</main>", shown, flags=re.DOTALL)
    return 'method="post"' in main


@pytest.mark.parametrize(("path", "rows", "said"), CASES)
async def test_a_form_that_is_too_late_says_so_and_leads_back(
    path: str, rows: Rows, said: str
) -> None:
    with filled(rows), a_pi_that_has([]):  # type: ignore[arg-type]  # names of topics
        shown = await opened(path)
    assert is_form(shown) is (not said)
    if said:
        assert said in text_of(shown)
        assert re.search(r'<a class="main button" href="/office/', shown)


async def test_of_a_shipment_that_has_left_only_the_notes_are_edited() -> None:
    with filled(of("shipments", shipment, **BY_STATE["left"])):  # type: ignore[arg-type]  # as above
        shown = await opened("shipments/1/edit")
    assert re.findall(r'name="(day|carrier|notes)"', shown) == ["notes"]
    assert SAID["left"] in html.unescape(shown)


@pytest.mark.parametrize("act", ["move", "treat"])
async def test_what_a_gone_animal_still_allows_is_said_above_the_form(act: str) -> None:
    with filled(of("cattle", animal, **GONE)):  # type: ignore[arg-type]  # as above
        shown = await opened(f"cattle/1/{act}")
    assert "A1 is sold since 2026-11-10." in shown
    assert not re.findall(r'name="(pen|no_pen|force)"', shown)


async def test_an_animal_that_has_left_goes_to_another_batch() -> None:
    with filled(of("cattle", animal, **GONE) | {"batches": [batch(2)]}), a_pi_that_has([]) as pi:  # type: ignore[arg-type]  # as above
        sent = {"key": "k1", "batch": "LOT2"}
        answer = await signed_in().post("/office/cattle/1/move", sent)
    assert answer.status_code == 302
    assert pi.requests[-1][3] == {"reason": "", "batch_id": 2}


@pytest.mark.parametrize("undone", [None, "2026-11-20T10:00:00Z"])
async def test_an_act_that_was_taken_back_is_not_taken_back_again(undone: str | None) -> None:
    act = {"id": 1, "kind": "edit", "summary": "Pen P1: capacity: 3 → 4", "undoing": []}
    act |= {"undone_at": undone, "undone_by": "office:ana", "made_at": "2026-11-20T10:00:00Z"}
    with filled({}), a_pi_that_has([]) as pi:
        pi.answer = lambda _path, _body: (200, act, {})
        shown = await opened("journal/1/undo")
    assert ("ana has taken this back already." in shown) is not is_form(shown)
    assert is_form(shown) is (undone is None)


@pytest.mark.parametrize("undone", [None, "2026-11-20T10:00:00Z"])
async def test_a_step_that_was_denied_is_not_denied_again(undone: str | None) -> None:
    with filled({}), a_pi_that_has([{"id": 1, "undone_at": undone}]):
        shown = await opened("scales/1/deny?scale=s1&day=2026-11-20")
    assert is_form(shown) is (undone is None)


async def test_a_form_that_is_sent_twice_is_answered_as_once() -> None:
    rows = of("sessions", session, **OVER)
    with filled(rows), a_pi_that_has([]):  # type: ignore[arg-type]  # as above
        answer = await signed_in().post("/office/chute/1/end", {"key": "k1"})
    assert answer.status_code == 302
