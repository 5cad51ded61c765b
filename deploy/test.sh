#!/usr/bin/env bash
# All tests: each role under its own settings, and the real processes. The Pi's suite, which mostly
# waits, runs beside the others. Fails if any suite fails.
set -uo pipefail
cd "$(dirname "$0")/.."

suite() {
    local name=$1 settings=$2
    shift 2
    echo "== $name"
    .venv/bin/python -m pytest --ds="hexabrand.settings.$settings" "$@" && return
    echo "FAILED: $name"
    return 1
}

output=$(mktemp)
trap 'trap "" INT TERM; cat "$output"; kill 0; exit 130' INT TERM
trap 'rm -f "$output"' EXIT

suite "Pi" pi tests --ignore=tests/{install,office,system,faults,fuzz} "$@" >"$output" 2>&1 &
pi=$!
suite "office" ui tests/office "$@"
office=$?
suite "whole farm" ui tests/install tests/system tests/faults tests/fuzz "$@"
farm=$?
wait $pi
pi=$?
cat "$output"

if [ "$office$farm$pi" != 000 ]; then
    echo "Not every suite passed: look for FAILED above." >&2
    exit 1
fi
echo "All suites passed."
