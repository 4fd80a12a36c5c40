"""What is found in ten places of a file is one finding for the reader.

A rule says how its findings read together (`Several`); a person is one finding, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from incident.diagnostic import Diagnostic, Fix, Related
from incident.formats import _people

_LISTED = 10
# wording: programs get every place of it, to mark the words
_WORDING = frozenset({"INC308", "INC309", *(f"INC{number}" for number in range(421, 431))})


def once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for what repeats in a file, in place of the first, with the other places."""
    return [_one(group) for group in groups(diagnostics)]


def for_programs(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """As `once`, but with every place of people and of wording."""
    every = list(diagnostics)
    shown = {group[0]: _one(group) for group in groups(every) if not is_marked(group[0])}
    return [shown.get(one, one) for one in every if is_marked(one) or one in shown]


def is_marked(one: Diagnostic) -> bool:
    """Whether programs get every place of it."""
    return one.code in _people.RULES or one.code in _WORDING


def groups(diagnostics: Iterable[Diagnostic]) -> list[list[Diagnostic]]:
    """The diagnostics of each person and file, and of each kind and file; any other is alone."""
    every = list(diagnostics)
    people = _people.keys(every)
    found: dict[object, list[Diagnostic]] = {}
    for number, one in enumerate(every):
        key = people.get(number) or _kind(one) or number
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
    others = tuple(_place(one) for one in group if one is not first)
    return first._replace(related=(*first.related, *others))


def _kind(one: Diagnostic) -> object:
    return one.several and (one.path, one.code, one.level, one.several.message)


def _place(one: Diagnostic) -> Related:
    own = one.several and one.several.hint and one.hint
    message = f"{one.message}: {one.hint}" if own else one.message
    return Related(one.path, one.span.line, one.span.column, message)


def _one(group: list[Diagnostic]) -> Diagnostic:
    first = main(group)
    if len(group) == 1:
        return first
    if first.several:
        hint = first.several.hint or first.hint
        first = first._replace(message=_counted(group), hint=hint)
    fixes = [d.fix for d in group if d.fix]
    if first.fix and len(fixes) == len(group):
        edits = tuple(sorted({edit for one in fixes for edit in one.edits}))
        first = first._replace(fix=Fix(first.fix.what, edits, all(one.safe for one in fixes)))
    return first


def _counted(group: list[Diagnostic]) -> str:
    """`3 sections are empty: Summary, Impact, Timeline`."""
    together = [one.several for one in group if one.several]
    fact = together[0].message.replace("{}", str(len(group)), 1)
    what = list(dict.fromkeys(one.what for one in together if one.what))
    if not what:
        return fact
    more = ", …" if len(what) > _LISTED else ""
    return f"{fact}: {', '.join(islice(what, _LISTED))}{more}"
