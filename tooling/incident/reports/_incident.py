"""The page of one incident: a readable header instead of the raw frontmatter, then the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from incident.dbt.lineage import Edge, among
from incident.git.history import Change
from incident.postmortem import model, timeline_entries
from incident.postmortem.document import Document, parse
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS
from incident.reports import _lineage_svg, _rendering, _timeline_svg
from incident.reports._lineage_svg import Box
from incident.reports._related import related
from incident.reports._site_data import Wiki
from incident.text.plain_text import plain
from incident.text.values import mapping

_EMPTY_SECTION = re.compile(r"^## [^\n]*\n\s*(?=^## |\Z)", re.MULTILINE)
PLAYBOOKS = {
    "schema_change": "schema-evolution",
    "resource_limit": "incident-response",
    "code_change": "backfill",
    "source_data": "backfill",
    "third_party": "backfill",
    "orchestration": "backfill",
}
ROLES = {"root": "root cause", "affected": "affected"}
LENGTHS = ("detect", "mitigate", "correct", "notify", "resolve")


class Link(NamedTuple):
    """A link to another incident."""

    id: str
    title: str
    page: str
    day: str
    severity: str
    severity_label: str
    why: str = ""


class Lineage(NamedTuple):
    """`edges`: between assets, by reference. `kinds`: of each such asset. `at`: of the manifest."""

    edges: tuple[Edge, ...]
    kinds: tuple[tuple[str, str], ...]
    at: datetime | None


class View(NamedTuple):
    """Everything a page shows from other documents: if this is unchanged, so is the page."""

    earlier: Link | None
    original: Link | None
    later: tuple[Link, ...]
    related: tuple[Link, ...]
    unknown: tuple[str, ...]
    overdue: tuple[int, ...]
    open_on_assets: tuple[tuple[str, int], ...]
    changes: tuple[Change, ...]
    lineage: Lineage | None
    public: bool


def view(p: Postmortem, wiki: Wiki) -> View:
    """What the archive knows about one incident."""
    earlier = wiki.by_id.get(p.recurrence_of)
    original = wiki.by_id.get(p.duplicate_of)
    shown = set(p.related) - {p.recurrence_of}
    return View(
        _link(earlier) if earlier else None,
        _link(original) if original else None,
        tuple(_link(other) for other in wiki.again.get(p.id, ())),
        tuple(_link(one.postmortem, ", ".join(one.reasons)) for one in related(wiki, p)),
        () if wiki.public else tuple(sorted(id_ for id_ in shown if id_ not in wiki.by_id)),
        tuple(item.index for item in p.action_items if item.overdue(wiki.today)),
        tuple(
            (asset.ref, len(wiki.by_asset[asset.ref]))
            for asset in {a.ref: a for a in p.assets}.values()
            if asset.ref in wiki.by_asset  # a drill's owner may have no page
        ),
        () if wiki.public else wiki.history.changes.get(p.path, ()),
        lineage(p, wiki),
        wiki.public,
    )


Decisions = Sequence[tuple[datetime | None, str]]


def decisions(document: Document) -> Decisions:
    """The decision log: time and text of each decision."""
    if timeline_entries.DECISION not in document.text.lower():
        return ()
    found = timeline_entries.read(document)
    return [(one.at, plain(one.decision)) for one in found if one.decision]


def head(
    p: Postmortem,
    seen: View,
    wiki: Wiki,
    minutes: int = 0,
    decided: Decisions = (),
) -> str:
    """The HTML of the page header."""
    return _rendering.render(
        "incident.html.j2",
        _rendering.page_of(p),
        wiki,
        p=p,
        seen=seen,
        minutes=minutes,
        decisions=decided,
        clock=_timeline_svg.ticks(p),
        drawn=_timeline_svg.draw(p),
        lengths=_lengths(p),
        roles=_roles(p),
        data=_Data(p.data),
        graph=_graph(p, seen, wiki),
        incidents=dict(seen.open_on_assets),
        playbook=PLAYBOOKS.get(p.cause_category, ""),
    )


def _link(p: Postmortem, why: str = "") -> Link:
    day = str(p.date or "")
    return Link(
        p.id, p.title or p.id, _rendering.page_of(p), day, p.severity, p.severity_label, why
    )


def body(document: Document) -> str:
    """The Markdown after the frontmatter, without comments, which are guidance for authors.

    Each timeline entry is followed by its source.
    Empty sections of a false alarm or duplicate are left out.
    """
    shown = timeline_entries.with_origins(document, "<small>{}</small>".format)
    if shown != document.text:
        document = parse(shown, document.path)
    text = document.markdown.replace("\r\n", "\n")
    if model.closed_as_of(document.data):
        text = _EMPTY_SECTION.sub("", text)
    return text.strip("\n") + "\n"


def broken(document: Document, wiki: Wiki) -> str:
    """The HTML for an unreadable document."""
    faults = [(document.span(f.start, f.end).line, f.message, f.hint) for f in document.faults]
    return _rendering.render(
        "broken.html.j2", document.path, wiki, path=document.path, faults=faults
    )


def headless(p: Postmortem, error: Exception) -> str:
    """The fallback for a header whose template failed."""
    return (
        f"<h1>{escape(p.title or p.id)}</h1>"
        '<div class="admonition failure"><p class="admonition-title">'
        "This header could not be rendered</p>"
        f"<p>{escape(str(error))}</p></div>"
    )


def lineage(p: Postmortem, wiki: Wiki) -> Lineage | None:
    """The edges between the assets of an incident, by dbt's manifest; None without any."""
    if wiki.manifest is None:
        return None
    refs = {asset.ref.removeprefix("dbt:"): asset.ref for asset in p.assets}
    edges = among(wiki.manifest, refs)
    joined = dict.fromkeys(key for edge in edges for key in (edge.above, edge.below))
    kinds = tuple((refs[key], wiki.manifest.nodes[key].kind) for key in joined)
    found = tuple(Edge(refs[one.above], refs[one.below], one.between) for one in edges)
    return Lineage(found, kinds, wiki.manifest.at) if found else None


