"""OpenAPI and AsyncAPI of the Pi before the tools that others use: lint, parser, types.

The tools come through npx, in the versions that stand here."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.remote.api.pi import WebPi, running

REDOCLY = "@redocly/cli@2.77.0"
TYPES = "openapi-typescript@7.13.0"
TYPESCRIPT = "typescript@5.9.3"
PARSER = "@asyncapi/parser@3.6.3"
NODE = (20, 19)  # what Redocly needs
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}

PARSE = """\
const {Parser} = require("@asyncapi/parser");
const text = require("fs").readFileSync("asyncapi.yaml", "utf8");
new Parser().parse(text).then(({diagnostics}) => console.log(JSON.stringify(diagnostics
  .filter(one => one.code !== "asyncapi-latest-version")
  .map(one => [one.severity, one.code, one.message, one.path.join("/")]))));
"""

USED = """\
import type { components, paths } from "./hexabrand";

type Weigh = paths["/api/remote/cattle/{id}/weights"]["post"];
const weight: Weigh["requestBody"]["content"]["application/json"] = { weight_kg: 412.5 };
// @ts-expect-error: there is no such field
const misspelt: typeof weight = { weight_kgs: 412.5 };

export function pen(animal: components["schemas"]["Cattle"]): string | null {
  // @ts-expect-error: an animal may stand in no pen
  animal.pen.pen_number;
  return animal.pen && animal.pen.pen_number;
}

export async function cattle(): Promise<components["schemas"]["Cattle"][]> {
  type Page = paths["/api/remote/cattle"]["get"]["responses"]["200"]["content"]["application/json"];
  const page: Page = await (await fetch("/api/remote/cattle")).json();
  return page.data;
}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both descriptions, as the Pi gives them out."""
    folder = tmp_path_factory.mktemp("desk")
    _require_tools(folder)
    with running(tmp_path_factory.mktemp("pi")) as pi:
        for path, name in (("schema?format=json", "openapi.json"), ("asyncapi", "asyncapi.yaml")):
            (folder / name).write_text(_asked(pi, path))
    return folder


def _asked(pi: WebPi, path: str) -> str:
    answer = pi.ask("GET", f"../{path}")
    assert answer.status_code == 200
    return answer.text


def _require_tools(folder: Path) -> None:
    """Skip where a tool cannot be had, in CI too: a registry may be out of reach for an hour."""
    if missing := _missing(folder):
        pytest.skip(f"NOT TESTED: the lint of the descriptions. {missing}")


def _missing(folder: Path) -> str:
    wanted = f"It needs npx and node {NODE[0]}.{NODE[1]}"
    if not (shutil.which("npx") and shutil.which("node")):
        return f"{wanted}."
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(map(int, re.findall(r"\d+", told))) < NODE:
        return f"{wanted}, and here is {told.strip()}."
    fetched = npx(folder, REDOCLY, "redocly", "--version")
    return f"{REDOCLY} cannot be fetched: {fetched.stderr}" if fetched.returncode else ""


def npx(folder: Path, package: str, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["npx", "--yes", f"--package={package}", "--", *command],
        cwd=folder,
        env=os.environ | QUIET,
        check=False,
        capture_output=True,
        text=True,
        timeout=600,  # the first time it is fetched
    )


@pytest.mark.parametrize("file", ["openapi.json", "asyncapi.yaml"])
def test_the_recommended_lint_is_clean(desk: Path, file: str) -> None:
    lint = ("redocly", "lint", file, "--extends=recommended", "--format=json")
    done = npx(desk, REDOCLY, *lint, "--max-problems=1000")
    assert done.stdout.startswith("{"), done.stderr
    found = [
        (one["severity"], one["ruleId"], one["message"], one["location"][0].get("pointer"))
        for one in json.loads(done.stdout)["problems"]
    ]
    assert found == []


def test_the_parser_of_asyncapi_has_nothing_to_say(desk: Path) -> None:
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", PARSER]
    subprocess.run(install, cwd=desk, check=True, capture_output=True, timeout=600)
    done = subprocess.run(
        ["node", "-e", PARSE], cwd=desk, check=True, capture_output=True, text=True, timeout=120
    )
    assert json.loads(done.stdout) == []


def test_typescript_has_types_of_it(desk: Path) -> None:
    made = npx(desk, TYPES, "openapi-typescript", "openapi.json", "-o", "hexabrand.ts")
    assert made.returncode == 0, made.stderr
    (desk / "used.ts").write_text(USED)
    tsc = ("tsc", "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "used.ts")
    done = npx(desk, TYPESCRIPT, *tsc)
    assert done.returncode == 0, done.stdout
