"""Redactions: what a postmortem keeps out of the public edition, and which of them are malformed.

`<!-- redact -->…<!-- /redact -->` marks a passage of the text, `redact: [impact.consumers]` keys of
the frontmatter. Whatever looks like a redaction and is not a complete one is a problem: its author
believes that the text is hidden.
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
# a comment, an element, a bracket or an entity around the word: meant as a mark
_ALMOST = lazy(
    r"(?:<|&lt;|&#60;|\[|\{[{%]?)[!\-/\s]{0,12}(?:end|begin|start|stop)?[\s_:-]{0,4}/?redact"
    r"|redact(?:ed|ion)?[\s/-]{0,12}(?:--|-&gt;)>?"
    r"|<!--(?:(?!-->)[\s\S]){0,2000}?\bredact",
    re.IGNORECASE,
)
_PLACEHOLDER = lazy(r"[\[({]\s*redacted\s*[\])}]", re.IGNORECASE)
_SOLID = lazy(r"\w")

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
    """A redaction that does not hold, at the offsets [start, end)."""

    start: int
    end: int
    message: str
    hint: str


def passages(document: Document) -> tuple[list[Passage], list[Problem]]:
    """The marked passages of the text, and the marks that mark nothing."""
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
    return found, [*problems, *_almost(text, marks)]


def keys(document: Document) -> tuple[list[Key], list[Problem]]:
    """The keys of the frontmatter that `redact` names, and those that it names in vain."""
    wanted = document.data.get("redact")
    if wanted is None:
        return [], []
    start, end = document.at("redact")
    if not isinstance(wanted, list):
        hint = "write a list: redact: [owner, impact.consumers]"
        return [], [Problem(start, end, "`redact` is not a list", hint)]
    found, problems = [], []
    for index, path in enumerate(wanted):
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


def problems(document: Document) -> list[Problem]:
    """Every redaction of a document that does not hold."""
    return [*keys(document)[1], *passages(document)[1]]


def check_keys(keys: Iterable[str]) -> None:
    """Raise ConfigError where `public_redact` names a key that no postmortem can have."""
    known = _schema_paths()
    for key in keys:
        plain = ".".join("*" if step.isdigit() else step for step in key.split("."))
        if plain not in known and not plain.startswith("x_"):
            raise ConfigError(f"public_redact: no postmortem has `{key}`", did_you_mean(key, known))


def matching(data: Any, path: Sequence[str], at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Where a key leads: (path, value) of each. `*` stands for every item of a list."""
    if not path:
        yield at, data
    elif isinstance(data, list):
        step = path[0]
        for index, item in enumerate(data):
            if step == "*" or step == str(index):
                yield from matching(item, path[1:], (*at, index))
    elif isinstance(data, dict) and path[0] in data:
        yield from matching(data[path[0]], path[1:], (*at, path[0]))


def _almost(text: str, marks: list[re.Match[str]]) -> Iterator[Problem]:
    """What looks like a mark and is not one, anywhere in the file."""
    if "redact" not in text.lower():
        return
    inside = [(mark.start(), mark.end()) for mark in marks]
    for match in _ALMOST().finditer(text):
        start, end = match.span()
        if any(first < end and start < last for first, last in inside):
            continue
        if _PLACEHOLDER().match(text, start):
            continue
        yield Problem(
            start, end, f"{_shown(match[0])} looks like a redaction, but hides nothing", HINT_MARK
        )


def _shown(text: str) -> str:
    return f'"{" ".join(text.split())[-60:]}"'


def _unmatched(mark: re.Match[str]) -> Problem:
    return Problem(mark.start(), mark.end(), f"`{mark[0]}` has no partner", HINT_MARK)


def _nothing(start: int, end: int, message: str, path: str = "", data: Any = None) -> Problem:
    hint = "remove it, or name what should be hidden"
    if path:
        known = list(_paths(data, ()))
        starred = re.sub(r"\.(?=[a-z])", ".*.", path, count=1)
        hint = (
            f"write `{starred}`: `*` stands for every item of the list"
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
