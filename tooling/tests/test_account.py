"""The account of a reader: what it recognized, took, and left out and why."""

import random

import pytest

from incident.text.account import Account, LeftOut, Noun, Tally, shown

TIMES = Noun("line with a time", "lines with a time")
ENTRIES = Noun("entry", "entries")
MESSAGES = Noun("marked message", "marked messages")


def test_an_account_in_one_line() -> None:
    tally = Tally("notes.md", TIMES, ENTRIES)
    tally.take(174)
    tally.leave("not understood", 88)
    tally.leave("not understood", 90, 26)
    expected = "201 lines with a time: 174 entries; 27 not understood, first at line 88"
    assert tally.account.text == expected
    assert shown([tally.account]) == [f"notes.md: {expected}"]


def test_one_record_is_singular() -> None:
    tally = Tally("day.json", MESSAGES)
    tally.leave("a file without text", "message 3")
    assert tally.account.text == "1 marked message: 0 taken; 1 a file without text, at message 3"


def test_nothing_recognized() -> None:
    account = Tally("day.json", MESSAGES).account
    assert account.text == "0 marked messages"
    assert shown([account]) == []


def test_as_json() -> None:
    tally = Tally("day.json", MESSAGES)
    tally.take(2)
    tally.leave("deleted", 7)
    assert tally.account.json == {
        "source": "day.json",
        "record": "marked messages",
        "seen": 3,
        "taken": 2,
        "left_out": [{"reason": "deleted", "count": 1, "first": "day.json:7"}],
    }


def test_an_account_that_does_not_add_up() -> None:
    assert not Account("a.csv", MESSAGES, seen=3, taken=1, left_out=(LeftOut("x", 1),)).adds_up


@pytest.mark.parametrize("seed", range(20))
def test_a_tally_adds_up(seed: int) -> None:
    choices = random.Random(seed)
    tally = Tally("a.csv", MESSAGES)
    count = choices.randrange(50)
    for line in range(count):
        if choices.random() < 0.5:
            tally.take()
        else:
            tally.leave(choices.choice("abc"), line)
    assert tally.account.seen == count
    assert tally.account.adds_up
