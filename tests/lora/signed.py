"""A barn with devices that sign, for the tests of what a signature is worth."""

from herd.models import Animal
from lora.models import DeviceCounter, LoRaPayload
from lora.retry import retry
from lora.signing import sign
from lora.worker import Worker
from tests.lora.test_worker import Barn

KEY, OTHER_KEY = bytes(range(16)), bytes(range(100, 132))
READ = "hxb:BATCH001:LF123:UHF456"
# As `openssl dgst -sha256 -mac HMAC -macopt hexkey:000102030405060708090a0b0c0d0e0f` says it of
# the text scale1:7:hxb:BATCH001:LF123:UHF456, without a line end.
MAC = "3e60fbed0ea3d20b"
ENTRIES = f"scale1={KEY.hex()},gate@udp:192.168.1.30={OTHER_KEY.hex()}"
GATE = "udp:192.168.1.30"


class SignedBarn(Barn):
    """A scale that may sign, a gate that has to, and whoever else."""

    def scale(self, counter: int, payload: str = READ, **how: float | str) -> LoRaPayload:
        return self.hear(sign(KEY, "scale1", counter, payload), **how)  # type: ignore[arg-type]

    def gate(self, counter: int, payload: str = READ, **how: float | str) -> LoRaPayload:
        text = sign(OTHER_KEY, "gate", counter, payload)
        return self.hear(text, **how)  # type: ignore[arg-type]

    def again(self, row: LoRaPayload, text: str | None = None) -> LoRaPayload:
        retry(row.pk, actor="office:ana", text=text)
        self.worker.step()
        row.refresh_from_db()
        return row

    def restart(self) -> None:
        self.worker = Worker(clock=lambda: self.clock)


def code(row: LoRaPayload) -> str:
    """The status, or why it is in error."""
    return row.error_code if row.status == "error" else row.status


def counter_of(device: str) -> int:
    return DeviceCounter.objects.get(device=device).counter


def fail(*_: object) -> Animal:
    raise RuntimeError("our own mistake")
