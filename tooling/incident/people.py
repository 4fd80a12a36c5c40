"""Who works here: the roster that the blameless rules know, from git and the configuration."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from incident import language
from incident.config import Config

_BOT = re.compile(r"\[bot\]|\bbot\b|noreply|no-reply|automation|maintainers", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")


@dataclass(frozen=True)
class Roster:
    """`full`: names of two or more words, lower case. `single`: words that mean one colleague."""

    full: frozenset[tuple[str, ...]] = frozenset()
    single: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


@cache
def ambiguous() -> frozenset[str]:
    """Names that are also words, and count only as part of a full name."""
    return language.words("ambiguous_names")


def roster(names: Iterable[str], emails: Iterable[str] = (), allow: Iterable[str] = ()) -> Roster:
    """A roster of people's names; words in `allow` never count alone."""
    allowed = {word.casefold() for word in allow}
    full, single = set(), set()
    for name in names:
        words = tuple(word.casefold() for word in _WORD.findall(name))
        if _BOT.search(name) or not 2 <= len(words) <= 5 or not name[:1].isalpha():
            continue
        if " ".join(words) in allowed:
            continue
        full.add(words)
        # middle names and particles are too common as words
        for word in (words[0], words[-1]):
            if len(word) > 2 and word not in ambiguous() and word not in allowed:
                single.add(word)
    return Roster(
        frozenset(full), frozenset(single), frozenset(email.casefold() for email in emails)
    )


def load(config: Config) -> Roster:
    """The roster of a repository: names of the configuration, and authors in git's history."""
    names, emails = _git_authors(config.root) if config.names.git_roster else ((), ())
    return roster((*config.names.people, *names), emails, config.names.allow)


@cache
def _git_authors(root: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Authors by git's history with .mailmap; none where there is no repository or no git."""
    if not (root / ".git").exists():
        return (), ()
    command = ["git", "log", "-20000", "--use-mailmap", "--format=%aN%x09%aE"]
    try:
        done = subprocess.run(
            command,
            cwd=root,
            capture_output=True,
            timeout=20,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return (), ()
    if done.returncode != 0:  # no commits yet
        return (), ()
    lines = sorted(set(done.stdout.decode("utf-8", errors="replace").splitlines()))
    pairs = [line.partition("\t") for line in lines]
    return tuple(pair[0] for pair in pairs), tuple(pair[2] for pair in pairs)
