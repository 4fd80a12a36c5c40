"""An edit changes one value and keeps every other byte."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import IncidentError, UsageError
from incident.postmortem import edit, frontmatter
from incident.repository import atomic_files
from incident.text import untrusted_text

TEXT = """\
---
# who
id: 2025-05-14-x   # the stem
title: 'It''s "wrong"'
empty:
nested:    # a comment
    flow: {a: 1, b: }
    block: |
        two
        lines

    last: x
items:
  - {id: AI-1, issue: null}   # keep
  - id: AI-2
    issue:
---
body: id: x
"""
PLACES: list[frontmatter.Path] = [
    ("id",),
    ("title",),
    ("empty",),
    ("new",),
    ("newer",),
    ("nested", "flow", "a"),
    ("nested", "flow", "c"),
    ("nested", "block"),
    ("nested", "new"),
    ("nested", "newer"),
    ("items", 0, "issue"),
    ("items", 0, "status"),
    ("items", 0, "proof"),
    ("items", 1, "issue"),
    ("items", 1, "status"),
    ("items", 1, "proof"),
]


@given(st.lists(st.sampled_from(PLACES), unique=True), st.data())
def test_several_values_at_once_are_the_same_as_one_after_another(
    places: list[frontmatter.Path], data: st.DataObject
) -> None:
    value = st.sampled_from(["one", "a: b", 7, None, True])
    values = {place: data.draw(value) for place in places}
    expected = TEXT
    for place, chosen in values.items():
        expected = edit.set_value(expected, place, chosen)
    assert edit.set_values(TEXT, values) == expected


def test_of_several_values_none_is_set_where_one_cannot_be() -> None:
    with pytest.raises(IncidentError, match="has several values"):
        edit.set_values(TEXT, {("id",): "other", ("nested",): "x"})


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("id",), "other", "id: 2025-05-14-x   #", "id: other   #"),
        (("title",), "plain", "'It''s \"wrong\"'", "plain"),
        (("title",), "a: b", "'It''s \"wrong\"'", '"a: b"'),
        (("empty",), 5, "empty:\n", "empty: 5\n"),
        (("nested", "flow", "a"), "x, y", "a: 1", 'a: "x, y"'),
        (("nested", "flow", "b"), True, "b: }", "b: true }"),
        (("nested", "flow", "c"), None, "b: }", "b: , c: null}"),
        (("nested", "block"), "one", "|\n        two\n        lines\n", "one\n"),
        (("nested", "new"), "x", "    last: x\n", "    last: x\n    new: x\n"),
        (("items", 0, "issue"), 12, "issue: null}", "issue: 12}"),
        (("items", 1, "issue"), 13, "    issue:\n", "    issue: 13\n"),
        (("items", 1, "status"), "done", "    issue:\n", "    issue:\n    status: done\n"),
        (("owner",), "2025-01-01", "    issue:\n---", '    issue:\nowner: "2025-01-01"\n---'),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_one_value_changes_and_nothing_else(
    path: frontmatter.Path, value: edit.Scalar, before: str, after: str, line_end: str
) -> None:
    text = TEXT.replace("\n", line_end)
    expected = TEXT.replace(before, after, 1).replace("\n", line_end)
    assert edit.set_value(text, path, value) == expected


@pytest.mark.parametrize("path", [("nested",), ("items", 7, "issue"), ("no", "way"), ("items", 0)])
def test_what_has_no_place_is_refused(path: frontmatter.Path) -> None:
    with pytest.raises(IncidentError):
        edit.set_value(TEXT, path, "x")


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40),
)
_PATHS = st.sampled_from(
    [
        *[("id",), ("title",), ("empty",), ("nested", "flow", "a"), ("nested", "flow", "b")],
        *[("nested", "block"), ("nested", "last"), ("items", 0, "issue"), ("items", 1, "issue")],
        *[("added",), ("nested", "added"), ("items", 0, "added"), ("items", 1, "added")],
    ]
)


@given(_VALUES, _PATHS, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
def test_any_value_can_be_set_and_read_back(
    value: edit.Scalar, path: frontmatter.Path, line_end: str, bom: str
) -> None:
    text = bom + TEXT.replace("\n", line_end)
    changed = edit.set_value(text, path, value)
    found: object = frontmatter.read(changed).data
    for step in path:
        found = found[step]  # type: ignore[index]
    assert found == value
    assert changed.count("\n") - text.count("\n") in {-2, 0, 1}
    assert "body: id: x" in changed
    assert "# keep" in changed


def test_writing_keeps_the_mode_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    atomic_files.write_text(file, "new\r\n")
    assert file.read_bytes() == b"new\r\n"
    assert sys.platform == "win32" or stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.md"]


def test_creating_never_replaces(tmp_path: Path) -> None:
    file = tmp_path / "year" / "a.md"
    atomic_files.create_text(file, "one")
    with pytest.raises(UsageError, match="already exists"):
        atomic_files.create_text(file, "two")
    assert file.read_text(encoding="utf-8") == "one"
    assert os.listdir(file.parent) == ["a.md"]


def test_a_failed_write_leaves_the_old_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.md"
    file.write_text("old", encoding="utf-8")

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        atomic_files.write_text(file, "new")
    assert file.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["a.md"]


LISTS = """\
---
empty: []   # none yet
bare:
null_one: null
flow: [a, b]  # letters
block:
  - a: 1
    b: 2   # kept
  - c

