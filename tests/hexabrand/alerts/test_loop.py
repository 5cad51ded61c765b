"""The loop beside the requests: real sinks, a real file, and a clock that the test moves."""

import asyncio
import logging
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hexabrand.alerts.loop import AlertLoop, Clocks
from hexabrand.alerts.mail import MailSender
from hexabrand.alerts.outbox import MOST_WAITING, Queue, Sender, Store, trouble_of
from hexabrand.alerts.rules import Notice, Rules, Seen, new_notice
from hexabrand.alerts.webhook import WebhookSender
from hexabrand.alerts.wording import Who
from hexabrand.settings.alerting import MailServer
from remote.attention import AttentionItem
from tests.hexabrand.alerts.sinks import Hook, hook_sink, mail_sink

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WHO = Who("Meadow Farm", "office")
GAPS = AttentionItem("gaps", "3 numbered events were never heard")
DATABASE_UNAVAILABLE = AttentionItem("pi-away", "The Pi does not answer", severity="urgent")


class Scene:
    """A watch that shows what the test says, and a loop that is stepped by hand."""

    role = "office"

    def __init__(self, file: Path, *senders: Sender) -> None:
        self.items: list[AttentionItem] = []
        self.now, self.trouble = 0.0, ""
        clocks = Clocks(lambda: self.now, lambda: NOON)
        self.loop = AlertLoop(self, senders, Rules(0), Store(file), clocks)

    async def look(self, told: frozenset[str], elapsed: float) -> Seen:
        return Seen(self.items)

    def memory(self) -> dict[str, Any]:
        return {"kept": 1}

    def remember(self, memory: Mapping[str, Any]) -> None:
        self.remembered = memory

    def tell_trouble(self, trouble: str) -> None:
        self.trouble = trouble

    async def show(self, *items: AttentionItem, later: float = 1.0) -> None:
        """Steps once with these, and waits for what is being sent."""
        self.items = list(items)
        self.now += later
        await self.loop.step()
        await asyncio.gather(*self.loop._sending)


def webhook(hook: Hook) -> WebhookSender:
    return WebhookSender(hook.url, "secret", WHO)


async def test_what_fails_is_sent_later_once_and_in_order(tmp_path: Path) -> None:
    with hook_sink() as hook:
        hook.answers = [500, 503]
        scene = Scene(tmp_path / "alerts.json", webhook(hook))
        await scene.show(GAPS)
        assert scene.trouble == f"The webhook 127.0.0.1:{hook.port} answered with 500."
        await scene.show(GAPS, DATABASE_UNAVAILABLE, later=0.1)
        assert len(hook.requests) == 1, "the second try waits for its time"
        await scene.show(GAPS, DATABASE_UNAVAILABLE, later=3)
        await scene.show(GAPS, DATABASE_UNAVAILABLE, later=900)
        assert hook.told() == [("begin", "gaps"), ("begin", "pi-away")]
        assert scene.trouble == ""
        await scene.show(GAPS, DATABASE_UNAVAILABLE, later=900)
        assert len(hook.requests) == 4


async def test_what_waited_when_the_process_ended_is_sent_by_the_next_one(tmp_path: Path) -> None:
    with hook_sink() as hook:
        hook.answers = [500]
        first = Scene(tmp_path / "alerts.json", webhook(hook))
        await first.show(DATABASE_UNAVAILABLE)
        second = Scene(tmp_path / "alerts.json", webhook(hook))
        assert second.remembered == {"kept": 1}
        assert "answered with 500" in second.trouble
        await second.show(DATABASE_UNAVAILABLE)
        third = Scene(tmp_path / "alerts.json", webhook(hook))
        await third.show(DATABASE_UNAVAILABLE)
        await third.show()
        await third.show(later=5)
        assert hook.told() == [("begin", "pi-away"), ("end", "pi-away")]
        refused = hook.bodies(taken=500)
        assert refused[0]["id"] == hook.bodies()[0]["id"]


