"""`incident export`: tables for a data warehouse."""

from __future__ import annotations

from pathlib import Path

import click

from incident.commands import Settings, examples

SECTION = "Learn"


@click.command(
    epilog=examples(
        "incident export --out tables",
        "incident export --out tables --format parquet --include-text",
    )
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Output folder.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv", "parquet"]),
    default="ndjson",
    show_default=True,
    help="Parquet requires: pip install 'incident-docs[parquet]'.",
)
@click.option("--include-text", is_flag=True, help="Include free text: causes, timeline, impact.")
@click.option("--include-people", is_flag=True, help="Include owners that are not teams.")
@click.pass_context
def command(
    ctx: click.Context, /, out: Path, form: str, include_text: bool, include_people: bool
) -> None:
    """Export the archive as tables for a data warehouse.

    Writes a full snapshot, byte for byte the same for the same commit: six tables and manifest.json
    (commit, row counts, sha256, columns). Excludes personal data, free text other than titles,
    drills, false alarms and duplicates. Prints the paths. `schemas/export/` describes the columns,
    also for BigQuery.
    """
    from incident import export

    settings: Settings = ctx.obj
    done = export.export(settings.config(Path.cwd()), out, form, include_text, include_people)
    for path in done.skipped:
        settings.say(f"warning: {path}: not exported; run `incident lint` for the reason")
    if done.gap:
        settings.say(f"warning: owners are checked without git's authors: {done.gap}")
    if done.removed:
        settings.say(f"removed {', '.join(done.removed)} from an earlier export")
    for table in done.counts:
        click.echo(out / f"{table}.{form}")
    click.echo(out / export.MANIFEST)
    counted = ", ".join(f"{count} {table}" for table, count in done.counts.items())
    settings.say(counted.replace("_", " "))