# below
nested: {list: [], x: 1, gone: }
deep:
  list:
last: 1
---
body
"""


@pytest.mark.parametrize(
    ("path", "after"),
    [
        (("empty",), 'empty:      # none yet\n  - {ref: "a:b", n: 1}   # note\n  - x\nbare'),
        (("bare",), 'bare:\n  - {ref: "a:b", n: 1}   # note\n  - x\nnull_one'),
        (("null_one",), 'null_one:\n  - {ref: "a:b", n: 1}   # note\n  - x\nflow'),
        (("flow",), 'flow: [a, b, {ref: "a:b", n: 1}, x]  # letters\n'),
        (("block",), '  - c\n  - {ref: "a:b", n: 1}   # note\n  - x\n\n# below'),
        (("nested", "list"), 'nested: {list: [{ref: "a:b", n: 1}, x], x: 1'),
        (("nested", "gone"), 'x: 1, gone: [{ref: "a:b", n: 1}, x] }'),
        (("nested", "new"), 'gone: , new: [{ref: "a:b", n: 1}, x]}'),
        (("deep", "list"), '  list:\n    - {ref: "a:b", n: 1}   # note\n    - x\nlast'),
        (("new",), 'last: 1\nnew:\n  - {ref: "a:b", n: 1}   # note\n  - x\n---'),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_items_go_to_the_end_of_a_list(path: frontmatter.Path, after: str, line_end: str) -> None:
    text = LISTS.replace("\n", line_end)
    changed = edit.extend(text, path, [{"ref": "a:b", "n": 1}, "x"], ["note", ""])
    assert after.replace("\n", line_end) in changed
    added = edit.extend(changed, path, ["y"])
    assert frontmatter.read(added).faults == []
    assert added.endswith("---\nbody\n".replace("\n", line_end))
    assert edit.extend(text, path, []) == text


@pytest.mark.parametrize("path", [("last",), ("nested",), ("block", 0), ("last", "x"), ("no", "x")])
def test_only_lists_take_items(path: frontmatter.Path) -> None:
    with pytest.raises(IncidentError):
        edit.extend(LISTS, path, ["x"])


@given(
    st.sampled_from([("empty",), ("bare",), ("flow",), ("block",), ("nested", "list"), ("new",)]),
    st.lists(st.text(max_size=12) | st.fixed_dictionaries({"ref": st.text(max_size=12)})),
)
def test_any_items_can_be_added(path: frontmatter.Path, items: list[str | dict[str, str]]) -> None:
    clean = [untrusted_text.one_line(item) if isinstance(item, str) else item for item in items]
    rows: list[Any] = [
        {"ref": untrusted_text.one_line(item["ref"])} if isinstance(item, dict) else item
        for item in clean
    ]
    found = frontmatter.read(edit.extend(LISTS, path, rows)).data
    value: Any = found
    for step in path:
        value = value.get(step)
    assert (value or [])[len(value or []) - len(rows) :] == rows


@pytest.mark.parametrize(
    ("block", "path", "value", "after"),
    [
        ("a: {status}", ("a", "status"), "done", "a: {status: done}"),
        (
            "a: { status , b: 1 }  # why: x",
            ("a", "status"),
            None,
            "a: { status: null , b: 1 }  # why: x",
        ),
        ('a: {"status"}', ("a", "status"), "done", 'a: {"status": done}'),
        ("a: {status : , b: 1}", ("a", "status"), "done", "a: {status : done , b: 1}"),
        ("a: {}  # none", ("a", "b"), "done", "a: {b: done}  # none"),
        ("a: {b: 1, c, }", ("a", "d"), "done", "a: {b: 1, c, d: done }"),
        ("a: {b: 1, c: , }", ("a", "d"), "done", "a: {b: 1, c: , d: done }"),
        ("a: >-  # why\n  x\n  y\nb: 1", ("a",), "done", "a: done  # why\nb: 1"),
        ("a: |+  # why\n  x # no comment\n\nb: 1", ("a",), "done", "a: done  # why\n\nb: 1"),
    ],
)
def test_a_value_that_yaml_lets_one_leave_out_gets_its_place(
    block: str, path: frontmatter.Path, value: str | None, after: str
) -> None:
    changed = edit.set_value(f"---\n{block}\n---\n\nbody\n", path, value)
    assert changed == f"---\n{after}\n---\n\nbody\n"


@pytest.mark.parametrize("block", ["? a", "? a  # why: x", "? a\n# why: x", "? a\n: b"])
def test_what_has_no_colon_is_refused_and_never_written_into_a_comment(block: str) -> None:
    text = f"---\n{block}\n---\n"
    if ": b" in block:
        assert edit.set_value(text, ("a",), None) == "---\n? a\n: null\n---\n"
    else:
        with pytest.raises(IncidentError, match="a has no colon"):
            edit.set_value(text, ("a",), None)
    with pytest.raises(IncidentError):
        edit.extend(text, ("a", "b"), ["c"])
