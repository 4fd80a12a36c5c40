"""The YAML block of a postmortem, read as people write it, with the offset of every value.

python-frontmatter is the only entry: it calls `_Handler` to split and load. In addition, scalars
that look like dates, times, yes/no or numbers with a leading zero stay text (YAML 1.1 would turn
`NO` into false and `10:40` into 640), and duplicate keys, custom tags and exploding aliases are
faults. All offsets are characters in the whole text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import frontmatter
import yaml
from frontmatter.default_handlers import YAMLHandler

from incident.postmortem import conflicts
from incident.text.lazy_regex import lazy

Path = tuple[str | int, ...]

MAX_VALUES = 20_000
MAX_DEPTH = 40

_OPENING = lazy(r"-{3,}[ \t]*\r?$", re.MULTILINE)
_CLOSING = lazy(r"\n-{3,}[ \t]*\r?$", re.MULTILINE)
# without brackets, every level is one column further to the right: "- - - a"
_DEEP = lazy(rf"^(?=[ \t]*+[^\s])[ \t?:-]{{{20 * MAX_DEPTH}}}", re.MULTILINE)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = lazy(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = lazy(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_ISSUE_COMMENT = lazy(r":[ \t]+#(\d+)[ \t]*\r?$", re.MULTILINE)
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class Fault(NamedTuple):
    """A problem in the block, from `start` to `end`."""

    start: int
    end: int
    message: str
    hint: str


class Place(NamedTuple):
    """Offsets of a value (`start`, `end`) and of its key (the value's own in a list)."""

    start: int
    end: int
    key_start: int
    key_end: int


@dataclass
class Frontmatter:
    """`data` as plain Python values; the YAML is [start, end), the text continues at `body`.

    `node` is None if the block is missing or unreadable; `faults` has the reasons.
    """

    data: dict[str, Any] = field(default_factory=dict)
    node: yaml.MappingNode | None = None
    start: int = 0
    end: int = 0
    body: int = 0
    faults: list[Fault] = field(default_factory=list)
    _known: dict[int, dict[Any, tuple[yaml.Node, yaml.Node]]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def find(self, path: Path) -> tuple[yaml.Node | None, yaml.Node] | None:
        """The nodes (key or None, value) at `path`, or None."""
        if self.node is None:
            return None
        key: yaml.Node | None = None
        value: yaml.Node = self.node
        for step in path:
            if isinstance(value, yaml.MappingNode):
                pair = self._pairs(value).get(step)
                if pair is None:
                    return None
                key, value = pair
            elif (
                isinstance(value, yaml.SequenceNode)
                and isinstance(step, int)
                and 0 <= step < len(value.value)
            ):
                key, value = None, value.value[step]
            else:
                return None
        return key, value

    def _pairs(self, node: yaml.MappingNode) -> dict[Any, tuple[yaml.Node, yaml.Node]]:
        """The nodes of a mapping by key, the first of each, cached."""
        if id(node) not in self._known:
            keyed = [(key.value, (key, value)) for key, value in reversed(node.value)]
            self._known[id(node)] = {k: p for k, p in keyed if isinstance(k, str)}
        return self._known[id(node)]

    def place(self, path: Path) -> Place | None:
        """The offsets of the value at `path`, or None."""
        found = self.find(path)
        if found is None:
            return None
        key, value = found
        start, end = self._bounds(value)
        if key is None:
            return Place(start, end, start, end)
        key_start, key_end = self._bounds(key)
        if start == end:  # the mark of an empty value is somewhere after the colon
            start, end = key_start, key_end
        return Place(start, end, key_start, key_end)

    def nearest(self, path: Path) -> Place:
        """The offsets at `path`, else of the closest value above it, else of the first line."""
        for length in range(len(path), 0, -1):
            if place := self.place(path[:length]):
                return place
        return Place(0, min(3, self.end), 0, min(3, self.end))

    def _bounds(self, node: yaml.Node) -> tuple[int, int]:
        return self.start + node.start_mark.index, self.start + node.end_mark.index


def _resolve(_self: Any, kind: type, _value: Any, _implicit: Any) -> str:
    """The tag of a node without one: only its kind counts, `_scalar` reads the rest."""
    if kind is yaml.ScalarNode:
        return "tag:yaml.org,2002:str"
    return "tag:yaml.org,2002:seq" if kind is yaml.SequenceNode else "tag:yaml.org,2002:map"


def _loader(base: type) -> type:
    return type(f"Strict{base.__name__}", (base,), {"resolve": _resolve})


_LOADER = _loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))


