#!/bin/sh
# The wheel works where no checkout is: build, install in a clean venv, use it from `/`.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM

.venv/bin/python -m build --no-isolation --outdir "$scratch/dist" . >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    exit 1
}
.venv/bin/python -m venv --without-pip "$scratch/venv"
VIRTUAL_ENV=$scratch/venv
export VIRTUAL_ENV
"$root/.venv/bin/uv" pip install --quiet --require-hashes -r requirements/base.txt
"$root/.venv/bin/uv" pip install --quiet --no-deps "$scratch"/dist/*.whl
incident=$scratch/venv/bin/incident

cd /
"$incident" --version
"$incident" new "A wheel from anywhere" --severity P3 --owner data-platform --stdout >"$scratch/draft.md"
mkdir "$scratch/repository"
git init -q "$scratch/repository"
path=$(cd "$scratch/repository" && "$incident" -q new "A wheel from anywhere" --severity P0 --owner data-platform --no-edit)
"$incident" lint "$scratch/repository/$path" "$scratch/repository"
(cd "$scratch/repository" && "$incident" -q export --out "$scratch/tables" >/dev/null)
(cd "$scratch/repository" && "$incident" message "$(basename "$path" .md)" --kind declared >/dev/null)
"$incident" rule what-went-well >/dev/null
"$scratch/venv/bin/python" - "$scratch"/dist/*.whl <<'PY'
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
print(f"wheel: {len(names)} files")
PY

# An empty folder becomes a repository with a wiki, from the wheel alone.
wheel=$(echo "$scratch"/dist/*.whl)
"$root/.venv/bin/python" -m venv --without-pip "$scratch/wiki"
VIRTUAL_ENV=$scratch/wiki "$root/.venv/bin/uv" pip install --quiet -c "$root/requirements/dev.txt" "$wheel[site]"
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
