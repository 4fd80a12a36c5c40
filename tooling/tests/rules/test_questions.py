"""What a careful reviewer asks: factors, gaps, times that disagree, habits, risks."""

from __future__ import annotations

import pytest

from rules.examples import BASE, found, lint, with_sections, with_yaml


def factors(*lines: str, section: str = "What went badly", base: str = BASE) -> str:
    return with_sections(f"## {section}\n\n" + "".join(f"- {line}\n" for line in lines), base)


def titled(*titles: str, done_when: str = "the team agrees", owner: str = "data-platform") -> str:
    lines = "".join(
        f'  - {{id: AI-{n}, title: "{title}", type: process, owner: {owner}, due: "2025-05-21",'
        f' status: committed, done_when: "{done_when}"}}\n'
        for n, title in enumerate(titles, 1)
    )
    return with_yaml(f"action_items:\n{lines}")


def section(title: str, text: str) -> str:
    return with_sections(f"## {title}\n\n{text}\n")


ASKED = [
    "The first message to the consumers waited until the repair was complete.",
    "The on-call engineer could not be reached on a public holiday.",
    "Backups of the warehouse go to the disk that they protect.",
    "The marketplace's complaints go to an address that is closed at night.",
    "Deployments of the scheduler cannot be undone without downtime.",
]
NOT_ASKED = [
    "Nothing watched the number of rows, so it went unnoticed.",  # a detect item
    "The filter compares names, which are not unique keys.",  # shares words with AI-2
    "A row-count test existed for the staging copy alone.",
    "The first message to the consumers waited (accepted: the table has three readers).",
    "The first message to the consumers waited. **Accepted**: the table has three readers.",
    "The first message to the consumers waited until the repair was complete (AI-2).",
    "The first message to the consumers waited until the repair was complete, see #412.",
    "Backups are kept for three days only. This has since been raised to thirty days.",
    "None.",
    "Was the message to the consumers sent too late?",
    "It was slow.",
]


@pytest.mark.parametrize("line", ASKED)
def test_a_factor_without_an_action_item_is_asked_about(line: str) -> None:
    hits = found("INC315", factors(line))
    assert [marked for marked, _ in hits] == [line]
    assert hits[0][1].startswith("no action item addresses this factor: ")


@pytest.mark.parametrize("line", NOT_ASKED)
def test_a_factor_that_is_addressed_or_accepted_is_not(line: str) -> None:
    assert found("INC315", factors(line)) == []


@pytest.mark.parametrize("keys", ["status: draft\n", "action_items: []\n"])
def test_no_factor_is_asked_about_in_a_draft_or_without_any_item(keys: str) -> None:
    assert found("INC315", with_yaml(keys, factors(*ASKED))) == []


def test_more_than_three_factors_are_one_question_with_their_lines() -> None:
    text = factors(*ASKED)
    first = text.split("\n").index(f"- {ASKED[0]}") + 1
    lines = ", ".join(str(first + n) for n in range(len(ASKED)))
    assert found("INC315", text) == [
        (ASKED[0], f"no action item addresses {len(ASKED)} factors: lines {lines}")
    ]
    assert len(found("INC315", factors(*ASKED[:3]))) == 3


def test_a_factor_may_go_on_below_its_line() -> None:
    below = (
        "Backups of the warehouse go to the disk that they protect.\n  Accepted: they cost much."
    )
    assert found("INC315", factors(below)) == []
    nested = "Backups of the warehouse go to the disk that they protect.\n  - AI-1 changes that."
    assert found("INC315", factors(nested)) == []


def test_a_short_paragraph_is_a_factor_and_a_story_is_not() -> None:
    paragraph = f"## Contributing factors\n\n{ASKED[2]}\n"
    assert len(found("INC315", with_sections(paragraph))) == 1
    story = (
        f"## Contributing factors\n\n{'At ten the load was started again. ' * 12}\n\n{ASKED[2]}\n"
    )
    assert found("INC315", with_sections(story)) == []


def test_an_item_that_is_not_going_to_be_done_gave_its_reason() -> None:
    given_up = (
        'action_items:\n  - {id: AI-1, title: "Keep backups for thirty days", type: repair,'
        ' owner: data-platform, status: wont_do, reason: "storage costs more than a reload"}\n'
    )
    hits = found("INC315", with_yaml(given_up, factors(ASKED[2])))
    assert ASKED[2] not in [marked for marked, _ in hits]


