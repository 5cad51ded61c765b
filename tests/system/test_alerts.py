"""Alerts of the real processes: the office tells that the Pi is gone, the Pi that the office is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.hexabrand.alerts.sinks import (
    PASSWORD,
    USER,
    Hook,
    Mailbox,
    hook_sink,
    local_certificate,
    mail_sink,
)
from tests.system.farm import Farm, wait_until

pytestmark = pytest.mark.system

SECRET = "a secret of this test"
DATABASE_UNAVAILABLE = ("begin", "link:pi-away")
BACK = ("end", "link:pi-away")


@pytest.fixture(scope="module")
def farm_and_sinks(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Farm, Hook, Mailbox]]:
    folder = tmp_path_factory.mktemp("alerts")
    trusted, tls = local_certificate(folder)
    with hook_sink() as hook, mail_sink(tls) as mailbox:
        farm = Farm(folder)
        farm.given = settings_for(hook, mailbox, trusted)
        with farm:
            yield farm, hook, mailbox


def settings_for(hook: Hook, mailbox: Mailbox, trusted: Path) -> dict[str, str]:
    user, password = quote(USER, safe=""), quote(PASSWORD, safe="")
    return {
        "ALERT_AFTER": "1",
        "ALERT_OFFICE_AWAY": "2",
        "ALERT_NAME": "Meadow Farm",
        "ALERT_URL": "http://office.example:5000",
        "ALERT_WEBHOOK_URL": hook.url,
        "ALERT_WEBHOOK_SECRET": SECRET.replace(" ", "-"),
        "ALERT_EMAIL_TO": "manager@farm.example,vet@farm.example",
        "SMTP_URL": f"smtp+tls://{user}:{password}@localhost:{mailbox.port}",
        "SSL_CERT_FILE": str(trusted),
    }


def restart(farm: Farm, name: str) -> None:
    farm.processes[name].end()
    farm.start(name)


def link_of(farm: Farm) -> str:
    answer = requests.get(f"{farm.office_url}/health", timeout=5)
    return str(answer.json().get("link", "live" if answer.ok else "away"))


def nothing_waits(farm: Farm, role: str) -> bool:
    kept = json.loads((farm.root / role / f"{role}-alerts.json").read_text())
    return bool(kept["told"]) and not any(queue["waiting"] for queue in kept["queues"].values())


def test_the_pis_absence_is_told_once_and_once_that_it_is_over(
    farm_and_sinks: tuple[Farm, Hook, Mailbox],
) -> None:
    farm, hook, mailbox = farm_and_sinks
    wait_until(lambda: link_of(farm) == "live", "the office has its copy")
    farm.processes["pi web"].kill()
    wait_until(lambda: hook.told("office") and mailbox.mails, "the Pi's absence is told")
    assert hook.told("office") == [DATABASE_UNAVAILABLE]
    assert mailbox.subjects()[0].startswith("[Meadow Farm] The Pi has been away since")
    assert "http://office.example:5000/office/status" in mailbox.mails[0].get_content()
    assert mailbox.users == [USER]
    wait_until(lambda: nothing_waits(farm, "office"), "what was told is noted")

    restart(farm, "office web")
    wait_until(farm._office_answers, "the office answers")
    farm.start("pi web")
    wait_until(lambda: BACK in hook.told("office"), "the Pi's return is told")
    wait_until(lambda: len(mailbox.mails) > 1, "the Pi's return is mailed")
    assert hook.told("office") == [DATABASE_UNAVAILABLE, BACK]
    assert mailbox.subjects()[1].startswith("[Meadow Farm] Over: The Pi has been away since")
    assert len(mailbox.mails) == 2


def test_the_offices_absence_is_told_by_the_pi_also_when_that_was_restarted(
    farm_and_sinks: tuple[Farm, Hook, Mailbox],
) -> None:
    farm, hook, _ = farm_and_sinks
    assert hook.told("pi") == []
    hook.answers = [500]
    farm.processes["office web"].kill()
    wait_until(lambda: hook.told("pi"), "the office's absence is told")
    (told,) = hook.bodies("pi")
    assert told["text"].startswith("The office has not been heard since")
    assert [row["id"] for row in hook.bodies("pi", taken=500)] == [told["id"]]
    wait_until(lambda: nothing_waits(farm, "pi"), "what was told is noted")

    farm.given["DISK_RESERVE"] = "1000000"  # a terabyte: the disk is too full for it
    restart(farm, "pi web")
    farm.wait_until_pi_answers()
    wait_until(lambda: len(hook.told("pi")) > 1, "what the Pi sees alone is told")
    farm.start("office web")
    wait_until(lambda: len(hook.told("pi")) > 2, "the office's return is told")
    key = told["key"]
    assert hook.told("pi") == [("begin", key), ("begin", "disk-full"), ("end", key)]


def test_a_test_is_sent_each_way_and_a_way_that_fails_is_named(
    farm_and_sinks: tuple[Farm, Hook, Mailbox],
) -> None:
    farm, hook, mailbox = farm_and_sinks
    assert farm.manage("office", "alert", "--test") == "email: sent\nwebhook: sent\n"
    assert hook.told("office")[-1] == ("test", "test")
    assert "Meadow Farm" in mailbox.mails[-1].get_content()
    hook.answers, hook.headers = [302], {"Location": hook.url}
    with pytest.raises(AssertionError, match=r"webhook: not sent\. .* answered with 302"):
        farm.manage("pi", "alert", "--test")


def test_the_command_shows_what_stands_and_what_was_told(
    farm_and_sinks: tuple[Farm, Hook, Mailbox],
) -> None:
    told = farm_and_sinks[0].manage("office", "alert")
    assert "Told lately:" in told
    assert re.search(r"The Pi has been away since .* \(over\)$", told, re.MULTILINE)
