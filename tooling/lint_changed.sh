#!/bin/sh
# Lint the postmortems that a pull request changes: annotations, and a job summary with everything.
# Usage: lint_changed.sh BASE   (a commit; the merge base with it is what counts)
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
summary=${GITHUB_STEP_SUMMARY:-/dev/null}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

# -z: a file name may hold anything, a line end too
git diff -z --name-only --diff-filter=ACMR --merge-base "$1" HEAD -- 'incidents/*.md' >"$scratch/files"
if [ ! -s "$scratch/files" ]; then
    echo "No postmortem changed." | tee -a "$summary"
    exit 0
fi

failed=0
xargs -0 incident --quiet lint --output-format github -- <"$scratch/files" || failed=1
xargs -0 incident --color never lint --output-format full -- <"$scratch/files" \
    >"$scratch/report" 2>"$scratch/counts" || failed=1
{
    if [ "$failed" -eq 0 ]; then echo "## Postmortems: ready"; else echo "## Postmortems: not complete yet"; fi
    echo
    cat "$scratch/counts"
    if [ -s "$scratch/report" ]; then
        # a fence longer than any in the report, so that no text of a document can end it
        fence='``````````````````````'
        printf '\n%stext\n' "$fence"
        head -c 900000 "$scratch/report" | sed 's/`\{10,\}/`/g'
        printf '\n%s\n' "$fence"
    fi
} >>"$summary"
exit "$failed"
