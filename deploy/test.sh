#!/usr/bin/env bash
# All tests: each role under its own settings (tests/roles.py), the real processes, and installations on fresh machines.
# The Pi's suite, which mostly waits, and most installations run beside the others; those on whole
# machines come last, so that both lines are about as long. Fails if any fails.
set -uo pipefail
cd "$(dirname "$0")/.."

suite() {
    local name=$1
    shift
    echo "== $name"
    .venv/bin/python -m pytest "$@" && return
    echo "FAILED: $name"
    return 1
}

machines=(tests/install/test_service.py tests/install/test_two_machines.py)

output=$(mktemp)
trap 'trap "" INT TERM; cat "$output"; kill 0; exit 130' INT TERM
trap 'rm -f "$output"' EXIT

beside() {
    local failed=0
    suite "Pi" tests --ignore=tests/{office,system,faults,fuzz,install} "$@" || failed=1
    suite "installed" tests/install "${machines[@]/#/--ignore=}" -rs "$@" || failed=1
    return $failed
}

beside "$@" >"$output" 2>&1 &
beside=$!
suite "office" tests/office "$@"
office=$?
suite "whole farm" tests/system tests/faults tests/fuzz "$@"
farm=$?
suite "whole machines" "${machines[@]}" -rs "$@"
whole=$?
wait $beside
beside=$?
cat "$output"

if [ "$office$farm$whole$beside" != 0000 ]; then
    echo "Not every suite passed: look for FAILED above." >&2
    exit 1
fi
echo "All suites passed."
