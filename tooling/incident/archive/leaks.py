"""Public documents that still contain a string that one of them redacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from incident.archive import secrets
from incident.archive.public_edition import Edition, leaves
from incident.archive.secrets import Secret
from incident.postmortem import timeline_entries, timestamps
from incident.postmortem.document import Document
from incident.text.counts import some
from incident.text.lazy_regex import lazy
from incident.text.visible_words import VisibleWords

WAYS_OUT = (
    "reword it there, redact it there too, or, where it may be read, list it in the file that "
    'redacts it: redact_except: ["…"]'
)

_ADDRESS = lazy(r"(?:https?://|\]\()[^\s<>)]+|\w+_\w+")
_NAME = 4  # letters from which a name is looked for at the beginning of longer ones


class Leak(NamedTuple):
    """A secret in the public document at `path`, at the offsets [start, end)."""

    secret: Secret
    path: str
    start: int
    end: int


def find(made: Edition) -> Iterator[Leak]:
    """The secrets that public documents still contain, each once per document."""
    everywhere = [s for s in made.secrets if s.everywhere]
    own: dict[str, list[Secret]] = defaultdict(list)
    for secret in made.secrets:
        if not secret.everywhere:
            own[secret.path].append(secret)
    for entry in made.archive.entries:
        source = made.sources[entry.document.path]
        wanted = [*everywhere, *own.get(source.path, ())]
        pieces = [(path, str(value)) for path, value in leaves(entry.document.data)]
        body = entry.document.text[entry.document.meta.body :]
        whole = VisibleWords("\n".join([body, *(text for _, text in pieces)]))
        found = dict.fromkeys(secrets.found_in(whole, wanted))
        named = VisibleWords("\n".join(_identifiers(entry.document, body, pieces)))
        found |= dict.fromkeys(secrets.found_in(named, (s for s in wanted if s.exact), names=True))
        found |= dict.fromkeys(_longer(whole, [s for s in wanted if s not in found]))
        if numbers := [s for s in wanted if s.number]:
            prose = "\n".join(
                [body, *(text for path, text in pieces if path[-1] in secrets.FREE_TEXT)]
            )
            said = VisibleWords(secrets.without_times(prose))
            found |= dict.fromkeys(s for s in numbers if said.has(s.words))
        for secret in found:
            start, end = _place(source, secret, pieces)
            yield Leak(secret, source.path, start, end)
        yield from _instants(source, [s for s in wanted if s.at and s not in found])


def _identifiers(
    document: Document, body: str, pieces: Iterable[tuple[tuple[str | int, ...], str]]
) -> Iterator[str]:
    """Its path, ids, tags and addresses: what is written small though it may be a name."""
    yield document.path
    yield from (text for path, text in pieces if path[0] == "tags" or " " not in text)
    yield from _ADDRESS().findall(body)


def _longer(text: VisibleWords, wanted: Iterable[Secret]) -> Iterator[Secret]:
    """The names that begin a longer one and aren't words: `acme` in `acmecorp`."""
    sought = {
        s.words.casefold(): s
        for s in wanted
        if not s.exact and len(s.text) >= _NAME and s.text.isalnum() and s.words.isalpha()
    }
    lengths = sorted({len(word) for word in sought})
    for word in text.vocabulary if lengths else ():
        for length in lengths:
            secret = sought.get(word[:length]) if length < len(word) else None
            if secret and not secrets.is_ordinary(word, "en"):
                yield secret


def _instants(source: Document, wanted: Sequence[Secret]) -> Iterator[Leak]:
    """Entries of the timeline that give a redacted time in another zone, or under its label."""
    if not wanted:
        return
    labels = {
        f"**{timestamps.TIMESTAMPS[key].label}": s
        for s in wanted
        if (key := s.where.rpartition(".")[2]) in timestamps.TIMESTAMPS
    }
    times = {s.at: s for s in wanted}
    for entry in timeline_entries.read(source):
        written = entry.text.lower()
        labeled = next((s for label, s in labels.items() if label in written), None)
        if secret := labeled or times.get(entry.at):
            yield Leak(secret, source.path, entry.start, entry.end)
            return


def explained(found: Iterable[tuple[Secret, Iterable[str]]]) -> str:
    """The leaks for their authors: string, where it is redacted and appears, and a hint."""
    lines = []
    for secret, places in found:
        shown = sorted(set(places))
        lines += [
            f'"{secret.text}" is redacted in {secret.path}:{secret.line} ({secret.where})',
            f"  and appears in {some(shown, 3)}",
        ]
    return "\n  ".join(lines)


def _place(
    source: Document, secret: Secret, pieces: Sequence[tuple[tuple[str | int, ...], str]]
) -> tuple[int, int]:
    """Where a document has a secret: the frontmatter's value, else the line, else its start."""
    for names in (False, True):
        for path, text in pieces:
            if _says(text, secret, names):
                return source.at(*path)
        if place := _first(source, partial(_says, secret=secret, names=names)):
            return place
    return source.meta.body, source.meta.body


def _says(text: str, secret: Secret, names: bool) -> bool:
    if secret.number:
        return VisibleWords(secrets.without_times(text)).has(secret.words)
    words = VisibleWords(text)
    return any(secrets.found_in(words, [secret], names=names)) or (
        names and any(_longer(words, [secret]))
    )


def _first(source: Document, has: Callable[[str], bool]) -> tuple[int, int] | None:
    """The fewest lines (one, else two or three) of the body that satisfy `has`."""
    lines = source.text[source.meta.body :].splitlines(keepends=True)
    for height in (1, 2, 3):
        at = source.meta.body
        for index in range(len(lines)):
            window = "".join(lines[index : index + height])
            if has(window):
                return at, at + len(window.rstrip())
            at += len(lines[index])
    return None