def gap(severity: str, before: str, after: str, text: str = "the filter was found") -> str:
    entries = (
        "## Timeline\n\n- 2025-05-12 02:05Z **started**: the load ran with the new filter\n"
        f"- {before} **detected**: finance asked about the dashboard\n"
        f"- {after} {text}\n- 2025-05-16 09:00Z **mitigated**: the filter was reverted\n"
    )
    return with_yaml(f"severity: {severity}\n", with_sections(entries))


@pytest.mark.parametrize(
    ("severity", "after", "is_long"),
    [
        ("P0", "2025-05-12 10:50Z", False),
        ("P0", "2025-05-13 10:50Z", True),
        ("P2", "2025-05-13 00:30Z", False),
        ("P2", "2025-05-13 09:30Z", True),
        ("P3", "2025-05-14 09:30Z", False),
        ("P3", "2025-05-15 12:30Z", True),
    ],
)
def test_how_long_a_gap_may_be_depends_on_the_severity(
    severity: str, after: str, is_long: bool
) -> None:
    text = gap(severity, "2025-05-12 09:00Z", after)
    end = after.replace("-16", "-15")
    text = text.replace("2025-05-16 09:00Z", end.replace(":30Z", ":40Z").replace(":50Z", ":55Z"))
    assert bool(found("INC216", text)) is is_long


@pytest.mark.parametrize(
    "text",
    [
        "the file arrived, for which the team had waited",
        "the next morning, on call found the filter",
        "the vendor answered",
        "the backfill of all partitions is done",
        "work resumed",
    ],
)
def test_an_entry_that_says_what_was_waited_for_explains_the_gap(text: str) -> None:
    assert found("INC216", gap("P1", "2025-05-12 09:00Z", "2025-05-15 09:00Z", text)) == []


def test_another_section_may_explain_the_gap() -> None:
    long = gap("P1", "2025-05-12 09:00Z", "2025-05-15 09:00Z").replace("05-16", "05-15")
    assert len(found("INC216", long)) == 1
    badly = "## What went badly\n\n- Nobody worked on it for three days (accepted: a side task).\n"
    assert found("INC216", with_sections(badly, long)) == []


def test_several_gaps_are_one_finding_at_the_longest() -> None:
    entries = (
        "## Timeline\n\n- 2025-05-12 02:05Z **started**: the load ran with the new filter\n"
        "- 2025-05-12 09:00Z **detected**: finance asked about the dashboard\n"
        "- 2025-05-13 09:00Z the filter was suspected\n- 2025-05-15 11:00Z the filter was found\n"
        "- 2025-05-15 11:30Z **mitigated**: the filter was reverted\n"
    )
    [(marked, message)] = found("INC216", with_sections(entries))
    assert marked == "2025-05-15 11:00Z"
    assert message.endswith("(2 d 2 h, limit 4 h for a P1); 1 more gap")


def test_silence_before_detection_is_normal() -> None:
    entries = (
        "## Timeline\n\n- 2025-04-02 02:05Z **started**: the load ran with the new filter\n"
        "- 2025-05-14 09:40Z **detected**: finance asked about the dashboard\n"
        "- 2025-05-14 10:30Z **mitigated**: the filter was reverted\n"
    )
    assert found("INC216", with_sections(entries)) == []


@pytest.mark.parametrize(
    ("entries", "lacks"),
    [
        (
            ["the load ran", "a patch was tried", "the load ran again"],
            "how the incident was detected",
        ),
        (
            ["finance asked", "on call opened the log", "the filter looked odd"],
            "the incident ended",
        ),
        (["the load ran", "it ran long", "it ran longer"], "was detected and how it ended"),
        (["an alert fired", "on call took it", "all figures are back to normal"], ""),
        (["a customer complained", "the page loads slowly", "the table was rebuilt"], ""),
    ],
)
def test_the_timeline_has_a_detection_and_an_end(entries: list[str], lacks: str) -> None:
    lines = "".join(f"- 2025-05-17 0{n}:00Z {text}\n" for n, text in enumerate(entries, 1))
    hits = found("INC217", with_sections(f"## Timeline\n\n{lines}"))
    assert [lacks in message for _, message in hits] == ([True] if lacks else [])


