"""Who is a team and who a person, and what role the frontmatter gives a person."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from incident import word_lists
from incident.archive import roster as people
from incident.postmortem.model import Postmortem
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.rules import Context
    from incident.rules._name_shapes import Person

EMAIL = lazy(r"(?<![\w.+/-])[\w.+-]{1,64}@[A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,24}(?![\w-])")
HANDLE = lazy(r"(?<![\w.@/+=-])@[A-Za-z][\w-]{0,60}(?:[./][\w-]{1,60}){0,3}")

_ROLES = {
    "incident_lead": "the incident lead",
    "facilitator": "the facilitator",
    "scribe": "the scribe",
    "data_steward": "the data steward",
    "responders": "a responder",
    "reviewers": "a reviewer",
}


def is_group(name: str, language: str) -> bool:
    """Whether a handle or the local part of an address is that of a team, a list or a machine."""
    words = word_lists.words("group_words", language)
    return not words.isdisjoint(re.split(r"[-_./+]|\d+", name.casefold()))


def teams(postmortem: Postmortem) -> frozenset[str]:
    """The teams that the frontmatter names, in lower case."""
    named = {*postmortem.observers, *(consumer.team for consumer in postmortem.consumers)}
    if postmortem.owner.casefold() not in roles(postmortem):
        named.add(postmortem.owner)
    return frozenset(name.casefold() for name in named if name)


def roles(postmortem: Postmortem) -> dict[str, str]:
    """What to call the accounts of the frontmatter, by account in lower case."""
    found: dict[str, str] = {}
    for role, accounts in (*postmortem.roles.items(), ("reviewers", postmortem.reviewers)):
        for account in accounts:
            found.setdefault(account.casefold().lstrip("@"), _ROLES.get(role, "a responder"))
    return found


class Name(NamedTuple):
    """A person's name at [start, end), and their role by the frontmatter, or "".

    `certain`: by the roster; else by an account of the frontmatter.
    """

    start: int
    end: int
    role: str
    certain: bool


_RUN = lazy(r"[^\W\d_]+")
_TOKEN = lazy(r"[^\W\d_a-z](?<!\w.)[\w'\u2019-]*")
# A name before one of these is that of a thing: "the Freud server".
THING = lazy(
    r"[ \t]+(?:server|servers|cluster|host|database|node|nodes|machine|vm|instance|service|job|dag|"
    r"pipeline|table|model|dashboard|bot|queue|bucket|workspace|environment|repository|repo)\b"
)


def names_in(context: Context) -> Iterator[Name]:
    """The people that the prose names, by the roster and by the frontmatter's accounts."""
    roster = context.roster
    firsts: dict[str, list[tuple[str, ...]]] = {}
    for full in sorted(roster.full, key=len, reverse=True):
        firsts.setdefault(full[0], []).append(full)
    held = roles(context.postmortem)
    accounts = _account_names(context, held)
    if not (firsts or roster.single or accounts):
        return
    allowed = {word.casefold() for word in context.config.names.allow}
    systems = {word.casefold() for word in context.document.code_spans}
    words = {run[0] for key in (*firsts, *roster.single, *accounts) if (run := _RUN().match(key))}
    if words.isdisjoint(context.vocabulary):
        return
    text = context.prose
    if "@" in text:
        text = HANDLE().sub(blank, EMAIL().sub(blank, text))
    done = 0
    for token in _TOKEN().finditer(text):
        if token.start() < done or not token[0][0].isupper():
            continue
        word = _bare(token[0])
        start, done = token.start(), token.start() + len(word)
        key = word.casefold()
        if found := _full_name(text, start, firsts.get(key, ())):
            done, full = found
            if " ".join(full) not in allowed:
                yield Name(start, done, _role(full, held), True)
        elif key in roster.single or key in accounts:
            thing = key in allowed or key in systems or THING().match(text, done)
            if not thing and (len(word) < 2 or not word.isupper()):
                role = accounts.get(key) or _role((key,), held)
                yield Name(start, done, role, key in roster.single)


def _role(words: tuple[str, ...], held: dict[str, str]) -> str:
    """The role of whoever is called so, by the accounts that people of this name have."""
    first, last = words[0], words[-1]
    spellings = [first + mark + last for mark in ("", ".", "-", "_")]
    spellings += [first, last, first[0] + last, first + last[0], f"{first[0]}.{last}"]
    return next((held[account] for account in spellings if account in held), "")


def _bare(word: str) -> str:
    """A word without the 's of a possessive and marks at its end."""
    return re.sub(r"['\u2019]s?$", "", word.rstrip("'\u2019-"))


def _full_name(
    text: str, start: int, candidates: Sequence[tuple[str, ...]]
) -> tuple[int, tuple[str, ...]] | None:
    """Where a full name that begins at `start` ends, and which one it is."""
    for full in candidates:
        pattern = r"\s{1,40}".join(map(re.escape, full)) + r"(?!\w)"
        found = lazy(pattern, re.IGNORECASE)().match(text, start)
        if found and found[0].split()[-1][0].isupper():
            return found.end(), full
    return None


def _account_names(context: Context, held: dict[str, str]) -> dict[str, str]:
    """Roles by the words of those accounts of the frontmatter that look like a person's name."""
    known = teams(context.postmortem)
    language, found = context.config.language, dict[str, str]()
    for account, role in held.items():
        if account not in known and "-" not in account and not is_group(account, language):
            # the roster knows which words prove nothing alone: "will", "mark"
            twice = f"{account} {account}".replace(".", " ")
            for word in people.roster([twice], (), context.config.names.allow, language).single:
                found.setdefault(word, role)
    return found


def blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def elsewhere(context: Context, kind: str) -> Iterator[tuple[Person, str]]:
    """The people of a kind whom neither the roster nor the frontmatter knows, with their words."""
    known = context.colleagues
    ends = [name.end for name in known]
    for person in context.people:
        if person.kind != kind:
            continue
        after = bisect_right(ends, person.start)
        if after == len(known) or known[after].start >= person.end:
            yield person, " ".join(context.document.text[person.start : person.end].split())


_OPENING = lazy(r"(?:\A|[.!?\0]|\n[ \t]*\r?\n|^[ \t]*[-*+>])\s*\Z", re.MULTILINE)


def opens_sentence(text: str, start: int) -> bool:
    """Whether a sentence begins at `start`."""
    return _OPENING().search(text[max(0, start - 80) : start]) is not None
