"""One tag on each line, as manuals, registers and reports of faults spell it."""

import pytest

from herd.rules.tags import TagError, corrected, normalise, search_keys

EID, DOT = "982000001088420", "982000180967702"
NAIT = "982000196588496"
SGTIN = "3074257BF7194E4000001A85"
ALIEN = "E2009A9040060AF000000372"

# Where a spelling comes from: the spellings, and the one form of all of them.
READ = {
    # OSPRI (NAIT), movement, update and upload-tag file guides: "formats we accept".
    ("NAIT", NAIT): [
        "00000 0 982 000196588496",
        "982 000196588496",
        "982000196588496",
        "0982000196588496",
        "0982 000196588496",
        "000000982000196588496",
        "00000_0_982_000196588496",
        "00000 1 982 000196588496",
        "0000000982000196588496",
    ],
    # Allflex panel reader AFX-100 and TIRIS S2000: line mode, reserved field, data block.
    ("Allflex", EID): [
        "LA_982_000001088420",
        "LA 00000 0 982 000001088420",
        "LA,00000,0,982,000001088420",
        "A;982;000001088420",
        "LA 982000001088420",
    ],
    # Datamars GES3S, menu "EIC format": ISO long, short, Tiris, F-210, BDN, South America.
    ("Datamars", "964000000123456"): [
        "A0000000964000000123456",
        "964 000000123456",
        "A 00000 0 964 000000123456",
        "A 00000 0 0964 000000123456",
        "10000000964000000123456",
        "1000000964000000123456",
        "964000000123456",
    ],
    # Biomark HPR, tag file: a star for what was downloaded from memory.
    ("Biomark", DOT): [
        "*3D6.000AC95916",
        "3D6.000AC95916",
        "TAG 3D6.000AC95916",
        "* 3d6.000ac95916",
    ],
    # ISO11784Tools and Oregon RFID: decimal, bi-hex, hex from the left and from the right.
    ("PIT tools", "999123456789012"): [
        "999123456789012",
        "3E7.1CBE991A14",
        "8000F9DCBE991A14",
        "0x8000F9DCBE991A14",
        "8000-F9DC-BE99-1A14",
        "80:00:F9:DC:BE:99:1A:14",
        "2858997D3B9F0001",
        "8000F9DCBE991A14h",
    ],
    # What people, sheets and label printers put around a number.
    ("marks", EID): [
        "#982000001088420",
        "# 982 000001088420",
        "EID:982000001088420",
        "EID: 982 000001088420",
        "EID=982000001088420",
        "EID982000001088420",
        "RFID 982000001088420",
        "RFID No. 982000001088420",
        "Tag ID: 982000001088420",
        "Electronic ID 982000001088420",
        "Ear tag no. 982 000001088420",
        "NLIS:982000001088420",
        "FDX-B 982000001088420",
        "HDX:982000001088420",
        "982000001088420 (EID)",
        "982000001088420 FDX-B",
        "(982)000001088420",
        "[982] 000001088420",
        "982 [000001088420]",
        "(982) 000001088420",
        "[982000001088420]",
        "<982000001088420>",
        "{982000001088420}",
        "'982000001088420",
        "\u2019982000001088420",
        '"982000001088420"',
        '="982000001088420"',
        "982000001088420;",
        "982000001088420,",
        "982000001088420.",
        "*982000001088420*",  # a bar code's start and stop in Code 39
    ],
    # Thousands, fields and dashes.
    ("separators", EID): [
        "982,000,001,088,420",
        "982.000.001.088.420",
        "982'000'001'088'420",
        "982\u2019000\u2019001\u2019088\u2019420",
        "982 000 001 088 420",
        "982\u202f000\u202f001\u202f088\u202f420",
        "982-0000-0108-8420",
        "982/000001088420",
        "982.000001088420",
        "982:000001088420",
        "982,000001088420",
        "982\u2013000001088420",
        "982000001088420.0",  # a program that took it for a number
        "982000001088420.00",
        "982000001088420,0",
        "982000001088420 982000001088420",
    ],
    # USDA, CCIA, DEFRA, Australia: a country in letters before its own number.
    ("US", "840003123456789"): [
        "US 840003123456789",
        "USA 840 003123456789",
        "840 003 123 456 789",
    ],
    ("CA", "124000123456789"): ["CA124000123456789", "CAN 124 000 123 456 789"],
    ("UK", "826123456700123"): ["UK 0826123456700123", "GB 826 123456700123", "0 826 123456700123"],
    # A spreadsheet makes a number of it, and its first zero is gone.
    ("AU", "036000012345678"): [
        "36000012345678",
        "36 000012345678",
        "36000012345678.0",
        "36,000,012,345,678",
        "#36000012345678",
    ],
    ("AR", "032010000123456"): ["32010000123456", "AR 032010000123456"],
    # UHF readers: hex prefixes, separators, and the word of protocol control (epctagcoder no. 9).
    ("SGTIN", SGTIN): [
        "0x3074257BF7194E4000001A85",
        "0X3074257bf7194e4000001a85",
        "x3074257BF7194E4000001A85",
        "3074257BF7194E4000001A85h",
        "30 74 25 7B F7 19 4E 40 00 00 1A 85",
        "30:74:25:7B:F7:19:4E:40:00:00:1A:85",
        "30-74-25-7B-F7-19-4E-40-00-00-1A-85",
        "30.74.25.7B.F7.19.4E.40.00.00.1A.85",
        "0x30, 0x74, 0x25, 0x7B, 0xF7, 0x19, 0x4E, 0x40, 0x00, 0x00, 0x1A, 0x85",
        r"\x30\x74\x25\x7B\xF7\x19\x4E\x40\x00\x00\x1A\x85",
        "EPC: 3074257BF7194E4000001A85",
        "EPC=0x3074257BF7194E4000001A85",
        "EPC3074257BF7194E4000001A85",
        "[3074257BF7194E4000001A85]",
        "EPC-96: 3074257BF7194E4000001A85",
        "3074257B-F7194E40-00001A85",
        "3074257BF719 4E4000001A85",
        "3074257BF7194E4000001A85 3074257BF7194E4000001A85",
        "3074257BF7194E4000001A853074257BF7194E4000001A85",
        "(3000)3074257BF7194E4000001A85",
        "#3074257BF7194E4000001A85",
        "urn:epc:raw:96.x3074257BF7194E4000001A85",
        "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
        "30003074257BF7194E4000001A85",
        "34003074257BF7194E4000001A85",
        "3000 3074 257B F719 4E40 0000 1A85",
        "3074257BF7194E4000001A853000",
        "3074257BF7194E4000001A85/3000/",
        "PC: 3000 EPC: 3074257BF7194E4000001A85",
    ],
    ("PC", ALIEN): [
        "3000E2009A9040060AF000000372",
        "0x3000E2009A9040060AF000000372",
        "3000 E200 9A90 4006 0AF0 0000 0372",
        "EPCE2009A9040060AF000000372",
    ],
    # CipherLab 1862 manual, p. 139: EPC, PC word and checksum, in its order and the air's.
    ("checksum", "343033313030313230303030"): [
        "34303331303031323030303030004221",
        "343033313030313230303030/3000/4221/",
        "343033313030313230303030-3000-4221-",
        "30003430333130303132303030304221",
    ],
    # 128 bits under their own PC word.
    ("128 bits", "00112233445566778899AABBCCDDEEFF"): ["400000112233445566778899AABBCCDDEEFF"],
}
TABLE = [(spelling, form) for (_, form), row in READ.items() for spelling in row]

