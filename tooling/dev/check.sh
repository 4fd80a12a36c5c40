#!/bin/sh
# Every check, part by part; fails at the end if any part failed. Parts that are not tests run in parallel
# with the tests, which often wait. SKIP="browser emulator wheel" skips these.
cd "$(dirname "$0")/../.." || exit 2
PATH="$PWD/.venv/bin:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

part() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    begun=$(date +%s)
    result=ok
    "$@" || result=FAILED
    printf '%s %s\n' "$result" "$name" >>"$scratch/results"
    printf -- '-- %s: %s (%s s)\n' "$name" "$result" "$(($(date +%s) - begun))"
}

without() {
    case " $SKIP " in *" $1 "*) true ;; *) false ;; esac
}

schema() {
    kind=$1
    shift
    part "$kind schema" check-jsonschema --builtin-schema "vendor.$kind" "$@"
}

in_parallel() {
    part "types" mypy
    part "workflows" zizmor --offline --quiet --pedantic .github action.yml history/action.yml
    part "actionlint" actionlint
    schema github-workflows .github/workflows/*.yml
    schema github-actions action.yml history/action.yml
    schema github-issue-forms .github/ISSUE_TEMPLATE/*.yml
    schema dependabot .github/dependabot.yml
    part "archive" incident lint incidents
    part "wiki" mkdocs build --strict --quiet
    part "wording" python tooling/dev/wording.py
    part "public edition" mkdocs build --strict --quiet -f mkdocs.public.yml
    part "ProperDocs" sh tooling/dev/properdocs.sh
    without wheel || part "wheel" sh tooling/dev/wheel.sh
}

part "format" ruff format --check .
part "ruff" ruff check .
part "layers" lint-imports --no-logo
chosen="not integration"
if without browser; then chosen="$chosen and not browser"; else part "Chromium" sh tooling/dev/chromium.sh; fi
if without emulator; then
    chosen="$chosen and not emulator"
else
    part "GitHub emulator" sh tooling/dev/emulate.sh
fi
in_parallel >"$scratch/log" 2>&1 &
others=$!
# one worker more than cores: the longest files come first (conftest.py), and some of them wait
workers=$(($(getconf _NPROCESSORS_ONLN) + 1))
part "tests" pytest -q -n "$workers" --dist loadfile --no-loadscope-reorder -m "$chosen"
wait "$others"
cat "$scratch/log"

failed=$(sed -n 's/^FAILED //p' "$scratch/results")
printf '\n'
[ -z "$failed" ] || printf 'failed: %s\n' "$(echo "$failed" | paste -sd , - | sed 's/,/, /g')"
printf '%s passed, %s failed\n' "$(grep -c '^ok ' "$scratch/results")" "$(grep -c '^FAILED ' "$scratch/results")"
[ -z "$failed" ]
