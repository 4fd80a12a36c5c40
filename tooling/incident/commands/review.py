"""`incident review`: what the postmortems in a pull request still need."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click

from incident import formats, review
from incident.commands import Settings, echo, examples
from incident.errors import EXIT_CLEAN, EXIT_DIAGNOSTICS, EXIT_FAILURE
from incident.git import subfolder
from incident.lint import failures, linter
from incident.repository import atomic_files
from incident.repository.config import Config
from incident.review import base as bases
from incident.review import page
from incident.review import stale as reviews
from incident.review import suggestions as fixes
from incident.rules import by_importance

SECTION = "Write"


@click.command(
    epilog=examples(
        "incident review",
        "incident review --base origin/release",
        "incident review --stale",
    )
)
@click.option(
    "--base",
    metavar="COMMIT",
    help="What to compare with. [default: in CI, what the run says; else origin's default branch]",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["markdown", "github"]),
    default="markdown",
    show_default=True,
    help="Markdown, or annotations for GitHub Actions.",
)
@click.option(
    "--summary",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also append the review as Markdown to this file.",
)
@click.option(
    "--suggestions",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write safe fixes of changed lines to this file, as JSON.",
)
@click.option(
    "--stale", is_flag=True, help="List postmortems that have been in review for too long."
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    base: str | None,
    output_format: str,
    summary: tuple[Path, ...],
    suggestions: Path | None,
    stale: bool,
) -> None:
    """Review the postmortems that a branch changes.

    Compares the branch with the point where it left --base: on GitHub and GitLab that of the pull
    request or merge queue, elsewhere origin's default branch. For each postmortem: what to fix, the
    status it is ready for, what the next status still requires, its action items and durations, and
    questions for the reviewer. In addition to the rules: the status only moves forward, a published
    P0 or P1 has a reviewer who was not a responder, every id is unique. Exits 1 if there are
    errors; warnings never fail.
    """
    settings: Settings = ctx.obj
    now = datetime.now(UTC)
    config = settings.config(Path.cwd())
    if stale:
        _stale(settings, config, now)
        return
    base = base or bases.find(config.root, os.environ)
    using = linter.make(config, now)
    outcome = review.run(using, base)
    top = subfolder.from_top(config.root)
    if suggestions:
        offered = fixes.find(using, outcome, base, top)
        text = json.dumps([one._asdict() for one in offered], ensure_ascii=False)
        atomic_files.write_text(suggestions, f"{text}\n")
    rendered = page.render(outcome, now)
    for path in summary:
        atomic_files.append_text(path, rendered + "\n")
    if output_format == "github":
        shown = formats.Report(
            tuple(by_importance(review.merged(outcome.diagnostics))),
            {one.document.path: one.document.text for one in outcome.reviews},
            wiki_url=using.config.wiki_url,
            top=top,
        )
        if outcome.reviews:
            settings.warn_of_gap(outcome.gap, annotate=True)
            settings.warn_without_dbt(using.config, annotate=True)
        click.echo(formats.render("github", shown), nl=False)
    else:
        echo(rendered)
    number = len(outcome.reviews)
    settings.say(f"{number} postmortem{'s' * (number != 1)} reviewed against {base}")
    if failures.happened(outcome.diagnostics):
        ctx.exit(EXIT_FAILURE)
    ctx.exit(EXIT_DIAGNOSTICS if outcome.blocks else EXIT_CLEAN)


def _stale(settings: Settings, config: Config, now: datetime) -> None:
    limit = config.review.stale_days
    found = reviews.waiting(config, now)
    echo(reviews.render(found, limit), nl=False)
    settings.say(f"{len(found)} in review for more than {limit} days")
