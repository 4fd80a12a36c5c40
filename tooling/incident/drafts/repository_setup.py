"""Set up an empty or existing repository for postmortems: which files, and why not others.

The files are the ones that this project uses itself, so they are tested here. What a team has stays
as it is, and `setup_record` tells what init wrote from what a team made of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from incident.archive import files
from incident.drafts import installed_from, setup_record, setup_texts, surroundings
from incident.drafts.installed_from import Origin
from incident.drafts.setup_item import Item, State
from incident.drafts.setup_record import Record
from incident.drafts.setup_texts import CONFIGURATION
from incident.drafts.surroundings import Surroundings
from incident.errors import IncidentError, UsageError
from incident.git.default_branch import Branch
from incident.repository import atomic_files, config
from incident.repository.path_containment import escapes

# GitHub reads only the first CODEOWNERS that it finds, so there is none: it would hide the team's
CHECKLIST = ".github/PULL_REQUEST_TEMPLATE.md"
GITHUB = {
    ".github/workflows/postmortems.yml": "reviews pull requests that change a postmortem",
    ".github/workflows/review-comment.yml": "posts the review as a comment, if enabled",
    ".github/workflows/declare.yml": "turns an issue labeled `incident` into a draft",
    ".github/workflows/site.yml": "lints the main branch and builds the wiki",
    ".github/workflows/stale-reviews.yml": "lists reviews that take too long, once a week",
    ".github/ISSUE_TEMPLATE/incident.yml": "a form for incidents, which new issues then offer",
    CHECKLIST: "a checklist for pull requests that ask for it",
}
EXAMPLE = setup_texts.EXAMPLE
SITE = ".github/workflows/site.yml"
# elsewhere most pull requests are about other things: this template is chosen by name
_RENAMED = {
    CHECKLIST: ".github/PULL_REQUEST_TEMPLATE/postmortem.md",
}
EDITOR = {
    ".vscode/tasks.json": "lints in VS Code",
    ".vscode/settings.json": "editor settings for Markdown",
    ".vscode/postmortem.code-snippets": "snippets",
    ".devcontainer/devcontainer.json": "a dev container",
}
AGENTS = {
    ".agents/skills/postmortem/SKILL.md": "a skill for agents that draft postmortems",
}
TEMPLATES = {
    "templates/postmortem.md.j2": "the template of P0 and P1",
    "templates/postmortem-light.md.j2": "the template of P2 and P3",
}
# a team is expected to edit these, so that their changes are not drift
MKDOCS, PUBLIC = "mkdocs.yml", "mkdocs.public.yml"
_STARTERS = frozenset(
    {CONFIGURATION, MKDOCS, PUBLIC, "templates/init/.gitignore", EXAMPLE, *TEMPLATES}
)
_NAMEABLE = re.compile(r"[\w./ -]+")
_WORKFLOWS = frozenset(Path(name).name for name in GITHUB)


@dataclass(frozen=True)
class Options:
    """What to include; None: as before, else the default."""

    github: bool | None = None
    editor: bool | None = None
    agents: bool | None = None
    templates: bool | None = None
    example: bool | None = None
    origin: Origin | None = None
    archive: str = ""


@dataclass(frozen=True)
class Left:
    """A file that is not written, and why."""

    shown: str
    why: str
    is_there: bool = True


@dataclass(frozen=True)
class Plan:
    """What `incident init` would do in a repository; nothing is written yet."""

    around: Surroundings
    items: tuple[Item, ...]
    left: tuple[Left, ...]
    origin: Origin
    record: Record
    answers: dict[str, bool] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the configuration goes."""
        return self.around.folder

    @property
    def configures(self) -> bool:
        """Whether the configuration is new."""
        return any(i.missing and i.path.name == "incident.toml" for i in self.items)

    @property
    def installs(self) -> bool:
        """Whether workflows of ours need the variable that says what to install."""
        states = {State.MISSING, State.SAME, State.OUTDATED}
        return any("INCIDENT_DOCS" in i.text and i.state in states for i in self.items)

    def has(self, name: str) -> bool:
        """Whether one of our files with this name is there, or will be."""
        states = {State.REMOVED, State.YOURS}  # a workflow of theirs may have the name
        return any(i.path.name == name and i.state not in states for i in self.items)


