"""Write schemas/config.schema.json from the configuration's dataclasses and the rules' options."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from incident import rules, word_lists
from incident.repository import config

TARGET = Path(__file__).resolve().parents[2] / "schemas" / "config.schema.json"
TABLES: dict[str, Any] = {
    "names": config.Names(),
    "intake": config.Intake(),
    "review": config.Review(),
    "actions": config.Actions(),
}
DESCRIPTIONS = {
    "archive": "The folder of the postmortems, below the repository's root.",
    "select": "Only these rules: names, codes, or the beginning of a code.",
    "ignore": "Not these rules.",
    "wiki_url": "Where the wiki is: then diagnostics and issues link to it.",
    "since": "Rules bind incidents from this day on (YYYY-MM-DD).",
    "profile": "strict, or legacy for documents of others: nothing blocks.",
    "language": "The language of the word lists: a folder of `word_lists/`.",
    "owners": "Who may own an action item, beside CODEOWNERS and the dbt manifest.",
    "dbt_manifest": "A manifest.json of dbt: then assets and promised tests must exist.",
    "names.allow": "Words that are no people: servers, products, partners.",
    "names.people": "Colleagues who never committed.",
    "names.git_roster": "Whether to learn colleagues from git's history.",
    "intake.owners": "Owners as dbt writes them, and the team that each is.",
    "intake.slack_reactions": "Reactions that mark a message for the timeline.",
    "intake.slack_prefixes": "Beginnings that mark a message for the timeline.",
    "review.lowest_status": "The lowest status that may reach the main branch.",
    "review.stale_days": "How long a review may take before it is listed.",
    "actions.accounts": "Per owner, a GitHub login, org/team, or an empty text for neither.",
    "actions.tracker": "A file (NDJSON) instead of GitHub.",
    "actions.milestones": "One milestone for each due month.",
    "actions.remind_before": "Days before the due date of the first reminder.",
    "actions.remind_every": "Days between the reminders after it.",
}
DAY = {"description": "Binds incidents from this day on (YYYY-MM-DD).", "type": "string"}


def main() -> None:
    """Write the file."""
    content = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "config.schema.json",
        "title": "Configuration",
        "description": "incident.toml, or [tool.incident] of pyproject.toml.",
        **table({f.name: key(f.name) for f in dataclasses.fields(config.Config)}),
    }
    TARGET.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def key(name: str) -> dict[str, Any] | None:
    """One key of the configuration; None for what is none."""
    if name == "root":
        return None
    if name in TABLES:
        owner = TABLES[name]
        keys = [f.name for f in dataclasses.fields(owner)]
        return table({k: value(f"{name}.{k}", getattr(owner, k)) for k in keys})
    if name == "severity_aliases":
        return {
            "description": "Another scale, each word to one of P0, P1, P2, P3.",
            "type": "object",
            "additionalProperties": {"enum": list(config.SEVERITIES)},
        }
    if name == "rules":
        return {
            "description": "Per rule, its level, the day it binds from, and its options.",
            **table({rule.name: of_rule(rule) for rule in rules.all_rules()}),
        }
    return value(name, getattr(config.Config(), name))


def of_rule(rule: rules.Rule) -> dict[str, Any]:
    """What may be said of a rule."""
    levels = ["error", "warning", "notice", "off"]
    keys: dict[str, Any] = {
        "level": {"description": f"{', '.join(levels)}.", "enum": levels, "default": rule.level},
        "since": DAY,
    }
    options = rule.options() if rule.options else None
    for f in dataclasses.fields(rule.options) if rule.options else ():
        keys[f.name] = kind(getattr(options, f.name))
    return {"description": f"{rule.code}: {rule.summary}.", **table(keys)}


def value(name: str, default: Any) -> dict[str, Any]:
    """A value with its description, type and default."""
    words = {
        "profile": config.PROFILES,
        "language": word_lists.languages(),
        "review.lowest_status": config.STATUSES,
    }
    found = {"enum": list(words[name]), "default": default} if name in words else kind(default)
    return {"description": DESCRIPTIONS[name], **found}


def kind(default: Any) -> dict[str, Any]:
    """Type and default."""
    if isinstance(default, tuple):
        return {"type": "array", "items": {"type": "string"}, "default": list(default)}
    if isinstance(default, (bool, int, str)):
        name = {bool: "boolean", int: "integer", str: "string"}[type(default)]
        return {"type": name, "default": default}
    return {"type": "object", "additionalProperties": {"type": "string"}, "default": dict(default)}


def table(keys: dict[str, dict[str, Any] | None]) -> dict[str, Any]:
    """An object with these keys and no others."""
    found = {name: entry for name, entry in keys.items() if entry is not None}
    return {"type": "object", "additionalProperties": False, "properties": found}


if __name__ == "__main__":
    main()
