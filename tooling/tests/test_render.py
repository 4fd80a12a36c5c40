"""`incident render`: the same pages as the wiki, for other engines; nothing in them can run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from markdown import Markdown

import crawler
from article_support import articles, differences
from incident.render import formats
from incident.render.contents import Rendered
from incident.render.formats import markdown
from incident.site import guard
from site_support import build, write_repository
from support import git_init, run
from test_browser_safe import PAYLOADS, RUNS, Elements, hostile

LINKS = """
[page](../2025/2025-09-02-revenue-drops-again.md#summary), [rows](rows.csv), ![a plot](plot.svg),
[model](../../models/orders.sql), [root](/incidents/2025/rows.csv),
<a href="../2025/rows.csv">raw</a>, [gone](gone.md), [all](..) and [here](#summary).

```sql
select 1

from {{ ref("orders") }} {% macro %}
```

```mermaid
flowchart LR
  a --> b
```
"""


def repository(root: Path) -> Path:
    write_repository(root)
    path = root / "incidents" / "2026" / "2026-03-01-orders-late.md"
    path.write_text(path.read_text() + LINKS.replace("](rows", "](../2025/rows"))
    folder = root / "incidents" / "2025"
    (folder / "rows.csv").write_text("a,b\n\n1,{{ 2 }}\n")
    (folder.parent / "2026" / "plot.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><script>x</script><path d="M0 0"/></svg>'
    )
    (folder / "page.html").write_text("<script>x</script>")
    (folder / "2025-01-01-broken.md").write_text("---\nid: a\nid: b\n---\n")
    (root / "models").mkdir()
    (root / "models" / "orders.sql").touch()
    mkdocs = root / "mkdocs.yml"
    values = "site_name: Data incidents\nrepo_url: https://git.example.com/shop/data\n"
    text = re.sub(r"^site_name:.*\n", values, mkdocs.read_text(), flags=re.MULTILINE)
    mkdocs.write_text(f"extra: {{key: !ENV [KEY]}}\n{text}")
    git_init(root)
    return root


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = repository(tmp_path / "repository")
    monkeypatch.chdir(root)
    return root


@pytest.mark.slow
def test_html_has_the_words_and_links_of_the_wiki(root: Path, tmp_path: Path) -> None:
    mkdocs = root / "mkdocs.yml"
    mkdocs.write_text(f"use_directory_urls: false\n{mkdocs.read_text()}")
    wiki = articles(build(root, tmp_path / "site").site)
    assert run("render", tmp_path / "out", "--format", "html").exit_code == 0
    rendered = articles(tmp_path / "out")
    assert len(rendered) > 90
    assert differences(wiki, rendered) == []
    assert crawler.dead_links(tmp_path / "out", index=None)[1] == []


def test_markdown_is_one_element_that_every_engine_passes_on(root: Path, tmp_path: Path) -> None:
    result = run("render", tmp_path / "out")
    assert result.stdout == f"{tmp_path / 'out'}\n"
    documents = tmp_path / "out" / "docs"
    pages = sorted(documents.rglob("*.md"))
    assert len(pages) > 90
    for path in pages:
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        assert yaml.safe_load(head)["title"], path
        assert body.startswith("\n<div>")
        assert "\n\n" not in body.strip("\n"), path
        assert not re.search(r"\{[{%#]", body), path
        assert Markdown().convert(body) == body.strip("\n"), path
    shown = (documents / "incidents/2026/2026-03-01-orders-late.md").read_text(encoding="utf-8")
    assert 'href="https://git.example.com/shop/data/blob/HEAD/models/orders.sql"' in shown
    assert 'href="../../../incidents/2025/2025-09-02-revenue-drops-again/#summary"' in shown
    assert (documents / "incidents/2026/plot.svg").read_text().count("script") == 0
    configuration = yaml.safe_load((tmp_path / "out" / "mkdocs.yml").read_text())
    assert configuration["site_name"] == "Data incidents"
    assert all((documents / path).is_file() for path in configuration["extra_css"])
    assert all((documents / next(iter(one.values()))).is_file() for one in configuration["nav"])


def test_the_report_names_what_was_left_out_and_what_leads_nowhere(
    root: Path, tmp_path: Path
) -> None:
    result = run("render", tmp_path / "out", "--json")
    report = json.loads(result.stdout)
    assert report["dead_links"] == ["incidents/2026/2026-03-01-orders-late.md: gone.md"]
    broken, page = report["left_out"][::-1]
    assert broken.startswith("incidents/2025/2025-01-01-broken.md: ")
    assert page.startswith("incidents/2025/page.html is not shown in the wiki: .html could run")
    assert "warning: a link leads nowhere: incidents/2026" in result.stderr
    assert not list((tmp_path / "out").rglob("page.html*"))


def test_a_second_run_replaces_the_first_and_nothing_of_others(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    refused = run("render", out)
    assert refused.exit_code == 2
    assert "has files that `incident render` did not write" in refused.stderr
    (out / "mine.txt").unlink()
    run("render", out)
    (out / "mine.txt").write_text("mine")
    page = out / "docs" / "incidents" / "2026" / "2026-03-01-orders-late.md"
    assert page.is_file()
    (root / "incidents" / "2026" / "2026-03-01-orders-late.md").unlink()
    assert run("render", out).exit_code == 0
    assert not page.exists()
    assert (out / "mine.txt").read_text() == "mine"
    assert run("render", root / "incidents" / "out").exit_code == 2
    assert run("render", out, "--format", "html").exit_code == 0
    assert not (out / "docs").exists()


def test_nothing_outside_the_folder_is_removed(root: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    out.mkdir()
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    (out / "link").symlink_to(other)
    names = ["link/mine.txt", "../other/mine.txt", str(other / "mine.txt"), 3]
    (out / ".incident-render.json").write_text(json.dumps(names))
    assert run("render", out).exit_code == 0
    assert (other / "mine.txt").read_text() == "mine"


def test_the_guard_is_closed_again(root: Path, tmp_path: Path) -> None:
    assert run("render", tmp_path / "out").exit_code == 0
    with pytest.raises(Exception, match="this engine runs without the plugin"):
        Markdown(extensions=[guard.makeExtension()]).convert("a")


def test_nothing_of_an_attack_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = PAYLOADS[::7]  # test_engines has all of them, in a browser
    files = {f"2025/2025-01-01-{n}.md": hostile(n, text) for n, text in enumerate(chosen)}
    root = write_repository(tmp_path / "repository", files)
    monkeypatch.chdir(root)
    for form in formats.names():
        out = tmp_path / form
        assert run("render", out, "--format", form).exit_code == 0
        for path in (p for p in out.rglob("*2025-01-01*") if p.is_file()):
            text = path.read_text(encoding="utf-8")
            for tag, attributes in Elements(text.partition("</head>")[2] or text).found:
                assert tag not in RUNS, path
                assert not [name for name in attributes if name.startswith("on")], path
                assert "javascript:" not in (attributes.get("href") or ""), path


@pytest.mark.parametrize(
    ("html", "block"),
    [
        ("<p>a</p>\n\n\n   <p>b</p>", "<p>a</p>\n<p>b</p>"),
        ("<pre>a\n\n    b</pre>", "<pre>a&#10;&#10;    b</pre>"),
        ("<p>{{ a }} {% b %} {# c #} {{{d}}}</p>", None),
    ],
)
def test_a_block(html: str, block: str | None) -> None:
    found = markdown.block(html)
    if block is None:
        assert not re.search(r"\{[{%#]", found)
    else:
        assert found == block


def test_a_title_is_text() -> None:
    title = '"a" <b> & &lt;c&gt;: {{ d }} # e\n---\n'
    text = markdown.markdown(Rendered("a.md", title, "<p>x</p>"))
    _, head, _ = text.split("---\n", 2)
    shown = yaml.safe_load(head)["title"]
    assert shown == "\u201da\u201d \u2039b\u203a & \uff06lt;c\uff06gt;: { { d }} # e\n---\n"
