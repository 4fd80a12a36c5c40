"""`incident lint`: check postmortems."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import click

from incident import discovery, formats
from incident.archive.files import expand
from incident.commands import Settings, _lint_report, colored, complain, examples
from incident.diagnostic import Diagnostic, Level, worst
from incident.errors import EXIT_CLEAN, EXIT_DIAGNOSTICS, EXIT_FAILURE, IncidentError, UsageError
from incident.git import subfolder
from incident.lint import failures, linter, run
from incident.lint.linter import Linter
from incident.lint.selection import Changes
from incident.repository.config import PROFILES, Config, path_in

SECTION = "Write"
_LONG = 400  # show a progress bar from this many files


class LintOptions(NamedTuple):
    """The command line, by click's names."""

    paths: tuple[Path, ...]
    form: str
    output_file: Path | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    profile: str | None
    fix: bool
    unsafe_fixes: bool
    as_diff: bool
    changed_since: str | None
    staged: bool
    baseline: Path | None
    write_baseline: Path | None
    statistics: bool
    exit_zero: bool
    no_cache: bool
    jobs: int
    stdin_filename: Path | None

    @property
    def is_stdin(self) -> bool:
        """Whether the text comes from stdin."""
        return [str(path) for path in self.paths] == ["-"]

    def config(self, settings: Settings, start: Path) -> Config:
        """The configuration of the repository around `start`, as the options change it."""
        config = settings.config(start)
        return dataclasses.replace(
            config,
            select=_split(self.select) or config.select,
            ignore=config.ignore + _split(self.ignore),
            profile=self.profile or config.profile,
        )

    def changes(self, config: Config) -> Changes | None:
        """What git reports as changed, if only that is to be checked."""
        from incident.lint import selection

        if self.staged:
            return selection.staged(config.root)
        return selection.since(config.root, self.changed_since) if self.changed_since else None

    def exit_code(self, found: list[Diagnostic]) -> int:
        """Errors fail unless --exit-zero; warnings never do. An internal error is a failure."""
        if failures.happened(found):
            return EXIT_FAILURE
        blocks = worst(found) is Level.ERROR and not self.exit_zero
        return EXIT_DIAGNOSTICS if blocks else EXIT_CLEAN


class _Lint(click.Command):
    """A command whose help ends with the formats, as their modules describe them."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write them; they are loaded only for this."""
        with formatter.section("Formats"):
            formatter.write_dl(list(discovery.summaries(formats.__name__)))
        super().format_epilog(ctx, formatter)


