#!/bin/sh
# Everything that must hold, part by part; fails at the end when any part failed.
cd "$(dirname "$0")/../.." || exit 2
PATH="$PWD/.venv/bin:$PATH"
passed=0
failed=""
count=0

part() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    begun=$(date +%s)
    if "$@"; then
        passed=$((passed + 1))
        result=ok
    else
        failed="$failed, $name"
        count=$((count + 1))
        result=FAILED
    fi
    printf -- '-- %s: %s (%s s)\n' "$name" "$result" "$(($(date +%s) - begun))"
}

part "format" ruff format --check .
part "ruff" ruff check .
part "types" mypy
part "layers" lint-imports --no-logo
part "workflows" zizmor --offline --quiet --pedantic .github action.yml
part "actionlint" actionlint
part "workflow schema" check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
part "action schema" check-jsonschema --builtin-schema vendor.github-actions action.yml
part "issue form schema" check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
part "dependabot schema" check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
part "Chromium" sh tooling/dev/chromium.sh
part "GitHub emulator" sh tooling/dev/emulate.sh
part "tests" pytest -q -n 2 --dist loadfile
part "wheel" sh tooling/dev/wheel.sh
part "archive" incident lint incidents
part "wiki" mkdocs build --strict --quiet
part "public edition" mkdocs build --strict --quiet -f mkdocs.public.yml
part "ProperDocs" sh tooling/dev/properdocs.sh

printf '\n'
[ -z "$failed" ] || printf 'failed: %s\n' "${failed#, }"
printf '%s passed, %s failed\n' "$passed" "$count"
[ "$count" -eq 0 ]
