"""`incident import` of a folder: its files, the links between them, their pictures, old numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident.foreign import old_numbers
from support import git_init, run

ORDERS = """\
# Orders late

Date: 2025-01-20
Owner: orders

## Summary
It came back: [prices](PRICE-7.md#root-cause), [same](price-7.html), [again](/old/sub/PRICE-7.md),
[wiki](/wiki/PRICE-7), [later][1] and <a href="PRICE-7.md">here</a>, not `[code](PRICE-7.md)`.
See ![the dip](<img/the dip.png> "a dip"), ![gone](img/gone.png), ![no](plot.png),
[rows](rows.csv).

## Root cause
A lock. [Up](#summary), [nowhere](#gone), [there](PRICE-7.md#gone).

[1]: PRICE-7.md#root-cause
"""
PRICES = "# Prices wrong\n\nDate: 2025-02-03\n\n## Root cause\nAs in [ORD-12](../ORD-12.MD).\n"
FIRST, SECOND = "2025-01-20-orders-late", "2025-02-03-prices-wrong"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incident.toml").touch()
    old = tmp_path / "old"
    (old / "sub").mkdir(parents=True)
    (old / "img").mkdir()
    (old / "ORD-12.MD").write_text(ORDERS.replace("](PRICE-7.md", "](sub/PRICE-7.md"))
    (old / "sub" / "PRICE-7.md").write_text(PRICES)
    (old / "img" / "the dip.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (old / "plot.png").write_text("no picture")
    (old / "rows.csv").write_text("a\n")
    (old / "README.md").write_text("All of them\n")
    (old / ".hidden.md").write_text("x\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draft(repository: Path, id_: str) -> str:
    return (repository / "incidents" / "2025" / f"{id_}.md").read_text(encoding="utf-8")


def test_links_between_the_files_of_a_folder_lead_to_their_drafts(repository: Path) -> None:
    result = run("import", "old", "--owner", "data-platform")
    assert result.exit_code == 0, result.output
    text = draft(repository, FIRST)
    assert (
        f"[prices]({SECOND}.md#root-cause), [same]({SECOND}.md), [again]({SECOND}.md),\n"
        f"[wiki]({SECOND}.md), [later][1] and " in text
    )
    assert f"[1]: {SECOND}.md#root-cause" in text
    assert "not `[code](" in text
    assert f'![the dip](<{FIRST}-the-dip.png> "a dip")' in text
    assert "[rows](../../old/rows.csv)" in text
    assert f"[there]({SECOND}.md)" in text
    assert f"[ORD-12]({FIRST}.md)" in draft(repository, SECOND)
    pictures = [path.name for path in (repository / "incidents").rglob("*.png")]
    assert pictures == [f"{FIRST}-the-dip.png"]


def test_every_link_and_file_that_was_left_is_named(repository: Path) -> None:
    result = run("import", "old", "--owner", "data-platform", "--format", "json")
    left = {one["link"]: one["reason"] for one in json.loads(result.stdout)[0]["links_left"]}
    assert left == {
        "img/gone.png": "does not exist",
        "plot.png": "is not shown in the wiki: it is not a valid png image",
        "#gone": "no such heading in the draft",
        "sub/PRICE-7.md#gone": "no such heading in the draft; links to its top",
    }
    assert "old: 2 Markdown files; 3 other files left out: README.md, plot.png, rows.csv" in (
        result.stderr
    )


def test_a_folder_outside_the_repository_gives_its_own_pictures_only(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("exported")
    (outside / "a").mkdir()
    (outside / "dip.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    text = "# Late\n\nDate: 2025-01-20\n\n## Summary\n![a](../dip.png)\n"
    (outside / "a" / "x.md").write_text(text)
    result = run("import", outside / "a", "--owner", "data-platform")
    why = "not in the repository, nor below a folder that is imported"
    assert f"../dip.png ({why})" in result.stderr
    assert list((repository / "incidents").rglob("*.png")) == []
    (repository / "incidents" / "2025" / "2025-01-20-late.md").unlink()
    run("import", outside, "--owner", "data-platform")
    assert len(list((repository / "incidents").rglob("*.png"))) == 1


def test_an_incident_is_found_by_its_old_number_and_file(repository: Path) -> None:
    run("import", "old", "--owner", "data-platform")
    for number in ("ORD-12", "ord-12", "ORD-12.MD"):
        assert FIRST in run("show", number, "--json").stdout
    assert run("list", "--tag", "PRICE-7", "--format", "tsv").stdout.startswith(SECOND)
    assert run("show", "ORD-1").exit_code == 2


@pytest.mark.parametrize(
    ("name", "title", "number"),
    [
        ("INC-1234.md", "", "INC-1234"),
        ("old/inc_0042 late.markdown", "", "inc_0042"),
        ("0042-late.md", "", "0042"),
        ("late.md", "INC-1200: Late rates", "INC-1200"),
        ("late.md", "#812 Late rates", "#812"),
        ("2024-05-02-late.md", "Late rates", ""),
        ("incident-2024-05-02.md", "Late", ""),
        ("20240502.md", "2024-05-02 late", ""),
        ("late.md", "404s on the dashboard", ""),
    ],
)
def test_the_old_number(name: str, title: str, number: str) -> None:
    assert old_numbers.find(name, title) == number
