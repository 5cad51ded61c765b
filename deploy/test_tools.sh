#!/usr/bin/env bash
# What the tests need from Debian: Chromium for the pages, faketime and strace for the faults, `ip`,
# systemd and curl for machines in namespaces, what a fresh machine to install on has, npm for the lint
# of what the Pi describes, poppler for what is printed, and a PostgreSQL server and nginx, which they
# start for themselves.
# Installed where it is missing and root allows; what stays missing is said loudly.
set -euo pipefail

missing() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || echo chromium
    command -v faketime >/dev/null || echo faketime
    command -v strace >/dev/null || echo strace
    [ -x /usr/sbin/nginx ] || command -v nginx >/dev/null || echo nginx-light
    PATH=$PATH:/usr/sbin:/sbin command -v ip >/dev/null || echo iproute2
    [ -x /lib/systemd/systemd ] || echo systemd
    command -v curl >/dev/null || echo curl
    command -v npx >/dev/null || echo npm
    command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
    /usr/bin/python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
    command -v pdftotext >/dev/null || echo poppler-utils
    command -v openssl >/dev/null || echo openssl
    command -v msgfmt >/dev/null || echo gettext
    PATH=$PATH:/usr/sbin:/sbin command -v sysctl >/dev/null || echo procps
}

packages=$(missing | xargs)
[ -n "$packages" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests: $packages …" >&2
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086 # several words
    apt-get install -y -qq $packages >/dev/null && exit 0
fi
echo "MISSING, AND THEIR TESTS ARE SKIPPED: $packages. Type: sudo apt-get install $packages" >&2
[ -z "${CI:-}" ] # in CI nothing is skipped
