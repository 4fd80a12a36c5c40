"""Pagefind: the index comes in small pieces, so that the first result loads little.

Each group of years has its own index, and so have the assets and the guide: a change rebuilds few
of them, and no run holds all pages in memory. There are few, because every search queries them all.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from mkdocs.exceptions import PluginError

from incident.reports import search_records
from incident.repository.code_stamp import code_stamp
from incident.site import search_sheets, search_words
from incident.site.search_sheets import Sheet

LIMIT_SECONDS = 600
LEAST = 125  # pages per index, or that many times a power of two
MOST = 5  # indexes of years
FOLDER = "pagefind"
LIST = "indexes.json"
KEPT = ("pagefind.js", "pagefind-entry.json")
_ARGUMENTS = ["--quiet", "--exclude-selectors", ".headerlink, dt, thead"]


Sheets = Mapping[str, Mapping[str, Sheet]]  # by group, then by path
T = TypeVar("T")


def index(site: Path, sheets: Sheets, cache: Path | None = None, language: str = "en") -> None:
    """Index `sheets`, and the built pages of `site` that they are of, into `site/pagefind/<group>`.

    The guide first, with the code, then the newest years. `cache`: where indexes are kept for the
    next build. Raises PluginError, also if the language needs another Pagefind.
    """
    search_words.require(language)
    shared = {name: dict(sheets[name]) for name in search_records.SHARED if name in sheets}
    years = groups({name: found for name, found in sheets.items() if name not in shared})
    grouped = years | shared
    order = [search_records.GUIDE, *sorted(years, reverse=True), search_records.ASSETS]
    names = [name for name in order if name in grouped]
    _remove_others(site / FOLDER, names)
    kept = set()
    for name in names:
        target = site / FOLDER / name
        kept_at = cache / f"{name}-{_key(grouped[name], language)}" if cache else None
        first = name == names[0]  # it has the code for all
        kept.add(kept_at)
        if kept_at and kept_at.is_dir():
            if _linked(kept_at, target, first):
                continue
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(kept_at, target, copy_function=_same)
        else:
            shutil.rmtree(target, ignore_errors=True)
            _run(site, grouped[name], target, language)
            search_words.write(target, language)
            if kept_at:
                _keep(target, kept_at)
        if not first:
            for file in (*target.glob("*.js"), *target.glob("wasm.*")):
                file.unlink()
    if cache and cache.is_dir():
        for old in set(cache.iterdir()) - kept:
            shutil.rmtree(old, ignore_errors=True)
    said = {"indexes": names, "joins_words": search_words.joins_words(language)}
    (site / FOLDER / LIST).write_text(json.dumps(said) + "\n", encoding="utf-8")


def remove(site: Path) -> None:
    """Remove the index of a site that has nothing to search."""
    shutil.rmtree(site / FOLDER, ignore_errors=True)


def derived(site: Path) -> set[str]:
    """The files of the search without any text of their own, by their place in the site.

    Pagefind's code; the lists of words, which are in the indexes; the index of the guide and the
    rules, whose pages are in the site.
    """
    folder = site / FOLDER
    found = [*folder.glob("*/*.js"), *folder.glob("*/wasm.*")]
    found += [*folder.glob(f"*/{search_words.FILE}"), *folder.glob(f"{search_records.GUIDE}/**/*")]
    return {file.relative_to(site).as_posix() for file in found}


def groups(years: Mapping[str, Mapping[str, T]]) -> dict[str, dict[str, T]]:
    """Years grouped into indexes, oldest first, so that old groups stay unchanged."""
    size = LEAST
    while sum(map(len, years.values())) > size * MOST:
        size *= 2
    found: dict[str, dict[str, T]] = {}
    first, held = "", dict[str, T]()
    for year in sorted(years):
        first = first or year
        held |= years[year]
        if len(held) >= size:
            found[_name(first, year)] = held
            first, held = "", {}
    if held:
        found[_name(first, max(years))] = held
    return found


def _name(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _key(sheets: Mapping[str, Sheet], language: str) -> str:
    tool = [
        code_stamp(),
        importlib.metadata.version("pagefind"),
        str(search_words.has_extended()),
        *_ARGUMENTS,
    ]
    said = [*tool, language, *map(str, sorted(sheets.items()))]
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:24]


def _keep(target: Path, kept_at: Path) -> None:
    try:
        kept_at.parent.mkdir(parents=True, exist_ok=True)
        partly = kept_at.with_name(f"{kept_at.name}.{os.getpid()}")
        shutil.copytree(target, partly, copy_function=_same)
        partly.rename(kept_at)  # all or nothing
    except OSError:
        pass  # the next build tries again


def _remove_others(folder: Path, names: list[str]) -> None:
    for old in folder.iterdir() if folder.is_dir() else ():
        if old.is_dir() and old.name not in names:
            shutil.rmtree(old)
        elif not old.is_dir():
            old.unlink()


def _linked(kept: Path, target: Path, code: bool) -> bool:
    """Whether the index in the site equals the kept one, file by file; `code`: with shared code."""
    wanted = {
        path: number
        for path, number in _numbers(kept)
        if code or not (path.endswith(".js") or path.startswith("wasm."))
    }
    return target.is_dir() and dict(_numbers(target)) == wanted


def _numbers(folder: Path, under: str = "") -> Iterator[tuple[str, int]]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _numbers(Path(entry.path), f"{under}{entry.name}/")
        else:
            yield f"{under}{entry.name}", entry.inode()


def _same(source: str, target: str) -> None:
    """A hard link, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _run(site: Path, sheets: Mapping[str, Sheet], target: Path, language: str) -> None:
    with tempfile.TemporaryDirectory(dir=site.parent, prefix=".search-") as scratch:
        for path, sheet in sheets.items():
            search_sheets.write(sheet, site / path, Path(scratch, path), language)
        _pagefind(["--site", scratch, "--output-path", str(target), *_ARGUMENTS])
    for file in target.iterdir():
        # Pagefind's user interfaces and other languages: we have our own, and one language
        kept = file.name in KEPT or file.name.startswith(("pagefind.", "wasm."))
        if file.is_file() and not kept:
            file.unlink()


def _pagefind(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "pagefind", *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
            command,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PluginError(f"building the search index failed: {error}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise PluginError(f"building the search index failed: {said[-1] if said else ''}")
