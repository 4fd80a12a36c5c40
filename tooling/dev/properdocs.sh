#!/bin/sh
# Builds the wiki with ProperDocs, the maintained fork of MkDocs: the same pages, byte for byte, except for
# the generator line and the search index, which differs in every build.
set -eu
cd "$(dirname "$0")/../.."
export PATH="$PWD/.venv/bin:$PATH" NO_MKDOCS_2_WARNING=1 DISABLE_MKDOCS_2_WARNING=true
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
uv pip install --quiet --require-hashes --no-deps --target "$scratch/properdocs" -r requirements/properdocs.txt
cp -R mkdocs.yml pyproject.toml incidents templates "$scratch/"
cd "$scratch"
python -m mkdocs build --strict --quiet --site-dir "$scratch/mkdocs-site"
rm -rf .cache
PYTHONPATH="$scratch/properdocs" python -m properdocs build --strict --quiet -f mkdocs.yml \
    --site-dir "$scratch/properdocs-site"
for site in mkdocs-site properdocs-site; do
    rm -rf "$site/pagefind" "$site/sitemap.xml.gz"
    find "$site" -name '*.html' -exec sed -i.bak '/name="generator"/d' {} +
    find "$site" -name '*.bak' -exec rm {} +
done
diff -r mkdocs-site properdocs-site
echo "properdocs: $(find properdocs-site -name '*.html' | wc -l | tr -d ' ') pages, equal to those of MkDocs"
