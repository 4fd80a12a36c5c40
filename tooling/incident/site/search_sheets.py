"""What Pagefind reads of each result: its facts, and its own text or the content of a page.

A word counts more in a short title: `orders` should find that table before longer names.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import NamedTuple

from incident.reports import search_records

BODY = "data-pagefind-body"
ANCHOR = "@"  # in a sheet's name, before the anchor: `index.html@item-ai-1.html`
_MOST = 10.0  # Pagefind's largest weight
_H1 = re.compile(r"<h1\b(?P<attributes>[^>]*)>(?P<text>.*?)</h1>", re.DOTALL)
_SAME = 'id="how-to-turn-it-off"'  # from this heading of a rule on
_PARTS = re.compile(r"(?<=</h1>)\s*<p>.*?</p>|<h2\b.*?</h2>|<pre\b.*?</pre>", re.DOTALL)
_TAG = re.compile(r"<a class=\"headerlink\".*?</a>|<[^>]*>", re.DOTALL)
_PART = re.compile(r"[^\W_]+")
_LANGUAGE = re.compile(r"<html\b[^>]*\blang=[\"']?([\w-]+)")


class Sheet(NamedTuple):
    """`head`: facts and filters. `html`: the text; without it, that of the page with `digest`."""

    head: str
    digest: str = ""
    html: str = ""


def of(record: search_records.Record, digest: str = "") -> Sheet:
    """The sheet of a record; `digest`: of its page."""
    kept = [
        _span("filter", "kind", record.kind.value),
        *(_span("filter", *one) for one in record.filters),
        *(_span("meta", *one) for one in record.facts),
        _span("sort", "date", record.date) if record.date else "",
    ]
    return Sheet("".join(kept), digest, record.html)


def name(record: search_records.Record, place: str) -> str:
    """The path of a sheet; `place`: of its page in the site."""
    return f"{place}{ANCHOR}{record.anchor}.html" if record.anchor else place


def write(sheet: Sheet, page: Path, target: Path, language: str) -> None:
    """Write a sheet to `target`; `page`: in the site."""
    html = sheet.html
    if html:
        html = f"<div {BODY}>{html}</div>"
    else:
        html = page.read_text(encoding="utf-8")
        if found := _LANGUAGE.search(html, 0, 1000):
            language = found[1]
        html = _content(html)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = f"<html lang={language}><body>{sheet.head}{_H1.sub(_weighted, html, count=1)}"
    target.write_text(text, encoding="utf-8")


def _content(page: str) -> str:
    """From the start of what is indexed to the end of the theme's article: Pagefind reads less.

    Code counts little. Of a rule, its facts, its examples and what all rules say are left out.
    """
    start, end = page.find(BODY), page.rfind("</article>")
    if not 0 <= start < end:
        return page
    found = page[page.rfind("<", 0, start) : end]
    if _SAME in found:
        found = _PARTS.sub("", found.partition(_SAME)[0].rpartition("<h2")[0])
    return found.replace("<pre", '<pre data-pagefind-weight="0.2"')


def _weighted(match: re.Match[str]) -> str:
    words = len(_PART.findall(_TAG.sub("", match["text"])))
    weight = max(1.0, _MOST / max(1, words))
    return f'<h1{match["attributes"]} data-pagefind-weight="{weight:.1f}">{match["text"]}</h1>'


def _span(what: str, key: str, value: str) -> str:
    """In an attribute, because text would become part of snippets."""
    return f'<span data-pagefind-{what}="{key}[data-v]" data-v="{escape(value)}"></span>'
