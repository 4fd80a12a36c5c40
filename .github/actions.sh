#!/bin/sh
# What the workflows actions.yml and follow-ups.yml run: a command, and its job summary.
cd "$(dirname "$0")/.." || exit 2
PATH="$PWD/.venv/bin:$PATH"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
command=$1
shift
incident actions "$command" --yes "$@" >"$log" 2>&1
code=$?
cat "$log"
if [ -n "$GITHUB_STEP_SUMMARY" ]; then
    case $code in
    0) result="in step" ;;
    3) result="something was refused" ;;
    *) result="failed (exit $code)" ;;
    esac
    {
        printf '## Action items: %s\n\n' "$result"
        # four spaces make it a block that nothing in a title can end
        sed 's/^/    /' "$log" | head -c 900000
    } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
