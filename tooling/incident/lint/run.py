"""Lint files: select them, check each, check the archive as a whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from incident.archive.files import read_bytes
from incident.diagnostic import Diagnostic
from incident.lint import cache as caching
from incident.lint import file_checks, selection
from incident.lint import learned as learning
from incident.lint.cache import Cache
from incident.lint.file_checks import FileResult, Progress
from incident.lint.linter import Linter
from incident.lint.selection import Changes, Selection
from incident.repository.config import Config
from incident.text.digests import digest

if TYPE_CHECKING:
    from incident.archive.index import Facts


class Run(NamedTuple):
    """`files`: how many were checked; `sources`: their text by path, read on demand.

    `gaps`: why git's authors are missing from a roster.
    """

    diagnostics: list[Diagnostic]
    sources: Mapping[str, str]
    files: int
    gaps: tuple[str, ...] = ()


class Sources(Mapping[str, str]):
    """Texts by path. Most runs show none, so a file is read again on demand, and not kept.

    A file that must not be read (a link out of the repository, a pipe) is an empty text.
    """

    def __init__(self, config: Config, chosen: Selection) -> None:
        self._config = config
        self._paths = chosen.paths
        self._texts = {
            shown: raw.decode("utf-8", errors="replace") for shown, raw in chosen.contents.items()
        }

    def __getitem__(self, path: str) -> str:
        if path in self._texts:
            return self._texts[path]
        raw = read_bytes(self._paths[path], self._config)
        return "" if isinstance(raw, str) else raw.decode(errors="replace")

    def __iter__(self) -> Iterator[str]:
        return iter({**self._paths, **self._texts})

    def __len__(self) -> int:
        return len({**self._paths, **self._texts})


def files(
    linter: Linter,
    paths: Iterable[Path],
    *,
    use_cache: bool = True,
    remember: bool = True,
    jobs: int = 0,
    changes: Changes | None = None,
    contents: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> Run:
    """Check `paths`: files, and folders with all below. Raises UsageError on a missing path.

    Archive rules see every postmortem, and report on the requested files: see `selection.select`.
    `jobs` is the number of processes, 0 for one per core. `remember`: write the cache, too.
    """
    config = linter.config
    try:
        chosen = selection.select(config, paths, changes, contents)
    finally:
        _ = linter.roster  # git runs in parallel: wait for it in any case
    known = Cache("", {}, [])
    if use_cache:
        known = caching.load(config.root, caching.key(config, linter.roster))
    learned = learning.learn(chosen, known, config)
    linter = linter.knowing(learned.nicks)
    results = file_checks.check(linter, chosen, known, learned, jobs, progress)
    about_all, whole = _check_archive(linter, chosen, results, known)
    if use_cache and remember:
        _remember(config.root, known, results, whole)
    found = [d for shown in chosen.asked for d in results[shown].diagnostics]
    found += [d for d in about_all if _is_shown(d, chosen, config)]
    found.sort(key=lambda d: d.sort_key)
    gaps = (linter.roster.gap,) if linter.roster.gap else ()
    return Run(found, Sources(config, chosen), len(chosen.asked), gaps)


def _is_shown(d: Diagnostic, chosen: Selection, config: Config) -> bool:
    """Whether a finding about the archive concerns a requested file.

    A deletion breaks links in files that did not change; an internal error concerns no file.
    """
    broken = chosen.deleted and d.name == "dead-link"
    return d.path in chosen.asked or broken or d.path == config.archive


def _check_archive(
    linter: Linter, chosen: Selection, results: Mapping[str, FileResult], known: Cache
) -> tuple[list[Diagnostic], list[Any]]:
    """The findings about the whole archive, and their cache entry."""
    aliases = _aliases(results, chosen)
    # a suppression can expire without a change to any file: cache one result per day
    day = linter.now.astimezone(UTC).date()
    lines = (f"{one} {one in aliases} {results[one].content}" for one in sorted(results))
    text = "\0".join([str(day), *lines])
    content = digest(text.encode("utf-8", "backslashreplace"))
    found = caching.get_whole(known, content)
    if found is not None:
        return found, known.whole
    found = linter.check_archive(map(_facts, results.values()), aliases)
    lasting = all(r.content for r in results.values()) and not _failed(found)
    return found, caching.put_whole(content, found) if lasting else known.whole


def _failed(found: list[Diagnostic]) -> bool:
    from incident.lint import failures

    return failures.happened(found)


def _remember(
    root: Path, known: Cache, results: Mapping[str, FileResult], whole: list[Any]
) -> None:
    """Write the cache if the run produced anything new."""
    fresh = {shown: r.entry for shown, r in results.items() if r.entry is not None}
    if root.is_dir() and (fresh or whole is not known.whole):
        caching.save(root, Cache(known.key, {**known.files, **fresh}, whole))


def _aliases(results: Mapping[str, FileResult], chosen: Selection) -> frozenset[str]:
    """Paths that are symbolic links to another file among them: one postmortem, not two."""
    by_content: dict[str, list[str]] = {}
    for one in results.values():
        if one.content:
            by_content.setdefault(one.content, []).append(one.path)
    found = set()
    for same in by_content.values():
        if len(same) > 1:
            links = {shown for shown in same if chosen.paths[shown].is_symlink()}
            real = {os.path.realpath(chosen.paths[shown]) for shown in same if shown not in links}
            found |= {shown for shown in links if os.path.realpath(chosen.paths[shown]) in real}
    return frozenset(found)


def _facts(one: FileResult) -> Facts:
    from incident.archive import index

    return one.facts if isinstance(one.facts, index.Facts) else index.load(one.facts)


def join(runs: Iterable[Run]) -> Run:
    """Several runs, one per repository, as one."""
    every = list(runs)
    if len(every) == 1:
        return every[0]
    found = sorted((d for one in every for d in one.diagnostics), key=lambda d: d.sort_key)
    texts = {d.path: one.sources.get(d.path, "") for one in every for d in one.diagnostics}
    gaps = tuple(gap for one in every for gap in one.gaps)
    return Run(found, texts, sum(one.files for one in every), gaps)


def readable(path: Path, config: Config) -> str | None:
    """The text of a file that can be fixed, or None."""
    from incident.repository.config import MAX_BYTES

    raw = read_bytes(path, config)
    if isinstance(raw, str) or len(raw) > MAX_BYTES or b"\0" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def text(linter: Linter, raw: bytes, shown: str, *, jobs: int = 0, remember: bool = True) -> Run:
    """Check one text as if it were at the path `shown`, next to the rest of the archive."""
    folder = linter.config.archive_dir
    inside = linter.config.in_archive(shown) and folder.is_dir()
    return files(
        linter,
        [folder] if inside else [],
        use_cache=inside,
        remember=remember,
        jobs=jobs,
        contents={shown: raw},
    )
