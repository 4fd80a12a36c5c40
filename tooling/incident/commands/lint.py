"""`incident lint`: judge postmortems."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from incident import archive, document, formats, linter
from incident.commands import Settings, colored
from incident.config import Config
from incident.diagnostic import Diagnostic, Level
from incident.document import Document
from incident.errors import EXIT_CLEAN, EXIT_DIAGNOSTICS, UsageError
from incident.linter import Linter


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--output-format",
    type=click.Choice(formats.names()),
    default="full",
    envvar="INCIDENT_OUTPUT_FORMAT",
    help="How to show diagnostics.",
)
@click.option(
    "--select", multiple=True, metavar="RULE", help="Only these rules (name, code, INC3)."
)
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules.")
@click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    help="The name of what is read from stdin (PATH is -).",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    output_format: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    stdin_filename: Path | None,
) -> None:
    """Judge postmortems: owners, dates, blameless words, provable action items.

    PATHS are files, folders, or - for stdin; without any, the archive of this repository.
    Exits 1 if there is an error; warnings never block.
    """
    settings: Settings = ctx.obj
    now = datetime.now(UTC)
    linters: dict[Path, Linter] = {}

    def linter_for(path: Path) -> Linter:
        found = _narrow(settings.config(path), select, ignore)
        return linters.setdefault(found.root, linter.prepare(found, now))

    if not paths:
        here = settings.config(Path.cwd())
        if not here.archive_dir.is_dir():
            raise UsageError(
                f"there is no folder {here.archive}/ in {here.root}", "name the files to lint"
            )
        paths = (here.archive_dir,)
    diagnostics: list[Diagnostic] = []
    sources: dict[str, str] = {}
    for path in paths:
        using = linter_for(Path.cwd() / (stdin_filename or "-") if str(path) == "-" else path)
        for found in _documents(path, stdin_filename, using.config):
            if found.path in sources:
                continue
            sources[found.path] = found.text
            diagnostics += using.check(found)
    if not sources:
        settings.say("warning: no postmortem found")
    report = formats.Report(
        tuple(sorted(diagnostics, key=lambda d: d.sort_key)),
        sources,
        colored(ctx),
        next((one.config.wiki_url for one in linters.values()), ""),
    )
    click.echo(formats.render(output_format, report), nl=False, color=report.color)
    settings.say(_summary(report.diagnostics, len(sources)))
    failed = linter.worst(diagnostics) is Level.ERROR
    ctx.exit(EXIT_DIAGNOSTICS if failed else EXIT_CLEAN)


def _narrow(config: Config, select: tuple[str, ...], ignore: tuple[str, ...]) -> Config:
    split = [tuple(w for text in words for w in text.split(",") if w) for words in (select, ignore)]
    return dataclasses.replace(
        config, select=split[0] or config.select, ignore=config.ignore + split[1]
    )


def _documents(path: Path, stdin_filename: Path | None, config: Config) -> Iterable[Document]:
    if str(path) == "-":
        name = config.relative(stdin_filename) if stdin_filename else "-"
        raw = sys.stdin.buffer.read()
        return [document.parse_bytes(raw, name, config.severity_aliases)]
    return (archive.read(file, config) for file in linter.expand([path]))


def _summary(diagnostics: tuple[Diagnostic, ...], files: int) -> str:
    documents = f"{files} postmortem{'s' * (files != 1)}"
    if not diagnostics:
        return click.style(f"{documents}, nothing to mend", fg="green")
    counts = Counter(d.level for d in diagnostics)
    found = ", ".join(
        click.style(f"{counts[level]} {level}{'s' * (counts[level] != 1)}", bold=True)
        for level in Level
        if counts[level]
    )
    touched = len({d.path for d in diagnostics})
    return f"{found} in {touched} of {documents}; `incident rule NAME` explains a rule"