def plan(folder: Path, options: Options | None = None, *, every: bool = False) -> Plan:
    """The files that `folder` should have, in order.

    Workflows and forms go where GitHub looks for them, at the top of the git repository around
    `folder`, if it is on GitHub. `every`: also files that no option asks for, to recognize them.
    Raises ConfigError, UsageError if a workflow cannot refer to the folder, and IncidentError if
    something cannot be read.
    """
    options = options or Options()
    folder = absolute(folder)
    record = setup_record.read(folder)
    around = surroundings.detect(folder, _WORKFLOWS, options.archive)
    if not around.branch.is_certain:  # a checkout in CI knows less than the clone that was set up
        known = record.branch or around.branch.name or "main"
        around = replace(around, branch=Branch(known))
    origin = options.origin or _origin(record)
    said = record.answers
    answers = {
        "github": _first(options.github, said.get("github"), around.host.is_github),
        "editor": _first(options.editor, said.get("editor"), False),
        "agents": _first(options.agents, said.get("agents"), False),
        "templates": _first(options.templates, said.get("templates"), False),
        "example": _first(options.example, said.get("example"), True),
    }
    if answers["github"] and not _NAMEABLE.fullmatch(around.archive):
        raise UsageError(
            f"a workflow cannot refer to the folder {around.archive}",
            "use only letters, digits, dots, hyphens and spaces, or pass --no-github",
        )
    if around.wiki and _is_ours(around.wiki.path, around, origin, record):
        around = replace(around, wiki=None)
    wanted = dict.fromkeys(answers, True) if every else answers
    items = []
    for path, source, what in _chosen(around, wanted, record, every):
        item = _item(path, around, setup_texts.adapted(source, around, origin), record)
        items.append(replace(item, what=what, is_starter=source in _STARTERS))
    items = [item for item in items if not _is_their_ignore(item)]
    left = tuple(_left(around, answers, items, options))
    return Plan(around, tuple(items), left, origin, record, answers)


def _origin(record: Record) -> Origin:
    """What workflows install: the same as before, also where this copy comes from elsewhere."""
    if not record.files:
        return installed_from.recorded()
    unknown = Origin(unknown="it was not known before; `incident init --upgrade` looks again")
    return installed_from.again(record.source) or unknown


def record_item(folder: Path, record: Record) -> Item:
    """The file with the record, as one that is set up."""
    path = folder / setup_record.NAME
    now = atomic_files.read_text(path) if path.is_file() else None
    return Item(path, path.name, record.text(), now, "what init wrote, for later runs of it")


def home(folder: Path) -> Path:
    """The folder that was set up, at or above `folder`; else `folder`."""
    folder = absolute(folder)
    for parent in (folder, *folder.parents):
        if (parent / setup_record.NAME).is_file():
            return parent
        if (parent / ".git").exists():
            break
    return folder


def absolute(path: Path) -> Path:
    """Absolute, without `..`: a folder next to a repository is not in it."""
    return Path(os.path.normpath(path.absolute()))


def shown_from(path: Path, folder: Path) -> str:
    """`path` for display, from the folder that is set up."""
    return Path(os.path.relpath(path, folder)).as_posix()


def _first(*answers: bool | None) -> bool:
    return next(answer for answer in answers if answer is not None)


def _is_ours(wiki: str, around: Surroundings, origin: Origin, record: Record) -> bool:
    """Whether MkDocs reads a configuration that init wrote."""
    if wiki in record.files:
        return True
    text = setup_texts.adapted(MKDOCS, around, origin)
    return wiki == MKDOCS and (around.folder / wiki).read_bytes() == text.encode()


