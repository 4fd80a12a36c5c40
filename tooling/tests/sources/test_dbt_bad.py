"""Broken, foreign and hostile artifacts of dbt: a message that names the place, and no draft."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.drafts import new_draft
from incident.errors import UsageError
from incident.postmortem import document, model
from incident.repository import config
from incident.sources import dbt, prefill
from sources import artifacts
from sources.artifacts import BOARD, FAILED_BUILD, STAGED, STALE_SOURCE, write
from support import NOW, lint, run


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "incident.toml").touch()
    monkeypatch.chdir(root)
    return root


BAD: list[tuple[dict[str, str], str]] = [
    ({}, "has neither run_results.json nor sources.json"),
    ({"run_results": '{"metadata": {"dbt_sch'}, "run_results.json:1:15: invalid JSON"),
    ({"run_results": "[]"}, "is not a dbt run-results"),
    ({"run_results": json.dumps(STALE_SOURCE)}, "is not a dbt run-results: it is dbt's sources"),
    ({"run_results": "[" * 100_000}, "nested too deep"),
    ({"run_results": '{"x": ' + "9" * 5000 + "}"}, "invalid JSON"),
    ({"run_results": '{\n"x": "\udcff"}'}, "run_results.json:2: byte 0xff is not UTF-8"),
    (
        {"run_results": json.dumps(FAILED_BUILD), "manifest": '{"metadata": {}}'},
        "is not a dbt manifest",
    ),
    (
        {"run_results": json.dumps(artifacts.run_results(artifacts.result(STAGED, "success")))},
        "nothing failed in",
    ),
]


@pytest.mark.parametrize(("files", "said"), BAD, ids=[said[:30] for _, said in BAD])
def test_bad_artifacts_are_named(
    repository: Path, tmp_path: Path, files: dict[str, str], said: str
) -> None:
    target = tmp_path / "t"
    target.mkdir()
    for name, content in files.items():
        (target / f"{name}.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    result = run("new", "--from-dbt", target, "--owner", "x")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (repository / "incidents").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--from-dbt", "nowhere"], "nowhere is not a folder"),
        (["--sources", "x"], "--sources requires --from-dbt"),
        (["--into", "x"], "there is no folder incidents/"),
    ],
)
def test_wrong_calls(repository: Path, args: list[str], said: str) -> None:
    result = run("new", *args)
    assert result.exit_code == 2
    assert said in result.stderr


def test_text_of_the_artifacts_stays_text(repository: Path, tmp_path: Path) -> None:
    manifest = artifacts.manifest()
    manifest["exposures"][BOARD]["label"] = '<script>"} --> \u202e\n# x'
    manifest["exposures"][BOARD]["owner"]["name"] = "data: {x}\nteam"
    manifest["nodes"][artifacts.SINGULAR]["name"] = "**resolved**: <img src=x> [a](b) `c`"
    results = artifacts.run_results(artifacts.result(artifacts.SINGULAR, "fail"))
    target = write(tmp_path / "t", manifest=manifest, run_results=results)
    text = run("new", "--from-dbt", target, "--owner", "x", "--stdout").stdout
    values = model.postmortem(document.parse(text, ""))
    assert lint(document.parse(text, f"{values.id}.md")) == []
    assert values.title == (
        '**resolved**: <img src=x> [a](b) `c` fails; affects <script>"} --> # x'
    )
    body = text[text.index("## Summary") :]
    assert "<img" not in body
    assert "<script" not in body
    assert r"\*\*resolved\*\*: &lt;img src=x&gt; \[a\]\(b) \`c\`" in body


# Any JSON in any place of the artifacts: a message, never a crash, and never a broken draft.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    found = [path]
    items = value.items() if isinstance(value, dict) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else items:
        found += paths(inner, (*path, key))
    return found


FILES: dict[str, Any] = {
    "manifest": artifacts.manifest(),
    "run_results": FAILED_BUILD,
    "sources": STALE_SOURCE,
}
PLACES = [(name, path) for name, content in FILES.items() for path in paths(content)]


@pytest.mark.slow
@given(st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=3))
def test_no_artifact_crashes(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[Any, Any]]
) -> None:
    files = copy.deepcopy(FILES)
    for (name, path), value in changes:
        parent: Any = files
        try:
            for step in (name, *path[:-1]) if path else ():
                parent = parent[step]
            parent[path[-1] if path else name] = value
        except (KeyError, IndexError, TypeError):
            continue
    folder = tmp_path_factory.mktemp("target")
    try:
        known = dbt.read(write(folder, **files))
    except UsageError:
        return
    finally:
        shutil.rmtree(folder)
    draft = new_draft.Draft(known.title, "P1", known.owner or "x", known.detected_at or NOW)
    text, _ = prefill.apply(new_draft.render(draft, config.Config()), known)
    assert document.parse(text, "").faults == []
    assert prefill.apply(text, known)[0] == text
