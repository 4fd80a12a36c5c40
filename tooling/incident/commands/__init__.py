"""The `incident` command: one file for each subcommand, imported when it is called."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from incident import __version__, dbt, discovery
from incident.commands import _common_options, _streams
from incident.errors import EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_USAGE, IncidentError
from incident.repository import config, kept_patterns
from incident.repository.config import Config
from incident.text import lazy_regex, untrusted_text

_HELP_WIDTH = 80
# what other tools call it
_ELSEWHERE = {
    "check": "lint",
    "close": "status ID closed",
    "create": "new",
    "declare": "new",
    "done": "actions done ITEM",
    "duplicate": "status ID closed --as duplicate --of ID --reason …",
    "fix": "lint --fix",
    "publish": "status ID published",
    "search": "list --like TEXT",
    "sync": "actions sync",
    "view": "show ID",
}
_OF_COMMANDS = ("--json", "--format", "--dry-run")


class LazyGroup(click.Group):
    """A group whose commands are the modules of a package, each with a `command`."""

    def __init__(self, *args: Any, package: str = __name__, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.package = package
        self.loaded: set[str] = set()

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The names of the modules."""
        return discovery.names(self.package)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in discovery.names(self.package):
            return None
        command: click.Command = discovery.load(self.package, name).command
        if name not in self.loaded:
            _common_options.attach(command)
            self.loaded.add(name)
        if ctx.resilient_parsing:  # shell completion
            discovery.load(__name__, "_completion").attach(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; suggest the closest name for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = config.did_you_mean(args[0], self.list_commands(ctx))
            if not hint.startswith("did"):
                hint = f"list the commands with `{ctx.command_path} --help`"
            if self.package == __name__ and (known := _ELSEWHERE.get(args[0])):
                hint = f"use `incident {known}`"
            raise click.UsageError(f"{error.message.rstrip('.')}; {hint}", ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an expected failure becomes two lines and an exit code."""
        try:
            return super().invoke(ctx)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            complain_of_usage(error)
            ctx.exit(EXIT_USAGE)
        except IncidentError as error:
            complain(error.message, error.hint)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(EXIT_INTERRUPTED)
        except click.Abort as error:  # at a prompt
            if not isinstance(error.__context__, EOFError):
                ctx.exit(EXIT_INTERRUPTED)
            complain("no input on stdin to answer a prompt", "pass the values as options")
            ctx.exit(EXIT_USAGE)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            complain(f"{place}{error.strerror or error}", "check free space and permissions")
            ctx.exit(EXIT_FAILURE)
        except Exception as error:
            if os.environ.get("INCIDENT_DEBUG"):
                raise
            complain(
                f"internal error: {type(error).__name__}: {error}",
                "set INCIDENT_DEBUG=1 for the traceback, and please report it",
            )
            ctx.exit(EXIT_FAILURE)


def examples(*lines: str) -> str:
    """The end of a command's help, kept line by line."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def listed(rows: Iterable[tuple[str, str]]) -> str:
    """Names and what they mean, in columns, for a command's help of 80 columns."""
    import textwrap

    found = tuple(rows)  # `list` is a command of this package
    widest = max(len(name) for name, _ in found)
    lines = []
    for name, text in found:
        first, *more = textwrap.wrap(text, _HELP_WIDTH - widest - 4)
        lines += [f"{name:<{widest}}  {first}", *(" " * (widest + 2) + line for line in more)]
    return "\n".join(lines)


def complain(message: str, hint: str = "") -> None:
    """Print an error and a hint on stderr."""
    click.echo(
        f"{click.style('error', fg='red', bold=True)}: {untrusted_text.shown(message)}", err=True
    )
    if hint:
        click.echo(f"{click.style(' help', bold=True)}: {untrusted_text.shown(hint)}", err=True)


def complain_of_usage(error: click.UsageError) -> None:
    """Print click's errors in our style, with the command whose help explains it."""
    message = " ".join(error.format_message().split()).removesuffix(".").removesuffix(",")
    if choices := re.search(r" is not one of ('.*')$", message):
        known = choices[1].replace("'", "")
        message = f"{message[: choices.start()]} must be one of {known}"
    shown = message[:1].lower() + message[1:] if message[1:2].islower() else message
    path = error.ctx.command_path if error.ctx else "incident"
    fact, mark, hint = shown.partition("; ")
    if not mark:
        fact, mark, hint = shown.partition(". ")
        hint = hint[:1].lower() + hint[1:]
    complain(fact, hint if mark else f"see `{path} --help`")


def echo(text: object, nl: bool = True) -> None:
    """Print untrusted text, made safe for terminals and logs."""
    click.echo(untrusted_text.shown(str(text)), nl=nl)


def show_json(value: object) -> None:
    """`value` on stdout as JSON."""
    import json

    click.echo(untrusted_text.json_shown(json.dumps(value, indent=2, ensure_ascii=False)))


def colored(ctx: click.Context) -> bool:
    """Whether stdout gets colors."""
    return sys.stdout.isatty() if ctx.color is None else ctx.color


class Settings:
    """The global options."""

    def __init__(
        self, config_file: Path | None, quiet: bool = False, verbose: bool = False
    ) -> None:
        self.config_file = config_file
        self.quiet = quiet
        self.verbose = verbose
        self._configs: dict[Path | None, Config] = {}

    def config(self, start: Path) -> Config:
        """The configuration of the repository around `start`; the defaults outside of any."""
        start = start.absolute()
        root = config.find_root(start if start.is_dir() else start.parent)
        if root not in self._configs:
            self._configs[root] = self._read(root)
        return self._configs[root]

    def config_now(self, start: Path) -> Config:
        """The same, read again: it may change while a server runs."""
        self._configs.clear()
        return self.config(start)

    def _read(self, root: Path | None) -> Config:
        if self.config_file is not None:
            found = config.load(root or Path.cwd(), self.config_file)
        else:
            found = config.load(root) if root else Config(root=Path.cwd())
        if self.verbose:
            from incident.commands import _sources_read

            for name, text in _sources_read.lines(found, self.config_file):
                self.note(name, text)
        return found

    def note(self, name: str, text: str) -> None:
        """With --verbose, report what was read from where."""
        if self.verbose:
            self.say(f"{name + ':':<15}{text}")

    def archive(self) -> Config:
        """The configuration here, for a command that reads; warns if there is no archive."""
        found = self.config(Path.cwd())
        if not found.archive_dir.is_dir():
            self.say(
                f"warning: there is no folder {found.archive}/ in {found.root}; "
                "create it with `incident init`"
            )
        return found

    def warn_of_gap(self, gap: str, annotate: bool = False) -> None:
        """Report that names are checked without git's authors; `gap` is the reason.

        Even with --quiet: without the authors, an error becomes a warning or is missed.
        """
        if gap:
            fact = f"names are checked without git's authors: {untrusted_text.shown_line(gap)}"
            _warn("names", fact, annotate)

    def warn_without_dbt(self, found: Config, annotate: bool = False) -> None:
        """Report that nothing is checked against dbt, although a manifest is configured."""
        if gap := dbt.gap(found.root, found.dbt_manifest):
            fact = f"assets, tests and owners are not checked against dbt: {gap}"
            _warn("dbt", untrusted_text.shown_line(fact), annotate)

    def say(self, text: str, is_styled: bool = False) -> None:
        """Print a line on stderr, unless --quiet."""
        if not self.quiet:
            click.echo(text if is_styled else untrusted_text.shown(text), err=True)


def _warn(title: str, fact: str, annotate: bool) -> None:
    if annotate:
        from incident.formats import github

        click.echo(github.warning(title, fact), err=True)
    else:
        click.echo(f"warning: {fact}", err=True)


# the order in `incident --help`
_SECTIONS = ("Declare", "Write", "Act", "Learn", "Set up", "Other commands")


class _Incident(LazyGroup):
    """The command `incident`: its help lists the commands by what they are for."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the options before the command; an error in them has our style too."""
        try:
            return super().make_context(*args, **kwargs)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.NoSuchOption as error:
            if error.option_name in _OF_COMMANDS:
                fact = f"{error.option_name} is an option of a command"
                complain(fact, f"write it after the command: incident list {error.option_name}")
            else:
                complain_of_usage(error)
            raise click.exceptions.Exit(EXIT_USAGE) from None
        except click.UsageError as error:
            complain_of_usage(error)
            raise click.exceptions.Exit(EXIT_USAGE) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each purpose: `SECTION` of the commands' modules."""
        rows: dict[str, list[tuple[str, str]]] = {title: [] for title in _SECTIONS}
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        for name in names:
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                title = getattr(discovery.load(self.package, name), "SECTION", _SECTIONS[-1])
                rows[title].append((name, command.get_short_help_str(limit)))
        widest = max(map(len, names))
        for title, listed in rows.items():
            if listed:
                with formatter.section(title):
                    formatter.write_dl([(name.ljust(widest), text) for name, text in listed])


@click.group(
    "incident",
    cls=_Incident,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="-q, -v and --color also work after the command.\n\n"
    + examples(
        'incident new "Revenue is 18% low" --severity P1 --owner data-platform',
        "incident lint",
        "incident list --severity P0,P1 --since 90d",
    )
    + "\n\nExit codes: 0 clean, 1 diagnostics, 2 usage or configuration, 3 internal or remote "
    "failure, 130 interrupted.",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Configuration file (default: the nearest incident.toml or pyproject.toml).",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="When to use color; auto respects NO_COLOR, FORCE_COLOR and the terminal.",
)
@click.option("-q", "--quiet", is_flag=True, help="Hide hints and summaries on stderr.")
@click.option("-v", "--verbose", is_flag=True, help="Show which files and settings are read.")
@click.version_option(__version__, "-V", "--version", prog_name="incident")
@click.pass_context
def cli(
    ctx: click.Context, config_file: Path | None, color: str, quiet: bool, verbose: bool
) -> None:
    """Postmortems as code, for data teams."""
    ctx.color = _common_options.wants_color(color)
    ctx.obj = Settings(config_file, quiet, verbose)


def main() -> None:
    """Entry point."""
    # a short run creates little garbage, and collecting it takes a tenth of the time
    gc.set_threshold(200_000, 20, 20)
    _streams.prepare()
    kept = kept_patterns.patterns()
    if kept:
        lazy_regex.compile_with(kept.compile)
    code: object = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        cli(prog_name="incident")
    except SystemExit as done:
        code = done.code
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:  # the reader has gone
            code = 1
        if kept:
            kept.save()
    # exiting at once saves tearing down hundreds of modules
    os._exit(code if isinstance(code, int) else int(code is not None))
