"""Lint files: read, look up or judge, then judge the archive as a whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from incident import archive, document
from incident.config import Config
from incident.diagnostic import Diagnostic
from incident.lint import cache as caching
from incident.lint.cache import Cache
from incident.lint.changes import Changes
from incident.linter import Linter, Outcome, expand

# below this many files a second process takes longer than it saves
_PARALLEL = 60
_CHUNK = 50

Progress = Callable[[int], None]
Judged = tuple[str, Outcome, list[Any] | None]


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
            raw = archive.read_bytes(self._places[path], self._config)
            self._texts[path] = "" if isinstance(raw, str) else raw.decode(errors="replace")
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._places, **self._texts})

    def __len__(self) -> int:
        return len({**self._places, **self._texts})


def files(
    linter: Linter,
    paths: Iterable[Path],
    *,
    use_cache: bool = True,
    jobs: int = 0,
    changes: Changes | None = None,
    progress: Progress | None = None,
) -> Run:
    """Judge `paths`: files, and folders with all below. Raises UsageError on a missing path.

    The rules about the archive see every postmortem of it, and report on the files that were
    asked for. `changes` narrows those to what git says was changed; `jobs` is the number of
    processes, 0 for one a core.
    """
    places: dict[str, Path] = {}
    for path in expand(paths):
        places.setdefault(linter.config.relative(path), path)
    asked = {shown for shown in places if changes is None or shown in changes.changed}
    inside = f"{linter.config.archive}/"
    deleted = changes is not None and any(one.startswith(inside) for one in changes.deleted)
    if deleted or any(shown.startswith(inside) for shown in asked):
        for path in archive.files(linter.config.archive_dir):
            places.setdefault(linter.config.relative(path), path)
    else:
        places = {shown: path for shown, path in places.items() if shown in asked}
    known = caching.load(linter.config.root, caching.key(linter)) if use_cache else Cache("", {})
    outcomes: dict[str, Outcome] = {}
    fresh: dict[str, list[Any]] = {}
    staged = changes.staged if changes else {}
    on_disk = [(shown, path) for shown, path in places.items() if shown not in staged]
    for shown, outcome, entry in _judge_all(linter, known, on_disk, jobs, progress):
        outcomes[shown] = outcome
        if entry is not None:
            fresh[shown] = entry
    for shown in staged.keys() & places.keys():
        outcomes[shown] = _examine(linter, staged[shown], shown)
    if use_cache and fresh and linter.config.root.is_dir():
        caching.save(linter.config.root, Cache(known.key, {**known.files, **fresh}))
    found = [d for shown in asked for d in outcomes[shown].diagnostics]
    whole = linter.check_archive(outcome.facts for outcome in outcomes.values())
    # what a deletion broke stands in a file that was not changed
    found += [d for d in whole if d.path in asked or (deleted and d.name == "dead-link")]
    texts = {shown: raw.decode("utf-8", errors="replace") for shown, raw in staged.items()}
    return Run(
        sorted(found, key=lambda d: d.sort_key), Sources(linter.config, places, texts), len(asked)
    )


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
    raw = archive.read_bytes(path, config)
    if isinstance(raw, str) or len(raw) > document.MAX_BYTES or b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def text(linter: Linter, raw: bytes, shown: str) -> Run:
    """Judge one text, as if it stood at the path `shown`."""
    found = document.parse_bytes(raw, shown, linter.config.severity_aliases)
    outcome = linter.examine(found)
    diagnostics = outcome.diagnostics + linter.check_archive([outcome.facts])
    diagnostics.sort(key=lambda d: d.sort_key)
    return Run(diagnostics, Sources(linter.config, {}, {shown: found.text}), 1)


def _judge_all(
    linter: Linter,
    known: Cache,
    places: list[tuple[str, Path]],
    jobs: int,
    progress: Progress | None,
) -> Iterator[Judged]:
    """Every file, on one core or several, in any order."""
    judge = partial(_judge_some, linter, known)
    chunks = [places[at : at + _CHUNK] for at in range(0, len(places), _CHUNK)]
    workers = min(jobs or _cores(), len(chunks))
    if workers < 2 or len(places) < _PARALLEL or not hasattr(os, "fork"):
        for chunk in chunks:
            yield from judge(chunk)
            if progress:
                progress(len(chunk))
        return
    import multiprocessing

    global _WORK  # inherited by the forked workers: a linter and a cache are not sent to each
    _WORK = judge
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for result in pool.imap_unordered(_work, chunks):
            yield from result
            if progress:
                progress(len(result))


_WORK: Callable[[list[tuple[str, Path]]], list[Judged]] | None = None


def _work(chunk: list[tuple[str, Path]]) -> list[Judged]:
    assert _WORK is not None
    return _WORK(chunk)


def _judge_some(linter: Linter, known: Cache, places: list[tuple[str, Path]]) -> list[Judged]:
    return [_judge(linter, known, shown, path) for shown, path in places]


def _judge(linter: Linter, known: Cache, shown: str, path: Path) -> Judged:
    raw = archive.read_bytes(path, linter.config)
    if isinstance(raw, str):
        return shown, linter.examine(document.unreadable(shown, raw)), None
    content = caching.digest(raw)
    outcome = caching.get(known, shown, content, linter.now)
    if outcome is not None:
        return shown, outcome, None
    outcome = _examine(linter, raw, shown)
    return shown, outcome, caching.put(content, outcome) if known.key else None


def _examine(linter: Linter, raw: bytes, shown: str) -> Outcome:
    return linter.examine(document.parse_bytes(raw, shown, linter.config.severity_aliases))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
