"""systemd is told how grave each line of a service is; a terminal shows it as it is."""

import logging
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from hexabrand import logs
from hexabrand.logs import Line, without_secrets
from hexabrand.settings.alerting import MailServer
from tests.system.farm import ROOT, free_port


def run(
    state: Path, *arguments: str, given: dict[str, str] | None = None, journal: bool = True
) -> str:
    """What a command leaves on standard error, which is the journal for all that it can see."""
    file = state / "stderr"
    with file.open("wb") as stderr:
        found = os.fstat(stderr.fileno())
        stream = f"{found.st_dev}:{found.st_ino}" if journal else "1:2"
        subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            stderr=stderr,
            stdout=subprocess.DEVNULL,
            timeout=60,
            check=False,
            env={
                **os.environ,
                "HEXABRAND_STATE_DIR": str(state),
                "JOURNAL_STREAM": stream,
                "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi",
                **(given or {}),
            },
        )
    return file.read_text()


def levels(text: str) -> set[str]:
    return {found[0] if (found := re.match(r"<\d>", line)) else "" for line in text.splitlines()}


@pytest.mark.parametrize(
    "given", [{"PI_PORT": "x"}, {"LORA_UDP_BIND": "taken"}], ids=["setting", "port"]
)
def test_a_refusal_to_start_is_an_error(tmp_path: Path, given: dict[str, str]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", free_port(socket.SOCK_DGRAM)))
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        given = {name: taken if value == "taken" else value for name, value in given.items()}
        assert levels(run(tmp_path, "manage.py", "runreceiver", given=given)) == {"<3>"}
        assert levels(run(tmp_path, "manage.py", "runreceiver", given=given, journal=False)) == {""}


TROUBLED = """
import logging, os, sys, warnings, threading
from hexabrand import logs
logs.mark_standard_error()
import django; django.setup()
logging.getLogger("x").info("fine")
logging.getLogger("x").warning("odd\\nand more")
try: 1 / 0
except ZeroDivisionError: logging.getLogger("x").exception("bad")
threading.excepthook = threading.__excepthook__
thread = threading.Thread(target=lambda: 1 / 0); thread.start(); thread.join()
print("a note", file=sys.stderr)
raise ValueError("the end")
"""


def test_each_line_has_its_priority_also_of_a_traceback(tmp_path: Path) -> None:
    lines = run(tmp_path, "-c", TROUBLED).splitlines()
    assert [line for line in lines if not re.match(r"<\d>", line)] == []
    of = {line[3:].split("ERROR x: ")[-1]: line[:3] for line in lines}
    assert {of["ZeroDivisionError: division by zero"], of["ValueError: the end"], of["bad"]} == {
        "<3>"
    }
    assert of["a note"] == "<4>"
    (fine,) = [line for line in lines if line.endswith("INFO x: fine")]
    (odd,) = [line for line in lines if "WARNING x: odd" in line]
    assert (fine[:3], odd[:3]) == ("<6>", "<4>")


def test_a_terminal_sees_lines_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "is_journal", lambda: False)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "it said", (), None)
    assert Line("%(message)s").format(record) == "it said"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("X-API-Key: hxb_abcd.0123456789abcdef", "X-API-Key: ***"),
        ("key hxb_abcd.0123456789abcdef refused", "key hxb_abcd.*** refused"),
        ("pair hexabrand1:eyJoIjoiMTAuMC4wLjkifQ", "pair hexabrand1:***"),
        ("postgres://farm:s3cret/word@db/farm away", None),
        ("postgres://farm:s3cretword@db/farm away", "postgres://farm:***@db/farm away"),
        ("Recovery key: HBR-ABCD-EFGH-2345-MNOP-QRST", "Recovery key: HBR-***"),
        ("Authorization: Bearer abcdef0123456789", "Authorization: Bearer ***"),
        ("'x-api-key', b'abcdef0123456789'", "'x-api-key', b'***'"),
        ("Cookie: hexabrand_pi_session=abcdefgh12345678; a=b", None),
        ("The Pi does not answer at https://10.0.0.9:5001/api/remote/status.", ""),
        ("hxb:BATCH001:LF123:UHF456 from udp:10.0.0.1", ""),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_nothing_else(text: str, left: str | None) -> None:
    """None: that the secret is gone is enough."""
    masked = without_secrets(text)
    if left is not None:
        assert masked == (left or text)
    assert "0123456789" not in masked
    assert "abcdefgh1234" not in masked


def test_the_secrets_of_the_settings_are_masked_wherever_they_stand(settings: Settings) -> None:
    settings.SMTP_URL = MailServer("mail.example", 465, "tls", "farm", "of the mail server")
    settings.ALERT_WEBHOOK_SECRET = "of the webhook"
    logs._known.cache_clear()
    try:
        for secret in (settings.SECRET_KEY, "of the mail server", "of the webhook"):
            assert secret not in without_secrets(f"odd {secret} text")
    finally:
        logs._known.cache_clear()
