"""Who works here: the roster that the blameless rules know, from git and the configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from incident import word_lists
from incident.git import authors, remote
from incident.repository.config import Config
from incident.text.lazy_regex import lazy

_BOT = lazy(r"\[bot\]|\bbot\b|noreply|no-reply|automation|maintainers", re.IGNORECASE)
_WORD = lazy(r"[^\W\d_][\w'\u2019-]*")


@dataclass(frozen=True)
class Roster:
    """`full`: names of two or more words, lower case. `single`: words that mean one colleague.

    `initials`: in capitals, of first and last name, and of all names. `places`: words of the
    addresses of git's remotes, which name the company and the product. `gap`: why git's authors
    are missing or incomplete, and what to do; "" where they are complete or not wanted.
    """

    full: frozenset[tuple[str, ...]] = frozenset()
    single: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    initials: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    gap: str = ""


def roster(
    names: Iterable[str],
    emails: Iterable[str] = (),
    allow: Iterable[str] = (),
    language: str = "en",
) -> Roster:
    """A roster of people's names; words in `allow` never count alone."""
    # names that are also words count only as part of a full name
    ambiguous = word_lists.words("ambiguous_names", language)
    allowed = {word.casefold() for word in allow}
    full, single = set(), set()
    for name in names:
        words = tuple(word.casefold() for word in _WORD().findall(name))
        if _BOT().search(name) or not 2 <= len(words) <= 5 or not name[:1].isalpha():
            continue
        if " ".join(words) in allowed:
            continue
        full.add(words)
        # middle names and particles are too common as words
        for word in (words[0], words[-1]):
            if len(word) > 2 and word not in ambiguous and word not in allowed:
                single.add(word)
    return Roster(
        frozenset(full),
        frozenset(single),
        frozenset(email.casefold() for email in emails),
        frozenset(
            initials.upper()
            for words in full
            for initials in (words[0][0] + words[-1][0], "".join(word[0] for word in words))
        ),
    )


def is_person(owner: str, handles: Collection[str], known: Roster | None = None) -> bool:
    """Whether an owner is one person: it has a role somewhere, is an address, or a colleague.

    `handles`: those that have a role, in lower case. A team that stands in a role counts as one.
    """
    plain = owner.casefold().lstrip("@")
    if plain in handles or "@" in plain:
        return True
    return known is not None and (
        tuple(word.casefold() for word in _WORD().findall(owner)) in known.full
        or plain in known.single
        or any(email.partition("@")[0] == plain for email in known.emails)
    )


def load(config: Config) -> Callable[[], Roster]:
    """Begin to learn the roster of a repository, and return what waits for it.

    Names come from the configuration, and from the authors in git's history with .mailmap. Git
    runs in the background: it takes half as long as linting one file.
    """
    wait_for_authors = authors.begin(config.root) if config.names.git_roster else authors.Authors
    wait_for_remotes = remote.begin(config.root)

    def wait() -> Roster:
        found, addresses = wait_for_authors(), wait_for_remotes()
        people = sorted(found.people)
        names = (*config.names.people, *(name for name, _ in people))
        emails = (email for _, email in people)
        known = roster(names, emails, config.names.allow, config.language)
        gap = f"{found.problem.message}; {found.problem.hint}" if found.problem else ""
        return replace(known, places=_words(addresses), gap=gap)

    return wait


def _words(addresses: Iterable[str]) -> frozenset[str]:
    """The words of the remotes' addresses: organization and repository."""
    words = (word for url in addresses for word in re.split(r"[^A-Za-z]+", url.casefold()))
    return frozenset(word for word in words if len(word) > 2)