@click.command(
    cls=_Lint,
    epilog=examples(
        "incident lint",
        "incident lint --fix incidents/2025",
        "incident lint --changed-since origin/main --format github",
    ),
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(formats.names()),
    default="full",
    show_default=True,
    envvar="INCIDENT_FORMAT",
    help="Output format.",
)
@click.option(
    "--output-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the output to this file.",
)
@click.option(
    "--select", multiple=True, metavar="RULE", help="Rules to run (name, code, or prefix: INC3)."
)
@click.option("--ignore", multiple=True, metavar="RULE", help="Rules to skip.")
@click.option("--profile", type=click.Choice(PROFILES), help="legacy: errors become warnings.")
@click.option("--fix", is_flag=True, help="Apply safe fixes.")
@click.option(
    "--unsafe-fixes", is_flag=True, help="Also replace names with roles (review the result)."
)
@click.option("--diff", "as_diff", is_flag=True, help="Show what --fix would change.")
@click.option(
    "--changed-since", metavar="REF", help="Only files changed since the merge base with REF."
)
@click.option("--staged", is_flag=True, help="Check only what is staged in git.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Hide the diagnostics recorded with --write-baseline.",
)
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write all diagnostics to this file and exit.",
)
@click.option("--statistics", is_flag=True, help="Show counts per rule instead of diagnostics.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even if there are errors.")
@click.option("--no-cache", is_flag=True, help="Ignore the cache.")
@click.option(
    "--jobs",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Number of processes; 0: one per core.",
)
@click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    help="File name for text from stdin (PATH is -).",
)
@click.pass_context
def command(ctx: click.Context, /, **given: Any) -> None:
    """Check postmortems and suggest fixes.

    Checks owners, dates, blameless language, and whether action items can be verified.

    PATHS are files, folders, unique parts of ids, or - for stdin (default: the archive of this
    repository). Exits 1 if there are errors; warnings never fail.
    """
    settings: Settings = ctx.obj
    options = LintOptions(**given)
    for file in (options.output_file, options.write_baseline):
        if file and not file.parent.is_dir():
            raise UsageError(f"folder {file.parent} does not exist", "create it first")
    if options.fix or options.as_diff:
        ctx.exit(_fix(settings, options))
    found = _run(settings, options)
    for gap in found.gaps:
        settings.warn_of_gap(gap, annotate=options.form == "github")
    if options.write_baseline:
        from incident.lint import baseline

        count = baseline.write(options.write_baseline, found.diagnostics, found.sources)
        settings.say(f"{count} diagnostics written to {options.write_baseline}")
        ctx.exit(EXIT_CLEAN)
    diagnostics = _new(found, options)
    if not found.files:
        settings.say("warning: no postmortems found")
    shown = formats.as_shown(options.form, diagnostics)
    _show(ctx, options, diagnostics if options.statistics else shown, found)
    if shown and options.form == "full" and sys.stdout.isatty():
        settings.say("")
    settings.say(_lint_report.summary(shown, found.files), is_styled=True)
    ctx.exit(options.exit_code(diagnostics))


def _show(
    ctx: click.Context, options: LintOptions, diagnostics: list[Diagnostic], found: run.Run
) -> None:
    """The diagnostics on stdout, or in --output-file."""
    settings: Settings = ctx.obj
    paths = options.paths
    config = settings.config(paths[0] if paths and not options.is_stdin else Path.cwd())
    color = colored(ctx) and not options.output_file
    if options.statistics:
        text = _lint_report.statistics(diagnostics)
    else:
        top = subfolder.from_top(config.root) if formats.needs_top(options.form) else ""
        report = formats.Report(tuple(diagnostics), found.sources, color, config.wiki_url, top)
        text = formats.render(options.form, report)
    if options.output_file:
        from incident.repository import atomic_files

        atomic_files.write_text(options.output_file, text)
    else:
        click.echo(text, nl=False, color=color)


def _run(settings: Settings, options: LintOptions) -> run.Run:
    """Check the given paths; files of several repositories each by their own rules."""
    now = datetime.now(UTC)
    if options.is_stdin:
        name = options.stdin_filename or Path("-")
        using = linter.make(options.config(settings, Path.cwd() / name), now)
        shown = using.config.relative(name) if options.stdin_filename else "-"
        return run.text(using, sys.stdin.buffer.read(), shown)
    runs = []
    for start, group in _by_repository(settings, options.paths):
        config = options.config(settings, start)
        settings.warn_without_dbt(config, annotate=options.form == "github")
        changes = options.changes(config)
        with _progress(settings, group) as progress:
            found = run.files(
                linter.make(config, now),
                group,
                use_cache=not options.no_cache,
                jobs=options.jobs,
                changes=changes,
                progress=progress,
            )
        runs.append(found)
    return run.join(runs)


def _by_repository(
    settings: Settings, paths: tuple[Path, ...]
) -> list[tuple[Path, tuple[Path, ...]]]:
    """The paths of each repository, with one to find its configuration from."""
    if not paths:
        here = settings.config(Path.cwd())
        if not here.archive_dir.is_dir():
            raise UsageError(
                f"there is no folder {here.archive}/ in {here.root}",
                "name the files to check, or start with `incident init`",
            )
        paths = (here.archive_dir,)
    groups: dict[Path, list[Path]] = {}
    roots: dict[Path, Path] = {}
    for path in (_named(settings, path) for path in paths):
        folder = path if path.is_dir() else path.parent
        if folder not in roots:
            roots[folder] = settings.config(path).root
        groups.setdefault(roots[folder], []).append(path)
    return [(group[0], tuple(group)) for group in groups.values()]


