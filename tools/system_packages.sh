#!/usr/bin/env bash
# Makes sure that programs which no Python package brings are there:
#
#   tools/system_packages.sh [venv] [postgresql] [chromium] [wrk]
#
# What is missing is installed with apt-get, as root or through `sudo -n`. Without either, the same
# packages are downloaded and unpacked into .system/ of this tree, where the tests look as well.
set -euo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "Cannot install $1 here: $2"
    say "Please install it yourself (Debian and Ubuntu: apt-get install $1) and run the command again."
    exit 1
}

# Each has_… answers whether the program is there and works.
has_venv() { "${PYTHON:-python3}" -c 'import ensurepip, venv; ensurepip.version()' 2>/dev/null; }

has_postgresql() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ||
        compgen -G "$PWD/.system/usr/lib/postgresql/*/bin/initdb" >/dev/null ||
        { command -v initdb && command -v postgres; } >/dev/null
}

has_chromium() {
    local browser
    for browser in chromium chromium-browser google-chrome; do
        "$browser" --version >/dev/null 2>&1 && return 0
    done
    compgen -G "$HOME/.cache/ms-playwright/chromium-*" >/dev/null
}

has_wrk() { command -v wrk >/dev/null; }

packages_for() {
    case $1 in
        venv) "${PYTHON:-python3}" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])' ;;
        chromium) echo chromium fonts-liberation ;; # a page without fonts is a page of boxes
        *) echo "$1" ;;
    esac
}

as_administrator() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_administer() { [ "$(id -u)" = 0 ] || { command -v sudo && sudo -n true; } >/dev/null 2>&1; }

# Debian's postgresql-common creates and starts a cluster on installation; the tests have their own.
install_for_everybody() {
    local settings=/etc/postgresql-common/createcluster.conf
    say "Installing $* with apt-get …"
    as_administrator apt-get update -qq </dev/null >/dev/null || true
    if [ "$1" = postgresql ] && [ ! -e "$settings" ]; then
        as_administrator mkdir -p "$(dirname "$settings")"
        echo 'create_main_cluster = false' | as_administrator tee "$settings" >/dev/null
    fi
    as_administrator apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Options::=--force-confold "$@" </dev/null >/dev/null
}

unpack_for_this_tree() {
    local archives="$PWD/.system/archives" lists="$PWD/.system/lists" archive
    local apt=(apt-get -qq -o Debug::NoLocking=1 -o "Dir::Cache::archives=$archives" -o "Dir::State::Lists=$lists"
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=)
    say "Neither root nor sudo: unpacking $* into .system/ …"
    mkdir -p "$archives/partial" "$lists/partial"
    "${apt[@]}" update </dev/null >/dev/null || return 1
    "${apt[@]}" install -y --no-install-recommends --download-only "$@" </dev/null >/dev/null || return 1
    for archive in "$archives"/*.deb; do dpkg-deb -x "$archive" .system; done
    rm -rf "$archives" "$lists"
}

provide() {
    local program=$1 packages
    read -ra packages < <(packages_for "$program")
    command -v apt-get >/dev/null || give_up "${packages[*]}" "there is no apt-get on this machine."
    if may_administer; then
        install_for_everybody "${packages[@]}" || true
    else
        unpack_for_this_tree "${packages[@]}" ||
            give_up "${packages[*]}" "there is neither root nor sudo, and apt-get could not download it."
    fi
    if [ "$program" = chromium ] && ! has_chromium && [ -x .venv/bin/playwright ]; then
        say "Asking Playwright for its own Chromium …"
        .venv/bin/playwright install chromium </dev/null >/dev/null || true
    fi
    # Unpacked python3-venv is used by tools/environment.sh from where it lies.
    [ "$program" = venv ] || "has_$program" || give_up "${packages[*]}" "apt-get did not bring it (see its message above)."
}

for program in "$@"; do
    "has_$program" || provide "$program"
done
