"""REST over real sockets, and trust in exactly one certificate."""

import asyncio
import logging
import stat
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from remote.office.link.client import Person, PiClient
from remote.office.link.configuration import PiAddress
from remote.office.link.finding import recalled_finder
from remote.office.link.link_errors import CertificateChanged, NotPaired, PiRefused, PiUnreachable
from remote.office.link.pinning import Pin, store
from remote.office.mirror.mirror import Mirror
from tests.office.certificates import Certificate, make_certificate
from tests.office.following import following, is_live
from tests.office.http_pi import HttpPi, serving
from tests.office.rows import batch
from tests.office.scripted_pi import KEY, ScriptedPi, running, until


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


@pytest.fixture
def pin(tmp_path: Path) -> Pin:
    return Pin(tmp_path / "office" / "pinned.pem")


def client_of(pi: HttpPi, pin: Pin | None = None) -> PiClient:
    return PiClient(PiAddress("127.0.0.1", pi.port, KEY, tls=pin is not None, pin=pin))


# -- asking -----------------------------------------------------------------------------------


def test_the_key_is_in_the_header_and_a_write_names_its_person() -> None:
    with serving(HttpPi()) as pi:
        client_of(pi).retry_payload(7, "grace@farm", "hxb:B1:LF1:")
    method, path, headers, body = pi.requests[0]
    assert (method, path) == ("POST", "/api/remote/payloads/7/retry")
    assert headers["X-API-Key"] == KEY
    assert headers["X-Office-User"] == "grace@farm"
    assert body == {"text": "hxb:B1:LF1:"}


def test_a_reading_passes_its_filters_on() -> None:
    with serving(HttpPi()) as pi:
        pi.answer = lambda _path, _body: (200, {"data": [], "next": None}, {})
        row = client_of(pi).get("cattle/7/history", {"limit": 5})
    assert row == {"data": [], "next": None}
    assert pi.requests[0][1] == "/api/remote/cattle/7/history?limit=5"


def test_a_list_is_read_to_its_end_page_by_page() -> None:
    pages: dict[str, dict[str, Any]] = {
        "": {"data": [3, 2], "next": "p2"},
        "p2": {"data": [1], "next": None},
    }
    with serving(HttpPi()) as pi:
        pi.answer = lambda path, _body: (200, pages[path.partition("cursor=")[2]], {})
        row = client_of(pi).whole("cattle/7/history")
    assert row["data"] == [3, 2, 1]
    assert [one[1].partition("?")[2] for one in pi.requests] == ["limit=500", "limit=500&cursor=p2"]


def test_a_good_password_gives_a_person() -> None:
    with serving(HttpPi()) as pi:
        person = {"username": "grace", "display_name": "Grace H.", "role": "manager"}
        pi.answer = lambda _path, _body: (200, person, {})
        assert client_of(pi).login("grace", "pw") == Person("grace", "Grace H.", "manager")


def test_a_refusal_keeps_the_pis_words() -> None:
    problem = {"detail": "Too many tries. Wait 30 seconds.", "code": "throttled"}
    with serving(HttpPi()) as pi:
        pi.answer = lambda _path, _body: (429, problem, {"Retry-After": "30"})
        with pytest.raises(PiRefused) as refused:
            client_of(pi).login("grace", "pw")
    assert str(refused.value) == problem["detail"]
    assert (refused.value.status, refused.value.code) == (429, "throttled")
    assert refused.value.retry_after == 30


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b"\xff"])
def test_an_answer_that_is_no_object_is_not_understood(content: bytes) -> None:
    with serving(HttpPi()) as pi:
        pi.answer = lambda _path, _body: (200, content, {})
        with pytest.raises(PiRefused, match="cannot be read"):
            client_of(pi).status()


def test_a_redirect_is_refused_and_its_target_hears_nothing() -> None:
    with serving(HttpPi()) as other, serving(HttpPi()) as pi:
        target = f"http://127.0.0.1:{other.port}/api/remote/status"
        pi.answer = lambda _path, _body: (307, {}, {"Location": target})
        with pytest.raises(PiRefused, match="redirect"):
            client_of(pi).status()
    assert other.requests == []


def test_the_environments_proxy_and_authorities_are_not_asked(
    monkeypatch: pytest.MonkeyPatch, certificate: Certificate, pin: Pin
) -> None:
    with serving(HttpPi()) as proxy, serving(HttpPi(certificate)) as pi:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
        client_of(pi, pin).status()
    assert proxy.requests == []


def test_a_closed_port_is_unreachable_and_a_mute_one_is_told_apart() -> None:
    with serving(HttpPi()) as pi:
        client = client_of(pi)
    with pytest.raises(PiUnreachable, match=f"does not answer at 127.0.0.1:{pi.port}") as closed:
        client.status()
    assert not closed.value.connected


async def test_a_port_that_closes_at_once_counts_as_connected() -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    client = PiClient(PiAddress("127.0.0.1", server.sockets[0].getsockname()[1], KEY, tls=False))
    with pytest.raises(PiUnreachable) as mute:
        await asyncio.to_thread(client.status)
    server.close()
    await server.wait_closed()
    assert mute.value.connected


