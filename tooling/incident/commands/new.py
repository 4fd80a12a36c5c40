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
from incident.commands import Settings, _source_options
from incident.commands._param_types import Instant, Severity, not_ahead
from incident.drafts import new_draft
from incident.drafts.new_draft import Draft
from incident.errors import UsageError
from incident.postmortem import document, model, severity
from incident.repository import atomic_files
from incident.repository.config import STATUSES, Config, find_root
from incident.sources import Prefill, prefill
from incident.text.untrusted_text import one_line


class Percent(click.ParamType[float]):
    """A number, with or without its %."""

    name = "PERCENT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Turn the text into a number."""
        try:
            return float(str(value).strip().removesuffix("%"))
        except ValueError:
            raise click.BadParameter(f"{value!r} is no percentage; write 18", ctx, param) from None


_FACTORS: dict[str, tuple[str, str, str, Any]] = {
    "critical": (
        "--critical or --not-critical",
        "critical_use_case",
        "Is a critical use case hit (a close, a payment)",
        bool,
    ),
    "downstream": ("--downstream", "downstream_assets", "How many assets stand downstream", int),
    "magnitude": ("--magnitude", "magnitude", "How wrong is it, in percent", Percent()),
}


@dataclass(frozen=True)
class Given:
    """The command line, by click's names. `from_sources`: the options that sources declare."""

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
        """What click hands over."""
        own = {field.name for field in fields(cls)} & given.keys()
        others = {name: value for name, value in given.items() if name not in own}
        return cls(**{name: given[name] for name in own}, from_sources=others)

    @property
    def has_values(self) -> bool:
        """Whether anything is given that a new draft gets as a value."""
        values = (self.title, self.level, self.owner, self.detected_at, self.started_at)
        return any((*values, self.asset, self.tag, self.kind, self.channel))


def _check_times(detected_at: datetime | None, started_at: datetime | None, now: datetime) -> None:
    """Refuse what cannot be: the day becomes part of the id. Raises UsageError."""
    not_ahead("--detected-at", detected_at, now)
    not_ahead("--started-at", started_at, now)
    if detected_at and started_at and started_at > detected_at:
        raise UsageError(
            "--started-at lies after --detected-at", "the data was wrong before it was noticed"
        )


@click.command()
@click.argument("title", required=False)
@click.option(
    "--severity",
    "level",
    type=Severity(),
    help="P0 (most severe) to P3, or your own scale.",
)
@click.option("--owner", help="Team, or one handle, that answers for the postmortem.")
@click.option("--kind", type=click.Choice(model.KINDS), help="How the data is wrong.")
@click.option("--detected-at", type=Instant(), help="When it was noticed: 20m (ago), 09:40Z.")
@click.option("--started-at", type=Instant(), help="When the data began to be wrong: 3h, 06:00Z.")
@click.option("--asset", multiple=True, metavar="REF", help="What is wrong: dbt:model.shop.orders.")
@click.option("--tag", multiple=True, help="Free words for searching.")
@click.option(
    "--status",
    type=click.Choice(STATUSES),
    default="draft",
    show_default=True,
    help="How far it is.",
)
@click.option("--assess", is_flag=True, help="Propose the severity from three factors.")
@click.option("--critical/--not-critical", default=None, help="Factor: is a critical use case hit?")
@click.option("--downstream", type=click.IntRange(0), help="Factor: assets that stand downstream.")
@click.option(
    "--magnitude", type=Percent(), metavar="PERCENT", help="Factor: how wrong the data is."
)
@click.option("--channel", help="Chat channel (default: from `channel` in the configuration).")
@click.option("--drill", is_flag=True, help="A rehearsal: in no list, figure or issue.")
@_source_options.options
@click.option("--into", metavar="ID", help="Enrich this postmortem instead of a new one.")
@click.option("--edit/--no-edit", default=None, help="Open the editor (default: on a terminal).")
@click.option("--stdout", is_flag=True, help="Print the draft instead of creating a file.")
@_source_options.form_option
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Declare an incident: a draft postmortem in the archive.

    Asks for what is missing on a terminal. Prints only the path, so `code $(incident new …)`
    works. Nothing is ever overwritten.

    The options --from-… fill in what machines know already; with --into an existing postmortem
    gets what it lacks.
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
    """A new draft: from the command line, from sources, and from answers on the terminal."""
    names = [model.Asset(ref).name for ref in options.asset]
    found = _source_options.gather(options.from_sources, config, names, now)
    known = found or Prefill()
    _source_options.report(settings, known)
    title, owner = _title_and_owner(options, known)
    _must_be_given({"TITLE": title, **_needed_for_severity(options, known), "--owner": owner})
    title = one_line(_asked(title, "What is wrong, for whom"))
    if not title:
        raise UsageError("the title is empty", "say what is wrong, for whom, by how much")
    draft = _draft(options, known, title, now)
    path = new_draft.place(draft.id, config)
    if not options.stdout and path.exists():  # before anything is asked
        hint = "edit that file, or give another title"
        hint = f"--into {draft.id} enriches it" if found else hint
        raise UsageError(f"{_shown(path)} exists already", hint)
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
    """What was typed, else what sources know."""
    title = options.title if options.title is not None else known.title or None
    return title, options.owner if options.owner is not None else known.owner or None


