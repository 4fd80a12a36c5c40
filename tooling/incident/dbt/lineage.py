"""Edges between the nodes of a manifest: what is downstream of an asset, what a test tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from incident.dbt.manifest import Manifest


def downstream(manifest: Manifest, roots: Iterable[str]) -> dict[str, int]:
    """Assets below the roots, with the number of steps from the nearest root; no tests.

    Nearest first, then by id.
    """
    steps = dict.fromkeys(roots, 0)
    waiting = deque(steps)
    while waiting:
        current = waiting.popleft()
        for child in manifest.feeds.get(current, ()):
            if child not in steps:
                steps[child] = steps[current] + 1
                waiting.append(child)
    below = ((key, distance) for key, distance in steps.items() if distance)
    return dict(sorted(below, key=lambda item: (item[1], item[0])))


def tested(manifest: Manifest, test: str) -> list[str]:
    """The assets that a test tests, by its unique id; none if the manifest lacks the test."""
    node = manifest.nodes.get(test)
    if node is None:
        return []
    return [node.attached] if node.attached else [p for p in node.parents if "." in p]


def tests_of(manifest: Manifest, asset: str) -> list[str]:
    """The tests of an asset, by unique id, sorted."""
    below = manifest.children.get(asset, ())
    return sorted(k for k in below if k.startswith("test.") and asset in tested(manifest, k))


def keys(manifest: Manifest, asset: str) -> list[tuple[str, ...]]:
    """The unique keys of an asset, each as its columns: configured ones, then tested ones."""
    own = manifest.nodes.get(asset)
    found = [own.unique_key] if own else []
    found += [manifest.nodes[test].unique_key for test in tests_of(manifest, asset)]
    return list(dict.fromkeys(key for key in found if key))


class Edge(NamedTuple):
    """`above` feeds `below`, directly or through `between` assets that have no name here."""

    above: str
    below: str
    between: int


def among(manifest: Manifest, named: Iterable[str]) -> list[Edge]:
    """The edges between some assets, by unique id; paths through others are one edge each."""
    return between(manifest.feeds, (key for key in named if key in manifest.nodes))


def between(feeds: Mapping[str, Iterable[str]], named: Iterable[str]) -> list[Edge]:
    """The edges between some assets of a graph. `feeds`: what is directly below each."""
    wanted = dict.fromkeys(named)
    found = []
    for above in wanted:
        below = _unnamed_below(feeds, above, wanted)
        parents: dict[str, list[str]] = {}
        for parent in (above, *below):
            for child in feeds.get(parent, ()):
                parents.setdefault(child, []).append(parent)
        for other in wanted:
            if other == above or other not in parents:
                continue
            direct = above in parents[other]
            found.append(Edge(above, other, 0 if direct else len(_above(parents, other, above))))
    return found


def _unnamed_below(
    feeds: Mapping[str, Iterable[str]], start: str, named: Container[str]
) -> dict[str, None]:
    """The assets below, as far as the next named ones."""
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        for child in feeds.get(waiting.pop(), ()):
            if child not in named and child not in found:
                found[child] = None
                waiting.append(child)
    return found


def _above(parents: dict[str, list[str]], end: str, start: str) -> set[str]:
    """Everything on the paths from `start` to `end`, without the two."""
    found: set[str] = set()
    waiting = [end]
    while waiting:
        for parent in parents.get(waiting.pop(), ()):
            if parent not in found and parent != start:
                found.add(parent)
                waiting.append(parent)
    return found - {end}
