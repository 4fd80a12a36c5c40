"""The public edition: which postmortems people outside may read, and what of them they may not.

`<!-- redact -->…<!-- /redact -->` marks a passage of the text, `redact: [owner, impact.consumers]`
keys of the frontmatter. What was taken away is kept as secrets, so that a site can be searched
for it before it goes out.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from incident.archive import Archive, Entry
from incident.archive.roster import is_person
from incident.errors import UsageError
from incident.postmortem import model
from incident.postmortem.document import Document
from incident.repository import resources
from incident.text.values import mapping

SHOWN = "[redacted]"
SHORT = 5  # a value of fewer characters says too little to be searched for
LONG = 20  # from so many characters on no other page may hold it by chance

_MARK = re.compile(r"<!--[ \t]*(?P<end>/)?redact[ \t]*-->", re.IGNORECASE)
_MARKUP = re.compile(r"[*_`~\[\]()<>|#!{}\\\n\r]+")
_TAG = re.compile(r"<[^>]*>")
_BETWEEN = re.compile(r"[\W_]+")


class Secret(NamedTuple):
    """Something that must not be in the site. `path`: its document; `where`: what it was there."""

    text: str
    path: str
    where: str
    everywhere: bool


def public(archive: Archive, keys: Sequence[str] = ()) -> tuple[Archive, list[Secret]]:
    """The archive for people outside, and what it must not hold.

    `keys`: frontmatter keys to take from every postmortem; `*` stands for every item of a list.
    Raises UsageError where a mark has no partner.
    """
    entries, secrets = [], []
    kept = {p.id for p in archive.postmortems if p.confidentiality == "public"}
    for entry in archive.entries:
        p = entry.postmortem
        if p.confidentiality == "public":
            document, found = _document(entry.document, keys, kept, archive.handles)
            entries.append(Entry(document, model.postmortem(document)))
            secrets += found
        else:
            hidden = {"id": p.id, "title": p.title, "impact.summary": p.impact_summary}
            for where, text in hidden.items():
                if len(text) >= LONG or where == "id":
                    secrets.append(Secret(text, p.path, where, True))
    return replace(archive, entries=tuple(entries), broken=()), [
        secret for secret in secrets if secret.text and secret.text not in kept
    ]


def leaks(text: str, secrets: Iterable[Secret], page_of: str | None = None) -> Iterator[Secret]:
    """The secrets that a file of the site holds; `page_of`: the document whose page it is."""
    raw = text.casefold()
    shown = plain(text)
    for secret in secrets:
        if secret.everywhere or secret.path == page_of:
            sought = plain(secret.text)
            if (sought and sought in shown) or secret.text.casefold() in raw:
                yield secret


def plain(text: str) -> str:
    """The words of a text alone: no tags, entities, punctuation, letter case."""
    return _BETWEEN.sub(" ", html.unescape(_TAG.sub(" ", text))).casefold().strip()


def _document(
    document: Document, keys: Sequence[str], kept: Collection[str], handles: Collection[str]
) -> tuple[Document, list[Secret]]:
    found = document.data.get("redact")
    own = [key for key in found if isinstance(key, str)] if isinstance(found, list) else []
    data: dict[str, Any] = json.loads(json.dumps(document.data))
    data.pop("redact", None)
    secrets = []
    if data.get("recurrence_of") not in kept:
        data.pop("recurrence_of", None)
    if isinstance(data.get("related"), list):
        data["related"] = [id_ for id_ in data["related"] if id_ in kept]
    for path in (*keys, *own):
        for value in _take(data, path.split(".")):
            for text in _texts(value):
                if len(text) >= SHORT and text not in vocabulary():
                    secrets.append(Secret(text, document.path, path, len(text) >= LONG))
    _anonymous(data, handles)
    body, passages = _body(document)
    for passage in passages:
        for text in _MARKUP.split(passage):
            if len(text.strip()) >= SHORT:
                everywhere = len(text.strip()) >= LONG
                secrets.append(Secret(text.strip(), document.path, "the text", everywhere))
    text = document.text[: document.meta.body] + body
    return Document(document.path, text, replace(document.meta, data=data)), secrets


def _anonymous(data: dict[str, Any], handles: Collection[str]) -> None:
    """Take away the people: roles keep their number alone, a person as owner is nobody."""
    roles = data.get("roles")
    if isinstance(roles, dict):
        for role, who in roles.items():
            roles[role] = [SHOWN] * len(who) if isinstance(who, list) else who and SHOWN
    if isinstance(data.get("reviewers"), list):
        data["reviewers"] = [SHOWN] * len(data["reviewers"])
    impact = data.get("impact")
    consumers = mapping(impact).get("consumers")
    places = [(data, "owner")]
    for found, key in ((data.get("action_items"), "owner"), (consumers, "team")):
        rows = found if isinstance(found, list) else []
        places += [(row, key) for row in rows if isinstance(row, dict)]
    for row, key in places:
        if isinstance(row.get(key), str) and is_person(row[key], handles):
            row[key] = ""
    if isinstance(data.get("observers"), list):
        data["observers"] = [
            name for name in data["observers"] if not is_person(str(name), handles)
        ]


def _body(document: Document) -> tuple[str, list[str]]:
    """The text below the frontmatter without its marked passages, and these."""
    parts, passages = [], []
    at, opened = document.meta.body, None
    for mark in _MARK.finditer(document.text, document.meta.body):
        if bool(mark["end"]) is (opened is None):
            raise _unmatched(document, mark)
        if opened is None:
            parts.append(document.text[at : mark.start()])
            opened = mark
        else:
            passages.append(document.text[opened.end() : mark.start()])
            blank = "\n" if "\n" in passages[-1].strip(" \t") else ""
            parts.append(f"{blank}{SHOWN}{blank}")
            at, opened = mark.end(), None
    if opened is not None:
        raise _unmatched(document, opened)
    return "".join([*parts, document.text[at:]]), passages


def _unmatched(document: Document, mark: re.Match[str]) -> UsageError:
    line = document.span(mark.start(), mark.end()).line
    return UsageError(
        f"{document.path}:{line}: `{mark[0]}` has no partner",
        "write <!-- redact --> before the passage and <!-- /redact --> after it",
    )


def _take(data: Any, path: Sequence[str]) -> Iterator[Any]:
    """Remove what stands at a path, and yield it."""
    step, rest = path[0], path[1:]
    if isinstance(data, list):
        chosen = data if step == "*" else data[int(step) : int(step) + 1] if step.isdigit() else []
        for item in chosen:
            if rest:
                yield from _take(item, rest)
    elif isinstance(data, dict) and step in data:
        if rest:
            yield from _take(data[step], rest)
        else:
            yield data.pop(step)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


@cache
def vocabulary() -> frozenset[str]:
    """The words that the schema itself gives: `committed` in a page betrays nobody."""
    schema = (resources.root() / "schemas" / "postmortem.schema.json").read_text(encoding="utf-8")
    words: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            words.update(word for word in value.get("enum", ()) if isinstance(word, str))
            for item in value.values():
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    collect(json.loads(schema))
    return frozenset(words)