def _needed_for_severity(options: Given, known: Prefill) -> dict[str, Any]:
    """By flag, what the severity is taken from."""
    if options.assess:
        return {flag: getattr(options, name) for name, (flag, *_) in _FACTORS.items()}
    return {"--severity": options.level or known.severity or None}


def _draft(options: Given, known: Prefill, title: str, now: datetime) -> Draft:
    """The draft, but for severity and owner."""
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
        settings.say(f"proposed severity {shown}: {severity.MEANINGS[level].title}")
        return shown, factors
    if options.level or known.severity:
        return severity.label(options.level or known.severity, aliases), factors
    return _ask_severity(settings, aliases), factors


def _advise(settings: Settings, draft: Draft, reason: str, config: Config) -> None:
    """What to do next. `reason`: why a source proposes that severity, or ""."""
    meaning = severity.MEANINGS[severity.level(draft.severity, config.severity_aliases)]
    settings.say(f"{draft.severity}: {meaning.title}")
    if reason:
        settings.say(f"  why      {reason}; confirm it")
    settings.say(f"  respond  {meaning.response}")
    settings.say(f"  tell     {meaning.told}, {meaning.by}")
    settings.say(f"  next     incident edit {draft.id}, then incident status {draft.id} in_review")
    settings.say(f"  message  incident message {draft.id} --kind declared")
    if draft.channel:
        settings.say(f"  channel  #{draft.channel}: create it, or change `channel`")
    else:
        settings.say(f"  channel  create #{draft.suggested_channel}, and name it in `channel`")
    if find_root(Path.cwd()) is None:
        settings.say("  note     no repository is here: the folder incidents/ is a new beginning")


def _seen_before(text: str, config: Config, settings: Settings) -> None:
    """The three nearest postmortems on stderr, with the action items they left open."""
    draft = document.parse(text, "draft")
    p = model.postmortem(draft)
    if settings.quiet or p.drill:
        return
    subject = similarity.of_entry(Entry(draft, p), config.language)
    found = similarity.nearest(subject, config, 3)
    if found:
        settings.say("  has this happened before?")
    for one in found:
        p = one.postmortem
        title = f"false alarm: {p.title}" if p.closed_as else p.title
        settings.say(f"    {p.path}: {title} ({'; '.join(one.why)})")
        for item in p.open_items:
            due = f", due {item.due}" if item.due else ", without a date"
            settings.say(
                f"      unfinished: {item.id} {item.title} ({item.owner or 'nobody'}{due})"
            )


def _enrich(settings: Settings, config: Config, options: Given, now: datetime) -> None:
    """`--into ID`: what a postmortem lacks, into it; what is there stays."""
    if options.has_values:
        raise UsageError(
            "--into takes what sources know, not a title or values", "write those into the file"
        )
    path = archive.find(config, options.into or "")
    found = archive.read(path, config)
    if found.faults:
        raise UsageError(f"{found.path}: {found.faults[0].message}", found.faults[0].hint)
    names = [asset.name for asset in model.postmortem(found).assets]
    known = _source_options.gather(options.from_sources, config, names, now)
    if known is None:
        flags = ", ".join(_source_options.flags())
        raise UsageError("--into needs a source", f"add one of {flags}")
    _source_options.report(settings, known)
    text, left = prefill.apply(found.text, known)
    for line in left:
        settings.say(f"warning: {line}")
    if options.stdout:
        _source_options.show_result(options.form, known, text=text)
        return
    if text == found.text:
        settings.say("nothing new")
    # somebody may have written since: what it lacks now is filled in
    atomic_files.change(path, lambda now: prefill.apply(now, known)[0])
    _source_options.show_result(options.form, known, path=_shown(path))


def _open(path: Path, settings: Settings) -> None:
    """In the editor; the draft is there whatever comes of it."""
    try:
        click.edit(filename=str(path))
    except click.ClickException as error:
        settings.say(f"note: no editor opened ({error.message}); set EDITOR, or pass --no-edit")


def _interactive() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _must_be_given(values: dict[str, Any]) -> None:
    """Without a terminal nothing can be asked: all that is missing is named at once."""
    missing = [flag for flag, value in values.items() if value is None]
    if not missing or _interactive():
        return
    verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
    also = "; for a severity P0..P3, or --assess" if "--severity" in missing else ""
    raise UsageError(
        f"{', '.join(missing)} {verb} missing",
        f"pass {them}: questions need a terminal{also}",
    )


def _asked(value: str | None, question: str) -> str:
    """The value, else an answer from the terminal."""
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
    """The three factors, asked for where they were not given."""
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
    """`path` from the working folder where it stands below, else absolute."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
