"""One finding for everything that several action items lack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from incident.rules import Finding

_LISTED = 10


class Lack(NamedTuple):
    """An action item that lacks something: its number from 1, offsets, and the placeholder it has."""

    number: int
    start: int
    end: int
    said: str


def report(lacks: list[Lack], asked: int, thing: str, hint: str) -> Iterator[Finding]:
    """One finding at the first of the items that lack `thing`; `asked` items need it."""
    if not lacks:
        return
    first = lacks[0]
    if len(lacks) == 1:
        said = f' ("{first.said}")' if first.said else ""
        fact = f"action item {first.number} has no {thing}{said}"
    elif len(lacks) == asked:
        article = "" if thing.startswith("`") else "an " if thing[0] in "aeiou" else "a "
        fact = f"none of {asked} action items has {article}{thing}"
    else:
        numbers = ", ".join(str(lack.number) for lack in lacks[:_LISTED])
        more = ", …" if len(lacks) > _LISTED else ""
        fact = f"{len(lacks)} of {asked} action items have no {thing}: {numbers}{more}"
    others = tuple((one.start, f"action item {one.number} has no {thing}") for one in lacks[1:])
    yield Finding(first.start, first.end, fact, hint, related=others)
