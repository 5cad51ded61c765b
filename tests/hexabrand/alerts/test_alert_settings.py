"""How the environment writes mail servers, addresses and hours; what cannot be used is said."""

from datetime import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from hexabrand.settings.alerting import (
    MailServer,
    belong_together,
    mail_addresses,
    mail_server,
    quiet_hours,
    web_address,
)
from tests.hexabrand.test_commands import manage


def test_a_mail_server_is_a_url() -> None:
    assert mail_server("smtp+tls://farm%40mail.example:p%3A%2Fw@mail.example:2525") == MailServer(
        "mail.example", 2525, "starttls", "farm@mail.example", "p:/w"
    )
    assert mail_server("smtps://mail.example") == MailServer("mail.example", 465, "tls")
    assert mail_server("smtp://[::1]") == MailServer("::1", 25, "none")
    assert "p:/w" not in repr(mail_server("smtps://me:p%3A%2Fw@mail.example"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("mail.example:25", "write smtp"),
        ("http://mail.example", "write smtp"),
        ("smtp://me:secret@mail.example", "over TLS alone"),
        ("smtps://me@mail.example", "needs a password"),
        ("smtps://mail.example:port", "Port"),
        ("smtps://mail.example/path", "write smtp"),
    ],
)
def test_a_mail_server_that_cannot_be_used_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        mail_server(text)


@pytest.mark.parametrize("text", ["me", "a@b\nBcc: c@d", "Me <a@b>", "a@b c@d"])
def test_an_address_is_nothing_but_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="write an address"):
        mail_addresses(f"ok@farm.example,{text}")


@pytest.mark.parametrize("text", ["ftp://a", "https://", "https://me:pw@a/", "https://a/\r\nX: y"])
def test_a_webhook_is_an_address_of_the_web(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        web_address(text)


def test_quiet_hours_are_two_times() -> None:
    assert quiet_hours("22:00-05:30") == (time(22), time(5, 30))
    for text in ("22-5", "24:00-05:00", "22:00", "05:00-05:00"):
        with pytest.raises(ValueError, match="times"):
            quiet_hours(text)


def test_what_belongs_together_is_given_together() -> None:
    belong_together(A="", B=[])
    belong_together(A="x", B="y")
    with pytest.raises(ImproperlyConfigured, match="A is given and B is not"):
        belong_together(A="x", B="")


@pytest.mark.parametrize("role", ["pi", "ui"])
def test_without_a_way_out_a_test_fails_and_says_what_to_set(tmp_path: Path, role: str) -> None:
    done = manage(tmp_path, "alert", "--test", role=role)
    assert done.returncode == 1
    assert "Give ALERT_EMAIL_TO and SMTP_URL" in done.stderr


def test_a_secret_of_the_alerts_is_in_no_error(tmp_path: Path) -> None:
    done = manage(tmp_path, "alert", SMTP_URL="smtp://me:hidden-word@mail.example")
    assert done.returncode == 1
    assert "SMTP_URL cannot be used" in done.stderr
    assert "hidden-word" not in done.stdout + done.stderr
