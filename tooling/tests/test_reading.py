"""The wiki, the review and the linter count one reading time."""

from __future__ import annotations

import pytest

from incident import review
from incident.postmortem import document, model, reading
from incident.review import page
from support import MINIMAL, NOW, lint_text

CODE = f"```sql\n{'select a from orders;' * 2000}\n```\n\n<!-- {'guidance ' * 900}-->\n"


@pytest.mark.parametrize(
    ("count", "minutes"), [(0, 1), (200, 1), (201, 2), (2999, 15), (3001, 16), (6000, 30)]
)
def test_code_and_comments_take_no_time(count: int, minutes: int) -> None:
    text = f"{MINIMAL}\n## Summary\n\n{'late ' * (count - 1)}\n\n{CODE}"  # the heading is a word
    found = document.parse(text, "a.md")
    assert reading.minutes(found) == minutes
    outcome = review.Outcome((review.Review(found, model.postmortem(found), "", (), "", "", ()),))
    assert f"{max(count, 1)} words, {minutes} min to read" in page.render(outcome, NOW)
    said = [d.message for d in lint_text(text) if d.name == "reading-time"]
    assert said == ([f"takes {minutes} minutes to read (limit 15)"] if minutes > 15 else [])


def test_a_word_has_a_letter_or_a_digit() -> None:
    assert reading.words("It's 18% low | on 2025-05-14 - see dbt.core!") == [
        "It's", "18", "low", "on", "2025-05-14", "see", "dbt.core",
    ]  # fmt: skip
