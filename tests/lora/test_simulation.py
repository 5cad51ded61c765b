"""The simulated barn looks like a feedlot, and is the same for the same seed."""

import os
import pty
import socket
import subprocess
import sys
from collections import Counter
from itertools import islice

import pytest

from herd.commands import TagRead, TreatmentGiven
from lora.framing.frames import Frame
from lora.framing.readers import SerialDecoder
from lora.payloads import InvalidPayload, parse
from lora.simulation.barn import Feedlot
from lora.simulation.senders import SerialSender


def kinds(count: int = 5000) -> Counter[str]:
    told = Counter[str]()
    for payload in islice(Feedlot(seed=7).payloads(), count):
        parsed = parse(payload.decode("utf-8", "replace"))
        told[type(parsed).__name__] += 1
        told["export"] += isinstance(parsed, TagRead) and parsed.source == "hxe"
    return told


def test_every_kind_of_payload_is_sent_and_few_are_damaged() -> None:
    told = kinds()
    readings = {"TagRead", "Induction", "PairTags", "CheckIn", "TreatmentGiven"}
    assert set(told) >= {*readings, "InvalidPayload", "export"}
    assert 0 < told[InvalidPayload.__name__] < 0.05 * 5000
    assert told["export"] > 0


def test_what_was_treated_is_not_shipped() -> None:
    barn = Feedlot(seed=7)
    list(islice(barn.payloads(), 5000))
    said = [
        parse(one.decode("utf-8", "replace")) for one in islice(Feedlot(seed=7).payloads(), 5000)
    ]
    treated = {int(one.livestock_id) for one in said if isinstance(one, TreatmentGiven)}
    assert treated
    assert treated == {steer.number for steer in barn.steers if steer.is_treated}


def test_the_same_seed_is_the_same_barn_and_another_is_another() -> None:
    one, again, other = (list(islice(Feedlot(s).payloads(), 300)) for s in (1, 1, 2))
    assert one == again
    assert one != other


@pytest.mark.parametrize(("mode", "kind"), [([], b"hxbind"), (["--walk-over"], b"hxbchi")])
def test_it_sends_real_datagrams_and_ends_after_its_count(mode: list[str], kind: bytes) -> None:
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(20)
    to = f"127.0.0.1:{receiver.getsockname()[1]}"
    command = [sys.executable, "manage.py", "simulate", "--count=20", "--rate=2000", f"--to={to}"]
    with subprocess.Popen([*command, *mode]) as barn:
        heard = [receiver.recv(4096) for _ in range(20)]
        assert barn.wait(20) == 0
    receiver.close()
    assert any(kind in datagram for datagram in heard)
    assert any(datagram[:1] == b"\x02" for datagram in heard)


def test_a_serial_sender_prints_what_a_module_prints() -> None:
    controller, port = pty.openpty()
    sender = SerialSender(os.ttyname(port), seed=1)
    sender.send(b"hxb:B1:LF,1:U1")
    frames = SerialDecoder().feed(os.read(controller, 200))
    sender.close()
    os.close(controller)
    os.close(port)
    assert [(f.text, f.form) for f in frames if isinstance(f, Frame)] == [
        ("hxb:B1:LF,1:U1", "reyax")
    ]
