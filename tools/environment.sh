#!/usr/bin/env bash
# Makes .venv hold exactly what a lock file names, and this project itself:
#
#   tools/environment.sh requirements.lock
set -euo pipefail
cd "$(dirname "$0")/.."
lock=$1
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "Python 3.11 or later is needed, and none was found (set PYTHON=/path/to/python3 if it is elsewhere)."
    exit 1
}

# A machine without root, sudo and python3-venv: pip runs from the wheel in the unpacked package.
create_without_ensurepip() {
    local wheels=("$PWD"/.system/usr/share/python-wheels/pip-*.whl)
    [ -e "${wheels[0]}" ] || { say "python3 cannot create virtual environments here. Install python3-venv."; exit 1; }
    "$python" -m venv --without-pip .venv
    PYTHONPATH=${wheels[0]} .venv/bin/python -m pip install -qq --no-index "${wheels[0]}"
}

python=$(find_python)
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "Creating .venv with $("$python" --version) …"
    rm -rf .venv
    PYTHON=$python tools/system_packages.sh venv
    "$python" -m venv .venv >/dev/null 2>&1 || create_without_ensurepip
fi

say "Installing what $lock names …"
.venv/bin/python -m pip install -qq --require-hashes -r "$lock"
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation --no-index -e .
