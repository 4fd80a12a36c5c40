"""Assets: can I trust this table? One page, one badge and one small JSON file per asset."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from markupsafe import escape

from incident.archive.trust import State, Trust
from incident.postmortem.model import Asset, Postmortem
from incident.reports import _lanes, _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "data/index.md"
SHOWN = 40  # incidents, checks and items on the page of one asset
ROWS = 120  # per page of the list: it stays below 100 kB


class Seen(NamedTuple):
    """One asset: what the archive knows of it, and `incidents` with its role in each."""

    ref: str
    name: str
    incidents: Sequence[tuple[Postmortem, Asset]]
    trust: Trust

    @property
    def criticality(self) -> str:
        """As the latest incident has it."""
        return next((a.criticality for _, a in self.incidents if a.criticality), "")


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The list of assets, and a page, `.svg` and `.json` for each."""
    assets = [_seen(wiki, ref) for ref in sorted(wiki.by_asset)]
    assets.sort(key=lambda s: (s.trust.state.rank, -len(s.incidents), s.ref))
    parts = [assets[n : n + ROWS] for n in range(0, len(assets), ROWS)] or [[]]
    paths = [PATH, *(f"data/all/page-{n}.md" for n in range(2, len(parts) + 1))]
    for here, part in zip(paths, parts, strict=True):
        pages = [(path, n, path == here) for n, path in enumerate(paths, 1)]
        html = _rendering.render(
            "assets.html.j2", here, wiki, assets=part, pages=pages, states=State
        )
        yield Page(here, "Assets", html)
    for seen in assets:
        shown = wiki.marks_of(p for p, _ in seen.incidents)
        there = [check.said for check in seen.trust.checks]
        inputs = ("asset", seen.ref, wiki.today, wiki.site_url, shown, there)
        yield from wiki.remember(inputs, partial(_asset, wiki, seen))


def _asset(wiki: Wiki, seen: Seen) -> Iterator[Page | File]:
    slug = _rendering.slug(seen.ref)
    path = _rendering.data_page(seen.ref)
    html = _rendering.render(
        "asset.html.j2",
        path,
        wiki,
        s=seen,
        slug=slug,
        shown=SHOWN,
        site_url=wiki.site_url,
        lanes=_lanes.read(seen.trust, wiki.today),
    )
    yield Page(path, seen.name, html)
    yield File(f"data/{slug}.svg", badge(seen))
    yield File(f"data/{slug}.json", json.dumps(as_json(seen, wiki), indent=1) + "\n")


def _seen(wiki: Wiki, ref: str) -> Seen:
    found = wiki.by_asset[ref]
    return Seen(ref, found[0][1].name, found, wiki.trust[ref])


def as_json(seen: Seen, wiki: Wiki) -> dict[str, object]:
    """The data for a catalog or dashboard."""
    found, last = seen.trust, seen.incidents[0][0]
    return {
        "ref": seen.ref,
        "state": found.state.value,
        "reasons": [reason.json for reason in found.reasons],
        "url": wiki.address(_rendering.data_page(seen.ref)),
        "incidents": len(seen.incidents),
        "unresolved_incidents": [p.id for p in found.open_incidents],
        "incidents_in_review": [p.id for p in found.in_review],
        "promised_checks": len(found.distinct_checks),
        "missing_checks": len(found.missing_checks),
        "open_action_items": len(found.open_items),
        "overdue_action_items": found.overdue,
        "last_incident": {
            "id": last.id,
            "title": last.title,
            "severity": last.severity,
            "date": last.date and last.date.isoformat(),
            "url": wiki.address(_rendering.page_of(last)),
        },
        "days_since_last_incident": found.days,
        "as_of": wiki.today.isoformat(),
    }


_COLORS = {
    State.INCIDENT_OPEN: "#9c1c2b",
    State.NEEDS_ATTENTION: "#a34408",
    State.FOLLOW_UP_OPEN: "#3d5a80",
    State.CLEAR: "#1c6b43",
}


def badge(seen: Seen) -> str:
    """A small badge. It shows a date, not a number of days, to stay correct between builds."""
    state, last = seen.trust.state, seen.incidents[0][0]
    label, said = "incidents", state.label.lower()
    if state is State.CLEAR and last.date:
        said = f"last {last.date}"
    left, right = 8 + 6.2 * len(label), 10 + 6.2 * len(said)
    title = escape(f"{seen.name}: {label}: {said}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.0f}" height="20" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left + right:.0f}" height="20" rx="3" fill="#3c4657"/>'
        f'<path d="M{left:.0f} 0h{right - 3:.0f}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3:.0f}z" '
        f'fill="{_COLORS[state]}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="5" y="14" textLength="{left - 9:.0f}">{label}</text>'
        f'<text x="{left + 5:.0f}" y="14" textLength="{right - 10:.0f}">{said}</text></g></svg>\n'
    )
