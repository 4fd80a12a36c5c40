"""Write schemas/config.schema.json from the configuration's dataclasses and the rules' options."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from incident import rules
from incident.repository import config

TARGET = Path(__file__).resolve().parents[2] / "schemas" / "config.schema.json"
DAY = {
    "description": "Apply the rule only to incidents on or after this date (YYYY-MM-DD).",
    "type": "string",
}


def main() -> None:
    """Write the file."""
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "config.schema.json",
        "title": "Configuration",
        "description": "incident.toml, or [tool.incident] of pyproject.toml.",
        **keys(config.Config),
    }
    TARGET.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def keys(owner: Any) -> dict[str, Any]:
    """The keys of a dataclass of the configuration."""
    return table({f.name: key(f) for f in dataclasses.fields(owner) if f.name != "root"})


def key(field: dataclasses.Field[Any]) -> dict[str, Any]:
    """One key, as it is declared."""
    if dataclasses.is_dataclass(field.default_factory):
        return keys(field.default_factory)
    if "description" not in field.metadata:
        raise SystemExit(f"config.py: declare `{field.name}` with key(default, description)")
    about = {"description": field.metadata["description"]}
    choices = field.metadata["choices"]
    choices = list(choices() if callable(choices) else choices)
    if field.name == "rules":
        return {**about, **table({rule.name: of_rule(rule) for rule in rules.all_rules()})}
    if field.default is dataclasses.MISSING:
        if choices:
            return {**about, "type": "object", "additionalProperties": {"enum": choices}}
        return {**about, **kind({})}
    if choices:
        return {**about, "enum": choices, "default": field.default}
    return {**about, **kind(field.default)}


def of_rule(rule: rules.Rule) -> dict[str, Any]:
    """What may be said of a rule."""
    levels = ["error", "warning", "notice", "off"]
    found: dict[str, Any] = {
        "level": {"description": f"{', '.join(levels)}.", "enum": levels, "default": rule.level},
        "since": DAY,
    }
    options = rule.options() if rule.options else None
    for f in dataclasses.fields(rule.options) if rule.options else ():
        found[f.name] = kind(getattr(options, f.name))
    return {"description": f"{rule.code}: {rule.summary}.", **table(found)}


def kind(default: Any) -> dict[str, Any]:
    """Type and default."""
    if isinstance(default, tuple):
        return {"type": "array", "items": {"type": "string"}, "default": list(default)}
    if isinstance(default, (bool, int, str)):
        name = {bool: "boolean", int: "integer", str: "string"}[type(default)]
        return {"type": name, "default": default}
    return {"type": "object", "additionalProperties": {"type": "string"}, "default": dict(default)}


def table(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


if __name__ == "__main__":
    main()