def test_without_address_or_key_nothing_is_asked() -> None:
    for address in (PiAddress("", 5001, KEY), PiAddress("127.0.0.1", 5001, "")):
        with pytest.raises(NotPaired, match=r"manage\.py pair"):
            PiClient(address).status()


def test_the_client_is_made_of_the_settings(tmp_path: Path) -> None:
    with override_settings(
        REMOTE_PI_HOST="fe80::1", PI_CERT_FINGERPRINT="AB:CD", PI_CERTIFICATE_FILE=tmp_path / "p"
    ):
        address = recalled_finder().client.address
    assert address.socket_url == "wss://[fe80::1]:5001/ws/remote/events"
    assert address.pin == Pin(tmp_path / "p", "abcd")


# -- trust ------------------------------------------------------------------------------------


def test_the_first_certificate_is_trusted_kept_and_logged_once(
    certificate: Certificate, pin: Pin, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(HttpPi(certificate)) as pi, caplog.at_level(logging.WARNING):
        client_of(pi, pin).status()
        client_of(pi, pin).status()
    assert pin.known() == certificate.fingerprint
    assert stat.S_IMODE(pin.file.stat().st_mode) == 0o600
    assert caplog.text.count(certificate.fingerprint) == 1


def test_a_given_fingerprint_is_compared_before_the_key_is_sent(
    certificate: Certificate, pin: Pin
) -> None:
    with serving(HttpPi(certificate)) as pi:
        wrong = Pin(pin.file, "00" * 32)
        with pytest.raises(CertificateChanged) as changed:
            client_of(pi, wrong).status()
        assert (changed.value.expected, changed.value.seen) == ("00" * 32, certificate.fingerprint)
        assert pi.requests == []
        assert wrong.known() is None
        client_of(pi, Pin(pin.file, certificate.fingerprint)).status()
    assert len(pi.requests) == 1


def test_a_changed_certificate_stops_everything(
    certificate: Certificate, pin: Pin, tmp_path: Path
) -> None:
    with serving(HttpPi(certificate)) as pi:
        client = client_of(pi, pin)
        client.status()
    other = make_certificate(tmp_path, "impostor")
    with serving(HttpPi(other, pi.port)) as impostor:
        with pytest.raises(CertificateChanged) as changed:
            client.status()
        assert certificate.fingerprint in str(changed.value)
        assert other.fingerprint in str(changed.value)
        assert impostor.requests == []
    assert pin.known() == certificate.fingerprint


def test_no_authority_of_the_world_can_vouch_for_another_certificate(
    certificate: Certificate, pin: Pin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`requests` adds its own list of authorities wherever it is not kept from it."""
    other = make_certificate(tmp_path, "impostor")
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(other.pem))
    given = Pin(pin.file, certificate.fingerprint)
    store(certificate.pem.read_text(), pin.file)
    with serving(HttpPi(other)) as impostor:
        client = client_of(impostor, given)
        with pytest.raises(CertificateChanged):
            client.status()
        assert impostor.requests == []


@pytest.mark.parametrize("days", [-400, 30])
def test_a_pinned_certificate_works_whatever_its_dates(tmp_path: Path, pin: Pin, days: int) -> None:
    with serving(HttpPi(make_certificate(tmp_path, valid_from=days))) as pi:
        client_of(pi, pin).status()
    assert len(pi.requests) == 1


def test_without_a_pin_an_unknown_authority_is_refused(certificate: Certificate) -> None:
    with serving(HttpPi(certificate)) as pi:
        client = PiClient(PiAddress("127.0.0.1", pi.port, KEY, tls=True, pin=None))
        with pytest.raises(PiUnreachable, match="No authority"):
            client.status()
    assert pi.requests == []


async def test_the_link_follows_over_tls_with_the_pinned_certificate(
    certificate: Certificate, pin: Pin
) -> None:
    mirror, pi = Mirror(), ScriptedPi({"batches": [batch(1)]})
    pi.tls = certificate.context()
    async with running(pi), following(mirror, pi.client(pin)):
        await until(is_live(mirror))
    assert list(mirror.tables["batches"]) == [1]


async def test_the_link_never_shows_its_key_to_an_impostor(
    certificate: Certificate, pin: Pin, tmp_path: Path
) -> None:
    mirror, pi, impostor = Mirror(), ScriptedPi(), ScriptedPi()
    pi.tls = certificate.context()
    other = make_certificate(tmp_path, "impostor")
    await pi.start()
    async with following(mirror, pi.client(pin)):
        await until(is_live(mirror))
        await pi.stop()
        impostor.port, impostor.tls = pi.port, other.context()
        async with running(impostor):
            await until(lambda: other.fingerprint in mirror.link.reason)
    assert mirror.link.state == "away"
    assert certificate.fingerprint in mirror.link.reason
    assert impostor.keys_seen == []
