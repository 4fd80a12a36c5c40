"""Set up the repository of a dbt project: one workflow for each project, and nothing else.

The workflow is a copy of the one that others call, with its inputs filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from incident.actions.trackers import _github_place
from incident.drafts import installed_from, setup_texts, surroundings
from incident.drafts.installed_from import Origin
from incident.drafts.manual_steps import Step
from incident.drafts.repository_setup import absolute, shown_from
from incident.drafts.setup_item import Item
from incident.drafts.surroundings import RUNNER, Surroundings
from incident.errors import IncidentError, UsageError
from incident.git import remote
from incident.repository import atomic_files, resources
from incident.repository.path_containment import escapes

WORKFLOWS = ".github/workflows"
SOURCE = f"{WORKFLOWS}/history.yml"
TOKEN = "INCIDENT_ARCHIVE_TOKEN"  # noqa: S105 -- the name of a secret
_FOLDER = re.compile(r"[\w./-]+")
_PARSE = "pip install dbt-core dbt-duckdb && dbt deps && dbt parse"
# what a team is meant to set, so that it stays when a later version replaces the file
_SETTING = re.compile(r"^  (?:PARSE|COMMENT): (?![|>]).*$", re.MULTILINE)
_HEADER = """\
# What happened before to the data that a pull request changes: `incident history`, in the job
# summary and in one comment. It fails no check. On a pull request from a fork, the token can only
# read, so there is a summary and no comment. The repository variable INCIDENT_DOCS says what pip
# installs; without it, or a default below, the job only warns. To uninstall it, delete this file.
name: incident history

on: pull_request # with a filter for paths, a push that reverts the change would leave the comment

