"""The search in other languages: words in a sentence, with and without marks, in compounds."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mkdocs.exceptions import PluginError

from incident.site import search_words
from site_support import build, serve
from support import CHECKOUT, MINIMAL

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_rules")]

JAPANESE = "注文テーブルの更新が遅れたため、売上レポートの数字が正しくありませんでした。"
CHINESE = "由于夜间批处理失败,订单表没有更新,销售报表的数据不正确。"
GERMAN = "Die Datenqualitätsprüfung der größten Tabelle schlug fehl; die Straße blieb leer."


def wiki(folder: Path, language: str, sentence: str) -> Path:
    """A repository whose theme speaks a language, with one postmortem."""
    root = folder / "repository"
    (root / "incidents" / "2025").mkdir(parents=True)
    settings = (CHECKOUT / "mkdocs.yml").read_text()
    assert "language: en" in settings
    (root / "mkdocs.yml").write_text(settings.replace("language: en", f"language: {language}"))
    name = "2025-05-14-revenue-drops.md"
    (root / "incidents" / "2025" / name).write_text(f"{MINIMAL}\n## Summary\n\n{sentence}\n")
    return root


@pytest.fixture
def found(browser: Browser, tmp_path: Path) -> Callable[[str, str, list[str]], dict[str, int]]:
    """How many results each word has in a wiki in a language."""

    def asked(language: str, sentence: str, words: list[str]) -> dict[str, int]:
        built = build(wiki(tmp_path, language, sentence), tmp_path / "site")
        assert built.code == 0, built.log
        shown = (tmp_path / "site" / "search" / "index.html").read_text()
        assert f'<html lang="{language}"' in shown
        results = {}
        with serve(tmp_path / "site") as address, browser.new_page() as page:
            for word in words:
                page.goto(f"{address}search/?kind=incident&q={word}")
                page.wait_for_selector("#found[data-state=done]", state="attached")
                results[word] = page.locator("#found > li").count()
        return results

    return asked


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "sentence", "words", "others"),
    [
        ("ja", JAPANESE, ["レポート", "売上", "数字", "テーブルの更新"], ["障害"]),
        ("zh", CHINESE, ["批处理", "订单", "销售报表", "数据"], ["仪表板"]),
        (
            "de",
            GERMAN,
            ["größten", "grossten", "Strasse", "straße", "Qualität", "prufung", "qualitätsprüfung"],
            ["Dashboard", "xylophon"],
        ),
    ],
)
def test_words_are_found_where_a_reader_sees_them(
    found: Callable[[str, str, list[str]], dict[str, int]],
    language: str,
    sentence: str,
    words: list[str],
    others: list[str],
) -> None:
    assert found(language, sentence, [*words, *others]) == {
        **dict.fromkeys(words, 1),
        **dict.fromkeys(others, 0),
    }


@pytest.mark.parametrize(
    ("language", "has_extended", "is_refused"),
    [
        ("ja", False, True),
        ("zh-TW", False, True),
        ("zh_Hant", False, True),
        ("zh", True, False),
        ("de", False, False),
        ("en", False, False),
    ],
)
def test_a_language_without_spaces_needs_pagefinds_extended_build(
    language: str, has_extended: bool, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_words, "has_extended", lambda: has_extended)
    if not is_refused:
        search_words.require(language)
        return
    with pytest.raises(PluginError, match=r"install `incident-docs\[site,cjk\]`"):
        search_words.require(language)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["late", "fct_orders", "fct", "lag", "orders", "strasse"]),
        ("zh-TW", []),
    ],
)
def test_the_words_of_an_index_are_kept_for_spelling(
    tmp_path: Path, language: str, expected: list[str]
) -> None:
    (tmp_path / "fragment").mkdir()
    for n, text in enumerate(["Fct_orders late, 2025.", "lag in fct_orders. Late Straße", "late"]):
        page = {"content": text, "meta": {"title": "x"}}
        raw = gzip.compress(b"pagefind_dcd" + json.dumps(page).encode())
        (tmp_path / "fragment" / f"{n}.pf_fragment").write_bytes(raw)
    search_words.write(tmp_path, language)
    words = json.loads((tmp_path / search_words.FILE).read_text())
    assert sorted(words) == sorted(expected)
    assert words[:1] == expected[:1]


def test_some_languages_join_words() -> None:
    assert search_words.joins_words("de-AT")
    assert not search_words.joins_words("en")
