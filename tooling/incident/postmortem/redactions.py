"""Redactions: the parts of a postmortem that the public edition omits, and malformed ones.

`<!-- redact -->…<!-- /redact -->` marks a passage of the text, `redact: [impact.consumers]` keys of
the frontmatter. Anything that looks like a redaction but is not a complete one is a problem: its
author believes that the text is hidden.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from incident.errors import ConfigError
from incident.postmortem.document import Document
from incident.repository import resources
from incident.repository.config import did_you_mean
from incident.text.lazy_regex import lazy

_MARK = lazy(r"<!--[ \t]*(?P<end>/)?redact[ \t]*-->", re.IGNORECASE)
# letters with invisible ones between them: a mark that was copied from a formatted text
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_WORD = f"[{_INVISIBLE}]*".join("redact")
# a comment, an element, a bracket or an entity around the word: meant as a mark
_ALMOST = lazy(
    r"(?:<|&lt;|&#60;|\[|\{[{%]?)[!\-\u2010-\u2015/\s]{0,12}(?:end|begin|start|stop)?[\s_:-]{0,4}/?"
    rf"{_WORD}"
    r"|redact(?:ed|ion)?[\s/-]{0,12}(?:--|-&gt;)>?"
    r"|<!--(?:(?!-->)[\s\S]){0,2000}?\bredact",
    re.IGNORECASE,
)
# what other tools and other people write for it; looked for outside of code
_MEANT = lazy(
    r"<[a-z][\w-]*\s[^<>]{0,200}?\bredact"
    r"|\{[^{}\n]{0,60}?\bredact"
    r"|\[//\]:[^\n]{0,40}?\bredact"
    r"|(?<![\w/])(?:\(|\|\||={2}|~{2}|[$^]|%{1,2}|/\*+|//|:{2,3}|!{3}|\?{3})[ \t]?"
    r"(?:[#/]|end|begin|start|stop)?[ _:-]?redact(?![\w-])(?![ \t]+[a-z])"
    r"|(?<![\w/])[@#]/?redact\b|[:?!]{3}[ \t]?redact\b"
    r"|(?-i:\bREDACT\b)",
    re.IGNORECASE,
)
_LINK = lazy(r"\[(?![/\s]*(?:end\s*)?redact\s*\])[^\[\]\n]{0,200}\][(\[]", re.IGNORECASE)
_PLACEHOLDER = lazy(r"[\[({]\s*redacted\s*[\])}]", re.IGNORECASE)
_SOLID = lazy(r"\w")

_EXAMPLES = {"redact": "owner, impact.consumers", "redact_except": '"marketing"'}
HINT_MARK = "write <!-- redact --> before the passage and <!-- /redact --> after it"


class Passage(NamedTuple):
    """A marked passage. The marks and their text are [start, end), the text alone `text`."""

    start: int
    end: int
    text: str
    text_start: int


class Key(NamedTuple):
    """A key in `redact`, written at [start, end): `path` leads to `values`."""

    path: str
    start: int
    end: int
    values: tuple[Any, ...]


class Problem(NamedTuple):
    """A redaction without effect, at the offsets [start, end)."""

    start: int
    end: int
    message: str
    hint: str


def passages(document: Document) -> tuple[list[Passage], list[Problem]]:
    """The marked passages of the text, and marks without effect."""
    text, body = document.text, document.meta.body
    found: list[Passage] = []
    problems = []
    marks = list(_MARK().finditer(text, body))
    opened: re.Match[str] | None = None
    for mark in marks:
        if not mark["end"] and opened is None:
            opened = mark
        elif mark["end"] and opened is not None:
            inner = text[opened.end() : mark.start()]
            if _SOLID().search(inner):
                found.append(Passage(opened.start(), mark.end(), inner, opened.end()))
            else:
                problems.append(_nothing(opened.start(), mark.end(), "the passage is empty"))
            opened = None
        else:
            problems.append(_unmatched(mark))
    if opened is not None:
        problems.append(_unmatched(opened))
    return found, [*problems, *_almost(document, marks)]


def keys(document: Document) -> tuple[list[Key], list[Problem]]:
    """The keys of the frontmatter that `redact` names, and those that match nothing."""
    found: list[Key] = []
    if "redact" not in document.lowered:
        return [], []
    problems = [_misnamed(document, at) for at in _like_redact(document.data, ())]
    for name in ("redact", "redact_except"):
        if name in document.data and not isinstance(document.data[name], list):
            start, end = document.at(name)
            hint = f"write a list: {name}: [{_EXAMPLES[name]}]"
            problems.append(Problem(start, end, f"`{name}` is not a list", hint))
    wanted = document.data.get("redact")
    for index, path in enumerate(wanted if isinstance(wanted, list) else ()):
        start, end = document.at("redact", index)
        if not isinstance(path, str):
            hint = "write the key as text: impact.consumers"
            problems.append(Problem(start, end, "a redacted key must be text", hint))
            continue
        values = tuple(value for _, value in matching(document.data, path.split(".")))
        if values:
            found.append(Key(path, start, end, values))
        else:
            problems.append(_nothing(start, end, f"`{path}` matches nothing", path, document.data))
    return found, problems


def _like_redact(data: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Keys with a name like `redact`, or in a place where it hides nothing."""
    if isinstance(data, dict):
        for key, value in data.items():
            if "redact" in str(key).casefold() and (at or key not in _EXAMPLES):
                yield (*at, key)
            yield from _like_redact(value, (*at, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _like_redact(value, (*at, index))


def _misnamed(document: Document, at: tuple[str | int, ...]) -> Problem:
    name = ".".join(map(str, at))
    hint = f"write it at the top of the frontmatter: redact: [{_EXAMPLES['redact']}]"
    return Problem(*document.at(*at), f"`{name}` hides nothing", hint)


def problems(document: Document) -> list[Problem]:
    """Every redaction of a document without effect."""
    return [*keys(document)[1], *passages(document)[1]]


def check_keys(keys: Iterable[str]) -> None:
    """Raise ConfigError if `public_redact` names a key that no postmortem can have."""
    known = _schema_paths()
    for key in keys:
        plain = ".".join("*" if step.isdigit() else step for step in key.split("."))
        if plain not in known and not plain.startswith("x_"):
            raise ConfigError(f"public_redact: no postmortem has `{key}`", did_you_mean(key, known))


def matching(data: Any, path: Sequence[str], at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """The matches of a key: (path, value) of each. `*` matches every item of a list."""
    if not path:
        yield at, data
    elif isinstance(data, list):
        step = path[0]
        for index, item in enumerate(data):
            if step == "*" or step == str(index):
                yield from matching(item, path[1:], (*at, index))
    elif isinstance(data, dict) and path[0] in data:
        yield from matching(data[path[0]], path[1:], (*at, path[0]))


def remove(data: Any, path: Sequence[str]) -> None:
    """Delete every match of a key."""
    for at, _ in reversed(list(matching(data, path))):
        parent = data
        for step in at[:-1]:
            parent = parent[step]
        del parent[at[-1]]


def _almost(document: Document, marks: list[re.Match[str]]) -> Iterator[Problem]:
    """Text that looks like a mark but is not one, anywhere in the file."""
    text = document.text
    if "redact" not in document.lowered and not any(sign in text for sign in _INVISIBLE):
        return
    taken = [mark.span() for mark in marks]
    found = [*_ALMOST().finditer(text)]
    found += _MEANT().finditer(document.without_code, document.meta.body)
    for match in found:
        start, end = match.span()
        if any(first < end and start < last for first, last in taken):
            continue
        if _PLACEHOLDER().match(text, start) or _LINK().match(text, start):
            continue
        taken.append((start, end))
        yield Problem(
            start, end, f"{_shown(match[0])} looks like a redaction but hides nothing", HINT_MARK
        )


def _shown(text: str) -> str:
    return f'"{" ".join(text.split())[-60:]}"'


def _unmatched(mark: re.Match[str]) -> Problem:
    return Problem(mark.start(), mark.end(), f"`{mark[0]}` has no matching mark", HINT_MARK)


def _nothing(start: int, end: int, message: str, path: str = "", data: Any = None) -> Problem:
    hint = "remove it, or name what to hide"
    if path:
        known = list(_paths(data, ()))
        starred = re.sub(r"\.(?=[a-z])", ".*.", path, count=1)
        hint = (
            f"write `{starred}`: `*` matches every item of the list"
            if starred in known
            else did_you_mean(path, known)
        )
    return Problem(start, end, message, hint)


def _paths(data: Any, at: tuple[str, ...]) -> Iterator[str]:
    """Every path of the frontmatter, as `redact` would name it."""
    if at:
        yield ".".join(at)
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _paths(value, (*at, str(key)))
    elif isinstance(data, list):
        for value in data:
            yield from _paths(value, (*at, "*"))


@cache
def _schema_paths() -> frozenset[str]:
    """Every key that the schema knows, as `redact` would name it."""
    file = resources.root() / "schemas" / "postmortem.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    found: set[str] = set()

    def walk(part: Any, at: str, depth: int) -> None:
        if not isinstance(part, dict) or depth > 12:
            return
        if isinstance(name := part.get("$ref"), str):
            target: Any = schema
            for step in name.removeprefix("#/").split("/"):
                target = target.get(step, {})
            walk(target, at, depth + 1)
        for key, item in (part.get("properties") or {}).items():
            path = f"{at}.{key}" if at else key
            found.add(path)
            walk(item, path, depth + 1)
        if "items" in part:
            found.add(f"{at}.*")
            walk(part["items"], f"{at}.*", depth + 1)
        for option in (*part.get("anyOf", ()), *part.get("oneOf", ()), *part.get("allOf", ())):
            walk(option, at, depth + 1)

    walk(schema, "", 0)
    return frozenset(found)
