#!/bin/sh
# The browser tests need Chromium: use an installed one, else install the system package.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then
        echo "browser: $(command -v "$name")"
        exit 0
    fi
done
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    sudo -n true 2>/dev/null || as_root="none"
fi
if [ "$as_root" != none ] && command -v apt-get >/dev/null 2>&1; then
    echo "browser: installing Chromium with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get -qq update >/dev/null 2>&1
    if $as_root apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core >/dev/null 2>&1 &&
        command -v chromium >/dev/null 2>&1; then
        echo "browser: $(command -v chromium)"
        exit 0
    fi
fi
echo "browser: no Chromium, and none could be installed: the browser tests will be skipped" >&2
[ "$CI" != true ] # in CI they must run
