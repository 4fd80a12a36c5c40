"""The incidents of an archive as history needs them, remembered between runs.

A postmortem takes a few milliseconds to read, a remembered one a hundredth of that: a file whose
content has not changed is not read again.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident import archive
from incident.archive import files
from incident.history import change_kinds
from incident.postmortem.model import ActionItem, Asset, Postmortem
from incident.postmortem.signatures import Signature
from incident.repository import atomic_files, user_cache
from incident.repository.code_stamp import code_stamp
from incident.repository.config import Config
from incident.text.account import Account, Noun, Tally
from incident.text.digests import digest
from incident.text.plain_text import plain
from incident.text.untrusted_text import cut

if TYPE_CHECKING:
    from incident.postmortem.document import Document

UNREADABLE = "that cannot be read"
POSTMORTEM = Noun("postmortem", "postmortems")
# what history doesn't need, above all the people
_DROPPED = frozenset({"data", "roles", "observers", "reviewers", "consumers", "follow_up", "path"})
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'`(]?[A-Z0-9])")
_LENGTH = 240


@dataclass(frozen=True)
class Past:
    """An incident. `cause`, `fix`: in a sentence or two; `kinds`: of change that caused it."""

    postmortem: Postmortem
    cause: str = ""
    fix: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def runbooks(self) -> list[str]:
        """The runbooks that its action items name."""
        named = (item.verified_by for item in self.postmortem.action_items)
        return list(dict.fromkeys(
            ref.removeprefix("runbook:") for ref in named if ref.startswith("runbook:")
        ))  # fmt: skip


def load(
    config: Config, *, restricted: bool = True, remember: bool = True
) -> tuple[list[Past], Account]:
    """The incidents, newest first: without drills, false alarms and duplicates.

    Without `restricted`, also without those that not everybody may read. The account says how many
    postmortems were left out, and why. Without `remember`, nothing is written.
    """
    known = _read(config)
    tally = Tally(config.archive, POSTMORTEM, Noun("incident", "incidents"))
    fresh, found = {}, []
    for path in files.postmortem_paths(config.archive_dir):
        shown = config.relative(path)
        raw = files.read_bytes(path, config)
        if isinstance(raw, str):
            tally.leave(UNREADABLE, shown)
            continue
        content = digest(raw)
        past = _recalled(known.get(shown), content, shown)
        if past is None:
            document = archive.read(path, config)
            past = None if document.faults else of_document(document, config.language)
        fresh[shown] = [content, past]
        if past is None:
            tally.leave(UNREADABLE, shown)
        elif reason := _left_out(past.postmortem, restricted):
            tally.leave(reason)
        else:
            tally.take()
            found.append(past)
    is_new = fresh.keys() != known.keys() or any(known[k][:1] != v[:1] for k, v in fresh.items())
    if remember and is_new:
        _write(config, fresh)
    return _newest_first(found), tally.account


def public(config: Config) -> list[Past]:
    """The incidents of the public edition, newest first, without what it redacts."""
    from incident.archive import public_edition

    made = public_edition.sound(archive.load(config), config)
    found = [
        of_document(one.document, config.language)
        for one in made.archive.entries
        if not _left_out(one.postmortem, False)
    ]
    return _newest_first(found)


def _newest_first(found: list[Past]) -> list[Past]:
    return sorted(
        found, key=lambda one: (str(one.postmortem.date or ""), one.postmortem.id), reverse=True
    )


def of_document(document: Document, language: str) -> Past:
    """The values and sentences of a document."""
    from incident.postmortem import model

    p = model.postmortem(document)
    root_cause = document.section_text("root_cause")
    said = " ".join([p.title, " ".join(p.tags).replace("-", " "), plain(root_cause)])
    return Past(
        replace(p, **{name: _EMPTY[name] for name in _DROPPED - {"path"}}),
        _sentences(root_cause),
        _sentences(document.section_text("resolution")),
        change_kinds.of_text(said, language),
    )


def _left_out(p: Postmortem, restricted: bool) -> str:
    if p.drill:
        return "drills"
    if p.closed_as:
        return "false alarms or duplicates"
    return "restricted" if p.is_restricted and not restricted else ""


def _sentences(text: str) -> str:
    """The first sentences of the first paragraph, as long as they are short."""
    paragraph = next((part for part in re.split(r"\n\s*\n", text) if part.strip()), "")
    first, *others = _SENTENCE.split(plain(paragraph))
    for sentence in others:
        if len(first) + len(sentence) >= _LENGTH:
            break
        first += f" {sentence}"
    return cut(first.removesuffix(":"), _LENGTH)


_EMPTY: dict[str, Any] = {
    "data": {},
    "roles": {},
    "follow_up": {},
    "observers": (),
    "reviewers": (),
    "consumers": (),
}


# The cache: one JSON file for each repository, valid for one version of the code.


def _place(config: Config) -> Path:
    name = digest(str(config.root.resolve()).encode())
    return user_cache.place(f"history-{name}.json")


def _key(config: Config) -> str:
    return repr([code_stamp(), config.archive, config.language, dict(config.severity_aliases)])


def _read(config: Config) -> dict[str, Any]:
    try:
        content = json.loads(_place(config).read_bytes())
        if content["key"] == _key(config) and isinstance(content["files"], dict):
            found: dict[str, Any] = content["files"]
            return found
    except (OSError, ValueError, KeyError, TypeError, RuntimeError):
        pass
    return {}


def _write(config: Config, found: dict[str, Any]) -> None:
    content = {"key": _key(config), "files": found}
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        path = _place(config)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, default=_plain, ensure_ascii=False, separators=(",", ":"))
        atomic_files.write_text(path, text)


def _plain(value: object) -> Any:
    """A dataclass as the fields that differ from their defaults; a day or a time as text."""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    assert is_dataclass(value)
    return {
        field.name: content
        for field in fields(value)
        if field.name not in _DROPPED and (content := getattr(value, field.name)) != field.default
    }


def _recalled(entry: Any, digest: str, path: str) -> Past | None:
    """The remembered incident, or None if it is not valid for this content."""
    try:
        if entry is None or entry[0] != digest or entry[1] is None:
            return None
        raw = entry[1]
        values = raw["postmortem"]
        rows = {name: values.get(name, ()) for name in ("assets", "action_items", "signatures")}
        values["assets"] = tuple(Asset(*one) for one in rows["assets"])
        values["action_items"] = tuple(_item(one) for one in rows["action_items"])
        values["signatures"] = tuple(Signature(*one) for one in rows["signatures"])
        values["tags"], values["related"] = (tuple(values.get(k, ())) for k in ("tags", "related"))
        values["times"] = {k: datetime.fromisoformat(v) for k, v in values["times"].items()}
        for name in ("wrong_from", "wrong_to"):
            values[name] = _day(values.get(name))
        kinds = tuple(raw.get("kinds", ()))
        return Past(Postmortem(path, **values), raw.get("cause", ""), raw.get("fix", ""), kinds)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError):
        return None


def _item(values: dict[str, Any]) -> ActionItem:
    return ActionItem(
        **{**values, "due": _day(values.get("due")), "done_at": _day(values.get("done_at"))}
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def resolved(found: Iterable[Past], resolve: Callable[[str], str]) -> list[Past]:
    """The incidents with the references of their assets as `resolve` gives them."""
    return [
        replace(one, postmortem=replace(one.postmortem, assets=assets))
        if (assets := tuple(a._replace(ref=resolve(a.ref)) for a in one.postmortem.assets))
        != one.postmortem.assets
        else one
        for one in found
    ]


def by_asset(found: Iterable[Past]) -> dict[str, list[Past]]:
    """The incidents of each asset, by reference, in the given order."""
    listed: dict[str, list[Past]] = {}
    for one in found:
        for ref in dict.fromkeys(asset.ref for asset in one.postmortem.assets):
            listed.setdefault(ref, []).append(one)
    return listed
