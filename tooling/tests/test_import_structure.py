"""Sections, items and facts of imported postmortems, in the forms that people give them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from incident import foreign
from incident.foreign import Options, headings, render
from incident.foreign.imported import Imported
from incident.postmortem import document
from incident.repository.config import Config

CONFIG = Config()
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def read(text: str, name: str = "x.md", **options: Any) -> Imported:
    values = {"owner": "data-platform", "now": NOW, "day": date(2025, 7, 1), **options}
    return foreign.read(text, name, Options(**values), CONFIG)


def timeline(text: str, **options: Any) -> list[str]:
    return render.entries(read(text, **options)).splitlines()


def items(text: str, title: str = "Action items") -> list[tuple[str, str, str]]:
    found = read(f"# Late\n\n## {title}\n\n{text}\n")
    return [(item.title, item.owner, item.status) for item in found.items]


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("1. Incident Summary", "summary"),
        ("Section 3: Timeline", "timeline"),
        ("Rough timeline of the events", "timeline"),
        ("\U0001f552 Timeline (UTC)", "timeline"),
        ("What was the timeline?", "timeline"),
        ("Live updates", "timeline"),
        ("Fallout", "impact"),
        ("Symptom", "impact"),
        ("How were users affected?", "impact"),
        ("Were we alerted quickly?", "detection"),
        ("How did we find out?", "detection"),
        ("What did we do to fix it?", "resolution"),
        ("What caused the outage?", "root_cause"),
        ("Why did this happen?", "root_cause"),
        ("What\u2019s worked well?", "what_went_well"),
        ("What didn\u2019t go so well", "what_went_badly"),
        ("How will we prevent this?", "action_items"),
        ("What are we doing to prevent it from happening again?", "action_items"),
        ("Acknowledgements", ""),
    ],
)
def test_headings(heading: str, key: str) -> None:
    assert headings.key_of(heading) == key


def test_keys_in_bold_and_in_plain_lines_are_sections() -> None:
    found = read(
        "# Late\n\n## Incident Summary\n\nTitle: Orders late\n\nImpact:\n\n- Two reports\n"
        "- One team\n\nRoot Cause: a lock\n\n**Detection**: by finance,\nat noon\n\nMore of it.\n\n"
        "What Went Well:\n\n- The alert\n\n## Timeline\n\n- 2025-07-01 10:00 UTC x\n"
    )
    assert found.texts["impact"] == "- Two reports\n- One team"
    assert found.texts["root_cause"] == "a lock"
    assert found.texts["detection"] == "by finance,\nat noon\n\nMore of it."
    assert found.texts["what_went_well"] == "- The alert"


def test_setext_headings_and_a_title_in_frontmatter() -> None:
    found = read(
        "---\ntitle: Orders late\n---\n\nSummary\n=======\nLate.\n\nRoot cause\n====\nA lock."
    )
    assert found.title == "Orders late"
    assert found.texts == {"summary": "Late.", "root_cause": "A lock."}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Postmortem 2025-07-01\n\nx", "Postmortem 2025-07-01"),
        ("# Incident report 2024-Q3-007\n\nx", "Incident report 2024-Q3-007"),
        ("# Postmortem: orders late\n\nx", "Orders late"),
        ("## Summary\n\nTitle: Orders late - 2025-07-01\n\nx", "Orders late"),
        ("# 2025-07-01 \u2014 Orders late\n\nx", "Orders late"),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert read(text).title == title


def test_exports_of_word_processors_and_wikis() -> None:
    word = (
        "# **Orders late** {#orders-late}\n\n## **Timeline** {#timeline}\n\n"
        "- 2025\\-07\\-01 10:00 UTC \\- stopped\n\n"
        "## Action items {#items}\n\n- \\[DONE\\] Add a key\n"
    )
    assert timeline(word) == ["- 2025-07-01T10:00Z stopped"]
    assert [item.status for item in read(word).items] == ["done"]
    jira = (
        "h1. Orders late\n\nh2. Timeline\n\n||Time (UTC)||Event||\n|10:00|stopped|\n\n"
        "h2. Root cause\n# Why?\n{code}\n11:00 UTC in code\n{code}\nSee [the note|https://example.com/1].\n"
    )
    assert timeline(jira) == ["- 2025-07-01T10:00Z stopped"]
    assert "[the note](https://example.com/1)" in read(jira).texts["root_cause"]
    wiki = "= Orders late =\n\n== Timeline ==\n\n* 10:00 UTC stopped\n\n== Root cause ==\n\nA lock."
    assert timeline(wiki) == ["- 2025-07-01T10:00Z stopped"]
    html = "<h2>Timeline</h2>\n\n- 10:00 UTC stopped\n"
    assert timeline(html) == ["- 2025-07-01T10:00Z stopped"]


def test_updates_under_any_heading_are_a_timeline() -> None:
    text = (
        "# Late\n\nOrders are late.\n\n##### News:\n\n13:15 CEST: Six more hours.\n\n"
        "16:45 CEST: Longer.\n\n**Update 2025-07-02 10:30 UTC:** All is well.\n\n## Thanks\n\nx\n"
    )
    assert timeline(text) == [
        "- 2025-07-01T13:15+02:00 Six more hours.",
        "- 2025-07-01T16:45+02:00 Longer.",
        "- 2025-07-02T10:30Z All is well.",
    ]
    assert read(text).texts["summary"] == "Orders are late."


def test_a_list_of_days_is_a_timeline_under_any_heading() -> None:
    days = (
        "-   **July 1, 2025 --** Found.\n\n-   **July 2--3 --** Removed.\n\n- **July 7**: Told.\n"
    )
    text = f"# Late\n\n# This incident\n\nWhat we did:\n\n{days}\nIn all, it took a week.\n"
    assert timeline(text) == [
        "- 2025-07-01 Found.",
        '- 2025-07-02 Removed. (written "July 2--3")',
        "- 2025-07-07 Told.",
    ]
    two = text.replace("-   **July 1, 2025 --** Found.\n\n", "")
    assert timeline(two) == []


def test_lines_that_html_breaks_are_entries() -> None:
    text = (
        "# Late\n\n## Timeline (UTC)\n\n### 2025-07-01\n\n15:27 - A change\nof the records.<br> "
        "21:14 - It takes effect. **\\<START>**<br>\n\\\\\n*21:20*: An alert.<br />\n"
    )
    assert timeline(text) == [
        "- 2025-07-01T15:27Z A change of the records.",
        "- 2025-07-01T21:14Z It takes effect. **\\<START>**",
        "- 2025-07-01T21:20Z An alert.",
    ]


FENCES = [
    "```\n{}\n```",
    "~~~ text\n{}\n~~~",
    "- x\n\n    ```\n    {}\n    ```",
    "> ```\n> {}\n> ```",
    "text:\n\n    {}",
    "- 10:00 UTC before\n\n  ```\n  {}\n  ```",
    "```\n{}",
]


@pytest.mark.parametrize("fence", FENCES)
@pytest.mark.parametrize("section", ["Timeline", "Action items", "Summary"])
def test_code_is_never_an_entry_and_stays_code(fence: str, section: str) -> None:
    line = "- [x] 11:00 UTC token=abc (@sam - Due: 2025-07-09)"
    found = read(f"# Late\n\n## {section}\n\n{fence.format(line)}\n")
    assert not any("abc" in entry.text for entry in found.entries)
    assert not any("abc" in item.title for item in found.items)
    draft = render.render(found, CONFIG)
    before = draft[: draft.index("token=abc")].rsplit("\n", 2)[1]
    assert before.strip(" >").startswith(("```", "~~~"))
    assert ("in code", 1) in [(left.reason, left.count) for left in found.account.left_out]


def test_marks_of_what_is_done_leave_the_title() -> None:
    assert items(
        "1. **Stagger the deploys.** [DONE 2025-07-02] Now at noon.\n"
        "2. Add a lock (in progress)\n3. [done] Add a test\n4. DONE: Add an alert\n"
        "5. Write a page when done\n6. Ask them. (added a second approver)\n7. \u2705 Read it\n"
        "8. **TODO**: Clean up\n9. Sort it \u2014 done\n10. In progress - Ask again\n"
    ) == [
        ("Stagger the deploys. Now at noon.", "", "done"),
        ("Add a lock", "", "in_progress"),
        ("Add a test", "", "done"),
        ("Add an alert", "", "done"),
        ("Write a page when done", "", "proposed"),
        ("Ask them. (added a second approver)", "", "done"),
        ("Read it", "", "done"),
        ("Clean up", "", "proposed"),
        ("Sort it", "", "done"),
        ("Ask again", "", "in_progress"),
    ]


def test_tables_of_items() -> None:
    table = (
        "| What | Who | Done? | Notes |\n|:-|:-:|-|-:|\n| Add a key | Sam | yes | |\n"
        "| Add a test | TBD | Not started | see below |\n| Add an alert | | | Done |\n"
    )
    expected = [
        ("Add a key", "Sam", "done"),
        ("Add a test", "", "proposed"),
        ("Add an alert", "", "done"),
    ]
    assert items(table) == expected
    above = table.replace("What", "Action item")
    found = read(f"{above}\n# Late\n\nx\n")  # a table before the first heading
    assert [(i.title, i.owner, i.status) for i in found.items] == expected


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("- Move it [AB]\n- Add a check [CD to write it]\n- Ask [AB] [done]", ["AB", "CD", "AB"]),
        ("- Move it : Kim L\n- Add it : Shared\n- Ask : Kim L add", ["Kim L", "Shared", "Kim L"]),
        ("- (search) Move it\n- (orders) Add a check", ["search", "orders"]),
        ("- Move the pages [docs]\n- Add a check\n- Ask them", ["", "", ""]),
        ("- Add a channel (an @all role has it)\n- x", ["", ""]),
        ("- Add it. OWNER: sam@ (DONE).", ["sam@"]),
        ("- Add it @sam by March 20", ["sam"]),
        ("- Add it by March 20 - @sam", ["sam"]),
        ("| Action | Owner |\n|-|-|\n| Add it | The team that looks after or\u2026 |", [""]),
    ],
)  # fmt: skip
def test_owners(text: str, owners: list[str]) -> None:
    assert [owner for _, owner, _ in items(text)] == owners


def test_paragraphs_that_plan_are_items_where_there_is_no_list() -> None:
    first = "The alert should reach more people. (filed 133)"
    found = items(f"{first}\n\nOne approver is needed.\nWe could add one.", "Follow-up")
    assert [title[:30] for title, _, _ in found] == [first[:30], "One approver is needed. We cou"]


def test_recommendations_are_no_items_beside_planned_actions() -> None:
    both = "- Chaos days\n\n## Actions\n\n- Add a key\n"
    assert [title for title, _, _ in items(both, "Recommendations")] == ["Add a key"]
    assert [title for title, _, _ in items("- Chaos days", "Recommendations")] == ["Chaos days"]


@pytest.mark.parametrize(
    ("text", "severity", "written"),
    [
        ("This issue is considered **High** severity.", "P1", "High"),
        ("The outage was declared a SEV-1 at noon.", "P0", "SEV-1"),
        ("It was classified as P3.", "P3", "P3"),
        ("The severity was medium.", "P2", "medium"),
        ("If it were of high severity, we would act.", "", ""),
        ("It was a SEV1. Later it was a SEV3.", "", ""),
        ("This is not considered high severity.", "", ""),
        ("**Severity**: \U0001f534 Critical", "P0", "\U0001f534 Critical"),
        ("Severity: 2", "P1", "2"),
    ],
)
def test_a_severity_in_a_sentence(text: str, severity: str, written: str) -> None:
    found = read(f"# Late\n\n{text}\n")
    assert found.severity_written == written
    assert found.severity == (severity or "P2")
    assert any("assumed" in note for note in found.notes) is not bool(severity)


def test_a_status_page() -> None:
    found = read(
        "---\ntitle: Orders late\ndate: 2025-07-01T10:00:00Z\nresolved: true\n"
        'resolvedWhen: "2025-07-01T12:30:00Z"\ntags: orders, stale\n---\n\n'
        "*Resolved* - 12:30 UTC - All is well.\n\n*Investigating* - 10:05 UTC - Orders are late.\n",
        day=None,
    )
    assert found.day == date(2025, 7, 1)
    assert found.times["resolved_at"] == datetime(2025, 7, 1, 12, 30, tzinfo=UTC)
    assert found.tags == ["orders", "stale"]
    assert render.entries(found).splitlines() == [
        "- 2025-07-01T12:30Z **Resolved**: All is well.",
        "- 2025-07-01T10:05Z **Investigating**: Orders are late.",
    ]


def test_the_day_on_which_an_item_was_done_is_kept() -> None:
    found = read("# Late\n\n## Actions\n\n- Add a key [DONE 2025-07-02] https://example.com/1\n")
    draft = document.parse(render.render(found, CONFIG), f"{found.id}.md")
    assert draft.get("action_items", 0, "status") == "done"
    assert draft.get("action_items", 0, "done_at") == "2025-07-02"
