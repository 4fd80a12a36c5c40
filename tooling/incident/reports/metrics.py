"""Metrics: are we getting better? Every plot comes with a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from incident.archive import metrics
from incident.archive.metrics import BY_CONSUMER, BY_TEST, Figures
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS
from incident.reports import _plot, _rendering
from incident.reports._site_data import File, Page, Wiki
from incident.repository.config import SEVERITIES

PATH = "metrics/index.md"
QUARTERS = 20
SHOWN = 100  # rows in the page's own table; metrics.json has them all


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page, and the same metrics as JSON."""
    figures = metrics.measure(wiki.declared, wiki.today, wiki.milestones)
    text = json.dumps(metrics.as_json(figures), ensure_ascii=False, separators=(",", ":"))
    yield File("metrics/metrics.json", text + "\n")
    quarters = _quarters(wiki)
    html = _rendering.render(
        "metrics.html.j2",
        PATH,
        wiki,
        scale=wiki.scale,
        not_counted=metrics.not_counted(figures),
        figures=figures,
        labels={key: DURATIONS[key] for key in metrics.LENGTHS},
        share_labels=metrics.share_labels(wiki.archive.severity_aliases),
        strips={k: _plot.strip(v, DURATIONS[k].title) for k, v in figures.lengths.items()},
        axis=_plot.axis(),
        quarters=quarters,
        columns=_plot.columns(
            [_plot.Column(label, f.severities) for label, _, f in quarters],
            SEVERITIES,
            "Incidents per quarter by severity",
        ),
        detection=_detection(figures),
        found=_plot.share(_found(figures), "Detection source of the incidents"),
        rows=_rows(wiki, figures)[:SHOWN],
        more=figures.incidents > SHOWN,
    )
    yield Page(PATH, "Metrics", html)


def _quarters(wiki: Wiki) -> list[tuple[str, date, Figures]]:
    """The latest quarters, from the first with an incident on, oldest first."""
    grouped: dict[date, list[Postmortem]] = {}
    for p in wiki.postmortems:
        if p.date and p.date <= wiki.today:
            grouped.setdefault(metrics.quarter(p.date)[0], []).append(p)
    found: list[tuple[str, date, Figures]] = []
    first = metrics.quarter(wiki.today)[0]
    while grouped and first >= min(grouped) and len(found) < QUARTERS:
        label = f"{first.year % 100:02d}\u2009Q{first.month // 3 + 1}"
        some = grouped.get(first, [])
        found.append((label, first, metrics.measure(some, wiki.today, wiki.milestones)))
        first = metrics.quarter_before(first)[0]
    return found[::-1]


def _rows(wiki: Wiki, figures: Figures) -> list[tuple[Postmortem, list[int | None]]]:
    """Every incident with its values, newest first."""
    points = [{p.id: p.minutes for p in length.points} for length in figures.lengths.values()]
    return [(p, [found.get(p.id) for found in points]) for p in wiki.postmortems]


def _found(figures: Figures) -> list[tuple[str, int]]:
    test = sum(n for method, n in figures.detection.items() if method in BY_TEST)
    consumer = sum(n for method, n in figures.detection.items() if method in BY_CONSUMER)
    engineer, unknown = figures.detection.get("engineer", 0), figures.detection.get("unknown", 0)
    rest = sum(figures.detection.values()) - test - consumer - engineer - unknown
    return [
        ("by a test or monitor", test),
        ("by an engineer", engineer),
        ("by a consumer", consumer),
        ("unknown", unknown + rest),
    ]


def _detection(figures: Figures) -> list[tuple[str, int, str]]:
    """Every detection method with its count, and the part of the bar it belongs to."""
    parts = {
        **dict.fromkeys(BY_TEST, "by a test or monitor"),
        "engineer": "by an engineer",
        **dict.fromkeys(BY_CONSUMER, "by a consumer"),
    }
    return [(m, n, parts.get(m, "unknown")) for m, n in figures.detection.items()]
