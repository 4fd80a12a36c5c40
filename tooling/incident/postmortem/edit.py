"""Change frontmatter values and keep every other byte.

`frontmatter.dumps` would drop comments, sort keys and rewrite dates, so edits work on the text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import yaml

from incident.errors import IncidentError
from incident.postmortem import conflicts, frontmatter
from incident.text.lazy_regex import lazy

Scalar = str | int | float | bool | None

# Plain YAML in flow and block context, which no reader mistakes for another type.
_PLAIN = lazy(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_COMMENT = lazy(r"[ \t]+#[^\r\n]*")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def render(value: Scalar) -> str:
    """`value` as one-line YAML that every YAML reader reads the same way."""
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if _PLAIN().fullmatch(value) and value.casefold() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


class _Cut(NamedTuple):
    """A piece of the text, and its replacement."""

    start: int
    end: int
    new: str


def set_value(text: str, path: frontmatter.Path, value: Scalar) -> str:
    """`text` with the frontmatter value at `path` set to the scalar `value`.

    A missing last key is added to its mapping. Comments, quoting, order and line ends of
    everything else stay. Raises IncidentError if the path does not exist or is a collection.
    """
    return set_values(text, {path: value})


def set_values(text: str, values: Mapping[frontmatter.Path, Scalar]) -> str:
    """The same for several values, all or none; the text is read only twice."""
    conflicts.refuse(text)
    meta = frontmatter.read(text)
    expected: Any = meta.data
    cuts = []
    for path, value in values.items():
        cut = _add if meta.find(path) is None else _replace
        cuts.append(cut(text, meta, path, render(value)))
        expected = _with(expected, path, value)
    changed = _spliced(text, cuts)
    if frontmatter.read(changed).data != expected:
        shown = ", ".join(_show(path) for path in values)
        raise IncidentError(f"{shown} could not be set without touching other values")
    return changed


def _spliced(text: str, cuts: Iterable[_Cut]) -> str:
    """`text` with pieces replaced that do not overlap.

    Of lines added at one place, those of the inner mapping come first, then in the order given.
    """
    parts, end = [], 0
    for cut in sorted(cuts, key=lambda cut: (cut.start, len(cut.new.lstrip(" ")) - len(cut.new))):
        parts += [text[end : cut.start], cut.new]
        end = cut.end
    return "".join([*parts, text[end:]])


def _replace(text: str, meta: frontmatter.Frontmatter, path: frontmatter.Path, new: str) -> _Cut:
    key, node = meta.find(path) or (None, None)
    if not isinstance(node, yaml.ScalarNode):
        raise IncidentError(f"{_show(path)} has several values, not one", "name one of them")
    start, end = meta.start + node.start_mark.index, meta.start + node.end_mark.index
    if start == end:  # nothing follows the colon, and the mark may be lines below it
        if key is None:
            raise IncidentError(f"{_show(path)} is an empty list item", "add a value first")
        return _fill(text, meta, path, meta.start + key.end_mark.index, new)
    if node.style in {"|", ">"}:  # a block scalar's mark includes the line end after it
        end = start + len(text[start:end].rstrip("\r\n \t"))
        comment = _COMMENT().search(text, start, end)
        new += comment[0] if comment and "\n" not in text[start : comment.start()] else ""
    return _Cut(start, end, new)


def _fill(
    text: str, meta: frontmatter.Frontmatter, path: frontmatter.Path, key_end: int, new: str
) -> _Cut:
    """A value for a key without one: after its colon, which `{key}` doesn't have."""
    at = key_end
    while text[at : at + 1] in {" ", "\t"}:
        at += 1
    if text[at : at + 1] == ":":
        return _Cut(at + 1, at + 1, f" {new}")
    parent = meta.find(path[:-1])
    if parent is None or not getattr(parent[1], "flow_style", False):
        raise IncidentError(f"{_show(path)} has no colon", f"write `{path[-1]}:`")
    return _Cut(key_end, key_end, f": {new}")


def _add(text: str, meta: frontmatter.Frontmatter, path: frontmatter.Path, new: str) -> _Cut:
    parent = meta.find(path[:-1])
    node = parent[1] if parent else None
    if not isinstance(node, yaml.MappingNode) or not (node.value or node.flow_style):
        raise IncidentError(f"{_show(path)} cannot be added to the frontmatter")
    if node.flow_style:
        return _add_flow(text, meta, node, f"{path[-1]}: {new}")
    first_key, last_value = node.value[0][0], node.value[-1][1]
    column = meta.start + first_key.start_mark.index
    indent = column - (text.rfind("\n", 0, column) + 1)
    newline = "\r\n" if "\r\n" in text[: meta.body] else "\n"
    at = meta.start + max(last_value.end_mark.index, node.value[-1][0].end_mark.index)
    at = min(at, meta.end)
    # back over blank lines and comments that belong to what follows
    at = len(text[:at].rstrip()) if text[at - 1 : at] in {"\n", " ", ""} else at
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end + 1
    return _Cut(line_end, line_end, f"{' ' * indent}{path[-1]}: {new}{newline}")


