"""The `incident` command: one file for each subcommand, imported when it is called."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from incident import __version__, discovery
from incident.commands import _streams
from incident.errors import EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_USAGE, IncidentError
from incident.repository import config
from incident.repository.config import Config
from incident.text import untrusted_text


class LazyGroup(click.Group):
    """A group whose commands are the modules of a package, each with a `command`."""

    def __init__(self, *args: Any, package: str = __name__, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.package = package

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """The modules' names."""
        return discovery.names(self.package)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import one command."""
        if name not in discovery.names(self.package):
            return None
        command: click.Command = discovery.load(self.package, name).command
        if ctx.resilient_parsing:  # a shell asks what may follow
            discovery.load(__name__, "_completion").attach(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; a word that is none gets the closest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = config.did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"{error.message.rstrip('.')}; {hint}", ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an expected failure becomes two lines and an exit code."""
        try:
            return super().invoke(ctx)
        except IncidentError as error:
            complain(error.message, error.hint)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(EXIT_INTERRUPTED)
        except click.Abort as error:  # at a question
            if not isinstance(error.__context__, EOFError):
                ctx.exit(EXIT_INTERRUPTED)
            complain("there is no answer on stdin", "pass the values as options")
            ctx.exit(EXIT_USAGE)
        except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            complain(f"{place}{error.strerror or error}", "check the disk and its permissions")
            ctx.exit(EXIT_FAILURE)
        except Exception as error:
            if os.environ.get("INCIDENT_DEBUG"):
                raise
            complain(
                f"internal error: {type(error).__name__}: {error}",
                "set INCIDENT_DEBUG=1 for the traceback, and report it",
            )
            ctx.exit(EXIT_FAILURE)


def examples(*lines: str) -> str:
    """The end of a command's help, as click keeps it line by line."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def complain(message: str, hint: str = "") -> None:
    """Say on stderr what is wrong, and what to do."""
    click.echo(
        f"{click.style('error', fg='red', bold=True)}: {untrusted_text.shown(message)}", err=True
    )
    if hint:
        click.echo(f"{click.style(' help', bold=True)}: {untrusted_text.shown(hint)}", err=True)


def echo(text: object, nl: bool = True) -> None:
    """Print what others wrote, so that neither terminal nor log obeys it."""
    click.echo(untrusted_text.shown(str(text)), nl=nl)


def show_json(value: object) -> None:
    """`value` on stdout as JSON."""
    import json

    click.echo(untrusted_text.json_shown(json.dumps(value, indent=2, ensure_ascii=False)))


def _wants_color(choice: str) -> bool | None:
    """True or False where it was said, None to ask the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def colored(ctx: click.Context) -> bool:
    """Whether stdout gets colours."""
    return sys.stdout.isatty() if ctx.color is None else ctx.color


class Settings:
    """The global options."""

    def __init__(self, config_file: Path | None, quiet: bool) -> None:
        self.config_file = config_file
        self.quiet = quiet

    def config(self, start: Path) -> Config:
        """The configuration of the repository around `start`; the defaults outside of any."""
        start = start.absolute()
        root = config.find_root(start if start.is_dir() else start.parent)
        if self.config_file is not None:
            return config.load(root or Path.cwd(), self.config_file)
        return config.load(root) if root else Config(root=Path.cwd())

    def archive(self) -> Config:
        """The configuration here, for a command that reads; a word where nothing is to read."""
        found = self.config(Path.cwd())
        if not found.archive_dir.is_dir():
            self.say(
                f"warning: there is no folder {found.archive}/ in {found.root}; "
                "`incident init` makes one"
            )
        return found

    def warn_of_gap(self, gap: str, annotate: bool = False) -> None:
        """Report that names are checked without git's authors, where `gap` says why.

        Even with --quiet: without the authors, an error becomes a warning or is not found.
        """
        if not gap:
            return
        fact = f"names are checked without git's authors: {untrusted_text.shown_line(gap)}"
        if annotate:
            from incident.formats import github

            click.echo(github.warning("names", fact), err=True)
        else:
            click.echo(f"warning: {fact}", err=True)

    def say(self, text: str, is_styled: bool = False) -> None:
        """A line on stderr for people, unless they asked for quiet."""
        if not self.quiet:
            click.echo(text if is_styled else untrusted_text.shown(text), err=True)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 clean, 1 diagnostics, 2 usage or configuration, 3 internal or remote, "
    "130 interrupted.",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Configuration instead of the nearest incident.toml or pyproject.toml.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours; auto obeys NO_COLOR, FORCE_COLOR and the terminal.",
)
@click.option("-q", "--quiet", is_flag=True, help="No hints and summaries on stderr.")
@click.version_option(__version__, "-V", "--version", prog_name="incident")
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None, color: str, quiet: bool) -> None:
    """Postmortems as code, for data teams.

    Declare an incident with `incident new`, write it up, and have it judged by `incident lint`.
    """
    ctx.color = _wants_color(color)
    ctx.obj = Settings(config_file, quiet)


def main() -> None:
    """Entry point."""
    # a short run makes little garbage, and looking for it takes a tenth of its time
    gc.set_threshold(200_000, 20, 20)
    _streams.prepare()
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
        except OSError:  # nobody reads any more
            code = 1
    # leaving at once saves taking hundreds of modules apart
    os._exit(code if isinstance(code, int) else int(code is not None))
