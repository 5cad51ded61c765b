"""The Pi is found again by its certificate, wherever it answers; real sockets, real TLS."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from remote.office.link.client import PiClient
from remote.office.link.configuration import Configuration, Endpoint, PiAddress, first_address
from remote.office.link.finding import Finder, Found, found_client
from remote.office.link.pinning import Pin
from remote.office.mirror.mirror import Mirror
from tests.office.certificates import Certificate, make_certificate
from tests.office.following import following_by, is_live
from tests.office.http_pi import HttpPi, serving
from tests.office.scripted_pi import KEY, ScriptedPi, answer, running, until

NOWHERE = Endpoint("127.0.0.1", 9)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


@pytest.fixture
def pi(certificate: Certificate) -> Iterator[HttpPi]:
    with serving(HttpPi(certificate)) as running:
        yield running


def paired(folder: Path, certificate: Certificate, *ports: int) -> Configuration:
    shown = certificate.fingerprint
    endpoints = tuple(Endpoint("127.0.0.1", port, shown) for port in ports)
    return Configuration(endpoints, KEY, tls=True, is_pinned=True, certificate_file=folder / "pin")


def finder_of(configuration: Configuration, remembered_in: Path | None = None) -> Finder:
    client = PiClient(first_address(configuration), configuration.fingerprints)
    return Finder(client, configuration, None, remembered_in)


async def test_another_known_address_is_taken_by_rest_too(
    tmp_path: Path, certificate: Certificate, pi: HttpPi
) -> None:
    finder = finder_of(paired(tmp_path, certificate, 9, pi.port))
    assert await finder.look(here_too=True)
    assert finder.client.address.port == pi.port
    await asyncio.to_thread(finder.client.status)
    assert pi.requests[0][2]["X-API-Key"] == KEY


async def test_a_stranger_at_a_known_address_is_passed_by_and_sees_no_key(
    tmp_path: Path, certificate: Certificate
) -> None:
    with serving(HttpPi(make_certificate(tmp_path, "stranger"))) as stranger:
        finder = finder_of(paired(tmp_path, certificate, 9, stranger.port))
        assert not await finder.look(here_too=True)
        assert finder.client.address.port == 9
        assert stranger.requests == []


class Announced:
    """mDNS that says this and no more."""

    def __init__(self, *endpoints: Endpoint) -> None:
        self.endpoints = list(endpoints)

    async def run(self, found: Found) -> None:
        found(self.endpoints)
        await asyncio.Event().wait()


async def test_what_is_announced_is_believed_by_its_certificate_alone(
    tmp_path: Path, certificate: Certificate, pi: HttpPi
) -> None:
    shown = certificate.fingerprint
    with serving(HttpPi(make_certificate(tmp_path, "liar"))) as liar:
        configuration = paired(tmp_path, certificate, 9)
        client = PiClient(first_address(configuration), configuration.fingerprints)
        told = Announced(
            Endpoint("127.0.0.1", liar.port, shown),
            Endpoint("127.0.0.1", liar.port + 1, "00" * 32),
            Endpoint("127.0.0.1", pi.port, shown),
        )
        finder = Finder(client, configuration, told)
        with finder.searching():
            await asyncio.sleep(0)
            assert await finder.look(here_too=True)
        assert client.address.port == pi.port
        assert liar.requests == []


async def test_a_name_is_remembered_with_the_address_behind_it(
    tmp_path: Path, certificate: Certificate, pi: HttpPi
) -> None:
    configuration = paired(tmp_path, certificate, 9)
    named = Endpoint("localhost", pi.port, certificate.fingerprint)
    more = Configuration(
        (*configuration.endpoints, named),
        KEY,
        tls=True,
        is_pinned=True,
        certificate_file=tmp_path / "pin",
    )
    finder = finder_of(more)
    assert await finder.look(here_too=True)
    assert finder.client.address.via in {"127.0.0.1", "::1"}
    await asyncio.to_thread(finder.client.status)
    assert pi.requests[0][2]["Host"] == f"localhost:{pi.port}"


def test_the_next_start_begins_where_the_pi_answered(
    tmp_path: Path, certificate: Certificate
) -> None:
    configuration, file = paired(tmp_path, certificate, 9), tmp_path / "found.json"
    before = finder_of(configuration, file)
    moved = Endpoint("127.0.0.1", 5001, certificate.fingerprint)
    before.client.use(configuration.address_of(moved))
    before.remember()
    after = finder_of(configuration, file)
    after.recall()
    assert after.client.address.port == 5001
    other = finder_of(paired(tmp_path, make_certificate(tmp_path, "other"), 9), file)
    other.recall()
    assert other.client.address.port == 9


@pytest.mark.parametrize("is_remembered", [True, False])
def test_a_command_asks_the_pi_where_it_answers_now(
    tmp_path: Path, certificate: Certificate, pi: HttpPi, *, is_remembered: bool
) -> None:
    """Remembered by the running office, or named in the pairing beside the first address."""
    shown, file = certificate.fingerprint, tmp_path / "found.json"
    others = [] if is_remembered else [("127.0.0.1", pi.port, "")]
    if is_remembered:
        file.write_text(json.dumps({"host": "127.0.0.1", "port": pi.port, "fingerprint": shown}))
    with override_settings(
        REMOTE_PI_HOST="127.0.0.1",
        REMOTE_PI_PORT=9,
        PI_ADDRESSES=others,
        PI_API_KEY=KEY,
        PI_CERT_FINGERPRINT=shown,
        PI_CERTIFICATE_FILE=tmp_path / "pin",
        PI_FOUND_FILE=file,
    ):
        found_client().status()
    assert pi.requests[0][2]["X-API-Key"] == KEY


@pytest.mark.parametrize("text", ["", "[]", '{"host": 1}', "\x00"])
def test_a_damaged_note_is_no_hindrance(
    tmp_path: Path, certificate: Certificate, text: str
) -> None:
    file = tmp_path / "found.json"
    file.write_text(text)
    finder = finder_of(paired(tmp_path, certificate, 9), file)
    finder.recall()
    assert finder.client.address.port == 9


async def test_the_link_follows_the_pi_to_its_other_address(
    tmp_path: Path, certificate: Certificate
) -> None:
    mirror, first, second = Mirror(), ScriptedPi(), ScriptedPi()
    first.tls = second.tls = certificate.context()
    await first.start()
    async with running(second):
        finder = finder_of(paired(tmp_path, certificate, first.port, second.port))
        async with following_by(mirror, finder):
            await until(is_live(mirror))
            await first.stop()
            await until(lambda: second.keys_seen, "the other one is asked")
            await until(is_live(mirror))
            assert finder.client.address.port == second.port


async def test_a_socket_alone_is_not_live_where_rest_is_refused() -> None:
    """A Pi whose ALLOWED_HOSTS lacks the address: nobody could sign in."""
    mirror, pi = Mirror(), ScriptedPi()
    body = b'{"code": "bad_host", "detail": "This Pi is not known by that name."}'
    async with running(pi), following_by(mirror, Finder(pi.client())):
        await until(is_live(mirror))
        pi.answers["status"] = answer(400, body, Content_Type="application/json")
        await until(lambda: "not known by that name" in mirror.link.reason)
        assert mirror.link.state != "live"


@pytest.mark.parametrize(
    ("address", "url", "host"),
    [
        (PiAddress("fe80::1%eth0", 5001, KEY), "https://[fe80::1%25eth0]:5001/", "[fe80::1]:5001"),
        (PiAddress("barn", 5001, KEY, via="fd00::9"), "https://[fd00::9]:5001/", "barn:5001"),
        (PiAddress("10.0.0.5", 5001, KEY), "https://10.0.0.5:5001/", "10.0.0.5:5001"),
    ],
)
def test_the_pi_is_named_as_it_knows_itself(address: PiAddress, url: str, host: str) -> None:
    assert address.api_url.startswith(url)
    assert address.host_header == host
    assert address.socket_url.startswith(f"wss://{host}/")


def test_each_certificate_has_a_file_of_its_own(tmp_path: Path) -> None:
    with override_settings(PI_CERTIFICATE_FILE=tmp_path / "pin.pem"):
        configuration = Configuration.of(
            {
                "REMOTE_PI_HOST": "10.0.0.5",
                "REMOTE_PI_PORT": 5001,
                "PI_API_KEY": KEY,
                "PI_ADDRESSES": [("10.0.0.5", 5001, ""), ("10.0.0.6", 0, "cd" * 32)],
                "PI_CERT_FINGERPRINT": "AB:" * 31 + "AB",
                "USE_SSL_FOR_PI": True,
                "USE_SELF_SIGNED_CERT": True,
            }
        )
    one, two = configuration.addresses()
    assert one.pin == Pin(tmp_path / "pin.pem", "ab" * 32)
    assert two.pin == Pin(tmp_path / f"pin-{'cd' * 8}.pem", "cd" * 32)
    assert configuration.fingerprints == {"ab" * 32, "cd" * 32}
