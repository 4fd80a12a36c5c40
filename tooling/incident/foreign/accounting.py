"""The account of an import: what became of each line with a date or a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from incident.text.account import Account, Noun, Tally
from incident.text.lazy_regex import lazy

LINES = Noun("line with a date or time", "lines with a date or time")
NOT_UNDERSTOOD = "in a timeline, but not understood"
MENTIONED = "only mentioned in the text"
IN_CODE = "in code"
IN_HEAD = "in frontmatter"

_MONTHS = (
    "jan|january|feb|february|mar|march|apr|april|may|jun|june|jul|july|aug|august"
    "|sep|sept|september|oct|october|nov|november|dec|december"
)
_DIGITS = lazy(r"\d")
_TIME = lazy(
    r"(?i)(?<!\d)\d{1,2}\\?:\d\d(?!\d)|\b\d{1,2}\s?[ap]\.?m\b|\b\d{4}-\d\d-\d\d"
    r"|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b"
    rf"|\b(?:{_MONTHS})\b\.?\s{{1,2}}\d{{1,2}}"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?[ -](?:of )?(?:{_MONTHS})\b"
    r"|^\W{0,8}[012]\d[0-5]\d\s?(?:[:|\u2013-]|UTC|GMT)|^\W{0,8}\d{1,2}[./-]\d{1,2}\.?\s"
)


def has_time(line: str) -> bool:
    """Whether a line seems to have a date or a time in it."""
    return bool(_DIGITS().search(line) and _TIME().search(line))


@dataclass
class Ledger:
    """What became of the lines of a file, by number.

    A line counts as taken if something in it was understood, and nothing was not.
    """

    taken: set[int] = field(default_factory=set)
    left: dict[int, str] = field(default_factory=dict)

    def take(self, number: int) -> None:
        """Note that a line was understood."""
        self.taken.add(number)

    def leave(self, number: int, reason: str) -> None:
        """Note why a line was not; the first reason counts."""
        self.left.setdefault(number, reason)

    def account(self, name: str, text: str, above: int, code: Iterable[int]) -> Account:
        """Every line of `text` with a time. `above`: lines of frontmatter; `code`: lines of it."""
        tally = Tally(name, LINES)
        in_code = set(code)
        for number, line in enumerate(text.split("\n"), 1):
            if not has_time(line):
                continue
            if number in self.left:
                tally.leave(self.left[number], number)
            elif number in self.taken:
                tally.take()
            elif number <= above:
                tally.leave(IN_HEAD, number)
            else:
                tally.leave(IN_CODE if number in in_code else MENTIONED, number)
        return tally.account
