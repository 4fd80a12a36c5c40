"""Edges between the assets of an incident, and their drawing."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.dbt import lineage
from incident.dbt.lineage import Edge
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node
from incident.reports import _lineage_svg
from incident.reports._lineage_svg import Box


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
            elif child not in named and child.startswith("model."):
                waiting.append([*path, child])
    return found


@pytest.mark.parametrize("seed", range(20))
def test_edges_are_those_of_the_manifest(seed: int) -> None:
    manifest = project(seed)
    ids = [one for one in manifest.nodes if one.startswith("model.")]
    named = random.Random(seed).sample(ids, 8)
    expected = set()
    for above in named:
        for below in set(named) - {above}:
            if ways := paths(manifest, above, below, set(named)):
                between = 0 if [] in ways else len({one for way in ways for one in way})
                expected.add(Edge(above, below, between))
    found = lineage.among(manifest, named)
    assert len(found) == len(set(found))
    assert set(found) == expected


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
