"""The final check of the public edition: nothing that was removed is in the site."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from posixpath import dirname, join, normpath

from mkdocs.exceptions import PluginError
from mkdocs.utils import clean_directory

from incident.archive import leaks, secrets
from incident.archive.public_edition import Edition
from incident.archive.secrets import Secret
from incident.text.lazy_regex import lazy
from incident.text.visible_words import VisibleWords

_TARGET = lazy(
    r"""\]\(\s*<?([^)\s>]+)|(?:src|href)\s*=\s*["']?([^"'\s>]+)|^\[[^\]]+\]:\s*(\S+)""",
    re.MULTILINE,
)


def check_sources(made: Edition) -> None:
    """Raise PluginError if a public postmortem contains a string that one of them redacts."""
    found: dict[Secret, list[str]] = defaultdict(list)
    for leak in leaks.find(made):
        source = made.sources[_shown_as(made, leak.path)]
        found[leak.secret].append(f"{leak.path}:{source.span(leak.start, leak.end).line}")
    if found:
        raise _error(found)


def check_attachments(made: Edition) -> None:
    """Raise PluginError if a public postmortem uses a file that an internal one also uses."""
    inside = {
        file: document.path
        for document in made.internal
        for file in referenced([(document.path, document.text)])
    }
    for document in (entry.document for entry in made.archive.entries):
        for file in sorted(referenced([(document.path, document.text[document.meta.body :])])):
            if file in inside and not file.endswith(".md"):
                raise PluginError(
                    f"{made.names[document.path]} uses {file}, which {inside[file]} also uses, and "
                    "that one is not public (help: give the public postmortem its own copy)"
                )


def check(site: Path, made: Edition, pages: Mapping[str, str]) -> None:
    """Search every file of the site, and its name. `pages`: maps a page's folder to its document.

    On a leak, empties the folder and raises PluginError.
    """
    found: dict[Secret, list[str]] = defaultdict(list)
    everywhere = [secret for secret in made.secrets if secret.everywhere]
    for file in sorted(site.rglob("*")):
        where = file.relative_to(site).as_posix()
        own = pages.get(dirname(where))
        wanted = [s for s in made.secrets if s.path == own or s.everywhere] if own else everywhere
        texts = [where, *(_texts(file.read_bytes()) if file.is_file() else ())]
        for text in texts:
            for secret in secrets.found_in(VisibleWords(text), wanted):
                found[secret].append(f"the site's {where}")
    if found:
        clean_directory(str(site))  # so that it cannot be published by mistake
        raise _error(found)


def _shown_as(made: Edition, path: str) -> str:
    return next(shown for shown, file in made.names.items() if file == path)


def _error(found: Mapping[Secret, Iterable[str]]) -> PluginError:
    count = len(found)
    what = "a redacted string" if count == 1 else f"{count} redacted strings"
    return PluginError(
        f"the public edition would contain {what}:\n  "
        f"{leaks.explained(found.items())}\n  help: {leaks.WAYS_OUT}"
    )


def _texts(raw: bytes) -> Iterable[str]:
    """The text of a file in every encoding it may have."""
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    if raw[:8] == b"\x89PNG\r\n\x1a\n":
        raw = _png_text(raw)
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return [raw.decode("utf-16", errors="replace")]
    if b"\0" in raw:
        return [
            raw.decode(encoding, errors="ignore")
            for encoding in ("latin-1", "utf-16-le", "utf-16-be")
        ]
    text = raw.decode("utf-8", errors="replace")
    return [text, raw.decode("latin-1")] if "\ufffd" in text else [text]


def _png_text(raw: bytes) -> bytes:
    """The text chunks of an image, decompressed."""
    at, found = 8, []
    while at + 8 <= len(raw):
        size, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        chunk = raw[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"zTXt", b"eXIf"):
            found.append(chunk)
            for start in range(len(chunk)):
                if chunk[start : start + 1] == b"\x78":
                    try:
                        found.append(zlib.decompressobj().decompress(chunk[start:], 1_000_000))
                    except zlib.error:
                        continue
        at += 12 + size
    return b" ".join(found).replace(b"\0", b" ")


def linking(text: str) -> bool:
    """Whether a text links to or embeds another file of the site."""
    if not any(mark in text for mark in ("](", "]:", "src", "href")):
        return False
    for match in _TARGET().finditer(text):
        if not (match[1] or match[2] or match[3]).startswith(("https:", "http:", "mailto:", "#")):
            return True
    return False


def referenced(bodies: Iterable[tuple[str, str]]) -> set[str]:
    """The files that texts link to or embed, relative to the archive; texts as (path, text)."""
    found = set()
    for path, text in bodies:
        for match in _TARGET().finditer(text):
            target = (match[1] or match[2] or match[3]).partition("#")[0]
            found.add(normpath(join(dirname(path), target)))
    return found
