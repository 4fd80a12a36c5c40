"""The public edition: which postmortems are public, and which parts of them are not.

What a postmortem redacts (`incident.postmortem.redactions`), what the configuration redacts
everywhere and the people are taken away; the strings taken are `Edition.secrets`, so that the
sources, and every file of the site, can be searched for them before anything goes out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from incident.archive import Archive, Entry, secrets
from incident.archive.roster import is_person
from incident.archive.secrets import Redacted, Secret
from incident.errors import UsageError
from incident.postmortem import model, redactions
from incident.postmortem.document import Document
from incident.postmortem.redactions import Passage
from incident.repository.config import Config
from incident.text.lazy_regex import lazy
from incident.text.visible_words import VisibleWords, words_of

SHOWN = "[redacted]"
_PUBLISHED = ("owner", "action_items.*.owner", "impact.consumers.*.team", "impact.assets.*.ref")
_PEOPLE = ("roles", "reviewers")
_ADDRESS = lazy(r"https?://")
LONG = 20  # a match with an internal postmortem's title of this length is not a coincidence


@dataclass(frozen=True)
class Edition:
    """`archive`: the public part; `secrets`: strings that must not appear in it.

    `sources`: by the path of a public document, its text with every passage blanked, so that
    offsets are those of the file; `names`: the path of the file by the path it is published under;
    `internal`: the documents that nobody outside may read.
    """

    archive: Archive
    secrets: tuple[Secret, ...]
    sources: Mapping[str, Document]
    names: Mapping[str, str]
    internal: tuple[Document, ...]


def edition(archive: Archive, config: Config) -> Edition:
    """The archive for the public.

    Raises UsageError with file and line if a redaction is malformed or matches nothing, and
    ConfigError where the configuration names an unknown key.
    """
    redactions.check_keys(config.public_redact)
    chosen = [e for e in archive.entries if e.postmortem.confidentiality == "public"]
    broken = [_at(e.document, p) for e in chosen for p in redactions.problems(e.document)]
    if broken:
        raise UsageError(
            "cannot build the public edition: a redaction has no effect\n  " + "\n  ".join(broken),
            "`incident lint` shows each on its line",
        )
    return _edition(archive, chosen, config)


def sound(archive: Archive, config: Config) -> Edition:
    """Like `edition`, for public postmortems with valid redactions only: for the linter."""
    chosen = [
        e
        for e in archive.entries
        if e.postmortem.confidentiality == "public" and not redactions.problems(e.document)
    ]
    return _edition(archive, chosen, config)


def _edition(archive: Archive, chosen: Sequence[Entry], config: Config) -> Edition:
    kept = {e.postmortem.id for e in chosen}
    made = [_redact(e.document, config, kept, archive.handles) for e in chosen]
    small = _written_small(archive, [s for _, own, rest in made for s in (*own, *rest)])
    made = [
        (
            document,
            [s for s in own if not is_usual(s, small)],
            [s for s in rest if not is_usual(s, small)],
        )
        for document, own, rest in made
    ]
    renamed = _renamed(chosen, [(document, own) for document, own, _ in made])
    entries: list[Entry] = []
    hidden: list[Secret] = []
    sources, names = {}, {}
    for (document, own, rest), entry in zip(made, chosen, strict=True):
        shown = _rename(document, renamed)
        entries.append(Entry(shown, model.postmortem(shown)))
        hidden += _allowed([*own, *rest], entry.document)
        passages, _ = redactions.passages(entry.document)
        blanked = replace(entry.document, text=_blanked(entry.document.text, passages))
        sources[shown.path] = blanked
        names[shown.path] = entry.document.path
    for entry in chosen:
        path = entry.document.path
        hidden += [
            Secret(old, path, 1, "id")
            for old in (entry.postmortem.id, _stem(path))
            if old in renamed
        ]
    stems = {_stem(e.document.path) for e in chosen}
    titles = {e.postmortem.title for e in entries}
    for entry in archive.entries:
        if entry.postmortem.confidentiality != "public":
            hidden += _internal(entry, titles)
            if (stem := _stem(entry.document.path)) not in stems:
                hidden.append(Secret(stem, entry.document.path, 1, "id"))
    for document in archive.broken:
        hidden.append(Secret(_stem(document.path), document.path, 1, "id"))
        hidden += _of_passages(document, config.language)  # it was public, or is about to be
    return Edition(
        replace(archive, entries=tuple(entries), broken=()),
        tuple(dict.fromkeys(s for s in hidden if s.words and s.text not in kept - set(renamed))),
        sources,
        names,
        (*(e.document for e in archive.entries if e not in chosen), *archive.broken),
    )


def _internal(entry: Entry, titles: Collection[str]) -> Iterator[Secret]:
    """Strings that reveal a postmortem that is not public."""
    p = entry.postmortem
    yield Secret(p.id, p.path, 1, "id")
    summary = entry.document.get("impact", "summary")
    for where, text in (("title", p.title), ("impact.summary", summary)):
        if isinstance(text, str) and len(text) >= LONG and text not in titles:
            line = entry.document.span(*entry.document.at(*where.split("."))).line
            yield Secret(text.strip(), p.path, line, where)


def _redact(
    document: Document, config: Config, kept: Collection[str], handles: Collection[str]
) -> tuple[Document, list[Secret], list[Secret]]:
    """The public document, the secrets it declares, and those of the configuration."""
    data: dict[str, Any] = json.loads(json.dumps(document.data))
    language = config.language
    own: list[Secret] = []
    rest: list[Secret] = []
    for key in redactions.keys(document)[0]:
        for at, value in list(redactions.matching(document.data, key.path.split("."))):
            line = document.span(*document.at(*at)).line
            own += secrets.of_value(value, Redacted(document.path, line, key.path, language))
        redactions.remove(data, key.path.split("."))
        if key.path == "title":
            data["title"] = "An incident"
    if "title" in data and "title" in document.data and data["title"] != document.data["title"]:
        meta = replace(document.meta, data=data)
        if day := model.postmortem(replace(document, meta=meta)).date:
            data["title"] = f"Incident of {day}"
    own += _of_passages(document, language)
    passages, _ = redactions.passages(document)
    for name in ("redact", "redact_except"):
        data.pop(name, None)
    if not _is_one_of(data.get("recurrence_of"), kept):
        data.pop("recurrence_of", None)
    if "related" in data:
        related = data["related"] if isinstance(data["related"], list) else ()
        data["related"] = [id_ for id_ in related if _is_one_of(id_, kept)]
    taken: list[tuple[str, tuple[str | int, ...], Any]] = []
    for path in config.public_redact:
        taken += ((path, at, v) for at, v in list(redactions.matching(data, path.split("."))))
        redactions.remove(data, path.split("."))
    taken += _anonymous(data, handles)
    published = {
        words_of(str(value)).casefold()
        for path in _PUBLISHED
        for _, value in redactions.matching(data, path.split("."))
        if value
    }
    for where, at, value in taken:
        line = document.span(*document.at(*at)).line
        for _, text in leaves(value):
            rest += _standing(text, Redacted(document.path, line, where, language), published)
    text = document.text[: document.meta.body] + _without_links(_body(document, passages), rest)
    label = document.severity_label if data.get("severity") else ""
    meta = replace(document.meta, data=data)
    return replace(document, text=text, meta=meta, severity_label=label), own, rest


def _of_passages(document: Document, language: str) -> Iterator[Secret]:
    """The secrets in the marked passages of a document."""
    for passage in redactions.passages(document)[0]:
        start = document.text.rfind("\n", 0, passage.start) + 1
        before = document.text[start : passage.start]
        line = document.span(passage.text_start, passage.end).line
        at = Redacted(document.path, line, "the text", language)
        yield from secrets.of_text(passage.text, at, before)


def _is_one_of(value: Any, ids: Collection[str]) -> bool:
    return isinstance(value, str) and value in ids


def _written_small(archive: Archive, found: Iterable[Secret]) -> frozenset[str]:
    """Which of the names that may be ordinary words stand somewhere without their capital."""
    sought = {s.words.casefold() for s in found if s.exact}
    if not sought:
        return frozenset()
    pattern = re.compile(rf"(?<![\w/.@_-])(?:{'|'.join(map(re.escape, sought))})(?![\w@_])")
    return frozenset(
        word
        for entry in archive.entries
        for word in pattern.findall(entry.document.text, entry.document.meta.body)
    )


def is_usual(secret: Secret, small: Collection[str]) -> bool:
    """Whether a word with a capital is one that people write without it."""
    return secret.doubtful and secret.words.casefold() in small


def _standing(value: Any, at: Redacted, published: Collection[str]) -> Iterator[Secret]:
    """The secrets in keys that the configuration redacts everywhere: names and addresses.

    What the document itself publishes under another key (its owner among the observers) is none,
    nor is the title of its evidence, which its text may well name.
    """
    if not isinstance(value, str) or words_of(value).casefold() in published:
        return
    if at.where.partition(".")[0] in ("evidence", "lint") and not _ADDRESS().match(value):
        return
    if at.where.partition(".")[0] in _PEOPLE:
        yield from secrets.of_person(value, at)
        return
    first = next(secrets.of_value(value, at), None)
    if first and (" " not in first.words or not secrets.is_ordinary(value, at.language)):
        yield first


def _anonymous(
    data: dict[str, Any], handles: Collection[str]
) -> list[tuple[str, tuple[str | int, ...], Any]]:
    """Remove and return the people: roles keep their count, personal owners are dropped."""
    taken: list[tuple[str, tuple[str | int, ...], Any]] = []

    def hide(row: Any, key: Any, shown: Any, at: tuple[str | int, ...]) -> None:
        if row[key] and row[key] != shown:
            taken.append((str(at[0]), at, row[key]))
        row[key] = shown

    roles = data.get("roles")
    if isinstance(roles, dict):
        for role, who in roles.items():
            shown = [SHOWN] * len(who) if isinstance(who, list) else who and SHOWN
            hide(roles, role, shown, ("roles", role))
    if isinstance(data.get("reviewers"), list):
        hide(data, "reviewers", [SHOWN] * len(data["reviewers"]), ("reviewers",))
    impact = data.get("impact")
    consumers = impact.get("consumers") if isinstance(impact, dict) else None
    if isinstance(data.get("owner"), str) and is_person(data["owner"], handles):
        hide(data, "owner", "", ("owner",))
    for at, found, key in (
        (("action_items",), data.get("action_items"), "owner"),
        (("impact", "consumers"), consumers, "team"),
    ):
        for index, row in enumerate(found if isinstance(found, list) else []):
            owner = row.get(key) if isinstance(row, dict) else None
            if isinstance(owner, str) and is_person(owner, handles):
                hide(row, key, "", (*at, index, key))
    if isinstance(data.get("observers"), list):
        people = [name for name in data["observers"] if is_person(str(name), handles)]
        taken += (("observers", ("observers",), name) for name in people)
        data["observers"] = [name for name in data["observers"] if name not in people]
    return taken


def _renamed(
    chosen: Sequence[Entry], made: Sequence[tuple[Document, Sequence[Secret]]]
) -> dict[str, str]:
    """New ids for postmortems whose id tells what they redact: the day, and a number."""
    new: dict[str, str] = {}
    taken = {e.postmortem.id for e in chosen}
    for entry, (shown, hidden) in zip(chosen, made, strict=True):
        p = entry.postmortem
        keys = entry.document.data.get("redact") or ()
        for old in dict.fromkeys((p.id, _stem(p.path))):
            told = VisibleWords(old.replace("-", " "))
            if "title" in keys or "id" in keys or any(secrets.found_in(told, hidden, names=True)):
                day, number = str(model.postmortem(shown).date or "undated"), 1
                while (id_ := f"{day}-incident-{number}") in taken:
                    number += 1
                new[old] = new.get(p.id, id_)
                taken.add(new[old])
    return new


def _rename(document: Document, renamed: Mapping[str, str]) -> Document:
    """The document with every id, including its own, replaced by the new one."""
    if not renamed:
        return document

    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: changed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [changed(item) for item in value]
        return _each(value, renamed) if isinstance(value, str) else value

    body = document.meta.body
    stem = _stem(document.path)
    path = document.path.removesuffix(f"{stem}.md") + renamed.get(stem, stem) + ".md"
    text = document.text[:body] + _each(document.text[body:], renamed)
    meta = replace(document.meta, data=changed(document.data))
    return replace(document, path=path, text=text, meta=meta)


def _each(text: str, renamed: Mapping[str, str]) -> str:
    for old in sorted(renamed, key=len, reverse=True):
        text = text.replace(old, renamed[old])
    return text


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")


def _allowed(found: Iterable[Secret], document: Document) -> Iterator[Secret]:
    """The secrets without the author's exceptions."""
    excepted = document.data.get("redact_except")
    words = {
        words_of(str(text)).casefold() for text in (excepted if isinstance(excepted, list) else ())
    }
    return (secret for secret in found if secret.words.casefold() not in words)


