"""Violations of `schemas/postmortem.schema.json` in plain words, at the value's position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from incident.errors import ConfigError
from incident.postmortem import json_schema
from incident.postmortem.document import Document
from incident.repository import config, resources
from incident.repository.path_containment import escapes
from incident.text.values import mapping

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_TYPES = {
    "string": "text",
    "array": "a list",
    "object": "keys with values",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
}
VERSION = 1
_FILL_IN = "fill in "
_REQUIRED_FROM = {0: "in_review", 1: "published", 2: "closed"}  # the branches of `allOf`


class Violation(NamedTuple):
    """Offsets, a fact, and a hint.

    Where a value is missing: its `field`, the `status` that requires it first, if any, and the
    offset where it `belongs`.
    """

    start: int
    end: int
    message: str
    hint: str
    field: str = ""
    status: str = ""
    belongs: int = 0


@cache
def load(repository: Path | None = None) -> json_schema.Schema:
    """The schema of a postmortem: the repository's own, else the packaged one.

    Raises ConfigError if the repository's own is not usable.
    """
    path = resources.find("schemas", "postmortem.schema.json", repository)
    try:
        if repository is not None and escapes(path, repository):
            raise ConfigError(f"{path} is outside the repository", "remove the link")
        return json_schema.load(path)
    except (OSError, RuntimeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"{path}: {reason}", "correct the schema, or remove it") from error


def is_newer(document: Document) -> bool:
    """Whether the document uses a newer version of the format: neither checked nor changed."""
    version = document.data.get("schema_version")
    return isinstance(version, int) and version > VERSION


def check(
    document: Document, schema: json_schema.Schema, scale: Sequence[str] = ()
) -> Iterator[Violation]:
    """What the schema says against the frontmatter, each fact once, in the file's order.

    `scale`: the severities that the team writes, where they are not P0 to P3.
    """
    if is_newer(document) or schema.gate(document.data):
        return
    seen = set()
    for error in schema.errors(document.data):
        for violation in _explain(document, error, scale):
            if (violation.start, violation.message) not in seen:
                seen.add((violation.start, violation.message))
                yield violation


def _explain(
    document: Document, error: ValidationError, scale: Sequence[str]
) -> Iterator[Violation]:
    path = tuple(error.absolute_path)
    start, end = document.at(*path)
    name = _name(path)
    described = error.schema.get("description", "") if isinstance(error.schema, dict) else ""
    described = str(described).rstrip(".")
    value: Any = error.instance
    wanted: Any = error.validator_value
    match error.validator:
        case "required":
            yield from _missing(document, error, path)
        case "additionalProperties":
            known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
            for number, key in enumerate(k for k in value if k not in known):
                place = document.meta.nearest((*path, key))
                # finding a similar word is slow: skip it after the first few
                hint = config.did_you_mean(key, known) if number < 50 else ""
                if not hint.startswith("did"):
                    hint = f"remove it, or name it `x_{key}`" if not path else "remove it"
                yield Violation(place.key_start, place.key_end, f"unknown key `{key}`", hint)
        case "enum":
            options = [str(option) for option in wanted if option is not None]
            if scale and path == ("severity",):
                options, described = list(scale), "use a severity of your own scale"
            close = config.did_you_mean(str(value), options)
            hint = close if close.startswith("did") else described
            fact = f"{name} {_show(value)} must be one of {', '.join(options)}"
            yield Violation(start, end, fact, hint)
        case "const":
            fact = f"{name} must be {wanted}, got {_show(value)}"
            yield Violation(start, end, fact, described)
        case "type":
            yield _wrong_type(start, end, name, error, described)
        case "format" | "pattern":
            fact = f"{name} {_show(value)} has an invalid format"
            if error.validator == "format":
                fact = f"{name} {_show(value)} is not a valid date"
                described = "write YYYY-MM-DD"
            yield Violation(start, end, fact, described)
        case "minItems" | "minLength" | "minProperties":
            hint = described or _describe(path, _FILL_IN)
            yield _empty(start, end, name, error, hint)
        case "uniqueItems":
            yield Violation(start, end, f"{name} has duplicate values", "keep one of them")
        case "minimum":
            fact = f"{name} must be at least {wanted}, got {_show(value)}"
            yield Violation(start, end, fact, described)
        case _:
            yield Violation(start, end, f"{name} does not match the schema", described)


def _missing(
    document: Document, error: ValidationError, path: tuple[str | int, ...]
) -> Iterator[Violation]:
    """The missing keys; those that the status requires are reported at the status."""
    since, status = _since(error), _status(error)
    wanted: Any = error.validator_value
    present: Any = error.instance
    for key in wanted:
        if key in present:
            continue
        where = path or (("status",) if since else ())
        start, end = document.at(*where)
        hint = _describe((*path, key), f"add `{key}:`: ") or f"add `{key}:`"
        name = _name((*path, key))
        belongs = _belongs(document, path, key, present)
        yield Violation(start, end, f"{name} is missing{since}", hint, name, status, belongs)


def _belongs(
    document: Document, path: tuple[str | int, ...], key: str, present: Iterable[str]
) -> int:
    """Where a missing key belongs: after the last key before it in the schema's order."""
    order = list(_node(path).get("properties", ()))
    before = [k for k in order[: order.index(key)] if k in present] if key in order else []
    place = document.meta.nearest((*path, *before[-1:]))
    if path and not before:  # the first one below its parent
        return place.key_end if place.key_start != place.start else place.start
    return place.start + len(document.text[place.start : place.end].rstrip())


