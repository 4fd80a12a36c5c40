"""The last look at the public edition: nothing of what was taken away is in the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from posixpath import dirname, join, normpath

from mkdocs.exceptions import PluginError
from mkdocs.utils import clean_directory

from incident.archive.public_edition import Secret, leaks
from incident.text.lazy_regex import lazy

SUFFIXES = frozenset({".html", ".json", ".xml", ".txt", ".svg", ".js", ".mjs", ".css", ".md"})
SHOWN = 10

_TARGET = lazy(
    r"""\]\(\s*<?([^)\s>]+)|(?:src|href)\s*=\s*["']?([^"'\s>]+)|^\[[^\]]+\]:\s*(\S+)""",
    re.MULTILINE,
)


def check(site: Path, secrets: Sequence[Secret], pages: Mapping[str, str]) -> None:
    """Search every file of the site. `pages`: of which document a page's folder is.

    Raises PluginError, and empties the folder: it names what leaks, where, and from which document.
    """
    found = []
    names = [secret.text.casefold() for secret in secrets if secret.everywhere]
    for file in sorted(site.rglob("*")):
        where = file.relative_to(site).as_posix()
        if any(name in where.casefold() for name in names):
            found.append(f"{where}: its name")
        if file.suffix not in SUFFIXES or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        for secret in leaks(text, secrets, pages.get(dirname(where))):
            # the document is named, the secret is not: logs are read by many
            found.append(f"{where}: {secret.where} of {secret.path}")
    if found:
        clean_directory(str(site))  # so that nobody publishes it by mistake
        more = f"\n  and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise PluginError(
            "the public edition holds what it must not:\n  " + "\n  ".join(found[:SHOWN]) + more
        )


def linking(text: str) -> bool:
    """Whether a text links to, or shows, another file of the site."""
    if not any(mark in text for mark in ("](", "]:", "src", "href")):
        return False
    for match in _TARGET().finditer(text):
        if not (match[1] or match[2] or match[3]).startswith(("https:", "http:", "mailto:", "#")):
            return True
    return False


def referenced(bodies: Iterable[tuple[str, str]]) -> set[str]:
    """The files that texts link to or show, from the archive's folder on; texts as path, text."""
    found = set()
    for path, text in bodies:
        for match in _TARGET().finditer(text):
            target = (match[1] or match[2] or match[3]).partition("#")[0]
            found.add(normpath(join(dirname(path), target)))
    return found
