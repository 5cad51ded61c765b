import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from herd.rules.tag_origin import describe
from herd.rules.tags import COUNTRIES, TagError, eid, epc_urn, normalise, search_keys

SGTIN = "3074257BF7194E4000001A85"
SGTIN_URN = "urn:epc:tag:sgtin-96:3.0614141.812345.6789"

# One tag on each line: what readers and people write, and the form that is stored.
SPELLINGS = [
    ("982000001088420", "982000001088420"),
    ("LA 982 000001088420", "982000001088420"),
    ("LA_982_000001088420", "982000001088420"),
    ("la982000001088420", "982000001088420"),
    ("LA 00000 0 982 000001088420", "982000001088420"),
    ("0982000001088420", "982000001088420"),
    ("982-000001088420", "982000001088420"),
    ("982\t000\u00a0001 088 420", "982000001088420"),
    ("EPC:982 000001088420", "982000001088420"),
    ("964 000000123456", "964000000123456"),
    ("A 964 000000123456", "964000000123456"),
    ("A 00000 0 964 000000123456", "964000000123456"),
    ("A0000000964000000123456", "964000000123456"),
    ("A3040000964000000123456", "964000000123456"),
    ("10000000964000000123456", "964000000123456"),
    ("1000000964155000012939", "964155000012939"),
    ("8000F66416B8808B", "985155000012939"),
    ("348.00BA2C2B15", "840003123456789"),
    ("348.00ba2c2b15", "840003123456789"),
    ("8000D200BA2C2B15", "840003123456789"),
    ("8000 d200 ba2c 2b15", "840003123456789"),
    ("A8D4345D004B0001", "840003123456789"),
    ("840003123456789", "840003123456789"),
    (SGTIN, SGTIN),
    (SGTIN.lower(), SGTIN),
    ("3074-257B-F719-4E40-0000-1A85", SGTIN),
    (f"EPC:{SGTIN}", SGTIN),
    (f"epc: {SGTIN}", SGTIN),
    (f"urn:{SGTIN}", SGTIN),
    (f"urn:epc:raw:96.x{SGTIN}", SGTIN),
    (SGTIN_URN, SGTIN),
    ("e2801160600002040000abcd", "E2801160600002040000ABCD"),
    ("1234567890123456789012AB" + "0" * 40, "1234567890123456789012AB" + "0" * 40),
    ("900000000000000000000001", "900000000000000000000001"),
]

LEFT_ALONE = [
    "LF123",
    "UHF456",
    "LF-123",
    "BAD BEEF",
    "DEAD-BEEF-0001",
    "12E4",
    "0",
    "2023-0001-0002-0003",  # sixteen digits of a farm's own
    "999999999999999",  # 12 digits above 2^38
    "000123456789012",  # no country 000
    "1000D200BA2C2B15",  # 64 bits without the animal bit
    "8010D200BA2C2B15",  # a reserved bit is set
    "8000FA00BA2C2B15",  # country 1000
    "E007800012345678",  # the number of another kind of chip
    "A964000000123456",  # sixteen hex digits as well as A and an EID
    "8000D200006B8001",  # an EID in either bit order, not the same one
    "ÉTÉ 7",
    "²" * 15,  # digits to str.isdigit, not to int
    "LOT EPC:7",
]

REFUSED = [
    ("", "empty"),
    (" \t ", "empty"),
    ("EPC:", "empty"),
    ("9.82E+14", "spreadsheet"),
    ("9,82E+14", "spreadsheet"),
    ("9.82000001e14", "spreadsheet"),
    ("9E+14", "spreadsheet"),
    ("LF\x00123", "not_printable"),
    ("LF\ud800", "not_printable"),
    ("\u0669\u0668\u0662" + "\u0660" * 12, "foreign_digits"),
    ("LF\u0661\u0662", "foreign_digits"),
    ("LF-" + "X1" * 31, "too_long"),
    ("000000000000000", "blank_tag"),
    ("0" * 24, "blank_tag"),
    ("LA 982 999999999999", "impossible_eid"),
    ("A 00000 0 000 000000123456", "impossible_eid"),
    ("urn:epc:tag:sgtin-96:3.0614141.12345.6789", "impossible_epc"),
    ("urn:epc:tag:sgtin-96:3.0614141.812345.274877906944", "impossible_epc"),
]


@pytest.mark.parametrize(("text", "form"), SPELLINGS)
def test_every_spelling_of_a_tag_has_one_form(text: str, form: str) -> None:
    assert normalise(text) == form
    assert normalise(f"  {text}\r\n") == form


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_a_farms_own_label_is_left_alone(text: str) -> None:
    assert normalise(f" {text} ") == text
    assert normalise(text.lower()) == text
    assert eid(text) is None


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_a_text_that_cannot_be_trusted_is_refused_with_a_sentence(text: str, code: str) -> None:
    with pytest.raises(TagError) as refused:
        normalise(text)
    assert refused.value.code == code
    assert str(refused.value).endswith(".")
    assert str(refused.value).isprintable()
    assert eid(text) is None
    assert epc_urn(text) is None
    assert describe(text) == ""


def test_the_spreadsheets_number_is_named_and_the_cure_is_told() -> None:
    with pytest.raises(TagError, match=r"9\.82E\+14.*Format the column as text"):
        normalise("9.82E+14")


