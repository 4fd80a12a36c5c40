"""Edges between the assets of an incident, and their drawing."""

from __future__ import annotations

import json
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.archive import Archive, Entry
from incident.dbt import lineage
from incident.dbt.lineage import Edge
from incident.dbt.manifest import Manifest, read_manifest
from incident.dbt.nodes import Node, is_asset
from incident.postmortem import document, model
from incident.reports import _incident, _lineage_svg
from incident.reports._lineage_svg import Box
from incident.reports._site_data import Wiki
from support import CHECKOUT

# dbt wrote these; the further ones are not in the repository
REAL = [
    Path(__file__).parent / "sources" / "dbt_shop" / "target" / "manifest.json",
    *sorted((CHECKOUT.parent / "shared" / "data" / "dbt" / "artifacts").glob("*/manifest.json")),
]


def project(seed: int, size: int = 40) -> Manifest:
    """A random project; each model has up to three parents, and a test."""
    chance = random.Random(seed)
    ids = [f"model.shop.m{n}" for n in range(size)]
    children: dict[str, list[str]] = {}
    for n, one in enumerate(ids):
        for parent in chance.sample(ids[:n], min(n, chance.randrange(4))):
            children.setdefault(parent, []).append(one)
        children.setdefault(one, []).append(f"test.shop.t{n}")
    known = {*ids, *(one for below in children.values() for one in below)}
    nodes = {one: Node(one, one.split(".")[0]) for one in sorted(known)}
    return Manifest(nodes, children=children)


def paths(manifest: Manifest, start: str, end: str, named: set[str]) -> list[list[str]]:
    """Every path that meets no other named asset, one step at a time."""
    found, waiting = [], [[start]]
    while waiting:
        path = waiting.pop()
        for child in manifest.children.get(path[-1], ()):
            if child == end:
                found.append(path[1:])
            elif child not in named and is_asset(child):
                waiting.append([*path, child])
    return found


def edges_of(manifest: Manifest, named: Sequence[str]) -> set[Edge]:
    """The edges between these assets, by every path."""
    expected = set()
    for above in named:
        for below in set(named) - {above}:
            if ways := paths(manifest, above, below, set(named)):
                between = 0 if [] in ways else len({one for way in ways for one in way})
                expected.add(Edge(above, below, between))
    return expected


@pytest.mark.parametrize("seed", range(20))
def test_edges_are_those_of_the_manifest(seed: int) -> None:
    manifest = project(seed)
    ids = [one for one in manifest.nodes if one.startswith("model.")]
    named = random.Random(seed).sample(ids, 8)
    found = lineage.among(manifest, named)
    assert len(found) == len(set(found))
    assert set(found) == edges_of(manifest, named)


@pytest.mark.parametrize("path", REAL, ids=lambda path: "/".join(path.parts[-3:-1]))
def test_drawn_edges_are_those_of_a_real_manifest(path: Path) -> None:
    """20 random incidents: every drawn edge is true, and none is missing."""
    manifest = read_manifest(path)
    ids = sorted(one for one in manifest.nodes if is_asset(one))
    chance = random.Random(20)
    for _ in range(20):
        named = chance.sample(ids, chance.randint(1, len(ids)))
        edges = edges_of(manifest, named)
        expected = sorted((name_of(e.above), name_of(e.below), e.between) for e in edges)
        assert drawn(incident(named), manifest) == expected


def name_of(unique_id: str) -> str:
    return unique_id.rpartition(".")[2]


def incident(named: Sequence[str]) -> Wiki:
    data = {"id": "2026-01-02-a", "impact": {"assets": [{"ref": f"dbt:{one}"} for one in named]}}
    read = document.parse(f"---\n{json.dumps(data)}\n---\n", "incidents/2026/2026-01-02-a.md")
    return Wiki(Archive((Entry(read, model.postmortem(read)),), ()), date(2026, 1, 3))


def drawn(wiki: Wiki, manifest: Manifest) -> list[tuple[str, str, int]]:
    """The edges that the page of the only incident shows: above, below, and how many between."""
    wiki = replace(wiki, manifest=manifest)
    p = wiki.postmortems[0]
    page = _incident.page(p, _incident.view(p, wiki), wiki)
    told = re.search(r'<svg class="wide"[^>]* aria-label="Lineage: ([^"]*)"', page)
    found = []
    for part in told[1].split("; ") if told else []:
        above, _, ends = part.partition(" feeds ")
        for end in ends.split(", "):
            below, _, through = end.partition(" through ")
            found.append((above, below, int(through.split()[0]) if through else 0))
    return sorted(found)


keys = st.sampled_from("abcdefgh")


@given(st.lists(st.builds(Edge, keys, keys, st.integers(0, 3)), max_size=14, unique=True))
def test_no_boxes_overlap_and_every_edge_ends_inside(edges: list[Edge]) -> None:
    edges = list({(one.above, one.below): one for one in edges if one.above != one.below}.values())
    boxes = [Box(key, key * 9, "model") for key in "abcdefgh"]
    drawn = _lineage_svg.draw(boxes, edges)
    assert drawn == _lineage_svg.draw(boxes, edges)
    for svg in ET.fromstring(f"<p>{drawn}</p>"):
        _, _, width, height = map(float, svg.attrib["viewBox"].split())
        rectangles = [
            tuple(float(one.attrib[key]) for key in ("x", "y", "width", "height"))
            for one in svg.iter("rect")
        ]
        assert len(rectangles) >= len(boxes)
        for n, (x, y, w, h) in enumerate(rectangles):
            assert x >= 0 and y >= 0 and x + w <= width + 1 and y + h <= height + 1
            for x2, y2, w2, h2 in rectangles[:n]:
                assert x + w <= x2 + 1 or x2 + w2 <= x + 1 or y + h <= y2 + 1 or y2 + h2 <= y + 1
        for path in svg.iter("path"):
            points = re.findall(r"(-?[\d.]+) (-?[\d.]+)", path.attrib["d"])
            assert all(0 <= float(x) <= width and 0 <= float(y) <= height for x, y in points)


def test_it_is_told_in_words_linked_and_escaped() -> None:
    boxes = [Box("a", "<b>&", "source · root cause", "root source", "../../data/a/"), Box("c", "c")]
    drawn = _lineage_svg.draw(boxes, [Edge("a", "c", 2)])
    assert "Lineage: &lt;b&gt;&amp; feeds c through 2 assets" in drawn
    assert '<a class="root source" href="../../data/a/">' in drawn
    assert "<b>" not in drawn


def test_a_long_name_loses_its_middle() -> None:
    name = "fct_customers_with_everything_they_bought_daily"
    assert _lineage_svg.shortened(name) == "fct_customer…ought_daily"
    assert name in _lineage_svg.draw([Box("a", name), Box("b", "b")], [Edge("a", "b", 0)])


def test_nothing_joined_is_not_drawn() -> None:
    assert _lineage_svg.draw([Box("a", "a"), Box("b", "b")], []) == ""
