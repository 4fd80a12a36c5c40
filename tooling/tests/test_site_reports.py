"""Assets, board, patterns, metrics, rules, guide and feeds, as plain functions."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from incident import archive, reports, rules
from incident.archive import Archive, Entry
from incident.archive.trust import State
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node
from incident.postmortem import document, model
from incident.postmortem.model import Postmortem
from incident.reports import (
    Page,
    Wiki,
    _clock,
    _incident,
    _related,
    _rendering,
    actions,
    assets,
    feeds,
    guide,
    home,
    incidents,
    metrics,
    patterns,
)
from incident.repository import config
from site_support import write_repository

TODAY = date(2026, 11, 21)
ORDERS = "dbt:model.shop.fct_orders"


@pytest.fixture
def wiki(tmp_path: Path) -> Wiki:
    return Wiki(archive.load(config.load(write_repository(tmp_path))), TODAY)


def made(report: ModuleType, wiki: Wiki) -> dict[str, str]:
    """Path and text of all that a report makes."""
    return {
        one.path: (one.html or one.markdown) if isinstance(one, Page) else one.text
        for one in report.build(wiki)
    }


def of(*found: dict[str, Any], today: date = TODAY) -> Wiki:
    """A wiki of postmortems with these frontmatters, newest first."""
    entries = []
    for data in found:
        id_ = data["id"]
        read = document.parse(f"---\n{json.dumps(data)}\n---\n", f"incidents/{id_[:4]}/{id_}.md")
        assert not read.faults
        entries.append(Entry(read, model.postmortem(read)))
    return Wiki(Archive(tuple(entries), ()), today)


def of_edges(feeds: dict[str, list[str]]) -> Manifest:
    ids = {*feeds, *(end for ends in feeds.values() for end in ends)}
    return Manifest({one: Node(one, one.split(".")[0]) for one in ids}, children=feeds)


def head(wiki: Wiki) -> str:
    return _incident.page(only(wiki), _incident.view(only(wiki), wiki), wiki)


def only(wiki: Wiki) -> Postmortem:
    return wiki.postmortems[0]


# assets


def test_an_asset_has_a_page_a_badge_and_json(wiki: Wiki) -> None:
    files = made(assets, wiki)
    page = files["data/dbt.model.shop.fct_orders.md"]
    for shown in (
        "556",
        ">Root cause<",
        "Filter by key",
        "open items overdue",
        "Test the rows",
        "Added<",
    ):
        assert shown in page
    facts = json.loads(files["data/dbt.model.shop.fct_orders.json"])
    assert facts["ref"] == ORDERS
    assert facts["incidents"] == 1
    assert facts["open_action_items"] == facts["overdue_action_items"] == 1
    assert facts["days_since_last_incident"] == (TODAY - date(2025, 5, 14)).days
    assert facts["last_incident"]["id"] == "2025-05-14-revenue-drops"
    assert facts["state"] == "needs_attention"
    assert {"reason": "overdue_item", "incident": "2025-05-14-revenue-drops", "item": "AI-2"} in (
        facts["reasons"]
    )
    badge = ET.fromstring(files["data/dbt.model.shop.fct_orders.svg"])
    assert "needs attention" in (badge.findtext("{http://www.w3.org/2000/svg}title") or "")


def test_unresolved_assets_come_first() -> None:
    wiki = of(
        {"id": "2026-02-01-b", "impact": {"assets": [{"ref": "dbt:model.a.late"}]}},
        {
            "id": "2026-01-01-a",
            "status": "closed",
            "impact": {"assets": [{"ref": "dbt:model.a.fine"}]},
        },
    )
    page = made(assets, wiki)["data/index.md"]
    assert page.index("late") < page.index("fine")
    assert page.index("Incident open") < page.index("Clear")


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        (None, "added"),
        (frozenset({"test.shop.rows"}), "in the dbt project"),
        (frozenset[str](), "not in the dbt project"),
    ],
)
def test_planned_checks_are_looked_up(tests: frozenset[str] | None, expected: str) -> None:
    item = {"id": "AI-1", "type": "detect", "status": "done", "verified_by": "dbt:test.shop.rows"}
    data = {"id": "2026-01-01-a", "impact": {"assets": [{"ref": ORDERS}]}, "action_items": [item]}
    found = of(data)
    nodes = {test: Node(test, "test") for test in tests or ()}
    manifest = None if tests is None else Manifest(nodes)
    wiki = Wiki(found.archive, TODAY, manifest=manifest)
    assert (
        f"{expected.capitalize()}</span>" in made(assets, wiki)["data/dbt.model.shop.fct_orders.md"]
    )


def test_every_name_has_a_unique_url() -> None:
    names = [
        *("dbt:a.b", "dbt.a.b", "dbt:A.b", "a", "index", "../../etc", "ä", "日本", "", " "),
        *("a b", "a-b", "a_b", "A B", "x" * 300, "x" * 301, "dbt:a:b", "%2e%2e", "a/b"),
    ]
    slugs = [_rendering.slug(name) for name in names]
    assert len(set(slugs)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9_.~-]{1,140}", slug) for slug in slugs)
    assert not {"index", "..", "."} & set(slugs)


# action items


def test_the_board_has_states_and_owners(wiki: Wiki) -> None:
    files = made(actions, wiki)
    board = files["actions.md"]
    assert board.index("In progress") < board.index("Committed") < board.index("Proposed")
    assert "528 days overdue" in board
    owned = [f"actions/{o}" for o in ("shop", "data-platform", "ingestion")]
    assert files.keys() == {
        *("actions.md", "actions.json", "actions.ics"),
        *(f"{path}.md" for path in owned),
        *(f"{path}.ics" for path in owned),
    }
    data = json.loads(files["actions.json"])
    assert [row[0] for row in data["rows"]] == [one.key for one in wiki.open_items]
    assert "Train the models" in files["actions/shop.md"]
    assert "the filter is gone" in files["actions/shop.md"]
    assert "Revenue low again" in files["actions/data-platform.md"]


def test_the_most_overdue_owner_comes_first(wiki: Wiki) -> None:
    assert actions.owners(wiki)[0].name == "shop"


# causes and patterns


def test_the_matrix_counts_and_links(wiki: Wiki) -> None:
    page = made(patterns, wiki)["patterns.md"]
    assert "1 with cause code change and trigger deploy" in page
    assert "incidents/?cause=code_change&amp;trigger=deploy" in page
    assert "A row-count test" in page


def test_the_matrix_leads_to_the_unknown_too() -> None:
    page = made(patterns, of({"id": "2026-03-01-late"}))["patterns.md"]
    assert "1 with cause unknown and trigger unknown" in page
    assert "incidents/?cause=unknown&amp;trigger=unknown" in page


def test_large_counts_have_separators() -> None:
    found = [{"id": f"2026-03-01-late-{n}"} for n in range(1200)]
    wiki = of(*found)
    assert ">1,200</a>" in made(patterns, wiki)["patterns.md"]
    assert "of 1,200." in made(incidents, wiki)["incidents/index.md"]


def test_a_chain_goes_from_the_first_to_the_last() -> None:
    wiki = of(
        {"id": "2026-03-01-c", "recurrence_of": "2026-02-01-b"},
        {"id": "2026-02-01-b", "recurrence_of": "2026-01-01-a"},
        {"id": "2026-01-01-a"},
    )
    [chain] = patterns.chains(wiki)
    assert [p.id[8:] for p in chain] == ["01-a", "01-b", "01-c"]


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("aa", "One came back."),
        ("aab", "One came back twice."),
        ("aabc", "One came back three times."),
        ("aaa", "One came back twice."),  # of one first incident
        ("aa-c", "Two came back."),
        ("aab-d", "Two came back, three times in all."),
    ],
)
def test_how_often_it_came_back(before: str, said: str) -> None:
    """`before`: of the second incident on, the letter of the one it repeats."""
    found = [{"id": "2026-01-01-a"}]
    for n, one in enumerate(before[1:], 2):
        again = {} if one == "-" else {"recurrence_of": f"2026-01-0{ord(one) - 96}-{one}"}
        found.append({"id": f"2026-01-0{n}-{chr(96 + n)}", **again})
    assert patterns.summary(of(*reversed(found)))[-1] == said


def found_by(methods: str) -> list[dict[str, Any]]:
    """Incidents by how they were detected: a test, a consumer, or ? for unknown."""
    names = {"t": "test", "c": "consumer", "?": ""}
    return [
        {"id": f"2026-01-0{n}-a", "detection": {"method": names[one]}}
        for n, one in enumerate(methods, 1)
    ]


@pytest.mark.parametrize(
    ("methods", "said"),
    [
        ("?", "One incident, in January 2026; how it was detected is not recorded."),
        ("c", "The only incident, in January 2026, was noticed by a consumer or an outside party"),
        ("t", "The only incident, in January 2026, was not first noticed by a consumer"),
        ("??", "Two incidents since January 2026; how they were detected is not recorded."),
        ("cc", "Both incidents since January 2026 were noticed by a consumer"),
        ("ccc", "All three incidents since January 2026 were noticed by a consumer"),
        ("ctt", "Of three incidents since January 2026, one was noticed by a consumer"),
        (
            "ccc?",
            "three were noticed by a consumer or an outside party before any check; how one was",
        ),
        ("tt", "Of two incidents since January 2026, none was first noticed by a consumer"),
        (
            "t??",
            "none is known to have been first noticed by a consumer or an outside party; how two",
        ),
    ],
)
def test_what_is_not_recorded_is_not_guessed(methods: str, said: str) -> None:
    assert said in patterns.summary(of(*found_by(methods)))[0]


@pytest.mark.parametrize(
    ("methods", "value", "detail"),
    [
        ("?", "Not known", ""),
        ("t?", "1 of 1", "1 unknown"),
        ("tc", "1 of 2", "1 by a consumer or outside party"),
        ("ccc??", "0 of 3", "3 by consumers or outside parties; 2 unknown"),
    ],
)
def test_own_checks_are_counted_among_the_known(methods: str, value: str, detail: str) -> None:
    wiki = of(*found_by(methods), today=date(2026, 1, 20))
    page = made(home, wiki)["index.md"]
    assert f"<dt>Detected by our own checks</dt><dd><b>{value}</b>{detail}</dd>" in page
    assert "<dt>Median time to detect</dt><dd><b>Not known</b></dd>" in page
    assert "<dt>Action items done</dt><dd><b>No items</b></dd>" in page


@pytest.mark.parametrize(
    ("id_", "said"),
    [
        ("2026-01-18-a", "Open for 2 days"),
        ("2026-01-20-a", "Opened today"),
        ("2026-12-24-a", "Open"),  # tomorrow, by mistake
        ("undated", "Open"),
    ],
)
def test_since_when_it_is_open(id_: str, said: str) -> None:
    page = made(home, of({"id": id_}, today=date(2026, 1, 20)))["index.md"]
    assert f'<div class="side"><b>{said}</b>' in page


def test_a_new_draft_is_in_the_week_without_a_time() -> None:
    page = made(home, of({"id": "2026-01-19-a"}, today=date(2026, 1, 20)))["index.md"]
    assert "New incident" in page
    assert "A quiet week" not in page


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (["freshness"] * 2, "Freshness checks should have caught both."),
        (["schema"] * 3, "Schema contracts should have caught all three."),
        (["nulls", "nulls", "other"], "Null checks should have caught two."),
        (["nulls", "nulls", "row_count", "row_count"], "Null and row count checks should have"),
        (["nulls", "nulls", "anomaly", "anomaly"], "Anomaly detection and null checks should"),
        (["schema"] * 2 + ["nulls"] * 3, "Null checks and schema contracts should have caught"),
    ],
)
def test_kinds_of_checks_in_a_sentence(kinds: list[str], said: str) -> None:
    found = [
        {"id": f"2026-01-0{n}-a", "detection": {"method": "test", "check_kind": kind}}
        for n, kind in enumerate(kinds, 1)
    ]
    assert patterns.summary(of(*found))[1].startswith(said)


def test_each_later_postmortem_says_what_the_earlier_one_missed() -> None:
    texts = []
    for n, letter in enumerate("abcd", 1):
        data = {"id": f"2026-0{n}-01-{letter}"}
        if n > 1:
            data["recurrence_of"] = f"2026-0{n - 1}-01-{'abcd'[n - 2]}"
        body = f"## What did the first postmortem miss?\n\nReason {letter}.\n" * (letter in "bd")
        texts.append((f"---\n{json.dumps(data)}\n---\n\n{body}", data["id"]))
    read = [document.parse(text, f"incidents/2026/{id_}.md") for text, id_ in reversed(texts)]
    entries = tuple(Entry(one, model.postmortem(one)) for one in read)
    page = made(patterns, Wiki(Archive(entries, ()), TODAY))["patterns.md"]
    missed = page[page.index('class="missed"') :]
    assert page.count('class="node"') == 4
    assert missed.index("Reason b.") < missed.index("Not recorded") < missed.index("Reason d.")


def test_checks_of_an_asset_are_those_promised_in_its_incidents() -> None:
    items = [
        {"id": "AI-1", "title": "Add", "verified_by": "dbt:test.shop.a", "status": "done"},
        {"id": "AI-2", "title": "Add", "verified_by": "dbt:test.shop.b", "due": "2026-01-03"},
        {"id": "AI-3", "title": "Add", "verified_by": "dbt:test.shop.b", "due": "2026-01-03"},
    ]
    impact = {"assets": [{"ref": ORDERS}]}
    wiki = of({"id": "2026-01-02-a", "impact": impact, "action_items": items})
    files = made(assets, wiki)
    page = files["data/dbt.model.shop.fct_orders.md"]
    assert "1 of 2 checks promised in its incidents is in place, 1 missing" in page
    assert "None</b>other open items overdue" in page
    assert json.loads(files["data/dbt.model.shop.fct_orders.json"])["promised_checks"] == 2


def test_the_states_are_explained_worst_first() -> None:
    page = made(assets, of({"id": "2026-01-02-a", "impact": {"assets": [{"ref": ORDERS}]}}))
    said = page["data/index.md"]
    places = [said.index(f"<b>{state.label}</b>: {state.meaning}.") for state in State]
    assert places == sorted(places)


def test_many_checks_have_no_empty_bar() -> None:
    def page(count: int) -> str:
        items = [
            {
                "id": f"AI-{n}",
                "title": "Add",
                "type": "detect",
                "verified_by": f"dbt:test.shop.t{n}",
            }
            for n in range(count)
        ]
        impact = {"assets": [{"ref": ORDERS, "role": "root"}]}
        wiki = of({"id": "2026-01-02-a", "impact": impact, "action_items": items})
        return next(text for path, text in made(assets, wiki).items() if "orders.md" in path)

    assert 'class="bar"' in page(assets.SHOWN)
    assert 'class="bar"' not in page(assets.SHOWN + 1)


def test_a_circle_of_recurrences_ends() -> None:
    wiki = of(
        {"id": "2026-02-01-b", "recurrence_of": "2026-01-01-a"},
        {"id": "2026-01-01-a", "recurrence_of": "2026-02-01-b"},
    )
    assert patterns.chains(wiki) == []


# related


def test_related_incidents_say_why() -> None:
    root = {"ref": ORDERS, "role": "root"}
    wiki = of(
        {"id": "2026-04-01-d", "tags": ["vat"]},
        {"id": "2026-03-01-c", "impact": {"assets": [{"ref": ORDERS, "role": "affected"}]}},
        {"id": "2026-02-01-b", "impact": {"assets": [root]}, "related": ["2026-04-01-d"]},
        {"id": "2026-01-01-a", "impact": {"assets": [root]}},
    )
    found = _related.related(wiki, wiki.by_id["2026-02-01-b"])
    said = {one.postmortem.id[8:]: one.reasons for one in found}
    assert said["01-d"] == ("listed by the author",)
    assert said["01-a"] == ("also started in fct_orders",)
    assert next(iter(said)) == "01-d"


def test_recurrences_are_not_among_the_related() -> None:
    root = {"impact": {"assets": [{"ref": ORDERS, "role": "root"}]}}
    wiki = of(
        {"id": "2026-02-01-b", "recurrence_of": "2026-01-01-a", **root},
        {"id": "2026-01-01-a", **root},
    )
    assert _related.related(wiki, only(wiki)) == []


# the clock


CLOCK = {
    "started_at": "2026-01-02T00:00Z",
    "detected_at": "2026-01-02T06:00Z",
    "mitigated_at": "2026-01-02T06:01Z",
    "resolved_at": "2026-01-02T10:00Z",
}


def test_the_clock_has_phases_and_their_ends() -> None:
    clock = _clock.read(only(of({"id": "2026-01-02-a", "timestamps": CLOCK})))
    assert clock
    assert clock.said == "10 h from start to resolution"
    assert clock.more == "Jan 2, 2026, UTC. Most of it was undetected."
    assert [phase.name for phase in clock.phases] == [
        "Undetected",
        "Response",
        "Repair and validation",
    ]
    assert [stamp.label for stamp in clock.stamps] == ["started", "detected", "resolved"]
    assert [stamp.time for stamp in clock.stamps] == ["00:00", "06:00", "10:00"]


def test_a_clock_that_ends_another_day_says_which() -> None:
    times = {**CLOCK, "resolved_at": "2026-01-03T16:00Z"}
    clock = _clock.read(only(of({"id": "2026-01-02-a", "timestamps": times})))
    assert clock
    assert [stamp.time for stamp in clock.stamps] == ["00:00", "06:00", "Jan 3, 16:00"]


def test_the_clock_says_from_when_its_times_count() -> None:
    page = head(of({"id": "2026-01-02-a", "timestamps": CLOCK}))
    assert "Times count from the start of the incident.<" in page
    times = {**CLOCK, "acknowledged_at": "2026-01-02T06:01Z"}
    page = head(of({"id": "2026-01-02-a", "timestamps": times}))
    assert "from the start of the incident; time to acknowledge, from detection.<" in page


def test_dropped_items_are_counted_as_dropped() -> None:
    items = [
        {"id": f"AI-{n}", "title": "Add", "status": status}
        for n, status in enumerate(["done", "done", "wont_do"], 1)
    ]
    page = head(of({"id": "2026-01-02-a", "action_items": items}))
    assert "</span>2 done, 1 dropped</p>" in page


def test_without_a_recurrence_nothing_is_claimed() -> None:
    page = made(patterns, of({"id": "2026-01-02-a"}))["patterns.md"]
    assert "No postmortem names an earlier one" in page
    assert "come back" not in page


@pytest.mark.parametrize(
    "times",
    [{}, {"started_at": "2026-01-02T00:00Z"}, dict.fromkeys(CLOCK, "2026-01-02T00:00Z")],
)
def test_without_a_length_of_time_there_is_no_clock(times: dict[str, str]) -> None:
    assert _clock.read(only(of({"id": "2026-01-02-a", "timestamps": times}))) is None


@pytest.mark.parametrize(
    "window",
    [
        {"from": "1999-01-01", "to": "1999-02-01"},
        {"from": "2026-01-03", "to": "2026-01-01"},
        {"from": "x"},
        {"from": None, "to": "2026-01-01"},
        "2026-01-01",
        {"from": "9999-12-31", "to": "9999-12-31"},
    ],
)
def test_a_window_of_any_form_has_a_page(window: object) -> None:
    assert "Is it over?" in head(of({"id": "2026-01-02-a", "data_window": window}))


def test_lineage_is_drawn_only_from_a_manifest() -> None:
    root, end = "model.shop.fct_orders", "exposure.shop.board"
    assets = [{"ref": f"dbt:{root}", "role": "root"}, {"ref": f"dbt:{end}", "role": "exposure"}]
    hostile = {"ref": 'x:a"><script>', "role": "exposure"}
    data = {"id": "2026-01-02-a", "impact": {"assets": [*assets, hostile]}}
    assert "lineage" not in head(of(data))
    manifest = of_edges({root: ["model.shop.rows"], "model.shop.rows": [end]})
    page = head(Wiki(of(data).archive, TODAY, manifest=manifest))
    assert "Lineage: fct_orders feeds board through 1 asset" in page
    assert 'href="../../../data/dbt.model.shop.fct_orders/"' in page
    assert "<script>" not in page
    unjoined = of_edges({root: [], end: []})
    assert "lineage" not in head(Wiki(of(data).archive, TODAY, manifest=unjoined))


def test_recorded_lineage_is_drawn_and_the_manifest_decides_between_its_assets() -> None:
    refs = ["table:raw.orders", "table:shop.revenue", "dbt:model.shop.a", "dbt:model.shop.b"]
    orders, revenue, a, b = refs
    edges = [
        {"upstream": orders, "downstream": revenue, "between": 2},
        {"upstream": orders, "downstream": "table:not.listed"},
        {"upstream": revenue, "downstream": a, "between": "many"},
        {"upstream": a, "downstream": b},
        {"upstream": b, "downstream": b},
        "orders",
    ]
    impact = {"assets": [{"ref": ref} for ref in refs], "lineage": edges}
    wiki = of({"id": "2026-01-02-a", "impact": impact})
    recorded = "Lineage: orders feeds revenue through 2 assets; revenue feeds a; a feeds b"
    assert f'{recorded}"' in head(wiki)
    assert "<figcaption>As recorded in the postmortem.</figcaption>" in head(wiki)
    known = replace(wiki, manifest=of_edges({"model.shop.b": ["model.shop.a"]}))
    assert "b feeds a; orders feeds revenue through 2 assets; revenue feeds a" in head(known)
    assert "From the dbt manifest, and as recorded in the postmortem." in head(known)


def test_a_role_cannot_leave_its_attribute() -> None:
    assets = [{"ref": "table:a", "role": 'x" onclick="y'}, {"ref": "table:b"}]
    lineage = [{"upstream": "table:a", "downstream": "table:b"}]
    page = head(of({"id": "2026-01-02-a", "impact": {"assets": assets, "lineage": lineage}}))
    assert 'onclick="y' not in page


# home, index, metrics


@pytest.mark.parametrize(
    ("severities", "said", "state"),
    [
        ([], "No incidents yet.", "ok"),
        (["P3"], "One incident is open. It is not critical.", "warn"),
        (["P2", "P3"], "2 incidents are open. None is critical.", "warn"),
        (["P0"], "One incident is open. It is a P0.", "bad"),
        (["P1", "P3"], "2 incidents are open. One is a P1.", "bad"),
        (["P0", "P1"], "2 incidents are open. The worst is a P0.", "bad"),
    ],
)
def test_home_begins_with_whether_anything_is_on_fire(
    severities: list[str], said: str, state: str
) -> None:
    found = [{"id": f"2026-01-0{n}-a", "severity": s} for n, s in enumerate(severities, 1)]
    assert home.verdict(of(*found)) == (said, state)


def test_home_says_when_nothing_is_on_fire() -> None:
    resolved = {"id": "2026-01-02-a", "severity": "P1", "timestamps": CLOCK, "status": "closed"}
    page = made(home, of(resolved))["index.md"]
    assert "Nothing is on fire." in page
    assert "The last P0 or P1 was resolved 323 days ago." in page


def test_this_week_has_what_happened_in_seven_days() -> None:
    item = {"id": "AI-1", "title": "Filter by key", "status": "done", "done_at": "2026-11-20"}
    late = {"id": "AI-2", "title": "Test it", "status": "committed", "due": "2026-11-15"}
    old = {"id": "AI-3", "title": "Old", "status": "committed", "due": "2026-11-01"}
    found = home.events(
        of(
            {"id": "2026-11-18-new", "timestamps": {"detected_at": "2026-11-18T00:00Z"}},
            {"id": "2026-01-02-a", "timestamps": CLOCK, "action_items": [item, late, old]},
        )
    )
    assert [(str(one.day), one.what) for one in found] == [
        ("2026-11-20", "AI-1 is done: Filter by key"),
        ("2026-11-18", "was detected"),
        ("2026-11-16", "AI-2 became overdue: Test it"),
    ]


def test_the_most_severe_unresolved_incident_comes_first() -> None:
    wiki = of({"id": "2026-02-01-b", "severity": "P2"}, {"id": "2026-01-01-a", "severity": "P0"})
    assert [p.severity for p in home.unresolved(wiki)] == ["P0", "P2"]


def test_the_index_has_every_row_as_json_and_a_page_for_each_year(wiki: Wiki) -> None:
    files = made(incidents, wiki)
    rows = json.loads(files["incidents/index.json"])
    assert [dict(zip(rows["columns"], row, strict=True))["id"] for row in rows["rows"]] == [
        p.id for p in wiki.postmortems
    ]
    assert "Revenue low again" in files["incidents/all/2025/index.md"]
    assert "Orders late" not in files["incidents/all/2025/index.md"]


def test_the_index_marks_open_incidents() -> None:
    times = {"resolved_at": "2026-01-02T10:00Z"}
    found: list[dict[str, Any]] = [
        {"id": "2026-02-01-a", "status": "draft"},
        {"id": "2026-01-02-a", "status": "in_review", "timestamps": times},
        {"id": "2026-01-01-a", "status": "closed"},
    ]
    files = made(incidents, of(*found))
    rows = json.loads(files["incidents/index.json"])
    ongoing = rows["columns"].index("ongoing")
    assert [row[ongoing] for row in rows["rows"]] == [1, 0, 0]
    marked = 'draft</span> <span class="chip chip-incident-open">open</span>'
    page = files["incidents/index.md"]
    assert marked in page
    assert page.count("chip-incident-open") == 1


def test_a_long_year_has_several_pages() -> None:
    wiki = of(*({"id": f"2026-01-01-{n:04}"} for n in range(incidents.ROWS + 1)))
    files = made(incidents, wiki)
    assert files["incidents/index.md"].count("<tr>") == incidents.NEWEST + 1
    assert files["incidents/all/2026/index.md"].count("<tr>") == incidents.ROWS + 1
    assert files["incidents/all/2026/page-2.md"].count("<tr>") == 2


def test_metrics_match_incident_stats(wiki: Wiki) -> None:
    files = made(metrics, wiki)
    figures = json.loads(files["metrics/metrics.json"])
    assert figures["lengths"]["detect"]["n"] == 2
    page = files["metrics/index.md"]
    row = page[page.index("<b>Time to detect") :].partition("</tr>")[0]
    cells = re.findall(r'class="num">([^<]*)<', row)
    assert cells == ["2", "1", "3 h 52 min", "7 h 25 min"]
    assert row.count("<circle") == 2
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        ET.fromstring(svg)


def test_a_plot_of_very_many_points_stays_small() -> None:
    times = {"started_at": "2026-01-01T00:00Z", "detected_at": "2026-01-01T01:00Z"}
    wiki = of(*({"id": f"2026-01-01-{n:04}", "timestamps": times} for n in range(400)))
    page = made(metrics, wiki)["metrics/index.md"]
    assert "<circle" not in page
    assert len(page) < 100_000


# rules and guide


def test_every_rule_has_a_page_with_its_docstring(wiki: Wiki) -> None:
    from incident.reports import rules as report

    files = made(report, wiki)
    for rule in rules.all_rules():
        assert rule.page.partition("\n")[2].strip() in files[f"rules/{rule.name}.md"]
        assert f"[{rule.name}]({rule.name}.md)" in files["rules/index.md"]


def test_links_of_guide_and_rules_lead_somewhere(wiki: Wiki) -> None:
    from incident.reports import rules as report

    files = made(report, wiki) | made(guide, wiki)
    known = files.keys() | {one.path for one in reports.build_all(wiki)}
    for path, text in files.items():
        outside_code = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#:]+\.md)\)", outside_code):
            parts = [*path.split("/")[:-1], *target.split("/")]
            while ".." in parts:
                at = parts.index("..")
                del parts[at - 1 : at + 1]
            assert "/".join(parts) in known, f"{path}: {target}"


def test_the_guide_has_the_playbooks_and_the_severity_levels(wiki: Wiki) -> None:
    files = made(guide, wiki)
    for name in ("new-table-migration", "schema-evolution", "backfill", "incident-response"):
        assert f"guide/{name}.md" in files
    assert "within 30 minutes, then every hour" in files["guide/severity.md"]
    assert set(_incident.PLAYBOOKS.values()) <= {Path(path).stem for path in files}


def test_repositories_can_override_the_guide(tmp_path: Path) -> None:
    root = write_repository(tmp_path)
    own = root / "templates" / "guide"
    own.mkdir(parents=True)
    (own / "severity.md").write_text("# Ours\n\nText.\n")
    (own / "extra.md").write_text("# Extra\n")
    files = made(guide, Wiki(archive.load(config.load(root)), TODAY))
    assert files["guide/severity.md"] == "# Ours\n\nText.\n"
    assert "guide/extra.md" in files and "guide/backfill.md" in files


# feeds


def test_feeds_are_well_formed_and_hold_no_people(wiki: Wiki) -> None:
    files = made(feeds, Wiki(wiki.archive, TODAY, site_url="https://wiki.example.com/"))
    atom = ET.fromstring(files["feed.xml"])
    ns = "{http://www.w3.org/2005/Atom}"
    assert atom.findtext(f"{ns}entry/{ns}id") == "urn:incident:2026-03-01-orders-late"
    assert atom.find(f"{ns}entry/{ns}link").get("href") == (  # type: ignore[union-attr]
        "https://wiki.example.com/incidents/2026/2026-03-01-orders-late/"
    )
    feed = json.loads(files["feed.json"])
    assert feed["items"][-1]["title"] == "P1 Revenue <b>18%</b> low & late"
    every = json.loads(files["incidents.json"])["incidents"]
    assert [one["severity"] for one in every] == ["P0", "P2", "P1"]
    assert "https://wiki.example.com/incidents.json" in files["llms.txt"]
    assert "-handle" not in "".join(files.values())


def test_feeds_hold_any_text() -> None:
    wiki = of({"id": "2026-01-01-a", "title": "]]> \u0001 <x> \ufffe &", "tags": ["<"]})
    files = made(feeds, wiki)
    ET.fromstring(files["feed.xml"])
    json.loads(files["feed.json"])


def test_a_false_alarm_without_a_reason_is_a_whole_sentence() -> None:
    wiki = of({"id": "2026-11-07-a", "status": "closed", "closed_as": "false_alarm"})
    [p] = wiki.declared
    page = _incident.page(p, _incident.view(p, wiki), wiki)
    assert "<b>Closed as a false alarm.</b> It is excluded" in page
    assert ">Details<" not in page


def test_an_item_not_done_for_no_reason_has_no_empty_reason() -> None:
    item = {"id": "AI-1", "title": "Test the rows", "status": "wont_do"}
    assert "Not done:" not in head(of({"id": "2026-11-07-a", "action_items": [item]}))


@pytest.mark.parametrize(
    ("ids", "minutes", "said"),
    [
        (0, 0, "No incidents yet."),
        (1, 1, "1 incident. It was detected within 30 min."),
        (2, 2, "2 incidents. Half of them were detected within 30 min."),
        (4, 2, "4 incidents. Half of the 2 with a known time to detect were detected"),
        (2, 0, "2 incidents.</p>"),
    ],
)
def test_the_sentence_on_detection_is_about_known_times(ids: int, minutes: int, said: str) -> None:
    times = {"started_at": "2026-01-01T02:00Z", "detected_at": "2026-01-01T02:30Z"}
    found: list[dict[str, Any]] = [{"id": f"2026-01-01-{n}"} for n in range(ids)]
    for one in found[:minutes]:
        one["timestamps"] = times
    assert said in made(metrics, of(*found))["metrics/index.md"]


def test_every_part_of_the_detection_bar_is_named() -> None:
    found = [{"id": f"2026-01-01-{n}", "detection": {"method": "test"}} for n in range(30)]
    wiki = of(
        *found,
        {"id": "2026-01-02-a", "detection": {"method": "engineer"}},
        {"id": "2026-01-03-a", "detection": {"method": "external"}},
    )
    page = made(metrics, wiki)["metrics/index.md"]
    assert "by a consumer or outside party 1" in page
    assert "<th>Detected by a test or monitor</th>" in page
    assert "by a test or monitor 30" in page
    assert "by an engineer 1" in page


def test_bars_are_not_called_dots() -> None:
    times = {"started_at": "2026-01-01T02:00Z", "detected_at": "2026-01-01T02:30Z"}
    many = of(*({"id": f"2026-01-01-{n}", "timestamps": times} for n in range(300)))
    page = made(metrics, many)["metrics/index.md"]
    assert "Each bar counts incidents." in page
    assert "Each dot" not in page


@pytest.mark.parametrize(
    ("dues", "said"),
    [
        (["2026-12-01"], "1 open, not overdue."),
        (["2026-11-20"], "1 open, overdue for 1 day."),
        (["2026-12-01", "2026-12-02"], "2 open, none of them overdue."),
        (["2026-11-20", "2026-12-02"], "2 open, 1 of them overdue, by 1 day."),
        (["2026-11-11", "2026-11-20"], "2 open, all of them overdue, the oldest by 10 days."),
    ],
)
def test_the_board_begins_with_a_sentence(dues: list[str], said: str) -> None:
    items = [{"id": f"AI-{n}", "status": "committed", "due": due} for n, due in enumerate(dues)]
    page = made(actions, of({"id": "2026-11-01-a", "action_items": items}))["actions.md"]
    assert said in page


def test_an_incident_without_a_severity_is_not_called_uncritical() -> None:
    page = made(home, of({"id": "2026-11-20-a", "status": "draft"}))["index.md"]
    assert "One incident is open. It has no severity yet." in page
    assert "1 without a severity" in page


def test_a_long_list_of_assets_has_several_pages() -> None:
    refs = [{"ref": f"dbt:model.a.t{n}"} for n in range(assets.ROWS + 1)]
    files = made(assets, of({"id": "2026-01-01-a", "impact": {"assets": refs}}))
    assert files["data/index.md"].count("<tr>") == assets.ROWS + 1
    assert files["data/all/page-2.md"].count("<tr>") == 2


def test_the_page_of_an_owner_with_many_items_leads_to_the_board() -> None:
    items = [{"id": f"AI-{n}", "owner": "a", "status": "committed"} for n in range(100)]
    page = made(actions, of({"id": "2026-01-01-a", "action_items": items}))["actions/a.md"]
    assert page.count("<tr>") == actions.OPEN + 1
    assert 'actions/?owner=a">All 100 on the board' in page


def test_an_asset_with_many_incidents_has_the_latest_and_a_link_to_all() -> None:
    impact = {"assets": [{"ref": ORDERS}]}
    item = {"id": "AI-1", "title": "Test", "type": "detect", "status": "done", "verified_by": "x"}
    found = (
        {"id": f"2026-01-01-{n:02}", "impact": impact, "action_items": [item]} for n in range(99)
    )
    page = made(assets, of(*found))["data/dbt.model.shop.fct_orders.md"]
    assert page.count("<tr>") == 2 * (assets.SHOWN + 1)
    assert '?asset=fct_orders">see them all' in page
    assert len(page) < 60_000
