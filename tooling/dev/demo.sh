#!/bin/sh
# The main workflow, end to end: declare, check, publish.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/.venv/bin:$PATH"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

step() { printf '\n\033[1m%s\033[0m\n' "$1"; }

cp -R incidents "$scratch/"
git init -q "$scratch"

step "1. Declare an incident: a draft in ten seconds"
echo '$ incident new "Orders arrive twice after a backfill" --severity P1 --owner data-platform'
path=$(cd "$scratch" && incident new "Orders arrive twice after a backfill" --severity P1 \
    --owner data-platform --kind volume --detected-at 30m --asset dbt:model.tidewater.fct_orders --no-edit)
echo "$path"
(cd "$scratch" && incident lint "$path")

step "2. Request its review: lint reports what is missing"
sed -i.bak 's/^status: draft/status: in_review/' "$scratch/$path" && rm "$scratch/$path.bak"
printf '$ incident lint %s\n\n' "$path"
if (cd "$scratch" && incident lint "$path"); then
    echo "an unfinished postmortem passed" >&2
    exit 1
fi

step "3. The archive is complete"
echo '$ incident lint incidents'
incident lint incidents

step "4. The wiki"
echo '$ mkdocs build --strict'
mkdocs build --strict --quiet
echo "built: site/index.html ($(find site/incidents -name index.html | wc -l | tr -d ' ') pages of incidents)"
if [ "${SERVE:-1}" != 0 ]; then
    port=${PORT:-8000}
    printf '\n\033[1mhttp://127.0.0.1:%s/\033[0m  (Ctrl-C ends it)\n' "$port"
    exec mkdocs serve --quiet --dev-addr "127.0.0.1:$port"
fi
