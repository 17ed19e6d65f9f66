# Sourced by the other scripts: makes .venv with pinned packages, quickly when nothing changed.
# setup EXTRAS ("" or "dev")

cd "$(dirname "${BASH_SOURCE[0]}")/.."

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$name"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found. Install it, or name it: PYTHON=/path/to/python $0" >&2
    exit 1
}

setup() {
    local extras=$1 want stamp
    want=$(cat pyproject.toml constraints.txt | cksum)
    for stamp in .venv/.dealwire-dev .venv/.dealwire-${extras:-run}; do
        if [ -x .venv/bin/dealwire ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
            return
        fi
    done
    local python
    python=$(find_python)
    echo "Setting up .venv (once; needs the package index) ..." >&2
    if [ ! -x .venv/bin/python ] && ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "$python could not make a virtual environment. On Debian: apt install python3-venv" >&2
        exit 1
    fi
    if ! .venv/bin/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".${extras:+[$extras]}"; then
        echo "The packages could not be installed; the reason stands above. Mend it and run $0 again." >&2
        exit 1
    fi
    printf '%s' "$want" >"$stamp"
}
