"""What `done` and `set` share: find one action item, and change its values."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import click

from incident import archive
from incident.commands import Settings, _editing
from incident.commands._editing import Target
from incident.errors import UsageError
from incident.postmortem import edit, frontmatter, model
from incident.postmortem.model import ActionItem, Postmortem
from incident.text.counts import some

CHECKS = ("two_weeks", "three_months")
_SHOWN = 10
_HINT = "list them with `incident actions list --all`"


class Found(NamedTuple):
    """An action item; or, without one, the follow-up check `check`."""

    target: Target
    item: ActionItem | None
    check: str = ""


def find(settings: Settings, text: str) -> Found:
    """What `ID/AI-1` names, with any unique part of the id; `AI-1` or an issue's `#12` alone.

    Also a follow-up check: `ID/two_weeks`. Raises UsageError.
    """
    head, _, name = text.replace("#", "/").rpartition("/")
    if head:
        target = _editing.find(settings, head)
        if name in CHECKS:
            return Found(target, None, name)
        items = [i for i in target.postmortem.action_items if i.id.casefold() == name.casefold()]
        if len(items) == 1:
            return Found(target, items[0])
        known = ", ".join(item.id for item in target.postmortem.action_items) or "none"
        fact = (
            f"{target.document.path} has {len(items) or 'no'} action item{'s' * (len(items) > 1)}"
        )
        raise UsageError(f"{fact} {name}", f"its action items: {known}")
    matches = [
        (p, item)
        for p in archive.load(settings.config(Path.cwd())).declared
        for item in p.action_items
        if _is(name, item, p)
    ]
    if len(matches) == 1:
        p, item = matches[0]
        return find(settings, f"{p.id}/{item.id}")
    if not matches:
        raise UsageError(f"no action item matches `{text}`", _HINT)
    shown = some([f"{p.id}/{item.id}" for p, item in matches], _SHOWN)
    fact = f"`{text}` matches {len(matches)} action items: {shown}"
    raise UsageError(fact, "name one as ID/AI-1")


def _is(name: str, item: ActionItem, p: Postmortem) -> bool:
    if name.isdecimal():
        return item.issue == int(name)
    return item.id.casefold() == name.casefold()


def write(
    ctx: click.Context, found: Found, values: Mapping[str, edit.Scalar], dry_run: bool
) -> bool:
    """Write values of the item, or of the follow-up, and show the diff."""

    def changed(text: str) -> str:
        place: frontmatter.Path = ("follow_up",)
        if found.item:
            place = ("action_items", _index(text, found.item.id))
        return edit.set_values(text, {(*place, key): value for key, value in values.items()})

    return _editing.write(ctx, found.target, changed, dry_run)


def _index(text: str, id_: str) -> int:
    """Where the item is in the text as it is now. Raises UsageError."""
    items = model.action_items(frontmatter.read(text).data)
    places = [item.index for item in items if item.id == id_]
    if len(places) != 1:
        raise UsageError(
            f"{id_} is missing or no longer unique", "check the file, then run it again"
        )
    return places[0]
