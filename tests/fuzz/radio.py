"""The UDP port: noise, damaged packets, and real frames with bytes changed."""

import base64
import json
import socket
import time
from pathlib import Path
from random import Random

from tests.fuzz.corpus import mutated, noise, text
from tests.fuzz.tally import Tally, until
from tests.system.farm import Farm

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "frames.jsonl"


def datagrams(farm: Farm, chance: Random, seconds: float) -> Tally:
    """Afterwards a good one must be stored and applied as ever."""
    tally, samples = Tally("radio, UDP"), _samples()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", farm.udp_port))
        for _ in until(seconds):
            udp.send(_one(chance, samples)[:60_000])
            tally.sent += 1
            time.sleep(0.002)
    good = f"hxb:GOOD:LF{tally.sent}:"
    farm.hear(good)
    if farm.payload_that_says(good)["status"] != "processed":
        tally.wrong.append("a good frame afterwards was not applied")
    return tally


def _one(chance: Random, samples: list[bytes]) -> bytes:
    match chance.randrange(5):
        case 0:
            return noise(chance)
        case 1:
            return mutated(chance.choice(samples), chance)
        case 2:
            fields = [text(chance) for _ in range(chance.randint(0, 4))]
            return ":".join(["hxb", *fields]).encode("utf-8", "surrogatepass")
        case 3:
            keys = ("weight", "lid", "lf", "epc", "lot", "pen", "funder", text(chance))
            parts = [f"{chance.choice(keys)}:{text(chance)}" for _ in range(4)]
            return f"event:hxbind{chance.randrange(99)}|{'|'.join(parts)}".encode(
                "utf-8", "surrogatepass"
            )
        case _:
            return _semtech(chance)


def _semtech(chance: Random) -> bytes:
    data = base64.b64encode(noise(chance)).decode()
    body = json.dumps({"rxpk": [{"data": data, "rssi": chance.choice((-60, "x", None, 10**30))}]})
    head = bytes([2, *chance.randbytes(2), chance.choice((0, 2, 5, 9)), *chance.randbytes(8)])
    packet = head + body.encode()
    return mutated(packet, chance) if chance.random() < 0.5 else packet


def _samples() -> list[bytes]:
    lines = map(json.loads, SAMPLES.read_text().splitlines())
    return [
        bytes.fromhex(one["frame"]) if one["encoding"] == "hex" else one["frame"].encode()
        for one in lines
    ]
