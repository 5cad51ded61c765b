"""The page of the scales: which were adjusted or at fault, and what a person says of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from remote.office.mirror.tables import Row
from tests.office.filled import filled
from tests.office.http_pi import Answer, HttpPi
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

GATE = {"scale": "gateway:00 & 11", "animals": 12}
TOLD = {"confirmed_by": "", "undone_by": "", "confirmed_at": None, "undone_at": None}
STEP = {**GATE, **TOLD, "id": 1, "day": "2026-03-10", "factor": 1.148}
FAULT = {**GATE, "id": 1, "day": "2026-03-09", "weights": 80, "suspect": 61}
CORRECTION = {
    "key": "k",
    "scale": "gate",
    "first": "2026-03-01",
    "last": "2026-03-09",
    "factor": "0,87",
    "reason": "calibrated",
}


@pytest.fixture
def pi() -> Iterator[HttpPi]:
    with filled({}), a_pi_that_has([]) as pi:
        yield pi


def tells(pi: HttpPi, *steps: Row, faults: tuple[Row, ...] = (FAULT,)) -> None:
    rows: dict[str, Any] = {"scale-steps": list(steps), "scale-faults": list(faults)}

    def answer(path: str, _body: Row | None) -> Answer:
        kind = path.partition("remote/")[2].partition("?")[0]
        return 200, {"data": rows[kind], "next": None, "total": None}, {}

    pi.answer = answer


def sent(pi: HttpPi) -> list[tuple[str, Row | None]]:
    return [
        (path.partition("remote/")[2], body) for how, path, _, body in pi.requests if how == "POST"
    ]


async def test_steps_and_faults_are_listed_and_lead_to_what_can_be_done(pi: HttpPi) -> None:
    tells(pi, STEP, STEP | {"id": 2, "factor": 0.85})
    html = await page("/office/scales")
    for text in ("15 % more", "15 % less", "not answered", "61", "gateway:00 &amp; 11"):
        assert text in html
    assert "/office/scales/1/deny?scale=gateway%3A00%20%26%2011&amp;day=2026-03-10" in html
    assert (
        "/office/scales/correct?scale=gateway%3A00%20%26%2011&amp;day=2026-03-09&amp;last=" in html
    )


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        ({"confirmed_at": "2026-03-11T08:00:00Z", "confirmed_by": "office:ana"}, "yes · ana"),
        ({"undone_at": "2026-03-11T08:00:00Z", "undone_by": "office:ana"}, "no · ana"),
    ],
)
async def test_what_a_person_said_stands_with_the_name(
    pi: HttpPi, answered: Row, told: str
) -> None:
    tells(pi, STEP | answered)
    html = await page("/office/scales")
    assert told in " ".join(html.split())
    assert ("It was<" in html) == ("undone_at" in answered)


async def test_a_viewer_sees_the_days_and_no_button(pi: HttpPi) -> None:
    tells(pi, STEP)
    html = (await signed_in("viewer").get("/office/scales")).content.decode()
    assert "2026-03-10" in html
    assert "/office/scales/" not in html


async def test_an_older_pi_that_tells_no_faults_shows_the_steps(pi: HttpPi) -> None:
    tells(pi, STEP)
    told = pi.answer
    refused: Answer = (404, {"code": "not_found", "detail": "nothing here"}, {})
    pi.answer = lambda path, body: refused if "faults" in path else told(path, body)
    html = await page("/office/scales")
    assert "2026-03-10" in html
    assert "nothing here" not in html


async def test_without_the_pi_the_page_says_so() -> None:
    with filled({}):
        assert "knows no Pi yet" in await page("/office/scales")


async def test_a_step_is_confirmed_with_its_factor_and_denied(pi: HttpPi) -> None:
    form = await page("/office/scales/adjusted?scale=gate&day=2026-03-10")
    assert 'value="gate"' in form
    assert 'value="2026-03-10"' in form
    body = {"key": "k", "scale": "gate", "day": "2026-03-10", "factor": "1,15"}
    await signed_in().post("/office/scales/adjusted", body)
    await signed_in().post("/office/scales/adjusted", body | {"factor": ""})
    await signed_in().post("/office/scales/7/deny", {"key": "k"})
    told = {"scale": "gate", "day": "2026-03-10"}
    assert sent(pi) == [
        ("scale-steps", told | {"factor": 1.15}),
        ("scale-steps", told),
        ("scale-steps/7/undo", {}),
    ]


async def test_a_correction_is_looked_at_first_and_then_sent(pi: HttpPi) -> None:
    pi.answer = lambda *_: (
        200,
        {"change_id": 3, "weights": 41, "cattle": 12, "scale_steps": [1]},
        {},
    )
    looked = await signed_in().post("/office/scales/correct", CORRECTION | {"look": "1"})
    html = looked.content.decode()
    assert "Weights that change: 41, of 12 head." in html
    assert "counts no more" in html
    assert 'value="0,87"' in html
    done = await signed_in().post("/office/scales/correct", CORRECTION)
    assert done["Location"] == "/office/journal"
    body = {name: CORRECTION[name] for name in ("scale", "first", "last", "reason")}
    body["factor"] = "0.87"
    assert sent(pi) == [("weights/correct?preview=1", body), ("weights/correct", body)]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"last": "2026-02-01"}, "The last day lies before the first."),
        ({"factor": "7"}, "less than or equal to 5"),
        ({"reason": ""}, "required"),
    ],
)
async def test_what_cannot_be_corrected_is_said_before_the_pi_is_asked(
    pi: HttpPi, wrong: Row, why: str
) -> None:
    answer = await signed_in().post("/office/scales/correct", CORRECTION | wrong)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert sent(pi) == []


async def test_a_refusal_of_the_pi_keeps_what_was_typed(pi: HttpPi) -> None:
    detail = "No weight of the scale gate is known of these days."
    pi.answer = lambda *_: (400, {"code": "bad_value", "detail": detail}, {})
    html = (await signed_in().post("/office/scales/correct", CORRECTION)).content.decode()
    assert detail in html
    assert 'value="calibrated"' in html
