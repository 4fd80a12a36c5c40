"""`incident lsp`: the language server, for editors."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from incident.commands import Settings
from incident.errors import UsageError


@click.command()
@click.option(
    "--stdio", is_flag=True, hidden=True, help="What it does anyway; some editors say it."
)
@click.pass_context
def command(ctx: click.Context, /, stdio: bool) -> None:
    """Speak the Language Server Protocol, for an editor.

    On stdin and stdout: diagnostics as one types, hover, completion and quick fixes.
    """
    settings: Settings = ctx.obj
    try:
        from incident.lsp import server
    except ImportError:
        raise UsageError(
            "the language server is not installed", "pip install 'incident-docs[lsp]'"
        ) from None
    server.serve(settings.config, lambda: datetime.now(UTC))
