"""What people are called is learned from the whole archive, whatever the cache or the cores."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.archive import nicknames
from incident.archive.roster import Roster
from incident.lint import cache as caching
from incident.lint import linter, run
from incident.repository import config
from rules.examples import BASE, with_sections
from support import NOW


@pytest.mark.parametrize(
    ("text", "learned"),
    [
        ("Thanks to @tvikas for the fix.", {"tvikas"}),
        ("tvikas@ was paged, and lundbo@.", {"tvikas", "lundbo"}),
        ("mail tvikas@example.com, data-team@example.com or info@example.com", {"tvikas"}),
        ("tvikas [8:27 AM]\nanyone looking?\n\nlundbo [8:29 AM]: yes", {"tvikas", "lundbo"}),
        ("[10:02] <tvikas> it is down", {"tvikas"}),
        ("## Attendees\n\n- tvikas\n- lundbo (scribe)\n- finance\n", {"tvikas", "lundbo"}),
        ("Thanks to: tvikas, lundbo and marketing", {"tvikas", "lundbo"}),
        ("| Authors | tvikas |", {"tvikas"}),
        ("- [tvikas] rewrite the runbook\n- [ ] test\n- [DONE] deploy", {"tvikas"}),
        ("- 10:40 tvikas reverted the filter", {"tvikas"}),
        ("- 2025-05-14 10:40Z: tvikas and lundbo asked", {"tvikas", "lundbo"}),
        ("**10:40** - tvikas then looked at it", {"tvikas"}),
        ("- 10:40 kubelet restarted, 10:41 loader crashed", set()),
        ("- 10:40 loaderd failed", set()),
        ("- 10:40 RBAC denied it", set()),
        ("- 10:40 finance asked", set()),
        ("Ines Halvorsen (tvikas) merged it, aka lundbo", {"tvikas", "lundbo"}),
        ("credit to [tvikas](https://github.com/tvikas)", {"tvikas"}),
        ("runs on [acmelib](https://github.com/acmelib)", set()),
        ("`@tvikas` and\n\n```\n@lundbo\n```", set()),
        ("@acme/tools, @app.route('/x') and @angular/core@17", set()),
        ("---\nowner: tvikas\n---\nOwner: data-platform", set()),
    ],
)
def test_what_one_document_shows(text: str, learned: set[str]) -> None:
    assert nicknames.learn(text, "en") == learned


def archive(root: Path, *causes: str) -> config.Config:
    for number, cause in enumerate(causes):
        path = root / "incidents" / f"{number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(with_sections(f"## Root cause\n\n{cause}\n", BASE), encoding="utf-8")
    return config.Config(root=root, select=("INC411",))


def names(settings: config.Config, *paths: Path, jobs: int = 1) -> list[tuple[str, str]]:
    using = linter.make(settings, NOW, Roster())
    found = run.files(using, paths or [settings.archive_dir], jobs=jobs).diagnostics
    return [(Path(d.path).stem, d.message) for d in found]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_handle_of_one_postmortem_is_a_name_in_all(tmp_path: Path) -> None:
    settings = archive(tmp_path, "Then tvikas looked.", "@tvikas was paged.", "Nobody was.")
    fact = '"tvikas" is a colleague\'s name'
    assert names(settings) == [("0", fact)]
    assert names(settings) == [("0", fact)]
    assert names(settings, tmp_path / "incidents" / "0.md") == [("0", fact)]


def test_the_cache_knows_what_was_learned(tmp_path: Path) -> None:
    settings = archive(tmp_path, "Then tvikas looked.", "@tvikas was paged.", "Nobody was.")
    place = tmp_path / "incidents" / "1.md"
    before, text = names(settings), place.read_text(encoding="utf-8")
    place.write_text(text.replace("@tvikas", "On-call"), encoding="utf-8")
    assert names(settings) == []
    kept = caching.load(tmp_path, caching.key(settings, Roster())).files
    assert {entry[6] for entry in kept.values()} == {kept["incidents/2.md"][6]}
    place.write_text(text, encoding="utf-8")
    assert names(settings) == before != []


def test_one_core_or_two_find_the_same(tmp_path: Path) -> None:
    causes = ["Then tvikas looked."] * 150
    settings = archive(tmp_path, *causes, "@tvikas was paged.")
    using = linter.make(settings, NOW, Roster())
    one, two = (
        run.files(using, [settings.archive_dir], jobs=jobs, use_cache=False).diagnostics
        for jobs in (1, 2)
    )
    assert one == two
    assert len(one) == len(causes)


def test_a_repository_may_learn_none(tmp_path: Path) -> None:
    text = "Thanks to @tvikas for the fix."
    known = config.Config(root=tmp_path)
    assert nicknames.in_text(text, known) == {"tvikas"}
    silent = config.build(known, {"names": {"nicknames": False}}, "incident.toml")
    assert nicknames.in_text(text, silent) == frozenset()
