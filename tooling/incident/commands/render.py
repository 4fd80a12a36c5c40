"""`incident render`: the wiki's pages for any engine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from incident.commands import Settings, echo, examples, show_json
from incident.errors import UsageError
from incident.render import formats

SECTION = "Learn"
SHOWN = 5


@click.command(
    epilog=examples("incident render build/wiki", "incident render build/site --format html")
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(formats.names()),
    default="markdown",
    show_default=True,
    help="Markdown with a mkdocs.yml, a Hugo site, or complete HTML.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.pass_context
def command(ctx: click.Context, /, folder: Path, form: str, as_json: bool) -> None:
    """Write the wiki's pages for another engine to publish.

    All pages, sanitized. As Markdown, with a minimal mkdocs.yml, they are for Zensical, MkDocs or
    Backstage TechDocs; as HTML, they need no engine. Nothing in them has to be sanitized again. DIR
    must be empty, or from an earlier run. Prints DIR. It is the internal edition: the public one is
    built with MkDocs only.
    """
    try:
        from incident.render import contents, site_values
        from incident.render import folder as output
    except ImportError as error:
        raise UsageError(
            f"{error.name} is not installed", "run `pip install 'incident-docs[site]'`"
        ) from error

    settings: Settings = ctx.obj
    config = settings.config(Path.cwd())
    output.check(folder, config)
    chosen = formats.get(form)
    made = contents.make(config, site_values.read(config), chosen.layout, datetime.now(UTC).date())
    gone = output.write(folder, chosen.files(made))
    if as_json:
        report = {
            "folder": str(folder),
            "pages": len(made.pages),
            "files": len(made.files),
            "left_out": made.left_out,
            "dead_links": made.dead,
            "removed": gone,
        }
        show_json(report)
    else:
        echo(str(folder))
    for what, found in (("left out", made.left_out), ("a link leads nowhere", made.dead)):
        for line in found[:SHOWN]:
            settings.say(f"warning: {what}: {line}")
        if len(found) > SHOWN:
            settings.say(f"warning: {what}: and {len(found) - SHOWN} more")
    settings.say(f"{len(made.pages)} pages, {len(made.files)} other files")
