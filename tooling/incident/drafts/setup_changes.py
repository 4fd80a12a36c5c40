"""Carry out the plan of `incident init`, bring its files up to date, or remove them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from incident.drafts import setup_record
from incident.drafts.repository_setup import (
    MKDOCS,
    Plan,
    absolute,
    record_item,
    shown_from,
)
from incident.drafts.setup_item import Item, State
from incident.drafts.setup_record import GONE, Record, mark
from incident.errors import UsageError
from incident.repository import atomic_files
from incident.repository.path_containment import escapes


def planned(found: Plan, force: Iterable[Path] = (), *, upgrade: bool = False) -> list[Item]:
    """The files that `write` would write, and the record if it is new.

    `upgrade`: also those that are out of date and that nobody changed. Raises UsageError if `force`
    has a path that is not one of the items.
    """
    forced = {absolute(path) for path in force}
    if unknown := forced - {item.path for item in found.items}:
        raise UsageError(
            f"{sorted(unknown)[0]} is not a file that `incident init` writes",
            "`incident init --dry-run` lists them",
        )
    chosen = [item for item in found.items if _is_written(item, item.path in forced, upgrade)]
    record = record_item(found.folder, found.record)
    return [*chosen, *[record] * record.missing]


def write(found: Plan, force: Iterable[Path] = (), *, upgrade: bool = False) -> Iterator[Item]:
    """Carry out what is planned; yields each file once it is written.

    `upgrade` also accepts what a team made of the other files. Raises as `planned`.
    """
    written, kept = dict(found.record.files), dict(found.record.kept)
    chosen = planned(found, force, upgrade=upgrade)
    for item in found.items:
        if item in chosen:
            create = atomic_files.create_text if item.now is None else atomic_files.write_text
            create(item.path, item.text)
            written[item.shown] = mark(item.text)
            kept.pop(item.shown, None)
            yield item
        elif item.state is State.SAME:
            written[item.shown] = mark(item.text)
        elif upgrade and item.drift:
            written[item.shown] = mark(item.text)
            kept[item.shown] = GONE if item.now is None else mark(item.now)
    source, branch = found.origin.source, found.around.branch.name
    record = record_item(found.folder, Record(written, kept, found.answers, branch, source))
    if record.now != record.text:
        atomic_files.write_text(record.path, record.text)
        if record.now is None:
            yield record


def _is_written(item: Item, is_forced: bool, upgrade: bool) -> bool:
    if is_forced:
        return item.now is None or item.changed
    return item.missing or (upgrade and item.state is State.OUTDATED)


def removable(found: Plan) -> tuple[list[Item], list[Item]]:
    """The files that are as init wrote them, and those that somebody changed since."""
    present = [item for item in found.items if item.now is not None and item.written]
    same = [i for i in present if not i.changed or mark(i.now or "") == i.written]
    return same, [item for item in present if item not in same]


def remove(found: Plan) -> Iterator[str]:
    """Delete the files that are as init wrote them, and what builds left; yields their names.

    Postmortems and changed files stay.
    """
    same, _ = removable(found)
    record = found.folder / setup_record.NAME
    for path in [*(item.path for item in same), *[record] * record.is_file()]:
        path.unlink()
        _remove_empty(path.parent, found.around.top)
        yield shown_from(path, found.folder)
    built = [found.folder / ".cache" / "incident"]
    if any(item.path.name == MKDOCS for item in same):
        sites = (found.folder / name for name in (found.around.site, "site-public"))
        built += [site for site in sites if (site / "incidents.json").is_file()]
    for folder in built:
        if folder.is_dir() and not escapes(folder, found.around.top):
            shutil.rmtree(folder)
            _remove_empty(folder.parent, found.around.top)
            yield f"{shown_from(folder, found.folder)}/"


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove folders that nothing is left in, up to the top."""
    while folder != top and folder.is_relative_to(top):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
