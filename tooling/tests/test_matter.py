"""The YAML block: values as written, places, and faults in words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.postmortem import frontmatter


def read(block: str) -> frontmatter.Frontmatter:
    return frontmatter.read(f"---\n{block}\n---\nbody\n")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2025-05-14", "2025-05-14"),
        ("2025-05-14 02:15:00", "2025-05-14 02:15:00"),
        ("10:40", "10:40"),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("82", 82),
        ("-3", -3),
        ("1.5", 1.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'null'", "null"),
        ('"82"', "82"),
        ("9" * 30, "9" * 30),
    ],
)
def test_scalars_stay_as_people_wrote_them(written: str, value: object) -> None:
    assert read(f"key: {written}").data == {"key": value}


@pytest.mark.parametrize(
    ("block", "message", "hint"),
    [
        ("owner: @eng1", "a value cannot start with `@`", "write eng1 without the @"),
        ("roles: [@a]", "a value cannot start with `@`", "write a without the @"),
        ("title: Revenue: wrong", "a colon", 'title: "Revenue: wrong"'),
        ("a:\n\tb: 1", "tabs", "use spaces"),
        ("issue: #123", "as a comment", "write 123 without the #"),
        ("a: 1\na: 2", "duplicate key `a`", "keep one"),
        ("a: !py/object 1", "the tag", "remove the tag"),
        ("- a\n- b", "got a list", "`---`"),
        ("just words", "got plain text", "`---`"),
        ("", "is empty", "`---`"),
        ("a: `x`", "a value cannot start with", "in quotes"),
        ("a: *b", "cannot start with `*`", "in quotes"),
        ("? [a]\n: b", "a key must be plain text", "replace the list"),
        ("a: \x07", "a control character", "delete it"),
        ("a: 'x", "YAML:", "quotes"),
    ],
)
def test_faults_say_what_to_type_instead(block: str, message: str, hint: str) -> None:
    faults = read(block).faults
    assert message in faults[0].message
    assert hint in faults[0].hint


@pytest.mark.parametrize(
    "text", ["", "---", "---\n", "---\nid: x\n", "# Title\n", "\n---\na: 1\n---\n"]
)
def test_a_missing_or_unclosed_block_is_a_fault(text: str) -> None:
    assert frontmatter.read(text).faults


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
)


@pytest.mark.parametrize(
    "block",
    [
        BOMB,
        "a: &x [*x]",
        "a: " + "[" * 50_000,
        "a: " + "{b: " * 50_000,
        "a:\n" + "- " * 3_000 + "x",
    ],
    ids=["bomb", "self", "brackets", "braces", "dashes"],
)
def test_nothing_expands_without_bound(block: str) -> None:
    begun = time.monotonic()
    assert read(block).faults
    assert time.monotonic() - begun < 5  # a hang, not a speed: it takes milliseconds


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_places_are_offsets_into_the_whole_text(line_end: str, bom: str) -> None:
    text = bom + "---\nid: x\nitems:\n  - {due: ä, owner: b}\n  - owner: 'c d'\n---\nbody\n"
    text = text.replace("\n", line_end)
    found = frontmatter.read(text)
    assert found.faults == []

    def at(*path: str | int) -> str:
        place = found.place(path)
        assert place is not None
        return text[place.start : place.end]

    assert at("id") == "x"
    assert at("items", 0, "owner") == "b"
    assert at("items", 1, "owner") == "'c d'"
    assert text[found.body :].startswith("body")
    assert found.place(("items", 2)) is None
    assert found.nearest(("items", 1, "gone")) == found.place(("items", 1))


@given(st.text(max_size=300))
def test_no_text_breaks_the_loader(text: str) -> None:
    frontmatter.read(text)
    frontmatter.read(f"---\n{text}\n---\n")


_YAML = st.text(alphabet="ab:-#[]{}&*!|>'\"%@`,? \n\t0129.\r", max_size=120)


@given(_YAML)
def test_no_yaml_breaks_the_loader(block: str) -> None:
    found = read(block)
    assert found.faults or found.node is not None
    for fault in found.faults:
        assert 0 <= fault.start <= fault.end
