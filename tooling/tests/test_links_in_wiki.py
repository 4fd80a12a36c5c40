"""Links of postmortems: the linter and a strict build of the wiki give the same answer."""

from __future__ import annotations

import random
import re
from itertools import product
from pathlib import Path

import pytest

import crawler
from incident.archive.roster import Roster
from incident.lint import linter
from incident.postmortem import document
from incident.postmortem.markdown import link_rewriting
from incident.postmortem.markdown.link_rewriting import Lead
from incident.postmortem.markdown.links import Link
from incident.repository import config
from incident.site import repository_urls
from incident.site.repository_urls import RepositoryUrls
from rules.examples import NOW
from site_support import Built, build, write_repository
from support import git_init

OTHER = "incidents/2024/2024-01-01-other one.md"
FILES = {
    OTHER: "---\nid: 2024-01-01-other\n---\n\n## Impact\n\n## 影響\n\n## Notes\n\n## Notes\n",
    "incidents/2025/README.md": "# All\n",
    "incidents/2025/rows(1).csv": "a\n",
    "incidents/2025/100%.csv": "a\n",
    "incidents/2025/a_b.sql": "select 1\n",
    "incidents/2025/dip.png": "\x89PNG\r\n\x1a\n",
    "models/fct orders.sql": "select 1\n",
    "docs/dip.png": "",
    "README.md": "",
}
TARGETS = (
    *(
        "../2024/2024-01-01-other%20one.md",
        "<../2024/2024-01-01-other one.md>",
        "#影響",
        "#notes_1",
    ),
    *("../2024/2024-01-01-other one.md", "../2024/2024-01-01-other%20one.md#影響", "#here", "#top"),
    *("../2024/2024-01-01-other%20one.md#notes_1", "../2024/2024-01-01-other%20one.md#gone"),
    *("/incidents/2024/2024-01-01-other%20one.md", "/2024/2024-01-01-other%20one.md", "#gone"),
    *("../2024/2024-01-01-other%20one.md#%E5%BD%B1%E9%9F%BF", "#%E5%BD%B1%E9%9F%BF", "#notes-1"),
    *(
        "../2024/gone.md",
        "gone.md",
        "gone.md#notes",
        "2024-01-01-other%20one.md",
        "gone",
        "README.md",
    ),
    *(
        "../../models/fct%20orders.sql#L3",
        "/models/fct%20orders.sql",
        "../../models/",
        "../../gone/",
    ),
    *("models/fct%20orders.sql", "../../models/gone.sql", "/gone.sql", "..", "../../../etc/passwd"),
    *("rows(1).csv", "rows(2).csv", "100%.csv", "100%25.csv", "101%.csv", "a_b.sql", "a\\_b.sql"),
    *(
        "dip.png",
        "./dip.png?raw=true",
        "gone.png",
        "../../docs/dip.png",
        "a\\%b.sql",
        "a&amp;b.sql",
    ),
    *('a_b.sql "a title"', "gone.sql 'a title'", "a_b.sql (a title)", "<gone 1.sql>", "<a_b.sql>"),
    *("2024-01-01-other%20one", "../2024/2024-01-01-other%20one#impact", "#Here", "../2024/"),
    *("#cell", "#named", "#in-a-block", "#fn:1", "#a--b", "#a-b", "../../README.md?plain=1#L1"),
    *("mailto:data@example.com", "https://example.com/gone.md", "", "a`b`.sql", "gone\nb.sql"),
)
PLAIN = "[x]({})"
FORMS = (
    *("a ![x]({}){{ width=3 }}", '<p align="center">\n<img src="{}" width="600">\n</p>'),
    *("<details>\n<a href='{}'>x</a>\n</details>", "[x]( {} )", "<picture><img src={}></picture>"),
    *(
        "![x]({})",
        "- [x]({}) y",
        "> [x]({})",
        "| a |\n|---|\n| [x]({}) |",
        "### [x]({})",
    ),
    *(
        "[x][r]\n\n[r]: {}",
        "[r]\n\n[r]: {}",
        "[x]\n\n[unused]: {}",
        "a\n\n    [x]({})",
        "`[x]({})`",
    ),
    *(
        "[a [b] c]({})",
        "[a\nb]({})",
        "\\[x]({})",
        "[![p](dip.png)]({})",
        "<!-- [x]({}) -->",
        "[x]({}",
    ),
    *("- a\n\n    [x]({})", "!!! note\n    [x]({})", "x[^1]\n\n[^1]: [x]({})", "**[x]({})**, y"),
    *(
        '<a href="{}">x</a>',
        "a <img src='{}' alt=x> b",
        "<div>\n[x]({})\n</div>",
        "```\n[x]({})\n```",
    ),
)
HEAD = "---\nid: {}\ntitle: x\n---\n\n## Summary\n\n## 影響\n\n## Here\n\n## Notes\n\n## Notes\n\n"
ANCHORS = (
    "\n\n| a |\n|---|\n| <a id='cell'></a> b |\n\n<a name='named'></a> c\n\n"
    "<div id='in-a-block'>\nd\n</div>\n\n## A & B\n"
)


