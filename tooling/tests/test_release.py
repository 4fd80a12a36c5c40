"""What a release is made of: the notes, the locks, and the workflow as act runs it."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from act_support import Workplace
from incident import __version__
from support import CHECKOUT

CHANGELOG = """\
# Changelog

## Unreleased

- Not yet.

## 1.10.0 (2026-03-02)

Rules
- A rule. ## not a heading
### Commands
- `incident x`

## 1.1.0

- Older.

## 1.0.0

## [0.9.0] - 2025-01-01
- First.
"""


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "release", CHECKOUT / "tooling" / "dev" / "release.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("version", "notes"),
    [
        ("1.10.0", "Rules\n- A rule. ## not a heading\n### Commands\n- `incident x`\n"),
        ("1.1.0", "- Older.\n"),
        ("0.9.0", "- First.\n"),
    ],
)
def test_the_notes_are_the_section_of_the_version(
    release: ModuleType, version: str, notes: str, newline: str
) -> None:
    assert release.notes(CHANGELOG.replace("\n", newline), version) == notes


@pytest.mark.parametrize(
    ("version", "said"), [("1.1", "no section"), ("1.0.0", "an empty section")]
)
def test_a_version_that_nothing_is_said_of_is_no_release(
    release: ModuleType, version: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        release.notes(CHANGELOG, version)


def test_a_tag_is_the_version_of_the_package(release: ModuleType) -> None:
    assert release.version() == __version__
    with pytest.raises(ValueError, match=r"the tag is v9\.9\.9, the package's version"):
        release.main("v9.9.9")


@pytest.mark.parametrize("path", sorted((CHECKOUT / "requirements").glob("*.txt")), ids=str)
def test_a_lock_pins_versions_by_hash_and_names_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    logical = text.replace("\\\n", " ").splitlines()
    assert logical
    for line in logical:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line
    assert "://" not in text


MAKE = """\
#!/bin/sh
# replaces the build, which another test covers (tooling/dev/wheel.sh)
test "$1 $2" = "wheel DIST=dist" || exit 3
mkdir dist
for name in x-1.whl x-1.tar.gz x-1.cdx.json; do echo "$name" >dist/$name; done
"""
STUB = """\
name: stand-in
inputs: {path: {default: ""}, name: {default: ""}, sbom-path: {default: ""}}
runs:
  using: composite
  steps:
    - shell: bash
      env:
        ACTION: "${{ github.action_path }}"
        NAME: "${{ inputs.name }}"
        PATH_: "${{ inputs.path }}"
        SBOM: "${{ inputs.sbom-path }}"
      run: |
        case $ACTION in
          *upload-artifact*)
            mkdir -p "$ARTIFACTS/$NAME"
            if [ -d "$PATH_" ]; then cp -R "$PATH_/." "$ARTIFACTS/$NAME/"
            else cp "$PATH_" "$ARTIFACTS/$NAME/"; fi ;;
          *download-artifact*)
            if [ -n "$NAME" ]; then mkdir -p "$PATH_" && cp -R "$ARTIFACTS/$NAME/." "$PATH_/"
            else mkdir -p "$PATH_" && cp -R "$ARTIFACTS/." "$PATH_/"; fi ;;
          *attest* | *pypi-publish*) echo "$(echo dist/*) $SBOM" >>"$ARTIFACTS/../seen" ;;
        esac
"""


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    made = Workplace(tmp_path)
    for name in (".github/workflows/release.yml", "tooling/dev/release.py"):
        (made.root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, made.root / name)
    package = made.root / "tooling" / "incident" / "__init__.py"
    package.parent.mkdir()
    package.write_text('__version__ = "1.10.0"\n')
    (made.root / "CHANGELOG.md").write_text(CHANGELOG)
    make = made.folder / "bin" / "make"
    make.write_text(MAKE)
    make.chmod(0o755)
    made.commit("release")
    return made


@pytest.mark.slow
def test_a_tag_becomes_a_draft_with_its_notes(place: Workplace) -> None:
    stub = place.folder / "stub" / "action.yml"
    stub.write_text(STUB)
    done = place.act("push", "release.yml", {"ref": "refs/tags/v1.10.0"})
    assert done.code == 0, done.log
    [call] = done.calls
    assert call["args"][:5] == ["release", "create", "v1.10.0", "--draft", "--verify-tag"]
    files = sorted(word for word in call["args"] if word.startswith("artifacts/"))
    assert [file.removeprefix("artifacts/") for file in files] == [
        "dist/x-1.tar.gz",
        "dist/x-1.whl",
        "notes/notes.md",
        "sbom/x-1.cdx.json",
    ]
    built = "dist/x-1.tar.gz dist/x-1.whl"  # PyPI refuses anything else in that folder
    provenance, bill, published = (place.folder / "seen").read_text().splitlines()
    assert (provenance.strip(), published.strip()) == (built, built)
    assert bill == f"{built} sbom/x-1.cdx.json"
    notes = (place.artifacts / "notes" / "notes.md").read_text()
    assert notes.startswith("Rules\n- A rule.")


@pytest.mark.slow
def test_a_tag_of_another_version_ends_before_anything_is_built(place: Workplace) -> None:
    done = place.act("push", "release.yml", {"ref": "refs/tags/v1.11.0"})
    assert done.code == 1
    assert "the tag is v1.11.0, the package's version 1.10.0" in done.log
    assert done.calls == []
    assert list(place.artifacts.iterdir()) == []
