"""`incident history`: what the archive knows of an asset, a change, or a failing run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click

from incident.archive import trust
from incident.commands import (
    Settings,
    _archive_option,
    _manifest_option,
    colored,
    examples,
    show_json,
)
from incident.dbt import manifest, references
from incident.errors import EXIT_DIAGNOSTICS, UsageError
from incident.formats import github
from incident.git import subfolder
from incident.history import (
    asset,
    asset_text,
    change_formats,
    change_report,
    links,
    past,
    project,
    relevance,
    touched,
)
from incident.history.past import Past
from incident.repository import atomic_files
from incident.repository.config import Config
from incident.text.account import Account
from incident.text.account import shown as account_lines
from incident.text.untrusted_text import shown_line

SECTION = "Learn"


@click.command(
    epilog=examples(
        "incident history fct_orders",
        "incident history --base origin/main",
        "incident history --base origin/main --archive ../postmortems",
        "incident history --base auto --comment     # in CI",
        "dbt build || incident history --failed target/",
    ),
)
@click.argument("assets", metavar="[ASSET]...", nargs=-1)
@click.option(
    "--base", metavar="COMMIT", help="Changes since HEAD branched off COMMIT; auto: from CI."
)
@click.option(
    "--failed",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A run's output: dbt's target/, SQLMesh output, OpenLineage events.",
)
@click.option(
    "--depth",
    type=click.IntRange(0, 20),
    default=3,
    show_default=True,
    help="With --base: how many steps downstream to look.",
)
@click.option(
    "--restricted", is_flag=True, help="With --base or --failed: include restricted incidents."
)
@click.option(
    "--public",
    is_flag=True,
    help="With --base or --failed: only incidents that are `confidentiality: public`.",
)
@_manifest_option.manifest
@_archive_option.option
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json", "markdown", "github"]),
    default="text",
    show_default=True,
    help="Output format; markdown and github only with --base or --failed.",
)
@click.option(
    "--summary",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also append as Markdown to FILE, e.g. $GITHUB_STEP_SUMMARY.",
)
@click.option(
    "--comment",
    is_flag=True,
    help="With --base, in CI: keep the report as one comment on the pull request.",
)
@click.option("-n", "--dry-run", is_flag=True, help="With --comment: do not post.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    assets: tuple[str, ...],
    base: str | None,
    failed: Path | None,
    depth: int,
    restricted: bool,
    public: bool,
    manifest_file: Path | None,
    archive_folder: Path | None,
    output: str,
    summary: Path | None,
    comment: bool,
    dry_run: bool,
) -> None:
    """Show the history of an asset, a change or a failing run.

    With ASSET, by name or reference: its trust state and why, its incidents, the checks that were
    promised and whether they exist, its open action items.

    With --base, in a dbt project: the incidents that matter for what the change touches and for
    what is downstream of it: those whose cause the change repeats, those with a promised check that
    is missing or that the change removes, and those that have not ended. Prints nothing if there
    are none, and never fails because of what it finds. With `--base auto`, the base comes from CI,
    as in `incident review`. --comment keeps one comment on the pull request up to date, on GitHub
    with the permission `pull-requests: write`, on GitLab with GITLAB_TOKEN; once there is nothing
    left to report, the comment says so.

    With --failed, for each failing check: whether it failed before, what it was, how it was fixed,
    how long that took, the runbook, and which team to ask. Exits 1, so that the job still fails,
    also if no check failed in these results: dbt may have stopped before it wrote any.
    """
    settings: Settings = ctx.obj
    if sum((bool(assets), base is not None, failed is not None)) != 1:
        raise UsageError(
            "name either assets, --base or --failed", "such as: incident history fct_orders"
        )
    if base is None and (comment or dry_run):
        raise UsageError("--comment and --dry-run need --base", "such as: --base auto --comment")
    if assets and summary:
        raise UsageError("--summary needs --base or --failed", "use --format json for assets")
    if public and (assets or restricted):
        raise UsageError("--public needs --base or --failed, without --restricted", "use one")
    config = _archive_option.find(settings, archive_folder)
    today = datetime.now(UTC).date()
    if base is not None:
        found, account = past.load(config, restricted=restricted)
        found = past.public(config) if public else found
        _report(settings, account)
        if base == "auto":
            from incident.review import base as bases

            base = bases.find(project.top(Path.cwd()), os.environ)
        place = _manifest_option.place(
            manifest_file, config, project.find(Path.cwd(), None), is_elsewhere=bool(archive_folder)
        )
        asked = _Asked(base, depth, place, output, summary, comment, dry_run)
        _change(settings, asked, config, found, today, colored(ctx))
        return
    if failed is not None:
        found, account = past.load(config, restricted=restricted)
        found = past.public(config) if public else found
        _report(settings, account)
        _failing(settings, failed, config, found, output, summary, colored(ctx))
        ctx.exit(EXIT_DIAGNOSTICS)
    if output not in {"text", "json"}:
        raise UsageError(
            f"--format {output} needs --base or --failed", "use text or json for assets"
        )
    place = _manifest_option.place(manifest_file, config, is_elsewhere=bool(archive_folder))
    found, account = past.load(config)
    _report(settings, account)
    known = manifest.read_manifest(place) if place else None
    if known:
        resolve = references.resolver(known)
        found, assets = past.resolved(found, resolve), tuple(map(resolve, assets))
    named = asset.find(assets, found, known, today)
    if output == "json":
        show_json([asset.as_json(one) for one in named])
        return
    for number, one in enumerate(named):
        lines = [*([""] if number else []), *asset_text.lines(one, colored(ctx))]
        click.echo("\n".join(lines), color=colored(ctx))


@dataclass(frozen=True)
class _Asked:
    """The options for a change. `manifest`: the file, None without one.

    `summary`: a file for the Markdown. `is_comment`, `is_dry`: whether to post it, or only to say
    so.
    """

    base: str
    depth: int
    manifest: Path | None
    output: str
    summary: Path | None
    is_comment: bool
    is_dry: bool


def _change(
    settings: Settings, asked: _Asked, config: Config, found: list[Past], today: date, color: bool
) -> None:
    """Print what matters for a change, and on stderr what of it was not understood."""
    folder = project.find(Path.cwd(), asked.manifest)
    files = project.changes(folder, asked.base)
    warnings = [f"{name} is too large and was left out" for name in files.too_large]
    if asked.manifest:
        known = manifest.read_manifest(asked.manifest)
        warnings += [known.warning] if known.warning else []
        found = past.resolved(found, references.resolver(known))
    else:
        known = touched.guessed(files.inside, past.by_asset(found))
        warnings.append(
            "no manifest.json: assets are matched by name, and what is downstream is not known "
            "(run `dbt parse`, or pass --manifest)"
        )
    source = f"changes since {asked.base}"
    change = touched.find(files.inside, known, asked.depth, source, past.by_asset(found))
    exists = trust.lookup(known.tests if asked.manifest else None)
    findings = relevance.find(change, found, exists, today)
    if files.inside:
        for warning in (*warnings, *change.warnings):
            _warn(settings, warning, asked.output)
    if _is_incomplete(change.account):
        settings.say(change.account.text)
    settings.note("change", f"{change.account.text}; {files.outside} outside {folder}")
    if asked.output == "json":
        show_json(change_report.as_json(change, findings))
    elif findings:
        if asked.output == "markdown":
            lines = change_formats.markdown(change, findings, links.find(config))
        elif asked.output == "github":
            lines = change_formats.notices(change, findings, folder)
        else:
            lines = change_formats.text(change, findings, color, sys.stdout.isatty())
        click.echo("\n".join(lines), color=color)
    page = list(change_formats.markdown(change, findings, links.find(config))) if findings else []
    _summarize(asked.summary, page)
    if asked.is_comment:
        from incident.commands import _pull_comment

        name, text = change_report.NAME, "\n".join(page[1:])
        place, host = subfolder.prefix(folder) or "", config.actions.host
        _pull_comment.post(settings, name, place, text, host=host, is_dry=asked.is_dry)


def _failing(
    settings: Settings,
    path: Path,
    config: Config,
    found: list[Past],
    output: str,
    summary: Path | None,
    color: bool,
) -> None:
    """Print what is known of each failing check. Raises NoFailureError if none failed."""
    from incident.history import failing_formats, seen_before
    from incident.sources import run_output

    try:
        run = run_output.read(path, config, datetime.now(UTC))
    except run_output.NoFailureError:
        if output == "json":
            show_json([])
        raise
    for line in account_lines(run.accounts):
        settings.note("run", line)
    for warning in run.warnings:
        _warn(settings, warning, output)
    every = seen_before.find(run.failing, found)
    _summarize(summary, failing_formats.markdown(every, links.find(config)))
    if output == "json":
        show_json([seen_before.as_json(one) for one in every])
    elif output == "markdown":
        click.echo("\n".join(failing_formats.markdown(every, links.find(config))))
    elif output == "github":
        click.echo("\n".join(failing_formats.notices(every)))
    else:
        click.echo("\n".join(failing_formats.text(every, color)).rstrip(), color=color)
    if all(one.failing.is_warning for one in every):
        raise run_output.NoFailureError(f"nothing failed in {path}: checks only warned")


def _warn(settings: Settings, fact: str, output: str) -> None:
    """A warning about the run: as an annotation where annotations are asked for."""
    if output == "github":
        click.echo(github.warning("incident history", shown_line(fact)), err=True)
    else:
        settings.say(f"warning: {fact}")


def _summarize(file: Path | None, lines: Iterable[str]) -> None:
    """Append Markdown to a file; an empty one leaves it alone."""
    if file and (text := "\n".join(lines)):
        atomic_files.append_text(file, f"{text}\n")


def _is_incomplete(account: Account) -> bool:
    """Whether files of the project were left out that may matter."""
    harmless = ("without a change to", "that dbt doesn't read")
    return any(not left.reason.startswith(harmless) for left in account.left_out)


def _report(settings: Settings, account: Account) -> None:
    """Report postmortems that cannot be read; the rest of the account only with --verbose."""
    for left in account.left_out:
        if left.reason == past.UNREADABLE:
            count = past.POSTMORTEM.counted(left.count)
            settings.say(f"warning: {count} cannot be read; run `incident lint`")
    settings.note("history", account.text)
