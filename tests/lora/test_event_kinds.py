"""Which kind of barn event a payload is, where its id, its hints and its fields disagree."""

from decimal import Decimal

import pytest

from herd.commands import CheckIn, PairTags
from lora.payloads import InvalidPayload, parse

NAMED = {"batch": "batch_number", "pen": "pen_number", "epc": "uhf"}


@pytest.mark.parametrize("hint", ["batch:B1", "pen:P1", "funder:F"])
def test_a_pairing_under_an_inductions_id_may_mention_its_lot(hint: str) -> None:
    parsed = parse(f"event:hxbind1|lid:1|lf:A|epc:B|{hint}")

    key, _, value = hint.partition(":")
    extra = ((NAMED.get(key, key), value),)
    assert parsed == PairTags("hxbind1", "1", "A", "B", extra=extra, mismatched=True)


@pytest.mark.parametrize("hint", ["batch:B1", "pen:P1", "lf:A", "epc:B"])
def test_a_check_in_under_an_inductions_id_may_mention_more(hint: str) -> None:
    parsed = parse(f"event:hxbind1|weight:300|lid:1|{hint}")

    key, _, value = hint.partition(":")
    extra = ((NAMED.get(key, key), value),)
    assert parsed == CheckIn("hxbind1", "1", Decimal(300), extra=extra, mismatched=True)


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("event:hxbind1|lot:L1|pen:P1|lid:1|weight:300", "funder"),
        ("event:hxbind1|funder:F|pen:P1|lid:1|lf:A|epc:B", "lot"),
        ("event:hxbind1|funder:F|lot:L1|lid:1|weight:300", "pen"),
        ("event:hxbind1|funder:F|lot:L1|pen:P1|weight:300", "lid"),
        ("event:hxbpai1|lf:A|lid:1|weight:300", "epc"),
    ],
)
def test_an_event_that_lacks_a_single_field_names_it(text: str, lacks: str) -> None:
    parsed = parse(text)

    assert isinstance(parsed, InvalidPayload)
    assert (parsed.code, lacks in parsed.message) == ("missing_field", True)
