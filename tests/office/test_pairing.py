"""`manage.py pair`: which address, which Pi, and an office that takes it while it runs."""

import io
import logging
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from hexabrand.settings.addresses import pi_addresses
from hexabrand.settings.pairing import PairingFile
from remote.office.link.client import PiClient
from remote.office.link.configuration import Configuration, first_address
from remote.office.link.finding import Finder
from remote.office.link.pairing import PairingWatch
from remote.office.mirror.mirror import Mirror
from remote.wire import PairingString
from tests.office.certificates import make_certificate
from tests.office.following import following_by, is_live
from tests.office.http_pi import HttpPi, serving
from tests.office.rows import batch
from tests.office.scripted_pi import ScriptedPi, running, until

KEY = "hxb_a-key-that-is-long-enough"
OTHER_KEY = "hxb_another-key-long-enough"


@pytest.fixture
def office(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PairingFile:
    """An office without a Pi, in a folder of its own."""
    file = PairingFile(tmp_path / "office.env")
    settings.PAIRING_FILE, settings.PI_FOUND_FILE = file, tmp_path / "found.json"
    settings.PI_CERTIFICATE_FILE = tmp_path / "pin.pem"
    monkeypatch.delenv("PI_API_KEY", raising=False)
    return file


def take(settings: Settings, file: PairingFile) -> None:
    """As the next start does."""
    for name, value in (file.values_if_changed() or {}).items():
        setattr(settings, name, value)


@pytest.mark.parametrize("typed", [[], ["-"]])
def test_the_first_address_that_is_the_pi_is_taken_and_all_are_kept(
    office: PairingFile,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    typed: list[str],
) -> None:
    """Read from standard input: the other tests give the string as an argument."""
    certificate = make_certificate(tmp_path)
    with serving(HttpPi(certificate)) as pi:
        told = PairingString(
            "192.0.2.1", pi.port, certificate.fingerprint, KEY, ("192.0.2.1", "127.0.0.1")
        )
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{told}\n"))
        call_command("pair", *typed)
    take(settings, office)
    assert (settings.REMOTE_PI_HOST, settings.PI_API_KEY) == ("127.0.0.1", KEY)
    assert [("127.0.0.1", pi.port, ""), ("192.0.2.1", pi.port, "")] == settings.PI_ADDRESSES
    assert [request[2]["X-API-Key"] for request in pi.requests] == [KEY]


def test_a_pi_with_another_certificate_gets_no_key(office: PairingFile, tmp_path: Path) -> None:
    with (
        serving(HttpPi(make_certificate(tmp_path))) as stranger,
        pytest.raises(CommandError, match="nothing is"),
    ):
        call_command("pair", str(PairingString("127.0.0.1", stranger.port, "ab" * 32, KEY)))
    assert stranger.requests == []
    assert not office.file.exists()


def test_a_second_web_process_is_added_if_it_knows_the_key(
    office: PairingFile, settings: Settings, tmp_path: Path
) -> None:
    one, two = make_certificate(tmp_path, "one"), make_certificate(tmp_path, "two")
    with serving(HttpPi(one)) as first, serving(HttpPi(two)) as second:
        call_command("pair", str(PairingString("127.0.0.1", first.port, one.fingerprint, KEY)))
        take(settings, office)
        further = str(PairingString("127.0.0.1", second.port, two.fingerprint, OTHER_KEY))
        second.answer = lambda _path, _body: (401, {"code": "bad_key", "detail": "No."}, {})
        with pytest.raises(CommandError, match="another Pi"):
            call_command("pair", "--add", further)
        second.answer = lambda _path, _body: (200, {}, {})
        call_command("pair", "--add", further)
    take(settings, office)
    assert settings.PI_ADDRESSES[1] == ("127.0.0.1", second.port, two.fingerprint)
    assert (first.port, KEY) == (settings.REMOTE_PI_PORT, settings.PI_API_KEY)
    assert {request[2]["X-API-Key"] for request in second.requests} == {KEY}


def test_without_a_pi_nothing_is_added(office: PairingFile, settings: Settings) -> None:
    settings.REMOTE_PI_HOST = ""
    with pytest.raises(CommandError, match="without --add"):
        call_command("pair", "--add", str(PairingString("127.0.0.1", 9, "ab" * 32, KEY)))


def test_the_real_environment_outranks_what_is_written(
    office: PairingFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMOTE_PI_HOST", "barn.example")
    office.file.write_text(f"REMOTE_PI_HOST=10.0.0.5\nPI_API_KEY={KEY}\n")
    values = office.values_if_changed() or {}
    assert (values["REMOTE_PI_HOST"], values["PI_API_KEY"]) == ("barn.example", KEY)
    assert office.values_if_changed() is None


@pytest.mark.parametrize(
    "text", ["REMOTE_PI_HOST=10.0", "", f"REMOTE_PI_HOST=a b\nPI_API_KEY={KEY}"]
)
def test_what_cannot_be_used_leaves_the_pairing_before_it(office: PairingFile, text: str) -> None:
    office.file.write_text(f"REMOTE_PI_HOST=10.0.0.5\nPI_API_KEY={KEY}\n")
    before = office.values_if_changed()
    office.file.write_text(text)
    with pytest.raises((ImproperlyConfigured, ValueError)):
        office.values_if_changed()
    assert office.values() == before


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.0.0.5", ("10.0.0.5", 0, "")),
        ("10.0.0.5:5011", ("10.0.0.5", 5011, "")),
        ("[fd00::9]:5011", ("fd00::9", 5011, "")),
        ("fd00::9", ("fd00::9", 0, "")),
        (f"barn.local=AB{'cd' * 31}", ("barn.local", 0, f"ab{'cd' * 31}")),
    ],
)
def test_an_address_is_written_in_these_ways(text: str, found: tuple[str, int, str]) -> None:
    assert pi_addresses(f" {text},") == [found]