async def test_several_things_at_once_are_one_mail(tmp_path: Path) -> None:
    with mail_sink() as mailbox:
        server = MailServer("127.0.0.1", mailbox.port, "none")
        mail = MailSender(server, "a@farm.example", ["b@farm.example"], WHO)
        scene = Scene(tmp_path / "alerts.json", mail)
        await scene.show(GAPS, DATABASE_UNAVAILABLE)
        assert mailbox.subjects() == ["[Meadow Farm] 2 things need attention"]
        text = mailbox.mails[0].get_content()
        assert f"- {GAPS.text}" in text
        assert f"- {DATABASE_UNAVAILABLE.text}" in text


async def test_a_way_that_hangs_holds_up_neither_the_loop_nor_the_other_way(
    tmp_path: Path,
) -> None:
    with hook_sink() as hook, socket.create_server(("127.0.0.1", 0)) as mute:
        server = MailServer("127.0.0.1", mute.getsockname()[1], "none")
        mail = MailSender(server, "a@farm.example", ["b@farm.example"], WHO)
        scene = Scene(tmp_path / "alerts.json", mail, webhook(hook))
        scene.items = [DATABASE_UNAVAILABLE]
        await scene.loop.step()
        async with asyncio.timeout(60):
            while not hook.told():
                await scene.loop.step()
                await asyncio.sleep(0.01)
        assert scene.loop._queues["email"].is_busy
        for task in scene.loop._sending:
            task.cancel()
        await asyncio.gather(*scene.loop._sending, return_exceptions=True)


async def test_a_mail_server_without_an_address_is_told(tmp_path: Path) -> None:
    mail = MailSender(
        MailServer("nowhere.invalid", 25, "none"), "a@b.example", ["c@d.example"], WHO
    )
    scene = Scene(tmp_path / "alerts.json", mail)
    await scene.show(DATABASE_UNAVAILABLE)
    assert scene.trouble == (
        "The mail server nowhere.invalid:25 cannot be found: its name has no address."
    )


class Broken:
    name, most = "broken", 1

    def send(self, notices: Sequence[Notice]) -> None:
        raise RuntimeError("a fault of ours")


async def test_a_fault_of_ours_is_logged_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(tmp_path / "alerts.json", Broken())
    await scene.show(DATABASE_UNAVAILABLE)
    assert "by a fault of this program" in caplog.text
    assert "A fault of this program" in scene.trouble


def test_more_than_there_is_room_for_goes_and_is_counted() -> None:
    queue = Queue()
    queue.put([new_notice("begin", AttentionItem(str(n), ""), NOON) for n in range(250)])
    assert [len(queue.waiting), queue.waiting[0].key] == [MOST_WAITING, "50"]
    assert trouble_of({"email": queue}) == "50 older ones were given up."


async def test_a_disk_that_takes_nothing_is_told_once_and_alerts_go_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with hook_sink() as hook:
        scene = Scene(tmp_path / "no such folder" / "alerts.json", webhook(hook))
        await scene.show(DATABASE_UNAVAILABLE)
        await scene.show(DATABASE_UNAVAILABLE, GAPS)
        assert hook.told() == [("begin", "pi-away"), ("begin", "gaps")]
        lines = [r for r in caplog.records if "cannot be saved" in r.message]
        assert len(lines) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"alerts": [{"key": 1}]}', '{"queues": 7}'])
async def test_a_file_that_is_not_understood_begins_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    caplog.set_level(logging.WARNING)
    file = tmp_path / "alerts.json"
    file.write_text(text)
    with hook_sink() as hook:
        await Scene(file, webhook(hook)).show(DATABASE_UNAVAILABLE)
        assert hook.told() == [("begin", "pi-away")]


def test_the_file_is_for_its_owner_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    Store(tmp_path / "alerts.json").save({"told": []})
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert Store(file).load() == {"told": []}
