"""`schemas/config.schema.json` says of the configuration what the code does."""

from __future__ import annotations

import json
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from incident import rules
from incident.errors import ConfigError
from incident.repository import config
from support import CHECKOUT

SCHEMA: dict[str, Any] = json.loads((CHECKOUT / "schemas" / "config.schema.json").read_text())
TABLES = {
    f.name: value
    for f in fields(config.Config)
    if is_dataclass(value := getattr(config.Config(), f.name))
}


def plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_key_stands_in_the_schema_with_its_default() -> None:
    properties = SCHEMA["properties"]
    assert set(properties) == {f.name for f in fields(config.Config)} - {"root"}
    base = config.Config()
    for key, entry in properties.items():
        if "default" in entry:
            assert entry["default"] == plain(getattr(base, key)), key
    for name, owner in TABLES.items():
        found = properties[name]["properties"]
        assert {k: v["default"] for k, v in found.items()} == {
            f.name: plain(getattr(owner, f.name)) for f in fields(owner)
        }


@pytest.mark.parametrize("rule", rules.all_rules(), ids=lambda rule: rule.name)
def test_every_rule_stands_in_the_schema_with_its_options(rule: rules.Rule) -> None:
    entry = SCHEMA["properties"]["rules"]["properties"][rule.name]["properties"]
    options = {f.name for f in fields(rule.options)} if rule.options else set()
    assert set(entry) == {"level", "since", *options}
    assert entry["level"]["default"] == rule.level
    for name in options:
        assert entry[name]["default"] == getattr(rule.options(), name)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ('archive = "x"', True),
        ("[rules.reading-time]\nmax_minutes = 20\nlevel = 'off'", True),
        ("[names]\nallow = ['Merlin']", True),
        ("[severity_aliases]\nsev1 = 'P0'", True),
        ("archve = 'x'", False),
        ("profile = 'lax'", False),
        ("[names]\nallow = 'Merlin'", False),
        ("[severity_aliases]\nsev1 = 'P7'", False),
        ("[review]\nlowest_status = 'ready'", False),
    ],
)
def test_schema_and_code_agree(text: str, valid: bool) -> None:
    table = tomllib.loads(text)
    assert Draft202012Validator(SCHEMA).is_valid(table) is valid
    try:
        rules.settings(config.build(config.Config(), table, "here"))
    except ConfigError:
        assert not valid
    else:
        assert valid


@pytest.mark.parametrize(
    "text",
    [
        '[rules.never-again]\nsince = ["x"]',
        '[rules.never-again]\nlevel = ["x"]',
        "[rules]\nnever-again = 3",
        '[rules]\nnever-again = "off"',
        'archive = "a\\u0000b"',
    ],
)
def test_a_value_of_another_kind_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "incident.toml").write_text(text)
    with pytest.raises(ConfigError):
        rules.settings(config.load(tmp_path))
