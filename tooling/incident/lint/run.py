"""Lint files: read, look up or judge, then judge the archive as a whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from incident.archive import roster as people
from incident.archive.files import expand, postmortem_paths, read_bytes
from incident.diagnostic import Diagnostic
from incident.lint import cache as caching
from incident.lint.cache import Cache
from incident.repository.config import Config

if TYPE_CHECKING:
    from incident.archive.index import Facts
    from incident.archive.roster import Roster
    from incident.lint.linter import Linter, Outcome
    from incident.lint.selection import Changes
    from incident.postmortem.document import Document

# below this many files a second process takes longer than it saves
_PARALLEL = 60
_CHUNK = 50
# a fork has all that is loaded; where it is not safe, or not there, a worker begins anew
_START: Literal["fork", "spawn"] = "fork" if sys.platform == "linux" else "spawn"

Progress = Callable[[int], None]


class FileResult(NamedTuple):
    """What one file gave. `content`: its digest, "" where it was not read; `entry`: to remember.

    `facts` is None for a file that was not asked for, until somebody needs them.
    """

    path: str
    content: str
    diagnostics: list[Diagnostic]
    facts: Any
    entry: list[Any] | None


@dataclass(frozen=True)
class Run:
    """`files`: how many were judged; `sources`: their text by path, read when it is asked for."""

    diagnostics: list[Diagnostic]
    sources: Mapping[str, str]
    files: int


class Sources(Mapping[str, str]):
    """Texts by path. Most runs show none, so a file is read again when one is wanted.

    What may not be read (a link out of the repository, a pipe) is an empty text.
    """

    def __init__(
        self, config: Config, places: dict[str, Path], texts: dict[str, str] | None = None
    ) -> None:
        self._config = config
        self._places = places
        self._texts = texts or {}

    def __getitem__(self, path: str) -> str:
        if path not in self._texts:
            raw = read_bytes(self._places[path], self._config)
            self._texts[path] = "" if isinstance(raw, str) else raw.decode(errors="replace")
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._places, **self._texts})

    def __len__(self) -> int:
        return len({**self._places, **self._texts})


class Judge(Protocol):
    """A linter, or what makes one when it is needed."""

    @property
    def config(self) -> Config:
        """What the repository wants."""

    @property
    def now(self) -> datetime:
        """The instant of the run, aware."""

    @property
    def roster(self) -> Roster:
        """Who works here."""

    def examine(self, document: Document) -> Outcome:
        """Judge one document on its own."""

    def check_archive(
        self, known: Iterable[Facts], aliases: frozenset[str] = frozenset()
    ) -> list[Diagnostic]:
        """Judge all of them together; `aliases` are links from one to another."""


class Ready:
    """A linter that is made when the cache does not have the answer: its rules take long to load.

    Raises ConfigError when it is made.
    """

    def __init__(self, config: Config, now: datetime) -> None:
        self.config, self.now = config, now
        self._wait = people.load(config)

    @cached_property
    def roster(self) -> Roster:
        """Who works here."""
        return self._wait()

    @cached_property
    def linter(self) -> Linter:
        """The linter itself."""
        from incident.lint import linter

        return linter.make(self.config, self.now, self.roster)

    def examine(self, document: Document) -> Outcome:
        """Judge one document on its own."""
        return self.linter.examine(document)

    def check_archive(
        self, known: Iterable[Facts], aliases: frozenset[str] = frozenset()
    ) -> list[Diagnostic]:
        """Judge all of them together."""
        return self.linter.check_archive(known, aliases)


def files(
    judge: Judge,
    paths: Iterable[Path],
    *,
    use_cache: bool = True,
    jobs: int = 0,
    changes: Changes | None = None,
    contents: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Judge `paths`: files, and folders with all below. Raises UsageError on a missing path.

    The rules about the archive see every postmortem of it, and report on the files that were
    asked for. `changes` narrows those to what git says was changed; `contents`, by path, are judged
    for what is on disk, and nothing else is then; `jobs` is the number of processes, 0 for one a
    core.
    """
    config = judge.config
    paths = tuple(paths)
    try:
        places = {config.relative(path): path for path in expand(paths)}
    finally:
        _ = judge.roster  # git was asked beside, and is waited for whatever happens
    staged = {**(changes.staged if changes else {}), **(contents or {})}
    if changes is not None:
        gone = {one: config.root / one for one in staged if one.startswith(f"{config.archive}/")}
        places.update({one: path for one, path in gone.items() if one not in places})
    asked = {shown for shown in places if changes is None or shown in changes.changed}
    if contents is not None:
        asked = set(contents)
        places.update({shown: config.root / shown for shown in contents})
    inside = f"{config.archive}/"
    deleted = changes is not None and any(one.startswith(inside) for one in changes.deleted)
    if deleted or any(shown.startswith(inside) for shown in asked):
        if not any(path.absolute() == config.archive_dir for path in paths):
            for path in postmortem_paths(config.archive_dir):
                places.setdefault(config.relative(path), path)
    else:
        places = {shown: path for shown, path in places.items() if shown in asked}
    known = Cache("", {}, [])
    if use_cache:
        known = caching.load(config.root, caching.key(config, judge.roster))
    on_disk = [(shown, path) for shown, path in places.items() if shown not in staged]
    judged = {one.path: one for one in _judge_all(judge, known, on_disk, asked, jobs, progress)}
    for shown in staged.keys() & places.keys():
        judged[shown] = _examined(judge, staged[shown], shown)
    fresh = {shown: one.entry for shown, one in judged.items() if one.entry is not None}
    # a suppression that ends is no change of any file: a day has its own answer
    day = judge.now.astimezone(UTC).date()
    aliases = _aliases(judged, places)
    contents_of = (f"{one} {one in aliases} {judged[one].content}" for one in sorted(judged))
    known_by = "\0".join([str(day), *contents_of])
    whole_digest = caching.digest(known_by.encode("utf-8", "backslashreplace"))
    whole = caching.get_whole(known, whole_digest)
    if whole is None:
        every = (_facts(judge, one, places) for one in judged.values())
        whole = judge.check_archive(every, aliases)
        if use_cache and config.root.is_dir() and all(one.content for one in judged.values()):
            kept = {**known.files, **fresh}
            about_all = caching.put_whole(whole_digest, whole)
            caching.save(config.root, Cache(known.key, kept, about_all))
    elif fresh and use_cache:
        caching.save(config.root, known._replace(files={**known.files, **fresh}))
    found = [d for shown in asked for d in judged[shown].diagnostics]
    # what a deletion broke stands in a file that was not changed
    found += [d for d in whole if d.path in asked or (deleted and d.name == "dead-link")]
    found.sort(key=lambda d: d.sort_key)
    texts = {shown: raw.decode("utf-8", errors="replace") for shown, raw in staged.items()}
    return Run(found, Sources(config, places, texts), len(asked))


