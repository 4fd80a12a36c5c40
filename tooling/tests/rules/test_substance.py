"""Impact, root cause, detection and evidence: what a good reviewer asks about."""

from __future__ import annotations

import pytest

from incident.diagnostic import Diagnostic, Level
from incident.rules import _figures
from rules.examples import lint, marked, with_sections, with_yaml

IN_REVIEW = "status: in_review\n"
NO_MAGNITUDE = (
    'impact: {summary: "The revenue dashboard was wrong", critical_use_case: true, '
    'assets: [{ref: "dbt:model.shop.orders", role: root}], '
    'consumers: [{team: finance, use: "daily cash plan"}]}\n'
)
PREVENT = (
    'action_items:\n  - {id: AI-1, title: "Compare product lines by key", type: prevent, '
    'owner: data-platform, due: "2025-06-10", status: committed, '
    'done_when: "no filter compares names"}\n'
)
CHANGE = (
    "A change to the filter compared the beginning of a name, and should compare the key of a line."
)


def diagnostics(code: str, keys: str = "", **parts: str) -> list[Diagnostic]:
    """What a rule finds in the valid document in review, with these sections."""
    titles = {"cause": "Root cause", "evidence": "Supporting evidence"}
    sections = "".join(f"## {titles.get(k, k.title())}\n\n{v}\n\n" for k, v in parts.items())
    return [d for d in lint(document(keys, sections)) if d.code == code]


def document(keys: str, sections: str) -> str:
    text = with_yaml(IN_REVIEW + keys)
    return with_sections(sections, text) if sections else text


# Impact


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("On May 14, 2025 the dashboard was wrong.", "May 14, 2025"),
        ("Users could not log in from 2025-05-14 on.", "2025-05-14"),
        ("The stock feed was wrong at 09:40Z.", "09:40Z"),
        ("All dashboards were wrong.", "All dashboards"),
        ("Every customer was affected.", "Every customer"),
        ("Each partner got the wrong file.", "Each partner"),
        ("No reports could be built that morning.", ""),
        ("A large part of the orders of Q2 was missing, see AI-3.", ""),
        ("The API returned HTTP 500.", ""),
        ("Version 1.12.0 of the model wrote wrong values.", ""),
    ],
)
def test_a_date_a_code_or_all_of_them_is_not_a_number(text: str, only: str) -> None:
    (found,) = diagnostics("INC208", impact=text)
    assert found.level is Level.WARNING
    assert found.message == 'section "Impact" has no number' + (
        f' that measures it, only "{only}"' if only else ""
    )


@pytest.mark.parametrize(
    "text",
    [
        "3,870 payments had no status.",
        "The table was five hours late.",
        "Finance saw it for an entire day.",
        "About half of the orders were missing.",
        "A third of the rows were doubled.",
        "The feed was stale from 02:15Z to 12:20Z.",
        "The report was late by 45min.",
        "$4,000 was overpaid.",
        "12k sessions were lost.",
        "1 of 9 accounts was missing.",
        "No customer was affected.",
        "Nobody used it.",
        "Nothing was sent.",
        "It is not yet known how many; AI-2 counts them.",
    ],
)
def test_measured_impacts(text: str) -> None:
    assert not diagnostics("INC208", impact=text)


def test_the_hint_quotes_the_number_that_is_elsewhere() -> None:
    summary = "A filter ran for 3 hours with 12 workers. 1,904 orders were missing in the report."
    (found,) = diagnostics("INC208", NO_MAGNITUDE, summary=summary, impact="Reports were wrong.")
    assert found.hint == 'line 37 has "1,904 orders": add it to Impact'


def test_the_hint_quotes_the_magnitude() -> None:
    (found,) = diagnostics("INC208", impact="Some reports were wrong.")
    assert found.hint == '`impact.magnitude` has "82 instead of 100 percent": add it to Impact'


def test_a_number_that_is_not_about_the_impact_is_not_quoted() -> None:
    summary = "The team asked for 40 users more in the license, and was paged after 1 minute."
    (found,) = diagnostics("INC208", NO_MAGNITUDE, summary=summary, impact="Reports were wrong.")
    assert "line" not in found.hint


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1,904 of 10,577 orders from 02:15Z to 12:20Z", ["1,904 of 10,577 orders"]),
        ("EUR 400, 18% too low, ~38% of it", ["EUR 400", "18%", "38%"]),
        ("HTTP 504 errors and 429s, it returned 404 for 12 customers", ["12 customers"]),
        ("v1.12, 1.323.0, AI-1, P1, TLS 1.2, port 8080, #12", []),
        ("in 2023, on 4 and 5 May, November 15, 06:20, 10/20/2022, the 3rd time", []),
        ("2016/11/08, October 21, 28, and 29-30, at 2100 UTC, job 722, commit 0b3272a", []),
        ("Ruby 2.1, upgrade to 1.5, a 32-bit field, width=300", []),
        ("70-80% of 300-400 files in 1h 45m", ["70-80%", "300-400 files", "1h", "45m"]),
        ("2041 rows since 2019-05-06", ["2041 rows"]),
        ("a 62-minute delay, (7min, 2min)", ["62-minute", "7min", "2min"]),
    ],
)
def test_figures(text: str, shown: list[str]) -> None:
    assert [figure.shown for figure in _figures.find(text)] == shown


