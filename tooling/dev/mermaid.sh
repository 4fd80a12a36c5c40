#!/bin/sh
# Graphs in the wiki need one file of the npm package `mermaid`: downloaded once, and verified by hash.
# Without npm, the wiki still builds, and shows graphs as text.
set -eu
cd "$(dirname "$0")/../.."
version=11.17.2
known=6ad2f42c3fc26bbf9e45cbb6d11898972573ea52b33a5f4ff51952899f950ffd
folder=node_modules/mermaid
[ -f "$folder/dist/mermaid.min.js" ] && grep -q "\"version\": \"$version\"" "$folder/package.json" && exit 0
command -v npm >/dev/null 2>&1 || {
    echo "graphs: no npm, the wiki will show them as text" >&2
    exit 0
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
if ! (cd "$scratch" && npm pack --silent "mermaid@$version" >/dev/null 2>&1); then
    echo "graphs: mermaid $version could not be fetched, the wiki will show them as text" >&2
    exit 0
fi
found=$(openssl dgst -sha256 -r "$scratch/mermaid-$version.tgz" | cut -d ' ' -f 1)
if [ "$found" != "$known" ]; then
    echo "graphs: mermaid $version is not the file that is known ($found)" >&2
    exit 1
fi
mkdir -p "$folder"
tar -xzf "$scratch/mermaid-$version.tgz" -C "$folder" --strip-components 1 \
    package/package.json package/LICENSE package/dist/mermaid.min.js
echo "graphs: mermaid $version"
