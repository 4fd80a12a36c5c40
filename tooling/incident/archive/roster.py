"""Who works here: the roster that the blameless rules know, from git and the configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from incident import word_lists
from incident.archive.name_words import Proof, is_nick, proof
from incident.git import authors, remote
from incident.repository.config import Config
from incident.text.lazy_regex import lazy

_MACHINE = lazy(
    r"\[bot\]|bot\b|robot|noreply|no-reply|automat|maintainer|committee|foundation|working group|"
    r"\b(?:project|contributors?|authors|build|actions|inc|ltd|llc|gmbh|labs|corp|log|error)\b",
    re.IGNORECASE,
)
_DOMAIN = lazy(r"\w\.(?:com|org|net|io|dev|js|ai|co|app|cloud|eu|de|uk|info|tech)\b", re.IGNORECASE)
_WORD = lazy(r"[^\W\d_][\w'\u2019-]*")
_RUN = lazy(r"[^\W\d_]+")


@dataclass(frozen=True)
class Roster:
    """`full`: names of two or more words, lower case. `single`: words that mean one colleague.

    `careful`: those that are also words of the language, and mean one where they act. `nicks`:
    what somebody is called, with or without a capital. `initials`: in capitals, of first and last
    name, and of all names. `places`: words of the addresses of git's remotes, which name the
    company and the product. `gap`: why git's authors are missing or incomplete, and what to do;
    "" where they are complete or not wanted.
    """

    full: frozenset[tuple[str, ...]] = frozenset()
    single: frozenset[str] = frozenset()
    careful: frozenset[str] = frozenset()
    nicks: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    initials: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    gap: str = ""

    @cached_property
    def by_first(self) -> dict[str, list[tuple[str, ...]]]:
        """Full names by their first word, the longest first."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for full in sorted(self.full, key=lambda words: (-len(words), words)):
            found.setdefault(full[0], []).append(full)
        return found

    @cached_property
    def runs(self) -> frozenset[str]:
        """The first letters of all words that may begin a name here."""
        return _runs({*self.by_first, *self.single, *self.careful, *self.nicks})

    def knowing(self, nicks: Iterable[str]) -> Roster:
        """This roster, and more words that somebody is called."""
        more = frozenset(nicks) - self.places - self.nicks
        if not more:
            return self
        other = replace(self, nicks=self.nicks | more)
        # a roster of thousands is not sorted again for a few words
        other.__dict__.update(by_first=self.by_first, runs=self.runs | _runs(more))
        return other


def roster(
    names: Iterable[str],
    emails: Iterable[str] = (),
    allow: Iterable[str] = (),
    language: str = "en",
    places: Collection[str] = (),
) -> Roster:
    """A roster of people's names; words in `allow` never count alone.

    Machines, companies and projects among the names add nothing.
    """
    addresses = frozenset(email.casefold() for email in emails)
    allowed = {word.casefold() for word in allow}
    barred = {*allowed, *places, *_domains(addresses)}
    full, nicks = set(), set()
    proofs: dict[Proof, set[str]] = {kind: set() for kind in Proof}
    for name in names:
        words = tuple(word.casefold() for word in _WORD().findall(name))
        if _is_no_person(name, words, places, language) or " ".join(words) in allowed:
            continue
        if len(words) == 1:
            nicks.update({words[0]} - barred)
        if not 2 <= len(words) <= 5:
            continue
        # middle names and particles are too common as words
        halves = {word: proof(word, language) for word in (words[0], words[-1])}
        if set(halves.values()) == {Proof.NOTHING}:
            continue
        full.add(words)
        for word, kind in halves.items():
            if word not in allowed and word not in places:
                proofs[kind].add(word)
    nicks |= {local for local in map(_local, addresses) if local not in barred}
    single = frozenset(proofs[Proof.NAME])
    return Roster(
        frozenset(full),
        single,
        frozenset(proofs[Proof.WORD]) - single,
        frozenset(nick for nick in nicks if is_nick(nick, language)) - single,
        addresses,
        frozenset(
            initials.upper()
            for words in full
            for initials in (words[0][0] + words[-1][0], "".join(word[0] for word in words))
        ),
        frozenset(places),
    )


def _is_no_person(
    name: str, words: tuple[str, ...], places: Collection[str], language: str
) -> bool:
    """Whether an author is a machine, a team, a company, a project or an address."""
    if not words or not name[:1].isalpha() or _MACHINE().search(name) or _DOMAIN().search(name):
        return True
    if not word_lists.words("group_words", language).isdisjoint(words):
        return True
    # somebody may have called the repository, or the organization, after themselves
    own = words[0] in word_lists.words("given_names", language) and words[0] not in places
    return not own and not set(places).isdisjoint(words)


def _local(address: str) -> str:
    """The account in an address: `ines` of ines+git@example.com, `tvik` of 12+tvik@users.…."""
    local = address.partition("@")[0]
    number, _, account = local.partition("+")
    return account if account and number.isdigit() else number


def _domains(addresses: Iterable[str]) -> frozenset[str]:
    """The words of all domains of the authors: companies and providers."""
    hosts = {address.partition("@")[2] for address in addresses}
    return frozenset(label for host in hosts for label in host.split("."))


def _runs(words: Iterable[str]) -> frozenset[str]:
    return frozenset(run[0] for word in words if (run := _RUN().match(word)))


def is_person(owner: str, handles: Collection[str], known: Roster | None = None) -> bool:
    """Whether an owner is one person: it has a role somewhere, is an address, or a colleague.

    `handles`: those that have a role, in lower case. A team with a role counts as one.
    """
    plain = owner.casefold().lstrip("@")
    if plain in handles or "@" in plain:
        return True
    return known is not None and (
        tuple(word.casefold() for word in _WORD().findall(owner)) in known.full
        or plain in known.single
        or plain in known.nicks
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
        emails = [email for _, email in people]
        names, language = config.names, config.language
        from_git = (name for name, _ in people)
        places = _words(addresses)
        known = roster(from_git, emails, names.allow, language, places)
        # who is named in the configuration is a person, whatever the name
        named = roster(names.people, (), names.allow, language)
        gap = f"{found.problem.message}; {found.problem.hint}" if found.problem else ""
        return _together(known, named, gap)

    return wait


def _together(one: Roster, other: Roster, gap: str) -> Roster:
    single = one.single | other.single
    return Roster(
        one.full | other.full,
        single,
        (one.careful | other.careful) - single,
        (one.nicks | other.nicks) - single,
        one.emails | other.emails,
        one.initials | other.initials,
        one.places | other.places,
        gap,
    )


def _words(addresses: Iterable[str]) -> frozenset[str]:
    """The words of the remotes' addresses: organization and repository."""
    words = (word for url in addresses for word in re.split(r"[^A-Za-z]+", url.casefold()))
    return frozenset(word for word in words if len(word) > 2)
