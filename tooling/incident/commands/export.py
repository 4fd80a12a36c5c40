"""`incident export`: the archive as tables for a warehouse."""

from __future__ import annotations

from pathlib import Path

import click

from incident.commands import Settings


@click.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder for the tables."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv", "parquet"]),
    default="ndjson",
    show_default=True,
    help="Parquet needs the extra: pip install 'incident-docs[parquet]'.",
)
@click.option("--include-text", is_flag=True, help="Also free text: causes, timeline, impact.")
@click.option("--include-people", is_flag=True, help="Also owners that are no teams.")
@click.pass_context
def command(
    ctx: click.Context, /, out: Path, form: str, include_text: bool, include_people: bool
) -> None:
    """Write the archive as tables, for a warehouse.

    A full snapshot, the same bytes for the same commit: six tables and manifest.json (commit, row
    counts, sha256, columns). No personal data, no free text but titles; no drills, false alarms or
    duplicates. Prints the paths. `schemas/export/` has the columns, also for BigQuery.
    """
    from incident import export

    settings: Settings = ctx.obj
    done = export.export(settings.config(Path.cwd()), out, form, include_text, include_people)
    for path in done.skipped:
        settings.say(f"warning: {path}: not exported: `incident lint` says why")
    if done.gap:
        settings.say(f"warning: owners are compared without git's authors: {done.gap}")
    if done.removed:
        settings.say(f"removed {', '.join(done.removed)} of an earlier export")
    for table in done.counts:
        click.echo(out / f"{table}.{form}")
    click.echo(out / export.MANIFEST)
    counted = ", ".join(f"{count} {table}" for table, count in done.counts.items())
    settings.say(counted.replace("_", " "))
