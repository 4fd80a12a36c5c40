"""What is code, a comment, a link, a heading: as the wiki renders it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import markdown
import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from incident.archive.roster import Roster
from incident.lint import linter
from incident.postmortem import document
from incident.postmortem.document import Document
from incident.postmortem.markdown import rendering
from incident.repository import config
from rules.examples import NOW, STEM, with_sections

ROOT = Path(__file__).parents[2]


def shipped() -> dict[str, dict[str, object]]:
    listed = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["markdown_extensions"]
    pairs = [next(iter(one.items())) if isinstance(one, dict) else (one, {}) for one in listed]
    found = dict(pairs)
    del found["incident"]  # it converts nothing, but refuses to where nothing sanitizes
    return found


def test_the_extensions_are_those_of_the_wiki() -> None:
    assert shipped() == rendering.EXTENSIONS


class Page(HTMLParser):
    """The texts of a rendered page: in code, and elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.code, self.prose, self.depth = "", "", 0
        self.titles: list[str] = []
        self.is_title = False
        configs = shipped()
        configs["toc"] = {"slugify": rendering.slug}
        self.html = markdown.markdown(
            text, extensions=["fenced_code", *configs], extension_configs=configs
        )
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.depth += tag in {"pre", "code"}
        if re.fullmatch("h[1-6]", tag):
            self.is_title = True
            self.titles.append("")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag in {"pre", "code"}
        self.is_title = self.is_title and tag[0] != "h"

    def handle_data(self, data: str) -> None:
        if self.is_title:
            self.titles[-1] += data
        if self.depth:
            self.code += data
        else:
            self.prose += data


def read(body: str) -> Document:
    return document.parse(f"---\nid: x\n---\n{body}", "x.md")


def agrees(body: str) -> None:
    """Fail where a word of ours (w0, w1 ...) is in code for us and not on the page, or reverse."""
    found = read(body)
    page = Page(found.markdown)
    exact = found.rendered()
    for word in re.finditer(r"w\d+\b", found.text):
        in_code = re.search(rf"{word[0]}\b", page.code) is not None
        in_prose = re.search(rf"{word[0]}\b", page.prose) is not None
        at = word.start()
        if not in_code and not in_prose:
            continue
        quick = found.without_code[at] == " "
        assert quick <= (in_code or found.is_comment(at)), (word[0], page.html)
        if in_code:
            assert quick or found.may_be_code(at), (word[0], page.html)
        assert (exact.without_code[at] == " ") == in_code, (word[0], page.html)


PIECES = (
    *("a w", "- w", "  - w", "    - w", "1. w", "> w", "> > w", "    w", "        w", "\tw"),
    *("```", "~~~", "```sql", "    ```", "  ```", "> ```", "````", "```sql w x", "- ```"),
    *("", "", "", "!!! note", "??? note", "    ??? note", "[^1]: w", "## w", "a w\n---", "| w |"),
    *("a `w", "a `w` w", "w` a", "``w ` w``", "a \\`w`", "`` w", "      w", "a w[^1]", "      ```"),
    *(
        "<pre>\nw\n\nw</pre>",
        "a <pre>w</pre>",
        "a <code>w</code> w",
        ">     w",
        "* * *",
        "> ",
        "  w",
        "---",
        "- [ ] w",
    ),
    *("<!-- w", "w -->", "<!-- w --> w", "    <!-- w -->", "a `<!-- w -->`", "```{.sql}"),
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14))
@example(["    ```", "w", "    ```", "    w"])
def test_code_is_what_the_wiki_shows_as_code(lines: list[str]) -> None:
    numbers = iter(range(1000))
    agrees(re.sub(r"\bw\b", lambda _: f"w{next(numbers)}", "\n".join(lines)))


def test_a_block_that_is_never_closed_hides_nothing() -> None:
    for body in ("<pre>\nw0\n\n", "```\nw0\n\nw1\n", "a <code>w0\n\nw1"):
        exact = read(body).rendered()
        assert "w0" in exact.prose


HEADINGS = (
    *("# Root cause", "## Root cause", "### Root cause", "## `dbt run` & *so* on", "## 根本原因"),
    *("## Détection", "## Причина", "## [a](b.md) c", "## C#", "## a_b <b>c</b>", "a `b\n---"),
    *(
        "Impact\n======",
        "##No space",
        "   ## Indented",
        "- ## In a list",
        "> ## Quoted",
        "## &amp;",
    ),
    *("```\n# comment\n```", "    # code", "text", "", '<a id="Mine"></a>', "## a <!-- b -->", "#"),
    *(
        "- item\n---",
        "a\nb\n---",
        "| a |\n|---|",
        "## a\\*b",
        "## #4 a",
        "##",
        "!!! note\n    # In",
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(HEADINGS), max_size=8), st.sampled_from(["\n", "\n\n"]))
def test_anchors_are_those_of_the_page(lines: list[str], between: str) -> None:
    found = read(between.join(lines))
    page = Page(found.markdown)
    ids = set(re.findall(r'\bid="([^"]*)"', page.html))
    assert found.anchors == {"top", *ids}
    assert all(found.has_anchor(name) for name in ids)
    shown = [re.sub(r"\W", "", title) for title in page.titles]
    for section in found.rendered().sections:  # ours are fewer: GitHub must know them too
        plain = re.sub(r"<[^<>]*>|\(b\.md\)|&amp;|\W", "", section.title)
        assert plain in shown, (section, page.html)


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Root cause", "root-cause"),
        ("Detection & alerting", "detection-alerting"),
        ("根本原因", "根本原因"),
        ("Détection", "détection"),
        ("`dbt run` failed", "dbt-run-failed"),
        ("Impact\n\n## Impact", "impact_1"),
        ("原因\n\n## 原因", "原因_1"),
    ],
)
def test_a_link_leads_to_the_anchor_of_a_heading(heading: str, anchor: str) -> None:
    body = f"## Supporting evidence\n\n### {heading}\n\n[a](#{anchor}) [b](#{anchor}-gone)\n"
    assert [m for m in judged(body) if "anchor" in m] == [
        f"no heading has the anchor #{anchor}-gone"
    ]


