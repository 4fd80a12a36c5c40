"""Trackers: each that discovery finds keeps to the protocol; a file is read and written once."""

from __future__ import annotations

import inspect
import json
import threading
from pathlib import Path

import pytest

from github_support import Item, World, document
from incident import discovery
from incident.actions import apply, sync, tracker, trackers
from incident.actions.desired_issues import Renderer
from incident.actions.tracker import LABEL, Absent, Change, Draft, IssueTracker, RequestRejected
from incident.actions.trackers import Request
from incident.actions.trackers.file import FileTracker
from incident.errors import UsageError
from incident.repository import atomic_files
from incident.repository.config import Actions, Config
from support import run

METHODS = [
    name for name, member in vars(IssueTracker).items() if callable(member) and name[0] != "_"
]


@pytest.mark.parametrize("name", trackers.names())
def test_trackers_implement_the_protocol(name: str) -> None:
    module = discovery.load(trackers.__name__, name)
    assert (module.__doc__ or "").strip()
    assert list(inspect.signature(module.open_tracker).parameters) == ["request"]
    made = inspect.get_annotations(module.open_tracker)["return"]
    owner = getattr(module, made)
    for method in METHODS:
        asked = inspect.signature(getattr(IssueTracker, method)).parameters
        assert inspect.signature(getattr(owner, method)).parameters == asked, f"{name}: {method}"


def opened(name: str, world: World) -> IssueTracker:
    """A tracker without issues: each may be told with `target` where it keeps them."""
    targets = {"file": str(world.root / "issues.ndjson"), "github": world.repository}
    request = Request(targets[name], False, world.root, None, world.environment())
    made: IssueTracker = discovery.load(trackers.__name__, name).open_tracker(request)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", trackers.names())
def test_a_tracker_does_what_the_plan_relies_on(name: str, world: World) -> None:
    one = opened(name, world)
    assert one.issues() == []
    with one.batch():
        made = one.create(Draft("Title", "Body", (LABEL, "mine")))
        other = one.create(Draft("Other", "Body", ("mine",)))
        assert [issue.number for issue in one.issues()] == [made.number]
    assert (made.title, made.body, made.state) == ("Title", "Body", "open")
    assert set(made.labels) == {LABEL, "mine"}
    assert [issue.number for issue in opened(name, world).issues()] == [made.number]
    found = one.issue(other.number)
    assert not isinstance(found, Absent)
    assert found.title == "Other"
    assert isinstance(one.issue(4711), Absent)
    closed = one.update(made.number, Change(title="New", state="closed", reason="completed"))
    assert (closed.title, closed.state, closed.reason) == ("New", "closed", "completed")
    assert closed.body == "Body"
    with pytest.raises(RequestRejected):
        one.update(4711, Change(title="New"))
    comment = one.comment(made.number, f"Hello {tracker.COMMENT}")
    assert one.comment(made.number, f"Again {tracker.COMMENT}") == comment
    assert one.closed_by(made.number) == ""


@pytest.mark.parametrize(
    ("option", "configured", "expected"),
    [
        ("t.ndjson", "", "t.ndjson"),
        ("file:t.ndjson", "", "t.ndjson"),
        (None, "t.ndjson", "ROOT/t.ndjson"),
        (None, "file:t.ndjson", "ROOT/t.ndjson"),
        ("t.ndjson", "github", "t.ndjson"),
        ("C:/t.ndjson", "", "C:/t.ndjson"),
        ("./github", "", "github"),
    ],
)
def test_a_path_is_a_file_and_a_name_is_a_tracker(
    tmp_path: Path, option: str | None, configured: str, expected: str
) -> None:
    config = Config(root=tmp_path, actions=Actions(tracker=configured))
    found = trackers.choose(option, None, config, {})
    assert isinstance(found, FileTracker)
    assert str(found.path) == expected.replace("ROOT", str(tmp_path))


@pytest.mark.parametrize("value", ["file:../t.ndjson", "file:/etc/t", "file:.git/t", "file:"])
def test_a_configured_file_stays_in_the_repository(tmp_path: Path, value: str) -> None:
    config = Config(root=tmp_path, actions=Actions(tracker=value))
    with pytest.raises(UsageError):
        trackers.choose(None, None, config, {})


def test_a_file_is_read_and_written_once_for_a_whole_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    items = [Item(f"AI-{n}", f"Add check {n}") for n in range(1, 301)]
    path = tmp_path / "incidents" / "2026" / "2026-11-02-orders-late.md"
    path.parent.mkdir(parents=True)
    path.write_text(document("2026-11-02-orders-late", items), encoding="utf-8")
    (tmp_path / "incident.toml").write_text("")
    written: list[str] = []
    replace = atomic_files._replace

    def counted(contents: dict[Path, bytes]) -> None:
        written.extend(place.name for place in contents)
        replace(contents)

    monkeypatch.setattr(atomic_files, "_replace", counted)
    assert run("actions", "sync", "--yes", "--tracker", "t.ndjson").exit_code == 0
    assert written == ["t.ndjson", path.name]
    assert path.read_text(encoding="utf-8").count("issue: null") == 0
    assert len((tmp_path / "t.ndjson").read_text().splitlines()) == 300


def test_a_batch_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    one = FileTracker(tmp_path / "t.ndjson")
    one.create(Draft("First", "", (LABEL,)))
    before = one.path.read_bytes()

    def interrupted() -> None:
        with one.batch():
            one.create(Draft("Second", "", (LABEL,)))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert one.path.read_bytes() == before
    assert [issue.title for issue in one.issues()] == ["First"]


def test_two_batches_at_once_lose_nothing(tmp_path: Path) -> None:
    def create(name: str) -> None:
        one = FileTracker(tmp_path / "t.ndjson")
        with one.batch():
            for n in range(20):
                one.create(Draft(f"{name} {n}", "", (LABEL,)))

    threads = [threading.Thread(target=create, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    issues = FileTracker(tmp_path / "t.ndjson").issues()
    assert len({issue.title for issue in issues}) == 80
    assert [issue.number for issue in issues] == list(range(1, 81))


def test_a_line_that_a_person_formatted_stays_when_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "t.ndjson"
    path.write_text('{ "number": 1,  "title": "By hand", "labels": ["x"] }\n')
    with FileTracker(path).batch():
        pass
    assert path.read_text().startswith("{ ")


def test_a_plan_with_a_file_is_taken_in_one_batch(tmp_path: Path) -> None:
    path = tmp_path / "incidents" / "2026" / "2026-11-02-orders-late.md"
    path.parent.mkdir(parents=True)
    path.write_text(document("2026-11-02-orders-late", [Item(), Item("AI-2")]), encoding="utf-8")
    config = Config(root=tmp_path)
    one = FileTracker(tmp_path / "t.ndjson")
    steps = apply.apply(sync.prepare(config, one), one, Renderer(config))
    assert next(steps).result == "done"
    assert not one.path.exists()  # ended here, nothing is half done
    assert [outcome.result for outcome in steps] == ["done"]
    assert [json.loads(line)["number"] for line in one.path.read_text().splitlines()] == [1, 2]
