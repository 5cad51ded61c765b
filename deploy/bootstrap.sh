#!/usr/bin/env bash
# Makes .venv and installs what the given requirements name. Does nothing when nothing has changed.
# Usage: deploy/bootstrap.sh requirements.txt|requirements-dev.txt
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=${1:-requirements.txt}
python=${PYTHON:-python3}

fail() { printf 'HexaBrand: %s\n' "$1" >&2; exit 1; }

command -v "$python" >/dev/null || fail "Python is missing. Install python3, 3.11 or later."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$("$python" --version) is too old; 3.11 or later is needed. Set PYTHON=… to another."
"$python" -c 'import venv, ensurepip' 2>/dev/null \
    || fail "Python lacks venv. On Debian type: sudo apt-get install python3-venv"

exec 9>.bootstrap.lock
flock 9 2>/dev/null || true # two at once: the second finds all done

stamp=.venv/.installed
# requirements-dev.txt holds all of requirements.txt: an environment for development serves both.
wanted=$(sha256sum "$requirements" | cut -d' ' -f1)
if [ -f "$stamp" ] && grep -q "$wanted" "$stamp"; then exit 0; fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "Installing $requirements …" >&2
if command -v uv >/dev/null; then
    uv pip install --quiet --python .venv/bin/python --require-hashes -r "$requirements"
else
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r "$requirements"
fi
sha256sum "$requirements" | cut -d' ' -f1 >>"$stamp"
if [ "$requirements" = requirements-dev.txt ]; then
    sha256sum requirements.txt | cut -d' ' -f1 >>"$stamp"
fi
