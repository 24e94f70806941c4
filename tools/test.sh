#!/bin/sh
# Set up everything that the tests need, and run them: sh tools/test.sh [arguments for pytest]
#
# The virtual environment is .venv in this folder; PYTHON chooses the interpreter that makes it. Real components
# that are no Python packages come from the system's package manager on Debian and Ubuntu; elsewhere this script
# says what to install, and the tests that need it fail and say so too.
set -eu
cd "$(dirname "$0")/.."

# A component is there when its command is, a font when fontconfig knows it.
has() {
    case "$1" in
    font:*) command -v fc-list >/dev/null 2>&1 && fc-list : family | grep -qi "${1#font:}" ;;
    nginx) PATH="$PATH:/usr/sbin" command -v nginx >/dev/null 2>&1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing=""
need() { has "$1" || missing="$missing $2"; }
need chromium chromium
need xxd xxd
need hexdump bsdextrautils
need fc-list fontconfig
need nginx nginx-light
need node nodejs
need npm npm
need tshark tshark
need tcpdump tcpdump
need bwrap bubblewrap
need "font:dejavu sans mono" fonts-dejavu-core
need "font:wenquanyi" fonts-wqy-microhei

python=${PYTHON:-python3}
"$python" -c 'import ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"

if [ -n "$missing" ]; then
    if [ -f /etc/debian_version ] && [ "$(id -u)" = 0 ]; then
        apt-get update -qq
        # shellcheck disable=SC2086 # a list of packages
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    elif [ -f /etc/debian_version ] && command -v sudo >/dev/null 2>&1; then
        sudo apt-get update -qq
        # shellcheck disable=SC2086
        sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "Some tests need these Debian packages, or their like on this system:$missing" >&2
    fi
fi

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "wsedu needs Python 3.11 or newer; name one: PYTHON=python3.12 sh tools/test.sh" >&2
    exit 2
fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
if command -v npm >/dev/null 2>&1; then
    npm ci --prefix tests/node --ignore-scripts --silent
fi
# One more than there are processors, as many tests wait for a browser, a server or a clock; who is done takes from others.
workers=$(($(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1))
exec .venv/bin/python -m pytest -n "$workers" --dist worksteal "$@"
