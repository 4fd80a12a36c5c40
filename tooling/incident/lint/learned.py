"""What people are called in all documents of a run: learned before the first is checked.

What one document shows depends on its content alone, so the cache keeps it; what all show together
is the same for any order, any number of processes, and with or without a cache.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from incident.archive import nicknames
from incident.archive.files import postmortem_paths, read_bytes
from incident.lint import cache as caching
from incident.lint.cache import Cache
from incident.lint.selection import Selection
from incident.repository.config import MAX_BYTES, Config
from incident.text.digests import digest


@dataclass(frozen=True)
class Learned:
    """`nicks`: the words, lower case. `by_path`: those of each file; `contents`: its digest.

    A file that cannot be read has no digest.
    """

    nicks: frozenset[str] = frozenset()
    by_path: dict[str, tuple[str, ...]] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """All words in 32 characters."""
        return digest("\0".join(sorted(self.nicks)).encode())

    def within(self, raw: bytes) -> list[str]:
        """The words that are in a text: a document's result depends on no other."""
        text = raw.decode(errors="replace").casefold()
        return sorted(word for word in self.nicks if word in text)


def learn(chosen: Selection, known: Cache, config: Config) -> Learned:
    """Read all files of a run, and learn from those that the cache does not know."""
    by_path, contents = {}, {}
    for shown, path in chosen.paths.items():
        raw = chosen.contents.get(shown)
        if raw is None:
            read = read_bytes(path, config)
            if isinstance(read, str):
                continue
            raw = read
        contents[shown] = digest(raw)
        nicks = caching.get_nicks(known, shown, contents[shown])
        if nicks is None:
            text = "" if len(raw) > MAX_BYTES else raw.decode(errors="replace")
            nicks = tuple(sorted(nicknames.in_text(text, config)))
        by_path[shown] = nicks
    every = frozenset(nick for nicks in by_path.values() for nick in nicks)
    return Learned(every, by_path, contents)


def in_archive(config: Config) -> frozenset[str]:
    """What people are called in the archive as it is on disk."""
    found: set[str] = set()
    for path in postmortem_paths(config.archive_dir):
        raw = read_bytes(path, config)
        if not isinstance(raw, str) and len(raw) <= MAX_BYTES:
            found |= nicknames.in_text(raw.decode(errors="replace"), config)
    return frozenset(found)
