"""`incident edit`: a postmortem in the editor."""

from __future__ import annotations

import os
import sys

import click

from incident.commands import Settings, _editing, echo, examples
from incident.errors import UsageError
from incident.repository.config import path_in

SECTION = "Write"


@click.command(
    epilog=examples(
        "incident edit revenue",
        'EDITOR="code --wait" incident edit revenue',
    ),
)
@click.argument("postmortem", metavar="ID")
@click.pass_obj
def command(settings: Settings, /, postmortem: str) -> None:
    """Open a postmortem in your editor, and print its path.

    The editor is $VISUAL or, if that is not set, $EDITOR. Other commands change single values:
    `incident status`, `incident resolve`, `incident actions set`.
    """
    target = _editing.find(settings, postmortem)
    shown = path_in(target.config.root, target.path)
    chosen = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not chosen and not sys.stdin.isatty():
        raise UsageError("no terminal for an editor", f"set EDITOR, or open {shown}")
    try:
        click.edit(filename=str(target.path))
    except click.ClickException as error:
        hint = f'set EDITOR, like EDITOR="code --wait", or open {shown}'
        raise UsageError(f"could not start the editor `{chosen}`", hint) from error
    echo(shown)
    after = _editing.find(settings, str(target.path))
    is_same = after.document.text == target.document.text
    settings.say("no change" if is_same else f"changed; check it with `incident lint {shown}`")
