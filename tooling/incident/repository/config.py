"""Where the repository begins, and what its `[tool.incident]` says."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from incident import word_lists
from incident.errors import ConfigError
from incident.repository.path_containment import strays
from incident.text.lazy_regex import lazy

SEVERITIES = ("P0", "P1", "P2", "P3")
PROFILES = ("strict", "legacy")
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
MAX_BYTES = 1_000_000  # of a postmortem
STATUSES = ("draft", "in_review", "published", "closed")
_PLACES = frozenset({"archive", "dbt_manifest", "actions.tracker"})
_ADDRESS = lazy(r"(?:https?://[^\s\"'<>\\]+)?", re.IGNORECASE)
_ACCOUNT = lazy(r"(?:[A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\]|/[A-Za-z0-9_.-]+)?)?")


@dataclass(frozen=True)
class Names:
    """`allow`: words that are no people (servers, products, partners). `git_roster`: ask git."""

    allow: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    git_roster: bool = True


@dataclass(frozen=True)
class Intake:
    """`owners`: owners as dbt writes them to teams. `slack_*`: what marks a message to import."""

    owners: Mapping[str, str] = field(default_factory=dict)
    slack_reactions: tuple[str, ...] = ("pushpin", "round_pushpin", "timeline")
    slack_prefixes: tuple[str, ...] = ("!tl", "timeline:")


@dataclass(frozen=True)
class Review:
    """`lowest_status`: what may reach the main branch. `stale_days`: how long a review may take."""

    lowest_status: str = "draft"
    stale_days: int = 14


@dataclass(frozen=True)
class Actions:
    """How action items are tracked.

    `accounts`: per owner, a GitHub login, `org/team`, or "" for neither. `tracker`: a file (NDJSON)
    instead of GitHub. `milestones`: one for each due month. `remind_before`: days before the due
    date of the first reminder; `remind_every`: days between those after it.
    """

    accounts: Mapping[str, str] = field(default_factory=dict)
    tracker: str = ""
    milestones: bool = False
    remind_before: int = 2
    remind_every: int = 7


@dataclass(frozen=True)
class Config:
    """The configuration of one repository; every field has a default.

    `archive`: folder of the postmortems, relative to `root`. `rules`: per rule name, its level
    and options. `severity_aliases`: another scale to P0..P3. `wiki_url`: where the wiki is.
    `since`: rules bind incidents from that day on. `profile`: "strict", or "legacy" for documents
    of others: nothing blocks. `language`: of the word lists. `owners`: who may own an action item.
    `dbt_manifest`: a file.
    """

    root: Path = field(default_factory=Path.cwd)
    archive: str = "incidents"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity_aliases: Mapping[str, str] = field(default_factory=dict)
    wiki_url: str = ""
    since: str = ""
    profile: str = "strict"
    language: str = "en"
    owners: tuple[str, ...] = ()
    dbt_manifest: str = ""
    names: Names = field(default_factory=Names)
    intake: Intake = field(default_factory=Intake)
    review: Review = field(default_factory=Review)
    actions: Actions = field(default_factory=Actions)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def archive_dir(self) -> Path:
        """The archive's folder."""
        return self.root / self.archive

    def in_archive(self, shown: str) -> bool:
        """Whether a path as `relative` gives it is below the archive's folder."""
        return shown.startswith(f"{self.archive}/")

    def relative(self, path: Path) -> str:
        """`path` as diagnostics name it: from the repository, with forward slashes."""
        return shown_path(path_in(self.root, path))


def path_in(root: Path, path: Path) -> str:
    """`path` from `root`, where it is below it, with forward slashes."""
    full = Path(os.path.normpath(path.absolute()))
    return (full.relative_to(root) if full.is_relative_to(root) else path).as_posix()


def shown_path(path: str) -> str:
    """A path for people; a name that is no UTF-8 is shown, and written, with bytes as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def find_root(start: Path) -> Path | None:
    """The nearest folder at or above `start` with a configuration or a `.git`, or None."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / ".git").exists() or _table(folder) is not None:
            return folder
    return None


