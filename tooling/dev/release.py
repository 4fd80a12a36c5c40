"""The notes of a release, from CHANGELOG.md: `python tooling/dev/release.py v0.2.0`.

Fails if the tag is not the package's version, or the changelog has no section for it.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def notes(changelog: str, version: str) -> str:
    """The text under `## <version>`, with or without a date after it, up to the next `## `.

    Raises ValueError if the section is missing or empty.
    """
    found = re.search(
        rf"^##[ \t]+\[?v?{re.escape(version)}\]?(?=[ \t(]|$)[^\n]*\n(?P<text>.*?)(?=^##[ \t]|\Z)",
        changelog.replace("\r\n", "\n"),
        re.MULTILINE | re.DOTALL,
    )
    if found is None:
        raise ValueError(f"CHANGELOG.md has no section `## {version}`")
    text = found["text"].strip()
    if not text:
        raise ValueError(f"CHANGELOG.md has an empty section `## {version}`")
    return text + "\n"


def version() -> str:
    """The version of the package in this tree."""
    text = (ROOT / "tooling" / "incident" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise ValueError("tooling/incident/__init__.py names no __version__")
    return found[1]


def main(tag: str) -> str:
    """The notes of the release that `tag` names. Raises ValueError."""
    if tag != f"v{version()}":
        raise ValueError(f"the tag is {tag}, the package's version {version()}")
    return notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version())


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1]))
    except ValueError as error:
        sys.exit(f"release: {error}")
