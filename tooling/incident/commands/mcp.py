"""`incident mcp`: the archive for agents."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from incident import archive
from incident.commands import Settings, _archive_option, examples
from incident.errors import UsageError

SECTION = "Learn"


@click.command(
    epilog=examples("incident mcp  # started by the agent", "incident mcp --archive ~/postmortems")
)
@_archive_option.option
@click.pass_context
def command(ctx: click.Context, /, archive_folder: Path | None) -> None:
    """Start a read-only server of the archive, for agents.

    Speaks the Model Context Protocol on stdin and stdout: search and read incidents, an asset's
    history, open action items, rules and the guide. No tool writes, runs or fetches anything.
    Restricted incidents, drills and people are left out; what comes from postmortems is marked as
    data.
    """
    settings: Settings = ctx.obj
    try:
        from incident.mcp import server
    except ImportError:
        raise UsageError(
            "the server for agents is not installed", "pip install 'incident-docs[mcp]'"
        ) from None
    here = settings.config(Path.cwd())
    config = _archive_option.find(settings, archive_folder) if archive_folder else here
    archive.must_be_there(config)
    server.serve(config, lambda: datetime.now(UTC))