"""


@dataclass(frozen=True)
class DataPlan:
    """What to add to a repository. `archive`: OWNER/NAME, "" for this one."""

    around: Surroundings
    items: tuple[Item, ...]
    archive: str
    origin: Origin


def plan(folder: Path, archive: str, origin: Origin | None, *, anywhere: bool = False) -> DataPlan:
    """The workflow of each dbt project in `folder`, or around it.

    `archive`: OWNER/NAME or its address, "." for this repository. `anywhere`: also if the
    repository isn't on GitHub. Raises UsageError if there is nothing to install it for.
    """
    around = surroundings.detect(absolute(folder), frozenset())
    if not around.host.is_github and not anywhere:
        hint = "docs/adopting.md has a job for GitLab; --github installs the workflow anyway"
        raise UsageError(f"a workflow needs GitHub, but {around.host.why}", hint)
    if not around.dbt_projects:
        fact = f"there is no dbt_project.yml in {around.folder}"
        raise UsageError(fact, "name the folder of the dbt project")
    origin = origin or installed_from.recorded()
    name = _name(archive, around)
    items = tuple(_items(around, name, origin))
    return DataPlan(around, items, name, origin)


def steps(found: DataPlan) -> Iterator[Step]:
    """What people have to do themselves."""
    variables = "Settings > Secrets and variables > Actions"
    if not found.origin.requirement(""):
        ask = setup_texts.ASK.replace("[site]", "")
        fact = f"the workflow cannot install incident-docs yet: {found.origin.unknown}"
        what = f"set the repository variable INCIDENT_DOCS to {ask} ({variables})"
        yield Step(f"{fact}; {what}; until then, the job only warns")
    for item in found.items:
        why = "without a manifest, assets are matched by name, and what is downstream is not known"
        what = f"set PARSE in {item.shown}, such as to `{_PARSE}`, with a profiles.yml for dbt"
        yield Step(f"{what}: {why}", True)
    if found.archive:
        what = f"if {found.archive} is private: a token that can read it"
        yield Step(f"{variables} > Secrets: {TOKEN}, {what}", True)
    yield Step(_removal([item.shown for item in found.items], bool(found.archive)), True)


def removal(folder: Path) -> str:
    """How to uninstall what is installed around `folder`; "" if nothing is."""
    around = surroundings.detect(absolute(folder), frozenset())
    paths = sorted((around.top / WORKFLOWS).glob("incident-history*.yml"))
    return _removal([shown_from(path, around.folder) for path in paths], True) if paths else ""


def _removal(files: list[str], has_secret: bool) -> str:
    secret = f" and the secret {TOKEN}" if has_secret else ""
    also = f"the repository variable INCIDENT_DOCS{secret}, if nothing else uses it"
    return f"to uninstall it, delete {', '.join(files)}; also {also}"


def _items(around: Surroundings, archive: str, origin: Origin) -> Iterator[Item]:
    for project in around.dbt_projects:
        place = f"{around.prefix}{project}".strip("/")
        if place and not _FOLDER.fullmatch(place):
            hint = "use only letters, digits, dots, underscores and hyphens"
            raise UsageError(f"a workflow cannot refer to the folder {place}", hint)
        which = f"-{place.replace('/', '-')}" if len(around.dbt_projects) > 1 and place else ""
        path = around.top / WORKFLOWS / f"incident-history{which}.yml"
        if escapes(path, around.top):
            raise IncidentError(f"{path} is outside the repository", "remove the link")
        now = atomic_files.read_text(path) if path.exists() or path.is_symlink() else None
        text = _with_settings(_workflow(archive, place, around.runner, origin), now or "")
        what = f"shows the history of what a pull request changes in {place or 'the dbt project'}"
        yield Item(path, shown_from(path, around.folder), text, now, what)


def _workflow(archive: str, project: str, runner: str, origin: Origin) -> str:
    """The workflow that others call, as one that runs on pull requests."""
    text = (resources.root() / SOURCE).read_text(encoding="utf-8")
    text = _HEADER + text[text.index("permissions: {}\n") :]
    requirement = origin.requirement("")
    source = f"vars.INCIDENT_DOCS || '{requirement}'" if requirement else "vars.INCIDENT_DOCS"
    index = f"\n          PIP_INDEX_URL: {origin.index}" if origin.index else ""
    for old, new in {
        "${{ inputs.archive }}": json.dumps(archive),
        "PROJECT: ${{ inputs.project }}": f"PROJECT: {json.dumps(project or '.')}",
        "-${{ inputs.project }}": f"-{project}" if project else "",
        "${{ inputs.parse }}": '""',
        "${{ inputs.comment }}": '"true"',
        "${{ inputs.install || vars.INCIDENT_DOCS }}": f"${{{{ {source} }}}}{index}",
        "secrets.archive-token": f"secrets.{TOKEN}",
        f"runs-on: {RUNNER}\n": f"runs-on: {runner}\n",
    }.items():
        text = text.replace(old, new)
    return text


def _with_settings(text: str, now: str) -> str:
    """`text` with the settings of the file that is there."""
    settings = {line.partition(":")[0]: line for line in _SETTING.findall(now)}
    lines = text.split("\n")
    return "\n".join(settings.get(line.partition(":")[0], line) for line in lines)


def _name(archive: str, around: Surroundings) -> str:
    """OWNER/NAME of the archive's repository, "" for this one."""
    if archive == ".":
        return ""
    own = _github_place.parse(remote.origin(around.top))
    if archive.startswith((".", "/")) and (checkout := Path(archive)).is_dir():
        archive = remote.origin(checkout) or archive
    found = _github_place.parse(archive)
    server = own.host if own else _github_place.GITHUB
    if found and found.host != server:
        fact = f"the archive is on {found.host}, and this repository on {server}"
        raise UsageError(fact, "a workflow can only check out repositories of its own server")
    name = found.name if found else archive
    if not _github_place.is_name(name):
        raise UsageError(f"{archive!r} is not OWNER/NAME", "give --archive OWNER/NAME, or .")
    return "" if own and own.name.casefold() == name.casefold() else name
