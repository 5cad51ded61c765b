"""Runs the office's scripts without a browser, in V8: modules that touch no page."""

import json
import re
from pathlib import Path
from typing import Any

from py_mini_racer import MiniRacer

STATIC = Path(__file__).resolve().parents[2] / "hexabrand/static"
MODULE_WORDS = re.compile(r"^import .*\n|^export ", re.MULTILINE)


class Scripts:
    """`Scripts("chute/reading.js")` knows what those modules export, and what is run in it."""

    def __init__(self, *files: str) -> None:
        self._engine = MiniRacer()
        texts = ((STATIC / name).read_text() for name in files)
        self.run("\n".join(MODULE_WORDS.sub("", text) for text in texts))

    def run(self, script: str) -> Any:
        return self._engine.eval(script)

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a function with JSON, and take its answer as JSON."""
        given = ", ".join(map(json.dumps, arguments))
        return json.loads(self.run(f"JSON.stringify({name}({given}) ?? null)"))
