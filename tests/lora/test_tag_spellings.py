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
