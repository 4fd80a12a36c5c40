"""Links as Markdown has them, and what the rules about them say."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.archive.roster import Roster
from incident.lint import linter
from incident.postmortem import document
from incident.repository import config
from rules.examples import BASE, NOW, with_sections, with_yaml
from support import git_init
from support import run as invoke


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("[a](b.md)", ["b.md"]),
        ("[a](b.md \"a title\") [a](c.md 'one') [a](d.md (two))", ["b.md", "c.md", "d.md (two)"]),
        ("[a](<b c.md>)", ["b c.md"]),
        ("[a][1]\n\n[1]: b.html 'a title'", ["b.html"]),
        ("[a][1] [2]\n\n[1]: <bc.md>\n[2]:\n  d.md", ["bc.md", "d.md"]),
        ("[a][1]\n\n[1]: <b c.md>\n[unused]: d.md", []),
        ("[AI-1]: done\n[^1]: see b.md", []),
        ("<img alt='a>b' src=dip.png> <a href=\"b&amp;c.md\">x</a>", ["dip.png", "b&c.md"]),
        ("<video poster=p.png><source src='m.mp4'>", ["p.png", "m.mp4"]),
        ("`<a href=b.md>` and <https://example.com/a=b.md>", []),
        ("[a](b%20c.md#part)", ["b c.md"]),
        ("![p](dip(1).png?raw=true)", ["dip(1).png"]),
        ("[a](b[1].md) [a](c\\)d.md)", ["b[1].md", "c)d.md"]),
        ("[a]( b.md\n  'title' )", ["b.md"]),
        ("[![p](p.png)](b.md)", ["p.png", "b.md"]),
        ("`[a](b.md)` ``x ` [a](c.md)`` [a](d.md)", ["d.md"]),
        ("`` [a](b.md) `", []),
        ("text\n\n    [a](b.md)\n\n\t[a](c.md)\n\n[a](d.md)", ["d.md"]),
        ("- item\n\n    [a](b.md)\n\n          [a](c.md)\n", ["b.md"]),
        ("text\n    [a](b.md)", ["b.md"]),
        ("[a](b c.md) [a]() [a](b", ["b c.md"]),
        ("[a](b\\_c.md) [a](b\\%c.md) [a](b&amp;c.md)", ["b_c.md", "b\\%c.md", "b&c.md"]),
        ("\\[a](b.md) [a [b](c.md) d](e.md)", ["e.md"]),
        ("<div>\n[a](b.md)\n</div>\n\n[a]\n\n[a]: <c.md> 'title'", ["c.md"]),
        ("[a](https://x.example/b.md) [a](mailto:a@x.example) [a](//x.example)", []),
    ],
)
def test_links_are_read_as_markdown_reads_them(text: str, paths: list[str]) -> None:
    found = document.parse(f"---\nid: x\n---\n{text}", "x.md")
    assert [link.path for link in found.links] == paths
    assert all(found.text[link.start] != "(" for link in found.links)


def judged(root: Path, path: str, said: str, *more: str) -> list[str]:
    """The two rules' messages about a line in a file of the archive, with the files `more`."""
    for one in more:
        (root / one).parent.mkdir(parents=True, exist_ok=True)
        (root / one).touch()
    prepared = linter.make(config.Config(root=root, select=("INC602", "INC605")), NOW, Roster())
    text = with_sections(f"## Supporting evidence\n\n{said}\n")
    outcomes = [prepared.examine(document.parse(text, path))]
    outcomes += [
        prepared.examine(document.parse(with_yaml("id: 2025-01-01-other\n"), one))
        for one in more
        if one.startswith("incidents/") and "README" not in one
    ]
    found = outcomes[0].diagnostics + prepared.check_archive([one.facts for one in outcomes])
    return [d.message for d in found if d.path == path and d.name != "duplicate-id"]


HERE = "incidents/2025/2025-05-14-x.md"
OTHER = "incidents/2024/2024-01-01-o p(1).md"


