"""Safe fixes of a change as suggestions that a reviewer accepts with a click.

GitHub takes a comment only on lines of the change, so other fixes stay with `incident lint --fix`.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from incident.git import diff
from incident.lint import fixes
from incident.lint.linter import Linter
from incident.review import Outcome
from incident.text.untrusted_text import shown

MOST = 30  # comments on a change


class Suggestion(NamedTuple):
    """Lines `start` to `end` (from 1, both included) of a file become `text`, without a line end.

    `path` is from the top of the git repository.
    """

    path: str
    start: int
    end: int
    text: str


def find(linter: Linter, outcome: Outcome, base: str, top: str = "") -> list[Suggestion]:
    """At most MOST suggestions for the lines that differ from the merge base with `base`.

    `top`: from the top of the repository to the project, "a/b/" or "". Raises IncidentError.
    """
    root = linter.config.root
    commit = diff.merge_base(root, base)
    found: list[Suggestion] = []
    for review in outcome.reviews:
        read = review.document
        after = fixes.fix_text(linter, read.text, read.path).text
        in_branch = diff.text_at(root, "HEAD^2", read.path)
        if after == read.text or in_branch not in {"", read.text}:
            continue  # in a merge result, lines may have other numbers than in the branch
        changed = diff.lines_changed(root, commit, read.path)
        for start, end, text in _replaced(read.text, after):
            # what cannot be shown is not offered: nobody could tell what they accept
            if any(start in lines and end in lines for lines in changed) and shown(text) == text:
                found.append(Suggestion(f"{top}{read.path}", start, end, text))
    return found[:MOST]


def _replaced(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """Each run of lines that differs, and its replacement; a new line comes with the one above."""
    old, new = before.split("\n"), after.split("\n")
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "insert" and i and k:
            yield i, i, "\n".join(new[k - 1 : m])
        elif kind in {"replace", "delete"}:
            yield i + 1, j, "\n".join(new[k:m])
