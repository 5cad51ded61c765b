#!/usr/bin/env bash
# The browser of the browser tests: Debian's Chromium. Installed where there is none and root allows.
set -euo pipefail

command -v chromium >/dev/null && exit 0
command -v chromium-browser >/dev/null && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests …" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null
    apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "NO CHROMIUM: the browser tests will be skipped. Type: sudo apt-get install chromium" >&2
[ -z "${CI:-}" ] # in CI nothing is skipped
