#!/bin/sh
# Known vulnerabilities of the locked packages; needs the network. `sbom VENV FOLDER` writes the SBOM of an
# environment instead. The tools have their own environment.
set -eu
cd "$(dirname "$0")/../.."
tools=.cache/audit
if [ ! -x "$tools/bin/pip-audit" ] || [ requirements/audit.txt -nt "$tools/.ready" ]; then
    .venv/bin/uv venv --quiet --clear --python .venv/bin/python "$tools"
    VIRTUAL_ENV=$PWD/$tools .venv/bin/uv pip install --quiet --require-hashes -r requirements/audit.txt
    touch "$tools/.ready"
fi

if [ "${1:-}" = sbom ]; then
    version=$(.venv/bin/incident --version | sed 's/.* //')
    root=$(mktemp) # the tool does not see a version that is read from the code
    sed "s/^dynamic = .*/version = \"$version\"/" pyproject.toml >"$root"
    "$tools/bin/cyclonedx-py" environment --output-reproducible --pyproject "$root" \
        --of JSON -o "$3/incident-docs-$version.cdx.json" "$2"
    rm "$root"
    exit
fi

failed=0 # --strict: a package that could not be checked is a failure
for lock in requirements/*.txt; do
    echo "$lock"
    "$tools/bin/pip-audit" --strict --progress-spinner off --disable-pip --require-hashes -r "$lock" || failed=1
done
exit "$failed"
