#!/bin/sh
# Run by the workflows actions.yml and follow-ups.yml: one command, plus a job summary.
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
    0) result="in sync" ;;
    3) result="some items were skipped" ;;
    *) result="failed (exit $code)" ;;
    esac
    {
        printf '## Action items: %s\n\n' "$result"
        # indented by four spaces: a code block that no title can break out of
        sed 's/^/    /' "$log" | head -c 900000
    } >>"$GITHUB_STEP_SUMMARY"
fi
exit "$code"