# Root cause


@pytest.mark.parametrize(
    "text",
    [
        "The certificate of the endpoint expired on Sunday at 23:59 UTC and clients were rejected.",
        "Our wildcard certificate had expired. As a result every request returned an error.",
        "The nightly job failed on the night of 12 May, so the table was not updated that day.",
        "The database server ran out of disk space, which caused all writes to fail for an hour.",
        "The pipeline was broken for two days and the data in the warehouse was stale for all.",
        "An expired API token was the root cause of the missing data in the report of the day.",
        "The cluster became overloaded and unresponsive, so that jobs timed out all afternoon.",
    ],
)
def test_a_root_cause_that_repeats_the_symptom(text: str) -> None:
    (found,) = diagnostics("INC209", cause=text)
    assert found.level is Level.WARNING
    assert found.message.startswith('section "Root cause" repeats the symptom: "')


@pytest.mark.parametrize(
    "text",
    [
        "To be investigated. The team will look at the logs next week, after the migration.",
        "The exact root cause is not yet known; the vendor is still looking into it.",
        "We still don't know why the connector stopped sending events. It started after a restart.",
        "TBD - waiting for the vendor's own postmortem, which is promised for the end of the week.",
        "The source of the charge is still unknown at this time, and nobody has asked since.",
    ],
)
def test_a_root_cause_that_is_not_known(text: str) -> None:
    (found,) = diagnostics("INC209", cause=text)
    assert found.level is Level.WARNING
    assert found.message.startswith('section "Root cause" is not known yet: "')


@pytest.mark.parametrize(
    "text",
    [
        "The renewal job ran on a retired host, so the certificate was never renewed and expired.",
        "The load reads the file at 04:30 whether or not the export is complete, and read half.",
        "Two workers took the same lock, because its timeout is shorter than the longest batch.",
        "The certificate expired. The renewal had failed because its token had no scope.",
        "The scheduler counts in local time, and in that night the hour from 02:00 occurs twice.",
        "The deduplication kept the first row. Why its order changed is not known; AI-2 asks.",
        "A refusal has no rows, and the load turns that into an empty day. Why it was refused is "
        "an open question to the platform.",
    ],
)
def test_root_causes_with_a_mechanism(text: str) -> None:
    assert not diagnostics("INC209", cause=text)


def test_a_prompt_of_a_template_is_not_a_root_cause() -> None:
    prompt = "*Note the final root cause and describe what needs to change to prevent a recurrence*"
    (found,) = diagnostics("INC209", cause=f"### Why\n\n{prompt}\n\nA bug in the filter.")
    assert found.message == 'section "Root cause" has 5 words (at least 12)'


def test_the_root_cause_of_the_second_failure() -> None:
    summary = "The dashboard was 18% low for a day. A second outage in the evening made it empty."
    (found,) = diagnostics("INC209", summary=summary)
    assert (
        found.message == 'section "Root cause" explains one failure; line 42 has "A second outage"'
    )
    both = "The filter compared names instead of keys. The second outage came from its repair."
    assert not diagnostics("INC209", summary=summary, cause=both)


# Detection


CONSUMER = "severity: P2\ndetection: {method: consumer, source: finance}\n"
ENGINEER = "severity: P2\ndetection: {method: engineer, source: on call}\n"
UNKNOWN = "severity: P2\ndetection: {method: null}\n"


def test_found_by_a_consumer_at_every_severity() -> None:
    for severity in ("P0", "P1", "P2", "P3"):
        keys = CONSUMER.replace("P2", severity) + PREVENT
        (found,) = diagnostics("INC319", keys)
        assert found.message == "found by a consumer, and no action item finds the next one sooner"


def test_a_published_p1_without_a_detect_item_is_reported_once() -> None:
    text = with_yaml("severity: P1\n" + PREVENT)
    codes = [d.code for d in lint(text)]
    assert "INC306" in codes
    assert "INC319" not in codes


def test_the_check_that_should_have_caught_it_is_in_the_hint() -> None:
    keys = ENGINEER.replace("on call}", 'on call, should_have_been: "a freshness test"}') + PREVENT
    (found,) = diagnostics("INC319", keys)
    assert 'add an item of type detect for "a freshness test"' in found.hint


@pytest.mark.parametrize(
    "item",
    [
        "type: detect, title: Fail the load on a refused token",
        "type: mitigate, title: Show a warning above data that is older than 30 hours",
        "type: detect, status: wont_do, reason: a second count costs more than the incident",
        "title: Add a row-count test on orders",
    ],
)
def test_an_item_that_finds_the_next_one_sooner(item: str) -> None:
    assert not diagnostics("INC319", f"{CONSUMER}action_items:\n  - {{id: AI-1, {item}}}\n")


