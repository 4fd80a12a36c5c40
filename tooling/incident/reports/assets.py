"""Assets: can I trust this table? One page, one badge and one small JSON file per asset."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from markupsafe import escape

from incident.archive.board import DatedItem
from incident.postmortem.model import Asset, Postmortem
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "data/index.md"


class State(NamedTuple):
    """What the archive knows about one asset; `incidents` with its role in each, newest first."""

    ref: str
    name: str
    incidents: Sequence[tuple[Postmortem, Asset]]
    unresolved: Sequence[Postmortem]
    open_items: Sequence[DatedItem]
    checks: Sequence[tuple[DatedItem, str]]
    last: Postmortem
    days: int | None

    @property
    def overdue(self) -> int:
        """How many open items are overdue."""
        return sum(one.overdue for one in self.open_items)

    @property
    def level(self) -> str:
        """`bad`: an unresolved incident; `warn`: an overdue item; else `ok`."""
        if self.unresolved:
            return "bad"
        return "warn" if self.overdue else "ok"


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The list of assets, and a page, `.svg` and `.json` for each."""
    states = [_state(wiki, ref) for ref in sorted(wiki.by_asset)]
    states.sort(key=lambda s: ("bad warn ok".index(s.level), -len(s.incidents), s.ref))
    html = _rendering.render("assets.html.j2", PATH, wiki.root, states=states)
    yield Page(PATH, "Assets", html)
    for state in states:
        shown = wiki.marks_of(p for p, _ in state.incidents)
        there = [said for _, said in state.checks]
        inputs = ("asset", state.ref, wiki.today, wiki.site_url, shown, there)
        yield from wiki.remember(inputs, partial(_asset, wiki, state))


def _asset(wiki: Wiki, state: State) -> Iterator[Page | File]:
    slug = _rendering.slug(state.ref)
    path = f"data/{slug}.md"
    html = _rendering.render(
        "asset.html.j2", path, wiki.root, s=state, slug=slug, site_url=wiki.site_url
    )
    yield Page(path, state.name, html)
    yield File(f"data/{slug}.svg", badge(state))
    yield File(f"data/{slug}.json", json.dumps(as_json(state, wiki), indent=1) + "\n")


def _state(wiki: Wiki, ref: str) -> State:
    found = wiki.by_asset[ref]
    items = [one for p, _ in found for one in wiki.items_of.get(p.id, ())]
    last = found[0][0]
    return State(
        ref,
        found[0][1].name,
        found,
        [p for p, _ in found if p.is_ongoing],
        sorted(
            (one for one in items if one.item.is_open),
            key=lambda one: (one.days is None, one.days or 0),
        ),
        [(one, _check(wiki, one)) for one in items if one.item.type == "detect"],
        last,
        (wiki.today - last.date).days if last.date else None,
    )


def _check(wiki: Wiki, one: DatedItem) -> str:
    """Whether a planned check exists, by dbt's manifest if possible, else by the item's status."""
    if wiki.tests is not None and one.item.verified_by.startswith("dbt:test."):
        there = one.item.verified_by.removeprefix("dbt:") in wiki.tests
        return "in the dbt project" if there else "not in the dbt project"
    return {"done": "added", "wont_do": "won't do"}.get(one.item.status, "planned")


def as_json(state: State, wiki: Wiki) -> dict[str, object]:
    """The data for a catalog or dashboard."""
    last = state.last
    return {
        "ref": state.ref,
        "state": state.level,
        "url": f"{wiki.site_url}{_rendering.data_url(state.ref)}",
        "incidents": len(state.incidents),
        "unresolved_incidents": [p.id for p in state.unresolved],
        "open_action_items": len(state.open_items),
        "overdue_action_items": state.overdue,
        "last_incident": {
            "id": last.id,
            "title": last.title,
            "severity": last.severity,
            "date": last.date and last.date.isoformat(),
            "url": f"{wiki.site_url}{_rendering.url(last)}",
        },
        "days_since_last_incident": state.days,
        "as_of": wiki.today.isoformat(),
    }


_COLORS = {"bad": "#9c1c2b", "warn": "#7a5b00", "ok": "#1c6b43"}


def badge(state: State) -> str:
    """A small badge. It shows a date, not a number of days, to stay correct between builds."""
    if state.unresolved:
        said = f"{len(state.unresolved)} unresolved"
    elif state.overdue:
        said = f"{state.overdue} action item{'s' * (state.overdue != 1)} overdue"
    else:
        said = f"last {state.last.date}" if state.last.date else "none open"
    label = "incidents"
    left, right = 8 + 6.2 * len(label), 10 + 6.2 * len(said)
    title = escape(f"{state.name}: {label}: {said}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right:.0f}" height="20" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left + right:.0f}" height="20" rx="3" fill="#3c4657"/>'
        f'<path d="M{left:.0f} 0h{right - 3:.0f}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{right - 3:.0f}z" '
        f'fill="{_COLORS[state.level]}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="5" y="14" textLength="{left - 9:.0f}">{label}</text>'
        f'<text x="{left + 5:.0f}" y="14" textLength="{right - 10:.0f}">{said}</text></g></svg>\n'
    )
