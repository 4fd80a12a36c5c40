"""What is in a repository before anything is added: read once, changed never."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from incident import git
from incident.archive import owners
from incident.drafts import hosting, loose_yaml, package_managers, team_wiki
from incident.drafts.hosting import Hosting
from incident.drafts.package_managers import Used
from incident.drafts.setup_record import BRANCH
from incident.drafts.team_wiki import Wiki
from incident.errors import IncidentError, UsageError
from incident.git import default_branch
from incident.git.default_branch import Branch
from incident.repository import config
from incident.repository.config import CODEOWNERS, Config
from incident.text.values import mapping

SITE, OTHER_SITE = "site", "incident-site"  # where MkDocs writes, unless the team keeps files there
RUNNER = "ubuntu-latest"  # what our workflows run on unless the team's do not
_GITLAB = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_DEEP = 4  # folders between the top and a dbt project
_NOT_OURS = frozenset(
    {"node_modules", "dbt_packages", "target", "site", "venv", "dist", "build", "templates"}
)
_LIKELY = re.compile(
    r"post-?_?mortem|(?:^|[\W_])(?:rca|incident|retro)s?(?:[\W_]|$)", re.IGNORECASE
)
_LOOK_AT = 20_000
_LABEL = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class Surroundings:
    """A repository as it is. Paths are relative to `folder` unless they say otherwise.

    `folder`: where the configuration goes; `top`: the git repository around it; `prefix`: from
    there to the folder, "" or "a/b/". `codeowners`: the file that counts, from the top, or "".
    `team`: a team that it names. `dbt_projects`: folders ("" for this one), the highest only.
    `runner`: `runs-on` of the team's workflows, as YAML. `outer`: a folder further up that has an
    archive, from the top, or "". `checklist`: a template for pull requests, or "".
    """

    folder: Path
    top: Path
    prefix: str
    config: Config
    host: Hosting
    branch: Branch
    codeowners: str = ""
    team: str = ""
    wiki: Wiki | None = None
    dbt_projects: tuple[str, ...] = ()
    dbt_manifest: str = ""
    packages: Used = field(default_factory=Used)
    runner: str = RUNNER
    site: str = SITE
    checklist: str = ""
    outer: str = ""

    @property
    def has_own_wiki(self) -> bool:
        """Whether the team publishes pages of its own."""
        return self.wiki is not None

    @property
    def archive(self) -> str:
        """The archive's folder from the top of the repository, as workflows name it."""
        return f"{self.prefix}{self.config.archive}"


def detect(folder: Path, ours: frozenset[str], archive: str = "") -> Surroundings:
    """Look around `folder`; `ours` are names of workflows that are not the team's.

    `archive`: its folder, where no configuration names one yet. Raises ConfigError if there is an
    invalid configuration, and UsageError if it names another archive or git refuses to answer.
    """
    top = _top(folder)
    _must_answer(top)
    below = folder.relative_to(top).as_posix()
    settings = config.load(folder) if folder.is_dir() else Config(root=folder)
    if archive:
        asked = config.build(Config(root=folder), {"archive": archive}, "--archive")
        if config.has_table(folder) and asked.archive != settings.archive:
            fact = f"the archive is {settings.archive}/ already"
            raise UsageError(fact, f"move it, and change `archive` in {config.source(folder)}")
        settings = replace(settings, archive=asked.archive)
    projects = _dbt_projects(folder)
    outer = config.find_root(folder.parent) if folder != top else None
    named = [owner for owner in owners.codeowners(top) if "/" in owner]
    branch = default_branch.find(top)
    host = hosting.find(top, settings.actions.host)
    places = _GITLAB if host.is_gitlab else CODEOWNERS
    return Surroundings(
        folder,
        top,
        "" if below == "." else f"{below}/",
        settings,
        host,
        branch if BRANCH.fullmatch(branch.name) else Branch(""),
        next((name for name in places if (top / name).exists()), ""),
        named[0].rpartition("/")[2] if named else "",
        team_wiki.find(folder),
        projects,
        _manifest(folder, projects[0]) if len(projects) == 1 else "",
        package_managers.find(folder, top),
        _runner(top / ".github" / "workflows", ours),
        OTHER_SITE if tracked(folder, SITE) else SITE,
        _checklist(top),
        outer.relative_to(top).as_posix() if outer and config.is_archive(outer) else "",
    )


def tracked(folder: Path, path: str) -> bool:
    """Whether git tracks anything at `path`."""
    return bool(_said(folder, "ls-files", "-z", paths=(path,)))