def _graph(p: Postmortem, seen: View, wiki: Wiki) -> Markup:
    """The lineage as a drawing; "" for none."""
    if not seen.lineage:
        return Markup()
    pages = dict(seen.open_on_assets)
    assets = {asset.ref: asset for asset in p.assets}
    base = wiki.layout.base(_rendering.page_of(p))
    boxes = []
    for ref, kind in seen.lineage.kinds:
        role = assets[ref].role
        about = kind if role in {"", "exposure"} else f"{kind} · {ROLES.get(role, role)}"
        page = wiki.layout.url(_rendering.data_page(ref))
        address = f"{base}/{page}" if ref in pages else ""
        style = f"{role} {kind}"
        boxes.append(Box(ref, assets[ref].name, about, style, address))
    return _lineage_svg.draw(boxes, seen.lineage.edges)


class _Data:
    """Frontmatter values that the model has no field for, as text; "" for none."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def __call__(self, *path: str) -> str:
        value: Any = self.data
        for step in path:
            value = mapping(value).get(step)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value) if isinstance(value, (str, int, float)) else ""

    def list(self, key: str) -> list[_Data]:
        """The mappings in a frontmatter list."""
        found = self.data.get(key)
        items = found if isinstance(found, list) else []
        return [_Data(item) for item in items if isinstance(item, dict)]


def _lengths(p: Postmortem) -> list[tuple[str, timedelta]]:
    found = ((DURATIONS[key].title, p.time_to(key)) for key in LENGTHS)
    return [
        (title.replace("Time to", "To"), length) for title, length in found if length is not None
    ]


def _roles(p: Postmortem) -> list[str]:
    """Which roles were filled, never by whom."""
    roles = []
    for role, who in p.roles.items():
        if who:
            name = _rendering.words(role)
            roles.append(f"{len(who)} {name}" if len(who) > 1 else name.removesuffix("s"))
    if p.reviewers:
        roles.append(f"{len(p.reviewers)} reviewer{'s' * (len(p.reviewers) > 1)}")
    return roles