@pytest.mark.parametrize("text", ["http://barn/", "barn:99999", "barn=ab", ":5001"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        pi_addresses(text)


def written(pi: ScriptedPi, **more: Any) -> dict[str, Any]:
    return {
        "REMOTE_PI_HOST": "127.0.0.1",
        "REMOTE_PI_PORT": pi.port,
        "PI_ADDRESSES": [],
        "PI_API_KEY": KEY,
        "PI_CERT_FINGERPRINT": "",
        "USE_SSL_FOR_PI": False,
        "USE_SELF_SIGNED_CERT": False,
        **more,
    }


async def test_a_running_office_turns_to_another_pi(
    office: PairingFile, caplog: pytest.LogCaptureFixture
) -> None:
    mirror, old, new = Mirror(), ScriptedPi({"batches": [batch(1)]}), ScriptedPi(seq=7)
    new.herd = {"batches": [batch(2)]}
    caplog.set_level(logging.INFO, "remote.office")
    answers: list[dict[str, Any] | Exception] = []

    def reread() -> dict[str, Any] | None:
        if not answers:
            return None
        if isinstance(answer := answers.pop(0), Exception):
            raise answer
        return answer

    async with running(old), running(new):
        configuration = Configuration.of(written(old))
        finder = Finder(PiClient(first_address(configuration)), configuration)
        async with following_by(mirror, finder, None, PairingWatch(reread)):
            await until(is_live(mirror))
            answers.append(ImproperlyConfigured("REMOTE_PI_HOST='a b' cannot be used: no."))
            await until(lambda: "REMOTE_PI_HOST='a b'" in caplog.text)
            assert mirror.link.state == "live"
            answers.append(written(new))
            await until(lambda: set(mirror.tables["batches"]) == {2}, "the herd of the other one")
            await until(is_live(mirror))
    assert set(new.keys_seen) == {KEY}
