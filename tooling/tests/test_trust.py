"""The trust state of an asset: open, needs attention, follow-up open, clear."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from incident.archive import trust
from incident.archive.trust import State
from incident.postmortem.model import ActionItem, Postmortem

TODAY = date(2026, 11, 21)
SOLVED = {"resolved_at": datetime(2026, 11, 1, 12, tzinfo=UTC)}
TEST = "dbt:test.shop.rows"


def incident(*items: ActionItem, status: str = "published", **more: Any) -> Postmortem:
    """An incident on November 1, resolved unless `times` says otherwise."""
    values: dict[str, Any] = {"times": SOLVED, **more}
    return Postmortem("", "2026-11-01-a", status=status, action_items=items, **values)


def item(
    status: str = "committed",
    due: date | None = date(2027, 1, 1),
    type: str = "prevent",
    verified_by: str = "",
    id: str = "AI-1",
) -> ActionItem:
    return ActionItem(0, id, type=type, status=status, due=due, verified_by=verified_by)


@pytest.mark.parametrize(
    ("found", "expected", "reason"),
    [
        (incident(times={}), State.INCIDENT_OPEN, "open incident"),
        (incident(status="in_review"), State.NEEDS_ATTENTION, "in review"),
        (incident(status="draft"), State.NEEDS_ATTENTION, "in review"),
        (incident(item(due=date(2026, 11, 20))), State.NEEDS_ATTENTION, "overdue item"),
        (incident(item(due=TODAY)), State.FOLLOW_UP_OPEN, "open item"),
        (incident(item(due=None)), State.FOLLOW_UP_OPEN, "open item"),
        (incident(item("done")), State.CLEAR, ""),
        (incident(item("wont_do")), State.CLEAR, ""),
        (incident(status="closed", times={}), State.CLEAR, ""),
    ],
)
def test_the_state_of_one_incident(found: Postmortem, expected: State, reason: str) -> None:
    known = trust.of([found], TODAY)
    assert known.state is expected
    assert (known.reasons[0].fact if known.reasons else "") == reason


def test_the_worst_reason_wins_and_all_are_given() -> None:
    review = incident(item(due=date(2026, 11, 20)), item(), status="in_review")
    known = trust.of([incident(times={}), review], TODAY)
    assert known.state is State.INCIDENT_OPEN
    facts = [reason.fact for reason in known.reasons]
    assert facts == ["open incident", "in review", "overdue item", "open item"]
    assert known.reasons[2].json == {
        "reason": "overdue_item",
        "incident": "2026-11-01-a",
        "item": "AI-1",
    }


@pytest.mark.parametrize(
    ("status", "due", "tests", "expected"),
    [
        ("done", None, None, State.CLEAR),
        ("done", None, {"test.shop.rows"}, State.CLEAR),
        ("done", None, {"test.shop.other"}, State.NEEDS_ATTENTION),
        ("done", None, {"test.elsewhere.other"}, State.CLEAR),  # another project: not known
        ("committed", date(2026, 11, 20), {"test.shop.other"}, State.NEEDS_ATTENTION),
        ("committed", date(2026, 11, 22), {"test.shop.other"}, State.FOLLOW_UP_OPEN),
    ],
)
def test_a_promised_check_that_does_not_exist(
    status: str, due: date | None, tests: set[str] | None, expected: State
) -> None:
    found = incident(item(status, due, type="detect", verified_by=TEST))
    assert trust.of([found], TODAY, trust.lookup(tests)).state is expected


def test_a_check_is_what_detects_or_names_a_test() -> None:
    items = (
        item(type="detect"),
        item(verified_by=TEST),
        item(verified_by="runbook:loads"),
        item("wont_do", type="detect"),
    )
    known = trust.of([incident(*items)], TODAY, trust.lookup({"test.shop.rows"}))
    assert [(check.exists, check.said) for check in known.checks] == [
        (False, "planned"),
        (True, "in the dbt project"),
    ]


def test_days_count_from_the_last_incident() -> None:
    assert trust.of([incident()], TODAY).days == 20
    assert trust.of([], TODAY).days is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "Nothing is open."),
        ([incident()], "Nothing is open. 20 days since the last incident."),
        ([incident(item())], "Nothing is overdue; 1 action item is open."),
        ([incident(times={})], "1 incident is open."),
        (
            [incident(item(due=date(2026, 11, 20)), status="in_review")],
            "1 postmortem is not published yet; 1 action item is overdue.",
        ),
        (
            [incident(item(due=date(2026, 11, 20), type="detect"))],
            "1 promised check is missing, 1 day overdue.",
        ),
        (
            [
                incident(
                    *(item(due=date(2026, 11, 20 - n), type="detect", id=f"{n}") for n in (0, 4))
                )
            ],
            "2 promised checks are missing, the oldest 5 days overdue.",
        ),
        (
            [
                incident(
                    item(due=date(2026, 11, 20), type="detect"),
                    item(due=date(2026, 11, 20), id="AI-2"),
                )
            ],
            "1 promised check is missing, 1 day overdue; 1 other action item is overdue.",
        ),
    ],
)
def test_the_reasons_in_a_sentence(found: list[Postmortem], expected: str) -> None:
    assert trust.of(found, TODAY).sentence == expected


def test_a_missing_check_whose_item_is_done_is_not_called_overdue() -> None:
    known = trust.of(
        [incident(item("done", type="detect", verified_by=TEST))],
        TODAY,
        trust.lookup({"test.shop.other"}),
    )
    assert known.sentence == "1 promised check is missing."


def test_a_check_that_two_items_promise_counts_once() -> None:
    late = item(due=date(2026, 11, 20), type="detect", verified_by=TEST)
    again = item(type="detect", verified_by=TEST, id="AI-2")
    known = trust.of([incident(again, late)], TODAY)
    assert len(known.checks) == 2
    assert [check.one.item.id for check in known.distinct_checks] == ["AI-1"]
    assert known.sentence == "1 promised check is missing, 1 day overdue."
