"""Sections and prose of a body."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.postmortem import document, sections


def keys(body: str) -> list[str]:
    return [s.key for s in document.parse(f"---\nid: x\n---\n{body}", "x.md").sections]


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("What went well", "what_went_well"),
        ("## 1. What went well ##", "what_went_well"),
        ("### ✅ What Went Right:", "what_went_well"),
        (":tada: What went well", "what_went_well"),
        (":flying_disc: Impact", "impact"),
        ("2.3) **Root Cause Analysis**", "root_cause"),
        ("Root cause(s)?", "root_cause"),
        ("Roots", ""),
        ("TL;DR", "summary"),
        ("What didn\u2019t go well?", "what_went_badly"),
        ("Detection & Alerting", "detection"),
        ("Timeline (UTC)", "timeline"),
        ("III. Impact", "impact"),
        ("What did the first postmortem miss?", "first_postmortem_missed"),
    ],
)
def test_titles_are_known_by_many_names(title: str, key: str) -> None:
    heading = title if title.startswith("#") else f"## {title}"
    assert keys(f"{heading}\n\ntext\n") == [key]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_setext_headings_count(line_end: str) -> None:
    body = "Impact\n------\n\nmuch\n\nTimeline\n========\n".replace("\n", line_end)
    assert keys(body) == ["impact", "timeline"]


@pytest.mark.parametrize(
    "body",
    [
        "```\n## Impact\n```\n",
        "~~~sql\n## Impact\n~~~\n",
        "````\n```\n## Impact\n```\n````\n",
        "<!--\n## Impact\n-->\n",
        "    ## Impact\n",
        "text ## Impact\n",
        "#Impact\n",
        "- item\n---\n",
        "| a |\n---\n",
    ],
)
def test_what_is_no_heading(body: str) -> None:
    assert keys(body) == []


def test_a_fence_that_is_never_closed_is_prose() -> None:
    assert keys("```\n## Impact\n") == ["impact"]


def test_a_section_ends_at_the_next_heading_of_its_level() -> None:
    found = document.parse(
        "---\nid: x\n---\n## Impact\none\n### Who\ntwo\n## Timeline\nthree\n", "x.md"
    )
    assert found.section_text("impact") == "one\n### Who\ntwo"
    assert found.section_text("timeline") == "three"
    assert found.section_text("summary") == ""


def test_prose_has_no_code_and_keeps_offsets() -> None:
    text = "---\nid: x\n---\nSee `Grant` and <https://x.y/Bill>, [link](Carl) <!-- Dora --> Eve\n"
    found = document.parse(text, "x.md")
    assert len(found.prose) == len(text)
    for hidden in ("Grant", "Bill", "Carl", "Dora", "id: x"):
        assert hidden not in found.prose
    assert found.prose.index("Eve") == text.index("Eve")
    assert found.prose.index("link") == text.index("link")


@given(st.text(alphabet="#-=`~<!> ab\n\r\t*[]()1.|:", max_size=300))
def test_masks_keep_length_and_lines(body: str) -> None:
    found = document.parse(f"---\nid: x\n---\n{body}", "x.md")
    assert len(found.prose) == len(found.text)
    assert found.prose.count("\n") == found.text.count("\n")
    for section in found.sections:
        assert 0 <= section.start <= section.heading_end <= section.end <= len(found.text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["# ", "`", "```\n", "<!--", "[", "<a", "](", " ", "\n", "=\n", "a\n-\n", "1. ", "\t"]
)
def test_reading_takes_time_in_proportion(unit: str) -> None:
    body = unit * (200_000 // len(unit))
    begun = time.monotonic()
    found = document.parse(f"---\nid: x\n---\n{body}", "x.md")
    assert found.sections is not None
    assert len(found.prose) == len(found.text)
    assert time.monotonic() - begun < 10  # quadratic would take minutes


def test_every_title_has_its_key() -> None:
    for key, title in sections.TITLES.items():
        assert keys(f"## {title}\n") == [key]
