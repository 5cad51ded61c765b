"""One animal, however its tag is spelt; and a tag that cannot be read for sure is no second one."""

import pytest

from herd.models import Animal
from tests.lora.test_worker import Barn

pytestmark = pytest.mark.django_db

SPELLINGS = [
    "982000196588496",
    "00000 0 982 000196588496",
    "#982000196588496",
    "EID:982000196588496",
    "982,000,196,588,496",
    "*3D6.000BB7B3D0",
    "0x8000F5800BB7B3D0",
]
EPCS = [
    "E2009A9040060AF000000372",
    "0xE2009A9040060AF000000372",
    "3000E2009A9040060AF000000372",
    "EPC:E200 9A90 4006 0AF0 0000 0372",
]


def test_every_spelling_is_the_same_animal() -> None:
    barn = Barn()
    for lf in SPELLINGS:
        barn.hear(f"hxb:B1:{lf}:")
    for uhf in EPCS:
        barn.hear(f"hxb:B1:982000196588496:{uhf}")
        barn.hear(f"hxb:B1::{uhf}")

    animal = Animal.objects.get()
    assert (animal.lf_tag, animal.uhf_tag) == ("982000196588496", "E2009A9040060AF000000372")


@pytest.mark.parametrize(
    "tag", ["~982000196588496", "982000196588496 340.5", "9.82E+14", "1000000982000000000000"]
)
def test_a_tag_in_doubt_is_an_error_row_and_no_animal(tag: str) -> None:
    barn = Barn()
    barn.hear("hxb:B1:982000196588496:")
    row = barn.hear(f"hxb:B2:{tag}:")

    assert (row.status, row.error_code) == ("error", "bad_tag")
    assert list(Animal.objects.values_list("batch__batch_number", flat=True)) == ["B1"]


EVENTS = [
    "chi1|weight:300|lid:982000196588496",
    "chi2|weight:301|lid:00000 0 982 000196588496",
    "ind3|lot:B1|pen:P1|lid:982 000196588496",
    "pai4|lf:982000196588496|epc:E2009A9040060AF000000372|lid:982000196588496",
    "chi5|weight:302|lid:3000E2009A9040060AF000000372",
    "ind6|pen:P2|lid:#982000196588496",
]


@pytest.mark.parametrize("first", ["hxb:B1:982000196588496:", f"event:hxb{EVENTS[0]}", ""])
def test_a_tag_in_place_of_a_livestock_id_is_the_animal_that_bears_it(first: str) -> None:
    barn = Barn()
    rows = [barn.hear(text) for text in [first, *(f"event:hxb{one}" for one in EVENTS)] if text]

    animal = Animal.objects.get()
    assert {row.status for row in rows} <= {"processed", "duplicate"}
    assert (animal.lf_tag, animal.status) == ("982000196588496", "active")
    assert animal.weights.count() == 3
