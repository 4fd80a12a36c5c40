"""What the search finds of an archive, and what Pagefind gets to read of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from incident import archive
from incident.reports import Wiki, search_records
from incident.repository import config
from incident.site import search_sheets
from site_support import FIRST, write_repository

Kind = search_records.Kind


def wiki(root: Path) -> Wiki:
    return Wiki(archive.load(config.load(write_repository(root))), date(2026, 3, 2))


def test_every_item_and_asset_is_a_result(tmp_path: Path) -> None:
    found = list(search_records.records(wiki(tmp_path)))
    items = {one.anchor: one for one in found if one.kind is Kind.ITEM and FIRST in one.page}
    assert list(items) == ["item-ai-1", "item-ai-2", "item-ai-3"]
    item = items["item-ai-3"]
    assert dict(item.facts)["id"] == "2025-05-14-revenue-drops/AI-3"
    assert dict(item.facts)["state"] == "won't do"
    assert "Not done: the filter is gone" in item.html
    names = {dict(one.facts)["name"] for one in found if one.kind is Kind.ASSET}
    assert names == {"fct_orders", "fct_revenue", "revenue_dashboard"}


def test_a_page_of_the_guide_is_a_playbook_if_the_guide_lists_it_as_one(tmp_path: Path) -> None:
    here = wiki(tmp_path)
    kinds = {
        path: record.kind if (record := search_records.of_page(path, here)) else None
        for path in (
            *("guide/backfill.md", "guide/severity.md", "guide/index.md"),
            *("rules/action-item-due.md", "rules/index.md", "data/index.md", "index.md"),
        )
    }
    assert list(kinds.values()) == [
        Kind.PLAYBOOK,
        Kind.GUIDE,
        None,
        Kind.RULE,
        None,
        None,
        None,
    ]
    own = tmp_path / "templates" / "guide" / "index.md"
    own.parent.mkdir(parents=True)
    own.write_text("# Guide\n\n**Playbooks**\n\n- [Severity](severity.md)\n\n**Else**\n\n[x](y.md)")
    assert search_records.playbooks(own.read_text()) == {"severity"}
    assert search_records.playbooks("# Guide") == set()


def sheet(page: str, tmp_path: Path, record: search_records.Record | None = None) -> str:
    """What Pagefind reads of a page."""
    (tmp_path / "page.html").write_text(page)
    made = search_sheets.of(record or search_records.Record(Kind.GUIDE, "guide", "guide/x.md"))
    search_sheets.write(made, tmp_path / "page.html", tmp_path / "a" / "sheet.html", "en")
    return (tmp_path / "a" / "sheet.html").read_text()


PAGE = (
    '<html lang="de"><nav>Menu</nav><article class="md"><div class="report" data-pagefind-body>'
    '<h1 id="x">Two words<a class="headerlink" href="#x">¶</a></h1><pre>select</pre>{}</div>'
    "</article><footer>Foot</footer>"
)


def test_a_sheet_has_the_content_of_its_page_only(tmp_path: Path) -> None:
    found = sheet(PAGE.format("<p>Text"), tmp_path)
    assert found.startswith("<html lang=de><body>")
    assert "Menu" not in found and "Foot" not in found
    assert '<h1 id="x" data-pagefind-weight="5.0">' in found
    assert '<pre data-pagefind-weight="0.2">select' in found


def test_what_all_rules_say_is_left_out(tmp_path: Path) -> None:
    more = '<h2>Fails</h2><pre>select</pre><p>Why<h2 id="how-to-turn-it-off">Off</h2><p>Same'
    found = sheet(PAGE.format(more), tmp_path)
    assert "Why" in found
    assert not any(word in found for word in ("Same", "Fails", "select"))


def test_facts_cannot_add_markup(tmp_path: Path) -> None:
    record = search_records.Record(
        Kind.ITEM,
        "2025",
        "x.md",
        (("owner", '"><script>'),),
        anchor="item-1",
        html="<p>x",
    )
    found = sheet("", tmp_path, record)
    assert "<script>" not in found
    assert search_sheets.name(record, "x/index.html") == "x/index.html@item-1.html"
