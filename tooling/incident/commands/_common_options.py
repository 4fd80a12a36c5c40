"""What every command has: -q, -v and --color after it too, --json, and a word about ids."""

from __future__ import annotations

import os
from typing import Any

import click

_COLORS = ("auto", "always", "never")
_ID = "ID is any unique part of a postmortem's id, or the path of its file."


def attach(command: click.Command) -> None:
    """Add them to a command, unless it is a group or has its own."""
    if isinstance(command, click.Group):
        return
    if any((param.metavar or "").strip("[]") == "ID" for param in command.params):
        command.epilog = f"{_ID}\n\n{command.epilog}"
    taken = {flag for param in command.params for flag in param.opts}
    form = next((param for param in command.params if "--format" in param.opts), None)
    if form is not None and "--json" not in taken and "json" in getattr(form.type, "choices", ()):
        shorthand = click.Option(
            ["--json", form.name or ""], flag_value="json", help="Short for --format json."
        )
        command.params.append(shorthand)
    command.params += [one for one in _options() if taken.isdisjoint(one.opts)]


def wants_color(choice: str) -> bool | None:
    """True or False if decided, None to ask the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def _options() -> list[click.Option]:
    """The options of `incident` itself, hidden here: its help lists them."""
    shared: dict[str, Any] = {"expose_value": False, "hidden": True}
    return [
        click.Option(["-q", "--quiet"], is_flag=True, callback=_set("quiet"), **shared),
        click.Option(["-v", "--verbose"], is_flag=True, callback=_set("verbose"), **shared),
        click.Option(["--color"], type=click.Choice(_COLORS), callback=_color, **shared),
    ]


def _set(name: str) -> Any:
    def callback(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        if value and ctx.obj is not None:
            setattr(ctx.obj, name, True)

    return callback


def _color(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    here: click.Context | None = ctx
    while value and here is not None:  # errors are printed by the group
        here.color = wants_color(value)
        here = here.parent