def test_an_item_that_names_a_dashboard_or_informs_people_finds_nothing() -> None:
    for title in ("Fix the filter of the revenue dashboard", "Notify finance of each backfill"):
        item = f'{{id: AI-1, type: process, title: "{title}"}}'
        assert diagnostics("INC319", f"{CONSUMER}action_items:\n  - {item}\n")


@pytest.mark.parametrize("method", ["test", "monitor", "anomaly", "pipeline_failure"])
def test_found_by_a_machine(method: str) -> None:
    keys = f"severity: P2\ndetection: {{method: {method}, source: x}}\n{PREVENT}"
    assert not diagnostics("INC319", keys)


@pytest.mark.parametrize(
    ("keys", "text", "message"),
    [
        (
            ENGINEER,
            "An analyst noticed it by chance. An alert mail had gone to a mailbox for two days.",
            'found by an engineer ("analyst noticed"; line 53 has "alert mail had gone to")',
        ),
        (
            UNKNOWN,
            "Customers complained in the channel. The metric dropped, and nobody was alerted.",
            'found by people ("Customers complained"; line 53 has "metric dropped")',
        ),
        (
            UNKNOWN,
            "We were not alerted. No process was set up to alert anyone.",
            'found without an alert ("were not alerted")',
        ),
        (
            UNKNOWN,
            "We have no alerts on that table.",
            'found without an alert ("no alerts")',
        ),
    ],
)
def test_found_by_people_while_a_machine_could_have_known(
    keys: str, text: str, message: str
) -> None:
    sections = {
        "summary": "The dashboard was 18% low.",
        "timeline": "- 2025-05-14 09:40Z it was low",
    }
    (found,) = diagnostics("INC319", keys + PREVENT, **sections, detection=text)
    assert found.message == f"{message}, and no action item finds the next one sooner"


@pytest.mark.parametrize(
    "text",
    [
        "The monitor fired at 09:00 and on call was paged. Customers reported it as well.",
        "A researcher reported the vulnerability to the security mailbox.",
        "Users reported it. We have added an alert on the number of rows since.",
    ],
)
def test_found_by_a_machine_by_a_researcher_or_already_answered(text: str) -> None:
    sections = {"summary": "A leak was fixed.", "timeline": "- 2025-05-14 09:40Z it was fixed"}
    assert not diagnostics("INC319", UNKNOWN + PREVENT, **sections, detection=text)


# Evidence


NONE = "evidence: []\n"


def test_figures_and_cause_without_evidence_are_one_finding() -> None:
    impact = "3,870 payments had no status.\n\nRevenue was 18% low, for 4 teams and 3 hours."
    (found,) = diagnostics("INC219", NONE, impact=impact, cause=CHANGE, evidence="")
    assert found.message == (
        '2 figures of the impact and the root cause have no evidence: "3,870 payments" (line 47), '
        '"18% low" (line 49)'
    )
    assert found.hint.startswith('where does "3,870 payments" come from?')
    assert marked(document(NONE, f"## Impact\n\n{impact}\n"), found) == "3,870 payments"


@pytest.mark.parametrize(
    ("keys", "impact", "evidence"),
    [
        ('evidence: [{kind: query, title: "x", url: "https://example.com/q"}]\n', "3,870 rows", ""),
        (NONE, "[3,870 rows](https://example.com/q/1) were missing.", ""),
        (NONE, "3,870 rows were missing.", "[The count](https://example.com/q/1)"),
        (NONE, "3,870 rows were missing.", "```sql\nselect 1\n```"),
        (NONE, "The table was late for 3 hours.", ""),
        (NONE, "It did not lose 300 orders. Two teams saw it.", ""),
    ],
)
def test_figures_with_evidence_or_that_need_none(keys: str, impact: str, evidence: str) -> None:
    cause = CHANGE + " See #12."
    assert not diagnostics("INC219", keys, impact=impact, cause=cause, evidence=evidence)


def test_a_pull_request_is_no_evidence_of_a_figure() -> None:
    evidence = "[The change](https://example.com/shop/pull/12)"
    (found,) = diagnostics("INC219", NONE, impact="3,870 rows were missing.", evidence=evidence)
    assert found.message == 'a figure of the impact has no evidence: "3,870 rows" (line 47)'


def test_a_change_without_a_link_and_a_cause_that_is_not_a_change() -> None:
    late = "The table was late for 3 hours."
    (found,) = diagnostics("INC219", NONE, impact=late, cause=CHANGE, evidence="")
    assert found.message == 'section "Root cause" has no evidence'
    cause = (
        "The scheduler counts in local time, and in that night the hour from 02:00 occurs twice."
    )
    assert not diagnostics("INC219", NONE, impact=late, cause=cause, evidence="")
