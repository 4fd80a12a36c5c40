#!/bin/sh
# Lint, types and every test that is neither slow nor needs a browser, in parallel.
cd "$(dirname "$0")/../.." || exit 2
PATH="$PWD/.venv/bin:$PATH"
if ! { ruff format --check --quiet . && ruff check --quiet . && lint-imports --no-logo >/dev/null; }; then
    echo "quick: run \`make fmt\`, then \`make lint layers\`" >&2
    exit 1
fi
types=$(mktemp)
trap 'rm -f "$types"' EXIT
mypy >"$types" 2>&1 &
checking=$!
pytest -q -n 2 -m "not slow and not browser and not emulator"
tests=$?
wait "$checking"
typed=$?
cat "$types"
[ "$tests" -eq 0 ] && [ "$typed" -eq 0 ]
