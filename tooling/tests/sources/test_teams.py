"""A team's name from what dbt says of an owner, and never a person's."""

from __future__ import annotations

import pytest

from incident.sources._dbt_manifest import Manifest, Node
from incident.sources.owner_names import of, team

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
    group = Node("group", "supply_chain", owner=person)
    manifest = Manifest({}, {"supply_chain": group}, {}, "")
    node = Node("model", "orders", group="supply_chain", owner=person, meta_owner="crm-team")
    assert of(node, manifest, {}) == "supply-chain"
    assert of(node, manifest, {"Ines Halvorsen": "stores"}) == "stores"
    assert of(node, manifest, {"supply_chain": "logistics"}) == "logistics"
    assert of(node._replace(owner=("Sales Ops", "")), manifest, {}) == "sales-ops"
    assert of(node._replace(group=""), manifest, {}) == "crm-team"
    assert of(Node("model", "orders", meta_owner="Ines Halvorsen"), manifest, {}) == ""
