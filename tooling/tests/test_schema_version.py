"""A document of version 0 becomes one of version 1, and loses nothing on the way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.archive.roster import Roster
from incident.lint import fixes, linter
from incident.postmortem import document, frontmatter, schema
from incident.repository import config, resources
from incident.rules.schema_version import RENAMED
from rules.examples import BASE
from support import CHECKOUT, NOW, run

BLOCK, BODY = BASE.split("---\n", 2)[1:]
CURRENT = frontmatter.read(BASE).data


def mend(text: str, *select: str) -> str:
    using = linter.make(config.Config(root=Path("/nowhere"), select=select), NOW, Roster())
    return fixes.mend(using, text, "2025-05-14-revenue-low-after-filter-change.md").text


def violations(text: str) -> list[schema.Violation]:
    return list(schema.check(document.parse(text, "x.md"), schema.load()))


@st.composite
def older(draw: st.DrawFn) -> str:
    """`BASE` as it may have been written before the keys had their names."""
    block = BLOCK
    for place, names in RENAMED.items():
        for new in dict.fromkeys(names.values()):
            olds = [old for old, name in names.items() if name == new]
            if draw(st.booleans()):
                block = _named(block, place, new, draw(st.sampled_from(olds)))
    version = draw(st.sampled_from(["", "schema_version: 0\n", 'schema_version: "0"  # old\n']))
    block = block.replace("schema_version: 1\n", version + draw(st.sampled_from(["", "# why\n"])))
    block = block.replace("timestamps:\n", "timestamps: # the clock\n")
    text = f"---\n{block}---\n{BODY}"
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text


def _named(block: str, place: str, new: str, old: str) -> str:
    """`block` with one key under another name, wherever it stands at that place."""
    if place == "":
        return re.sub(rf"(?m)^{new}:", f"{old}:", block)
    if place == "timestamps":
        return re.sub(rf"(?m)^  {new}:", f"  {old}:", block)
    head = place.split(".")[-2] if place.endswith("*") else place
    lines = block.split("\n")
    begun = False
    for number, line in enumerate(lines):
        if re.match(r"[a-z_]+:", line):
            begun = line.startswith((f"{head}:", "actions:" if head == "action_items" else head))
        if begun or line.strip().startswith(f"{head}:"):
            lines[number] = re.sub(rf"(?<=[{{ ]){new}:", f"{old}:", line)
    return "\n".join(lines)


@given(older())
@settings(max_examples=60)
def test_an_older_document_says_the_same_in_the_words_of_today(text: str) -> None:
    before = frontmatter.read(text)
    assert not before.faults
    mended = mend(text, "schema-version")
    after = frontmatter.read(mended)
    is_old = "schema_version" in before.data or set(_keys(before.data)) - set(_keys(CURRENT))
    expected = CURRENT if is_old else before.data
    assert after.data == expected
    assert mended[after.body :] == text[before.body :]
    assert _values(text) == _values(mended)
    assert text.count("#") == mended.count("#")
    assert ("\r\n" in text) == ("\r\n" in mended) == ("\n" not in mended.replace("\r\n", ""))
    assert violations(mended) == []
    assert mend(mended, "schema-version") == mended
    everything = mend(text)
    assert {**frontmatter.read(everything).data, "schema_version": 1} == CURRENT
    assert mend(everything) == everything


def _keys(data: Any) -> list[str]:
    if isinstance(data, dict):
        return [*data, *(key for child in data.values() for key in _keys(child))]
    return [key for child in data for key in _keys(child)] if isinstance(data, list) else []


def _values(text: str) -> list[str]:
    """The words of the block that are no keys, but for the version."""
    block = re.sub(r"(?m)schema_version:[^\r\n#]*", "", text[: frontmatter.read(text).body])
    return sorted(re.findall(r"[^\s,{}\[\]]+(?<!:)(?=[\s,{}\[\]])", block))


@pytest.mark.parametrize("version", ["2", "7"])
def test_a_newer_document_is_left_alone(version: str) -> None:
    text = BASE.replace("schema_version: 1", f"schema_version: {version}\nteam: x")
    text = text.replace("## What went well", "## What went right")
    result = run("lint", "-", stdin=text)
    assert result.exit_code == 1
    assert "written for a newer incident-docs: upgrade" in result.stdout
    assert "unknown key" not in result.stdout
    assert mend(text) == text


def test_both_names_stay_for_a_person_to_choose() -> None:
    text = BASE.replace("schema_version: 1", "schema_version: 0\nteam: finance")
    mended = mend(text, "schema-version")
    assert "schema_version: 1\nteam: finance\n" in mended
    assert "owner: data-platform" in mended
    assert [v.message for v in violations(mended)] == ["unknown key `team`"]


@pytest.mark.parametrize("version", ["1", "null", "false", "one", "-1", "[0]"])
def test_what_is_no_version_0_is_not_moved(version: str) -> None:
    text = BASE.replace("schema_version: 1", f"schema_version: {version}")
    assert mend(text, "schema-version") == text


def test_two_old_names_of_one_key_are_not_made_one() -> None:
    text = BASE.replace("schema_version: 1", "schema_version: 0").replace("due: ", "deadline: ")
    text = text.replace("deadline:", 'due_date: "2025-05-20", deadline:', 1)
    mended = mend(text, "schema-version")
    first = frontmatter.read(mended).data["action_items"][0]
    assert (first["due"], first["deadline"]) == ("2025-05-20", "2025-05-21")


def test_a_key_that_a_repository_s_own_schema_knows_stays(tmp_path: Path) -> None:
    own = tmp_path / "schemas" / "postmortem.schema.json"
    own.parent.mkdir()
    packaged = (resources.root() / "schemas" / own.name).read_text(encoding="utf-8")
    own.write_text(packaged.replace('"properties": {', '"properties": {"team": {},', 1))
    (tmp_path / "incident.toml").write_text("")
    path = tmp_path / "incidents" / "2025" / "2025-05-14-revenue-low-after-filter-change.md"
    path.parent.mkdir(parents=True)
    path.write_text(BASE.replace("owner:", "team: finance\nowner:"), encoding="utf-8")
    before = path.read_bytes()
    assert run("lint", path, "--fix", "--select", "INC005").exit_code == 0
    assert path.read_bytes() == before


def test_the_command_moves_a_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "2025-05-14-revenue-low-after-filter-change.md"
    text = BASE.replace("schema_version: 1", "schema_version: 0").replace("owner:", "team:", 1)
    path.write_bytes(text.encode())
    result = run("lint", path, "--output-format", "concise")
    assert result.exit_code == 1
    assert ":2:17: error: the frontmatter is of version 0: `team` is now `owner`" in result.stdout
    assert run("lint", path, "--fix", "--select", "INC005").exit_code == 0
    assert path.read_bytes() == BASE.encode()
    assert run("lint", path, "--fix").exit_code == 0
    assert path.read_bytes() == BASE.encode()


def test_the_page_names_every_old_name() -> None:
    page = (CHECKOUT / "docs" / "schema-versions.md").read_text(encoding="utf-8")
    listed = set()
    place = ""
    for line in re.findall(r"(?m)^\| (.*) \|$", page.partition("## From")[2]):
        where, olds, new = (
            (cell.strip() for cell in line.split(" | "))
            if line[0] != "|"
            else (
                place,
                *(cell.strip() for cell in line.removeprefix("| ").split(" | ")),
            )
        )
        place = where
        for old in re.findall(r"`(\w+)`", olds):
            listed.add((place.strip("`"), old, new.strip("`")))
    told = {
        (where.removesuffix(".*") or "top", old, new)
        for where, names in RENAMED.items()
        for old, new in names.items()
    }
    assert listed == told
