"""Bytes as texts and values, so that a flipped byte is another word and not another typo.

A byte below 128 is that character; one above is a word of a list that the target gives. The same
reading serves atheris (which knows what its bytes reached) and hypothesis (which does not).
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

# What texts are made of that break parsers: marks, ends of lines, letters that grow in lower case.
MARKS = (
    "\n",
    "\r\n",
    "\n\n",
    "  ",
    "    ",
    "\t",
    "---\n",
    "```\n",
    "~~~\n",
    "<!--",
    "-->",
    "\u2028",
    "\x85",
    "\x0c",
    "\ufeff",
    "\u0130",
    "\u00df",
    "\U0001f4a5",
    "e\u0301",
    "\u00a0",
    "\u0661",
    "\u00b2",
    "\uffff",
    "\u200d",
)


def text(data: bytes, words: tuple[str, ...] = ()) -> str:
    """`data` as text: see above."""
    known = (*words, *MARKS)
    return "".join(chr(b) if b < 128 else known[(b - 128) % len(known)] for b in data)


def bytes_of(data: bytes, words: tuple[str, ...] = ()) -> bytes:
    """A file: with an odd first byte as it is, with an even one as `text` writes it."""
    return data[1:] if data[:1] and data[0] % 2 else text(data[1:], words).encode()


class Source:
    """Choices out of bytes; without bytes, the first choice each time."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def number(self, below: int) -> int:
        """A number from 0 on, one byte of it."""
        value = self.data[self.at] if self.at < len(self.data) else 0
        self.at += 1
        return value % below

    def pick(self, choices: tuple[Any, ...]) -> Any:
        """One of at most 256 choices."""
        return choices[self.number(len(choices))]

    def some(self, length: int) -> bytes:
        """So many bytes."""
        self.at += length
        return self.data[self.at - length : self.at]

    def rest(self) -> bytes:
        """What is left."""
        return self.data[self.at :]

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.data)


_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, 1e308, float("nan"), float("inf"), "", " ", "\n", "\0",
    "\ud800", "x" * 3000, "2025-05-14T09:40:00Z", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00", "1747215600.000100", 1747215600, -1e18, [], {}, [[]], [None],
)  # fmt: skip


def value(source: Source, keys: tuple[str, ...], values: tuple[Any, ...], depth: int = 5) -> Any:
    """A value as JSON has it, of these keys and values, and of odd ones."""
    kind = source.number(8) if depth and not source.empty else 7
    if kind < 3:
        return {
            source.pick(keys): value(source, keys, values, depth - 1)
            for _ in range(source.number(6))
        }
    if kind < 5:
        return [value(source, keys, values, depth - 1) for _ in range(source.number(4))]
    if kind == 5:
        return copy.deepcopy(source.pick(_ODD))
    return source.pick(values)


_known: dict[int, str] = {}


def _written(key: int, write: Callable[[], str]) -> str:
    """A shape as JSON, written once: shapes are constants."""
    if key not in _known:
        _known[key] = write()
    return _known[key]


def json_of(data: bytes, shape: Any, keys: tuple[str, ...], values: tuple[Any, ...]) -> bytes:
    """A JSON file: with an odd first byte these bytes, else `shape` with some places changed."""
    if data[:1] and data[0] % 2:
        return data[1:]
    return json.dumps(shaped(data[1:], shape, keys, values)).encode()


def shaped(data: bytes, shape: Any, keys: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    """A copy of `shape` with some places changed."""
    source = Source(data)
    made = json.loads(_written(id(shape), lambda: json.dumps(shape)))
    while not source.empty:
        _change(source, made, keys, values)
    return made


def _change(source: Source, at: Any, keys: tuple[str, ...], values: tuple[Any, ...]) -> None:
    """Replace or add one value somewhere below `at`."""
    while True:
        if isinstance(at, dict):
            known = tuple(at)
            step: Any = source.pick(known) if known and source.number(4) else source.pick(keys)
        elif isinstance(at, list) and at:
            step = source.number(len(at))
        else:
            source.number(1)
            return
        below = at.get(step) if isinstance(at, dict) else at[step]
        if isinstance(below, (dict, list)) and below and source.number(4):
            at = below
            continue
        at[step] = value(source, keys, values, 3)
        return
