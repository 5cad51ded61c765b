"""A step's objects go with it: the worker's collector of cycles hardly ever runs."""

import gc

import pytest

from benchmarks import load
from lora.framing.frames import Frame
from lora.intake import Heard, store
from lora.worker import BATCH_SIZE, Worker

pytestmark = pytest.mark.django_db

OF_DJANGO: int = 20  # objects at most: one row of ours that stays would be joined by hundreds


def test_a_step_leaves_no_cycles() -> None:
    texts = list(load.day(2 * BATCH_SIZE))
    assert any(text.startswith("hxe:") for text in texts)  # exports, which may load a truck
    store([Heard(Frame(text, "plain"), "udp:1", n) for n, text in enumerate(texts)])
    worker = Worker()
    worker.step()
    gc.collect()
    gc.disable()
    try:
        assert worker.step() == BATCH_SIZE
        assert gc.collect() < OF_DJANGO
    finally:
        gc.enable()
