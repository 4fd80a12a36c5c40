"""Files next to postmortems: pictures are copied, text is shown, nothing can run."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner

from incident.archive import attachments
from incident.archive.attachments import Kind
from incident.commands import cli
from incident.site import drawings
from site_support import Built, build, serve, write_repository
from support import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

RAN = "window.ran = 1; top.ran = 1"
PAGE = "incidents/2026/2026-01-02-open"
PNG = b"\x89PNG\r\n\x1a\n"
DOCUMENT = """\
---
id: 2026-01-02-open
title: "Orders late"
status: published
severity: P2
owner: data-platform
confidentiality: public
timestamps: {detected_at: "2026-01-02T03:00Z"}
---

## Summary

![plot](plot.png) ![small](plot.svg) and [the drawing](plot.svg), [the query](check.SQL),
[the log](load.log), [too long](long.csv), <a href="page.html">a page</a>.
"""
DRAWING = f"""\
<svg xmlns="http://www.w3.org/2000/svg" onload="{RAN}"><title>Lineage</title>
<script>{RAN}</script><rect width="9" height="9"/></svg>"""
DRAWINGS = (
    f"<script>{RAN}</script>",
    f"<SCRIPT>{RAN}</SCRIPT>",
    f'<script xmlns="http://www.w3.org/1999/xhtml">{RAN}</script>',
    f'<h:script xmlns:h="http://www.w3.org/1999/xhtml">{RAN}</h:script>',
    '<script href="data:text/javascript,window.ran=1"/>',
    f'<g onclick="{RAN}" onmouseover="{RAN}"/>',
    f'<path d="M0 0" ONLOAD="{RAN}"/>',
    f'<a href="javascript:{RAN}"><rect width="9" height="9"/></a>',
    f'<a xmlns:x="http://www.w3.org/1999/xlink" x:href="javascript:{RAN}"><text>x</text></a>',
    f'<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="{RAN}"/></foreignObject>',
    f'<foreignObject><iframe srcdoc="&lt;script>{RAN}&lt;/script>"/></foreignObject>',
    f'<animate onbegin="{RAN}" attributeName="x" dur="1s"/>',
    f'<set attributeName="href" to="javascript:{RAN}"/>',
    f"<use href=\"data:image/svg+xml,&lt;svg id='x' onload='{RAN}'/>#x\"/>",
    '<use href="https://example.com/x.svg#x"/>',
    '<style>a { background: image-set("//example.com/x" 1x) }</style>',
    '<style>a { background: image("https://example.com/x") }</style>',
    "<rect style=\"background: -webkit-image-set('//example.com/x' 1x)\"/>",
    '<style>a { cursor: src("//example.com/x") }</style>',
    '<image href="https://example.com/x.png"/>',
    "<style>@import 'https://example.com/x.css';</style>",
    "<style>* { background: url(https://example.com/x.png) }</style>",
    "<style>* { background: \\75 rl(https://example.com/x.png) }</style>",
    '<rect style="fill: url(//example.com/x#y)"/>',
    f"<handler type='text/javascript'>{RAN}</handler>",
    f"<discard onbegin='{RAN}'/>",
    f"<!--><script>{RAN}</script>-->",
    f"<text><![CDATA[</text><script>{RAN}</script>]]></text>",
    f"<style><![CDATA[</style><script>{RAN}</script>]]></style>",
    f"<title><![CDATA[</title><script>{RAN}</script>]]></title>",
    f"<desc>&lt;/desc>&lt;script>{RAN}&lt;/script></desc>",
    f'<?xml-stylesheet href="data:text/css,*{{}}"?><g onfocus="{RAN}" tabindex="1"/>',
)


@pytest.mark.parametrize("inner", DRAWINGS)
def test_drawings_lose_active_content(inner: str) -> None:
    text = f'<svg xmlns="http://www.w3.org/2000/svg">{inner}</svg>'
    try:
        root = fromstring(drawings.clean(text.encode()))
    except drawings.DrawingError:
        return
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        assert name.lower() not in {"script", "a", "foreignobject", "image", "handler", "set"}
        for key, value in element.items():
            assert not key.lower().startswith("on")
            assert not key.endswith("href") or value.startswith("#")
            assert "example.com" not in value
        assert name != "style" or "example.com" not in (element.text or "")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a drawing",
        b"<svg>",
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        "<svg/>".encode("utf-16"),
        b"<!DOCTYPE svg [<!ENTITY a 'aaaa'>]><svg>&a;</svg>",
        b"<svg>" + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>",
        b"<svg>" + b" " * (drawings.LIMIT + 1) + b"</svg>",
    ],
)
def test_what_is_not_a_drawing_is_refused(raw: bytes) -> None:
    with pytest.raises(drawings.DrawingError):
        drawings.clean(raw)


def test_a_drawing_still_draws() -> None:
    made = drawings.clean(
        b"""<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 viewBox="0 0 9 9"><defs><style type="text/css">*{stroke-linejoin: round}</style>