def _aliases(judged: Mapping[str, FileResult], places: Mapping[str, Path]) -> frozenset[str]:
    """Paths that are symbolic links to another file among them: one postmortem, not two."""
    by_content: dict[str, list[str]] = {}
    for one in judged.values():
        if one.content:
            by_content.setdefault(one.content, []).append(one.path)
    found = set()
    for same in by_content.values():
        if len(same) > 1:
            links = {shown for shown in same if places[shown].is_symlink()}
            real = {os.path.realpath(places[shown]) for shown in same if shown not in links}
            found |= {shown for shown in links if os.path.realpath(places[shown]) in real}
    return frozenset(found)


def _facts(judge: Judge, one: FileResult, places: dict[str, Path]) -> Facts:
    from incident.archive import index

    if one.facts is None:
        raw = read_bytes(places[one.path], judge.config)
        return _facts_of(judge, b"" if isinstance(raw, str) else raw, one.path)
    return one.facts if isinstance(one.facts, index.Facts) else index.load(one.facts)


def join(runs: Iterable[Run]) -> Run:
    """Several runs, one a repository, as one."""
    every = list(runs)
    if len(every) == 1:
        return every[0]
    found = sorted((d for one in every for d in one.diagnostics), key=lambda d: d.sort_key)
    texts = {d.path: one.sources[d.path] for one in every for d in one.diagnostics}
    return Run(found, texts, sum(one.files for one in every))


