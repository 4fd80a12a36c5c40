"""The page of an incident: its four answers, the order of its parts, its timeline."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from incident.postmortem import document, model
from incident.postmortem.model import Postmortem
from incident.reports import _answers, _clock, _incident, _parts, _related, _timeline_list

TODAY = date(2026, 11, 28)
TIMES = {
    "started_at": "2026-11-03T01:10Z",
    "detected_at": "2026-11-03T04:40Z",
    "corrected_at": "2026-11-03T07:10Z",
    "resolved_at": "2026-11-03T09:00Z",
}
SHORT = {**TIMES, "mitigated_at": "2026-11-03T04:50Z"}


def of(**values: Any) -> Postmortem:
    data = json.dumps({"id": "2026-11-03-a", "status": "published", **values})
    return model.postmortem(document.parse(f"---\n{data}\n---\n", "incidents/2026/2026-11-03-a.md"))


def magnitude(**values: Any) -> dict[str, Any]:
    return {"impact": {"magnitude": {"metric": "daily_rows", "unit": "rows", **values}}}


@pytest.mark.parametrize(
    ("values", "answer", "detail"),
    [
        (magnitude(expected=100, actual=82), "18% low", "Daily rows: 82 instead of 100 rows."),
        (magnitude(expected=3870, actual=0), "All of it", "0 instead of 3,870 rows."),
        (magnitude(expected=0, actual=640), "640 rows", "640 instead of 0 rows."),
        (magnitude(expected=1000, actual=1012), "1.2% high", "1,012 instead of 1,000 rows."),
        (magnitude(actual=7), "7 rows", "Daily rows."),
        (magnitude(expected=True, actual="x"), "Not known yet", ""),
        (
            {"data_window": {"from": "2026-11-02", "to": "2026-11-02"}},
            "A full day",
            "Wrong data: Nov 2, 2026.",
        ),
        ({"data_window": {"from": "2026-11-02"}}, "Since Nov 2, 2026", "is not known yet."),
        (
            {**magnitude(expected=100, actual=82), "data_window": {"from": "2026-11-02"}},
            "18% low",
            "Wrong data: from Nov 2, 2026 on.",
        ),
        (magnitude(expected=100, actual=200), "Twice as high", "200 instead of 100 rows."),
        (magnitude(expected=100, actual=350), "3.5 times as high", "350 instead of 100 rows."),
        (magnitude(metric="Rows", actual=7), "7 rows", ""),
        (
            {"data_window": {"from": "2026-11-01", "to": "2026-11-09"}},
            "9 days",
            "Wrong data: Nov 1, 2026 to Nov 9, 2026.",
        ),
        ({"impact": {"assets": [{"ref": "a"}]}}, "1 asset", "not recorded"),
        (
            {"impact": {"assets": [{"ref": "a"}], "summary": "Revenue was 18% low."}},
            "1 asset",
            "For the size of the error, see the summary.",
        ),
        ({"impact": {"summary": "Revenue was 18% low."}}, "See the summary", ""),
        ({}, "Not known yet", ""),
    ],
)
def test_how_much(values: dict[str, Any], answer: str, detail: str) -> None:
    found = _answers.how_much(of(**values))
    assert found.answer == answer
    assert detail in found.detail


@pytest.mark.parametrize(
    ("consumers", "answer", "detail"),
    [
        ([], "None recorded", ""),
        (
            [{"team": "finance", "decision_made": False, "correction_sent": True}],
            "1 team",
            "Finance. No decision was made on wrong data; a correction was sent.",
        ),
        (
            [{"team": t, "decision_made": True, "correction_sent": False} for t in ("a", "b")],
            "2 teams",
            "A and b decided on wrong data; no correction was sent to a or b.",
        ),
        (
            [{"team": t} for t in "abcdefghijkl"],
            "12 teams",
            "A, b, c and 9 others. It is not known",
        ),
    ],
)
def test_who_was_affected(consumers: list[dict[str, Any]], answer: str, detail: str) -> None:
    found = _answers.who(of(impact={"consumers": consumers}))
    assert found.answer == answer
    assert detail in found.detail


@pytest.mark.parametrize(
    ("values", "answer", "detail"),
    [
        (
            {"timestamps": TIMES},
            "Yes",
            "The data was wrong for 6 hours and has been correct since Nov 3, 2026, 07:10 UTC.",
        ),
        ({"timestamps": {"started_at": "2026-11-20T01:10Z"}}, "No", "Open for 8 days."),
        (
            {"timestamps": {"detected_at": "2026-11-20T01:10Z"}},
            "No",
            "Open for at least 8 days; the start is not known.",
        ),
        ({"timestamps": {"detected_at": "2026-11-28T01:10Z"}}, "No", "Opened today."),
        ({"timestamps": {"detected_at": "2026-12-28T01:10Z"}}, "No", "It is not resolved yet."),
        ({"kind": "near_miss", "timestamps": TIMES}, "Yes", "A near miss, resolved on Nov 3"),
        ({"kind": "near_miss", "timestamps": {}}, "No", "A near miss, open"),
        ({"drill": True, "timestamps": TIMES}, "Yes", "A drill, resolved on Nov 3, 2026"),
        (
            {"timestamps": {k: TIMES[k] for k in ("started_at", "corrected_at")}},
            "Nearly",
            "the incident is not resolved yet",
        ),
        (
            {"status": "closed", "timestamps": {}},
            "Yes",
            "when the data was correct again",
        ),
    ],
)
def test_is_it_over(values: dict[str, Any], answer: str, detail: str) -> None:
    found = _answers.is_over(of(**values), TODAY)
    assert found.answer == answer
    assert detail in found.detail


def item(**values: Any) -> dict[str, Any]:
    return {"id": "AI-1", "type": "prevent", "status": "committed", "due": "2026-11-27", **values}


@pytest.mark.parametrize(
    ("items", "answer", "detail"),
    [
        ([], "Nothing yet", "There are no action items."),
        ([item()], "0 of 1 done", "The fix for the cause, AI-1, is 1 day overdue."),
        ([item(due="2026-12-27")], "0 of 1 done", "AI-1, is due Dec 27, 2026."),
        ([item(due=None, id="")], "0 of 1 done", "The fix for the cause has no due date."),
        ([item(status="done")], "Done", "The cause is fixed."),
        ([item(status="wont_do")], "Nothing", "The cause stays: its fix was not done."),
        ([item(status="done")] * 3, "All done", "The cause is fixed."),
        ([item(status="done")] * 3 + [item(status="wont_do")], "3 done, 1 dropped", ""),
        ([item(), item(status="wont_do")], "0 of 1 done, 1 dropped", "1 day overdue."),
        ([item(type="detect")], "0 of 1 done", "No item prevents the cause. 1 is overdue."),
        ([item(), item(type="detect")], "0 of 2 done", "1 day overdue. 1 more is overdue."),
    ],
)
def test_what_changes(items: list[dict[str, Any]], answer: str, detail: str) -> None:
    found = _answers.what_changes(of(action_items=items), TODAY)
    assert found.answer == answer
    assert detail in found.detail


def test_a_dropped_item_leaves_no_green_check() -> None:
    items = [item(status="done"), item(status="wont_do", type="detect")]
    assert _answers.what_changes(of(action_items=items), TODAY).state == ""


# parts


def test_sections_about_one_question_stand_together_and_none_is_lost() -> None:
    text = (
        "<p>before</p>"
        '<h2 id="ours">Our own<a class="headerlink" href="#ours">¶</a></h2><p>own</p>'
        '<h2 id="contributing-factors">Contributing factors</h2><h3 id="x">x</h3><p>factor</p>'
        '<h2 id="root-cause">Root cause</h2><p>cause</p>'
        '<h2 id="rca">RCA</h2><p>again</p>'
        '<h2 id="what-went-well">What went well</h2><p>well</p>'
    )
    parts = _parts.arrange(text)
    assert parts.before == "<p>before</p>"
    cause = parts.groups["root_cause"]
    assert (cause.heading, cause.text) == ('<h2 id="root-cause">Root cause</h2>', "<p>cause</p>")
    (factors,) = cause.parts
    assert '<h3 id="contributing-factors">' in factors
    assert '<h4 id="x">x</h4>' in factors
    assert parts.groups["lessons_learned"].heading == ""
    assert "<p>own</p>" in parts.others
    assert "<p>again</p>" in parts.others


# timeline


def timeline(body: str, **times: str) -> str:
    p = of(timestamps=times)
    return _timeline_list.arranged(body, p)


def row(at: str, text: str = "x") -> str:
    return f'<li><time datetime="{at}">{at[11:16]}</time> {text}</li>'


def test_gaps_days_and_untold_timestamps_are_rows() -> None:
    body = f"<ul>\n{row('2026-11-02T22:00Z')}\n{row('2026-11-03T04:40Z', 'found')}\n</ul>"
    shown = timeline(body, **TIMES)
    order = [
        *("Monday, November 2, 2026 (UTC)", ">22:00<", "3 h 10 min", "Tuesday, November 3, 2026"),
        *("<strong>Started</strong>", "3 h 30 min undetected", "04:40", "found"),
        *("2 h 30 min", "<strong>Data corrected</strong>", "<strong>Resolved</strong>", "</ul>"),
    ]
    at = [shown.index(one) for one in order]
    assert at == sorted(at)
    assert shown.startswith('<ul class="tl">')
    assert '<li class="mile detected"><time datetime="2026-11-03T04:40Z">' in shown


def test_without_entries_the_timestamps_are_the_timeline() -> None:
    shown = timeline("<p>none yet</p>", **TIMES)
    assert shown.startswith("<p>none yet</p><ul")
    assert shown.count('class="mile') == 4


def test_a_table_or_a_list_without_times_stays() -> None:
    body = "<table><tr><td>04:40</td></tr></table><ul><li>later</li></ul>"
    assert timeline(body) == body


def test_an_entry_keeps_its_text_and_loses_its_time_and_label() -> None:
    text = (
        "---\nid: 2026-11-03-a\n---\n\n## Timeline\n\n"
        "- 2026-11-03T06:40+02:00 **detected**: the `test` fails <!-- source: dbt -->\n"
        "- 05:00Z — [a link](x.md)\n- unreadable\n\n| 05:10Z | a row |\n"
    )
    shown = _incident.body(document.parse(text, "incidents/2026/2026-11-03-a.md"))
    assert (
        '- <time datetime="2026-11-03T04:40Z">04:40</time> **Detected:** the `test` fails '
        "<small>dbt</small>\n"
        '- <time datetime="2026-11-03T05:00Z">05:00</time> [a link](x.md)\n'
        "- unreadable\n"
    ) in shown
    assert "| 05:10Z | a row |" in shown


@pytest.mark.parametrize(
    ("edit", "history"),
    [
        (
            "https://github.com/shop/data/edit/main/incidents/2026/x.md",
            "https://github.com/shop/data/commits/main/incidents/2026/x.md",
        ),
        (
            "https://gitlab.com/shop/data/-/edit/main/incidents/2026/x.md",
            "https://gitlab.com/shop/data/-/commits/main/incidents/2026/x.md",
        ),
        ("https://example.com/wiki?page=x", ""),
        ("", ""),
    ],
)
def test_the_history_is_found_by_the_address_to_edit(edit: str, history: str) -> None:
    assert _incident.history_of(edit) == history


def test_many_teams_are_counted() -> None:
    teams = [{"team": f"t{n}", "decision_made": True, "correction_sent": False} for n in range(6)]
    found = _answers.who(of(impact={"consumers": teams}))
    assert "6 of them decided on wrong data; no correction was sent to 6 of them." in found.detail


def test_an_open_incident_without_times_did_not_open_today() -> None:
    said = "Open for at least 25 days; the start is not known."
    assert _answers.is_over(of(status="draft"), TODAY).detail == said


def test_short_phases_are_named_below_the_bar() -> None:
    wide, narrow = _clock.read(of(timestamps=TIMES)), _clock.read(of(timestamps=SHORT))
    assert wide is not None
    assert not wide.narrow
    assert narrow is not None
    assert narrow.narrow


def test_assets_that_both_affected_are_one_reason() -> None:
    reasons = ["also affected a", "also started in b", "also affected b", "also affected c"]
    assert _related._short(reasons) == ("also affected a and c", "also started in b")
