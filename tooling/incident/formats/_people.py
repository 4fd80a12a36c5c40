"""A person who is named in ten places is one finding for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

from incident.diagnostic import Diagnostic, Fix, Related
from incident.text.lazy_regex import lazy

_RULES = frozenset(f"INC41{number}" for number in range(1, 9))
_CALLED = lazy(r'"(?P<name>[^"\n]+)"|@?(?P<handle>[\w.-]+)@?')


def once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each person and file, at the first of the worst, with the other places.

    In place of the first; findings of other rules stay as they are.
    """
    return [_one(group) for group in groups(diagnostics)]


def groups(diagnostics: Iterable[Diagnostic]) -> list[list[Diagnostic]]:
    """The diagnostics of each person and file together; any other is alone."""
    every = list(diagnostics)
    called = {(d.path, _called(d)) for d in every if d.code in _RULES}
    full: dict[tuple[str, str], set[str]] = {}
    for path, name in called:
        words = name.split()
        for half in {words[0], words[-1]} if len(words) > 1 else ():
            full.setdefault((path, half), set()).add(name)
    found: dict[object, list[Diagnostic]] = {}
    for number, one in enumerate(every):
        key: object = number
        if one.code in _RULES:
            name = _called(one)
            # "Ines" is Ines Halvorsen, where no other Ines is named
            of = full.get((one.path, name), {name})
            key = (one.path, next(iter(of)) if len(of) == 1 else name)
        found.setdefault(key, []).append(one)
    return list(found.values())


def worst(group: list[Diagnostic]) -> Diagnostic:
    """The first of the worst of a group."""
    return min(group, key=lambda d: d.level.rank)


def main(group: list[Diagnostic]) -> Diagnostic:
    """The first of the worst, with the places of the others."""
    first = worst(group)
    if len(group) == 1:
        return first
    others = (one for one in group if one is not first)
    return first._replace(
        related=tuple(Related(d.path, d.span.line, d.span.column, d.message) for d in others)
    )


def _called(one: Diagnostic) -> str:
    """How a person is called in a diagnostic, in lower case."""
    match = _CALLED().match(one.message)
    name = (match["name"] or match["handle"]) if match else one.message
    return " ".join(re.sub(r"['\u2019]s?(?= |\Z)", "", name).casefold().split()) or name


def _one(group: list[Diagnostic]) -> Diagnostic:
    first = main(group)
    fixes = [d.fix for d in group if d.fix]
    if first.fix and len(fixes) == len(group):
        edits = tuple(sorted({edit for one in fixes for edit in one.edits}))
        first = first._replace(fix=Fix(first.fix.what, edits, all(one.safe for one in fixes)))
    return first