def _named(settings: Settings, path: Path) -> Path:
    """A file or folder; a word that is neither is any unique part of an id."""
    if os.path.lexists(path) or path.suffix == ".md" or len(path.parts) != 1:
        return path
    from incident import archive

    return archive.find(settings.config(Path.cwd()), str(path))


def _split(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for text in words for word in text.split(",") if word)


def _progress(
    settings: Settings, paths: tuple[Path, ...]
) -> AbstractContextManager[Callable[[int], None] | None]:
    """A progress bar on a terminal, if there are many files."""
    if settings.quiet or not sys.stderr.isatty() or not any(path.is_dir() for path in paths):
        return nullcontext()
    count = sum(1 for _ in expand(paths))
    if count < _LONG:
        return nullcontext()
    return _Bar(count)


class _Bar:
    """click's progress bar as a function that takes the number of files done."""

    def __init__(self, length: int) -> None:
        self._bar: Any = click.progressbar(length=length, label="linting", file=sys.stderr)

    def __enter__(self) -> Callable[[int], None]:
        update: Callable[[int], None] = self._bar.__enter__().update
        return update

    def __exit__(self, *details: Any) -> None:
        self._bar.__exit__(*details)


def _fix(settings: Settings, options: LintOptions) -> int:
    """Apply or show the fixes; the exit code."""
    now = datetime.now(UTC)
    failed: list[Diagnostic] = []
    done = [
        count
        for start, group in _by_repository(settings, options.paths)
        for count in _fix_files(
            settings, options, linter.make(options.config(settings, start), now), group, failed
        )
    ]
    files = len(done)
    settings.say(_lint_report.fixed(sum(done), len(done), options.as_diff))
    for one in failed:
        complain(f"{one.path}: {one.message}", one.hint)
    if failed:
        return EXIT_FAILURE
    if options.as_diff:
        return EXIT_DIAGNOSTICS if files else EXIT_CLEAN
    return options.exit_code(_new(_run(settings, options), options))


def _fix_files(
    settings: Settings,
    options: LintOptions,
    using: Linter,
    paths: tuple[Path, ...],
    failed: list[Diagnostic],
) -> Iterator[int]:
    """The number of fixes for each file that needs any.

    Internal errors are added to `failed`, and their files stay unchanged.
    """
    from incident.lint import fixes
    from incident.repository import atomic_files

    config = using.config
    _ = using.settings  # report an invalid configuration even without files
    narrowed = options.changes(config)
    settings.warn_of_gap(using.roster.gap)
    for path in expand(paths):
        shown = config.relative(path)
        if narrowed and shown not in narrowed.changed:
            continue
        text = run.readable(path, config)
        if text is None:
            continue
        try:
            fixed = fixes.fix_text(using, text, shown, options.unsafe_fixes)
        except IncidentError:
            raise
        except Exception as error:
            failed += failures.diagnostics(shown, [("fixing this file", error)])
            continue
        if fixed.text == text:
            continue
        if options.as_diff:
            click.echo(fixes.diff(text, fixed.text, path_in(config.root, path)), nl=False)
        else:
            again = partial(_again, using, text, fixed.text, shown, options.unsafe_fixes)
            atomic_files.change(path, again)
            for line in fixed.done:
                settings.say(f"{shown}:{line}")
        yield len(fixed.done)


def _again(using: Linter, text: str, fixed: str, shown: str, unsafe: bool, now: str) -> str:
    """The fixed text; if the file was written to meanwhile, its new text, fixed."""
    from incident.lint import fixes

    return fixed if now == text else fixes.fix_text(using, now, shown, unsafe).text


def _new(found: run.Run, options: LintOptions) -> list[Diagnostic]:
    """The diagnostics that are not in the baseline."""
    if not options.baseline:
        return found.diagnostics
    from incident.lint import baseline

    return baseline.new(found.diagnostics, baseline.read(options.baseline), found.sources)
