#!/usr/bin/env bash
# All tests: each role under its own settings (tests/roles.py goes by the paths), the real processes,
# and installations on fresh machines. The roles' suites and the installations run beside the real
# processes, so that both lines are about as long. Fails if any fails.
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

# What waits for processes, sockets and browsers may be starved on a busy machine: what failed is tried
# once more, and told with its traceback. What fails twice fails (decision 62).
once_more=(--reruns 1 --rerun-show-tracebacks)

output=$(mktemp)
trap 'trap "" INT TERM; cat "$output"; kill 0; exit 130' INT TERM
trap 'rm -f "$output"' EXIT

beside() {
    local failed=0
    suite "office" tests/office "$@" || failed=1
    # Two workers, because it mostly waits: alone it took 670 s, and 240 with three. The office's suite
    # never waits, and gains nothing by them; the farms' measure, and want the machine to themselves.
    suite "Pi" "${once_more[@]}" -n 2 tests --ignore=tests/{office,system,faults,fuzz,install} "$@" || failed=1
    suite "installed" "${once_more[@]}" tests/install -rs "$@" || failed=1
    return $failed
}

beside "$@" >"$output" 2>&1 &
beside=$!
suite "whole farm" "${once_more[@]}" tests/system tests/faults tests/fuzz "$@"
farm=$?
wait $beside
beside=$?
cat "$output"

if [ "$farm$beside" != 00 ]; then
    echo "Not every suite passed: look for FAILED above." >&2
    exit 1
fi
echo "All suites passed."
