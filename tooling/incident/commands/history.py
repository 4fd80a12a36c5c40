"""`incident history`: what the archive knows of an asset, a change, or a failing run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from incident.commands import Settings, colored, examples, show_json
from incident.dbt import manifest
from incident.dbt.manifest import Manifest
from incident.errors import UsageError
from incident.history import asset, asset_text, past
from incident.repository import config as configuration
from incident.repository.config import Config
from incident.text.account import Account

SECTION = "Learn"
_DEFAULT = Path("target") / "manifest.json"


@click.command(
    epilog=examples(
        "incident history fct_orders",
        "incident history dbt:model.shop.fct_orders --format json",
    ),
)
@click.argument("assets", metavar="[ASSET]...", nargs=-1)
@click.option(
    "--manifest",
    "manifest_file",
    type=click.Path(path_type=Path),
    help="dbt's manifest.json (default: dbt_manifest, or target/manifest.json).",
)
@click.option(
    "--archive",
    "archive_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Repository with the archive, if it is another one.",
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
    assets: tuple[str, ...],
    manifest_file: Path | None,
    archive_folder: Path | None,
    output: str,
) -> None:
    """Show the history of an asset: has this happened before?

    With ASSET, by name or reference: its trust state and why, its incidents, the checks that were
    promised and whether they exist, its open action items.
    """
    settings: Settings = ctx.obj
    if not assets:
        raise UsageError("nothing to look up", "name an asset: incident history fct_orders")
    config = _archive(settings, archive_folder)
    known = _manifest(manifest_file, config)
    found, account = past.load(config)
    _report(settings, account)
    named = asset.find(assets, found, known, datetime.now(UTC).date())
    if output == "json":
        show_json([asset.as_json(one) for one in named])
        return
    for place, one in enumerate(named):
        lines = [*([""] if place else []), *asset_text.lines(one, colored(ctx))]
        click.echo("\n".join(lines), color=colored(ctx))


def _archive(settings: Settings, folder: Path | None) -> Config:
    """The configuration of the archive: here, or in `folder`. Raises UsageError."""
    if folder is None:
        return settings.archive()
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "name the repository with the archive")
    root = folder.absolute()
    if not configuration.is_archive(root):
        root = configuration.find_root(root) or root
    found = configuration.load(root)
    if not found.archive_dir.is_dir():
        raise UsageError(
            f"there is no folder {found.archive}/ in {root}", "name the repository with the archive"
        )
    return found


def _manifest(file: Path | None, config: Config) -> Manifest | None:
    """The manifest that is named, configured, or where dbt writes it; None without one."""
    if file is not None:
        return manifest.read_manifest(file)
    if config.dbt_manifest:
        return manifest.configured(config.root, config.dbt_manifest)
    return manifest.read_manifest(_DEFAULT) if _DEFAULT.is_file() else None


def _report(settings: Settings, account: Account) -> None:
    """Report postmortems that cannot be read; the rest of the account only with --verbose."""
    for left in account.left_out:
        if left.reason == "that cannot be read":
            count = past.POSTMORTEM.counted(left.count)
            settings.say(f"warning: {count} cannot be read; run `incident lint`")
    settings.note("history", account.text)