class _Handler(YAMLHandler):
    """Splits and loads the *original* text: the library hands over a stripped copy."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source
        self.result = Frontmatter()

    def split(self, text: str) -> tuple[str, str]:
        opening = _OPENING().match(self.source)
        if opening is None:
            self._fault(0, 0, "the frontmatter is missing", _HINT_MISSING)
            raise ValueError(text[:0])
        start = min(opening.end() + 1, len(self.source))
        closing = _CLOSING().search(self.source, start - 1)
        if closing is None:
            self.result.body = start
            self._fault(0, opening.end(), "the frontmatter is not closed", _HINT_UNCLOSED)
            raise ValueError(text[:0])
        self.result.start, self.result.end = start, closing.start() + 1
        self.result.body = min(closing.end() + 1, len(self.source))
        return self.source[start : self.result.end], self.source[self.result.body :]

    def load(self, fm: str, **_kwargs: object) -> dict[str, Any]:
        result = self.result
        try:
            node = _compose(fm)
        except _TooDeepError as error:
            self._fault(error.start, error.start + 1, str(error), _HINT_FLAT)
            return {}
        except yaml.YAMLError as error:
            self.result.faults.append(_syntax_fault(error, fm, result.start))
            return {}
        if node is None:
            self._fault(0, 3, "the frontmatter is empty", _HINT_MISSING)
            return {}
        if not isinstance(node, yaml.MappingNode):
            kind = "a list" if isinstance(node, yaml.SequenceNode) else "plain text"
            self._fault(0, 3, f"the frontmatter must be a mapping, got {kind}", _HINT_MISSING)
            return {}
        builder = _Builder(result.start, result.faults)
        data = builder.mapping(node, 0)
        if builder.left <= 0:
            self._fault(0, 3, f"the frontmatter expands to over {MAX_VALUES} values", _HINT_FLAT)
            return {}
        result.data, result.node = data, node
        for match in _ISSUE_COMMENT().finditer(fm):
            at = result.start + match.start()
            self._fault(
                at,
                result.start + match.end(),
                f"YAML reads `#{match[1]}` as a comment, so the value is empty",
                f"write {match[1]} without the #",
                offset=0,
            )
        return data

    def _fault(self, start: int, end: int, message: str, hint: str, offset: int = 0) -> None:
        self.result.faults.append(Fault(start + offset, end + offset, message, hint))


_HINT_MISSING = (
    "start the file with the keys between two `---` lines; `incident new` creates them, "
    "`incident import` converts an existing postmortem"
)
_HINT_UNCLOSED = "add a `---` line after the last key"
_HINT_FLAT = "write out the values, without anchors and deep nesting"


class _TooDeepError(Exception):
    def __init__(self, start: int) -> None:
        super().__init__(f"the frontmatter is nested more than {MAX_DEPTH} levels deep")
        self.start = start


@lru_cache(maxsize=4)  # an editor checks a text after every key, and few are typed here
def _compose(text: str) -> yaml.Node | None:
    # libyaml composes recursively in C: reject deep nesting before it can crash the process
    if deep := _DEEP().search(text):
        raise _TooDeepError(deep.start())
    depth = 0
    few = text.count("[") + text.count("{") <= 20 * MAX_DEPTH
    for match in () if few else re.finditer(r"[\[{\]}]", text):
        depth = depth + 1 if match[0] in "[{" else max(0, depth - 1)
        if depth > 20 * MAX_DEPTH:
            raise _TooDeepError(match.start())
    loader = _LOADER(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    except RecursionError:  # without libyaml
        raise _TooDeepError(0) from None
    finally:
        loader.dispose()


class _Builder:
    """Turns nodes into values; `left` is the remaining budget, so aliases can't explode."""

    def __init__(self, offset: int, faults: list[Fault]) -> None:
        self.offset = offset
        self.faults = faults
        self.left = MAX_VALUES

    def value(self, node: yaml.Node, depth: int) -> Any:
        self.left -= 1
        if self.left <= 0:
            return None
        if node.tag not in _PLAIN_TAGS:
            tag = node.tag.removeprefix("tag:yaml.org,2002:")
            self._fault(node, f"the tag `!{tag.lstrip('!')}` is not supported", "remove the tag")
            return None
        if isinstance(node, yaml.ScalarNode):
            return node.value if node.style else _scalar(node.value)
        if depth > MAX_DEPTH:
            self.left = 0
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        assert isinstance(node, yaml.MappingNode)
        return self.mapping(node, depth + 1)

    def mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, "a key must be plain text", "replace the list or mapping")
            elif key.value in data:
                self._fault(key, f"duplicate key `{key.value}`", "keep one of the two")
            else:
                data[key.value] = self.value(value, depth)
        return data

    def _fault(self, node: yaml.Node, message: str, hint: str) -> None:
        start, end = self.offset + node.start_mark.index, self.offset + node.end_mark.index
        self.faults.append(Fault(start, end, message, hint))


