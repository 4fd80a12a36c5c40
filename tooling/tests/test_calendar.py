"""Calendars of due dates, as another program reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from incident.archive.board import items
from incident.reports import _calendar
from incident.reports._site_data import Wiki
from test_site_reports import of

TODAY = date(2026, 11, 21)


def unfolded(text: str) -> list[str]:
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


def calendar(wiki: Wiki) -> list[str]:
    return unfolded(_calendar.render(wiki, items(wiki.postmortems, TODAY), wiki.postmortems))


def test_items_and_follow_ups_are_days() -> None:
    item = {"id": "AI-1", "title": "Fix; it, \u00e4" * 20, "owner": "data", "due": "2026-12-24"}
    undated = {"id": "AI-2", "title": "Some day"}
    done = {"id": "AI-3", "title": "Done", "status": "done", "due": "2026-12-01"}
    follow_up = {"two_weeks": "2026-12-05", "three_months": "2026-01-05"}
    wiki = of({"id": "2026-11-20-a", "action_items": [item, undated, done], "follow_up": follow_up})
    lines = calendar(wiki)
    assert lines.count("BEGIN:VEVENT") == 2
    assert "DTSTART;VALUE=DATE:20261224" in lines
    assert "DTEND;VALUE=DATE:20261225" in lines
    assert "SUMMARY:" + "Fix\\; it\\, ä" * 20 in lines
    assert "UID:2026-11-20-a/AI-1" in lines
    assert "SUMMARY:Follow-up after two weeks: 2026-11-20-a" in lines


def test_a_line_break_in_a_title_adds_no_line() -> None:
    data = {"id": "2026-11-20-a", "title": "x\r\nEND:VCALENDAR\nBEGIN:VEVENT"}
    item = {"id": "AI-1", "title": "y\r\nATTACH:https://example.com", "due": "9999-12-31"}
    lines = calendar(of({**data, "action_items": [item]}))
    assert lines.count("END:VCALENDAR") == 1
    assert not any(line.startswith("ATTACH") for line in lines)


def test_the_calendar_of_an_owner_says_whose_it_is() -> None:
    item = {"id": "AI-1", "title": "Add a test", "owner": "data, platform", "due": "2026-12-24"}
    data = {"id": "2026-11-20-a", "title": "Late rows", "severity": "P1", "action_items": [item]}
    wiki = of(data)
    found = items(wiki.postmortems, TODAY)
    own = unfolded(_calendar.render(wiki, found, [], "data, platform"))
    assert "X-WR-CALNAME:Action items of data\\, platform" in own
    assert "DESCRIPTION:Late rows\\nSeverity: P1\\nOwner: data\\, platform" in own
    everybody = unfolded(_calendar.render(wiki, found, []))
    assert "DESCRIPTION:Late rows\\nSeverity: P1" in everybody
    assert not any("platform" in line for line in everybody)


def test_an_event_has_the_address_of_its_incident_where_it_is_known() -> None:
    item = {"id": "AI-1", "title": "Add a test", "due": "2026-12-24"}
    wiki = of({"id": "2026-11-20-a", "action_items": [item]})
    assert not any(line.startswith("URL:") for line in calendar(wiki))
    known = replace(wiki, site_url="https://wiki.example.com/")
    (address,) = [line for line in calendar(known) if line.startswith("URL:")]
    assert address.startswith("URL:https://wiki.example.com/incidents/2026/")