def _body(document: Document, passages: Sequence[Passage]) -> str:
    """The body, with each passage replaced by a word."""
    parts, at = [], document.meta.body
    for passage in passages:
        blank = "\n" if "\n" in passage.text.strip(" \t") else ""
        parts += [document.text[at : passage.start], f"{blank}{SHOWN}{blank}"]
        at = passage.end
    return "".join([*parts, document.text[at:]])


def _without_links(text: str, hidden: Iterable[Secret]) -> str:
    """A text without the addresses that the configuration redacts; link texts stay."""
    for address in sorted({s.text for s in hidden if _ADDRESS().match(s.text)}, key=len)[::-1]:
        if address in text:
            link = rf"!?\[([^\]\n]*)\]\(\s*<?{re.escape(address)}>?(?:\s[^)\n]*)?\)"
            text = re.sub(link, r"\1", text).replace(address, SHOWN)
    return text


def _blanked(text: str, passages: Sequence[Passage]) -> str:
    parts, at = [], 0
    for passage in passages:
        hidden = text[passage.start : passage.end]
        parts += [text[at : passage.start], "".join("\n" if c == "\n" else " " for c in hidden)]
        at = passage.end
    return "".join([*parts, text[at:]])


def leaves(
    value: Any, at: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every text and number below a value, with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*at, index))
    elif value is not None and not isinstance(value, bool):
        yield at, value


def _at(document: Document, problem: redactions.Problem) -> str:
    span = document.span(problem.start, problem.end)
    return f"{document.path}:{span.line}:{span.column}: {problem.message} ({problem.hint})"
