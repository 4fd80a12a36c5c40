"""Edges between the nodes of a manifest: what is downstream of an asset, what a test tests."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from incident.dbt.manifest import Manifest
from incident.dbt.nodes import is_asset, is_id


def downstream(manifest: Manifest, roots: Iterable[str]) -> dict[str, int]:
    """Assets below the roots, with the number of steps from the nearest root; no tests.

    Nearest first, then by id.
    """
    steps = dict.fromkeys(roots, 0)
    waiting = deque(steps)
    while waiting:
        current = waiting.popleft()
        for child in manifest.children.get(current, ()):
            if child not in steps and is_id(child) and is_asset(child):
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