def _chosen(
    around: Surroundings, wanted: dict[str, bool], record: Record, every: bool
) -> Iterator[tuple[Path, str, str]]:
    """Where each file goes, which of ours it is, and what it is for."""
    folder, archive = around.folder, around.config.archive_dir
    if (folder / "incident.toml").is_file() or not config.has_table(folder):
        yield folder / "incident.toml", CONFIGURATION, "the configuration"
    if every or not around.has_own_wiki:
        yield folder / MKDOCS, MKDOCS, "the wiki"
        yield folder / PUBLIC, PUBLIC, "its public edition, built only on request"
    yield folder / ".gitignore", "templates/init/.gitignore", "ignores what the wiki writes"
    example = archive / EXAMPLE.removeprefix("incidents/")
    # also if a run was killed before it wrote the record
    is_ours = shown_from(example, folder) in record.files or example.is_file()
    if wanted["example"] and (is_ours or next(files.postmortem_paths(archive), None) is None):
        yield example, EXAMPLE, "a finished example, in no list or metric"
    if wanted["templates"]:
        yield from ((folder / name, name, what) for name, what in TEMPLATES.items())
    if wanted["github"]:
        for name, what in GITHUB.items():
            path = around.top / _RENAMED.get(name, name)
            is_ours = every or shown_from(path, folder) in record.files or path.is_file()
            is_theirs = (name == SITE and around.has_own_wiki) or (
                name == CHECKLIST and bool(around.checklist)
            )
            if is_ours or not is_theirs:
                yield path, name, what
    for answer, wanted_files in (("editor", EDITOR), ("agents", AGENTS)):
        if wanted[answer]:
            yield from ((folder / name, name, what) for name, what in wanted_files.items())


def _left(
    around: Surroundings, answers: dict[str, bool], items: list[Item], options: Options
) -> Iterator[Left]:
    """What stays as it is, or is not added, and why."""
    listed = {item.shown for item in items}
    if wiki := around.wiki:
        how = "uses the plugin already" if wiki.has_us else "to add the plugin, see below"
        yield Left(wiki.path, f"yours; {how}")
        if answers["github"] and _from_top(SITE, around) not in listed:
            why = f"you publish {wiki.path} yourselves"
            yield Left(_from_top(SITE, around), why, is_there=False)
    shown = _from_top(_RENAMED[CHECKLIST], around)
    if around.checklist and answers["github"] and shown not in listed:
        why = f"tools such as gh would ask which template to use, and {around.checklist} is yours"
        yield Left(shown, why, is_there=False)
    if around.codeowners:
        yield Left(_from_top(around.codeowners, around), "yours; a second one would hide it")
    if not answers["github"]:
        is_asked = options.github is False or around.host.is_github
        why = "as you asked" if is_asked else f"{around.host.why}; --github adds it"
        yield Left(_from_top(".github/", around), why, is_there=False)
    for item in items:
        if item.state is State.REMOVED and not item.is_starter:
            yield Left(item.shown, f"removed by you; `--force {item.shown}` brings it back")
        elif item.changed and item.state is State.OUTDATED:
            yield Left(item.shown, "older than this version (see `incident init --upgrade`)")
        elif item.changed and (item.written or item.is_starter):
            yield Left(item.shown, "has local changes (see `incident init --diff`)")
        elif item.changed:
            yield Left(item.shown, "yours: ours has the same name and is not added")


def _is_their_ignore(item: Item) -> bool:
    return item.path.name == ".gitignore" and item.changed and not item.written


def _from_top(name: str, around: Surroundings) -> str:
    return shown_from(around.top / name, around.folder) + "/" * name.endswith("/")


def _item(path: Path, around: Surroundings, text: str, record: Record) -> Item:
    shown = shown_from(path, around.folder)
    try:
        if escapes(path, around.top):
            raise IncidentError(f"{path} is outside the repository", "remove the link")
        now = atomic_files.read_text(path) if path.exists() or path.is_symlink() else None
    except UnicodeDecodeError:
        now = ""
    except OSError as error:
        raise IncidentError(f"{path}: {error.strerror or error}", "remove or move it") from error
    written, kept = record.files.get(shown, ""), record.kept.get(shown, "")
    return Item(path, shown, text, now, written=written, kept=kept)
