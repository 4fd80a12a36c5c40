"""Another language is another folder of word lists, chosen by a key of the configuration."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from incident import word_lists
from incident.archive import roster, similarity
from incident.dbt import owner_names
from incident.errors import ConfigError
from incident.lint import cache, linter
from incident.postmortem import document
from incident.repository import config
from rules.examples import BASE
from support import NOW

LISTS = sorted(path.name for path in (word_lists.FOLDER / "en").iterdir())


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a language in which "grok" is a verb, and of a repository that speaks it."""
    shutil.copytree(word_lists.FOLDER, tmp_path / "lists")
    folder = tmp_path / "lists" / "toy"
    folder.mkdir()
    for name in LISTS:
        (folder / name).write_text("# nothing\nzzz\n", encoding="utf-8")
    (folder / "action_verbs.txt").write_text("grok\n", encoding="utf-8")
    (folder / "person_verbs_strong.txt").write_text("grokked\n", encoding="utf-8")
    (folder / "given_names.txt").write_text("zorblax\n", encoding="utf-8")
    (folder / "team_words.txt").write_text("flurb\n", encoding="utf-8")
    monkeypatch.setattr(word_lists, "FOLDER", tmp_path / "lists")
    root = tmp_path / "repository"
    root.mkdir()
    (root / "incident.toml").write_text('language = "toy"\n', encoding="utf-8")
    return root


def said(text: str, settings: config.Config) -> set[str]:
    found = document.parse(text, "2025-05-14-revenue-low-after-filter-change.md")
    using = linter.make(settings, NOW, roster.Roster())
    return {diagnostic.name for diagnostic in using.check(found)}


def test_a_repository_chooses_the_folder(toy: Path) -> None:
    text = BASE.replace("## Timeline\n", "## Timeline\n\n- 09:50 Zorblax grokked it\n", 1)
    text = text.replace("Add a row-count test on", "Grok the quality of")
    text = text.replace("Compare product lines by key", "Grok the key of lines")
    ours, english = config.load(toy), config.Config(root=toy)
    names = {"colleague-name", "action-item-verb"}
    assert said(text, ours) & names == {"colleague-name"}
    assert said(text, english) & names == {"action-item-verb"}
    assert owner_names.team([("Flurb Ines", "")], {}, ours.language) == "flurb-ines"
    assert owner_names.team([("Flurb Ines", "")], {}) == ""
    assert similarity.words("because of zzz", ours.language) == ("because",)
    assert cache.key(ours, roster.Roster()) != cache.key(english, roster.Roster())


def test_an_unknown_language_is_reported(tmp_path: Path) -> None:
    (tmp_path / "incident.toml").write_text('language = "e"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="invalid value 'e' for `language`") as error:
        config.load(tmp_path)
    assert error.value.hint == "did you mean `en`?"


@pytest.mark.parametrize("language", word_lists.languages())
def test_every_language_has_every_list(language: str) -> None:
    folder = word_lists.FOLDER / language
    assert sorted(path.name for path in folder.iterdir()) == LISTS
    assert all(word_lists.words(Path(name).stem, language) for name in LISTS)


@pytest.mark.parametrize("language", word_lists.languages())
def test_the_dictionary_is_in_order(language: str) -> None:
    lines = (word_lists.FOLDER / language / "dictionary.txt").read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("#")]
    assert words == sorted({word.lower() for word in words if word})


def test_a_word_is_found_in_a_long_list(tmp_path: Path) -> None:
    words = ["a", "ab", "abc", "b", "zz", "été"]
    for count in range(1, len(words) + 1):
        for end in ("", "\n", "\n\n"):
            path = tmp_path / "list.txt"
            path.write_text("# words\n" + "\n".join(words[:count]) + end, encoding="utf-8")
            found = word_lists.SortedWords(path)
            assert [word for word in [*words, "", "aa", "bb", "ét", "zzz"] if word in found] == (
                words[:count]
            )


@pytest.mark.parametrize("name", LISTS)
def test_accents_are_accents(name: str) -> None:
    assert "Ã" not in (word_lists.FOLDER / "en" / name).read_text(encoding="utf-8")