SECRET = "password = 'a1B2c3D4e5F6g7H8'"
LEFT = "TODO: ask ines.halvorsen@example.com, we forgot to"
CODE = {
    "fence": "```\n{}\n```",
    "indented": "The log:\n\n    {}",
    "span": "The log has `{}` in it.",
    "span over two lines": "The log has `this: {}\nand that` in it.",
    "fence in a list": "1. Run this:\n\n    ```sql\n    {}\n    ```",
    "fence in a nested list": "- One\n    - Two:\n\n        ```sql\n        {}\n        ```",
    "pre": "<pre>\n{}\n</pre>",
    "fence in a quote": "> ```\n> {}\n> ```",
    # reported to other linters as taken for prose
    "fence in an item of three columns": "1. Run this:\n\n   ```\n   {}\n   ```",
    "fence right below its item": "- One\n- Two\n    ```c\n    {}\n    ```\n- Three",
    "fence in an admonition": "!!! example\n    ```shell\n    {}\n    ```",
    "fence in a quote with text": "> [!NOTE]\n> So:\n>\n> ```json\n> {}\n> ```\n>\n> Done.",
    "fence below HTML": "<div>\n<ul>\n    <li>a</li>\n</ul>\n</div>\n\n```pycon\n{}\n```",
    "tildes": "~~~~\n~~~\n{}\n~~~~",
    "Windows lines": "```\r\n{}\r\n```\r",
}
# in <pre> a comment is one
SHOWN = [form for name, form in CODE.items() if name != "pre"]
PROSE = {
    "paragraph": "{}",
    "admonition": "!!! note\n    {}",
    "admonition with a blank line": '!!! warning "Open"\n\n    {}',
    "details": "??? note\n    {}",
    "footnote": "As said.[^1]\n\n[^1]: First.\n\n    {}",
    "unclosed fence": "```\n{}",
    "six spaces below a bullet": "- One\n\n      {}",
    "item": "- One\n    - {}",
    "below a fence of another kind": "```\nx\n```\n\n{}\n\n~~~\ny\n~~~",
    "less indented than its fence": "    ````text\n{}\n    ````",
    "escaped backticks": "\\`{}\\`",
    "after a lone backtick": "It's 5` long\nand `so` {} it is",
    "comment in code": "`<!--` {}",
}


LINK = "[The query](https://example.com/q/12)"  # without one, evidence is missing


def judged(body: str) -> list[str]:
    prepared = linter.make(config.Config(root=Path("/nowhere")), NOW, Roster())
    text = body if body.startswith("## Supp") else f"## Supporting evidence\n\n{LINK}\n\n{body}\n"
    path = f"incidents/2025/{STEM}.md"
    return [d.message for d in prepared.check(document.parse(with_sections(text), path))]


@pytest.mark.parametrize("form", CODE)
def test_nothing_is_found_in_code_but_a_secret(form: str) -> None:
    assert judged(CODE[form].format(LEFT)) == []
    assert [m for m in judged(CODE[form].format(SECRET)) if "secret" in m]


@pytest.mark.parametrize("form", PROSE)
def test_what_a_reader_sees_is_checked(form: str) -> None:
    messages = judged(PROSE[form].format(LEFT))
    assert '"TODO" is a placeholder' in messages
    assert "ines.halvorsen@example.com is a personal address" in messages
    assert any(message.startswith('"we forgot') for message in messages)
    assert [m for m in judged(PROSE[form].format(SECRET)) if "secret" in m]


def test_one_of_two_findings_is_in_code() -> None:
    assert judged("The log:\n\n    TODO\n\nTODO") == ['"TODO" is a placeholder']


def test_a_suppression_shown_as_code_suppresses_nothing() -> None:
    comment = "<!-- incident-ignore-file: placeholder-text -- an example -->"
    assert judged(f"{comment}\n\nTODO") == []
    for form in SHOWN:
        assert '"TODO" is a placeholder' in judged(f"{form.format(comment)}\n\nTODO")


def test_the_wiki_shows_a_comment_in_code() -> None:
    for form in SHOWN:
        page = Page(read(form.format("<!-- w0 -->") + "\n\nSaid <!-- w1 -->.").markdown)
        assert "w0" in page.code
        assert "w1" not in page.html
