"""`incident completion`: the script that lets a shell complete words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from incident.commands import examples
from incident.errors import UsageError

SECTION = "Set up"


@click.command(
    epilog=examples(
        'eval "$(incident completion bash)"                        # in ~/.bashrc',
        'eval "$(incident completion zsh)"                         # in ~/.zshrc',
        "incident completion fish >~/.config/fish/completions/incident.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, /, shell: str) -> None:
    """Print a shell's completion script.

    It completes commands, options and rules, and the ids, owners and assets in your archive.
    """
    found = get_completion_class(shell)
    if found is None:
        raise UsageError(f"there is no completion for {shell}", "use bash, zsh or fish")
    click.echo(found(ctx.find_root().command, {}, "incident", "_INCIDENT_COMPLETE").source())
