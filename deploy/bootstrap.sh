#!/usr/bin/env bash
# Makes .venv and installs what the given requirements name. Does nothing when all of it is there,
# and makes .venv anew where it is of no use any more.
# Usage: [PYTHON=python3.13] deploy/bootstrap.sh requirements.txt|requirements-dev.txt
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=${1:-requirements.txt}
wanted=${PYTHON:-}
python=${PYTHON:-python3}
venv=.venv/bin/python
abi_file=.venv/.abi         # for which Python the packages are
at_work=.venv/.installing   # stands while packages are put in: found later, that was cut off

fail() { printf 'HexaBrand: %s\n' "$1" >&2; exit 1; }

# Such as cpython-311-x86_64-linux-gnu; nothing for a Python that does not run.
abi() { "$1" -c 'import sysconfig; print(sysconfig.get_config_var("SOABI"))' 2>/dev/null || true; }

is_usable() { # a Python's minor version, or its machine, may have changed under it
    local has
    has=$(abi $venv)
    [ -n "$has" ] && $venv -c 'import pip' 2>/dev/null \
        && { [ ! -f $abi_file ] || [ "$(cat $abi_file)" = "$has" ]; } \
        && { [ -z "$wanted" ] || [ "$(abi "$wanted")" = "$has" ]; }
}

is_complete() { is_usable && [ ! -e $at_work ] && $venv deploy/virtual_environment.py missing "$requirements" >/dev/null; }

done_here() { # scripts in .venv/bin name the folder that they were made in
    [ -f $abi_file ] || [ ! -w .venv ] || abi $venv >$abi_file
    $venv deploy/virtual_environment.py relocate .venv 2>/dev/null || true
    exit 0
}

check_python() {
    command -v "$python" >/dev/null \
        || fail "$python was not found. Install Python 3.11 or later; on Debian: sudo apt-get install python3 python3-venv"
    case $("$python" -c '
import sys
if sys.version_info < (3, 11):
    print("old")
elif sys.maxsize < 2 ** 32:
    print("narrow")
else:
    try:
        import ensurepip, venv
    except ImportError:
        print("bare")
' 2>&1) in
        "") ;;
        old) fail "$("$python" --version 2>&1) is too old; 3.11 or later is needed. Name another with PYTHON=…" ;;
        narrow) fail "$python is a 32-bit Python, and HexaBrand runs on 64-bit ones alone. On a Raspberry Pi, install the 64-bit system." ;;
        bare) fail "$python lacks venv. On Debian: sudo apt-get install python3-venv (for PYTHON=python3.13: python3.13-venv)" ;;
        *) fail "$python does not run." ;;
    esac
}

check_owner() {
    local place
    for place in . .venv .bootstrap.lock; do
        [ ! -e $place ] || [ -w $place ] || fail "$(realpath $place) belongs to $(stat -c %U $place), and $(id -un) may not write there. Type: sudo chown -R $(id -un) \"$PWD\""
    done
}

wait_for_others() { # the kernel lets go of the lock however they end
    exec 9>>.bootstrap.lock
    command -v flock >/dev/null || return 0
    flock -n 9 && return
    echo "HexaBrand: another installation is at work in this folder; waiting for it …" >&2
    flock -w 900 9 || fail "the other installation has not ended for 15 minutes; end it, and try again."
}

explain() { # $1: what a failed program said
    local said=$1
    printf '%s\n' "$said" | tail -n 8 >&2
    # `python -m venv` keeps the reason to itself.
    [ "$(df -Pk . | awk 'NR == 2 { print $4 }')" -gt 4096 ] || said="No space left"
    case $said in
        *"No space left"*|*"Disk quota exceeded"*|*"os error 28"*)
            fail "the disk is full. Make room (df -h tells where there is some) and type it again." ;;
        *"Permission denied"*)
            fail "some of .venv belongs to another user. Type: sudo chown -R $(id -un) \"$PWD/.venv\"" ;;
        *"Retrying ("*|*"onnection"*|*"name resolution"*|*"ailed to fetch"*|*"dns error"*|*"imed out"*|*"unreachable"*)
            fail "could not fetch the packages. Is this machine in a network that reaches pypi.org? What was fetched is kept; type it again." ;;
        *) fail "the installation did not succeed; what the installer said stands above." ;;
    esac
}

make_venv() {
    check_python
    rm -rf .venv-old
    [ ! -e .venv ] && [ ! -L .venv ] || mv .venv .venv-old # at once: a half-deleted one might look usable
    rm -rf .venv-old
    local said
    said=$("$python" -m venv .venv 2>&1) || explain "$said"
    abi $venv >$abi_file
}

install_packages() {
    local said
    echo "Installing $requirements …" >&2
    touch $at_work
    if command -v uv >/dev/null; then
        said=$(uv pip install --quiet --python $venv --require-hashes -r "$requirements" 2>&1) \
            || explain "$said"
    else
        said=$($venv -m pip install --quiet --disable-pip-version-check --require-hashes \
            -r "$requirements" 2>&1) || explain "$said"
    fi
    sync -f .venv 2>/dev/null || sync # else a power cut within the next half minute leaves empty files that look installed
    rm -f $at_work
}

[ -f "$requirements" ] || fail "there is no $requirements."
if is_complete; then done_here; fi
check_owner
wait_for_others
if is_complete; then done_here; fi
# To pip, a package that is there in part is there.
if ! is_usable || ! $venv deploy/virtual_environment.py broken >/dev/null; then make_venv; fi
install_packages
is_complete || fail "the installer ended well, but not all is there. Delete .venv and type it again."
done_here