@pytest.mark.parametrize(
    ("title", "text", "fact"),
    [
        ("Impact", "Revenue for June 14 was 18% low.", '"June 14" is not a day of this incident'),
        ("Impact", "Revenue for 14 April 2025 was 18% low.", '"14 April 2025" is not a day'),
        ("Summary", "It was 18% low on 2026-05-14 for all.", '"2026-05-14" is not a day'),
        ("Summary", "It was low on Friday, May 14.", "2025-05-14 was a Wednesday, not a Friday"),
        ("Summary", "It was low on May 14 (Tuesday).", "2025-05-14 was a Wednesday, not a Tuesday"),
        ("Impact", "The figures of May 14 were low.", ""),
        ("Impact", "The figures of Wednesday, May 14, were low.", ""),
        ("Impact", "It was 18% lower than on April 14.", ""),
        ("Impact", "The rows of April 14 and May 14 were compared.", ""),
        ("Root cause", "The filter was written on March 3 and merged on 2024-11-30.", ""),
        ("Summary", "The same happened a year before, on 2024-05-14.", ""),
        ("Impact", "The next close is on June 14.", ""),
    ],
)
def test_dates_of_the_text_are_days_of_the_incident(title: str, text: str, fact: str) -> None:
    hits = found("INC218", section(title, text))
    assert [fact in message for _, message in hits] == ([True] if fact else [])


def test_a_title_with_last_years_date_is_reported() -> None:
    text = with_yaml('title: "Revenue 18% low on 2024-05-14"\n')
    assert [marked for marked, _ in found("INC218", text)] == ["2024-05-14"]


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("It was detected at 09:55Z.", "the text says 09:55Z, `detected_at` is 09:40Z"),
        ("The gap was first noticed at 08:10 by finance.", "the text says 08:10"),
        ("It was resolved at 16:00Z.", "the text says 16:00Z, `resolved_at` is 13:30Z"),
        ("The outage lasted three days.", "no two times of the timeline are so far apart"),
        ("It was noticed only 40 hours later.", ""),
        ("It was detected after 2 days.", "no two times of the timeline are so far apart"),
        ("It was detected at 09:40Z.", ""),
        ("It was detected at 11:40+02:00.", ""),
        ("It was mitigated at 10:32.", ""),
        ("It was detected after seven hours.", ""),
        ("The incident lasted 11 hours and 25 minutes.", ""),
        ("The outage of three weeks ago was larger.", ""),
        ("The export was late for three days; the backfill took six hours.", ""),
        ("It was detected at 9:40 pm local time.", ""),
    ],
)
def test_times_of_the_text_agree_with_the_timeline(text: str, fact: str) -> None:
    hits = found("INC220", section("Impact", f"Finance saw 82 instead of 100. {text}"))
    assert [fact in message for _, message in hits] == ([True] if fact else [])


HABITS = [
    "Always compare the row counts before merging a filter",
    "Never assume that a name is a key",
    "Don't deploy on a Friday afternoon",
    "Double-check the filter before a release",
    "Know all certificates and their dates",
    "Engineers should always ask before a backfill",
    "Everyone must check the numbers",
    "Regularly look at the row counts",
    "Communicate earlier with finance",
    "Keep in mind that names are not keys",
]
CONTROLS = [
    "Always retry a load that got a 503",
    "Never write a partition twice: a unique key on order_id",
    "Add a check to the review checklist for filters",
    "Block deployments on Friday afternoons",
    "Always have a spare replica of the warehouse",
    "Store the dates of all certificates in the calendar of on call",
    "Reject a filter that compares names",
    "Keep the filter and its key in one file",
    "Checks run on every pull request",
]


@pytest.mark.parametrize("title", HABITS)
def test_a_habit_is_reported_once_as_a_habit_or_as_vague(title: str) -> None:
    codes = [d.code for d in lint(titled(title)) if d.code in {"INC308", "INC316"}]
    assert len(codes) == 1


@pytest.mark.parametrize("title", CONTROLS)
def test_a_control_is_not_a_habit(title: str) -> None:
    assert found("INC316", titled(title)) == []


