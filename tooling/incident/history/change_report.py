"""What is said about a change: plain facts, which each format makes safe and lays out."""

from __future__ import annotations

from typing import Any, NamedTuple

from incident.actions import pull_comment
from incident.archive import board
from incident.history.asset import check, incident
from incident.history.relevance import Finding, Match
from incident.history.touched import Change
from incident.postmortem.model import Asset
from incident.text.counts import count, some

# Of each of the first assets: how many incidents, and how many facts about each. One screen.
SHOWN = ((2, 3), (1, 2), (1, 2))
NAME = "incident-history"  # of the comment on a pull request
MARKER = pull_comment.marker(NAME, "")


class Fact(NamedTuple):
    """One line about an incident: a label and its text."""

    label: str
    text: str


def headline(change: Change, findings: list[Finding]) -> str:
    """What the report is about, in one line."""
    incidents = count(sum(len(one.matches) for one in findings), "earlier incident")
    assets = count(len(change.touched), "asset")
    return f"{incidents} may matter for this change, which touches {assets}"


def where(one: Finding) -> str:
    """How the change reaches an asset."""
    origin = one.touched
    if one.steps:
        name = Asset(origin.ref).name
        return f"{count(one.steps, 'step')} downstream of {name}"
    if origin.via and "test" in origin.kinds:
        return f"checked by the test {origin.via.removeprefix('test_')}, which changed"
    if origin.via:
        return f"uses the macro {origin.via}"
    does = "deleted" if origin.is_deleted else "changed"
    return f"{does} in {some(origin.files, 1)}"


def title(match: Match) -> str:
    """The incident in one line."""
    p = match.past.postmortem
    return f"{p.severity_label} {p.date}: {p.title or p.id}"


def facts(match: Match) -> list[Fact]:
    """Why it matters, most important first."""
    p = match.past.postmortem
    found = [
        Fact("removes", f"{_check(ref)}, which was promised after it") for ref in match.removed
    ]
    if p.is_ongoing:
        found.append(Fact("still open", p.impact_summary or "the incident is not resolved"))
    if match.common:
        does, was = match.common[0]
        found.append(Fact("in common", f"this change {does}; the cause then was {was}"))
    if match.past.cause:
        found.append(Fact("cause then", match.past.cause))
    for one in match.missing[:1]:
        what = _check(one.one.item.verified_by) or one.one.item.title
        more = f" (and {len(match.missing) - 1} more)" if len(match.missing) > 1 else ""
        when = board.when(one.one) if one.one.item.is_open else "done, but not in dbt's manifest"
        found.append(Fact("missing", f"{what}{more}, {when}, {one.one.item.owner or 'no owner'}"))
    promised = {one.one.item.id for one in match.missing}
    others = [item for item in match.open_items if item.id not in promised]
    if others:
        more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
        first = others[0]
        due = f", due {first.due}" if first.due else ""
        text = f"{first.id} {first.title}{more}{due}, {first.owner or 'no owner'}"
        found.append(Fact("open item", text))
    return found


class Shown(NamedTuple):
    """One asset, some of its incidents, and how many facts about each are given."""

    finding: Finding
    matches: tuple[Match, ...]
    facts: int


def shown(findings: list[Finding]) -> list[Shown]:
    """The most relevant assets and incidents."""
    return [
        Shown(one, one.matches[:incidents], count)
        for one, (incidents, count) in zip(findings, SHOWN, strict=False)
    ]


def folded(findings: list[Finding]) -> list[Shown]:
    """What is not shown: further incidents of the first assets, and the other assets."""
    limits = [incidents for incidents, _ in SHOWN] + [0] * len(findings)
    rest = [Shown(one, one.matches[n:], 9) for one, n in zip(findings, limits, strict=False)]
    return [one for one in rest if one.matches]


def as_json(change: Change, findings: list[Finding]) -> dict[str, Any]:
    """For `--format json`: everything."""
    return {
        "schema_version": 1,
        "touched": [
            {
                "asset": one.ref,
                "files": list(one.files),
                "changes": dict(one.kinds),
                "via_macro": one.via or None,
                "removed_checks": sorted(one.removed_checks),
            }
            for one in change.touched
        ],
        "downstream": {ref: steps for ref, (steps, _) in change.below.items()},
        "findings": [
            {
                "asset": one.ref,
                "steps_downstream": one.steps,
                "of": one.touched.ref,
                "state": one.trust.state.value,
                "score": round(one.score, 2),
                "incidents": [_match(match) for match in one.matches],
            }
            for one in findings
        ],
        "added_checks": sorted(change.added_checks),
        "account": change.account.json,
        "warnings": list(change.warnings),
    }


def _match(match: Match) -> dict[str, Any]:
    return {
        **incident(match.past),
        "role": match.role or None,
        "score": match.score,
        "in_common": [{"change": does, "then": was} for does, was in match.common],
        "removes_promised_checks": list(match.removed),
        "missing_checks": [check(one) for one in match.missing],
        "open_action_items": [item.id for item in match.open_items],
    }


def _check(ref: str) -> str:
    return ref.removeprefix("dbt:") if ":test." in ref else ""
