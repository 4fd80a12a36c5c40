"""Who is a team and who a person, and what role the frontmatter gives a person."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from incident import word_lists
from incident.archive import roster as people
from incident.postmortem.model import Postmortem
from incident.rules._person_acts import (
    BY_PERSON,
    COMPANY,
    ON,
    OWNS,
    THE,
    Act,
    act,
    is_thing,
    verbs,
)
from incident.rules._word_places import WordPlaces
from incident.text import lines
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.rules import Context
    from incident.rules._name_shapes import Person

# "job@0.timer" is a unit of systemd
EMAIL = lazy(
    r"(?<![\w.+/-])[\w.+-]{1,64}@[A-Za-z0-9.-]{1,200}\."
    r"(?!(?:service|timer|socket|target|mount|automount|slice|scope|path|swap|device)\b)"
    r"[A-Za-z]{2,24}(?![\w-])"
)
# "ines@": the account without its address
HANDLE_BEHIND = lazy(r"(?<![\w.@/+=:-])[A-Za-z][\w-]{1,38}@(?![\w@:/]|\.\w)")
HANDLE = lazy(r"(?<![\w.@/+=-])@[A-Za-z][\w-]{0,60}(?:[./][\w-]{1,60}){0,3}")


def account_matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of one of these: each is on a line with an @."""
    for start, end in lines.having(text, "@"):
        yield from pattern.finditer(text, start, end)


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


_TOKEN = lazy(r"[^\W_][\w'\u2019-]*(?:\.\w[\w-]*)?")


def names_in(context: Context) -> Iterator[Name]:
    """The people that the prose names, by the roster and by the frontmatter's accounts."""
    roster = context.roster
    held = roles(context.postmortem)
    accounts = _account_names(context, held)
    hits = (accounts.keys() | roster.runs) & context.vocabulary
    if not hits:
        return
    text = context.masked
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text
    places = WordPlaces(lowered)
    matches = _Matches(context, text, places, accounts)
    done = 0
    for start in sorted({at for run in hits for at in places.beginning(run)}):
        if start < done or not matches.stands_free(start):
            continue
        if found := _full_name(text, start, roster.by_first):
            done, full = found
            if " ".join(full) not in matches.allowed:
                yield Name(start, done, _role(full, held), True)
        elif key := matches.key_at(start):
            done = start + len(key)
            yield Name(start, done, accounts.get(key) or _role((key,), held), matches.is_known(key))


class _Matches:
    """Which words of a text mean somebody whom the roster or the frontmatter knows."""

    def __init__(
        self, context: Context, text: str, places: WordPlaces, accounts: dict[str, str]
    ) -> None:
        language = context.config.language
        self.text, self.roster, self.accounts = text, context.roster, accounts
        self._places = places
        self.allowed = {word.casefold() for word in context.config.names.allow}
        self._skipped = self.allowed | teams(context.postmortem)
        self._skipped |= {word.casefold() for word in context.document.code_spans}
        self._given = word_lists.words("given_names", language)
        self._verbs = verbs(language)
        self._calendar = word_lists.words("calendar", language)
        self._things: dict[str, bool] = {}

    def is_known(self, key: str) -> bool:
        """Whether it is the roster that knows a word."""
        known = self.roster
        return key in known.single or key in known.nicks or key in known.careful

    def stands_free(self, start: int) -> bool:
        """Whether no path, address or other word reaches to `start`."""
        before = self.text[max(0, start - 2) : start]
        return not (before[-1:].isalnum() or before[-1:] in {"@", "/", "#", "-", "\\"}) and not (
            before[-1:] in {".", ":", "="} and before[:1].isalnum()
        )

    def key_at(self, start: int) -> str:
        """The word at `start` as the roster or the frontmatter has it, or ""."""
        token = _TOKEN().match(self.text, start)
        if token is None:
            return ""
        word = token[0]
        key = _bare(word).casefold()
        if "." in key and key not in self.roster.nicks:
            if key.partition(".")[2]:
                return ""
            key = key.rstrip(".")
        end = start + len(key)
        if self.text[end : end + 1] in {"/", "@", "(", "=", "\\", "_"} and key:
            return ""
        is_account = key in self.accounts
        if not (self.is_known(key) or is_account) or key in self._skipped:
            return ""
        written = self.text[start:end]
        if self._is_thing(key, start, end):
            return ""
        if written[:1].isupper():
            if len(written) > 1 and written.isupper() and key not in self.roster.nicks:
                return ""
            careful = key in self.roster.careful and key not in self.roster.nicks and not is_account
            return key if not careful or self._acts(start, end) else ""
        if key in self.roster.nicks or is_account:
            return key
        return key if key in self.roster.single and (len(key) > 3 or key in self._given) else ""

    def _is_thing(self, key: str, start: int, end: int) -> bool:
        """Whether a word is said to be a thing here; a nick, anywhere in the document."""
        if is_thing(self.text, start, end):
            return True
        if key not in self.roster.nicks or key in self._given:
            return False
        if key not in self._things:
            self._things[key] = any(
                is_thing(self.text, at, at + len(key))
                or COMPANY().match(self.text, at + len(key))
                or (self.text[at].islower() and THE().search(self.text[max(0, at - 12) : at]))
                for at in self._places.places(key)
            )
        return self._things[key]

    def _acts(self, start: int, end: int) -> bool:
        """Whether a name that is a word too does what people do."""
        before = self.text[max(0, start - 40) : start]
        if ON().search(before) or (THE().search(before)):
            return False
        dated = self.text[start:end].casefold() in self._calendar
        done = act(self.text, end, self._verbs)
        if done is Act.STRONG or (done is Act.PLAIN and not dated):
            return True
        owns = OWNS().match(self.text, end) is not None and not dated
        return owns or BY_PERSON().search(before) is not None


def masked(context: Context) -> str:
    """The prose without handles and addresses; same offsets."""
    text = context.prose
    if "@" in text:
        lines = text.split("\n")
        text = "\n".join(_without_accounts(line) if "@" in line else line for line in lines)
    return text


def _without_accounts(text: str) -> str:
    return HANDLE_BEHIND().sub(blank, HANDLE().sub(blank, EMAIL().sub(blank, text)))


def _role(words: tuple[str, ...], held: dict[str, str]) -> str:
    """The role of the people with this name, according to their accounts."""
    first, last = words[0], words[-1]
    spellings = [first + mark + last for mark in ("", ".", "-", "_")]
    spellings += [first, last, first[0] + last, first + last[0], f"{first[0]}.{last}"]
    return next((held[account] for account in spellings if account in held), "")


def _bare(word: str) -> str:
    """A word without the 's of a possessive and marks at its end."""
    return re.sub(r"['\u2019]s?$", "", word.rstrip("'\u2019-"))


def _full_name(
    text: str, start: int, by_first: dict[str, list[tuple[str, ...]]]
) -> tuple[int, tuple[str, ...]] | None:
    """Where a full name that begins at `start` ends, and which one it is."""
    token = _TOKEN().match(text, start)
    for full in by_first.get(token[0].casefold(), ()) if token else ():
        pattern = r"\s{1,40}".join(map(re.escape, full)) + r"(?!\w)"
        found = lazy(pattern, re.IGNORECASE)().match(text, start)
        # "Will may": a capital alone is that of a sentence
        if found and found[0][0].isupper() <= found[0].split()[-1][0].isupper():
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
