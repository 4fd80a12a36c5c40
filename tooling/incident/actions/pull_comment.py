"""Our one comment on a pull request: created once, then edited in place, never a second.

It is recognized by its first line and by its author, since anyone can write that line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from incident.actions.tracker import MAX_BODY, AmbiguousWrite, Comment, RequestRejected

_ROOM = 2_000  # characters left for the notice, and for what GitHub adds
_END = "</details>"


class Comments(Protocol):
    """The comments of pull requests. Methods raise the errors of `tracker`."""

    def login(self) -> str:
        """Who the token belongs to."""

    def comments(self, number: int) -> Iterable[Comment]:
        """All comments of a pull request, oldest first."""

    def add_comment(self, number: int, text: str) -> int:
        """Create a comment, tried once; its id."""

    def edit_comment(self, comment: int, text: str) -> int:
        """Replace the text of a comment; its id."""

    def delete_comment(self, comment: int) -> None:
        """Delete a comment."""


def put(place: Comments, number: int, marker: str, text: str, nothing: str) -> str:
    """Make `text` our comment on a pull request; what was done: created, edited, unchanged or "".

    With an empty text, an earlier comment becomes `nothing`, and none is created. Two runs at once
    leave one comment: each looks again after it created one, and the oldest stays.
    """
    me = place.login().casefold()
    names = {me, f"{me}[bot]"}  # listings give an app its suffix

    def ours() -> list[Comment]:
        return [
            one
            for one in place.comments(number)
            if one.author.casefold() in names and one.body.startswith(marker)
        ]

    body = f"{marker}\n{text or nothing}"
    mine, done = ours(), ""
    if not mine and not text:
        return ""
    if not mine:
        try:
            place.add_comment(number, body)
        except AmbiguousWrite:  # it may have been created anyway
            if not (mine := ours()):
                raise
        mine, done = mine or ours(), "created"
    if not mine:  # a listing may lag behind
        return done
    kept, *others = sorted(mine, key=lambda one: one.id)
    for other in others:
        _delete(place, other.id)
    if _plain(kept.body) != _plain(body):
        place.edit_comment(kept.id, body)
        done = done or "edited"
    return done or "unchanged"


def _delete(place: Comments, comment: int) -> None:
    try:
        place.delete_comment(comment)
    except RequestRejected as error:
        if not error.message.startswith("404"):  # the other run was faster
            raise


def _plain(body: str) -> str:
    """As GitHub may return it: other line ends, no space at the end."""
    return "\n".join(line.rstrip() for line in body.splitlines()).strip()


def fitting(text: str, more: str) -> str:
    """`text` as a comment can hold it, cut at a line, with `more` as the last line if it is cut."""
    limit = MAX_BODY - _ROOM
    if len(text) <= limit:
        return text
    kept = text[:limit].rpartition("\n")[0]
    is_open = kept.count("<details>") > kept.count(_END)
    return "\n".join([kept, *(["", _END] if is_open else []), "", more])


def marker(name: str, place: str) -> str:
    """The first line of a comment. `place`: of the project in the repository, "" at the top."""
    where = re.sub(r"[^\w./-]|-(?=-)", "_", place)
    return f"<!-- {name}: {where} -->" if where else f"<!-- {name} -->"
