"""A person who is named in ten places is one finding for the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

from incident.diagnostic import Diagnostic, Fix
from incident.text.lazy_regex import lazy

_RULES = frozenset(f"INC41{number}" for number in range(1, 9))
_CALLED = lazy(r'"(?P<name>[^"\n]+)"|@?(?P<handle>[\w.-]+)@?')
_LINES = 20  # that are listed


def once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each person and file, at the first of the worst, with the other lines.

    In place of the first; findings of other rules stay as they are.
    """
    every = list(diagnostics)
    called = {(d.path, _called(d)) for d in every if d.code in _RULES}
    full: dict[tuple[str, str], set[str]] = {}
    for path, name in called:
        words = name.split()
        for half in {words[0], words[-1]} if len(words) > 1 else ():
            full.setdefault((path, half), set()).add(name)
    groups: dict[object, list[Diagnostic]] = {}
    for number, one in enumerate(every):
        key: object = number
        if one.code in _RULES:
            name = _called(one)
            # "Ines" is Ines Halvorsen, where no other Ines is named
            of = full.get((one.path, name), {name})
            key = (one.path, next(iter(of)) if len(of) == 1 else name)
        groups.setdefault(key, []).append(one)
    return [_one(group) for group in groups.values()]


def _called(one: Diagnostic) -> str:
    """How a person is called in a diagnostic, in lower case."""
    match = _CALLED().match(one.message)
    name = (match["name"] or match["handle"]) if match else one.message
    return " ".join(re.sub(r"['\u2019]s?(?= |\Z)", "", name).casefold().split()) or name


def _one(group: list[Diagnostic]) -> Diagnostic:
    if len(group) == 1:
        return group[0]
    first = min(group, key=lambda d: d.level.rank)
    lines = sorted({d.span.line for d in group} - {first.span.line})
    message = f"{first.message}, in {len(group)} places"
    if lines:
        listed = ", ".join(map(str, lines[:_LINES])) + (", \u2026" if len(lines) > _LINES else "")
        message += f" (also line{'s' * (len(lines) > 1)} {listed})"
    fixes = [d.fix for d in group if d.fix]
    fix = first.fix
    if fix and len(fixes) == len(group):
        edits = tuple(sorted({edit for one in fixes for edit in one.edits}))
        fix = Fix(fix.what, edits, all(one.safe for one in fixes))
    return first._replace(message=message, fix=fix)
