"""What stands below the roots of a dbt incident: assets, who uses them, how grave that is."""

from __future__ import annotations

from collections.abc import Mapping

from incident.dbt import owner_names
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import name_of
from incident.postmortem import severity
from incident.sources import Evidence, Reached
from incident.text.bounded_readers import address

MAX_ASSETS = 50


def suggest(below: Mapping[str, int], roots: list[str], manifest: Manifest) -> tuple[str, str]:
    """The severity that what was reached suggests, and the reason."""
    steps = {**dict.fromkeys(roots, 0), **below}
    high = [(k, n) for k in steps if (n := manifest.nodes.get(k)) and n.criticality == "high"]
    high.sort(key=lambda pair: (pair[1].kind != "exposure", steps[pair[0]], pair[0]))
    level = severity.propose(bool(high), len(below), 0)
    reach = f"{len(below)} asset{'s' if len(below) != 1 else ''} downstream"
    if not manifest.nodes:
        return "P2", "no manifest says what is reached"
    if not high:
        return level, f"{reach}, none marked critical"
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
    consumers, evidence, untold = [], [], []
    for key in [key for key in below if key.startswith("exposure.")][:MAX_ASSETS]:
        node = manifest.nodes.get(key)
        if node is None:
            continue
        label = node.label or node.name or name_of(key)
        if team := owner_names.of(node, manifest, aliases, language):
            consumers.append((team, label))
        else:
            untold.append(label)
        if url := address(node.url):
            evidence.append(Evidence("dashboard", label, url))
    if untold:
        warnings.append(
            f"no team is known for {', '.join(untold)}: map the owner to one in "
            "[tool.incident.intake.owners]"
        )
    return tuple(dict.fromkeys(consumers)), tuple(evidence)
