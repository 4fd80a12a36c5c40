"""A team's name from what dbt says of an owner, and never a person's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node
from incident.dbt.owner_names import of, of_most, team

ALIASES = {"Petra Krause": "pricing", "#fin": "finance"}


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        ("Data Platform", "data-platform@example.com", "data-platform"),
        ("data_platform", "", "data-platform"),
        ("Pricing Squad", "petra@example.com", "pricing-squad"),
        ("Tidewater Pricing", "tidewater-pricing@example.com", "tidewater-pricing"),
        ("", "crm-team@example.com", "crm-team"),
        ("#store-ops", "", "store-ops"),
        ("#fin", "", "finance"),
        ("Petra Krause", "petra.krause@example.com", "pricing"),
        ("Ines Halvorsen", "ines.halvorsen@example.com", ""),
        ("Ines Halvorsen", "ihalvorsen@example.com", ""),
        ("Ines Halvorsen", "", ""),
        ("ines", "ines@example.com", ""),
        ("ines.halvorsen@example.com", "", ""),
        ("", "ines@example.com", ""),
        ("", "", ""),
    ],
)
def test_teams(name: str, email: str, expected: str) -> None:
    assert team([(name, email)], ALIASES) == expected


def test_the_owner_then_the_group_then_meta() -> None:
    person = ("Ines Halvorsen", "ines@example.com")
    group = Node("", "group", "supply_chain", owners=(person,))
    manifest = Manifest(groups={"supply_chain": group})
    node = Node(
        "model.shop.orders",
        "model",
        group="supply_chain",
        owners=(person,),
        meta_owners=("crm-team",),
    )
    assert of(node, manifest, {}) == "supply-chain"
    assert of(node, manifest, {"Ines Halvorsen": "stores"}) == "stores"
    assert of(node, manifest, {"supply_chain": "logistics"}) == "logistics"
    assert of(replace(node, owners=(("Sales Ops", ""),)), manifest, {}) == "sales-ops"
    assert of(replace(node, group=""), manifest, {}) == "crm-team"
    assert (
        of(Node("model.shop.orders", "model", meta_owners=("Ines Halvorsen",)), manifest, {}) == ""
    )


def test_the_team_of_most_nodes() -> None:
    teams = {"a": "crm-team", "b": "store-ops", "c": "store-ops", "d": "Ines Halvorsen"}
    manifest = Manifest(
        {key: Node(key, "model", meta_owners=(name,)) for key, name in teams.items()}
    )
    assert of_most("abcd", manifest, {}) == "store-ops"
    assert of_most("ab", manifest, {}) == "crm-team"
    assert of_most(["d", "gone"], manifest, {}) == ""
