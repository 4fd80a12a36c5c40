#!/bin/sh
# The wheel and the sdist work without a checkout: build both twice with identical bytes, install each in a
# clean venv, use them from `/`. With an argument, keep them and an SBOM in that folder.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
keep=${1:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
export NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true
# every file in an archive gets the commit's time; zip files cannot store anything before 1980
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 315532800)
export SOURCE_DATE_EPOCH

for try in first second; do
    umask "$([ "$try" = first ] && echo 022 || echo 077)" # must not affect the build
    .venv/bin/python -m build --no-isolation --outdir "$scratch/$try" . >"$scratch/log" 2>&1 || {
        cat "$scratch/log"
        exit 1
    }
done
umask 022
diff -r "$scratch/first" "$scratch/second" || {
    echo "two builds of one commit differ" >&2
    exit 1
}
wheel=$(echo "$scratch"/first/*.whl)
sdist=$(echo "$scratch"/first/*.tar.gz)

# what people do with it, outside a checkout: `used NAME FILE` installs FILE and nothing but the locks
used() {
    "$root/.venv/bin/python" -m venv --without-pip "$scratch/$1"
    VIRTUAL_ENV=$scratch/$1 "$root/.venv/bin/uv" pip install --quiet --require-hashes -r "$root/requirements/base.txt"
    VIRTUAL_ENV=$scratch/$1 "$root/.venv/bin/uv" pip install --quiet --no-deps \
        --build-constraints "$root/requirements/dev.txt" "$2"
    incident=$scratch/$1/bin/incident
    cd /
    "$incident" --version
    "$incident" new "A wheel from anywhere" --severity P3 --owner data-platform --stdout >"$scratch/draft.md"
    mkdir "$scratch/$1/repository"
    git init -q "$scratch/$1/repository"
    cd "$scratch/$1/repository"
    path=$("$incident" -q new "A wheel from anywhere" --severity P0 --owner data-platform --no-edit)
    "$incident" lint "$scratch/$1/repository/$path" "$scratch/$1/repository"
    "$incident" -q export --out "$scratch/$1/tables" >/dev/null
    "$incident" message "$(basename "$path" .md)" --kind declared >/dev/null
    "$incident" rule what-went-well >/dev/null
    "$scratch/$1/bin/python" - "$wheel" <<'PY'
import importlib.metadata
import importlib.util
import sys
import zipfile

import incident

assert "site-packages" in incident.__file__, incident.__file__
assert importlib.util.find_spec("mkdocs") is None, "lint must work without MkDocs"
names = zipfile.ZipFile(sys.argv[1]).namelist()
for wanted in ("schemas/postmortem.schema.json", "templates/postmortem.md.j2"):
    assert f"incident/_assets/{wanted}" in names, wanted
assert not [name for name in names if "tests" in name], "the wheel holds tests"
installed = {str(file) for file in importlib.metadata.files("incident-docs") or ()}
missing = {name for name in names if ".dist-info/" not in name} - installed
assert not missing, f"not installed: {sorted(missing)[:5]}"
print(f"{len(names)} files in the wheel, all of them installed")
PY
    cd "$root"
}
used wheel "$wheel"
used sdist "$sdist"

# An empty folder becomes a repository with a wiki, from the wheel alone.
.venv/bin/python -m venv --without-pip "$scratch/wiki"
VIRTUAL_ENV=$scratch/wiki .venv/bin/uv pip install --quiet -c requirements/dev.txt "${wheel}[site,lsp,parquet]"
path=$PATH
PATH=$scratch/wiki/bin:$PATH
for folder in empty dbt other/ops; do
    mkdir -p "$scratch/$folder"
    case $folder in */*) git init -q "$scratch/${folder%/*}" ;; esac
    if [ "$folder" = dbt ]; then
        git init -q "$scratch/dbt"
        printf 'name: shop\nprofile: shop\n' >"$scratch/dbt/dbt_project.yml"
    fi
    cd "$scratch/$folder"
    incident -q init >"$scratch/created"
    incident -q new "A wiki from a wheel" --severity P1 --owner data-platform --no-edit >/dev/null
    incident -q lint
    mkdocs build --strict --quiet
    test -f site/index.html
    test -z "$(incident -q init)"
    incident -q init --diff
    echo "$folder: $(wc -l <"$scratch/created" | tr -d ' ') files, lint and wiki are clean"
done

[ -n "$keep" ] || exit 0
cd "$root"
PATH=$path
mkdir -p "$keep"
cp "$wheel" "$sdist" "$keep/"
sh tooling/dev/audit.sh sbom "$scratch/wiki" "$keep"
echo "$keep: $(cd "$keep" && echo *)"
