"""`incident new`: declare an incident."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from incident import archive
from incident.archive import Entry, similarity
from incident.commands import Settings, _source_options, examples
from incident.commands._param_types import Instant, Percent, Severity, Word, not_ahead
from incident.drafts import new_draft
from incident.drafts.new_draft import Draft
from incident.errors import UsageError
from incident.postmortem import document, model, severity
from incident.repository import atomic_files
from incident.repository.config import STATUSES, Config, find_root
from incident.sources import Prefill, prefill
from incident.text.untrusted_text import one_line

SECTION = "Declare"

_FACTORS: dict[str, tuple[str, str, str, Any]] = {
    "critical": (
        "--critical or --not-critical",
        "critical_use_case",
        "Is a critical use case affected (financial close, payments)",
        bool,
    ),
    "downstream": ("--downstream", "downstream_assets", "Number of downstream assets", int),
    "magnitude": ("--magnitude", "magnitude", "How far off is it, in percent", Percent()),
}


@dataclass(frozen=True)
class Given:
    """The command line, by click's names. `from_sources`: options declared by sources."""

    title: str | None
    level: str | None
    owner: str | None
    kind: str | None
    detected_at: datetime | None
    started_at: datetime | None
    asset: tuple[str, ...]
    tag: tuple[str, ...]
    status: str
    assess: bool
    critical: bool | None
    downstream: int | None
    magnitude: float | None
    drill: bool
    channel: str | None
    into: str | None
    edit: bool | None
    stdout: bool
    form: str
    from_sources: Mapping[str, Any]

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Given:
        """From click's values."""
        own = {field.name for field in fields(cls)} & given.keys()
        others = {name: value for name, value in given.items() if name not in own}
        return cls(**{name: given[name] for name in own}, from_sources=others)

    @property
    def has_values(self) -> bool:
        """Whether any value for a new draft is given."""
        values = (self.title, self.level, self.owner, self.detected_at, self.started_at)
        return any((*values, self.asset, self.tag, self.kind, self.channel))


def _check_times(detected_at: datetime | None, started_at: datetime | None, now: datetime) -> None:
    """Reject impossible times: the date becomes part of the id. Raises UsageError."""
    not_ahead("--detected-at", detected_at, now)
    not_ahead("--started-at", started_at, now)
    if detected_at and started_at and started_at > detected_at:
        raise UsageError(
            "--started-at is after --detected-at", "an incident starts before it is detected"
        )


