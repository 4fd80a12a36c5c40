#!/bin/sh
# Run by the composite actions: installs this checkout from hashes, apart from the caller's Python.
set -e
cd "$(dirname "$0")/.."
checkout=$PWD
cd "${RUNNER_TEMP:?}" # a module in the caller's checkout must not be imported
python -I -m venv incident-docs
incident-docs/bin/pip install --quiet --disable-pip-version-check --require-hashes \
    -r "$checkout/requirements/base.txt" -r "$checkout/requirements/build.txt"
incident-docs/bin/pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation "$checkout"
