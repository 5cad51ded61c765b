"""What README and docs tell people to type: every fenced block and every command in backticks.

A test asks the document for the text it types, so a changed document changes what is typed:

    ON_THE_PI = block("README.md", "make pi")
    BACKUP = command("manage.py backup")  # `manage.py backup [--to FOLDER] [--keep N]` too

Asking claims it. `tests/install/test_documents.py` fails while a command of a document is claimed
by no test, a claim stands in no document, or two tests claim the same. The tests of whole machines,
where root types, need not ask: that the words stand in one of them is enough."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
PLACEHOLDERS = re.compile(r" +(\[[^]]*\]|<[^>]*>|[A-Z]+(?![A-Z=])|…)")
PROGRAMS = {
    "make",
    "manage.py",
    "hexabrand",
    "systemctl",
    "systemd-analyze",
    "journalctl",
    "sudo",
    "apt",
    "apt-get",
    "dpkg",
    "echo",
    "export",
    "cp",
    "mv",
    "useradd",
    "git",
    "curl",
    "daphne",
    "openssl",
    "python",
    "python3",
    ".venv/bin/python",
    ".venv/bin/daphne",
    "nginx",
    "certbot",
    "sysctl",
}
ON_MACHINES = {"make", "hexabrand", "apt", "git", "journalctl", "systemctl"}


@dataclass(frozen=True, slots=True)
class Typed:
    """A text that a document tells people to type."""

    file: str
    line: int
    text: str

    @property
    def commands(self) -> list[str]:
        """Return its commands one by one: comments are left out, a line ending in `\\` goes on."""
        joined = self.text.replace("\\\n", " ")
        without = (re.sub(r"(^|\s+)# .*$", "", line).strip() for line in joined.splitlines())
        return [line for line in without if line]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text.strip().splitlines()[0]}"


_claims: dict[str, str] = {}


def claimed() -> dict[str, str]:
    """Return every claimed text with the module that claimed it."""
    return dict(_claims)


def block(file: str, beginning: str) -> Typed:
    """Return and claim the one fenced block of `file` that has a command beginning so."""
    found = [one for one in blocks(file) if any(c.startswith(beginning) for c in one.commands)]
    assert len(found) == 1, f"{file} has {len(found)} blocks with a command {beginning!r}"
    _claim(found[0].text)
    return found[0]


def command(beginning: str) -> str:
    """Return and claim a command that documents name in backticks, and all usages of it."""
    found = {one.text for one in inline_commands() if _is_usage(one.text, beginning)}
    assert found, f"no document names `{beginning}`"
    for text in found:
        _claim(text)
    return beginning


def _is_usage(text: str, beginning: str) -> bool:
    """`manage.py restore FILE [--check]` is how `manage.py restore` is used."""
    return text.startswith(beginning) and not PLACEHOLDERS.sub("", text[len(beginning) :])


def _claim(text: str) -> None:
    by = sys._getframe(2).f_globals["__name__"]
    assert _claims.setdefault(text, by) == by, f"{_claims[text]} and {by} both type: {text}"


def covers(text: str) -> bool:
    """Is this command claimed: itself, or with more behind it, alone or in a block?"""
    typed = [bare(line) for one in _claims for line in Typed("", 0, one).commands]
    return any(f"{line} ".startswith(f"{bare(text)} ") for line in typed)


def stands_in_a_test(text: str) -> bool:
    """Does a test of whole machines type this, as root?"""
    words = PLACEHOLDERS.sub("", bare(text))
    return _program(words) in ON_MACHINES and words in _machine_tests()


@cache
def _machine_tests() -> str:
    files = Path(__file__).parent.glob("test_*.py")
    return "".join(file.read_text() for file in files if file.stem != "test_documents")


def bare(line: str) -> str:
    """Return it as tables name it: `manage.py` without the Python that runs it."""
    without = re.sub(r"^([A-Z_]+=\S+ )+", "", line)
    return without.removeprefix("sudo ").removeprefix(".venv/bin/python ")


@cache
def documents() -> tuple[str, ...]:
    """Return the files that tell people what to do."""
    files = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "locale").glob("*.md")]
    return tuple(sorted(str(file.relative_to(ROOT)) for file in files))


@cache
def blocks(file: str) -> tuple[Typed, ...]:
    """Return the fenced blocks of a document that begin with a program's name."""
    return tuple(one for one in _fenced(file) if _is_typed(one))


def _fenced(file: str) -> Iterator[Typed]:
    text = (ROOT / file).read_text()
    for match in FENCE.finditer(text):
        if match[1] in {"", "sh", "bash", "console", "shell"}:
            yield Typed(file, text[: match.start()].count("\n") + 1, match[2])


def _is_typed(one: Typed) -> bool:
    """A picture, a payload or an answer begins with something else."""
    return bool(one.commands) and _program(one.commands[0]) in PROGRAMS


def listing(file: str, language: str, words: str) -> str:
    """Return the one block in this language, such as Python or YAML, that has these words."""
    fences = FENCE.finditer((ROOT / file).read_text())
    found = [match[2] for match in fences if match[1] == language and words in match[2]]
    assert len(found) == 1, f"{file} has {len(found)} blocks of {language} with {words!r}"
    return found[0]


@cache
def inline_commands() -> tuple[Typed, ...]:
    """Return every command that stands in backticks in a sentence or a table."""
    return tuple(
        Typed(file, number, code)
        for file in documents()
        for number, line in enumerate(_prose(file).splitlines(), start=1)
        for code in CODE.findall(line)
        if _program(code) in PROGRAMS and " " in code and "→" not in code
    )


def _prose(file: str) -> str:
    """Blocks become empty lines, so that line numbers stay true."""
    return FENCE.sub(lambda m: "\n" * m[0].count("\n"), (ROOT / file).read_text())


def _program(text: str) -> str:
    words = [word for word in text.split() if not re.match(r"[A-Z_]+=", word)]
    return words[0] if words else ""