def load(root: Path, file: Path | None = None) -> Config:
    """Read the configuration of the repository at `root`, or from `file`.

    `incident.toml` wins over `[tool.incident]` of `pyproject.toml`; without either, the defaults.
    Raises ConfigError on TOML that cannot be read, unknown keys and values of the wrong type.
    """
    if file is not None:
        table = _read(file)
        table = (
            table.get("tool", {}).get("incident", {}) if file.name == "pyproject.toml" else table
        )
        return build(Config(root=root.absolute()), table, _where(file))
    found = _table(root)
    if found is None:
        return Config(root=root.absolute())
    table, source = found
    return build(Config(root=root.absolute()), table, _where(source))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest of `known`, else all of them."""
    import difflib

    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1)
    return f"did you mean `{close[0]}`?" if close else f"known: {', '.join(options)}"


def typed(owner: type, table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The values of `table` for the dataclass `owner`; lists become tuples.

    Raises ConfigError where a key is unknown, or a value is not of its default's type.
    """
    known = {f.name: f for f in fields(owner)}
    defaults = owner()
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"{where}: unknown key `{key}`", did_you_mean(key, known))
        default = getattr(defaults, key)
        if isinstance(default, tuple) and isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                raise ConfigError(f"{where}: `{key}` holds something that is no text")
            values[key] = tuple(value)
        elif isinstance(value, type(default)) and isinstance(value, bool) is isinstance(
            default, bool
        ):
            values[key] = value
        else:
            kind = "list" if isinstance(default, tuple) else type(default).__name__
            kind = {"str": "text", "int": "whole number", "bool": "true or false"}.get(kind, kind)
            raise ConfigError(f"{where}: `{key}` is {value!r}, which is no {kind}")
    return values


def has_table(folder: Path) -> bool:
    """Whether `folder` holds a configuration, in either file."""
    return _table(folder) is not None


def _table(folder: Path) -> tuple[dict[str, Any], Path] | None:
    own = folder / "incident.toml"
    if own.is_file():
        return _read(own), own
    project = folder / "pyproject.toml"
    if project.is_file() and "incident" in (tool := _read(project).get("tool", {})):
        return tool["incident"], project
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except RecursionError:
        raise ConfigError(f"{path}: it is nested too deep", "correct the TOML") from None
    except ValueError as error:  # also what is no UTF-8
        raise ConfigError(f"{path}: {error}", "correct the TOML") from error


def _where(file: Path) -> str:
    return f"{file}: [tool.incident]" if file.name == "pyproject.toml" else str(file)


_TABLES = ("names", "intake", "review", "actions", "rules", "severity_aliases")


def build(base: Config, table: Mapping[str, Any], where: str) -> Config:
    """`base` with the values of a table that is called `where`. Raises ConfigError."""
    known = {f.name for f in fields(Config)} - {"root"}
    for key in table:
        if key not in known:
            raise ConfigError(f"{where}: unknown key `{key}`", did_you_mean(key, known))
    for key in _TABLES:
        if not isinstance(table.get(key, {}), dict):
            raise ConfigError(f"{where}: `{key}` is no table")
    plain = {k: v for k, v in table.items() if k not in _TABLES}
    values = typed(Config, plain, where)
    aliases = table.get("severity_aliases", {})
    for alias, severity in aliases.items():
        if severity not in SEVERITIES:
            raise ConfigError(
                f"{where}: severity_aliases.{alias} is {severity!r}", f"one of {SEVERITIES}"
            )
    intake = Intake(**typed(Intake, table.get("intake", {}), f"{where} intake"))
    for owner, team in intake.owners.items():
        if not isinstance(team, str) or not team.strip():
            raise ConfigError(f"{where}: intake.owners.{owner} is {team!r}, which is no team")
    actions = _actions(table.get("actions", {}), f"{where} actions")
    for key, value in (*values.items(), ("actions.tracker", actions.tracker)):
        if key in _PLACES and strays(value, base.root):
            raise ConfigError(f"{where}: {key} {value!r} leads out of the repository")
    if not _ADDRESS.fullmatch(values.get("wiki_url", "")):
        raise ConfigError(f"{where}: wiki_url is {values['wiki_url']!r}", "write https://…")
    if values.get("profile", "strict") not in PROFILES:
        raise ConfigError(f"{where}: profile is {values['profile']!r}", f"one of {PROFILES}")
    language = values.get("language", "en")
    if language != "en" and language not in word_lists.languages():
        hint = did_you_mean(language, word_lists.languages())
        raise ConfigError(f"{where}: there are no word lists for language {language!r}", hint)
    review = Review(**typed(Review, table.get("review", {}), f"{where} review"))
    if review.lowest_status not in STATUSES:
        raise ConfigError(
            f"{where}: review.lowest_status is {review.lowest_status!r}", f"one of {STATUSES}"
        )
    return Config(
        **{
            **values,
            "root": base.root,
            "severity_aliases": aliases,
            "names": Names(**typed(Names, table.get("names", {}), f"{where} names")),
            "intake": intake,
            "review": review,
            "actions": actions,
            "rules": table.get("rules", {}),
        }
    )


def _actions(table: Mapping[str, Any], where: str) -> Actions:
    found = typed(Actions, table, where)
    for owner, account in found.get("accounts", {}).items():
        if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
            hint = 'a login ("mona"), a team ("org/team"), or "" for neither'
            raise ConfigError(f"{where}: accounts.{owner} is {account!r}", hint)
    actions = Actions(**found)
    if actions.remind_before < 0 or actions.remind_every < 1:
        raise ConfigError(f"{where}: remind_before is at least 0, remind_every at least 1")
    return actions