def test_a_habit_with_a_control_in_done_when_is_a_control() -> None:
    assert found("INC316", titled(HABITS[0], done_when="the pipeline enforces it")) == []


def test_several_habits_are_one_finding() -> None:
    [(_, message)] = found("INC316", titled(HABITS[0], "Add a row-count test", HABITS[2]))
    assert message == "2 action items are habits that no control supports: 1, 3"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Finance and sales agree on a notice", "Finance and sales"),
        ("finance/data-platform: write a runbook", "finance/data-platform"),
        ("@a-team and @b-team write a runbook", "@a-team and @b-team"),
        ("Both teams write a runbook", "Both teams"),
        ("Write a runbook together with finance and sales", "together with finance and sales"),
        ("Agree with finance and sales on a notice", ""),
        ("Notify finance and sales within an hour", ""),
        ("Finance and sales dashboards use the same model", ""),
        ("Finance tests its forecast against the shop", ""),
        ("Load finance and sales tables in one run", ""),
    ],
)
def test_a_title_names_one_team(title: str, said: str) -> None:
    hits = found("INC317", titled(title))
    assert [message for _, message in hits] == (
        [f'action item 1 is shared: "{said}"'] if said else []
    )


def test_several_owners_in_the_owner_field_are_reported_there_alone() -> None:
    text = titled("Write a runbook for the close", owner='"data-platform, finance"')
    assert len(found("INC301", text)) == 1
    assert found("INC317", text) == []


RISKS = [
    "Disable the uniqueness test on orders",
    "Turn off the freshness alert",
    "Remove the approval for filters",
    "Raise the alert threshold for row counts",
    "Increase the timeout of the load",
    "Timeouts increased for peak load",
    "Retry the test until it passes",
    "Give the loader admin rights on the warehouse",
    "Skip the tests in the nightly build",
    "Mute the volume monitor",
]
BOUNDED = [
    "Disable the uniqueness test on orders until the backfill has ended",
    "Replace the freshness alert: turn off the old alert",
    "Raise the alert threshold for row counts to 3% of the shop's own count",
    "Remove the duplicate check on orders",
    "Remove test orders from the revenue model",
    "Skip weekends in the freshness check only for markets that are closed",
    "Remove accounts without two-factor authentication",
    "Add a limit to the retries of the load",
    "Drop the staging tables after each test",
    "Switch the dashboard to the tested model",
    "Increase the memory of the load",
    "Reduce the alert threshold for row counts",
    "Exclude the test store from all reports",
    "Extend the limit warning to the export",
]


@pytest.mark.parametrize("title", RISKS)
def test_a_fix_that_adds_a_risk_is_asked_for_its_bound(title: str) -> None:
    assert len(found("INC318", titled(title))) == 1


@pytest.mark.parametrize("title", BOUNDED)
def test_a_fix_with_a_bound_or_without_a_risk_is_not(title: str) -> None:
    assert found("INC318", titled(title)) == []


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("We disabled the volume monitor and rebuilt the day.", True),
        ("The approval was removed, and the day was rebuilt.", True),
        ("The alert was muted until the rebuild had ended.", False),
        ("The alert was muted. At 13:00Z it was switched back on.", False),
        ("The duplicate alert was removed.", False),
        ("The load skipped the test rows.", False),
    ],
)
def test_a_repair_that_takes_a_safeguard_away_is_undone(text: str, is_open: bool) -> None:
    text = section("Resolution and data repair", f"{text} Its sum agreed with the shop's report.")
    assert bool(found("INC318", text)) is is_open


def test_several_risks_are_one_finding() -> None:
    [(_, message)] = found("INC318", titled(RISKS[0], "Add a row-count test", RISKS[3]))
    assert message == "2 action items weaken a safeguard without a bound: 1, 3"


def test_an_item_may_undo_the_repair() -> None:
    text = section("Resolution and data repair", "We disabled the volume monitor.")
    undo = (
        'action_items:\n  - {id: AI-1, title: "Re-enable the volume monitor", type: detect,'
        ' owner: data-platform, status: committed, done_when: "it pages on a replay"}\n'
    )
    assert found("INC318", with_yaml(undo, text)) == []