def readable(path: Path, config: Config) -> str | None:
    """The text of a file that can be mended, or None."""
    from incident.postmortem.document import MAX_BYTES

    raw = read_bytes(path, config)
    if isinstance(raw, str) or len(raw) > MAX_BYTES or b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def text(judge: Judge, raw: bytes, shown: str) -> Run:
    """Judge one text, as if it stood at the path `shown`, beside the rest of the archive."""
    folder = judge.config.archive_dir
    inside = shown.startswith(f"{judge.config.archive}/") and folder.is_dir()
    return files(judge, [folder] if inside else [], use_cache=inside, contents={shown: raw})


def _judge_all(
    judge: Judge,
    known: Cache,
    places: list[tuple[str, Path]],
    asked: set[str],
    jobs: int,
    progress: Progress | None,
) -> Iterator[FileResult]:
    """Every file, on one core or several, in any order."""
    chunks = [places[at : at + _CHUNK] for at in range(0, len(places), _CHUNK)]
    workers = min(jobs or _cores(), len(chunks))
    alone = workers < 2 or len(places) < _PARALLEL
    work = partial(_judge_some, judge, known, asked, alone)
    if alone:
        for chunk in chunks:
            yield from work(chunk)
            if progress:
                progress(len(chunk))
        return
    import multiprocessing

    if isinstance(judge, Ready) and not known.files:
        _ = judge.linter  # loaded once, before there are several
    global _WORK  # inherited by the forked workers: a linter and a cache are not sent to each
    _WORK = work
    begin = _begin if _START == "spawn" else None
    parts = (judge.config, judge.now, judge.roster, known, asked) if begin else ()
    with multiprocessing.get_context(_START).Pool(workers, begin, parts) as pool:
        for result in pool.imap_unordered(_work, chunks):
            yield from result
            if progress:
                progress(len(result))


_WORK: Callable[[list[tuple[str, Path]]], list[FileResult]] | None = None


def _begin(config: Config, now: datetime, roster: Roster, known: Cache, asked: set[str]) -> None:
    from incident.lint import linter

    global _WORK
    _WORK = partial(_judge_some, linter.make(config, now, roster), known, asked, False)


def _work(chunk: list[tuple[str, Path]]) -> list[FileResult]:
    assert _WORK is not None
    return _WORK(chunk)


def _judge_some(
    judge: Judge, known: Cache, asked: set[str], alone: bool, places: list[tuple[str, Path]]
) -> list[FileResult]:
    found = [_judge(judge, known, shown, path, shown in asked) for shown, path in places]
    if alone:
        return found
    # several cores: gather now, each its part, what may be needed later
    by_path = dict(places)
    return [
        one if one.facts is not None else one._replace(facts=_facts(judge, one, by_path))
        for one in found
    ]


def _judge(judge: Judge, known: Cache, shown: str, path: Path, is_asked: bool) -> FileResult:
    raw = read_bytes(path, judge.config)
    if isinstance(raw, str):
        from incident.postmortem import document

        outcome = judge.examine(document.unreadable(shown, raw))
        return FileResult(shown, "", outcome.diagnostics, outcome.facts, None)
    content = caching.digest(raw)
    if found := caching.get(known, shown, content, judge.now):
        return FileResult(shown, content, found.diagnostics, found.facts, None)
    if not is_asked:
        return FileResult(shown, content, [], None, None)
    one = _examined(judge, raw, shown)
    return one if known.key else one._replace(entry=None)


def _examined(judge: Judge, raw: bytes, shown: str) -> FileResult:
    from incident.postmortem import document

    read = document.parse_bytes(raw, shown, judge.config.severity_aliases)
    outcome = judge.examine(read)
    content = caching.digest(raw)
    entry = caching.put(content, outcome)
    return FileResult(shown, content, outcome.diagnostics, outcome.facts, entry)


def _facts_of(judge: Judge, raw: bytes, shown: str) -> Facts:
    """What a file that was not asked for tells the others; its own rules may rest."""
    from incident.archive import index
    from incident.clock import Clock
    from incident.postmortem import document, model, suppressions

    read = document.parse_bytes(raw, shown, judge.config.severity_aliases)
    return index.gather(read, model.postmortem(read), suppressions.read(read, Clock(judge.now)))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