@pytest.mark.parametrize(
    ("text", "country", "issuer"),
    [
        ("840003123456789", "US", "country"),
        ("LA 124 000000000001", "CA", "country"),
        ("036 000000000001", "AU", "country"),
        ("899 000000000001", None, "country"),
        ("900 000000000001", None, "manufacturer"),
        ("982 000001088420", None, "manufacturer"),
        ("998 000000000001", None, "manufacturer"),
        ("999 000000000001", None, "test"),
    ],
)
def test_an_eid_says_who_issued_it(text: str, country: str | None, issuer: str) -> None:
    found = eid(text)
    assert found is not None
    assert found.digits == normalise(text)
    assert found.country_code == int(found.digits[:3])
    assert found.country == country
    assert found.manufacturer == (issuer == "manufacturer")
    assert found.test == (issuer == "test")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("840003123456789", "United States (840)"),
        ("036000000000001", "Australia (036)"),
        ("899000000000001", "country code 899"),
        ("982000001088420", "manufacturer 982"),
        ("999000000000001", "test code 999"),
        ("E2801160600002040000ABCD", "chip TID"),
        (SGTIN, "SGTIN 0614141…"),
        ("307C257BF7194E4000001A85", "EPC"),  # partition 7 is not in the standard
        ("3074257BFFFFFFC000001A85", "EPC"),  # an item reference of seven digits, not six
        ("3500E8700033EBC0000000AB", "EPC"),
        ("LF123", ""),
        ("", ""),
    ],
)
def test_a_tag_is_described_in_a_few_words(tag: str, words: str) -> None:
    assert describe(tag) == words


def test_every_country_is_named_in_every_language() -> None:
    assert describe("840003123456789", "es") == "Estados Unidos (840)"
    assert describe("982000001088420", "es", lambda text: f"¡{text}!") == "¡manufacturer 982!"
    assert all(all(country.names.values()) for country in COUNTRIES.values())
    assert {len(country.names) for country in COUNTRIES.values()} == {2}


@pytest.mark.parametrize("text", [SGTIN, SGTIN.lower(), f"EPC:{SGTIN}", SGTIN_URN])
def test_an_sgtin_is_written_as_its_urn(text: str) -> None:
    assert epc_urn(text) == SGTIN_URN


@pytest.mark.parametrize(
    "tag", ["LF123", "840003123456789", "E2801160600002040000ABCD", "307C257BF7194E4000001A85"]
)
def test_what_is_no_sgtin_has_no_urn(tag: str) -> None:
    assert epc_urn(tag) is None


@given(st.integers(0, 7), st.integers(6, 12), st.data())
def test_an_sgtin_urn_survives_its_hex(filter_value: int, digits: int, data: st.DataObject) -> None:
    company = data.draw(st.integers(0, 10**digits - 1))
    item = data.draw(st.integers(0, 10 ** (13 - digits) - 1))
    serial = data.draw(st.integers(0, 2**38 - 1))
    urn = f"urn:epc:tag:sgtin-96:{filter_value}.{company:0{digits}}.{item:0{13 - digits}}.{serial}"
    assert re.fullmatch("30[0-9A-F]{22}", normalise(urn))
    assert epc_urn(normalise(urn)) == urn


@given(st.integers(1, 999), st.integers(0, 2**38 - 1))
@example(840, 3123456789)
def test_an_eid_has_one_form_in_either_bit_order(country: int, national: int) -> None:
    assume(national % 10**7)  # such a number is one that a spreadsheet has rounded
    bits = 1 << 63 | country << 38 | national
    digits = f"{country:03}{national:012}"
    forward, backward = f"{bits:016X}", f"{int(f'{bits:064b}'[::-1], 2):016X}"
    for spelling in (forward, backward):
        assume(not spelling.isdigit())  # sixteen digits are first of all a number of their own
        # A number that is an EID in both orders stays as it was read, but it can be found.
        assert normalise(spelling) in {digits, spelling}
        assert digits in search_keys(spelling)
    assert normalise(f"{country:X}".zfill(3) + f".{national:010X}") == digits


def assert_refused_or_final(text: str) -> None:
    try:
        form = normalise(text)
    except TagError:
        return
    assert normalise(form) == form
    assert 0 < len(form) <= 64
    assert form == form.strip()
    assert form.isprintable()


@given(st.text())
def test_normalising_any_text_refuses_it_or_is_final(text: str) -> None:
    assert_refused_or_final(text)


@given(st.from_regex(r"(?i)(urn:|epc:|[LA1]{0,2})?[0-9a-fx .:_-]{1,40}", fullmatch=True))
def test_normalising_what_looks_like_a_tag_refuses_it_or_is_final(text: str) -> None:
    assert_refused_or_final(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("982 000001088420", "982000001088420"),
        ("8000D200BA2C2B15", "840003123456789"),
        ("A964000000123456", "964000000123456"),
        ("36000000000001", "036000000000001"),
        ("lf 123", "LF123"),
        ("lf-123", "LF-123"),
        ("8000D200006B8001", "840000007045121"),
        (SGTIN_URN, SGTIN),
    ],
)
def test_a_search_finds_a_tag_by_what_people_type(text: str, key: str) -> None:
    assert key in search_keys(text)


@given(st.text())
@example("9.82E+14")
@example("\ud800")
def test_a_search_never_fails_and_asks_for_no_empty_tag(text: str) -> None:
    assert all(search_keys(text))


def test_countries_have_their_numbers_and_no_manufacturers() -> None:
    assert (COUNTRIES[840].alpha, COUNTRIES[840].names["en"]) == ("US", "United States")
    assert (COUNTRIES[76].alpha, COUNTRIES[76].names["en"]) == ("BR", "Brazil")
    assert len({country.alpha for country in COUNTRIES.values()}) == len(COUNTRIES) == 249
    assert all(1 <= code <= 899 for code in COUNTRIES)
