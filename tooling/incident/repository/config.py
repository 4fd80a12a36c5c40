"""The root of the repository, and its `[tool.incident]`."""

from __future__ import annotations

import os
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from incident import word_lists
from incident.errors import ConfigError
from incident.repository.path_containment import names_outside
from incident.text.lazy_regex import lazy

SEVERITIES = ("P0", "P1", "P2", "P3")
PROFILES = ("strict", "legacy")
CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")  # the first counts on GitHub
OWNER_FILES = (*CODEOWNERS, ".gitlab/CODEOWNERS")
MAX_BYTES = 1_000_000  # of a postmortem
STATUSES = ("draft", "in_review", "published", "closed")
_SERVER = lazy(r"(?:[A-Za-z0-9][A-Za-z0-9.-]*)?")
CHANNEL_VALUES = ("id", "date", "slug", "severity", "owner")
_ADDRESS = lazy(r"(?:https?://[^\s\"'<>\\]+)?", re.IGNORECASE)
_ACCOUNT = lazy(r"(?:[A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\]|/[A-Za-z0-9_.-]+)?)?")


def key(
    default: Any,
    description: str,
    *,
    choices: tuple[str, ...] | Callable[[], tuple[str, ...]] = (),
    is_path: bool = False,
    at_least: int | None = None,
) -> Any:
    """Declare a key with everything its check, its schema and its docs need.

    `choices`: allowed values, also of a table's entries; a function if they are looked up.
    `is_path`: must be below the root.
    """
    about = {
        "description": description,
        "choices": choices,
        "is_path": is_path,
        "at_least": at_least,
    }
    if isinstance(default, dict):
        return field(default_factory=dict, metadata=about)
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Names:
    """Names that the rules know."""

    allow: tuple[str, ...] = key((), "Words that are not people: servers, products, partners.")
    people: tuple[str, ...] = key((), "Colleagues who never committed.")
    git_roster: bool = key(True, "Whether to read colleagues from the git history.")
    nicknames: bool = key(
        True, "Whether to learn what people are called from handles, speakers and lists of people."
    )


@dataclass(frozen=True)
class Intake:
    """How `incident new` and `timeline import` read sources."""

    owners: Mapping[str, str] = key({}, "Maps owners as written in dbt to teams.")
    slack_reactions: tuple[str, ...] = key(
        ("pushpin", "round_pushpin", "timeline"), "Reactions that mark a message for the timeline."
    )
    slack_prefixes: tuple[str, ...] = key(
        ("!tl", "timeline:"), "Prefixes that mark a message for the timeline."
    )


@dataclass(frozen=True)
class Review:
    """How postmortems are reviewed."""

    lowest_status: str = key(
        "draft", "The lowest status that may reach the main branch.", choices=STATUSES
    )
    stale_days: int = key(14, "Days in review before a postmortem is reported as stale.")


@dataclass(frozen=True)
class Actions:
    """How action items are tracked."""

    accounts: Mapping[str, str] = key(
        {}, "Maps owners to a GitHub login or org/team; an empty string for neither."
    )
    tracker: str = key(
        "", "An NDJSON file instead of GitHub, or NAME:TARGET of another tracker.", is_path=True
    )
    milestones: bool = key(False, "Create one milestone per due month.")
    remind_before: int = key(2, "Days between the first reminder and the due date.", at_least=0)
    remind_every: int = key(7, "Days between reminders after the due date.", at_least=1)
    host: str = key("", "Host of a GitHub Enterprise server; its token is GH_ENTERPRISE_TOKEN.")


@dataclass(frozen=True)
class Config:
    """The configuration of one repository; every key has a default. `root` is not a key."""

    root: Path = field(default_factory=Path.cwd)
    archive: str = key(
        "incidents", "Folder with the postmortems, relative to the repository root.", is_path=True
    )
    select: tuple[str, ...] = key((), "Rules to run: names, codes or code prefixes (default: all).")
    ignore: tuple[str, ...] = key((), "Rules to skip.")
    severity_aliases: Mapping[str, str] = key(
        {}, "Your own severity scale: maps each name to P0, P1, P2 or P3.", choices=SEVERITIES
    )
    channel: str = key(
        "",
        "The name of a new incident's chat channel, made from {id}, {date}, {slug}, {severity} and "
        "{owner}, for instance inc-{date}-{slug}. Empty: a name is only suggested.",
    )
    wiki_url: str = key("", "URL of the wiki; diagnostics and issues link to it.")
    since: str = key(
        "", "Apply rules and reminders only to incidents on or after this date (YYYY-MM-DD)."
    )
    profile: str = key(
        "strict",
        "strict, or legacy for existing documents: errors become warnings.",
        choices=PROFILES,
    )
    language: str = key(
        "en",
        "Language of the word lists: a folder in `word_lists/`.",
        choices=word_lists.languages,
    )
    owners: tuple[str, ...] = key(
        (), "Valid owners of action items, in addition to CODEOWNERS and the dbt manifest."
    )
    dbt_manifest: str = key(
        "",
        "Path to dbt's manifest.json; assets and tests must then exist in it.",
        is_path=True,
    )
    public_redact: tuple[str, ...] = key(
        (
            "channel",
            "evidence",
            "lint",
            "observers",
            "reviewers",
            "roles",
            "action_items.*.issue",
            "action_items.*.proof",
        ),
        "Keys that the public edition removes from every postmortem.",
    )
    names: Names = field(default_factory=Names)
    intake: Intake = field(default_factory=Intake)
    review: Review = field(default_factory=Review)
    actions: Actions = field(default_factory=Actions)
    rules: Mapping[str, Mapping[str, Any]] = key(
        {}, "Level, start date and options of individual rules."
    )

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
    plain, above = os.path.normpath(path.absolute()), f"{root}{os.sep}"
    if plain.startswith(above):
        return plain[len(above) :].replace(os.sep, "/")
    full = Path(plain)
    return (full.relative_to(root) if full.is_relative_to(root) else path).as_posix()


