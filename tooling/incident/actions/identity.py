"""Match issues to action items: first by the recorded number, then by the key in the marker.

When a postmortem is renamed, or an item renumbered or moved, its issue follows. If the match is
ambiguous, all candidates are left alone and reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from incident.actions import marker
from incident.actions.desired_issues import DesiredIssue, Problem, digest
from incident.actions.tracker import LABEL, Absent, Issue
from incident.text.lazy_regex import lazy

_WORD = lazy(r"\w+")
_ALIKE = 0.3  # share of common words in two titles that counts as an edit of the same item

# from a postmortem's id to its former ids
Renames = Callable[[str], frozenset[str]]


@dataclass
class Matches:
    """`issue`: by key, an item's issue; `moved`: by key, the outdated key in its marker.

    `new`: items without an issue. `twice`: by key, duplicate issues to close. `orphans`: issues
    whose item is not in the archive.
    """

    issue: dict[str, Issue] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    new: list[DesiredIssue] = field(default_factory=list)
    twice: dict[str, list[Issue]] = field(default_factory=dict)
    orphans: list[Issue] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def match(
    wanted: Iterable[DesiredIssue],
    issues: Sequence[Issue],
    absent: Mapping[int, Absent],
    renames: Renames = lambda _: frozenset(),
    *,
    whole: bool = True,
) -> Matches:
    """Match items to issues. `whole`: whether `wanted` is the whole archive."""
    return _Matcher(list(wanted), issues, absent, renames, whole).run()


class _Matcher:
    def __init__(
        self,
        wanted: list[DesiredIssue],
        issues: Sequence[Issue],
        absent: Mapping[int, Absent],
        renames: Renames,
        whole: bool,
    ) -> None:
        self.wanted, self.absent, self.renames, self.whole = wanted, absent, renames, whole
        self.found = Matches()
        self.items = {one.key: one for one in wanted}
        self.states = {issue.number: marker.read(issue.body) for issue in issues}
        self.by_number = {issue.number: issue for issue in issues}
        self.by_key: dict[str, list[Issue]] = {}
        for issue in sorted(issues, key=lambda issue: issue.number):
            if key := self.key(issue):
                self.by_key.setdefault(key, []).append(issue)
        self.owner = self._owners()

    def key(self, issue: Issue) -> str:
        return str(self.states[issue.number].get("key", ""))

    def run(self) -> Matches:
        held = self._by_number()
        without = [one for one in self.wanted if one.key not in self.found.issue.keys() | held]
        lost = [one for one in without if not self._by_key(one)]
        self._by_words(lost)
        tied = {issue.number for issue in self.found.issue.values()} | self.owner.keys()
        for key, some in self.by_key.items():
            left = [issue for issue in some if issue.number not in tied]
            if key in self.found.issue:
                self.found.twice[key] = left
            elif key not in self.items and marker.is_item(key):
                self.found.orphans += left
        return self.found

    def problem(self, one: DesiredIssue, fact: str, hint: str) -> None:
        self.found.problems.append(Problem(one.key, fact, hint))

    def tie(self, one: DesiredIssue, issue: Issue) -> None:
        self.found.issue[one.key] = issue
        if (key := self.key(issue)) and key != one.key:
            self.found.moved[one.key] = key

    def _owners(self) -> dict[int, str]:
        """By number, the key of the item that records it; "" if ambiguous."""
        claims: dict[int, list[DesiredIssue]] = {}
        for one in self.wanted:
            if one.number:
                claims.setdefault(one.number, []).append(one)
        owner: dict[int, str] = {}
        for number, some in claims.items():
            owner[number] = some[0].key
            if len(some) > 1:
                owner[number] = self._rightful(number, some)
                for other in some:
                    if other.key != owner[number]:
                        self._claimed(other, number, owner[number] or some[0].key)
        return owner

    def _rightful(self, number: int, some: Sequence[DesiredIssue]) -> str:
        """The rightful owner among items that record the same number, e.g. after copying a file."""
        state = self.states.get(number, {})
        if not state:
            return some[0].key
        if any(one.key == state.get("key") for one in some):
            return str(state["key"])
        same = [one for one in some if one.state["title"] == state.get("title")]
        return same[0].key if len(same) == 1 else ""

    def _claimed(self, one: DesiredIssue, number: int, by: str) -> None:
        path = one.postmortem.path
        if by == one.key:
            by = "another item"
        self.problem(
            one,
            f"{path}: issue {number} is also recorded for {by}",
            "remove `issue` from the item it does not belong to; that item gets its own issue",
        )

    def _by_number(self) -> set[str]:
        """Match items that record a number; returns the keys to leave alone."""
        held: set[str] = set()
        for one in self.wanted:
            number = one.number
            if not number:
                continue
            issue = self.by_number.get(number)
            if self.owner[number] != one.key:
                held.add(one.key)
            elif issue is None:
                if not self.by_key.get(one.key):
                    held.add(one.key)
                    _report_absent(self, one, number)
            elif fault := self._fault(one, issue):
                self.problem(one, *fault)
                held |= {one.key, self.key(issue)}
            else:
                self.tie(one, issue)
        return held

    def _fault(self, one: DesiredIssue, issue: Issue) -> tuple[str, str] | None:
        """Why the recorded issue may not belong to the item, and what to do."""
        key, number = self.key(issue), issue.number
        if not key:
            if any(label.casefold() == LABEL for label in issue.labels):
                return None
            hint = f"add the label {LABEL} to link it to the item, or correct `issue`"
            return f"issue {number} was not created by incident: {issue.title!r}", hint
        if key == one.key:
            return None
        fact = f"issue {number} belongs to {key}"
        own = [i for i in self.by_key.get(one.key, ()) if i.number not in self.owner]
        own = [i for i in own if i.reason != "duplicate"]
        if own:
            return fact, f"set `issue: {own[0].number}`, which belongs to this item"
        other = self.items.get(key)
        if not marker.is_item(key):
            return fact, "correct `issue`"
        if other is None:
            if self.whole:
                return None  # renamed, renumbered or moved
            return f"{fact}, unless it was moved", "fix the unreadable files first"
        if other.number and other.number != number:
            return None  # both record a number, e.g. after renumbering
        title = self.states[number].get("title")
        if title == one.state["title"] != other.state["title"]:
            return None
        return fact, f"correct `issue`: that item is in {other.postmortem.path}"

    def _by_key(self, one: DesiredIssue) -> bool:
        """Match an item to the issue whose marker has its key; returns whether there is one."""
        same = [i for i in self.by_key.get(one.key, ()) if i.number not in self.owner]
        if not same:
            return False
        issue = next((i for i in same if i.reason != "duplicate"), same[0])
        if _alike(one, issue, self.states[issue.number]) or one.number:
            self.tie(one, issue)
            return True
        fact = f"issue {issue.number} has this item's id but is about {issue.title!r}"
        hint = f"record `issue: {one.reference(issue.number)}` if it is the same; else use a new id"
        self.problem(one, fact, hint)
        return True

    def _by_words(self, lost: Sequence[DesiredIssue]) -> None:
        """Match items without a number to issues whose item is gone: probably moved or renamed."""
        left = [
            issue
            for key, some in self.by_key.items()
            if marker.is_item(key) and key not in self.items
            for issue in some
            if issue.number not in self.owner and issue.reason != "duplicate"
        ]
        likely = {one.key: [i for i in left if self._moved(one, i)] for one in lost}
        wanted_by: dict[int, list[str]] = {}
        for key, some in likely.items():
            for issue in some:
                wanted_by.setdefault(issue.number, []).append(key)
        for one in lost:
            some = likely[one.key]
            if len(some) == 1 and self.whole and len(wanted_by[some[0].number]) == 1:
                self.tie(one, some[0])
                continue
            title = one.state["title"]
            same = [i for i in left if i.is_open and self.states[i.number].get("title") == title]
            if not one.may_open:
                continue
            if not some and not same:
                self.found.new.append(one)
                continue
            issue = (some or same)[0]
            fact = f"not created: issue {issue.number} of {self.key(issue)} may belong to it"
            hint = (
                f"record `issue: {one.reference(issue.number)}` if the item was moved; "
                f"otherwise close issue {issue.number}"
            )
            self.problem(one, fact, hint)

    def _moved(self, one: DesiredIssue, issue: Issue) -> bool:
        """Whether an issue without an item belonged to this item before a move or rename."""
        state = self.states[issue.number]
        id_, _, item = self.key(issue).rpartition("/")
        p = one.postmortem
        near = id_ == p.id or id_ in self.renames(p.id) or (id_[:10] == p.id[:10] and bool(id_))
        if not near:
            return False
        if state.get("title") == one.state["title"]:
            return True
        return item == one.item.id and id_ != p.id and _alike(one, issue, state)


def _alike(one: DesiredIssue, issue: Issue, state: Mapping[str, Any]) -> bool:
    """Whether two titles can belong to one item: by the marker, or by common words."""
    if state.get("title") == digest(one.item.title):
        return True
    words, others = (set(_WORD().findall(t.casefold())) for t in (one.title, issue.title))
    return len(words & others) >= _ALIKE * max(1, len(words | others))


def _report_absent(matcher: _Matcher, one: DesiredIssue, number: int) -> None:
    if not one.item.is_open:
        return  # closed: its issue is no longer needed
    why = matcher.absent.get(number, Absent("unknown"))
    if why.kind == "moved":
        fact = f"issue {number} was transferred to {why.detail}"
        hint = "close the item here when it is closed there, or set `issue: null` to create another"
    elif why.kind == "gone":
        fact, hint = (
            f"issue {number} was deleted{why.detail}",
            "set `issue: null` to create another",
        )
    elif why.kind == "pull_request":
        fact, hint = (
            f"{number} is a pull request, not an issue",
            "record it in `proof`, not in `issue`",
        )
    else:
        detail = f": {why.detail}" if why.detail else ""
        fact, hint = f"issue {number} could not be read{detail}", "run the sync again"
    matcher.problem(one, fact, hint)
