"""What is below the roots of a dbt incident: assets, who uses them, how severe that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from incident.dbt import owner_names
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node, name_of
from incident.postmortem import severity
from incident.sources import Evidence, Reached
from incident.sources._dbt_stories import Story
from incident.text.bounded_readers import address

MAX_ASSETS = 50
MAX_EVIDENCE = 20


def suggest(story: Story, manifest: Manifest) -> tuple[str, str]:
    """The severity that what was reached suggests, and the reason.

    What is not known to be downstream is never taken for nothing.
    """
    below = story.below
    steps = {**dict.fromkeys(story.roots, 0), **below}
    high = [(k, n) for k in steps if (n := manifest.nodes.get(k)) and n.criticality == "high"]
    high.sort(key=lambda pair: (pair[1].kind != "exposure", steps[pair[0]], pair[0]))
    level = severity.propose(bool(high), len(below), 0)
    reach = f"{len(below)} asset{'s' if len(below) != 1 else ''} downstream"
    if not story.is_whole:
        reach = f"at least {reach}" if below else "what is downstream is not known"
        level = level if high else "P2"
    if not high:
        return level, reach + (", none marked critical" if below or story.is_whole else "")
    key, node = high[0]
    more = f" and {len(high) - 1} more" if len(high) > 1 else ""
    return level, f"{reach}, {node.kind} {node.label or name_of(key)}{more} marked critical"


def assets(
    roots: list[str], below: Mapping[str, int], manifest: Manifest, warnings: list[str]
) -> tuple[Reached, ...]:
    """Roots, what is affected, and exposures: the nearest, when there are very many."""
    found = [(root, "root", 0) for root in roots[:MAX_ASSETS]]
    affected = [key for key in below if not key.startswith("exposure.")]
    exposures = [key for key in below if key.startswith("exposure.")]
    found += [(key, "affected", below[key]) for key in affected[:MAX_ASSETS]]
    found += [(key, "exposure", below[key]) for key in exposures[:MAX_ASSETS]]
    left = len(roots) + len(below) - len(found)
    if left:
        warnings.append(f"{left:,} further assets are counted in downstream_assets, not listed")
    return tuple(
        Reached(f"dbt:{key}", role, n.criticality if (n := manifest.nodes.get(key)) else "", steps)
        for key, role, steps in found
    )


def consumers(
    below: Mapping[str, int],
    manifest: Manifest,
    aliases: Mapping[str, str],
    language: str,
    warnings: list[str],
) -> tuple[tuple[tuple[str, str], ...], tuple[Evidence, ...]]:
    """Who uses the exposures that were reached, and where these are."""
    consumers, evidence, unknown = [], [], []
    for key in [key for key in below if key.startswith("exposure.")][:MAX_ASSETS]:
        node = manifest.nodes.get(key)
        if node is None:
            continue
        label = node.label or node.name or name_of(key)
        if teams := owner_names.teams(node, manifest, aliases, language):
            consumers += [(team, label) for team in teams]
        else:
            unknown.append(label)
        if url := address(node.url):
            evidence.append(Evidence("dashboard", label, url))
    if unknown:
        warnings.append(
            f"no team is known for {', '.join(unknown)}: map the owner to one in "
            "[tool.incident.intake.owners]"
        )
    return tuple(dict.fromkeys(consumers)), tuple(evidence)


def failing_rows(checks: Iterable[tuple[str, Node]]) -> tuple[Evidence, ...]:
    """Where dbt stored the rows that tests found, and the tests' SQL: names, never contents.

    `checks`: what people call a test, and its node. The name of a test with arguments may hold
    values; of its table only the schema is given.
    """
    evidence = []
    for what, node in checks:
        relation = node.relation
        if node.has_arguments:
            relation = relation.rpartition(".")[0]
        if relation:
            where = "in the schema " if node.has_arguments else ""
            evidence.append(Evidence("snapshot", f"failing rows of {what}: {where}{relation}"))
        path = PurePosixPath(node.compiled.replace("\\", "/"))
        is_inside = not path.is_absolute() and ".." not in path.parts and ":" not in path.parts[0:1]
        if node.compiled and is_inside and not node.has_arguments:
            evidence.append(Evidence("log", f"compiled SQL of {what}: {path}"))
    return tuple(evidence[:MAX_EVIDENCE])