def snippets(count: int) -> list[str]:
    """Every target in a plain link, then a fixed choice of all other combinations."""
    plain = [PLAIN.replace("{}", target) for target in TARGETS]
    others = [form.replace("{}", target) for form, target in product(FORMS, TARGETS)]
    return [*plain, *random.Random(7).sample(others, count - len(plain))]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_repository(tmp_path_factory.mktemp("links") / "repository", {})
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="latin-1" if name.endswith("png") else "utf-8")
    for number, text in enumerate(snippets(300)):
        id_ = f"2025-01-01-link-{number:03}"
        (root / "incidents" / "2025" / f"{id_}.md").write_text(HEAD.format(id_) + text + ANCHORS)
    git_init(root)
    mkdocs = root / "mkdocs.yml"
    where = "repo_url: https://git.example.com/shop/data\nedit_uri: edit/main/incidents/\n"
    mkdocs.write_text(where + mkdocs.read_text())
    return root


@pytest.fixture(scope="module")
def strict(repository: Path) -> Built:
    return build(repository, repository / "site", "--strict")


@pytest.mark.slow
def test_lint_reports_what_a_strict_build_rejects(repository: Path, strict: Built) -> None:
    settings = config.Config(root=repository, select=("INC602", "INC605"))
    prepared = linter.make(settings, NOW, Roster())
    paths = sorted(repository.glob("incidents/2*/2*.md"))
    outcomes = [
        prepared.examine(document.parse(path.read_text(), path.relative_to(repository).as_posix()))
        for path in paths
    ]
    found = prepared.check_archive([one.facts for one in outcomes])
    found += [d for one in outcomes for d in one.diagnostics]
    by_lint = {d.path for d in found}
    by_build = set(re.findall(r"WARNING -  .*?\b(incidents/[^':]+\.md)", strict.log))
    texts = {
        path.relative_to(repository).as_posix(): path.read_text()
        .partition("## Notes\n\n## Notes\n\n")[2]
        .removesuffix(ANCHORS)
        for path in paths
    }
    assert {texts[path] for path in by_build - by_lint} == set()
    # MkDocs checks no anchors in HTML
    extra = {texts[path] for path in by_lint - by_build}
    assert {text for text in extra if "<a href" not in text and "<img" not in text} == set()
    assert len(by_build) > 80
    assert len(paths) - len(by_build) > 100
    first = HEAD.count("\n") + 1
    assert all(d.span.line >= first for d in found)


@pytest.mark.slow
def test_a_link_of_a_page_leads_somewhere_unless_it_was_reported(strict: Built) -> None:
    _, dead = crawler.dead_links(strict.site)
    reported = {"gone", "notes-1", "Here", "fn:1", "a--b"}
    assert {link.rpartition("#")[2] for link in dead} <= reported


