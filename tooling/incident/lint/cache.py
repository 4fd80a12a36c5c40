"""Results of the last run, by the content of each file.

A result is valid for one content, one path, one state of everything else that rules read (tool,
rules, schema, configuration, roster, manifest, CODEOWNERS: `key`), for the words in it that other
documents reveal as names of people, and for the interval in which no rule that read the clock would
answer differently. JSON is safe to read from anyone. The cache is outside the repository, so
that no pull request can supply one that says "clean".
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from incident.archive import index
from incident.diagnostic import Diagnostic, Edit, Fix, Level, Related, Several, Span
from incident.repository import atomic_files, resources, user_cache
from incident.repository.code_stamp import code_stamp
from incident.repository.config import OWNER_FILES
from incident.text.digests import blake2b, digest

if TYPE_CHECKING:
    from incident.archive.index import Facts
    from incident.archive.roster import Roster
    from incident.clock import Clock
    from incident.lint.checks import Outcome
    from incident.lint.learned import Learned
    from incident.repository.config import Config


class Known(NamedTuple):
    """The last result of a file. `facts`: in JSON form, for `facts.load`.

    `entry`: replaces the stored one; None if that is still valid.
    """

    diagnostics: list[Diagnostic]
    facts: list[Any]
    entry: list[Any] | None = None


class Cache(NamedTuple):
    """What all files gave the last time.

    `files`: by path, [digest of the content, since, until, diagnostics, facts, what people are
    called here, digest of what they are called anywhere, the words of that which are here]. Of a
    file that was only read for others, the diagnostics are null.
    `whole`: [digest of all files, path and diagnostic of each finding about the archive].
    """

    key: str
    files: dict[str, list[Any]]
    whole: list[Any]


def key(config: Config, roster: Roster) -> str:
    """Everything but the file and the clock that a result depends on, in 32 characters."""
    root = config.root
    hashed = blake2b(digest_size=16)
    parts = [code_stamp(), sys.version, repr(config)]
    words = (roster.single, roster.careful, roster.nicks, roster.initials, roster.emails)
    parts += [repr(sorted(part)) for part in (roster.full, *words, roster.places)]
    hashed.update("\0".join(parts).encode())
    schema = resources.find("schemas", "postmortem.schema.json", root)
    manifest = [root / config.dbt_manifest] if config.dbt_manifest else []
    for path in (schema, *(root / place for place in OWNER_FILES), *manifest):
        with contextlib.suppress(OSError):
            _stamp(hashed, path)
    return hashed.hexdigest()


def _stamp(hashed: Any, path: Path) -> None:
    stat = path.stat()
    hashed.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\0".encode())


def place(root: Path) -> Path:
    """The file for the repository at `root`."""
    return user_cache.place(f"lint-{digest(str(root.resolve()).encode())}.json")


def load(root: Path, wanted: str) -> Cache:
    """The cache of the repository at `root`; empty if missing, broken or for another key."""
    try:
        content = json.loads(place(root).read_bytes())
        files, whole = content["files"], content["whole"]
        if content["key"] == wanted and isinstance(files, dict) and isinstance(whole, list):
            return Cache(wanted, files, whole)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        pass
    return Cache(wanted, {}, [])


def save(root: Path, cache: Cache) -> None:
    """Write the cache; errors are ignored."""
    content = cache._asdict()
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        path = place(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_files.write_text(
            path, json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        )


def get(
    cache: Cache,
    path: str,
    now: datetime,
    learned: Learned,
    read: Callable[[], bytes],
) -> Known | None:
    """The cached result of a file, or None if it is not valid for this content and time.

    `read`: its content, needed only if the names of people have changed.
    """
    entry = cache.files.get(path)
    try:
        if entry is None or entry[0] != learned.contents[path]:
            return None
        if entry[3] is None or not _is_current(entry, now):
            return None
        fresh = None
        if entry[6] != learned.digest:
            if learned.within(read()) != entry[7]:
                return None
            fresh = [*entry[:6], learned.digest, entry[7]]
        index.load(entry[4])  # validate: anyone may have written it
        found = [_diagnostic(path, values) for values in entry[3]]
        return Known(found, list(entry[4]), fresh)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None


def get_facts(cache: Cache, path: str, now: datetime, learned: Learned) -> list[Any] | None:
    """The cached facts of a file, or None if they are not valid for this content and time."""
    entry = cache.files.get(path)
    try:
        if entry is None or entry[0] != learned.contents[path]:
            return None
        if not _is_current(entry, now):
            return None
        index.load(entry[4])  # validate: anyone may have written it
        return list(entry[4])
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None


def _is_current(entry: list[Any], now: datetime) -> bool:
    return datetime.fromisoformat(entry[1]) <= now < datetime.fromisoformat(entry[2])


def get_nicks(cache: Cache, path: str, content: str) -> tuple[str, ...] | None:
    """Names of people in a file, or None if not cached for this content."""
    entry = cache.files.get(path)
    try:
        if entry is None or entry[0] != content or not all(isinstance(n, str) for n in entry[5]):
            return None
        return tuple(entry[5])
    except (TypeError, IndexError, KeyError):
        return None


def put(content: str, outcome: Outcome, learned: Learned, raw: bytes) -> list[Any] | None:
    """The entry of an outcome; None if it is already outdated."""
    found = [_values(d) for d in outcome.diagnostics]
    names = [learned.digest, learned.within(raw)]
    return _entry(content, (outcome.since, outcome.until), found, outcome.facts, learned, names)


def put_facts(content: str, clock: Clock, facts: Facts, learned: Learned) -> list[Any] | None:
    """The entry of a file whose own rules did not run; None if it is already outdated."""
    return _entry(content, (clock.since, clock.until), None, facts, learned, ["", []])


def _entry(
    content: str,
    valid: tuple[datetime, datetime],
    found: list[Any] | None,
    facts: Facts,
    learned: Learned,
    names: list[Any],
) -> list[Any] | None:
    since, until = valid
    if since >= until:
        return None
    nicks = learned.by_path.get(facts.path, ())
    return [content, since.isoformat(), until.isoformat(), found, facts, nicks, *names]


def get_whole(cache: Cache, content: str) -> list[Diagnostic] | None:
    """The cached findings about the whole archive, or None if any file changed."""
    try:
        if not cache.whole or cache.whole[0] != content:
            return None
        return [_diagnostic(str(path), values) for path, values in cache.whole[1]]
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None


def put_whole(content: str, found: list[Diagnostic]) -> list[Any]:
    """The entry that `get_whole` reads."""
    return [content, [[d.path, _values(d)] for d in found]]


def _values(d: Diagnostic) -> list[Any]:
    return [d.code, d.name, d.level, d.message, d.hint, d.span, d.fix, d.related, d.several]


def _diagnostic(path: str, values: list[Any]) -> Diagnostic:
    code, name, level, message, hint, span, fix, others, several = values
    loaded = Fix(fix[0], tuple(Edit(*one) for one in fix[1]), fix[2]) if fix else None
    if not all(isinstance(part, str) for part in (code, name, message, hint)):
        raise TypeError
    place = Span(*(int(number) for number in span))
    related = tuple(Related(str(p), int(n), int(c), str(m)) for p, n, c, m in others)
    alike = Several(*map(str, several)) if several else None
    return Diagnostic(code, name, Level(level), message, hint, path, place, loaded, related, alike)
