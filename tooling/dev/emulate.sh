#!/bin/sh
# The tests of `incident actions` need a GitHub API on loopback: emulate, a Node program, pinned.
cd "$(dirname "$0")/../emulate" || exit 2
if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then
    if [ -f node_modules/.installed ] && [ node_modules/.installed -nt package-lock.json ]; then
        echo "GitHub emulator: already installed"
        exit 0
    fi
    echo "GitHub emulator: installing emulate with npm"
    if npm ci --ignore-scripts --silent && : >node_modules/.installed; then
        exit 0
    fi
    echo "GitHub emulator: npm could not install it; its tests will be skipped" >&2
else
    echo "GitHub emulator: needs Node.js 20 or newer with npm; its tests will be skipped" >&2
fi
[ "$CI" != true ] # in CI they must run
