"""Set up an empty or existing repository for postmortems.

The files are the ones that this project uses itself, so they are tested here. Existing files stay
as they are.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from incident import __version__
from incident.archive import files
from incident.drafts import installed_from
from incident.drafts.installed_from import Origin
from incident.errors import IncidentError, UsageError
from incident.postmortem import edit
from incident.repository import atomic_files, config, resources
from incident.repository.path_containment import escapes

EXAMPLE = "incidents/2025/2025-10-20-weekly-report-sorts-weeks-as-text.md"
GITHUB = (
    ".github/workflows/postmortems.yml",
    ".github/workflows/review-comment.yml",
    ".github/workflows/declare.yml",
    ".github/workflows/site.yml",
    ".github/workflows/stale-reviews.yml",
    ".github/ISSUE_TEMPLATE/incident.yml",
    ".github/PULL_REQUEST_TEMPLATE.md",
    ".github/CODEOWNERS",
)
# elsewhere most pull requests are about other things: this template is chosen by name
_RENAMED = {
    ".github/PULL_REQUEST_TEMPLATE.md": ".github/PULL_REQUEST_TEMPLATE/postmortem.md",
}
EDITOR = (
    ".vscode/tasks.json",
    ".vscode/settings.json",
    ".vscode/postmortem.code-snippets",
    ".devcontainer/devcontainer.json",
)
TEMPLATES = ("templates/postmortem.md.j2", "templates/postmortem-light.md.j2")

_SETUP = "run: make setup"
_ASK = "incident-docs[site] @ git+https://HOST/OWNER/incident-docs@COMMIT"
# the message appears in the log of a job that does not know what to install
_INSTALL = f"""\
run: pip install "${{INCIDENT_DOCS:?set the repository variable INCIDENT_DOCS, e.g. to {_ASK}}}"
        env: # where incident-docs comes from; the repository variable wins
          INCIDENT_DOCS: ${{{{ vars.INCIDENT_DOCS%s }}}}"""
# copying the example must not create a drill
_NO_INCIDENT = "drill: true  # an example, excluded from lists and metrics; delete it when you like"
_LIKELY = re.compile(
    r"post-?_?mortem|(?:^|[\W_])(?:rca|incident|retro)s?(?:[\W_]|$)", re.IGNORECASE
)
_NAMEABLE = re.compile(r"[\w./ -]+")
_NOT_OURS = frozenset({"node_modules", "dbt_packages", "target", "site", "venv", "dist", "build"})
_LOOK_AT = 20_000


@dataclass(frozen=True)
class Item:
    """A file to set up: where it goes, its text in this version, and the text that is there now.

    `path` is absolute, `shown` is for display. `now` is None if the file does not exist, and equals
    `text` if the repository has its own equivalent elsewhere.
    """

    path: Path
    shown: str
    text: str
    now: str | None

    @property
    def missing(self) -> bool:
        """The file does not exist yet."""
        return self.now is None

    @property
    def changed(self) -> bool:
        """The file exists with other content."""
        return self.now is not None and self.now.replace("\r\n", "\n") != self.text

    def diff(self) -> str:
        """A unified diff from this version's text to the existing file."""
        lines = difflib.unified_diff(
            self.text.splitlines(keepends=True),
            (self.now or "").replace("\r\n", "\n").splitlines(keepends=True),
            f"{self.shown} (incident {__version__})",
            self.shown,
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def plan(
    folder: Path,
    *,
    github: bool = True,
    editor: bool = False,
    templates: bool = False,
    origin: Origin | None = None,
) -> list[Item]:
    """The files that `folder` should have, in order; nothing is written.

    Workflows and forms go where GitHub looks for them, at the top of the git repository around
    `folder`; they install `origin` (default: what this copy was installed from). Raises
    ConfigError, UsageError if a workflow cannot refer to the folder, and IncidentError if something
    cannot be read.
    """
    folder = _absolute(folder)
    origin = origin or installed_from.recorded()
    top = _top(folder)
    below = folder.relative_to(top).as_posix()
    prefix = "" if below == "." else f"{below}/"
    settings = config.load(folder) if folder.is_dir() else config.Config(root=folder)
    if github and not _NAMEABLE.fullmatch(f"{prefix}{settings.archive}"):
        raise UsageError(
            f"a workflow cannot refer to the folder {prefix}{settings.archive}",
            "use only letters, digits, dots, hyphens and spaces, or pass --no-github",
        )
    chosen: list[tuple[Path, str, str]] = []
    if (folder / "incident.toml").is_file() or not config.has_table(folder):
        chosen.append((folder / "incident.toml", "templates/init/incident.toml", ""))
    chosen.append((folder / "mkdocs.yml", "mkdocs.yml", ""))
    if not _is_theirs(folder / "mkdocs.yml"):  # it would also publish their other pages
        chosen.append((folder / "mkdocs.public.yml", "mkdocs.public.yml", ""))
    if not (folder / ".gitignore").exists():
        chosen.append((folder / ".gitignore", "templates/init/.gitignore", ""))
    if next(files.postmortem_paths(settings.archive_dir), None) is None:
        place = settings.archive_dir / EXAMPLE.removeprefix("incidents/")
        chosen.append((place, EXAMPLE, ""))
    if templates:
        chosen += [(folder / name, name, "") for name in TEMPLATES]
    if github:
        chosen += [(top / _RENAMED.get(name, name), name, prefix) for name in GITHUB]
    if editor:
        chosen += [(folder / name, name, "") for name in EDITOR]
    return [
        _item(path, folder, _adapted(source, place, settings.archive, origin))
        for path, source, place in chosen
    ]


def write(items: Iterable[Item], force: Iterable[Path] = ()) -> Iterator[Item]:
    """Create missing files and overwrite those in `force`; yields each item written.

    Raises UsageError if `force` has a path that is not one of the items.
    """
    items = list(items)
    forced = {_absolute(path) for path in force}
    if unknown := forced - {item.path for item in items}:
        raise UsageError(
            f"{sorted(unknown)[0]} is not a file that `incident init` writes",
            "`incident init --dry-run` lists them",
        )
    for item in items:
        if item.missing:
            atomic_files.create_text(item.path, item.text)
            yield item
        elif item.changed and item.path in forced:
            atomic_files.write_text(item.path, item.text)
            yield item


def unarchived(folder: Path, archive_dir: Path) -> list[Path]:
    """Markdown files outside the archive that look like postmortems, sorted by path."""
    found, seen = [], 0
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in _NOT_OURS and here / name != archive_dir
        )
        for name in sorted(names):
            seen += 1
            path = here / name
            stem, dot, _ = name.lower().rpartition(".md")
            if dot and stem != "readme" and _LIKELY.search(path.relative_to(folder).as_posix()):
                found.append(path)
        if seen > _LOOK_AT:
            break
    return found


