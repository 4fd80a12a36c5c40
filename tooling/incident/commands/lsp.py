"""`incident lsp`: the language server, for editors."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from incident.commands import Settings, examples
from incident.errors import UsageError

SECTION = "Learn"


@click.command(epilog=examples("incident lsp  # started by the editor"))
@click.option("--stdio", is_flag=True, hidden=True, help="Accepted because some editors pass it.")
@click.pass_context
def command(ctx: click.Context, /, stdio: bool) -> None:
    """Start the language server, for editors.

    Speaks the Language Server Protocol on stdin and stdout: diagnostics as you type, hover,
    completion, go to definition and quick fixes.
    """
    settings: Settings = ctx.obj
    try:
        from incident.lsp import server
    except ImportError:
        raise UsageError(
            "the language server is not installed", "pip install 'incident-docs[lsp]'"
        ) from None
    server.serve(settings.config_now, lambda: datetime.now(UTC))