@pytest.mark.slow
def test_where_links_lead(repository: Path, strict: Built) -> None:
    def page(text: str) -> str:
        number = snippets(300).index(text)
        html = strict.page(f"incidents/2025/2025-01-01-link-{number:03}")
        return (
            html.partition("</header>")[2].partition('id="notes_1"')[2].partition("</article>")[0]
        )

    files = "https://git.example.com/shop/data/blob/main"
    other = "../../2024/2024-01-01-other%20one/"
    for target, address in [
        ("../../models/fct%20orders.sql#L3", f"{files}/models/fct%20orders.sql#L3"),
        ("/models/fct%20orders.sql", f"{files}/models/fct%20orders.sql"),
        ("README.md", f"{files}/incidents/2025/README.md"),
        ("../../docs/dip.png", f"{files}/docs/dip.png"),
        ("/incidents/2024/2024-01-01-other%20one.md", other),
        ("../2024/2024-01-01-other%20one.md#%E5%BD%B1%E9%9F%BF", f"{other}#影響"),
        ("..", "../../"),
        ("a_b.sql", "../a_b.sql/"),
    ]:
        assert f'<a href="{address}"' in page(f"[x]({target})"), target
    for gone in ("../../models/gone.sql", "/gone.sql", "gone.md", "../../../etc/passwd"):
        assert "<span>x</span>" in page(f"[x]({gone})"), gone


def lead(link: Link, must_be_url: bool) -> Lead | None:
    """A file of the repository, a page of the site, and nothing else."""
    known = {"a.sql": Lead("https://x.example/a.sql", is_shown=False), "b.md": Lead("../b/")}
    return known.get(link.target, Lead("")) if link.is_inside else None


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('<a href="b.md">x</a>', '<a href="../b/">x</a>'),
        ("<A title='b.md' HREF=b.md>x</A>", "<A title='b.md' HREF=../b/>x</A>"),
        ('<img alt="a dip" src="b.md">', '<img alt="a dip" src="../b/">'),
        ('<img alt="a dip" src="a.sql">', '<a href="https://x.example/a.sql">a dip</a>'),
        ('<img src="a.sql">', '<a href="https://x.example/a.sql">https://x.example/a.sql</a>'),
        ('<img alt="a dip" src="gone.png">', "a dip"),
        ('<a href="gone.md">x</a>', '<a href="incident:">x</a>'),
        ('<a href="https://x.example">x</a>', '<a href="https://x.example">x</a>'),
        ("a < b and href=b.md", "a < b and href=b.md"),
    ],
)
def test_html_of_an_author_is_rewritten_as_well(raw: str, shown: str) -> None:
    assert link_rewriting.rewritten(raw, lead) == shown


@pytest.mark.parametrize(
    ("repo_url", "edit_uri", "files"),
    [
        ("https://github.com/shop/data/", "", "https://github.com/shop/data/blob/HEAD/"),
        (
            "https://github.com/shop/data",
            "edit/main/docs/",
            "https://github.com/shop/data/blob/main/",
        ),
        ("https://g.example/shop", "edit/r/1.0/docs/", "https://g.example/shop/blob/r/1.0/"),
        ("https://g.example/shop", "edit/main/wiki/", "https://g.example/shop/blob/main/"),
        ("https://g.example/shop", "-/edit/main/docs/", "https://g.example/shop/-/blob/main/"),
        ("https://gitlab.example/shop", "", "https://gitlab.example/shop/-/blob/HEAD/"),
        (
            "https://gitea.example/shop",
            "_edit/main/docs/",
            "https://gitea.example/shop/src/branch/main/",
        ),
        ("https://bitbucket.org/shop/data", "", "https://bitbucket.org/shop/data/src/HEAD/"),
        ("https://dev.azure.com/s/p/_git/r", "", "https://dev.azure.com/s/p/_git/r?path=/"),
        ("javascript:alert(1)", "", ""),
    ],
)
def test_files_have_an_address_at_every_kind_of_host(
    repo_url: str, edit_uri: str, files: str
) -> None:
    assert repository_urls.base(repo_url, edit_uri, "docs") == files


def test_without_a_host_or_for_the_public_a_file_has_no_address() -> None:
    assert RepositoryUrls().url("models/orders.sql", "#L3") == ""
    found = RepositoryUrls("https://g.example/shop/blob/main/", "analytics")
    assert found.url("models/a b.sql", "#L3").endswith("/blob/main/analytics/models/a%20b.sql#L3")
