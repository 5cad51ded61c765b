"""The pairing string: all addresses in it, and both directions between old and new."""

import base64
import json

import pytest
from pytest_django import Settings

from remote.api.offices import pairing_string
from remote.wire import PAIRING_PREFIX, BadPairing, PairingString


def unpacked(text: str) -> dict[str, object]:
    packed = text.removeprefix(PAIRING_PREFIX)
    body: dict[str, object] = json.loads(
        base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    )
    return body


def packed(body: object) -> str:
    encoded = base64.urlsafe_b64encode(json.dumps(body).encode()).decode()
    return PAIRING_PREFIX + encoded.rstrip("=")


def test_the_string_names_every_address_and_an_older_office_reads_the_first(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.PI_BIND, settings.PI_PORT = "0.0.0.0", 5011
    monkeypatch.setattr(
        "remote.api.offices.reachable_addresses", lambda _bind: ["10.0.0.5", "10.1.0.5"]
    )
    monkeypatch.setattr("socket.gethostname", lambda: "barn")
    body = unpacked(pairing_string("ab" * 32, "key"))
    assert body == {
        "h": "10.0.0.5",
        "p": 5011,
        "f": "ab" * 32,
        "k": "key",
        "a": ["10.0.0.5", "10.1.0.5", "barn.local"],
        "n": "barn",
    }
    assert unpacked(pairing_string("ab" * 32, "key", "10.1.0.5"))["a"] == [
        "10.1.0.5",
        "10.0.0.5",
        "barn.local",
    ]


def test_a_pi_on_one_address_names_no_other(settings: Settings) -> None:
    settings.PI_BIND = "10.0.0.5"
    assert unpacked(pairing_string("ab" * 32, "key"))["a"] == ["10.0.0.5"]


def test_an_older_pis_string_is_read() -> None:
    old = {"h": "10.0.0.5", "p": 5001, "f": "ab" * 32, "k": "key"}
    assert PairingString.parse(packed(old)) == PairingString("10.0.0.5", 5001, "ab" * 32, "key")


def test_what_is_written_is_read_again() -> None:
    told = PairingString("10.0.0.5", 5001, "ab" * 32, "key", ("10.0.0.5", "barn.local"), "barn")
    assert PairingString.parse(str(told)) == told


@pytest.mark.parametrize("body", [[], 7, {"h": "x"}, {"h": "x", "p": 1, "f": "", "k": "", "a": 7}])
def test_what_is_no_pairing_is_refused(body: object) -> None:
    with pytest.raises(BadPairing):
        PairingString.parse(packed(body))
