"""Write docs/reference.md from the code: everything a user can type, configure and rely on."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from incident import errors, rules
from incident.commands import cli
from incident.drafts import setup_texts
from incident.text import markdown_table

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "reference.md"
WORKFLOWS = ROOT / ".github" / "workflows"

EXITS = {
    errors.EXIT_CLEAN: "clean: nothing found, or only warnings and notices",
    errors.EXIT_DIAGNOSTICS: "errors found; `init --check`, and `--diff`: there are differences",
    errors.EXIT_USAGE: "usage or configuration: nothing was written",
    errors.EXIT_FAILURE: "internal or remote failure; completed steps are listed",
    errors.EXIT_INTERRUPTED: "interrupted (Ctrl-C)",
}
ENVIRONMENT = {
    "INCIDENT_FORMAT": "The default for `--format` of `incident lint`.",
    "VISUAL": "The editor of `incident edit` and `incident new`.",
    "EDITOR": "The same, if VISUAL is not set.",
    "INCIDENT_DEBUG": "If set: show the traceback of internal errors.",
    "NO_COLOR": "If set: no colors.",
    "FORCE_COLOR": "If set: colors even without a terminal.",
    "TERM": "`dumb`: no colors.",
    "XDG_CACHE_HOME": "The folder for what is remembered between runs; default: `~/.cache`.",
    "LOCALAPPDATA": "The same on Windows.",
    "GITHUB_TOKEN": "The token of `actions sync`, `actions chase` and `history --comment`.",
    "GH_TOKEN": "The same, if GITHUB_TOKEN is not set.",
    "GH_ENTERPRISE_TOKEN": "The token for `actions.host`; GITHUB_TOKEN is never sent there.",
    "GITHUB_ENTERPRISE_TOKEN": "The same, if GH_ENTERPRISE_TOKEN is not set.",
    "GITHUB_REPOSITORY": "OWNER/NAME, if `--repo` is not given; default: the git remote `origin`.",
    "GITHUB_API_URL": "The API URL, for GitHub Enterprise.",
    "GITHUB_SERVER_URL": "The web URL, for GitHub Enterprise.",
    "GITHUB_ACTIONS": "`true`: `review` and `history --base auto` find their base in the event.",
    "GITHUB_EVENT_PATH": "The file with that event; `history --comment` takes the number from it.",
    "GITHUB_RUN_ID": "The run whose summary a comment links if it is cut.",
    "GITLAB_CI": "`true`: `history --comment` writes to the merge request.",
    "GITLAB_TOKEN": "The token for that, with the scope `api`.",
    "CI_API_V4_URL": "GitLab's API, for that.",
    "CI_PROJECT_ID": "The project, for that.",
    "CI_PROJECT_PATH": "Its name, for messages.",
    "CI_MERGE_REQUEST_IID": "The number of the merge request.",
    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": "On GitLab, the base of `incident review`.",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA": "The same, except in a pipeline for merged results.",
    "CI_COMMIT_BEFORE_SHA": "The same, for a push.",
    "GIT_INDEX_FILE": "In a hook, the index that `lint --staged` reads, if it belongs to this "
    "repository. GIT_DIR and other variables that choose a repository are ignored.",
    "GIT_CONFIG_COUNT": "Settings for git, such as `safe.directory`: kept; a push adds one.",
}
PLUGIN = {
    "mount": 'The wiki\'s folder in a handbook; default: `incidents`. `""`: the root, as in '
    "a wiki of its own, which publishes the archive alone.",
    "search": "Index the wiki with Pagefind. In a handbook with a search: let it find incidents.",
    "history": "Read dates and author counts from git.",
    "cache": "Keep finished pages between builds.",
    "edition": "`internal`, or `public`: only postmortems with `confidentiality: public`.",
}
SETTINGS = {
    "vars.INCIDENT_ACTIONS": "`on`: issues are created, kept in sync and chased",
    "vars.INCIDENT_CHAT": "`on`: overdue items are posted to a chat",
    "vars.INCIDENT_COMMENT": "`true`: post the review as a comment; `suggestions`: safe fixes, too",
    "vars.INCIDENT_DOCS": "overrides what workflows install: `incident-docs[site] @ git+https://…`",
    "vars.WIKI_ON_PAGES": "`I know who can read it`: publish to GitHub Pages",
    "secrets.INCIDENT_WEBHOOK": "the address of the chat's incoming webhook",
    "secrets.INCIDENT_TOKEN": "a GitHub App token, so that the pull request starts workflows",
}
_SETTING = re.compile(r"\b(?:vars|secrets)\.[A-Z_]+")
INTRODUCTION = """\
# Reference

All commands, flags, keys and codes. `make pages` generates this page; a test compares it.
`incident COMMAND --help` shows the same in the terminal; `incident rule NAME` shows a rule's page.

