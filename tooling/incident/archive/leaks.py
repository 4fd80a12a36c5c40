"""Where the public documents themselves still have what one of them redacts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from incident.archive import secrets
from incident.archive.public_edition import Edition, leaves
from incident.archive.secrets import Secret
from incident.postmortem.document import Document
from incident.text.visible_words import VisibleWords

WAYS_OUT = (
    "reword it there, redact it there too, or, where it may be read, list it in the file that "
    'redacts it: redact_except: ["…"]'
)


class Leak(NamedTuple):
    """A secret that the public document at `path` has, at the offsets [start, end)."""

    secret: Secret
    path: str
    start: int
    end: int


def find(made: Edition) -> Iterator[Leak]:
    """The secrets that the public documents themselves still have, each once a document."""
    for entry in made.archive.entries:
        source = made.sources[entry.document.path]
        wanted = [s for s in made.secrets if s.everywhere or s.path == source.path]
        pieces = [(path, str(value)) for path, value in leaves(entry.document.data)]
        body = entry.document.text[entry.document.meta.body :]
        whole = VisibleWords("\n".join([body, *(text for _, text in pieces)]))
        for secret in list(secrets.found_in(whole, wanted)):
            start, end = _place(source, secret, pieces)
            yield Leak(secret, source.path, start, end)


def explained(found: Iterable[tuple[Secret, Iterable[str]]]) -> str:
    """The leaks for their authors: string, where it is redacted, where it appears, what to do."""
    lines = []
    for secret, places in found:
        shown = sorted(set(places))
        more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        lines += [
            f'"{secret.text}" is redacted in {secret.path}:{secret.line} ({secret.where})',
            f"  and appears in {', '.join(shown[:3])}{more}",
        ]
    return "\n  ".join(lines)


def _place(
    source: Document, secret: Secret, pieces: Sequence[tuple[tuple[str | int, ...], str]]
) -> tuple[int, int]:
    """Where a document has a secret: the frontmatter's value, else the line, else its start."""
    for path, text in pieces:
        if any(secrets.found_in(VisibleWords(text), [secret])):
            return source.at(*path)
    return _first(source, lambda text: any(secrets.found_in(VisibleWords(text), [secret])))


def _first(source: Document, has: Callable[[str], bool]) -> tuple[int, int]:
    """The fewest lines (one, else two or three) of the body that satisfy `has`."""
    lines = source.text[source.meta.body :].splitlines(keepends=True)
    for height in (1, 2, 3):
        at = source.meta.body
        for index in range(len(lines)):
            window = "".join(lines[index : index + height])
            if has(window):
                return at, at + len(window.rstrip())
            at += len(lines[index])
    return source.meta.body, source.meta.body