def advice(folder: Path) -> list[str]:
    """Manual steps, where the repository already has its own version of a file."""
    said = []
    if _is_theirs(folder / "mkdocs.yml"):
        said.append(
            "mkdocs.yml already exists: to publish the archive, add `- incident` under "
            "`plugins:` and `- incident` under `markdown_extensions:`"
        )
    ignored = folder / ".gitignore"
    if ignored.is_file() and "site" not in ignored.read_text("utf-8", "replace"):
        said.append("add `/site/` to .gitignore: `mkdocs build` writes there")
    return said


def _is_theirs(wiki: Path) -> bool:
    """Whether there is a mkdocs.yml that does not use our plugin."""
    return wiki.is_file() and not re.search(
        r"^\s*-\s*incident\b", wiki.read_text("utf-8", "replace"), re.M
    )


def _absolute(path: Path) -> Path:
    """Absolute, without `..`: a folder next to a repository is not in it."""
    return Path(os.path.normpath(path.absolute()))


def _top(folder: Path) -> Path:
    """The git repository around `folder`, else `folder` itself."""
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return parent
    return folder


def _item(path: Path, folder: Path, text: str) -> Item:
    shown = Path(os.path.relpath(path, folder)).as_posix()
    try:
        if escapes(path, _top(folder)):
            raise IncidentError(f"{path} is outside the repository", "remove the link")
        now = atomic_files.read_text(path) if path.exists() or path.is_symlink() else None
    except UnicodeDecodeError:
        now = ""
    except OSError as error:
        raise IncidentError(f"{path}: {error.strerror or error}", "remove or move it") from error
    return Item(path, shown, text, now)


def _adapted(source: str, prefix: str, folder: str, origin: Origin) -> str:
    """This project's file adapted to a repository: under `prefix`, with its archive in `folder`.

    Our workflows refer to the project folder as `./` and to its archive as `incidents/`, and
    install in one line.
    """
    text = (resources.root() / source).read_text(encoding="utf-8")
    if source.startswith(".github/"):
        text = text.replace(_SETUP, _installation(origin)).replace("./", f"./{prefix}")
        text = text.replace('"incidents/', f'"{prefix}{folder}/').replace(
            "/incidents/", f"/{prefix}{folder}/"
        )
    elif source.startswith(".devcontainer/"):
        text = text.replace("make setup", _container_setup(origin))
    elif source == "mkdocs.yml":
        text = text.replace("docs_dir: incidents", f"docs_dir: {edit.render(folder)}")
    elif source == EXAMPLE:
        text = text.replace("\ntags:", f"\n{_NO_INCIDENT}\ntags:", 1)
    elif source == "templates/init/incident.toml":
        text = text.replace('"incidents"', json.dumps(folder, ensure_ascii=False))
    return text


def _installation(origin: Origin) -> str:
    """The last lines of a workflow step: what to install, or why the step fails."""
    requirement = origin.requirement("site")
    text = _INSTALL % (f" || '{requirement}'" if requirement else "")
    return f"{text}\n          PIP_INDEX_URL: {origin.index}" if origin.index else text


def _container_setup(origin: Origin) -> str:
    """The setup command of a dev container, for JSON."""
    index = f"--index-url {origin.index} " if origin.index else ""
    if requirement := origin.requirement("site,lsp"):
        return f"pip install {index}'{requirement}'"
    return f"echo 'Install incident-docs manually, e.g. from {_ASK}' >&2; exit 1"