Where a command takes an ID, any unique part of a postmortem's id is enough; so is the path of its
file.
"""


def main() -> None:
    """Write the page."""
    TARGET.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page."""
    parts = [
        INTRODUCTION,
        _exits(),
        "## Commands",
        *_group(click.Context(cli, info_name="incident")),
    ]
    parts += [_config(), _rules(), _suppressions(), _frontmatter(), _plugin(), _action()]
    parts += [_workflows(), _hooks(), _environment()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _exits() -> str:
    rows = [(str(code), said) for code, said in EXITS.items()]
    return "## Exit codes\n\n" + markdown_table.table(("code", "meaning"), rows)


def _group(ctx: click.Context) -> Iterator[str]:
    """The options of a group, then its commands; hidden ones are only for workflows."""
    group = ctx.command
    assert isinstance(group, click.Group)
    if ctx.parent is None:
        yield "Before any command:\n\n" + _options(ctx)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if command.hidden:
            continue
        below = click.Context(command, info_name=name, parent=ctx)
        if isinstance(command, click.Group):
            yield from _group(below)
        else:
            usage = " ".join(command.collect_usage_pieces(below))
            said = _LISTED.sub(_list, inspect.cleandoc(command.help or ""))
            yield (
                f"### {below.command_path}\n\n`{below.command_path} {usage}`\n\n{said}\n\n"
                + _options(below)
            )


_LISTED = re.compile(r"\x08\n((?:.+(?:\n|$))+)")  # what click does not wrap


def _list(match: re.Match[str]) -> str:
    """Lines `name  what it is`, as a list."""
    unwrapped = re.sub(r"\n {3,}", " ", match[1])
    rows = (line.partition("  ") for line in unwrapped.splitlines())
    return "".join(f"- `{name}`: {about.strip()}\n" for name, _, about in rows)


def _options(ctx: click.Context) -> str:
    rows = []
    for param in ctx.command.params:
        record = param.get_help_record(ctx)
        if isinstance(param, click.Option) and record:
            names, said = record
            if not said:
                raise SystemExit(f"{ctx.command_path} {names}: an option without help")
            rows.append((f"`{names}`", said))
    return markdown_table.table(("option", "description"), rows) if rows else "No options."


def _config() -> str:
    schema = json.loads((ROOT / "schemas" / "config.schema.json").read_text(encoding="utf-8"))
    rows = []
    for name, entry in schema["properties"].items():
        nested = {} if name == "rules" else entry.get("properties", {})
        found = {f"{name}.{key}": below for key, below in nested.items()} or {name: entry}
        for key, one in found.items():
            default = json.dumps(one["default"], ensure_ascii=False) if "default" in one else ""
            rows.append((f"`{key}`", f"`{default}`" if default else "", one["description"]))
    return (
        "## Configuration\n\n`incident.toml`, or `[tool.incident]` in `pyproject.toml`. "
        "An unknown key is an error. [The schema](../schemas/config.schema.json) has the types.\n\n"
        + markdown_table.table(("key", "default", "meaning"), rows)
    )


def _rules() -> str:
    rows = []
    for rule in rules.all_rules():
        values = rule.options() if rule.options else None
        options = [
            f"`{f.name} = {json.dumps(getattr(values, f.name), ensure_ascii=False)}`"
            for f in (dataclasses.fields(rule.options) if rule.options else ())
        ]
        cells = (rule.code, f"`{rule.name}`", rule.level.value, f"`{rule.since_status}`")
        rows.append((*cells, rule.summary, ", ".join(options)))
    head = (
        "code",
        "name",
        "level",
        "required from",
        "what it checks",
        "options and their defaults",
    )
    return (
        "## Rules\n\nEvery rule also takes `level` (error, warning, notice, off) and `since` "
        "(a date), in `[tool.incident.rules.NAME]`. Errors block; warnings never do.\n\n"
        + markdown_table.table(head, rows)
    )


def _suppressions() -> str:
    rows = [
        (
            "`<!-- incident-ignore: RULE -- reason -->`",
            "its line, or the paragraph below",
        ),
        ("`# incident-ignore: RULE -- reason`", "a line in the frontmatter"),
        ("`<!-- incident-ignore-section: RULE -- reason -->`", "the section it is in"),
        ("`<!-- incident-ignore-file: RULE -- reason -->`", "the whole file"),
        ("`lint: {ignore: [{rule, reason, until}]}`", "the whole file, in the frontmatter"),
    ]
    return (
        "## Suppress a rule in one place\n\nSeparate several rules with commas; `until 2026-12-31` "
        "before the `--` makes it expire.\n\n" + markdown_table.table(("write", "covers"), rows)
    )


def _frontmatter() -> str:
    schema = json.loads((ROOT / "schemas" / "postmortem.schema.json").read_text(encoding="utf-8"))
    rows = [(f"`{key}`", values, said) for key, values, said in _keys(schema, "", schema)]
    return (
        "## Frontmatter\n\nRequirements grow with `status`; `incident lint` lists what is missing. "
        "Handles and email addresses belong here and nowhere else.\n\n"
        + markdown_table.table(("key", "values", "meaning"), rows)
    )


def _keys(
    entry: dict[str, Any], prefix: str, root: dict[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Every key below an object, lists written as `[]`."""
    for name, below in entry.get("properties", {}).items():
        one, key = _resolved(below, root), f"{prefix}{name}"
        yield key, _values(one), below.get("description") or one.get("description", "")
        yield from _keys(one, f"{key}.", root)
        if isinstance(one.get("items"), dict):
            yield from _keys(_resolved(one["items"], root), f"{key}[].", root)


def _resolved(entry: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    """The entry that a `$ref` points to."""
    found: Any = root
    for step in str(entry.get("$ref", "#")).split("/")[1:]:
        found = found[step]
    return found if "$ref" in entry else entry


def _values(entry: dict[str, Any]) -> str:
    listed = entry.get("enum", [entry.get("const")])
    words = [f"`{value}`" for value in listed if value is not None]
    if words:
        return " ".join(words)
    kind = entry.get("type", "")
    kinds = [kind] if isinstance(kind, str) else kind
    shown = {"array": "list", "object": "keys", "string": "text", "boolean": "true, false"}
    return " or ".join(shown.get(one, one) for one in kinds if one not in {"null", ""})


def _plugin() -> str:
    from incident.site.options import Options

    found = {name: option.default for name, option in Options._schema}
    _same("options of the plugin", set(found), set(PLUGIN))
    rows = [(f"`{name}`", f"`{json.dumps(found[name])}`", said) for name, said in PLUGIN.items()]
    return (
        "## The MkDocs plugin\n\nIn `mkdocs.yml`, under `plugins: [incident]`.\n\n"
        + markdown_table.table(("option", "default", "what it does"), rows)
    )


def _action() -> str:
    return (
        "## The GitHub actions\n\nUse this repository with `uses:` in a workflow of another one: "
        f"for an archive,\n\n{_inputs('action.yml')}\n"
        "and with the folder `history`, for a dbt project (see [adopting](adopting.md)).\n\n"
        f"{_inputs('history/action.yml')}"
    )


def _inputs(name: str) -> str:
    content = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    rows = [
        (f"`{key}`", f"`{entry['default']}`" if entry.get("default") else "", entry["description"])
        for key, entry in content["inputs"].items()
    ]
    return markdown_table.table(("input", "default", "meaning"), rows)


def _workflows() -> str:
    """Each workflow by its first comment, what starts it, and the settings it looks at."""
    rows, seen = [], set(_SETTING.findall(inspect.getsource(setup_texts)))
    for path in sorted(WORKFLOWS.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text)
        starts = content.get("on", content.get(True))  # YAML 1.1 reads `on` as true
        inputs = [
            f"input `{name}`"
            for entry in (starts.values() if isinstance(starts, dict) else ())
            for name in ((entry or {}).get("inputs", {}) if isinstance(entry, dict) else {})
        ]
        asked = sorted(set(_SETTING.findall(text)))
        seen.update(asked)
        comment = " ".join(line[1:].strip() for line in text.splitlines() if line.startswith("#"))
        said = re.split(r"(?<=\w)[.](?:\s|$)", comment)[0] or content["name"]
        needs = [f"`{one}`" for one in asked]
        link = f"[{path.name}](../.github/workflows/{path.name})"
        rows.append(
            (link, said, ", ".join(f"`{one}`" for one in starts), ", ".join([*inputs, *needs]))
        )
    _same("settings of workflows", seen, set(SETTINGS))
    settings = [(f"`{name}`", said) for name, said in SETTINGS.items()]
    return (
        "## Workflows\n\n"
        + markdown_table.table(("file", "what it does", "started by", "settings"), rows)
        + "\n\n"
        + markdown_table.table(("repository setting", "meaning"), settings)
    )


def _hooks() -> str:
    content = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    rows = [(f"`{hook['id']}`", f"`{hook['entry']}`", hook["description"]) for hook in content]
    return "## pre-commit hooks\n\n" + markdown_table.table(("id", "runs", "what it does"), rows)


def _environment() -> str:
    rows = [(f"`{name}`", said) for name, said in ENVIRONMENT.items()]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = ", ".join(f"`{name}`" for name in extras["project"]["optional-dependencies"])
    return (
        "## Environment\n\n"
        + markdown_table.table(("variable", "what it does"), rows)
        + f"\n\nPackage extras: {names}."
    )


def _same(what: str, found: set[str], written: set[str]) -> None:
    if found != written:
        raise SystemExit(f"{what}: describe these: {', '.join(sorted(found ^ written))}")


if __name__ == "__main__":
    main()
