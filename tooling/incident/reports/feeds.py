"""Feeds: Atom and JSON Feed with the latest incidents, `incidents.json` with all, `llms.txt`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from incident.archive.roster import is_person
from incident.postmortem.model import Postmortem
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki
from incident.text import instants

NEWEST = 50
_NOT_XML = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")


def build(wiki: Wiki) -> Iterator[Page | File]:
    """Four files."""
    newest = wiki.postmortems[:NEWEST]
    yield File("feed.xml", _atom(wiki, newest))
    yield File("feed.json", _dump(_json_feed(wiki, newest)))
    every = [fields(wiki, p) for p in wiki.declared]
    yield File("incidents.json", _dump({"version": 1, "incidents": every}))
    yield File("llms.txt", _llms(wiki))


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _address(wiki: Wiki, p: Postmortem) -> str:
    return wiki.address(_rendering.page_of(p))


def _updated(wiki: Wiki, p: Postmortem) -> datetime:
    """Its last change in git, else its last timestamp, else its date."""
    if changes := wiki.history.changes.get(p.path):
        return changes[0].at
    if p.times:
        return max(p.times.values()).astimezone(UTC)
    return datetime.combine(p.date or wiki.today, time(), UTC)


def _stamp(at: datetime) -> str:
    return instants.iso(at.astimezone(UTC), "seconds")


def _atom(wiki: Wiki, newest: Sequence[Postmortem]) -> str:
    last = max((_updated(wiki, p) for p in newest), default=datetime(1970, 1, 1, tzinfo=UTC))
    feed = Element("feed", xmlns="http://www.w3.org/2005/Atom")
    _add(feed, "title", wiki.name)
    _add(feed, "id", wiki.site_url or "urn:incidents")
    SubElement(feed, "link", href=wiki.site_url or "/")
    SubElement(feed, "link", rel="self", href=f"{wiki.site_url}feed.xml")
    _add(feed, "updated", _stamp(last))
    _add(SubElement(feed, "author"), "name", wiki.name)
    for p in newest:
        entry = SubElement(feed, "entry")
        _add(entry, "id", f"urn:incident:{p.id}")
        _add(entry, "title", f"{p.severity_label} {p.title or p.id}".strip())
        SubElement(entry, "link", href=_address(wiki, p))
        _add(entry, "updated", _stamp(_updated(wiki, p)))
        _add(entry, "summary", p.impact_summary)
    text = tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _add(parent: Element, tag: str, text: str) -> None:
    """An element with text, minus characters that XML forbids."""
    SubElement(parent, tag).text = _NOT_XML.sub("", text)


def _json_feed(wiki: Wiki, newest: Sequence[Postmortem]) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": wiki.name,
        **({"home_page_url": wiki.site_url} if wiki.site_url else {}),
        **({"feed_url": f"{wiki.site_url}feed.json"} if wiki.site_url else {}),
        "items": [
            {
                "id": p.id,
                "url": _address(wiki, p),
                "title": f"{p.severity_label} {p.title or p.id}".strip(),
                "content_text": p.impact_summary,
                "date_modified": _stamp(_updated(wiki, p)),
                "tags": list(p.tags),
            }
            for p in newest
        ],
    }


def fields(wiki: Wiki, p: Postmortem) -> dict[str, Any]:
    """The public facts of an incident, without people."""
    return {
        "id": p.id,
        "title": p.title,
        "url": _address(wiki, p),
        "date": p.date and p.date.isoformat(),
        "severity": p.severity,
        "severity_label": p.severity_label,
        "status": p.status,
        "closed_as": p.closed_as or None,
        "kind": p.kind,
        "cause_category": p.cause_category,
        "trigger": p.trigger,
        "detection_method": p.detection_method,
        "owner": "" if is_person(p.owner, wiki.archive.handles) else p.owner,
        "timestamps": {key: at.isoformat() for key, at in p.times.items()},
        "assets": [{"ref": a.ref, "role": a.role} for a in p.assets],
        "tags": list(p.tags),
        "recurrence_of": p.recurrence_of or None,
        "open_action_items": len(p.open_items),
        "summary": p.impact_summary,
    }


def _llms(wiki: Wiki) -> str:
    data, figures = wiki.address("incidents.json"), wiki.address("metrics/metrics.json")
    guide, rules = wiki.address("guide/index.md"), wiki.address("rules/index.md")
    lines = [
        f"# {wiki.name}",
        "",
        "> Postmortems of data incidents: what was wrong, for whom, why, and what is changing.",
        "",
        "## Data",
        "",
        f"- [All incidents as JSON]({data}): one object per incident, newest first",
        f"- [Metrics]({figures}): durations and percentages, with sample sizes",
        "",
        "## Guide",
        "",
        f"- [How incidents are handled]({guide})",
        f"- [Lint rules for postmortems]({rules})",
        "",
        "## Latest incidents",
        "",
    ]
    for p in wiki.postmortems[:NEWEST]:
        title = " ".join((p.title or p.id).split()).replace("[", "(").replace("]", ")")
        about = " ".join(p.impact_summary.split())
        lines.append(
            f"- [{p.severity_label} {title}]({_address(wiki, p)})" + (f": {about}" if about else "")
        )
    return "\n".join(lines) + "\n"