<clipPath id="c"><rect width="9"/></clipPath><path id="p" d="M 0 0 L 9 9"/></defs>
<g clip-path="url(#c)" style="fill: none; stroke: #1f77b4"><use xlink:href="#p" x="1"/></g>
<text x="2" font-size="8">late &amp; low</text></svg>"""
    )
    kept = ('viewBox="0 0 9 9"', "stroke-linejoin: round", 'href="#p"', "url(#c)", "late &amp; low")
    for one in (*kept, "stroke: #1f77b4", "font-size", 'xmlns="http://www.w3.org/2000/svg"'):
        assert one in made


def test_a_kind_comes_from_the_name_and_a_picture_from_its_content(tmp_path: Path) -> None:
    assert attachments.kind("a/plot.PNG") is Kind.PICTURE
    assert attachments.kind("a/plot.svg") is Kind.DRAWING
    assert attachments.kind("a/query.sql") is Kind.TEXT
    for name in (
        "a.html",
        "a.htm",
        "a.xhtml",
        "a.xml",
        "a.svgz",
        "a.js",
        "a.pdf",
        "a",
        "a.png.html",
    ):
        assert attachments.kind(name) is Kind.OTHER
        assert "could run" in attachments.problem(tmp_path / name)
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    assert attachments.problem(picture) == ""
    picture.write_text("<script>")
    assert "not a valid png image" in attachments.problem(picture)


@pytest.fixture(scope="module", params=["mkdocs.yml", "mkdocs.public.yml"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A wiki with attachments of every kind, in each edition."""
    base = tmp_path_factory.mktemp("attached")
    root = write_repository(base / "repository", {"2026/2026-01-02-open.md": DOCUMENT})
    shutil.copy(CHECKOUT / "mkdocs.public.yml", root)
    folder = root / "incidents" / "2026"
    (folder / "plot.png").write_bytes(PNG)
    (folder / "plot.svg").write_text(DRAWING)
    (folder / "check.SQL").write_text(f"select '</code><script>{RAN}</script>'")
    (folder / "load.log").write_bytes(b"\xff\x00 line \x1b[31m\n")
    (folder / "long.csv").write_text("a,b\n" * 500_000)
    for name in ("page.html", "page.xhtml", "code.js", "report.pdf", "feed.xml"):
        (folder / name).write_text(f"<script>{RAN}</script>")
    found = build(root, base / "site", "--strict", "-f", request.param)
    assert found.code == 0, found.log
    return found


@pytest.mark.slow
def test_pictures_are_copied_and_nothing_else_is(built: Built) -> None:
    folder = built.site / "incidents" / "2026"
    assert (folder / "plot.png").read_bytes() == PNG
    assert "script" not in (folder / "plot.svg").read_text()
    files = {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file()}
    assert {f for f in files if not f.endswith("index.html")} == {"plot.png", "plot.svg"}
    assert "page.html is not shown in the wiki" in built.log


