"""JSON Schema 2020-12: jsonschema-rs is the fast check, jsonschema finds the errors.

Both get the same schema; a test checks that they agree. A repository may have its own schema, and a
pull request may change it: so patterns match in linear time, references must stay inside the
schema, and a schema that unfolds without end is rejected.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident.errors import uninterrupted

with uninterrupted():  # an interrupt inside of its import would be a panic
    import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.exceptions import ValidationError


MAX_SIZE = 100_000  # values of a schema with resolved references; ours has a few hundred


@dataclass(frozen=True)
class Schema:
    """A compiled schema: `gate(data)` is the quick check, `errors(data)` the reasons."""

    content: dict[str, Any]
    gate: Callable[[Any], bool]

    @cached_property
    def order(self) -> dict[str, int]:
        """Positions of the top-level keys."""
        return {key: place for place, key in enumerate(self.content.get("properties", {}))}

    def errors(self, data: Any) -> Iterator[ValidationError]:
        """Jsonschema's errors, in its order."""
        yield from self._slow.iter_errors(data)

    @cached_property
    def _slow(self) -> Any:
        """Jsonschema's validator; slow to import, so only for data that fails."""
        from jsonschema import Draft202012Validator, FormatChecker
        from jsonschema.validators import extend
        from referencing import Registry

        checker = FormatChecker()
        checker.checks("date")(is_date)
        # Python's regexes can take forever
        keywords = {"pattern": _pattern, **_by_pattern()}
        linear: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]
        return linear(self.content, format_checker=checker, registry=Registry())


def is_date(value: object) -> bool:
    """The `date` format of JSON Schema for both engines; other types pass."""
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
            raise ValueError("a schema must be an object")
        _unfold(content, content, {}, ())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    validator = jsonschema_rs.Draft202012Validator(
        content,
        validate_formats=True,
        formats={"date": is_date},
        pattern_options=jsonschema_rs.RegexOptions(),
        retriever=_at_home,
    )
    return Schema(content, validator.is_valid)


def _at_home(address: str) -> Any:
    """Never fetch a schema."""
    raise ValueError(f"the reference {address} is outside the schema")


def _unfold(node: Any, whole: Any, known: dict[str, int], within: tuple[str, ...]) -> int:
    """The number of values of the schema with resolved references. Raises ValueError."""
    size = 1
    if isinstance(node, dict):
        for key, value in node.items():
            if key in {"$ref", "$dynamicRef", "$recursiveRef"} and isinstance(value, str):
                if value in within:
                    raise ValueError(f"{key} {value} refers to itself")
                if value not in known:
                    known[value] = _unfold(_at(whole, value), whole, known, (*within, value))
                size += known[value]
            elif key == "unevaluatedProperties":  # jsonschema can't evaluate it in linear time
                raise ValueError("unevaluatedProperties is not supported; use additionalProperties")
            else:
                size += _unfold(value, whole, known, within)
    elif isinstance(node, list):
        size += sum(_unfold(value, whole, known, within) for value in node)
    if size > MAX_SIZE:
        raise ValueError(f"expands to over {MAX_SIZE} values")
    return size


def _at(whole: Any, reference: str) -> Any:
    """The target of `#/$defs/name`. Raises ValueError for anything else."""
    if not reference.startswith("#/"):
        raise ValueError(f"the reference {reference} is outside the schema")
    node = whole
    for step in reference[2:].split("/"):
        try:
            node = node[int(step)] if isinstance(node, list) else node[step]
        except (KeyError, IndexError, TypeError) as error:
            raise ValueError(f"the reference {reference} does not exist") from error
    return node


@cache
def _matcher(pattern: str) -> Callable[[Any], bool]:
    """Whether a text matches the pattern, in linear time."""
    options = jsonschema_rs.RegexOptions()
    return jsonschema_rs.Draft202012Validator(
        {"pattern": pattern}, pattern_options=options
    ).is_valid


def _pattern(validator: Any, pattern: str, value: Any, _: Any) -> Iterator[ValidationError]:
    from jsonschema.exceptions import ValidationError

    if validator.is_type(value, "string") and not _matcher(pattern)(value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _by_pattern() -> dict[str, Any]:
    """Keywords of jsonschema for `patternProperties`, in linear time."""
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