def ignored(folder: Path, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that git ignores, so that nobody would commit them."""
    named = "\0".join(paths).encode("utf-8", "surrogateescape")
    return _said(folder, "check-ignore", "-z", "--stdin", stdin=named)


def _said(
    folder: Path, *command: str, paths: tuple[str, ...] = (), stdin: bytes = b""
) -> list[str]:
    """Paths that git prints; none where it cannot answer."""
    if not folder.is_dir() or not git.is_inside(folder):
        return []
    try:
        return git.run(folder, *command, paths=paths, stdin=stdin).paths
    except IncidentError:
        return []


def _must_answer(top: Path) -> None:
    """Raise UsageError if git refuses: the branch and the host would be guessed."""
    try:
        if git.is_inside(top):
            git.run(top, "rev-parse", "--git-dir")
    except git.Unavailable as error:
        if error.state is git.State.REFUSED:
            raise


def unarchived(folder: Path, archive_dir: Path) -> list[Path]:
    """Markdown files outside the archive that look like postmortems, sorted by path."""
    found = []
    for path in _walk(folder, archive_dir):
        stem, dot, _ = path.name.lower().rpartition(".md")
        if dot and stem != "readme" and _LIKELY.search(path.relative_to(folder).as_posix()):
            found.append(path)
    return found


def _walk(folder: Path, without: Path | None = None, deep: int = 99) -> Iterator[Path]:
    """The first files below `folder`, without hidden, installed and built ones."""
    seen = 0
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        depth = len(here.relative_to(folder).parts)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in _NOT_OURS
            and here / name != without
            and depth < deep
        )
        yield from (here / name for name in sorted(names))
        seen += len(names)
        if seen > _LOOK_AT:
            break


def _top(folder: Path) -> Path:
    """The git repository around `folder`, else `folder` itself."""
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return parent
    return folder


def _dbt_projects(folder: Path) -> tuple[str, ...]:
    """Folders with a dbt project, the ones closest to `folder`: deeper ones belong to tests."""
    found = [
        path.parent.relative_to(folder)
        for path in _walk(folder, deep=_DEEP)
        if path.name in {"dbt_project.yml", "dbt_project.yaml"}
    ]
    least = min((len(one.parts) for one in found), default=0)
    return tuple(one.as_posix().strip(".") for one in found if len(one.parts) == least)


def _manifest(folder: Path, project: str) -> str:
    """Where a dbt project writes its manifest."""
    place = f"{project}/" if project else ""
    files = [folder / f"{place}dbt_project{end}" for end in (".yml", ".yaml")]
    data, _ = loose_yaml.read(next(filter(Path.is_file, files), files[0]))
    target = data.get("target-path")
    plain = isinstance(target, str) and re.fullmatch(r"[\w-][\w./-]*", target)
    return f"{place}{str(target).strip('/') if plain else 'target'}/manifest.json"


def _checklist(top: Path) -> str:
    """The team's template for pull requests, from the top; "" if there is none."""
    for place in (top / ".github", top, top / "docs"):
        for path in sorted(place.glob("*")):
            if path.stem.lower() == "pull_request_template":
                return path.relative_to(top).as_posix()
    return ""


def _runner(workflows: Path, ours: frozenset[str]) -> str:
    """What most of the team's Linux jobs run on, as YAML; the default if some run on that."""
    found: Counter[str] = Counter()
    for path in sorted(workflows.glob("*.y*ml")):
        if path.name in ours:
            continue
        data, _ = loose_yaml.read(path)
        for job in mapping(data.get("jobs")).values():
            found.update(_labels(mapping(job).get("runs-on")))
    if not found or RUNNER in found:
        return RUNNER
    return found.most_common(1)[0][0]


def _labels(value: object) -> Iterator[str]:
    """`runs-on` as YAML on one line, if it is plain and not another system."""
    labels = value if isinstance(value, list) else [value]
    if isinstance(value, dict):
        listed = value.get("labels", [])
        labels = [value.get("group"), *(listed if isinstance(listed, list) else [listed])]
    words = [label for label in labels if isinstance(label, str) and _LABEL.fullmatch(label)]
    if not words or len(words) != len(labels) or re.search("windows|macos", " ".join(words), re.I):
        return
    if isinstance(value, dict):
        rest = f", labels: [{', '.join(words[1:])}]" if words[1:] else ""
        yield f"{{group: {words[0]}{rest}}}"
    else:
        yield f"[{', '.join(words)}]" if isinstance(value, list) else words[0]
