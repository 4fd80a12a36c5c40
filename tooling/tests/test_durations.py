"""A duration has one starting point and one value, wherever it is reported."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from incident import archive, reports, review
from incident.archive import Entry, metrics
from incident.drafts import stakeholder_message
from incident.export import rows
from incident.postmortem import document, model
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS, LABELS, TIMESTAMPS
from incident.reports import _incident
from incident.reports import metrics as metrics_page
from incident.repository import config
from incident.review import page
from support import MINIMAL, NOW, run

# each duration has another length, counted from another start it would be yet another
TIMES = """\
  started_at: "2025-05-14T02:00Z"
  detected_at: "2025-05-14T03:01Z"
  acknowledged_at: "2025-05-14T03:13Z"
  mitigated_at: "2025-05-14T05:37Z"
  corrected_at: "2025-05-14T09:11Z"
  consumers_notified_at: "2025-05-14T10:07Z"
  resolved_at: "2025-05-14T13:43Z"
"""
TEXT = MINIMAL.replace('  detected_at: "2025-05-14T09:40Z"\n', TIMES)
MINUTES = {"detect": 61, "acknowledge": 12, "mitigate": 217, "correct": 431, "notify": 487}
MINUTES["resolve"] = 703


@pytest.fixture
def entry() -> Entry:
    found = document.parse(TEXT, "incidents/2025/2025-05-14-revenue-drops.md")
    return Entry(found, model.postmortem(found))


@pytest.mark.parametrize("key", MINUTES)
def test_every_report_shows_the_same_duration(entry: Entry, key: str) -> None:
    p, minutes = entry.postmortem, MINUTES[key]
    shown = model.minutes(minutes)
    assert p.time_to(key) == timedelta(minutes=minutes)
    first, last = DURATIONS[key].first, DURATIONS[key].last
    row = f"| {TIMESTAMPS[last].label} | {shown} | {TIMESTAMPS[first].label} |"
    assert row in page.render(_reviewed(entry), NOW)
    (point,) = metrics.measure([p], NOW.date()).lengths[key].points
    assert point.minutes == minutes
    (incident,) = rows.of_entry(entry, rows.Known())["incidents"]
    assert incident[f"minutes_to_{key}"] == minutes
    wiki = _wiki(entry)
    head = _incident.page(p, _incident.view(p, wiki), wiki)
    assert f"<dt>{DURATIONS[key].title}</dt><dd>{shown}</dd>" in head
    if key in {"detect", "correct", "resolve"}:
        text, _ = stakeholder_message.of_incident(
            entry, "summary", "markdown", NOW, config.Config()
        )
        assert f"{TIMESTAMPS[last].label} after {shown}" in text


def test_the_list_shows_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "incidents" / "2025" / "2025-05-14-revenue-drops.md"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "\t1 h 1 min\t11 h 43 min\t" in run("list").stdout
    lengths = json.loads(run("stats", "--format", "json").stdout)["lengths"]
    assert lengths["mitigate"]["median_minutes"] == MINUTES["mitigate"]


@pytest.mark.parametrize("name", ["detect (MTTD)", "acknowledge (MTTA)", "resolve (MTTR)"])
def test_durations_have_the_names_of_the_field(
    name: str, entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "incidents" / "2025" / "2025-05-14-revenue-drops.md"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert f"\nTime to {name} " in run("stats").stdout
    report = run("stats", "--format", "markdown", "--since", "2025-05-01").stdout
    assert f"| Time to {name} | 1 | 0 | " in report
    title, _, known_as = name.partition(" (")
    row = f'<b>Time to {title}</b> <span class="quiet">{known_as.rstrip(")")}</span>'
    made = metrics_page.build(_wiki(entry))
    assert any(row in page.html for page in made if isinstance(page, reports.Page))


def test_times_in_the_wrong_order_are_no_duration() -> None:
    times = {key: NOW - timedelta(hours=n) for n, key in enumerate(TIMESTAMPS)}
    p = Postmortem("a.md", "a", times=times)
    assert [p.time_to(key, NOW - timedelta(days=1)) for key in DURATIONS] == [None] * len(DURATIONS)


def test_every_timestamp_has_a_label_of_its_own() -> None:
    assert [LABELS[stamp.label] for stamp in TIMESTAMPS.values()] == list(TIMESTAMPS)


def _reviewed(entry: Entry) -> review.Outcome:
    p = entry.postmortem
    return review.Outcome((review.Review(entry.document, p, "", (), p.status, "", ()),))


def _wiki(entry: Entry) -> reports.Wiki:
    return reports.Wiki(archive.Archive((entry,), ()), date(2026, 1, 1))
