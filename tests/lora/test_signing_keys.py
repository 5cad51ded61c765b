"""The keys of devices: their setting, a simulated barn that has them, the documents."""

import logging
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from hexabrand.settings.environment import read
from lora import worker as worker_module
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.models import LoRaPayload
from lora.signing import DeviceKeys, read_keys, sign
from lora.simulation.barn import Feedlot, signed
from tests.lora.signed import GATE, KEY, MAC, OTHER_KEY, READ, SignedBarn, code, counter_of, fail
from tests.lora.test_worker import SECOND

ROOT = Path(__file__).resolve().parents[2]
in_database = pytest.mark.django_db


# -- the setting --------------------------------------------------------------------------------


def test_keys_and_bound_sources_are_read() -> None:
    keys = read_keys(f"a.b-c_1@serial:a@b=c#7={KEY.hex()} , b={OTHER_KEY.hex().upper()},")
    assert keys.by_device == {"a.b-c_1": KEY, "b": OTHER_KEY}
    assert keys.signer_of("serial:a@b=c#7") == "a.b-c_1"
    assert keys.signer_of("serial:a@b=c") == keys.signer_of("serial:a@b=c#8") == ""


def test_a_sources_name_is_found_in_any_case() -> None:
    keys = read_keys(f"g@gateway:AA555A0000000001={KEY.hex()}")
    assert keys.signer_of("gateway:aa555a0000000001") == "g"
    assert keys.signer_of("gateway:AA555A0000000001") == "g"


HEX = OTHER_KEY.hex()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEX, "entry 1 is not written"),
        (f"{HEX}=scale1", "entry 1 is not written"),
        (f"a={KEY.hex()},b:{HEX}", "entry 2 is not written"),
        (f"sca le={HEX}", "entry 1 is not written"),
        (f"{'s' * 31}={HEX}", "entry 1 is not written"),
        (f"scale1@={HEX}", "entry 1 is not written"),
        (f"*={HEX}", "entry 1 is not written"),
        (f"a={HEX[:30]}", "the key of entry 1 is not 16 or more bytes"),
        (f"a={HEX}f", "the key of entry 1 is not 16 or more bytes"),
        (f"a={HEX[:-1]}g", "the key of entry 1 is not 16 or more bytes"),
        (f"a={KEY.hex()},a={HEX}", "entry 2 names a device or source that an earlier one has"),
        (f"a@udp:1={KEY.hex()},b@UDP:1={HEX}", "entry 2 names a device or source"),
        (",", "it names no device"),
    ],
)
def test_a_bad_value_names_the_variable_and_the_entry_and_never_a_key(
    text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORA_DEVICE_KEYS", text)
    with pytest.raises(ImproperlyConfigured, match="LORA_DEVICE_KEYS cannot be used") as told:
        read("LORA_DEVICE_KEYS", read_keys, default=DeviceKeys(), secret=True)
    assert says in str(told.value)
    assert HEX[:16] not in f"{told.value} {told.value.__cause__}"


def test_a_start_with_a_bad_key_fails_without_showing_it(tmp_path: Path) -> None:
    given = {
        "LORA_DEVICE_KEYS": f"scale1={HEX}x",
        "HEXABRAND_STATE_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "hexabrand.settings.pi",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert "LORA_DEVICE_KEYS cannot be used: the key of entry 1" in done.stderr
    assert HEX not in done.stderr + done.stdout


@in_database
def test_a_key_is_in_no_log_message_or_representation(
    barn: SignedBarn, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = [
        barn.scale(1),
        barn.scale(1),
        barn.hear(f"sig:scale1:2:{MAC}:{READ}"),
        barn.hear(READ, source=GATE),
        barn.hear(sign(KEY, "x", 1, READ)),
    ]
    monkeypatch.setattr(worker_module, "apply", fail)
    barn.scale(5)
    shown = caplog.text + "".join(row.error_message for row in rows) + repr(barn.worker._keys)
    assert "our own mistake" in caplog.text
    for key in (KEY, OTHER_KEY):
        assert key.hex() not in shown
        assert repr(key)[2:20] not in shown


# -- a simulated barn, and the documents --------------------------------------------------------


@in_database
def test_a_simulated_barn_signs_and_counts(barn: SignedBarn) -> None:
    keys = read_keys(f"scale1={KEY.hex()}")
    sent = list(islice(signed(Feedlot(seed=5).payloads(), keys, 100), 300))
    for number, payload in enumerate(sent):
        frame = Frame(payload.decode("utf-8", "backslashreplace"), "plain")
        store([Heard(frame, "udp:10.0.0.1", number * SECOND)])
    while barn.worker.step():
        pass
    codes = {code(row) for row in LoRaPayload.objects.filter(raw_payload__startswith="sig:")}
    assert codes >= {"processed", "duplicate"}
    assert codes.isdisjoint({"replayed", "bad_signature", "malformed_signature"})
    assert counter_of("scale1") > 350


def test_what_a_simulated_barn_sends_twice_is_signed_once() -> None:
    plain = list(islice(Feedlot(seed=5).payloads(), 300))
    sent = list(islice(signed(iter(plain), read_keys(f"scale1={KEY.hex()}"), 100), 300))
    twice = [n for n in range(1, 300) if plain[n] == plain[n - 1]]
    assert twice
    assert [n for n in range(1, 300) if sent[n] == sent[n - 1]] == twice


def test_a_simulated_barn_refuses_a_bad_key_without_showing_it() -> None:
    with pytest.raises(CommandError, match="--sign cannot be used: the key of entry 1") as told:
        call_command("simulate", sign=f"scale1={HEX}x", count=1)
    assert HEX not in str(told.value)


@pytest.mark.parametrize(
    "reason",
    ["unsigned", "unknown_device", "bad_signature", "replayed", "malformed_signature"],
)
def test_every_reason_of_a_refusal_is_documented(reason: str) -> None:
    assert f"| `{reason}` |" in (ROOT / "docs/protocol.md").read_text()


def test_the_documents_example_is_right() -> None:
    assert sign(KEY, "scale1", 7, READ) in (ROOT / "docs/protocol.md").read_text()
