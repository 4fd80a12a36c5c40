"""Broken and hostile exports: a message that names the place, and nothing written."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import UsageError
from incident.postmortem import document, timeline_entries
from incident.repository.config import Intake
from incident.sources import Signal, timeline
from incident.sources.merge import merge
from incident.sources.timeline import Reading, slack
from support import MINIMAL, run

ID = "2025-05-14-revenue-drops"
TEXT = MINIMAL + "\n## Timeline\n\n- 2025-05-14 09:40Z **detected**: finance asked\n"
MESSAGE = {"ts": "1747217000.0", "text": "!tl rolled back", "reactions": [{"name": "pushpin"}]}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "incident.toml").touch()
    folder = tmp_path / "incidents" / "2025"
    folder.mkdir(parents=True)
    (folder / f"{ID}.md").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(repository: Path) -> str:
    return (repository / "incidents" / "2025" / f"{ID}.md").read_text(encoding="utf-8")


def bomb() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("c/2025-05-14.json", b" " * 60_000_000)
    return raw.getvalue()


def zipped(name: str, content: str = "[]") -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(name, content)
    return raw.getvalue()


BAD: list[tuple[str, Callable[[], bytes], str]] = [
    ("a.csv", lambda: b"2025-05-14T09:40Z,deploy\n", "a.csv:1: no column is recognized as at and"),
    ("a.csv", lambda: b"", "a.csv:1: no column is recognized as at and text; it has: nothing"),
    (
        "a.csv",
        lambda: b"at,text\n\n2025-05-14 09:40,b\n",
        "a.csv:3: the row is without a time z",
    ),
    ("a.csv", lambda: b"at,text\n03/04/2025 09:40Z,b\n", "unclear day and month; no row can be"),
    ("a.csv", lambda: b"at,text\n2025-05-14T09:40Z\n", "a.csv:2: the row is without a text"),
    ("a.csv", lambda: b"at,text\n\xff\n", "a.csv:2: byte 0xff is not UTF-8"),
    ("a.csv", lambda: b"at,text\n2025-05-14T09:40Z," + b"x" * 200_000, "field larger than"),
    (
        "a.ndjson",
        lambda: b'\n{"at"',
        "a.ndjson:2:6: incomplete JSON",
    ),
    ("a.ndjson", lambda: b"\n[1]\n", "a.ndjson:2: the row is not an object"),
    ("a.ndjson", lambda: b'{"at": 5, "text": "a"}', "a.ndjson:1: the row is without a time"),
    ("a.json", lambda: b'{"log_entries": 5}', "has no list `log_entries`"),
    ("a.json", lambda: b'{"log_entries": [', "incomplete JSON"),
    ("a.json", lambda: b"{}", "unknown format"),
    ("a.zip", lambda: zipped("../2025-05-14.json"), "is outside of the zip"),
    ("a.zip", lambda: zipped("/c/2025-05-14.json"), "is outside of the zip"),
    ("a.zip", lambda: zipped("C:\\x\\2025-05-14.json"), "is outside of the zip"),
    ("a.zip", bomb, "explodes"),
    ("a.zip", lambda: zipped("c/2025-05-14.json", "[{"), "c/2025-05-14.json:1:3: incomplete JSON"),
    ("a.zip", lambda: zipped("c/2025-05-14.json", "{}"), "not a list of messages"),
    ("a.zip", lambda: zipped("readme.txt"), "holds no CHANNEL/YYYY-MM-DD.json"),
    ("a.zip", lambda: zipped("c/2025-05-14.json", "[]" * 99)[:-30], "is not a complete zip"),
    ("a.zip", lambda: zipped("c/2025-05-14.json", "[ ]" * 9).replace(b"[ ][ ]", b"[x][x]"), "CRC"),
]


@pytest.mark.parametrize(("name", "content", "said"), BAD, ids=[f"{b[0]}: {b[2]}" for b in BAD])
def test_bad_files_are_named(
    repository: Path, name: str, content: Callable[[], bytes], said: str
) -> None:
    (repository / name).write_bytes(content())
    result = run("timeline", "import", ID, name)
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert result.stdout == ""
    assert text(repository) == TEXT


KEYS = (
    "ts text reactions name id type created_at channel incident summary log_entries at source url"
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS.split()) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)
READING = Reading(Intake(slack_prefixes=("",)), {"x": "the scribe"})


def read(tmp_path_factory: pytest.TempPathFactory, name: str, raw: bytes) -> list[Signal]:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(raw)
    try:
        found = timeline.read(path, {"zip": "slack"}.get(name, name), READING)
        timeline.entries(found.signals)
    except UsageError:
        return []
    assert all(one.adds_up for one in found.accounts)
    return found.signals


@pytest.mark.slow
@given(JSON)
@pytest.mark.parametrize("source", timeline.sources())
def test_no_json_crashes(tmp_path_factory: pytest.TempPathFactory, source: str, value: Any) -> None:
    read(tmp_path_factory, source, json.dumps(value).encode())


@pytest.mark.slow
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda t: t.encode("utf-8", "replace")))
@pytest.mark.parametrize("source", timeline.sources())
def test_no_bytes_crash(tmp_path_factory: pytest.TempPathFactory, source: str, raw: bytes) -> None:
    read(tmp_path_factory, source, raw)
    read(tmp_path_factory, source, b"at,text,source,url\n" + raw)


@pytest.mark.slow
@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_no_zip_crashes(tmp_path_factory: pytest.TempPathFactory, at: int, raw: bytes) -> None:
    whole = zipped("c/2025-05-14.json", json.dumps([MESSAGE, MESSAGE]))
    at = at % len(whole)
    read(tmp_path_factory, "zip", whole[:at] + raw + whole[at + len(raw) :])


@pytest.mark.slow
@given(st.text(max_size=60))
def test_any_message_is_one_entry(tmp_path_factory: pytest.TempPathFactory, said: str) -> None:
    message = {"ts": "1747217000", "text": f"!tl {said}"}
    path = tmp_path_factory.mktemp("any") / "day.json"
    path.write_text(json.dumps([message]), encoding="utf-8")
    made = timeline.entries(slack.read(path, Reading()).signals)
    changed, added = merge(TEXT, made)
    assert len(timeline_entries.read(document.parse(changed, ""))) == 1 + len(added)
