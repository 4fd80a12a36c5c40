"""Compiled patterns that are kept from one run to the next."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from incident.archive import nicknames
from incident.repository import kept_patterns
from incident.repository.kept_patterns import Patterns
from incident.text import dates, untrusted_text

SOME = (
    ("", 0),
    (r"(?P<year>\d{4})-(?P<month>\d\d)(-\d\d)?", 0),
    (r"\bperson\b|(?i:No)[- ]one", re.MULTILINE | re.DOTALL),
    ("[äöü\u2028-\u202e\U0001f600]+(?<!ß)", re.IGNORECASE),
    *(one.args for one in (nicknames._SPEAKER, dates._DATES, untrusted_text._UNSHOWN)),
)


def made(place: Path) -> list[re.Pattern[str]]:
    patterns = Patterns(place)
    found = [patterns.compile(pattern, int(flags)) for pattern, flags in SOME]
    patterns.save()
    return found


def test_a_kept_pattern_is_what_re_compiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [re.compile(pattern, flags) for pattern, flags in SOME]
    assert made(tmp_path / "kept") == expected
    monkeypatch.setattr(re._compiler, "_code", None)  # type: ignore[attr-defined]
    found = made(tmp_path / "kept")
    assert found == expected
    assert [one.groupindex for one in found] == [one.groupindex for one in expected]
    assert (match := found[1].match("2025-05")) is not None
    assert (match["month"], match.lastgroup) == ("05", "month")


def test_new_patterns_are_added(tmp_path: Path) -> None:
    made(tmp_path / "kept")
    before = len((tmp_path / "kept").read_bytes())
    more = Patterns(tmp_path / "kept")
    more.compile("one more", 0)
    more.save()
    assert len((tmp_path / "kept").read_bytes()) > before
    assert made(tmp_path / "kept") == [re.compile(pattern, flags) for pattern, flags in SOME]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]\n", b"{}\nxyz", b'{"0 ": [0]}\n1234', b"\xff"]
)
def test_a_broken_file_is_ignored(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kept").write_bytes(content)
    assert made(tmp_path / "kept") == [re.compile(pattern, flags) for pattern, flags in SOME]


@pytest.mark.parametrize(
    "about",
    [
        [0, 4, 0, 0, {}],  # these numbers make no pattern
        [0, 99, 32, 1, {}],
        [0, 0, 32, 0, {"a": 7}],
        [0, 1, "x", None, []],
        [0],
        {},
        None,
    ],
)
def test_invalid_numbers_are_not_used(tmp_path: Path, about: object) -> None:
    every = {f"{int(flags)} {pattern}": about for pattern, flags in SOME}
    (tmp_path / "kept").write_bytes(json.dumps(every).encode() + b"\n" + bytes(range(16)))
    assert made(tmp_path / "kept") == [re.compile(pattern, flags) for pattern, flags in SOME]


def test_an_invalid_pattern_is_the_error_of_re(tmp_path: Path) -> None:
    with pytest.raises(re.error, match="unterminated"):
        Patterns(tmp_path / "kept").compile("(", 0)


def test_a_folder_in_its_place_is_not_an_error(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    assert made(tmp_path / "kept") == [re.compile(pattern, flags) for pattern, flags in SOME]


def test_where_python_compiles_in_another_way_re_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise AttributeError

    monkeypatch.setattr(kept_patterns, "_compiled", fails)
    assert made(tmp_path / "kept") == [re.compile(pattern, flags) for pattern, flags in SOME]
    assert not (tmp_path / "kept").exists()