def shown_path(path: str) -> str:
    """A path for people; bytes that are not UTF-8 are shown, and written, as escapes."""
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

    Raises ConfigError on an unknown key, or a value whose type differs from the default's.
    """
    known = {f.name: f for f in fields(owner) if f.name != "root"}
    defaults = owner()
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise ConfigError(f"{where}: unknown key `{name}`", did_you_mean(name, known))
        default = getattr(defaults, name)
        if isinstance(default, tuple) and isinstance(value, list):
            if not all(isinstance(item, str) for item in value):
                raise ConfigError(f"{where}: `{name}` must be a list of strings")
            values[name] = tuple(value)
        elif isinstance(value, type(default)) and isinstance(value, bool) is isinstance(
            default, bool
        ):
            values[name] = value
        else:
            kind = _KINDS.get(type(default), type(default).__name__)
            raise ConfigError(f"{where}: `{name}` must be {kind}, got {value!r}")
        _check(name, values[name], known[name].metadata, where)
    return values


def is_archive(folder: Path) -> bool:
    """Whether `folder` has a configuration, or postmortems where they are without one."""
    return (folder / Config().archive).is_dir() or has_table(folder)


_KINDS = {
    tuple: "a list",
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
}


def _check(name: str, value: Any, about: Mapping[str, Any], where: str) -> None:
    """Reject values that the key's declaration rules out."""
    choices, least = about.get("choices"), about.get("at_least")
    choices = choices() if callable(choices) else choices
    for shown, one in (
        [(f"{name}.{key}", one) for key, one in value.items()]
        if isinstance(value, dict)
        else [(name, value)]
    ):
        if choices and one not in choices:
            hint = did_you_mean(str(one), choices)
            raise ConfigError(f"{where}: invalid value {one!r} for `{shown}`", hint)
    if least is not None and value < least:
        raise ConfigError(f"{where}: `{name}` must be at least {least}, got {value}")


def source(root: Path) -> Path | None:
    """The file that has the configuration of the repository at `root`, or None."""
    found = _table(root)
    return found[1] if found else None


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
        raise ConfigError(f"{path}: nested too deeply", "correct the TOML") from None
    except ValueError as error:  # also text that is not UTF-8
        raise ConfigError(f"{path}: {error}", "correct the TOML") from error


def _where(file: Path) -> str:
    return f"{file}: [tool.incident]" if file.name == "pyproject.toml" else str(file)


def build(base: Config, table: Mapping[str, Any], where: str) -> Config:
    """`base` with the values of a table that is called `where`. Raises ConfigError."""
    config: Config = _built(Config, table, where, base.root, {"root": base.root})
    for owner, team in config.intake.owners.items():
        if not isinstance(team, str) or not team.strip():
            raise ConfigError(f"{where}: intake.owners.{owner} must name a team, got {team!r}")
    for owner, account in config.actions.accounts.items():
        if not isinstance(account, str) or not _ACCOUNT().fullmatch(account):
            hint = 'use a login ("mona"), a team ("org/team"), or "" for neither'
            fact = f"{where}: invalid value {account!r} for actions.accounts.{owner}"
            raise ConfigError(fact, hint)
    if not _SERVER().fullmatch(config.actions.host):
        fact = f"{where}: invalid value {config.actions.host!r} for actions.host"
        raise ConfigError(fact, "use a host name: git.example.com")
    for name in re.findall(r"\{([^{}]*)\}", config.channel):
        if name not in CHANNEL_VALUES:
            hint = did_you_mean(name, CHANNEL_VALUES)
            raise ConfigError(f"{where}: unknown value `{{{name}}}` in `channel`", hint)
    if not _ADDRESS().fullmatch(config.wiki_url):
        fact = f"{where}: invalid value {config.wiki_url!r} for wiki_url"
        raise ConfigError(fact, "use a full URL: https://…")
    archive = posixpath.normpath(config.archive)  # `./incidents/` would match no path
    if archive == ".":
        raise ConfigError(f"{where}: `archive` must be a folder below the repository's root")
    return replace(config, archive=archive)


def _built(
    owner: Any, table: Mapping[str, Any], where: str, root: Path, given: Mapping[str, Any]
) -> Any:
    """The dataclass `owner` from a table, with the tables in it."""
    tables = {f.name: f.default_factory for f in fields(owner) if is_dataclass(f.default_factory)}
    values = typed(owner, {k: v for k, v in table.items() if k not in tables}, where)
    for f in fields(owner):
        if f.metadata.get("is_path") and names_outside(values.get(f.name, f.default), root):
            named = values[f.name]
            raise ConfigError(f"{where}: {f.name} {named!r} is outside the repository")
    for name, kind in tables.items():
        below = table.get(name, {})
        if not isinstance(below, dict):
            raise ConfigError(f"{where}: `{name}` must be a table, got {below!r}")
        values[name] = _built(kind, below, f"{where} {name}", root, {})
    return owner(**given, **values)