# A tag stands in it, and more that nobody knows: what is offered to a person, "" where two stand.
UNCLEAR = [
    ("982000001088420?", EID),
    ("~982000001088420", EID),
    ("982000001088420 LOT 7", EID),
    ("Cow 12: 982 000001088420", EID),
    ("982000001088420/340.5", EID),
    ("982 000001088420 340.5", EID),
    ("982000001088420;340.5;kg", EID),
    ("03040 0 982 000001088420", EID),
    ("1 982000001088420", EID),
    ("MX 982000001088420", EID),
    ("VID 0412 EID 982000001088420", EID),
    ("X982000001088420Y", EID),
    ("982000001088420 12", EID),
    ("982000001088420 123456789", EID),
    ("LOT-982-000001088420-B", EID),
    ("3D6.000AC95916 cow", DOT),
    ("8000F9DCBE991A14 pen", "999123456789012"),
    ("ANT1 3074257BF7194E4000001A85", SGTIN),
    ("3074257BF7194E4000001A85 -61dBm", SGTIN),
    ("0x3000E2009A9040060AF000000372 rssi", ALIEN),
    ("8000982000001088420", EID),
    ("R0000000982000001088420", EID),
    ("R 0000000982000001088420", EID),
    ("0x03D6000AC95916", DOT),
    ("0x3D6000AC95916", DOT),
    ("3D6000AC95916", DOT),
    ("3D6 000AC95916", DOT),
    ("9820O0001088420", EID),
    ("98200000IO8842Q", EID),
    ("982 OOO OO1 O88 42O", EID),
    ("98200001088420", ""),
    ("982 00001088420", ""),
    ("9820000010884200", ""),
    ("982000001088420 982000001088421", ""),
    ("982000001088420982000001088421", ""),
    ("982.000.001088420", EID),
    ("982000001088420BC", EID),
    ("AB982000001088420", EID),
    ("0x982000001088420", EID),
    ("12-982000001088420", EID),
    ("ANT:12 3074257BF7194E4000001A85", SGTIN),
    ("12:3074257BF7194E4000001A85", SGTIN),
    ("3074257BF7194E4000001A85,-61", SGTIN),
    ("3074257BF7194E4000001A85,12", SGTIN),
    ("3074257BF7194E4000001A85 3074257BF7194E4000001A86", ""),
    ("<EPC>3074257BF7194E4000001A85</EPC>", SGTIN),
    ("982000001088420, 982000001088421", ""),
    ("urn:epc:id:sgtin:0614141.812345.6789", ""),
    ("urn:epc:tag:giai-96:0.0614141.12345400", ""),
    ("(01)80614141123458(21)6789", ""),
    ("https://id.gs1.org/01/80614141123458/21/6789", ""),
]

