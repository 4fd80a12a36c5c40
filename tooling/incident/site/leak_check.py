"""The final check of the public edition: nothing that was removed is in the site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from posixpath import dirname

from mkdocs.exceptions import PluginError
from mkdocs.utils import clean_directory

from incident.archive import leaks, secrets
from incident.archive.public_edition import Edition
from incident.archive.secrets import Secret
from incident.postmortem.document import Document
from incident.postmortem.markdown import link_targets, links
from incident.text import file_texts
from incident.text.visible_words import VisibleWords


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
        for file in referenced(document, in_comments=True)
    }
    for document in (entry.document for entry in made.archive.entries):
        for file in sorted(referenced(document)):
            if file in inside and not file.endswith(".md"):
                raise PluginError(
                    f"{made.names[document.path]} uses {file}, which {inside[file]} also uses, and "
                    "that one is not public (help: give the public postmortem its own copy)"
                )


def check(
    site: Path,
    made: Edition,
    pages: Mapping[str, Collection[str]],
    shipped: Collection[str] = (),
) -> None:
    """Search every file of the site, and its name.

    `pages`: maps a page's folder, or a file, to the documents that it comes from. `shipped`: the
    theme's own files, which know nothing of the archive.

    On a leak, empties the folder and raises PluginError.
    """
    found: dict[Secret, list[str]] = defaultdict(list)
    everywhere = [secret for secret in made.secrets if secret.everywhere]
    for file in sorted(site.rglob("*")):
        where = file.relative_to(site).as_posix()
        if where in shipped:
            continue
        places = (where, dirname(where), where.removesuffix(".html"))
        own = next((pages[one] for one in places if one in pages), ())
        wanted = [s for s in made.secrets if s.path in own or s.everywhere] if own else everywhere
        hits = [*secrets.found_in(VisibleWords(where), wanted, names=True)]
        for text in file_texts.read(file.read_bytes()) if file.is_file() else ():
            hits += secrets.found_in(VisibleWords(text), wanted)
        for secret in hits:
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


def referenced(document: Document, *, in_comments: bool = False) -> set[str]:
    """The files of the repository that a document may link to or show.

    `in_comments`: with everything else that looks like a link, in code or in a comment.
    """
    found = [*document.links, *(links.find(document.text) if in_comments else ())]
    return {
        place
        for link in found
        if link.path
        for place in link_targets.places(link.path, document.path)
    }
