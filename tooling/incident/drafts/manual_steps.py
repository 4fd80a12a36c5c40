"""What people must do themselves after `incident init`: one list, the necessary steps first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from incident.archive import files
from incident.drafts import setup_texts, surroundings
from incident.drafts.repository_setup import Plan
from incident.drafts.surroundings import Surroundings
from incident.drafts.team_wiki import Wiki
from incident.repository import atomic_files, config

_ACTIONS = "Settings > Actions > General"
_VARIABLES = "Settings > Secrets and variables > Actions"


class Step(NamedTuple):
    """One step. Without an optional one, everything that was added works."""

    text: str
    is_optional: bool = False


def steps(found: Plan) -> list[Step]:
    """The steps for this repository, necessary ones first."""
    makers = (_install, _wiki, _github, _archive, _owners, _agents)
    every = [step for make in makers for step in make(found)]
    return sorted(every, key=lambda step: step.is_optional)


def removal(found: Plan, changed: list[str]) -> list[Step]:
    """What people must undo themselves after `incident init --remove`."""
    around = found.around
    undone = [
        Step(f"{name} has your changes: delete it if you no longer need it") for name in changed
    ]
    if around.wiki and (around.wiki.has_us or "incident" in around.wiki.extensions):
        undone.append(Step(f"{around.wiki.path}: remove the lines `- incident`"))
    if around.codeowners and _mentions(around, around.codeowners):
        undone.append(Step(f"{around.codeowners}: remove the line for /{around.archive}/"))
    if around.packages.is_locked:
        undone.append(Step(f"remove incident-docs from the dependencies ({_manager(around)})"))
    if found.answers["github"]:
        names = (
            "INCIDENT_DOCS, INCIDENT_COMMENT, INCIDENT_CHAT, WIKI_ON_PAGES and the secrets "
            "INCIDENT_TOKEN and INCIDENT_WEBHOOK"
        )
        undone.append(Step(f"delete the variables {names}, if you set them", True))
    return undone


def _install(found: Plan) -> Iterator[Step]:
    used = found.around.packages
    requirement = found.origin.requirement("site") or setup_texts.ASK
    if not used.is_locked:
        yield Step(f"install it for everyone, with {used.manager.name}: {used.adding(requirement)}")
    if used.manager.sync and not used.is_locked:
        again = "run `incident init --upgrade`: workflows then install what the lock file pins"
        yield Step(f"after that, {again}", True)


def _wiki(found: Plan) -> Iterator[Step]:
    wiki, ignored = found.around.wiki, found.folder / ".gitignore"
    if ignored.is_file() and "site" not in ignored.read_text("utf-8", "replace"):
        yield Step(f"add `/{found.around.site}/` to .gitignore: `mkdocs build` writes there")
    if wiki is None:
        return
    if wiki.problem:
        fact = f"{wiki.path} was not understood ({wiki.problem})"
        yield Step(f"{fact}: add `incident` to its plugins, after `search`")
    elif not wiki.has_us:
        is_alone = wiki.docs_dir == found.around.config.archive
        yield Step(f"{wiki.path}: {_plugin_lines(wiki, is_alone)}")
    if wiki.site_url and not found.around.config.wiki_url and not wiki.has_us:
        where = "incident.toml, once the incidents are published"
        yield Step(f'set `wiki_url = "{wiki.site_url}"` in {where}', True)


def _agents(found: Plan) -> Iterator[Step]:
    if found.answers["agents"]:
        install = "pip install 'incident-docs[mcp]'"
        yield Step(f"let agents read the archive: {install}; the server is `incident mcp`", True)


def _plugin_lines(wiki: Wiki, is_alone: bool) -> str:
    """The line that adds our plugin to a configuration, whose own plugins all stay.

    `is_alone`: it publishes nothing but the archive; a handbook needs no extension.
    """
    line = "`incident: {}`" if wiki.is_mapping else "`- incident`"
    said = f"add {line} under `plugins:`"
    if is_alone and "incident" not in wiki.extensions:
        said += " and `- incident` under `markdown_extensions:`"
    if wiki.plugins is None:
        said += (
            "; keep the search with `- search` before it: a list of plugins replaces the default"
        )
    return said


def _github(found: Plan) -> Iterator[Step]:
    if not found.answers["github"]:
        if found.around.host.is_gitlab:
            yield Step("on GitLab, run `incident review` in a job for merge requests", True)
        return
    if found.installs and not found.origin.requirement("site"):
        fact = f"workflows cannot install incident-docs yet: {found.origin.unknown}"
        where = f"set the repository variable INCIDENT_DOCS to {setup_texts.ASK}"
        yield Step(f"{fact}; {where} ({_VARIABLES} > Variables)")
    if found.has("declare.yml"):
        setting = '"Allow GitHub Actions to create and approve pull requests"'
        why = "declare.yml opens one for each draft"
        yield Step(f"allow GitHub Actions to create pull requests: {_ACTIONS} > {setting} ({why})")
        what = "a GitHub App token, so that the checks of a draft's pull request start"
        yield Step(f"{_VARIABLES} > Secrets: INCIDENT_TOKEN, {what} by themselves", True)
    if found.has("review-comment.yml"):
        what = "INCIDENT_COMMENT = true posts reviews, = suggestions safe fixes, too"
        yield Step(f"{_VARIABLES} > Variables: {what}", True)
    if found.has("site.yml"):
        value = "WIKI_ON_PAGES = I know who can read it"
        yield Step(f"{_VARIABLES} > Variables: {value} publishes the wiki on Pages", True)


def _archive(found: Plan) -> Iterator[Step]:
    around = found.around
    draft = f"{around.config.archive}/2026/2026-01-01-x.md"
    names = [draft, *(item.shown for item in found.items if not item.shown.startswith("../"))]
    if hidden := surroundings.ignored(found.folder, names):
        what = f"{around.config.archive}/" if draft in hidden else ", ".join(hidden)
        yield Step(f"git ignores {what}: add a line to .gitignore that starts with `!`")
    if others := _unconverted(around):
        first = f"{len(others)} in {around.config.archive}/, for instance {others[0]}"
        yield Step(f"files that are not postmortems yet ({first}): `incident import` converts them")
    if len(around.dbt_projects) > 1:
        named = ", ".join(f"{one}/target/manifest.json" for one in around.dbt_projects[:5])
        yield Step(f"set `dbt_manifest` in incident.toml to one of {named}")
    elif around.dbt_manifest and not around.config.dbt_manifest and not found.configures:
        where = config.source(found.folder) or "incident.toml"
        name = f'set `dbt_manifest = "{around.dbt_manifest}"` in {Path(where).name}'
        yield Step(f"{name} to check assets and promised tests", True)
    manifest = around.config.dbt_manifest or (around.dbt_manifest if found.configures else "")
    if (
        manifest
        and found.has("postmortems.yml")
        and not surroundings.tracked(found.folder, manifest)
    ):
        why = "the workflows have no dbt manifest, so they check no assets"
        yield Step(f"add a step with `dbt parse` before the review in postmortems.yml: {why}", True)
    if around.outer:
        fact = f"{around.outer.strip('.') or 'the top folder'} has an archive too"
        yield Step(f"{fact}: commands use the one of the folder that they are run in", True)
    if seen := surroundings.unarchived(found.folder, around.config.archive_dir):
        first = seen[0].parent.relative_to(found.folder).as_posix()
        what = f"{len(seen)} file{'s' * (len(seen) != 1)} outside the archive look"
        what += f"{'s' * (len(seen) == 1)} like a postmortem"
        named = "*.md" if first == "." else f"{first}/*.md"
        yield Step(f"{what}: convert with `incident import {named}`", True)


def _unconverted(around: Surroundings) -> list[str]:
    """Markdown files in the archive without frontmatter, which the linter would refuse."""
    found = []
    for path in files.postmortem_paths(around.config.archive_dir):
        with path.open("rb") as file:
            if not file.read(8).lstrip(b"\xef\xbb\xbf").startswith(b"---"):
                found.append(path.name)
    return found


def _owners(found: Plan) -> Iterator[Step]:
    around = found.around
    line = f"/{around.archive}/ @your-org/your-team"
    if not around.codeowners:
        if found.answers["github"]:
            yield Step(f"to ask a team for reviews, add `{line}` to .github/CODEOWNERS", True)
    elif not _mentions(around, around.codeowners):
        yield Step(
            f"to ask a team for reviews, add `{line}` at the end of {around.codeowners}", True
        )


def _mentions(around: Surroundings, name: str) -> bool:
    try:
        text = atomic_files.read_text(around.top / name)
    except (OSError, ValueError):
        return False
    rules = (line.partition("#")[0].split() for line in text.splitlines())
    return any(rule[0].strip("/").startswith(around.archive) for rule in rules if rule)


def _manager(around: Surroundings) -> str:
    return around.packages.manager.name
