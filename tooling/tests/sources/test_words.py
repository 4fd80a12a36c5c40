"""Untrusted text stays text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import Markdown

from incident.text.untrusted_text import cut, escape, escape_lines, one_line

TAG = re.compile(r"<(?!/?p>|/?br ?/?>)[^>]*>")


def shown(markdown: str) -> str:
    """The HTML of Markdown, with the extensions of the wiki that change text."""
    return Markdown(extensions=["tables", "attr_list", "def_list", "footnotes"]).convert(markdown)


@pytest.mark.parametrize(
    "text",
    [
        "**bold** _it_ `code` [a](javascript:b) ![c](d) <b>x</b> &lt;i&gt;",
        "stg_orders__v2 and _this_ and * that *",
        "~~a~~ ==b== ^^c^^ ++d++ {: .x }",
        r"back\slash \* \\",
        "<script>alert(1)</script>",
        "# no heading",
        "- no list",
        "1. no list",
        "> no quote",
        "| a | b |",
        "Title\n===",
        "[^1]: note",
        "    no code",
        "```\nfence",
        ": term",
        "<!-- comment",
    ],
)
def test_markup_is_shown_as_it_is(text: str) -> None:
    found = shown(escape_lines(text))
    assert TAG.findall(found) == []
    plain = " ".join(html.unescape(re.sub(r"</?p>", " ", found)).split())
    assert plain == " ".join(text.split())


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_no_text_becomes_markup(text: str) -> None:
    assert TAG.findall(shown(escape_lines(text))) == []
    assert "\n" not in escape(text)


@given(st.text(max_size=50))
def test_lines_are_lines(text: str) -> None:
    for line in (one_line(text), cut(text, 10)):
        assert len(line.splitlines()) <= 1
        line.encode("utf-8")
    assert len(cut(text, 10)) <= 10
