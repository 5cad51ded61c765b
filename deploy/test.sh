#!/usr/bin/env bash
# All tests: each role under its own settings, then the real processes. Fails if any suite fails.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
suite() {
    local name=$1 settings=$2
    shift 2
    echo "== $name"
    .venv/bin/python -m pytest --ds="hexabrand.settings.$settings" "$@" || failed+=("$name")
}

suite "Pi" pi tests --ignore=tests/{office,system,faults,fuzz} "$@"
suite "office" ui tests/office "$@"
suite "whole farm" ui tests/system tests/faults tests/fuzz "$@"

if [ ${#failed[@]} -gt 0 ]; then
    echo "FAILED: ${failed[*]}" >&2
    exit 1
fi
echo "All suites passed."