# What a spreadsheet made of a number: 15 digits at most are true, or as many as it shows.
ZEROED = [
    "1000000964155000000000",
    "1000000982000000000000",
    "1000000982123450000000",
    "1000000982000010000000",
    "1,000,000,982,123,450,000,000",
    "982000000000000",
    "982 000000000000",
    "840003000000000",
    "#982000000000000",
    "982,000,000,000,000",
    "1,000,000,964,155,000,000,000",
    "9.82E+14",
    "9.82E14",
    "9,82E+14",
    "9.82 E+14",
    "9.82e+014",
    "982E+12",
    "9.82x10^14",
    "9.820002e+14",
    "1.00000096415500E+21",
    "EID:9.82E+14",
    "A 9.82E+14",
    "'9.82E+14",
    "#N/A",
    "#VALUE!",
    "#NAME?",
    "########",
]

# A farm's own, however much it looks like something.
LABELS = [
    "LF123",
    "LF-123",
    "TAG 12",
    "EID 12",
    "#12",
    "A-982",
    "UK 123456 700123",
    "UK 123456 1 00123",
    "DE 09 123 45678",
    "NZ 12/1234",
    "AR 123 A 456",
    "20261127031500",
    "76-12-31-23-59-59-00",
    "36 00 00 12 34 56 78",
    "2023-0001-0002-0003",
    "12345678901234567",
    "A964000000123456",
    "E007800012345678",
    "LR 0006 0000000018514348",
    "123456789012345",
    "982999999999999",
    "LOT 3, PEN 4",
    "B1/2026",
    "0006.0000000018514348",
    "0XBULL",
    "0X3D6",
    "3D6000AC9591",
    "348000AC95916",  # begins with the hex of a country
    "3840012345678",  # hex of digits alone
    "3D6F00AC95916",  # above 38 bits
    "LOLLIOOOOOLLLIO",
    "08-2000-01088420",
    "99900001088420",
]


def test_the_table_has_sixty_spellings_and_more() -> None:
    assert len({spelling for spelling, _ in TABLE}) > 100


@pytest.mark.parametrize(("text", "form"), TABLE)
def test_what_a_text_plainly_says_is_read(text: str, form: str) -> None:
    assert normalise(text) == form
    assert normalise(f" {text.lower()} ") == form
    assert normalise(form) == form
    assert form in search_keys(text)


@pytest.mark.parametrize(("text", "reading"), UNCLEAR)
def test_a_tag_among_marks_that_nobody_knows_is_refused_and_offered(
    text: str, reading: str
) -> None:
    with pytest.raises(TagError) as refused:
        normalise(text)

    assert (refused.value.code, refused.value.reading) == ("unclear_tag", reading)
    assert reading in str(refused.value)
    assert not reading or reading in search_keys(text)


@pytest.mark.parametrize("text", ZEROED)
def test_a_number_that_a_spreadsheet_shortened_is_refused(text: str) -> None:
    with pytest.raises(TagError, match="spreadsheet") as refused:
        normalise(text)

    assert refused.value.code == "spreadsheet"


@pytest.mark.parametrize("text", LABELS)
def test_a_farms_label_stays_what_it_is(text: str) -> None:
    assert normalise(text) == text


def test_a_payload_is_corrected_for_a_person_to_confirm() -> None:
    assert corrected("hxb:B1:982000001088420?:") == f"hxb:B1:{EID}:"
    text = "event:hxbpai1|lid:7|lf:~982 000001088420|epc:E2"
    assert corrected(text) == f"event:hxbpai1|lid:7|lf:{EID}|epc:E2"
    assert corrected("hxb:B1:LF1:UHF 2") == "hxb:B1:LF1:UHF 2"
