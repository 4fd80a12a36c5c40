"""What a reader of input recognized, what it took, and what it left out and why.

`seen` is every record in the input (a message, a table row, a line with a time): a record is
either taken or left out, so `seen` is always the sum of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple


class Noun(NamedTuple):
    """What is counted: "1 line with a time", "2 lines with a time"."""

    one: str
    many: str

    def counted(self, count: int) -> str:
        """The number and the noun: "2 entries"."""
        return f"{count:,} {self.one if count == 1 else self.many}"


@dataclass(frozen=True)
class LeftOut:
    """Records left out for one reason. `first`: where the first one is (`day.json:88`), or ""."""

    reason: str
    count: int
    first: str = ""


@dataclass(frozen=True)
class Account:
    """One kind of record in one input. `source`: the input's name; `result`: what records become.

    Without a `result`, the ones that were used are "taken". `left_out` is in the order in which
    the reasons came up.
    """

    source: str
    record: Noun
    seen: int
    taken: int
    result: Noun | None = None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def adds_up(self) -> bool:
        """Whether every record that was seen was taken or left out for a reason."""
        return self.seen == self.taken + sum(left.count for left in self.left_out)

    @property
    def text(self) -> str:
        """In one line: "3 messages: 2 taken; 1 not understood, first at line 88"."""
        taken = self.result.counted(self.taken) if self.result else f"{self.taken:,} taken"
        parts = [taken] if self.seen else []
        for left in self.left_out:
            where = left.first.removeprefix(f"{self.source}:")
            where = f"line {where}" if where.isdigit() else where
            word = "at" if left.count == 1 else "first at"
            parts.append(f"{left.count:,} {left.reason}" + (f", {word} {where}" if where else ""))
        return f"{self.record.counted(self.seen)}" + (f": {'; '.join(parts)}" if parts else "")

    @property
    def json(self) -> dict[str, Any]:
        """For `--format json`."""
        return {
            "source": self.source,
            "record": self.record.many,
            "seen": self.seen,
            "taken": self.taken,
            "left_out": [asdict(left) for left in self.left_out],
        }


@dataclass
class Tally:
    """Counts while a reader goes through its input; `account` gives the result."""

    source: str
    record: Noun
    result: Noun | None = None
    taken: int = 0
    _left: dict[str, LeftOut] = field(default_factory=dict)

    def take(self, count: int = 1) -> None:
        """Count records that were used."""
        self.taken += count

    def leave(self, reason: str, line: int | str = "", count: int = 1) -> None:
        """Count records that were left out. `line`: of the first one, or its place in words."""
        if count <= 0:
            return
        before = self._left.get(reason, LeftOut(reason, 0, place(self.source, line)))
        self._left[reason] = replace(before, count=before.count + count)

    @property
    def account(self) -> Account:
        """What was counted until now."""
        left = tuple(self._left.values())
        seen = self.taken + sum(one.count for one in left)
        return Account(self.source, self.record, seen, self.taken, self.result, left)


def place(source: str, line: int | str) -> str:
    """`notes.md:88`; a place that is not a line number is in words, and stands for itself."""
    return f"{source}:{line}" if isinstance(line, int) else line


def shown(accounts: Iterable[Account]) -> list[str]:
    """Accounts for the terminal, one line each, with the name of their input.

    An account of nothing is left out.
    """
    return [f"{account.source}: {account.text}" for account in accounts if account.seen]