@pytest.mark.slow
def test_text_is_shown_on_a_page_of_its_own(built: Built) -> None:
    page = built.page("incidents/2026/check.SQL")
    assert f"&lt;script&gt;{RAN}&lt;/script&gt;" in page
    assert 'href="../check.SQL/"' in built.page(PAGE)
    assert "line" in built.page("incidents/2026/load.log")
    long = built.page("incidents/2026/long.csv")
    assert "2,000,000 bytes; truncated" in long
    assert len(long) < 1_200_000


@pytest.mark.slow
def test_a_text_leads_back_to_its_incident(built: Built) -> None:
    """By the link from the incident, which is next to it."""
    crumb = f'class="crumb"><a href="../../../{PAGE}/">Orders late</a>'
    assert crumb in built.page("incidents/2026/check.SQL")


@pytest.mark.slow
def test_a_query_and_its_numbers_lead_to_each_other_and_to_their_incident(tmp_path: Path) -> None:
    root = write_repository(tmp_path / "repository", {"2026/2026-01-02-open.md": DOCUMENT})
    queries = root / "incidents" / "2026" / "2026-01-02-open" / "queries"
    queries.mkdir(parents=True)
    (queries / "rows.sql").write_text("select 1 as n")
    (queries / "rows.csv").write_text("n\n1\n")
    found = build(root, tmp_path / "site")
    for name, other, says in (("sql", "csv", "Its numbers"), ("csv", "sql", "Its query")):
        page = found.page(f"{PAGE}/queries/rows.{name}")
        assert f'class="crumb"><a href="../../../../../{PAGE}/">Orders late</a>' in page
        assert f'{PAGE}/queries/rows.{other}/">{says}</a>' in page


@pytest.mark.slow
@pytest.mark.browser
def test_nothing_that_an_author_attaches_runs(built: Built, browser: Browser) -> None:
    """Even where a browser knows no Content-Security-Policy."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    with serve(built.site) as address:
        for text in ("the drawing", "the query", "the log"):
            page.goto(f"{address}{PAGE}/")
            page.get_by_text(text).click()
            page.wait_for_load_state("load")
            assert PAGE not in page.url
            assert page.evaluate("window.ran") is None, text
        page.goto(f"{address}incidents/2026/page.html")
        assert page.evaluate("window.ran") is None
    context.close()


@pytest.mark.slow
def test_a_mislabeled_image_fails_a_strict_build(tmp_path: Path) -> None:
    files = {"2026/2026-01-02-open.md": DOCUMENT.partition("![plot]")[0] + "![plot](plot.png)\n"}
    root = write_repository(tmp_path / "repository", files)
    (root / "incidents" / "2026" / "plot.png").write_text(f"<script>{RAN}</script>")
    lax = build(root, tmp_path / "site")
    assert lax.code == 0, lax.log
    assert not (lax.site / "incidents" / "2026" / "plot.png").exists()
    assert "it is not a valid png image" in lax.log
    assert build(root, tmp_path / "strict", "--strict").code == 1


def test_lint_reports_the_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = DOCUMENT.partition("![plot]")[0] + (
        "[a](page.html) [b](fake.png) [c](plot.png)\n[d](../../README.html) [e](load.log)\n"
        "[f](outside.png) [g](x/../../../../etc/shadow.png)\n"
    )
    root = write_repository(tmp_path / "repository", {"2026/2026-01-02-open.md": text})
    folder = root / "incidents" / "2026"
    for name in ("page.html", "fake.png", "load.log"):
        (folder / name).write_text("<script>")
    (root / "README.html").write_text("x")
    (folder / "plot.png").write_bytes(PNG)
    (tmp_path / "secret").write_text("x")
    (folder / "outside.png").symlink_to(tmp_path / "secret")
    monkeypatch.chdir(root)
    done = CliRunner().invoke(cli, ["lint", "--select", "attachment-kind", "--format", "concise"])
    line = text[: text.index("[a]")].count("\n") + 1
    assert [one.split(": ")[0] for one in done.stdout.splitlines() if "INC607" in one] == [
        f"incidents/2026/2026-01-02-open.md:{line}:5",
        f"incidents/2026/2026-01-02-open.md:{line}:20",
    ], done.output