def _add_flow(text: str, meta: frontmatter.Frontmatter, node: yaml.MappingNode, pair: str) -> _Cut:
    """A pair at the end of `{…}`, which may end in a comma or in a key without a value."""
    brace = meta.start + node.end_mark.index - 1
    if not node.value:
        start = meta.start + node.start_mark.index + 1
        return _Cut(start, brace, pair)
    key, value = node.value[-1]
    inside = text[:brace].rstrip()
    if inside.endswith(","):
        return _Cut(len(inside), len(inside), f" {pair}")
    is_empty = value.start_mark.index == value.end_mark.index
    end = meta.start + max(value.end_mark.index, key.end_mark.index)
    end = brace if is_empty else end
    return _Cut(end, end, f", {pair}")


def extend(
    text: str,
    path: frontmatter.Path,
    items: Sequence[Scalar | Mapping[str, Scalar]],
    notes: Sequence[str] = (),
) -> str:
    """`text` with `items` added to the end of the frontmatter list at `path`.

    A missing or null list is created. `notes`: a comment for each item, or "", kept if items are on
    separate lines. Everything else stays. Raises IncidentError if the path does not exist or is not
    a list.
    """
    if not items:
        return text
    conflicts.refuse(text)
    meta = frontmatter.read(text)
    if meta.find(path) is None:
        meta = frontmatter.read(text := _spliced(text, [_add(text, meta, path, "[]")]))
    (key, node), parent = meta.find(path) or (None, None), meta.find(path[:-1])
    before = _get(meta.data, path)
    if key is None or node is None or parent is None or not isinstance(before or [], list):
        raise IncidentError(f"{_show(path)} is not a list", "correct it first")
    rows = [_flow(item) for item in items]
    if getattr(parent[1], "flow_style", False) or (before and getattr(node, "flow_style", False)):
        changed = _extend_flow(text, meta, node, path, rows)
    else:
        lines = [f"{row}   # {note}" if note else row for row, note in zip_longest(rows, notes)]
        changed = _extend_block(text, meta, key, node, lines)
    expected = [*(before or []), *(dict(i) if isinstance(i, Mapping) else i for i in items)]
    if frontmatter.read(changed).data != _with(meta.data, path, expected):
        raise IncidentError(f"{_show(path)} could not be extended without touching other values")
    return changed


def _flow(item: Scalar | Mapping[str, Scalar]) -> str:
    if isinstance(item, Mapping):
        return "{" + ", ".join(f"{key}: {render(value)}" for key, value in item.items()) + "}"
    return render(item)


def _extend_flow(
    text: str,
    meta: frontmatter.Frontmatter,
    node: yaml.Node,
    path: frontmatter.Path,
    rows: list[str],
) -> str:
    """Add to `[a, b]`, or start such a list inside `{…}`."""
    joined = ", ".join(rows)
    start, end = meta.start + node.start_mark.index, meta.start + node.end_mark.index
    if isinstance(node, yaml.ScalarNode):
        return _spliced(text, [_replace(text, meta, path, f"[{joined}]")])
    if not node.value:
        return f"{text[:start]}[{joined}]{text[end:]}"
    at = meta.start + node.value[-1].end_mark.index
    return f"{text[:at]}, {joined}{text[at:]}"


def _extend_block(
    text: str, meta: frontmatter.Frontmatter, key: yaml.Node, node: yaml.Node, lines: list[str]
) -> str:
    """Add lines `- a` below the last one, or below the key."""
    newline = "\r\n" if "\r\n" in text[: meta.body] else "\n"
    start, end = meta.start + node.start_mark.index, meta.start + node.end_mark.index
    if isinstance(node, yaml.SequenceNode) and node.value:
        column = node.start_mark.column
        at = len(text[: meta.start + node.value[-1].end_mark.index].rstrip())
    else:
        column = key.start_mark.column + 2
        at = meta.start + key.end_mark.index
        if start != end:  # remove the empty value; a comment after it keeps its place
            gap = " " * (end - start) if text[end:].lstrip(" ").startswith("#") else ""
            text = (text[:start] + gap if gap else text[:start].rstrip(" ")) + text[end:]
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end + 1
    added = "".join(f"{' ' * column}- {line}{newline}" for line in lines)
    return text[:line_end] + added + text[line_end:]


def _get(data: Any, path: frontmatter.Path) -> Any:
    """The value at an existing path."""
    for step in path:
        data = data[step]
    return data


def _with(data: Any, path: frontmatter.Path, value: Any) -> Any:
    """A copy of `data` with the value at `path` set."""
    if not path:
        return value
    step = path[0]
    if isinstance(data, list) and isinstance(step, int):
        return [_with(v, path[1:], value) if i == step else v for i, v in enumerate(data)]
    if isinstance(data, dict):
        return {**data, str(step): _with(data.get(str(step)), path[1:], value)}
    return _with({}, path, value)


def _show(path: frontmatter.Path) -> str:
    return ".".join(str(step) for step in path)