@pytest.mark.parametrize(
    "said",
    [
        '[it](<../2024/2024-01-01-o p(1).md> "before")',
        "[it](../2024/2024-01-01-o%20p(1).md#root-cause)",
        "[all](README.md) and [all](../README.md?plain=1)",
        "![dip](dip.png?raw=true) [q](../../models/a[1].sql)",
        "`[gone](gone.md)`\n\n    [gone](gone.md)",
        "[issue](https://git.example.com/shop/issues/1) [mail](mailto:data@example.com)",
        "[from the root](/models/a[1].sql)",
        "<a id='Mine'></a> [here](#Mine)",
    ],
)
def test_a_link_that_leads_somewhere(tmp_path: Path, said: str) -> None:
    more = ("incidents/2025/README.md", "incidents/README.md", "models/a[1].sql")
    assert judged(tmp_path, HERE, said, OTHER, *more, "incidents/2025/dip.png") == []


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('[it](gone.md "a title")', "incidents/2025/gone.md does not exist"),
        ("[it](<gone file.md>)", "incidents/2025/gone file.md does not exist"),
        ("[it](gone%20file.md)", "incidents/2025/gone file.md does not exist"),
        ("[it](../2031/gone.md)", "incidents/2031/gone.md does not exist"),
        ("[it](../2024/README.md)", "file ../2024/README.md does not exist"),
        ("![p](dip(2).png?raw=true)", "file dip(2).png does not exist"),
        ("[it](../../../etc/passwd)", "../../../etc/passwd is outside the repository"),
    ],
)
def test_a_link_that_leads_nowhere(tmp_path: Path, said: str, told: str) -> None:
    (tmp_path.parent / "etc").mkdir(exist_ok=True)
    (tmp_path.parent / "etc" / "passwd").touch()
    assert judged(tmp_path, HERE, said, OTHER) == [told]


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("[it](../2024/2024-01-01-other)", "did you mean 2024-01-01-other.md?"),
        ("![dip](Dip.PNG)", "did you mean dip.png?"),
        ("[it](#Root-Cause)", "did you mean #root-cause?"),
        ("[it](#notes-1)", "did you mean #notes_1?"),
        ("[it](far-away.sql)", "add it, or correct the link"),
    ],
)
def test_a_dead_link_gets_a_hint(tmp_path: Path, said: str, hint: str) -> None:
    for name in ("2025/dip.png", "2024/2024-01-01-other.md"):
        (tmp_path / "incidents" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "incidents" / name).touch()
    prepared = linter.make(config.Config(root=tmp_path, select=("INC605",)), NOW, Roster())
    text = with_sections(f"## Root cause\n\n{said}\n\n### Notes\n\n### Notes\n")
    assert [d.hint for d in prepared.examine(document.parse(text, HERE)).diagnostics] == [hint]


def test_a_link_to_the_archive_from_without_is_looked_up(tmp_path: Path) -> None:
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incidents" / "a.md").touch()
    assert judged(tmp_path, "docs/x.md", "[it](../incidents/a.md)") == []
    gone = judged(tmp_path, "docs/x.md", "[it](../incidents/b.md)")
    assert gone == ["file ../incidents/b.md does not exist"]


def test_a_symbolic_link_is_no_second_postmortem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "incidents" / "2025"
    folder.mkdir(parents=True)
    (folder / "one.md").write_text(BASE.replace("## Impact", "See [it](two.md).\n\n## Impact"))
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    select = ("--select", "INC6", "--format", "concise")
    (folder / "two.md").write_bytes((folder / "one.md").read_bytes())
    assert "INC601" in invoke("lint", *select).stdout
    (folder / "two.md").unlink()
    (folder / "two.md").symlink_to("one.md")
    assert invoke("lint", *select).stdout == ""  # not from the cache either, and no dead link
    (folder / "two.md").unlink()
    assert "incidents/2025/two.md does not exist" in invoke("lint", *select).stdout
