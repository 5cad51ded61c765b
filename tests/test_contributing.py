"""docs/contributing.md is complete, and names what is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs/contributing.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*)`")
BUILDERS = re.compile(r"((?:`\w+`[^|`(]*)+)\(`([\w./]+\.py)`\)")


def test_each_decision_stands_in_the_index_under_its_own_title() -> None:
    titles = {
        file.name: file.read_text().splitlines()[0].removeprefix("# ")
        for file in (ROOT / "docs/decisions").glob("*.md")
    }
    index = re.findall(r"^- \[(.+)\]\(decisions/(.+)\)$", DOCUMENT, re.MULTILINE)
    assert {name: title for title, name in index} == titles
    assert [name for _, name in index] == sorted(titles)


def test_each_place_that_is_named_is_there() -> None:
    named = set(PATH.findall(DOCUMENT))
    assert len(named) > 30
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_each_builder_and_fixture_is_where_the_table_says() -> None:
    section = DOCUMENT.partition("## Builders")[2].partition("\n## ")[0]
    found = [
        (name, file)
        for names, file in BUILDERS.findall(section)
        for name in re.findall(r"`(\w+)`", names)
    ]
    assert len(found) > 25
    assert [
        f"{name} in {file}"
        for name, file in found
        if not re.search(rf"^(?:async )?(?:def|class) {name}\b", _text(file), re.MULTILINE)
    ] == []


def test_each_place_with_builders_or_fixtures_stands_in_the_table() -> None:
    shared = {
        str(file.relative_to(ROOT))
        for folder in ("herd", "lora", "remote", "office", "system", "hexabrand")
        for file in (ROOT / "tests" / folder).rglob("*.py")
        if not file.name.startswith(("test_", "__", "settings_"))
    }
    assert sorted(name for name in shared if name not in DOCUMENT) == []


def test_make_help_tells_of_every_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):(?! export)", MAKEFILE, re.MULTILINE))
    told = set(re.findall(r"^([a-z-]+):[^#=]*## \S", MAKEFILE, re.MULTILINE))
    phony = MAKEFILE.partition(".PHONY:")[2].partition("\n\n")[0].replace("\\\n", " ").split()
    assert targets == told == set(phony)
    assert phony[0] == re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE)[0] == "help"


def test_a_hook_before_a_commit_runs_what_make_check_does() -> None:
    hooks = re.findall(r"entry: (.+)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert len(hooks) == 4
    assert [hook for hook in hooks if hook not in MAKEFILE] == []


def _text(file: str) -> str:
    return (ROOT / file).read_text()
