"""`incident investigate`: the first hour's queries, filled in for one incident."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click

from incident.archive import query_results
from incident.commands import Settings, _editing, _manifest_option, echo, examples, show_json
from incident.commands._editing import Target
from incident.commands._param_types import Day
from incident.dbt import catalog, manifest, references
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Column
from incident.errors import EXIT_DIAGNOSTICS, EXIT_FAILURE, UsageError, uninterrupted
from incident.investigation import (
    evidence,
    files,
    plan,
    read_only,
    runner,
    surroundings,
    target_check,
)
from incident.investigation import report as reporting
from incident.investigation.evidence import Result
from incident.investigation.files import Kept
from incident.investigation.plan import Plan
from incident.investigation.report import Report
from incident.investigation.runner import Limits, Tool
from incident.investigation.tables import Reader
from incident.postmortem.model import Postmortem
from incident.repository.config import path_in
from incident.repository.queries import WAREHOUSES, Queries
from incident.text import untrusted_text
from incident.text.counts import count

SECTION = "Declare"


@click.command(
    epilog=examples(
        "incident investigate revenue",
        "incident investigate revenue --manifest ../shop/target/manifest.json",
        "incident investigate revenue --asset fct_orders --timestamp ordered_at",
        "incident investigate revenue --run --target prod",
    ),
)
@click.argument("postmortem", metavar="ID")
@_manifest_option.manifest
@click.option(
    "--warehouse",
    type=click.Choice(list(WAREHOUSES)),
    help="Dialect of the SQL (default: as the manifest says).",
)
@click.option(
    "--asset",
    "assets",
    metavar="NAME",
    multiple=True,
    help="Look at this asset (default: where it started, and what failed).",
)
@click.option(
    "--timestamp",
    metavar="COLUMN",
    default="",
    help="Column with a row's day, where dbt does not name one.",
)
@click.option(
    "--key", "keys", metavar="COLUMN", multiple=True, help="Unique key, where dbt has none."
)
@click.option(
    "--bad-row", metavar="SQL", default="", help="A condition that is true for a wrong row."
)
@click.option("--since", "first", type=Day(), help="First day (default: four weeks before).")
@click.option("--until", "last", type=Day(), help="Last day (default: today, or a week after).")
@click.option("--force", is_flag=True, help="Overwrite queries that were edited.")
@click.option("--run", "is_run", is_flag=True, help="Run the queries, and keep the results.")
@click.option("--yes", "-y", is_flag=True, help="Run without asking.")
@click.option(
    "--dbt",
    "dbt_command",
    metavar="COMMAND",
    default="dbt",
    show_default=True,
    help="dbt of your project, for --run.",
)
@click.option("--sqlmesh", metavar="COMMAND", help="Run with SQLMesh instead of dbt.")
@click.option("--target", "dbt_target", metavar="NAME", default="", help="dbt target, or gateway.")
@click.option(
    "--timeout",
    type=click.IntRange(1, 3600),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="Cancel a query that takes longer.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    postmortem: str,
    manifest_file: Path | None,
    warehouse: str | None,
    assets: tuple[str, ...],
    timestamp: str,
    keys: tuple[str, ...],
    bad_row: str,
    first: date | None,
    last: date | None,
    force: bool,
    is_run: bool,
    yes: bool,
    dbt_command: str,
    sqlmesh: str | None,
    dbt_target: str,
    timeout: int,
    output: str,
) -> None:
    """Write the first hour's queries for an incident, and run them.

    The queries are filled in with tables, columns, keys and failing tests from dbt's manifest (and
    catalog.json, if it is next to it), and written to `queries/` next to the postmortem: freshness,
    rows by day, first bad partition, null rates, duplicates, source against target, and before and
    after where the warehouse has time travel. They read counts, rates and days, never rows. It also
    shows who uses the data, and which commits changed the files.

    With --run, your own dbt runs them, with its profile and warehouse, after you have seen the SQL
    and agreed. The numbers are kept next to each query, and the result in words under `evidence`.
    Only counts, rates and days are kept. Exits 3 if a query fails (the others still run), and 1 if
    no query could be written.
    """
    settings: Settings = ctx.obj
    target = _editing.find(settings, postmortem)
    place = _manifest_option.place(manifest_file, target.config)
    known = manifest.read_manifest(place) if place else None
    if known and known.warning:
        settings.say(f"warning: {known.warning}")
    dialect = warehouse or _dialect(known)
    reader = Reader(dialect, known, _catalog(place), timestamp, keys)
    p = _in_manifest(target.postmortem, known)
    refs, others = plan.chosen(p, assets, known)
    if not refs:
        fact = "the incident names no assets"
        raise UsageError(fact, "add them to `impact.assets`, or name one with --asset")
    span = plan.window(p, datetime.now(UTC).date(), first, last)
    made = plan.make(p, refs, reader, Queries(target.config.root), span, bad_row)
    made = replace(made, others=tuple(others))
    written = files.write(made.queries, files.folder(target.path), force)
    report = _report(target, made, written, known, place)
    results: list[Result] = []
    if is_run:
        for line in reporting.around(report):
            settings.say(line)
        project = _project(place)
        tool = Tool("sqlmesh" if sqlmesh else "dbt", sqlmesh or dbt_command, project, dbt_target)
        limits = Limits(query_results.MOST_ROWS, timeout)
        chosen = _agreed(settings, written, tool, limits, made.dialect, yes)
        checks = [
            target_check.of(known, one.query.keys, sql, made.dialect) if known else ""
            for one, sql in chosen
        ]
        results = _run(settings, target, chosen, checks, tool, limits)
    if output == "json":
        show_json(reporting.as_json(report, results, evidence.suggestions(p, results)))
    elif is_run:
        for line in reporting.findings(results):
            echo(line)
        for line in reporting.suggested(evidence.suggestions(p, results), p.id):
            settings.say(line)
    else:
        for line in reporting.files(report):
            echo(line)
        for line in reporting.around(report):
            settings.say(line)
    if any(one.outcome.error for one in results):
        ctx.exit(EXIT_FAILURE)
    if not written:
        settings.say("no query could be written")
        ctx.exit(EXIT_DIAGNOSTICS)


def _agreed(
    settings: Settings, written: list[Kept], tool: Tool, limits: Limits, dialect: str, yes: bool
) -> list[tuple[Kept, str]]:
    """The queries to run, with their SQL, once it was shown. Raises UsageError."""
    chosen = []
    for one in written:
        sql = files.statement(one.text)
        problem = read_only.problem(sql, dialect) if one.state == "edited" else ""
        if one.state == "edited" and yes and not problem:
            problem = (
                "it was edited: run it in a terminal without --yes, or overwrite it with --force"
            )
        if one.query.is_own and yes and not problem:
            problem = "its template is not the packaged one: run it in a terminal without --yes"
        if problem:
            settings.say(f"warning: {one.path.name} does not run: {problem}")
        else:
            chosen.append((one, sql))
    if not chosen:
        raise UsageError("there is nothing to run", "see above for what was left out")
    shown = []
    for one, sql in chosen:
        mark = " (edited)" if one.state == "edited" else ""
        shown.append(f"\n-- {one.query.title}{mark}\n{sql}")
    with_what = f"{tool.command} in {tool.project}"
    most = f"at most {limits.rows} rows and {limits.seconds:g} s each"
    shown.append(f"\n{count(len(chosen), 'query', 'queries')} with {with_what}: {most}")
    if not (yes and settings.quiet):  # without the SQL, there is nothing to agree to
        click.echo(untrusted_text.shown("\n".join(shown)), err=True)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("no terminal to ask on before queries run", "add --yes")
        if not click.confirm("Run?", err=True):
            settings.say("nothing was run")
            return []
    return chosen


def _run(
    settings: Settings,
    target: Target,
    chosen: list[tuple[Kept, str]],
    checks: list[str],
    tool: Tool,
    limits: Limits,
) -> list[Result]:
    """Run the queries; what is finished is kept, even if the rest is interrupted."""
    results: list[Result] = []
    if not chosen:
        return results
    try:
        with closing(runner.run(tool, [sql for _, sql in chosen], limits, checks)) as outcomes:
            for outcome in outcomes:
                kept = chosen[outcome.number][0]
                results.append(evidence.result(kept, outcome, datetime.now(UTC)))
                settings.say(reporting.progress(results[-1]))
    finally:
        with uninterrupted():
            evidence.write(target.path, results)
    return results


def _project(place: Path | None) -> Path:
    """The folder of the dbt project: dbt writes target/ into it."""
    folder = place.absolute().parent.parent if place else Path.cwd()
    return folder if (folder / "dbt_project.yml").is_file() else Path.cwd()


def _in_manifest(p: Postmortem, known: Manifest | None) -> Postmortem:
    """The postmortem with its assets as nodes of the manifest, where they are in it."""
    if known is None:
        return p
    resolve = references.resolver(known)
    assets = tuple(one._replace(ref=resolve(one.ref)) for one in p.assets)
    failed = tuple(one._replace(asset=one.asset and resolve(one.asset)) for one in p.signatures)
    return replace(p, assets=assets, signatures=failed)


def _dialect(known: Manifest | None) -> str:
    """The warehouse by the manifest. Raises UsageError."""
    if known is None:
        fact = "no manifest.json was found, so the warehouse is unknown"
        raise UsageError(fact, "run `dbt parse` and pass --manifest, or name it with --warehouse")
    if known.adapter not in WAREHOUSES:
        fact = f"there are no queries for the adapter `{known.adapter}` of the manifest"
        raise UsageError(fact, f"choose the nearest with --warehouse: {', '.join(WAREHOUSES)}")
    return known.adapter


def _catalog(place: Path | None) -> dict[str, tuple[Column, ...]]:
    """The columns by dbt's catalog.json next to the manifest, if there is one."""
    found = place.with_name(catalog.NAME) if place else None
    return catalog.read(found) if found and found.is_file() else {}


def _report(
    target: Target, made: Plan, written: list[Kept], known: Manifest | None, place: Path | None
) -> Report:
    paths = [path_in(target.config.root, one.path) for one in written]
    if not known or not place or not made.keys:
        return Report(made, written, paths)
    folder = place.absolute().parent.parent  # dbt writes target/ in its project
    changes, problem = surroundings.changes(known, made.keys, folder, made.window)
    consumers = surroundings.consumers(known, made.keys)
    return Report(made, written, paths, consumers, changes, problem)
