"""Weights as clerks type them and as they are told: signs, units, doubt, and which is voided."""

from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.utils.translation import override

from herd.rules.weight_outliers import DayGroup, outlier_reason
from remote.office.forms.decimal_text import DecimalText
from remote.office.link.client import Person
from remote.office.mirror.tables import Row
from remote.office.pages.history_text import sentence
from remote.office.units import sentence_in
from tests.office.filled import AT, HERD, animal, filled, here, weight
from tests.office.test_pages import page, signed_in
from tests.office.test_radio_log import a_pi_that_has

DOUBT = "3515 kg: no animal weighs that"


@pytest.mark.parametrize(
    ("typed", "kg"),
    [("351,5", "351.5"), ("351.5", "351.5"), (" 351 ", "351"), ("1250", "1250"), ("0,5", "0.5")],
)
def test_a_comma_and_a_point_both_stand_before_the_decimals(typed: str, kg: str) -> None:
    assert DecimalText(decimal_places=2).clean(typed) == Decimal(kg)


@pytest.mark.parametrize("typed", ["1,250", "1.250,5", "1,250.5", "1,2,3"])
def test_a_sign_for_thousands_is_refused_in_words(typed: str) -> None:
    with pytest.raises(forms.ValidationError, match="can be read in two ways"):
        DecimalText().clean(typed)


async def weighed(answer: Row, unit: str = "kg", shown_in: str = "") -> tuple[str, Any]:
    """What the page after the form says, and what the Pi was sent."""
    with filled({"cattle": [animal(1)]}), a_pi_that_has([]) as pi:
        person = {"username": "clerk", "display_name": "Clerk", "role": "manager", "data": []}
        pi.answer = lambda _path, body: (201, answer if body else person, {})
        here.office.units.choose(Person("clerk", "", ""), unit)
        client = signed_in(user="clerk")
        form = {"weight": "351,5", "recorded_at": "", "key": "k1", "in_unit": shown_in}
        sent = await client.post("/office/cattle/1/weigh", form)
        assert sent.status_code == 302, sent.content
        html = (await client.get(sent["Location"])).content.decode()
        return html, next(body for *_, body in pi.requests if body)


async def test_a_weight_is_asked_for_as_text_that_a_comma_may_stand_in() -> None:
    with filled({"cattle": [animal(1)]}):
        html = await page("/office/cattle/1/weigh")
    field = html[html.index('name="weight"') - 60 :][:200]
    assert 'type="text"' in field
    assert 'inputmode="decimal"' in field


async def test_a_weight_that_is_believed_is_recorded() -> None:
    html, sent = await weighed({"quality": "ok", "reason": "", "warning": ""})
    assert sent["weight_kg"] == "351.50"
    assert "The weight is recorded." in html


async def test_a_weight_is_in_the_unit_that_its_form_showed() -> None:
    _, sent = await weighed({"quality": "ok", "reason": "", "warning": ""}, "lb", shown_in="kg")
    assert sent["weight_kg"] == "351.50"


async def test_a_weight_that_the_pi_doubts_is_said_to_be_kept_as_suspect() -> None:
    html, _ = await weighed({"quality": "suspect", "reason": DOUBT, "warning": ""}, "lb")
    assert "The weight is recorded." not in html
    assert 'message warning" role="status">Kept as suspect: 7749 lb: no animal weighs that' in html


@pytest.mark.parametrize(
    ("day", "kg", "told"),
    [
        (28, 180, "-379 lb en 28 días: demasiado rápido"),
        (1, 180, "-379 lb en 1 día: demasiado rápido"),
        (0, 180, "-379 lb en un solo día: demasiado rápido"),
        (0, 3515, "7749 lb: ningún animal pesa eso"),
    ],
)
def test_why_a_weight_is_doubted_is_told_in_the_readers_language(
    day: int, kg: float, told: str
) -> None:
    reason = outlier_reason(day, kg, [DayGroup(0, 352.0, 1, 352.0, 352.0)])
    with override("es"):
        assert sentence_in(reason, "lb").startswith(told)


def test_reasons_are_told_in_the_readers_unit_alone() -> None:
    assert sentence_in("-89 kg in 5 days: too fast", "lb") == "-196 lb in 5 days: too fast"
    assert sentence_in(DOUBT, "kg") == DOUBT
    told = {
        "kind": "weight",
        "at": AT,
        "weight_kg": 3515.0,
        "by": "",
        "quality": "suspect",
        "reason": DOUBT,
    }
    assert sentence(told, "lb").endswith("(suspect: 7749 lb: no animal weighs that)")
    voided = {**told, "quality": "void", "reason": "20 kg of mud"}
    assert sentence(voided, "lb").endswith("(void: 20 kg of mud)")


async def test_the_chute_tells_doubts_and_spread_in_pounds_without_decimals() -> None:
    with filled(HERD):
        here.office.units.choose(Person("pounds", "", ""), "lb")
        html = await page("/office/weights", user="pounds")
    assert "+198 lb in 1 days" in html
    assert "mean 775 lb" in html
    assert "<dd>775</dd>" in html


async def test_the_form_to_void_a_weight_says_which() -> None:
    doubted = weight(7, weight_kg=3515.0, quality="suspect", reason=DOUBT)
    with filled({"cattle": [animal(1)], "weights": [doubted]}):
        html = await page("/office/weights/7/void")
    for told in ("A1", "3515.0 kg", "2026-11-20", "suspect", DOUBT):
        assert told in html


async def test_a_weight_too_old_to_be_held_is_looked_up_in_the_animals_past() -> None:
    old = {
        "kind": "weight",
        "id": 7,
        "at": AT,
        "weight_kg": 301.0,
        "quality": "ok",
        "reason": "",
        "by": "radio",
    }
    with filled({"cattle": [animal(1)]}), a_pi_that_has([old]):
        html = await page("/office/weights/7/void?animal=1")
    assert "301.0 kg" in html
    assert "A1" in html
