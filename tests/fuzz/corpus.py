"""Texts and values that have broken somebody's program before."""

from random import Random
from typing import Any

TEXTS = (
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\u202e\u0661\u0662\u0663",
    "\x1b[31mred\x1b[0m",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{% debug %}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(1)",
    "-2+3",
    "\t=1",
    "'; DROP TABLE cattle;--",
    "1 OR 1=1",
    "../../etc/passwd",
    "%00",
    "%0d%0aSet-Cookie: a=b",
    "\r\nX-Evil: 1",
    "x" * 5000,
    "9" * 400,
    "1e400",
    "NaN",
    "Infinity",
    "-0",
    "0x10",
    "٣",
    "²",
    "\uff11\uff12",
    "2026-02-30",
    "0000-00-00",
    "99999-01-01T00:00:00Z",
    "1970-01-01T00:00:00+99:99",
    "840003123456789",
    "LF1",
    "1",
    "-1",
    "9223372036854775808",
    "true",
    "null",
    "[]",
    "{}",
    "1042-9f3a1c2b",
    "0-00000000",
    "-1-0",
    "999999999999999999999-zzzzzzzz",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    2**64,
    10**30,
    1e308,
    -1e-308,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": {"c": []}}},
    [0] * 2000,
    *TEXTS,
)
BODIES = (
    b"",
    b"{",
    b"[",
    b"null",
    b"NaN",
    b'{"a":NaN}',
    b'{"a":1e999}',
    b"\xff\xfe",
    b"\x00" * 100,
    b"[" * 20_000,
    b'{"a":' * 5_000,
    b'{"text":"\\ud800"}',
    b'"' + b"x" * 60_000 + b'"',
    b"x" * 70_000,
    b"<xml/>",
    b"a=1&a=2",
    b'{"payloads":[[[]]]}',
    b'{"payload":{"a":1}}',
)


NUMBERS = (
    *("1", "0", "-1", "2", "2147483648", "9223372036854775807", "9223372036854775808"),
    *("9" * 30, "9" * 400, "9" * 4300, "9" * 5000, "1,2," + "9" * 30, "1e400", "NaN", "٣", "%00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-01 08:00:00+00:00"),
)


def number(chance: Random) -> str:
    """What stands where a number or a day should."""
    return chance.choice(NUMBERS)


def text(chance: Random) -> str:
    one = chance.choice(TEXTS)
    return one + chance.choice(TEXTS) if chance.random() < 0.2 else one


def value(chance: Random) -> Any:
    return chance.choice(VALUES)


def noise(chance: Random, most: int = 400) -> bytes:
    return chance.randbytes(chance.randint(0, most))


def mutated(data: bytes, chance: Random) -> bytes:
    """Some bytes changed, taken out, doubled."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if not out:
            break
        at = chance.randrange(len(out))
        match chance.randrange(4):
            case 0:
                out[at] = chance.randrange(256)
            case 1:
                del out[at : at + chance.randint(1, 8)]
            case 2:
                out[at:at] = out[at : at + chance.randint(1, 20)]
            case _:
                out[at:at] = chance.randbytes(chance.randint(1, 8))
    return bytes(out)
