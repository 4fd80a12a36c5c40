"""Changed copies of an input: values swapped, dropped and doubled, and bytes overwritten."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1.5, 10**30, "", "x", "\x00\u202e\ud83d\ude00", [], {}, [[]], {"a": None}),
    *("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59Z", "2026-02-30T25:61:00Z", "NaN", "error"),
    *("<script>", "--> \n# x", "../../x", "a" * 5000, [None, {}, "x"], ["2026-01-01", 3]),
)


def of_json(content: Any, count: int, seed: int = 7) -> Iterator[Any]:
    """`count` changed copies of a JSON value."""
    dice = random.Random(seed)
    for _ in range(count):
        changed = copy.deepcopy(content)
        for _ in range(dice.choice((1, 1, 2, 5))):
            places = list(_places(changed))
            if not places:
                break
            parent, key = dice.choice(places)
            what = dice.randrange(4)
            if what == 0:
                del parent[key]
            elif what == 1 and isinstance(parent, list):
                parent.append(copy.deepcopy(parent[key]))
            elif what == 2:
                other, place = dice.choice(places)
                parent[key] = copy.deepcopy(other[place])
            else:
                parent[key] = copy.deepcopy(dice.choice(VALUES))
        yield changed


def of_bytes(content: bytes, count: int, seed: int = 7) -> Iterator[bytes]:
    """`count` changed copies of a file."""
    dice = random.Random(seed)
    for _ in range(count):
        changed = bytearray(content)
        for _ in range(dice.choice((1, 2, 8))):
            at = dice.randrange(len(changed) + 1)
            new = dice.choice((b"", b"\x00", b"\xff", b"\n", b'"', b",", b"{", b"]", b"9", b"\r"))
            changed[at : at + dice.randrange(6)] = new
        yield bytes(changed)


def of_json_lines(rows: list[Any], count: int, seed: int = 7) -> Iterator[str]:
    """`count` changed copies of a file of JSON lines."""
    for changed in of_json(rows, count, seed):
        yield "\n".join(json.dumps(row) for row in changed)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    items = list(value.items() if isinstance(value, dict) else enumerate(value))
    for key, inner in items:
        yield value, key
        if isinstance(inner, (dict, list)):
            yield from _places(inner)
