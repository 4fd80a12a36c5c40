"""The page of one incident: the answers first, then the record, from frontmatter and text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

from markupsafe import Markup, escape

from incident.archive import query_results
from incident.archive.files import is_outside
from incident.archive.query_results import Numbers
from incident.archive.trust import State
from incident.dbt.lineage import Edge, among
from incident.git.history import Change
from incident.postmortem import (
    model,
    reading,
    recorded_lineage,
    timeline_entries,
    wiki_urls,
)
from incident.postmortem.document import Document, parse
from incident.postmortem.model import Postmortem
from incident.reports import _clock, _lineage_svg, _parts, _query_chart, _rendering, _timeline_list
from incident.reports._answers import Answer, answers
from incident.reports._lineage_svg import Box
from incident.reports._related import related
from incident.reports._site_data import Wiki
from incident.text.plain_text import plain
from incident.text.values import mapping, mappings, string

_EMPTY_SECTION = re.compile(r"^## [^\n]*\n\s*(?=^## |\Z)", re.MULTILINE)
PLAYBOOKS = {
    "schema_change": "schema-evolution",
    "resource_limit": "incident-response",
    "code_change": "rollback",
    "source_data": "backfill",
    "third_party": "backfill",
    "orchestration": "backfill",
}
ROLES = {"root": "root cause", "affected": "affected"}


class Link(NamedTuple):
    """A link to another incident."""

    id: str
    title: str
    page: str
    date: date | None
    severity: str
    severity_label: str
    why: str = ""


class Lineage(NamedTuple):
    """`edges`: between assets, by reference. `kinds`: of each such asset.

    `by_manifest`: some are in dbt's manifest, written `at`. `is_recorded`: some in the document.
    """

    edges: tuple[Edge, ...]
    kinds: tuple[tuple[str, str], ...]
    by_manifest: bool
    at: datetime | None
    is_recorded: bool


class Query(NamedTuple):
    """A query next to the postmortem. `url`: as in the evidence; `page`: that shows it."""

    url: str
    page: str
    numbers: Numbers | None


class View(NamedTuple):
    """Everything a page shows beyond its document: if this is unchanged, so is the page.

    `overdue`: index and days of each overdue item. `assets`: of each asset with a page, its number
    of incidents and its state. `neighbors`: an asset, and its incidents before and after this one.
    """

    earlier: Link | None
    original: Link | None
    later: tuple[Link, ...]
    related: tuple[Link, ...]
    unknown: tuple[str, ...]
    overdue: tuple[tuple[int, int], ...]
    assets: tuple[tuple[str, int, State], ...]
    changes: tuple[Change, ...]
    lineage: Lineage | None
    answers: tuple[Answer, ...]
    neighbors: tuple[str, Link | None, Link | None]
    queries: tuple[Query, ...]
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
        tuple(
            (item.index, (wiki.today - item.due).days)
            for item in p.action_items
            if item.due and item.overdue(wiki.today)
        ),
        tuple(
            (ref, len(wiki.by_asset[ref]), wiki.trust[ref].state)
            for ref in dict.fromkeys(asset.ref for asset in p.assets)
            if ref in wiki.by_asset  # a drill's have no page
        ),
        () if wiki.public else wiki.history.changes.get(p.path, ()),
        lineage(p, wiki),
        answers(p, wiki.today),
        _neighbors(p, wiki),
        () if wiki.public else tuple(_queries(p, wiki)),
        wiki.public,
    )


def _queries(p: Postmortem, wiki: Wiki) -> Iterator[Query]:
    """The queries that the evidence names, with their numbers; others' files are left out."""
    for piece in mappings(p.data.get("evidence")):
        url = string(piece.get("url"))
        if wiki.root is None or not url.endswith(".sql") or ":" in url or url.startswith("/"):
            continue
        path = posixpath.normpath(posixpath.join(posixpath.dirname(p.path), unquote(url)))
        file = wiki.root / path
        if path.startswith(f"{p.archive}/") and not is_outside(file, wiki.root) and file.is_file():
            numbers = file.with_suffix(".csv")
            found = None if is_outside(numbers, wiki.root) else query_results.read(numbers)
            yield Query(url, f"{wiki_urls.page_path(path, p.archive)}.md", found)


def _neighbors(p: Postmortem, wiki: Wiki) -> tuple[str, Link | None, Link | None]:
    """The asset with the most incidents, and those before and after this one."""
    known = [a for a in p.assets if len(wiki.by_asset.get(a.ref, ())) > 1]
    if not known or p.drill:
        return "", None, None
    asset = max(known, key=lambda a: len(wiki.by_asset[a.ref]))
    found = [one for one, _ in wiki.by_asset[asset.ref]]  # newest first
    at = next((n for n, one in enumerate(found) if one.id == p.id), None)
    if at is None:
        return "", None, None
    before = _link(found[at + 1]) if at + 1 < len(found) else None
    return asset.name, before, _link(found[at - 1]) if at else None


Decisions = Sequence[tuple[datetime | None, str]]


