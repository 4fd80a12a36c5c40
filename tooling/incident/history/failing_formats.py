"""Failing checks and when they failed before, for a terminal, Markdown, and GitHub's log."""

from __future__ import annotations

from collections.abc import Iterator

from incident.formats import github
from incident.formats._ansi import paint
from incident.history.links import Link
from incident.history.seen_before import Match, Seen, facts, title
from incident.text.counts import some
from incident.text.untrusted_text import comment, shown_line

SHOWN = 5  # checks that were seen before, with all facts
NAMED = 10  # checks that were not

MARKER = "<!-- incident-history-failed -->"


def text(every: list[Seen], color: bool) -> Iterator[str]:
    """About one screen: the checks that failed before, then the names of the others."""
    known, new = _parts(every)
    told: set[str] = set()
    for one in known[:SHOWN]:
        head = paint(shown_line(one.failing.what), "bold", color)
        yield f"{head}: {_headline(one)}"
        yield from map(shown_line, _lines(one, told))
        yield ""
    if len(known) > SHOWN:
        yield f"{len(known) - SHOWN} more were seen before; --format json lists all"
    for one in new[:NAMED]:
        yield shown_line(f"{one.failing.what}: no earlier incident names it{_ask(one)}")
    if len(new) > NAMED:
        yield f"no earlier incident names {len(new) - NAMED} more; --format json lists all"


def markdown(every: list[Seen], link: Link) -> Iterator[str]:
    """For a job summary."""
    known, new = _parts(every)
    yield MARKER
    yield f"### {len(known)} of {len(every)} failing checks: seen before, or similar"
    yield ""
    for one in known[:SHOWN]:
        yield f"**{comment(one.failing.what)}**: {_headline(one)}{comment(_ask(one))}"
        yield ""
        for match in one.matches:
            p = match.past.postmortem
            url = link(p)
            name = f"[{comment(title(match))}](<{url}>)" if url else comment(title(match))
            yield f"- {name} ({comment(match.why)})"
            yield from (f"  - {label}: {comment(said)}" for label, said in facts(match))
        yield ""
    if len(known) > SHOWN:
        yield f"{len(known) - SHOWN} more were seen before.\n"
    if new:
        names = [comment(f"{one.failing.what}{_ask(one)}") for one in new]
        yield f"No earlier incident names: {some(names, NAMED, '; ')}"


def notices(every: list[Seen]) -> Iterator[str]:
    """An annotation for each check that was seen before, and one for the others."""
    known, new = _parts(every)
    told: set[str] = set()
    for one in known[: github.LIMIT - 1]:
        message = "\n".join([f"{one.failing.what}: {_headline(one)}", *_lines(one, told)])
        word = "Seen before" if one.is_known else "Similar"
        yield github.notice(*_safe(f"{word}: {one.failing.what}", message))
    if len(known) >= github.LIMIT:
        yield f"{len(known) - github.LIMIT + 1} more were seen before: see --format json"
    if new:
        lines = [f"{one.failing.what}{_ask(one)}" for one in new[:NAMED]]
        more = [f"{len(new) - NAMED} more"] if len(new) > NAMED else []
        yield github.notice(*_safe("No earlier incident", "\n".join([*lines, *more])))


def _parts(every: list[Seen]) -> tuple[list[Seen], list[Seen]]:
    return [one for one in every if one.matches], [one for one in every if not one.matches]


def _headline(one: Seen) -> str:
    count = len(one.matches)
    if not one.is_known:
        return "similar incidents:" if count > 1 else "a similar incident:"
    return f"seen before ({count} incidents)" if count > 1 else "seen before"


def _lines(one: Seen, told: set[str]) -> Iterator[str]:
    """The incidents, and everything about the first unless it was `told` before."""
    for place, match in enumerate(one.matches):
        id_ = match.past.postmortem.id
        above = ", see above" if id_ in told else ""
        yield f"  {title(match)} ({match.why}{above})"
        if place == 0 and not above:
            yield from (f"      {label + ':':<9} {said}" for label, said in _all(match))
            if one.ask:
                yield f"      {'ask:':<9} {', '.join(one.ask)}"
            told.add(id_)


def _all(match: Match) -> list[tuple[str, str]]:
    return [*facts(match), ("read", match.past.postmortem.path)]


def _ask(one: Seen) -> str:
    return f"; ask {', '.join(one.ask)}" if one.ask else ""


def _safe(heading: str, message: str) -> tuple[str, str]:
    return shown_line(heading), "\n".join(shown_line(line) for line in message.split("\n"))
