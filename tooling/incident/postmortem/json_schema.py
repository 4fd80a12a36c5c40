"""JSON Schema 2020-12: jsonschema-rs is the fast gate, jsonschema finds what is wrong and where.

Both are given the same schema; a test holds them to the same verdict. A repository may bring its
own, and with it a pull request: so patterns are matched in linear time, references lead nowhere but
into the schema itself, and one that unfolds without end is refused.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.exceptions import ValidationError


MAX_SIZE = 100_000  # values of a schema whose references are written out; ours has some hundreds


@dataclass(frozen=True)
class Schema:
    """A compiled schema: `gate(data)` is the quick verdict, `errors(data)` the reasons."""

    content: dict[str, Any]
    gate: Callable[[Any], bool]

    @cached_property
    def order(self) -> dict[str, int]:
        """Places of the top-level keys."""
        return {key: place for place, key in enumerate(self.content.get("properties", {}))}

    def errors(self, data: Any) -> Iterator[ValidationError]:
        """Jsonschema's errors, in its order. Slow to import, so only for data that fails."""
        from jsonschema import Draft202012Validator, FormatChecker
        from jsonschema.validators import extend
        from referencing import Registry

        checker = FormatChecker()
        checker.checks("date")(is_date)
        # Python's own patterns may take for ever
        keywords = {"pattern": _pattern, **_by_pattern()}
        linear: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]
        validator = linear(self.content, format_checker=checker, registry=Registry())
        yield from validator.iter_errors(data)


def is_date(value: object) -> bool:
    """The `date` format of JSON Schema for both engines; what is no text is not its business."""
    from datetime import date

    if not isinstance(value, str):
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


@cache
def load(path: Path) -> Schema:
    """Read and compile the schema at `path`. Raises OSError, ValueError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("a schema is an object")
        _unfold(content, content, {}, ())
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    validator = jsonschema_rs.Draft202012Validator(
        content,
        validate_formats=True,
        formats={"date": is_date},
        pattern_options=jsonschema_rs.RegexOptions(),
        retriever=_at_home,
    )
    return Schema(content, validator.is_valid)


def _at_home(address: str) -> Any:
    """No schema is fetched from anywhere."""
    raise ValueError(f"the reference {address} leads out of the schema")


def _unfold(node: Any, whole: Any, known: dict[str, int], within: tuple[str, ...]) -> int:
    """How many values the schema has with its references written out. Raises ValueError."""
    size = 1
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"$ref", "$dynamicRef", "$recursiveRef"} and isinstance(value, str):
                if value in within:
                    raise ValueError(f"{key} {value} leads to itself")
                if value not in known:
                    known[value] = _unfold(_at(whole, value), whole, known, (*within, value))
                size += known[value]
            elif key == "unevaluatedProperties":  # jsonschema has no way to make it linear
                raise ValueError("unevaluatedProperties is not known; use additionalProperties")
            else:
                size += _unfold(value, whole, known, within)
    elif isinstance(node, list):
        size += sum(_unfold(value, whole, known, within) for value in node)
    if size > MAX_SIZE:
        raise ValueError(f"it unfolds to over {MAX_SIZE} values")
    return size


def _at(whole: Any, reference: str) -> Any:
    """What `#/$defs/name` leads to. Raises ValueError for anything else."""
    if not reference.startswith("#/"):
        raise ValueError(f"the reference {reference} leads out of the schema")
    node = whole
    for step in reference[2:].split("/"):
        try:
            node = node[int(step)] if isinstance(node, list) else node[step]
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(f"the reference {reference} leads nowhere") from error
    return node


@cache
def _matcher(pattern: str) -> Callable[[Any], bool]:
    """Whether a text has the pattern: in time that grows with its length, and not faster."""
    options = jsonschema_rs.RegexOptions()
    return jsonschema_rs.Draft202012Validator(
        {"pattern": pattern}, pattern_options=options
    ).is_valid


def _pattern(validator: Any, pattern: str, value: Any, _: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if validator.is_type(value, "string") and not _matcher(pattern)(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _by_pattern() -> dict[str, Any]:
    """The keywords that look at `patternProperties`: as jsonschema has them, but linear."""
    from jsonschema.exceptions import ValidationError

    def pattern_properties(
        validator: Any, patterns: dict[str, Any], value: Any, _: Any
    ) -> Iterator[ValidationError]:
        for pattern, schema in patterns.items() if validator.is_type(value, "object") else ():
            for key, one in value.items():
                if _matcher(pattern)(key):
                    yield from validator.descend(one, schema, path=key, schema_path=pattern)

    def additional_properties(
        validator: Any, allowed: Any, value: Any, schema: Any
    ) -> Iterator[ValidationError]:
        if not validator.is_type(value, "object"):
            return
        patterns = schema.get("patternProperties", {})
        extra = [
            key
            for key in value
            if key not in schema.get("properties", {})
            and not any(_matcher(pattern)(key) for pattern in patterns)
        ]
        if validator.is_type(allowed, "object"):
            for key in extra:
                yield from validator.descend(value[key], allowed, path=key)
        elif not allowed and extra:
            yield ValidationError(f"additional properties: {', '.join(extra)}")

    return {
        "patternProperties": pattern_properties,
        "additionalProperties": additional_properties,
    }
