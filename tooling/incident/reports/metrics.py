"""Metrics: are we getting better? Every plot comes with a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from incident.archive import metrics
from incident.archive.metrics import BY_CONSUMER, BY_TEST, Figures
from incident.postmortem import model
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS
from incident.reports import _plot, _rendering
from incident.reports._site_data import File, Page, Wiki
from incident.repository.config import SEVERITIES

PATH = "metrics/index.md"
QUARTERS = 20
GROUPS = {"metrics/severe.md": ("P0", "P1"), "metrics/limited.md": ("P2", "P3")}
DETECTION = ("found_by_test", "found_by_consumer")  # shown as one bar
SHOWN = 100  # rows in the page's own table; metrics.json has them all


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page for all severities and one per group, and the same metrics as JSON."""
    figures = metrics.measure(wiki.declared, wiki.today, wiki.milestones)
    text = json.dumps(metrics.as_json(figures), ensure_ascii=False, separators=(",", ":"))
    yield File("metrics/metrics.json", text + "\n")
    yield _page(wiki, PATH, wiki.declared)
    for path, levels in GROUPS.items():
        yield _page(wiki, path, [p for p in wiki.declared if p.severity in levels])


def _page(wiki: Wiki, path: str, chosen: Sequence[Postmortem]) -> Page:
    figures = metrics.measure(chosen, wiki.today, wiki.milestones)
    counted = [p for p in chosen if not p.closed_as]
    quarters = _quarters(counted, wiki)
    html = _rendering.render(
        "metrics.html.j2",
        path,
        wiki,
        scale=wiki.scale,
        groups=[(PATH, "All severities"), *((at, _name(at, wiki)) for at in GROUPS)],
        here=path,
        not_counted=metrics.not_counted(figures),
        figures=figures,
        labels={key: DURATIONS[key] for key in metrics.LENGTHS},
        shares={k: v for k, v in figures.shares.items() if k not in DETECTION},
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
        found=_plot.share(_found(figures), "How incidents were detected"),
        found_parts=_found(figures),
        dots=max(length.n for length in figures.lengths.values()) <= _plot.DOTS,
        said=_said(figures, path == PATH),
        rows=_rows(counted, figures)[:SHOWN],
        more=figures.incidents > SHOWN,
    )
    return Page(path, "Metrics" if path == PATH else f"Metrics, {_name(path, wiki)}", html)


def _said(figures: Figures, all_of_them: bool) -> str:
    """How many incidents there are, and how soon they were detected."""
    total, detect = figures.incidents, figures.lengths["detect"]
    if not total:
        return "No incidents yet." if all_of_them else "No incidents of these severities."
    left_out = metrics.not_counted(figures)
    count = f"{total:,} incident{'' if total == 1 else 's'}"
    said = f"{count}, not counting {left_out}." if left_out else f"{count}."
    if not detect.n or detect.median is None:
        return said
    within = f"detected within {model.minutes(detect.median)}"
    if total == 1:
        return f"{said} It was {within}."
    if detect.n == total:
        return f"{said} Half of them were {within}."
    if detect.n == 1:
        return f"{said} The only one whose time to detect is known was {within}."
    return f"{said} Half of the {detect.n:,} with a known time to detect were {within}."


def _name(path: str, wiki: Wiki) -> str:
    """`P0 and P1`, in the team's scale."""
    return " and ".join(wiki.scale[level] for level in GROUPS[path])


def _quarters(counted: Sequence[Postmortem], wiki: Wiki) -> list[tuple[str, date, Figures]]:
    """The latest quarters, from the first with an incident on, oldest first."""
    grouped: dict[date, list[Postmortem]] = {}
    for p in counted:
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


def _rows(
    counted: Sequence[Postmortem], figures: Figures
) -> list[tuple[Postmortem, list[int | None]]]:
    """Every incident with its values, newest first."""
    points = [{p.id: p.minutes for p in length.points} for length in figures.lengths.values()]
    return [(p, [found.get(p.id) for found in points]) for p in counted]


def _found(figures: Figures) -> list[tuple[str, int]]:
    test = sum(n for method, n in figures.detection.items() if method in BY_TEST)
    consumer = sum(n for method, n in figures.detection.items() if method in BY_CONSUMER)
    engineer, unknown = figures.detection.get("engineer", 0), figures.detection.get("unknown", 0)
    rest = sum(figures.detection.values()) - test - consumer - engineer - unknown
    return [
        ("by a test or monitor", test),
        ("by an engineer", engineer),
        ("by a consumer or outside party", consumer),
        ("unknown", unknown + rest),
    ]


def _detection(figures: Figures) -> list[tuple[str, int, str]]:
    """Every detection method with its count, and the part of the bar it belongs to."""
    parts = {
        **dict.fromkeys(BY_TEST, "by a test or monitor"),
        "engineer": "by an engineer",
        **dict.fromkeys(BY_CONSUMER, "by a consumer or outside party"),
    }
    return [(m, n, parts.get(m, "unknown")) for m, n in figures.detection.items()]
