"""Pagefind: the index comes in small pieces, so that the first result loads little.

Each group of years has its own index: a change rebuilds one of them, and no run holds all pages in
memory. There are few groups, because every search queries all of them.
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

from mkdocs.exceptions import PluginError

from incident.site import search_words

LIMIT_SECONDS = 600
LEAST = 125  # pages per index, or that many times a power of two
MOST = 5  # indexes
FOLDER = "pagefind"
KEPT = ("pagefind.js", "pagefind-worker.js", "pagefind-entry.json")
_ARGUMENTS = ["--quiet", "--exclude-selectors", ".headerlink, dt, thead"]


def index(
    site: Path,
    pages: Mapping[str, Mapping[str, str]],
    cache: Path | None = None,
    language: str = "en",
) -> None:
    """Index the built pages of `site` into `site/pagefind/<years>`, newest years first.

    `pages`: by year, the files in the site with a hash of their content. `cache`: where indexes are
    kept for the next build. Raises PluginError, also if the language needs another Pagefind.
    """
    search_words.require(language)
    grouped = groups(pages)
    names = sorted(grouped, reverse=True)
    _remove_others(site / FOLDER, names)
    kept = set()
    for name in names:
        target = site / FOLDER / name
        kept_at = cache / f"{name}-{_key(grouped[name], language)}" if cache else None
        first = name == names[0]  # the newest has the code for all
        kept.add(kept_at)
        if kept_at and kept_at.is_dir():
            if _linked(kept_at, target, first):
                continue
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(kept_at, target, copy_function=_same)
        else:
            shutil.rmtree(target, ignore_errors=True)
            _run(site, grouped[name], target)
            search_words.write(target, (site / path for path in grouped[name]), language)
            if kept_at:
                _keep(target, kept_at)
        if not first:
            for file in (*target.glob("*.js"), *target.glob("wasm.*")):
                file.unlink()
    if cache and cache.is_dir():
        for old in set(cache.iterdir()) - kept:
            shutil.rmtree(old, ignore_errors=True)
    (site / FOLDER / "years.json").write_text(json.dumps(names) + "\n", encoding="utf-8")


def remove(site: Path) -> None:
    """Remove the index of a site that has nothing to search."""
    shutil.rmtree(site / FOLDER, ignore_errors=True)


def code(site: Path) -> set[str]:
    """The files of the search that are Pagefind's own, by their place in the site."""
    found = [*(site / FOLDER).glob("*/*.js"), *(site / FOLDER).glob("*/wasm.*")]
    return {file.relative_to(site).as_posix() for file in found}


def groups(pages: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Years grouped into indexes, oldest first, so that old groups stay unchanged."""
    size = LEAST
    while sum(map(len, pages.values())) > size * MOST:
        size *= 2
    found: dict[str, dict[str, str]] = {}
    first, held = "", dict[str, str]()
    for year in sorted(pages):
        first = first or year
        held |= pages[year]
        if len(held) >= size:
            found[_name(first, year)] = held
            first, held = "", {}
    if held:
        found[_name(first, max(pages))] = held
    return found


def _name(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _key(pages: Mapping[str, str], language: str) -> str:
    tool = [importlib.metadata.version("pagefind"), str(search_words.has_extended()), *_ARGUMENTS]
    said = [*tool, language, *map(str, sorted(pages.items()))]
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


def _run(site: Path, pages: Mapping[str, str], target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=site.parent, prefix=".search-") as scratch:
        for path in pages:
            place = Path(scratch, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(site / path, place)
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
