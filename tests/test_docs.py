"""The documents are held against the code: what is not written down does not exist."""

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import URLPattern, get_resolver

from lora.intake import WHY_UNREADABLE
from remote import wire
from tests.install.documents import inline_commands

ROOT = Path(__file__).resolve().parents[1]
OWN_APPS = ("hexabrand", "lora", "herd", "remote.api", "remote.office")


def settings_read() -> set[str]:
    """Every environment name that the settings ask for."""
    text = "".join(file.read_text() for file in (ROOT / "hexabrand/settings").glob("*.py"))
    names = re.findall(r'(?:read|environ\.get)\(\s*"([A-Z][A-Z_]+)"', text)
    return set(names)


def test_every_setting_is_documented_and_in_the_example() -> None:
    names = settings_read()
    assert {"LORA_UDP_BIND", "SECRET_KEY", "DATABASE_URL", "PI_API_KEY"} <= names
    document = (ROOT / "docs/settings.md").read_text()
    example = (ROOT / ".env.example").read_text()
    assert [name for name in names if f"`{name}`" not in document] == []
    assert [name for name in names if f"{name}=" not in example] == []


def test_the_example_names_no_setting_that_does_not_exist() -> None:
    named = set(
        re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )
    assert named - settings_read() == set()


@pytest.mark.parametrize("kind", wire.EventKind.__args__)  # type: ignore[attr-defined]
def test_every_event_kind_is_documented(kind: str) -> None:
    assert f"`{kind}`" in (ROOT / "docs/protocol.md").read_text()


def test_every_reason_of_an_unreadable_frame_is_documented() -> None:
    document = (ROOT / "docs/protocol.md").read_text()
    assert [code for code in WHY_UNREADABLE if f"`{code}`" not in document] == []


def test_every_rest_path_is_documented() -> None:
    document = (ROOT / "docs/protocol.md").read_text()
    patterns = get_resolver("remote.api.urls").url_patterns
    paths = [str(p.pattern) for p in patterns if isinstance(p, URLPattern)]
    named = [path.replace("<int:pk>", "{id}").replace("<str:name>", "{name}") for path in paths]
    names = [path for path in named if not path.startswith("^")]
    assert len(names) > 15
    assert [name for name in names if name and f"`{name}`" not in document] == []


def test_every_command_is_documented() -> None:
    document = (ROOT / "docs/settings.md").read_text()
    own = {name for name, app in get_commands().items() if app in OWN_APPS}
    assert own >= {"setup", "serve", "runworker", "runreceiver", "simulate", "pairing"}
    assert [name for name in own if f"manage.py {name}" not in document] == []


def test_every_option_in_the_documents_exists() -> None:
    commands = get_commands()
    typed = [one.text for one in inline_commands() if one.text.startswith("manage.py ")]
    named = {
        (text.split()[1], option) for text in typed for option in re.findall("--[a-z-]+", text)
    }
    known = {
        name: load_command_class(commands[name], name) for name, _ in named if name in commands
    }
    parsers = {name: command.create_parser("manage.py", name) for name, command in known.items()}
    assert len(named) > 8
    assert [
        (name, option)
        for name, option in sorted(named)
        if name in parsers and option not in parsers[name]._option_string_actions
    ] == []


def test_no_document_waits_for_its_figures() -> None:
    for file in (ROOT / "docs").rglob("*.md"):
        assert not re.search(r"^@[A-Z]+@$", file.read_text(), re.MULTILINE), file.name


def test_every_decision_is_short() -> None:
    for file in (ROOT / "docs/decisions").glob("*.md"):
        assert len(file.read_text().splitlines()) <= 20, file.name


def test_no_link_in_the_documents_is_broken() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in tracked:
        file = ROOT / name
        for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
            assert (file.parent / target).exists(), f"{name}: {target}"


def test_every_exception_to_a_check_has_its_reason() -> None:
    bare = re.compile(r"# (?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z-]+\])$")
    sources = [
        file
        for folder in ("hexabrand", "herd", "lora", "remote", "deploy", "benchmarks")
        for file in (ROOT / folder).rglob("*.py")
    ]
    lines = [
        f"{file.name}: {line.strip()}"
        for file in (ROOT / "manage.py", *sources)
        for line in file.read_text().splitlines()
        if bare.search(line)
    ]
    assert lines == []