def decisions(document: Document) -> Decisions:
    """The decision log: time and text of each decision."""
    if timeline_entries.DECISION not in document.text.lower():
        return ()
    found = timeline_entries.read(document)
    return [(one.at, plain(one.decision)) for one in found if one.decision]


def page(
    p: Postmortem,
    seen: View,
    wiki: Wiki,
    text: str = "",
    minutes: int = 0,
    decided: Decisions = (),
    edit: str = "",
) -> str:
    """The HTML of the page. `text`: the converted document. `edit`: where to edit it, or ""."""
    parts = _parts.arrange(text)
    group = parts.groups.get("timeline")
    written = parts.groups.get("supporting_evidence")
    timeline = Markup(_timeline_list.arranged(str(group.text) if group else "", p))  # noqa: S704
    return _rendering.render(
        "incident.html.j2",
        _rendering.page_of(p),
        wiki,
        p=p,
        seen=seen,
        parts=parts,
        groups={name: parts.groups.get(name) for name in _parts.GROUPS},
        timeline=timeline,
        minutes=minutes,
        decisions=decided,
        clock=_clock.read(p),
        data=_Data(p.data),
        evidence=_evidence(p, str(written.text) if written else ""),
        queries={one.url: one.page for one in seen.queries},
        charts={
            one.url: _query_chart.draw(one.numbers, p.title, (p.wrong_from, p.wrong_to))
            for one in seen.queries
            if one.numbers
        },
        graph=_graph(p, seen, wiki),
        known={ref: (count, state) for ref, count, state in seen.assets},
        overdue=dict(seen.overdue),
        anchors=_rendering.item_anchors(p),
        today=wiki.today,
        edit=edit,
        history=history_of(edit),
        playbook=PLAYBOOKS.get(p.cause_category, ""),
    )


def article(
    document: Document, p: Postmortem, seen: View, wiki: Wiki, text: str, edit: str = ""
) -> tuple[str, str]:
    """The page of a document, whose converted text is sanitized, and what failed, or ""."""
    try:
        found = decisions(document)
        return page(p, seen, wiki, text, reading.minutes(document), found, edit), ""
    except Exception as error:  # one incident must not break other pages
        return plainly(p, text, error), str(error)


def _evidence(p: Postmortem, written: str) -> list[_Data]:
    """The evidence of the frontmatter that the text does not link."""
    pieces = _Data(p.data).list("evidence")
    return [one for one in pieces if not one("url") or str(escape(one("url"))) not in written]


def history_of(edit: str) -> str:
    """Where the history of a file is, by the address to edit it; "" where that is unknown."""
    for word, other in (("/-/edit/", "/-/commits/"), ("/edit/", "/commits/")):
        if edit.startswith("https://") and edit.count(word) == 1:
            return edit.replace(word, other)
    return ""


def _link(p: Postmortem, why: str = "") -> Link:
    page = _rendering.page_of(p)
    return Link(p.id, p.title or p.id, page, p.date, p.severity, p.severity_label, why)


def body(document: Document) -> str:
    """The Markdown after the frontmatter, without comments, which are guidance for authors.

    Each timeline entry begins with its time as an element, and names its source.
    Empty sections of a false alarm or duplicate are left out.
    """
    shown = _timeline_list.marked(document)
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


def plainly(p: Postmortem, text: str, error: Exception) -> str:
    """The page where its template failed: the text, and why the rest is missing."""
    return (
        f"<h1>{escape(p.title or p.id)}</h1>"
        '<div class="admonition failure"><p class="admonition-title">'
        "This page could not be rendered; its text follows</p>"
        f"<p>{escape(str(error))}</p></div>{text}"
    )


def lineage(p: Postmortem, wiki: Wiki) -> Lineage | None:
    """The edges between the assets of an incident; None without any.

    By dbt's manifest, and between assets that it does not know, as recorded.
    """
    refs = {asset.ref.removeprefix("dbt:"): asset.ref for asset in p.assets}
    kinds = {ref: ref.partition(":")[0] for ref in refs.values()}
    found, at, is_recorded = [], None, False
    nodes = wiki.manifest.nodes if wiki.manifest else {}
    if wiki.manifest:
        edges = among(wiki.manifest, refs)
        found = [Edge(refs[one.above], refs[one.below], one.between) for one in edges]
        kinds |= {ref: nodes[key].kind for key, ref in refs.items() if key in nodes}
        at = wiki.manifest.at
    by_manifest = bool(found)
    for edge in recorded_lineage.read(p.data):
        ends = (edge.above.removeprefix("dbt:"), edge.below.removeprefix("dbt:"))
        if not all(end in nodes for end in ends):
            found.append(edge)
            is_recorded = True
    joined = dict.fromkeys(ref for edge in found for ref in (edge.above, edge.below))
    named = tuple((ref, kinds[ref]) for ref in joined)
    return Lineage(tuple(found), named, by_manifest, at, is_recorded) if found else None


def _graph(p: Postmortem, seen: View, wiki: Wiki) -> Markup:
    """The lineage as a drawing; "" for none."""
    if not seen.lineage:
        return Markup()
    pages = {ref for ref, _, _ in seen.assets}
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