def _scalar(text: str) -> Any:
    """A plain scalar by YAML 1.2's core schema, without octal, hexadecimal and exponents."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text[:1] not in "+-.0123456789":  # most are not numbers
        return text
    if _INT().fullmatch(text):
        return int(text)
    if _FLOAT().fullmatch(text):
        return float(text)
    return text


def _syntax_fault(error: yaml.YAMLError, text: str, offset: int) -> Fault:
    """A libyaml error in plain words, with a correction."""
    mark = getattr(error, "problem_mark", None)
    at = mark.index if mark is not None else getattr(error, "position", 0)
    at = min(at, max(len(text) - 1, 0))
    found = text[at : at + 1]
    line = text[text.rfind("\n", 0, at) + 1 :].split("\n", 1)[0].strip()
    key, _, value = line.partition(":")
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", "unreadable YAML"))
    # libyaml and PyYAML report the same position in slightly different words
    problem = problem.replace("did not find expected", "expected").partition(", but ")[0]
    message, hint = f"YAML: {problem}", "check the indentation and quotes on this line"
    if "cannot start any token" in problem and found == "@":
        message = "a value cannot start with `@`"
        hint = f"write {line.split('@', 1)[1].split(',')[0].strip(' ]}')} without the @"
    elif "\t" in text[max(0, at - 1) : at + 1]:
        message, hint = "tabs cannot be used for indentation", "use spaces"
    elif "cannot start any token" in problem:
        message = f"a value cannot start with `{found}`"
        hint = f'put the value in quotes: {key.strip()}: "{value.strip()}"'
    elif "mapping values are not allowed" in problem:
        message = "the value contains a colon, which starts a new key"
        hint = f'put the value in quotes: {key.strip()}: "{value.strip()}"'
    elif "special characters" in problem or "control characters" in problem:
        message, hint = "the frontmatter contains a control character", "delete it"
    elif "undefined alias" in problem or "unknown anchor" in problem:
        message = "a value cannot start with `*`"
        hint = f'put the value in quotes: {key.strip()}: "{value.strip()}"'
    return Fault(offset + at, offset + at + 1, message, hint[:200])


def read(text: str) -> Frontmatter:
    """Read the block at the top of `text`; never raises, faults are in the result."""
    start = 1 if text.startswith("\ufeff") else 0
    handler = _Handler(text[start:])
    frontmatter.parse(handler.source, handler=handler)
    result = handler.result
    if start:
        result.start, result.end, result.body = (
            result.start + 1,
            result.end + 1,
            result.body + 1,
        )
        result.faults = [Fault(f.start + 1, f.end + 1, f.message, f.hint) for f in result.faults]
    if found := conflicts.find(text):  # nobody has decided which of the two values holds
        result.data, result.node = {}, None
        result.faults = [Fault(found.start, found.end, found.message, conflicts.HINT)]
    return result