@click.command(
    epilog=examples(
        'incident new "Revenue is 18% low" --severity P1 --owner data-platform',
        "incident new --from-dbt target --no-edit",
        "incident new --into revenue --from-git . --between 12h now",
    )
)
@click.argument("title", required=False)
@click.option(
    "--severity",
    "level",
    type=Severity(),
    help="P0 (most severe) to P3, or your own scale.",
)
@click.option("--owner", help="Owner of the postmortem: a team, or one GitHub handle.")
@click.option("--kind", type=Word(model.KINDS), help="Kind of data problem.")
@click.option("--detected-at", type=Instant(), help="When it was noticed: 20m (ago), 09:40Z.")
@click.option("--started-at", type=Instant(), help="When the data went wrong: 3h (ago), 06:00Z.")
@click.option(
    "--asset", multiple=True, metavar="REF", help="Affected asset: dbt:model.shop.orders."
)
@click.option("--tag", multiple=True, help="Tag for searching; may be repeated.")
@click.option(
    "--status",
    type=Word(STATUSES),
    default="draft",
    show_default=True,
    help="Status to start with.",
)
@click.option("--assess", is_flag=True, help="Suggest a severity from the three factors below.")
@click.option(
    "--critical/--not-critical", default=None, help="Factor: is a critical use case affected?"
)
@click.option("--downstream", type=click.IntRange(0), help="Factor: number of downstream assets.")
@click.option(
    "--magnitude", type=Percent(), metavar="PERCENT", help="Factor: how far off the data is."
)
@click.option("--channel", help="Chat channel (default: from `channel` in the configuration).")
@click.option("--drill", is_flag=True, help="A drill; excluded from lists, metrics and issues.")
@_source_options.options
@click.option("--into", metavar="ID", help="Add the facts to this postmortem instead of a new one.")
@click.option("--edit/--no-edit", default=None, help="Open an editor (default: on a terminal).")
@click.option("--stdout", is_flag=True, help="Print the draft instead of creating a file.")
@_source_options.form_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Declare an incident: create a draft postmortem.

    Prompts for missing values on a terminal. Prints only the path, so `code $(incident new …)`
    works. Never overwrites a file.

    The --from-… options prefill facts from dbt, GitHub, git and other sources; with --into, they
    fill gaps in an existing postmortem.
    """
    settings: Settings = ctx.obj
    options = Given.of(given)
    config = settings.config(Path.cwd())
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    _check_times(options.detected_at, options.started_at, now)
    if options.into:
        _enrich(settings, config, options, now)
    else:
        _declare(settings, config, options, now)


def _declare(settings: Settings, config: Config, options: Given, now: datetime) -> None:
    """Create a draft from the command line, the sources, and answers to prompts."""
    names = [model.Asset(ref).name for ref in options.asset]
    found = _source_options.gather(options.from_sources, config, names, now)
    known = found or Prefill()
    _source_options.report(settings, known)
    title, owner = _title_and_owner(options, known)
    _must_be_given({"TITLE": title, **_needed_for_severity(options, known), "--owner": owner})
    title = one_line(_asked(title, "What is wrong, for whom"))
    if not title:
        raise UsageError("the title is empty", "describe what is wrong, for whom, by how much")
    draft = _draft(options, known, title, now)
    path = new_draft.place(draft.id, config)
    if not options.stdout and path.exists():  # before prompting
        hint = "edit that file, or choose another title"
        hint = f"add the facts to it with --into {draft.id}" if found else hint
        raise UsageError(f"{_shown(path)} already exists", hint)
    level, factors = _severity(settings, options, known, config)
    owner = one_line(_asked(owner, "Owner (a team)")).lstrip("@")
    if not owner:
        raise UsageError("the owner is empty", "name one team: --owner data-platform")
    draft = replace(draft, severity=level, owner=owner, factors=factors)
    draft = _with_channel(draft, options, config)
    reason = "" if options.level or factors else known.reason * bool(known.severity)
    text = new_draft.render(draft, config)
    if found:
        text, left = prefill.apply(text, known)
        text = prefill.add_reason(text, level, reason) if reason else text
        for line in left:
            settings.say(f"warning: {line}")
    if options.stdout:
        _source_options.show_result(options.form, known, text=text)
        _seen_before(text, config, settings)
        return
    path = new_draft.create(draft, config, text)
    _source_options.show_result(options.form, known, path=_shown(path))
    _advise(settings, draft, reason, config)
    _seen_before(text, config, settings)
    if options.edit or (options.edit is None and _interactive() and sys.stdout.isatty()):
        _open(path, settings)


def _title_and_owner(options: Given, known: Prefill) -> tuple[str | None, str | None]:
    """As typed, else from the sources."""
    title = options.title if options.title is not None else known.title or None
    return title, options.owner if options.owner is not None else known.owner or None


def _needed_for_severity(options: Given, known: Prefill) -> dict[str, Any]:
    """The values that determine the severity, by flag."""
    if options.assess:
        return {flag: getattr(options, name) for name, (flag, *_) in _FACTORS.items()}
    return {"--severity": options.level or known.severity or None}


def _draft(options: Given, known: Prefill, title: str, now: datetime) -> Draft:
    """The draft without severity and owner."""
    draft = Draft(
        title,
        "",
        "",
        options.detected_at or now,
        options.started_at,
        options.kind or known.kind or None,
        options.status,
        tuple(one_line(ref) for ref in options.asset),
        tuple(dict.fromkeys(one_line(word) for word in options.tag)),
        drill=options.drill,
    )
    return _source_options.dated(draft, known, options.detected_at, options.started_at)


def _with_channel(draft: Draft, options: Given, config: Config) -> Draft:
    """The draft with its channel: typed, or named by the configuration; else a suggestion."""
    named = new_draft.channel(draft, config.channel or "inc-{date}-{slug}")
    given = one_line(options.channel or "").lstrip("#")
    return replace(
        draft, channel=given or (named if config.channel else ""), suggested_channel=named
    )


def _severity(
    settings: Settings, options: Given, known: Prefill, config: Config
) -> tuple[str, dict[str, Any]]:
    """The severity: typed, proposed from three factors, known to a source, or asked for.

    In the words of the team's own scale.
    """
    aliases = config.severity_aliases
    factors = _factors(options) if options.assess else {}
    if options.level is None and factors:
        level = severity.propose(
            factors["critical_use_case"], factors["downstream_assets"], factors["magnitude"]
        )
        shown = severity.label(level, aliases)
        settings.say(f"suggested severity {shown}: {severity.MEANINGS[level].title}")
        return shown, factors
    if options.level or known.severity:
        return severity.label(options.level or known.severity, aliases), factors
    return _ask_severity(settings, aliases), factors


def _advise(settings: Settings, draft: Draft, reason: str, config: Config) -> None:
    """Print next steps. `reason`: why a source suggests that severity, or ""."""
    meaning = severity.MEANINGS[severity.level(draft.severity, config.severity_aliases)]
    settings.say(f"{draft.severity}: {meaning.title}")
    if reason:
        settings.say(f"  why      {reason}; confirm it")
    settings.say(f"  respond  {meaning.response}")
    settings.say(f"  notify   {meaning.told}, {meaning.by}")
    settings.say(f"  next     incident edit {draft.id}")
    settings.say(f"           incident status {draft.id} in_review")
    settings.say(f"  message  incident message {draft.id} --kind declared")
    if draft.channel:
        settings.say(f"  channel  create #{draft.channel}, or change `channel`")
    else:
        settings.say(f"  channel  create #{draft.suggested_channel}, then set `channel`")
    if find_root(Path.cwd()) is None:
        settings.say("  note     not in a repository: created a new folder incidents/")


def _seen_before(text: str, config: Config, settings: Settings) -> None:
    """Print the three most similar postmortems on stderr, with their open action items."""
    draft = document.parse(text, "draft")
    p = model.postmortem(draft)
    if settings.quiet or p.drill:
        return
    subject = similarity.of_entry(Entry(draft, p), config.language)
    found = similarity.nearest(subject, config, 3)
    if found:
        settings.say("  similar incidents:")
    for one in found:
        p = one.postmortem
        title = f"false alarm: {p.title}" if p.closed_as else p.title
        settings.say(f"    {p.path}: {title} ({'; '.join(one.why)})")
        for item in p.open_items:
            due = f", due {item.due}" if item.due else ", no due date"
            settings.say(
                f"      still open: {item.id} {item.title} ({item.owner or 'no owner'}{due})"
            )


def _enrich(settings: Settings, config: Config, options: Given, now: datetime) -> None:
    """`--into ID`: fill gaps in a postmortem; existing values stay."""
    if options.has_values:
        raise UsageError(
            "--into only takes facts from sources, no title or values", "edit the file for those"
        )
    path = archive.find(config, options.into or "")
    found = archive.read(path, config)
    if found.faults:
        raise UsageError(f"{found.path}: {found.faults[0].message}", found.faults[0].hint)
    names = [asset.name for asset in model.postmortem(found).assets]
    known = _source_options.gather(options.from_sources, config, names, now)
    if known is None:
        flags = ", ".join(_source_options.flags())
        raise UsageError("--into requires a source", f"add one of {flags}")
    _source_options.report(settings, known)
    text, left = prefill.apply(found.text, known)
    for line in left:
        settings.say(f"warning: {line}")
    if options.stdout:
        _source_options.show_result(options.form, known, text=text)
        return
    if text == found.text:
        settings.say("nothing new")
    # the file may have changed meanwhile: fill its gaps as they are now
    atomic_files.change(path, lambda now: prefill.apply(now, known)[0])
    _source_options.show_result(options.form, known, path=_shown(path))


def _open(path: Path, settings: Settings) -> None:
    """Open the editor; the draft exists even if that fails."""
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        settings.say(f"note: no editor opened ({error.message}); set EDITOR, or pass --no-edit")


def _interactive() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _must_be_given(values: dict[str, Any]) -> None:
    """Without a terminal to prompt on, report all missing values at once."""
    missing = [flag for flag, value in values.items() if value is None]
    if not missing or _interactive():
        return
    verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
    also = " (a severity is P0 to P3, or use --assess)" if "--severity" in missing else ""
    raise UsageError(
        f"{', '.join(missing)} {verb} missing",
        f"pass {them}; there is no terminal to prompt on{also}",
    )


def _asked(value: str | None, question: str) -> str:
    """The value, else the answer to a prompt."""
    if value is not None:
        return value
    answer: str = click.prompt(question, err=True)
    return answer


def _ask_severity(settings: Settings, aliases: Mapping[str, str]) -> str:
    for name in severity.scale(aliases):
        settings.say(f"  {name}  {severity.MEANINGS[severity.level(name, aliases)].title}")
    answer: str = click.prompt("Severity", type=Severity(), err=True)
    return answer


def _factors(options: Given) -> dict[str, Any]:
    """The three factors; prompts for missing ones."""
    answers = {}
    for name, (_, key, question, kind) in _FACTORS.items():
        answer = getattr(options, name)
        if answer is None and kind is bool:
            answer = click.confirm(question, err=True)
        elif answer is None:
            answer = click.prompt(question, type=kind, err=True)
        answers[key] = answer
    return answers


def _shown(path: Path) -> str:
    """`path` relative to the working folder if it is below, else absolute."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
