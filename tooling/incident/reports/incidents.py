"""All incidents, in a table that the page's script filters and sorts from a JSON file.

Without JavaScript there is a plain table of the latest ones, and pages for every year.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from incident.postmortem.model import Postmortem
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "incidents/index.md"
NEWEST = 100
ROWS = 100  # per page of a year: a page stays below 100 kB
COLUMNS = [
    "id",
    "url",
    "title",
    "date",
    "severity",
    "severity_label",
    "status",
    "kind",
    "cause",
    "trigger",
    "owner",
    "assets",
    "tags",
    "detect",
    "resolve",
    "open",
    "ongoing",
]


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The index, the years, and the rows as JSON."""
    found = wiki.declared
    years: dict[str, list[Postmortem]] = {}
    for p in found:
        years.setdefault(str(p.date.year) if p.date else "undated", []).append(p)
    listed = [(year, f"incidents/all/{year}/index.md", len(ps)) for year, ps in years.items()]
    html = _rendering.render(
        "incidents.html.j2",
        PATH,
        wiki,
        heading="Incidents",
        postmortems=found[:NEWEST],
        total=len(found),
        years=listed,
        broken=wiki.archive.broken,
        live=True,
        pages=[],
    )
    yield Page(PATH, "Incidents", html)
    text = json.dumps(rows(wiki), ensure_ascii=False, separators=(",", ":"))
    yield File("incidents/index.json", text + "\n")
    for year, ps in years.items():
        inputs = ("year", year, wiki.marks_of(ps))
        yield from wiki.remember(inputs, partial(_year, wiki, year, ps))


def _year(wiki: Wiki, year: str, found: list[Postmortem]) -> Iterator[Page | File]:
    parts = [found[n : n + ROWS] for n in range(0, len(found), ROWS)]
    names = ["index", *(f"page-{n + 1}" for n in range(1, len(parts)))]
    for n, part in enumerate(parts):
        path = f"incidents/all/{year}/{names[n]}.md"
        title = f"Incidents of {year}" if year != "undated" else "Incidents without a date"
        html = _rendering.render(
            "incidents.html.j2",
            path,
            wiki,
            heading=title,
            postmortems=part,
            total=len(found),
            years=[],
            broken=[],
            live=False,
            pages=[
                (f"incidents/all/{year}/{name}.md", m + 1, m == n) for m, name in enumerate(names)
            ],
        )
        yield Page(path, title, html)


def rows(wiki: Wiki) -> dict[str, object]:
    """Column names, and one list per incident, newest first."""
    return {"columns": COLUMNS, "rows": [_row(wiki, p) for p in wiki.declared]}


def _row(wiki: Wiki, p: Postmortem) -> list[object]:
    detect, resolve = p.time_to("detect"), p.time_to("resolve")
    return [
        p.id,
        wiki.layout.url(_rendering.page_of(p)),
        p.title or p.id,
        str(p.date or ""),
        p.severity,
        p.severity_label,
        p.state,
        p.kind,
        p.cause_category,
        p.trigger,
        p.owner,
        [asset.name for asset in p.assets],
        list(p.tags),
        None if detect is None else int(detect.total_seconds() // 60),
        None if resolve is None else int(resolve.total_seconds() // 60),
        len(p.open_items),
        int(p.is_ongoing),
    ]