def _empty(start: int, end: int, name: str, error: ValidationError, hint: str) -> Violation:
    since = _since(error)
    return Violation(start, end, f"{name} is empty{since}", hint, name, _status(error), start)


def _since(error: ValidationError) -> str:
    """The status that requires it, if any: ` (required from `published`)`."""
    status = _status(error)
    return f" (required from `{status}`)" if status and status != "draft" else ""


def _status(error: ValidationError) -> str:
    """The first status that requires a value; "" if an item or a key with values requires it."""
    schema_path, path = list(error.absolute_schema_path), list(error.absolute_path)
    if schema_path[0] == "allOf":
        return _REQUIRED_FROM.get(int(schema_path[1]), "")
    always = not path or (len(path) == 1 and path[0] in load().content.get("required", ()))
    return "draft" if always else ""


def _describe(path: tuple[str | int, ...], lead: str) -> str:
    """The schema's description of a key and its allowed values, as a hint."""
    node = _node(path)
    text = str(node.get("description", "")).rstrip(".")
    options = ", ".join(value for value in node.get("enum", ()) if value)
    if options and ":" not in text:
        text += f": {options}"
    if lead and text[1:2].islower():  # not of "P0" or "YYYY-MM-DD"
        text = text[:1].lower() + text[1:]
    return f"{lead}{text}" if text else ""


def _node(path: tuple[str | int, ...]) -> Any:
    """The schema of the value at `path`; empty if it has none."""
    node: Any = load().content
    for step in path:
        inner = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        node = mapping(inner)
    return node


def _wrong_type(start: int, end: int, name: str, error: ValidationError, hint: str) -> Violation:
    wanted: Any = error.validator_value
    options = [wanted] if isinstance(wanted, str) else list(wanted)
    words = " or ".join(_TYPES[option] for option in options if option != "null")
    if error.instance is None or error.instance == "":
        # "type: string" in a branch of the status only means that a value is required now
        since = _since(error) or f" (must be {words})"
        hint = hint or _describe(tuple(error.absolute_path), _FILL_IN) or "fill it in"
        fact = f"{name} is empty{since}"
        return Violation(start, end, fact, hint, name, _status(error), start)
    return Violation(start, end, f"{name} must be {words}, got {_kind(error.instance)}", hint)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "keys with values"
    if isinstance(value, list):
        return "a list"
    return f"the number {value}" if isinstance(value, (int, float)) else _show(value)


def _show(value: object) -> str:
    if isinstance(value, (dict, list)):
        return _kind(value)
    text = str(value)
    return f'"{text[:40]}…"' if len(text) > 40 else f'"{text}"'


def _name(path: tuple[str | int, ...]) -> str:
    """`action_items.2.due` as people say it: `action item 3: due`."""
    if len(path) > 1 and isinstance(path[1], int):
        thing = {"action_items": "action item", "evidence": "evidence"}.get(str(path[0]), path[0])
        rest = ".".join(str(step) for step in path[2:])
        return f"{thing} {path[1] + 1}" + (f": {rest}" if rest else "")
    return ".".join(str(step) for step in path) or "the frontmatter"
