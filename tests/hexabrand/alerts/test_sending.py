"""Mails and webhooks on real sockets: what is in them, and what is refused."""

import hashlib
import hmac
import json
import re
import socket
from pathlib import Path

import pytest

from hexabrand.alerts.mail import MailSender
from hexabrand.alerts.outbox import DeliveryFailed
from hexabrand.alerts.rules import Event, Notice
from hexabrand.alerts.webhook import WebhookSender, signature
from hexabrand.alerts.wording import Who, one_line
from hexabrand.settings.alerting import MailServer, Security
from tests.hexabrand.alerts.sinks import (
    PASSWORD,
    USER,
    Hook,
    Mailbox,
    hook_sink,
    local_certificate,
    mail_sink,
)

ROOT = Path(__file__).resolve().parents[3]
WHO = Who("Meadow Farm", "pi", "http://office.example:5000/")
HOSTILE = "silent\r\nBcc: thief@evil.example\r\n\r\n<b>\x1b[31m\u202e" + "x" * 400


def notice(text: str = "The Pi does not answer", event: Event = "begin") -> Notice:
    return Notice(
        "a1",
        event,
        "pi-away",
        text,
        "urgent",
        "/office/status",
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:01:00Z",
    )


VET = "vet@farm.example"


def mail_to(
    box: Mailbox, security: Security = "none", password: str = "", host: str = "localhost"
) -> MailSender:
    server = MailServer(host, box.port, security, USER if password else "", password)
    return MailSender(server, "farm@farm.example", ["manager@farm.example"], WHO)


def test_what_radios_send_makes_no_header_and_no_second_line() -> None:
    with mail_sink() as box:
        mail_to(box).send([notice(HOSTILE)])
    (mail,) = box.mails
    assert mail["To"] == "manager@farm.example"
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])
    assert "Bcc: thief@evil.example" in str(mail["Subject"]), "it stands there as text"
    assert [line for line in mail.get_content().splitlines() if line.startswith("Bcc")] == []
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", mail.get_content())


def test_a_text_has_an_end_and_no_half_letter() -> None:
    assert len(one_line(HOSTILE)) == 300
    assert one_line("lone \ud800") == "lone ?"


def test_a_mail_says_what_where_and_who() -> None:
    with mail_sink() as box:
        mail_to(box).send([notice(), notice("Gaps", "end")])
    assert box.subjects() == ["[Meadow Farm] The Pi does not answer"]
    assert box.mails[0].get_content() == (
        "Needs attention:\n- The Pi does not answer\n  http://office.example:5000/office/status\n\n"
        "Over:\n- Gaps\n\nSent by HexaBrand at Meadow Farm, the Pi in the barn.\n"
    )


def test_no_name_is_looked_up_but_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask_dns(*_names: str) -> str:
        raise AssertionError("13 s without DNS")

    monkeypatch.setattr(socket, "getfqdn", ask_dns)
    with mail_sink() as box:
        mail_to(box).send([notice()])
    assert box.commands[0].startswith("ehlo [")


def test_a_mail_goes_over_tls_with_a_password_to_a_trusted_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, tls = local_certificate(tmp_path)
    with mail_sink(tls) as box:
        with pytest.raises(DeliveryFailed, match="certificate that is not trusted here"):
            mail_to(box, "starttls", PASSWORD).send([notice()])
        assert box.users == []
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        mail_to(box, "starttls", PASSWORD).send([notice()])
        assert len(box.mails) == 1
        with pytest.raises(DeliveryFailed, match="refused the user or the password") as refused:
            mail_to(box, "starttls", "wrong").send([notice()])
        assert "wrong" not in str(refused.value)


def test_what_a_mail_server_refuses_is_said() -> None:
    with mail_sink() as box:
        with pytest.raises(DeliveryFailed, match="offers no TLS"):
            mail_to(box, "starttls").send([notice()])
        box.refuse = "554 spam"
        with pytest.raises(DeliveryFailed, match=r"refused the mail\.$"):
            mail_to(box).send([notice()])
    with pytest.raises(DeliveryFailed, match="does not answer"):
        mail_to(box).send([notice()])


def test_who_of_several_gets_no_mail_is_logged_and_the_others_get_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with mail_sink() as box:
        server, both = MailServer("localhost", box.port, "none"), ["me@farm.example", VET]
        sender = MailSender(server, "farm@farm.example", both, WHO)
        box.unknown = VET
        sender.send([notice()])
        assert len(box.mails) == 1
        assert f"not for {VET}" in caplog.text
        box.unknown = "@farm.example"
        with pytest.raises(DeliveryFailed, match=f"takes no mail for .*{VET}"):
            sender.send([notice()])


def hook_to(hook: Hook, secret: str = "a-secret") -> WebhookSender:
    return WebhookSender(hook.url, secret, WHO, lambda: 1764151200.9)


def test_a_webhook_is_signed_json() -> None:
    with hook_sink() as hook:
        hook_to(hook).send([notice(HOSTILE)])
    ((headers, body, _),) = hook.requests
    row = json.loads(body)
    assert {"id", "event", "key", "text", "since", "name", "at"} <= row.keys()
    assert row["link"] == "http://office.example:5000/office/status"
    assert "\n" not in row["text"]
    mac = hmac.new(b"a-secret", b"1764151200." + body, hashlib.sha256).hexdigest()
    assert headers["X-HexaBrand-Signature"] == f"t=1764151200,v1={mac}"


def test_the_documents_worked_example_is_right() -> None:
    text = (ROOT / "docs/alerts.md").read_text()
    body = re.search(r"^\{\"id\".*\}$", text, re.MULTILINE)
    secret = re.search(r"`ALERT_WEBHOOK_SECRET=([^`]+)`", text)
    told = re.search(r"^X-HexaBrand-Signature: (t=(\d+),v1=[0-9a-f]{64})$", text, re.MULTILINE)
    assert body
    assert secret
    assert told
    assert signature(secret[1], int(told[2]), body[0].encode()) == told[1]


def test_a_webhooks_redirect_is_not_followed() -> None:
    with hook_sink() as elsewhere, hook_sink() as hook:
        hook.answers, hook.headers = [307], {"Location": elsewhere.url}
        with pytest.raises(DeliveryFailed, match="answered with 307"):
            hook_to(hook).send([notice()])
        assert elsewhere.requests == []


def test_the_environments_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with hook_sink() as proxy, hook_sink() as hook:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        hook_to(hook).send([notice()])
        assert (len(proxy.requests), len(hook.requests)) == (0, 1)


def test_a_webhook_whose_certificate_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    _, tls = local_certificate(tmp_path)
    with hook_sink(tls) as hook:
        sender = WebhookSender(f"https://localhost:{hook.port}/", "a-secret", WHO)
        with pytest.raises(DeliveryFailed, match="no certificate that is trusted here"):
            sender.send([notice()])
        assert hook.requests == []


def test_a_webhook_that_is_not_there_is_named_without_its_path() -> None:
    with hook_sink() as hook:
        pass
    with pytest.raises(DeliveryFailed, match=r"^The webhook 127\.0\.0\.1:\d+ does not answer\.$"):
        hook_to(hook).send([notice()])
    sender = WebhookSender("https://nowhere.invalid/token-in-a-path", "a-secret", WHO)
    with pytest.raises(DeliveryFailed, match=r"^The webhook nowhere\.invalid cannot be found"):
        sender.send([notice()])
