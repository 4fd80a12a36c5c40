"""People's decisions stay: reopened issues, moved items, several archives, other trackers.

On a file as tracker, whose issues a person edits in the same ways as those of GitHub.
"""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from github_support import Item, document
from incident.actions import apply, marker, sync, writeback
from incident.actions.desired_issues import Renderer
from incident.actions.plan import Plan, Record
from incident.actions.tracker import LABEL, Change, Issue
from incident.actions.trackers.file import FileTracker
from incident.postmortem import edit, frontmatter
from incident.repository.config import Config
from support import git_init

ID = "2026-11-02-orders-late"
TITLES = (
    "Add a row-count test on orders, 3 sigma",
    "Alert the on-call when the load is late",
    "Write a runbook for a wrong export",
    "Move the nightly load behind a lock",
)


class Remembering(FileTracker):
    """A file that knows when an issue was reopened, as GitHub does."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.reopenings: dict[int, int] = {}

    def reopened_at(self, number: int) -> str:
        return str(self.reopenings.get(number, ""))

    def reopen(self, number: int) -> None:
        self.reopenings[number] = self.reopenings.get(number, 0) + 1
        self.update(number, Change(state="open"))


@dataclass
class Team:
    """A repository, its tracker, and the people who work with both."""

    root: Path
    tracker: Remembering = field(init=False)

    def __post_init__(self) -> None:
        self.tracker = Remembering(self.root / "issues.ndjson")

    def write(self, items: list[Item], id_: str = ID) -> Path:
        path = self.root / "incidents" / id_[:4] / f"{id_}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document(id_, items), encoding="utf-8")
        return path

    def sync(self, write_back: bool = True, root: Path | None = None) -> Plan:
        config = Config(root=root or self.root)
        plan = sync.prepare(config, self.tracker)
        outcomes = list(apply.apply(plan, self.tracker, Renderer(config)))
        if write_back:
            writeback.to_files(apply.records(plan, outcomes, self.tracker), config.root)
        return plan

    def settled(self) -> Plan:
        """Sync until there is nothing to do; the last plan."""
        for _ in range(4):
            plan = self.sync()
        assert (plan.steps, plan.records) == ((), ())
        return plan

    def issue(self, number: int) -> Issue:
        found = self.tracker.issue(number)
        assert isinstance(found, Issue)
        return found

    def keys(self) -> dict[str, int]:
        found = {}
        for issue in self.tracker.changed_since(None):
            if key := marker.read(issue.body).get("key"):
                assert key not in found, "two issues of one item"
                found[key] = issue.number
        return found

    def status(self, id_: str = ID, index: int = 0) -> str:
        text = (self.root / "incidents" / id_[:4] / f"{id_}.md").read_text(encoding="utf-8")
        return str(frontmatter.read(text).data["action_items"][index]["status"])


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def test_a_reopened_issue_stays_open_and_the_item_is_in_progress(team: Team) -> None:
    team.write([Item()])
    team.sync()
    team.tracker.update(1, Change(state="closed", reason="completed"))
    team.sync()
    assert team.status() == "done"
    team.tracker.update(1, Change(state="open"))
    team.sync()
    assert (team.status(), team.issue(1).state) == ("in_progress", "open")
    team.settled()
    assert (team.status(), team.issue(1).state) == ("in_progress", "open")


def test_an_issue_reopened_before_the_proposal_is_merged_stays_open_when_it_is(team: Team) -> None:
    path = team.write([Item(issue=1)])
    team.write([Item()])
    team.sync()
    proposal = path.read_text(encoding="utf-8").replace("committed", "done")
    team.tracker.update(1, Change(state="closed", reason="completed"))
    team.sync(write_back=False)  # proposed on a branch
    team.tracker.update(1, Change(state="open"))
    assert team.sync(write_back=False).steps == ()
    path.write_text(proposal, encoding="utf-8")  # somebody merges it after all
    team.sync()
    assert (team.status(), team.issue(1).state) == ("in_progress", "open")
    team.settled()


def test_items_done_in_the_archive_still_close_their_issue(team: Team) -> None:
    team.write([Item()])
    team.sync()
    team.tracker.update(1, Change(state="closed", reason="completed"))
    team.tracker.update(1, Change(state="open"))
    team.settled()  # reopened, and known to be, before anybody says done
    team.write([Item(status="done")])
    assert [step.action for step in team.sync().steps] == ["close"]
    assert team.issue(1).state == "closed"
    team.settled()


def test_done_is_written_only_once_the_issue_records_it(team: Team) -> None:
    team.write([Item()])
    team.sync()
    team.tracker.update(1, Change(state="closed", reason="completed"))
    config = Config(root=team.root)
    plan = sync.prepare(config, team.tracker)
    assert [step.what for step in plan.steps] == [("status",)]
    left = list(apply.apply(plan, team.tracker, Renderer(config), limit=0))
    assert [outcome.result for outcome in left] == ["left"]
    assert apply.records(plan, left, team.tracker) == []


class Watch:
    """What may never happen, watched from outside: it knows nothing of plans and markers.

    An issue may be closed by a sync only where a person settled its item after the last time that
    a person reopened the issue. A write-back, merged whenever, is nobody's word.
    """

    def __init__(self, team: Team, choice: random.Random) -> None:
        self.team, self.choice = team, choice
        self.now = 0
        self.files = choice.random() < 0.5  # where the write-back goes
        self.settled: dict[int, int] = {}
        self.reopened: dict[int, int] = {}
        self.proposal: tuple[list[Record], list[dict[str, object]]] | None = None
        self.wrong: list[str] = []

    def person(self) -> None:
        """One thing that a person does: to an issue, in the archive, or with a proposal."""
        self.now += 1
        kind = self.choice.random()
        if kind < 0.55:
            self._on_issue(self.choice.choice(self.team.tracker.issues()))
        elif kind < 0.8 or not self.proposal:
            self._in_archive(self.choice.randrange(3))
        else:
            self._merge(*self.proposal)
            self.proposal = None

    def _items(self) -> list[dict[str, object]]:
        path = self.team.root / "incidents" / "2026" / f"{ID}.md"
        items = frontmatter.read(path.read_text(encoding="utf-8")).data["action_items"]
        assert isinstance(items, list)
        return items

    def _merge(self, records: list[Record], base: list[dict[str, object]]) -> None:
        """As git does: a line that changed since on both sides is a conflict, and stays."""
        now = self._items()
        clean = [record for record in records if now[record.index] == base[record.index]]
        writeback.to_files(clean, self.team.root)

    def _on_issue(self, issue: Issue) -> None:
        if issue.is_open:
            reason = self.choice.choice(["completed", "completed", "not_planned"])
            self.team.tracker.update(issue.number, Change(state="closed", reason=reason))
        else:
            self.team.tracker.reopen(issue.number)
            self.reopened[issue.number] = self.now

    def _in_archive(self, index: int) -> None:
        path = self.team.root / "incidents" / "2026" / f"{ID}.md"
        status = self.choice.choice(["committed", "in_progress", "done", "done", "wont_do"])
        text = path.read_text(encoding="utf-8")
        path.write_text(edit.set_value(text, ("action_items", index, "status"), status), "utf-8")
        if status in {"done", "wont_do"}:
            self.settled[index + 1] = self.now

    def sync(self) -> None:
        before = {issue.number: issue.state for issue in self.team.tracker.issues()}
        config = Config(root=self.team.root)
        plan = sync.prepare(config, self.team.tracker)
        limit = self.choice.choice([None, None, None, 0, 1])
        outcomes = list(apply.apply(plan, self.team.tracker, Renderer(config), limit))
        records = apply.records(plan, outcomes, self.team.tracker)
        if self.files:
            writeback.to_files(records, config.root)
        elif records or not plan.records:  # there is one branch: renewed, or withdrawn
            self.proposal = (records, self._items()) if records else None
        for issue in self.team.tracker.issues():
            n, was = issue.number, before.get(issue.number)
            if was == "closed" and issue.is_open:
                self.wrong.append(f"issue {n} was opened again")
            reopened = self.reopened.get(n, -1)
            if was == "open" and not issue.is_open and self.settled.get(n, 0) <= reopened:
                self.wrong.append(f"issue {n} was closed over a person's head")


@pytest.mark.slow
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_no_sequence_of_events_closes_a_reopened_issue(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One or two things happen between two syncs, of which some are cut off; stale merges, too."""
    choice = random.Random(seed)
    team = Team(tmp_path_factory.mktemp("team"))
    watch = Watch(team, choice)
    team.write([Item(f"AI-{n}", TITLES[n]) for n in range(1, 4)])
    team.sync()
    for _ in range(15):
        for _ in range(choice.choice([1, 1, 2])):
            watch.person()
        watch.sync()
    assert watch.wrong == []


@pytest.mark.parametrize("git", [True, False])
def test_a_renamed_postmortem_keeps_its_issues(team: Team, git: bool) -> None:
    if git:
        git_init(team.root)
    path = team.write([Item(), Item("AI-2", TITLES[1])])
    team.sync()
    new = path.with_name("2026-11-02-orders-two-days-late.md")
    new.write_text(path.read_text().replace(f"id: {ID}", f"id: {new.stem}"))
    path.unlink()
    plan = team.sync()
    assert [step.what[0] for step in plan.steps] == [
        f"moved from {ID}/AI-1",
        f"moved from {ID}/AI-2",
    ]
    team.settled()
    assert team.keys() == {f"{new.stem}/AI-1": 1, f"{new.stem}/AI-2": 2}
    assert new.stem in team.issue(1).labels
    assert ID not in team.issue(1).labels
    assert new.stem in team.issue(1).body


def commit(root: Path) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(["git", *who, "commit", "-q", "-m", "x"], cwd=root, check=True)


def test_git_renames_resolve_what_numbers_cannot(team: Team) -> None:
    """Another date, another title, and no number yet: git knows that it is the same file."""
    git_init(team.root)
    path = team.write([Item(), Item("AI-2", TITLES[1])])
    team.sync(write_back=False)
    commit(team.root)
    new = team.root / "incidents" / "2026" / "2026-10-30-orders-late-for-days.md"
    text = path.read_text().replace(f"id: {ID}", f"id: {new.stem}")
    new.write_text(text.replace("3 sigma", "4 sigma"))
    path.unlink()
    commit(team.root)
    team.settled()
    assert team.keys() == {f"{new.stem}/AI-1": 1, f"{new.stem}/AI-2": 2}
    assert team.issue(1).title.endswith("4 sigma")


def test_renumbered_items_keep_their_issues(team: Team) -> None:
    path = team.write([Item(), Item("AI-2", TITLES[1])])
    team.sync()
    text = path.read_text().replace("AI-1", "AI-x").replace("AI-2", "AI-1").replace("AI-x", "AI-2")
    path.write_text(text)
    team.settled()
    assert team.keys() == {f"{ID}/AI-2": 1, f"{ID}/AI-1": 2}
    assert team.issue(1).title == TITLES[0]


def test_inserting_an_item_first_renumbers_the_others(team: Team) -> None:
    """The old AI-1, with its number, is AI-2 now; a new AI-1 has none."""
    path = team.write([Item()])
    team.sync()
    text = path.read_text().replace("{id: AI-1", "{id: AI-2")
    first = Item("AI-1", TITLES[1]).yaml()
    path.write_text(text.replace("action_items:\n", f"action_items:\n{first}"))
    team.settled()
    assert team.keys() == {f"{ID}/AI-2": 1, f"{ID}/AI-1": 2}
    assert [team.issue(n).title for n in (1, 2)] == [TITLES[0], TITLES[1]]


def test_an_item_moved_to_another_incident_keeps_its_issue(team: Team) -> None:
    path = team.write([Item(), Item("AI-2", TITLES[1])])
    team.sync()
    lines = path.read_text().splitlines(keepends=True)
    moved = next(line for line in lines if "AI-2" in line)
    path.write_text("".join(line for line in lines if line != moved))
    other = team.write([Item("AI-1", TITLES[2])], "2026-11-05-other")
    other.write_text(other.read_text().replace("---\n\n## Sum", f"{moved}---\n\n## Sum"))
    team.settled()
    assert team.keys() == {
        f"{ID}/AI-1": 1,
        "2026-11-05-other/AI-2": 2,
        "2026-11-05-other/AI-1": 3,
    }


def test_copied_postmortems_do_not_take_issues(team: Team) -> None:
    path = team.write([Item(), Item("AI-2", TITLES[1])])
    team.sync()
    copy = path.with_name("2026-11-20-copied.md")
    copy.write_text(path.read_text().replace(f"id: {ID}", f"id: {copy.stem}"))
    before = [team.issue(n) for n in (1, 2)]
    plan = team.sync()
    assert plan.steps == ()
    assert len(plan.problems) == 2
    assert all("is also recorded for" in problem.message for problem in plan.problems)
    assert [team.issue(n) for n in (1, 2)] == before


def test_another_item_under_an_old_id_does_not_take_its_issue(team: Team) -> None:
    team.write([Item("AI-3")])
    team.sync()
    team.write([Item("AI-3", TITLES[1])])  # without the number: two branches, one id
    plan = team.sync()
    assert plan.steps == ()
    assert "has this item's id but is about" in plan.problems[0].message
    assert team.issue(1).title == TITLES[0]


def test_no_hint_leads_to_a_duplicate_issue(team: Team) -> None:
    """Moved to another date without a number or git: said, and both ways on work."""
    path = team.write([Item()])
    team.sync()
    new = team.write([Item()], "2026-10-30-another-date")
    path.unlink()
    plan = team.sync()
    assert plan.steps == ()
    hint = plan.problems[0].hint
    assert "record `issue: file#1` if the item was moved" in hint
    moved = new.read_text()
    new.write_text(moved.replace("issue: null", "issue: file#1"))
    team.settled()
    assert team.keys() == {"2026-10-30-another-date/AI-1": 1}

    new.write_text(moved)
    other = team.write([Item()], "2026-09-01-a-third")
    new.unlink()
    team.tracker.update(1, Change(state="closed", reason="completed"))
    team.settled()
    assert len(team.tracker.issues()) == 2
    assert other.exists()


@pytest.mark.slow
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_moved_items_keep_exactly_one_issue(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Random renames, renumberings, moves and lost labels: an item keeps its issue."""
    choice = random.Random(seed)
    team = Team(tmp_path_factory.mktemp("team"))
    places: dict[str, list[tuple[str, str]]] = {ID: [], "2026-11-05-other": []}
    for title in TITLES:
        id_ = choice.choice(list(places))
        places[id_].append((f"AI-{len(places[id_]) + 1}", title))

    def save(numbers: dict[str, int]) -> None:
        for path in (team.root / "incidents").rglob("*.md"):
            path.unlink()
        for id_, some in places.items():
            if not some:
                continue
            path = team.write([Item(item, title) for item, title in some], id_)
            text = path.read_text()
            for index, (_, title) in enumerate(some):
                value = f"file#{numbers[title]}" if title in numbers else None
                text = edit.set_value(text, ("action_items", index, "issue"), value)
            path.write_text(text)

    save({})
    team.settled()
    first = {issue.title: issue.number for issue in team.tracker.issues()}
    for _ in range(5):
        kind = choice.randrange(4)
        if kind == 0:  # renamed: another id, the same day
            id_ = choice.choice(list(places))
            places[f"{id_[:10]}-{choice.randrange(10**6)}"] = places.pop(id_)
        elif kind == 1:  # renumbered
            some = choice.choice(list(places.values()))
            ids = [item for item, _ in some]
            choice.shuffle(ids)
            some[:] = [(item, title) for item, (_, title) in zip(ids, some, strict=True)]
        elif kind == 2:  # moved, under the next free number
            source, target = choice.sample(list(places), 2)
            if places[source]:
                _, title = places[source].pop(choice.randrange(len(places[source])))
                used = {item for item, _ in places[target]}
                free = next(f"AI-{n}" for n in range(1, 9) if f"AI-{n}" not in used)
                places[target].append((free, title))
        else:  # labels gone
            for issue in team.tracker.issues():
                team.tracker.update(issue.number, Change(labels=()))
        save(first)
        team.settled()
        there = {i.title: i.number for i in team.tracker.changed_since(None) if i.is_open}
        assert there == first


def test_a_label_that_is_deleted_before_the_numbers_are_merged(team: Team) -> None:
    team.write([Item(), Item("AI-2", TITLES[1])])
    team.sync(write_back=False)
    for issue in team.tracker.issues():
        team.tracker.update(issue.number, Change(labels=()))
    assert team.tracker.issues() == []
    team.settled()
    assert team.keys() == {f"{ID}/AI-1": 1, f"{ID}/AI-2": 2}
    assert all(LABEL in issue.labels for issue in team.tracker.changed_since(None))


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize("same_title", [True, False])
def test_archives_in_one_repository_do_not_interfere(
    team: Team, git: bool, same_title: bool
) -> None:
    if git:
        git_init(team.root)
    elif same_title:
        return  # without git nothing tells them apart
    folders = [team.root / name for name in ("", "a", "b/c")][0 if git else 1 :]
    for n, folder in enumerate(folders):
        title = TITLES[0] if same_title else TITLES[n]
        path = folder / "incidents" / "2026" / f"{ID}.md"
        path.parent.mkdir(parents=True)
        path.write_text(document(ID, [Item(title=title)]))
        (folder / "incident.toml").write_text("")
    for _ in range(3):
        for folder in folders:
            plan = team.sync(root=folder)
            assert plan.problems == ()
    assert (plan.steps, plan.records) == ((), ())
    issues = team.tracker.issues()
    assert len(issues) == len(folders)
    if git:
        archives = [marker.read(issue.body).get("archive", "") for issue in issues]
        assert archives == ["", "a", "b/c"]


def test_moving_an_archive_keeps_its_issues(team: Team) -> None:
    git_init(team.root)
    old = team.root / "a"
    path = old / "incidents" / "2026" / f"{ID}.md"
    path.parent.mkdir(parents=True)
    path.write_text(document(ID, [Item()]))
    (old / "incident.toml").write_text("")
    team.sync(root=old, write_back=False)
    (team.root / "teams").mkdir()
    old.rename(team.root / "teams" / "a")
    team.sync(root=team.root / "teams" / "a")
    (issue,) = team.tracker.issues()
    assert marker.read(issue.body)["archive"] == "teams/a"


def test_issue_numbers_name_their_tracker(team: Team) -> None:
    """The numbers of a file are not GitHub's, and a recorded GitHub number is not a file's."""
    path = team.write([Item(issue=7)])
    team.sync()
    text = path.read_text()
    assert 'issue: "file#1"' in text
    (item,) = frontmatter.read(text).data["action_items"]
    assert item["issue"] == "file#1"
    team.settled()


def test_markers_by_strangers_are_ignored(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.write([Item()])
    body = marker.render("text", {"key": f"{ID}/AI-1"})
    team.tracker.path.write_text("")
    draft = Issue(1, "forged", body, "closed", "completed", (LABEL,))
    monkeypatch.setattr(team.tracker, "issues", lambda: [draft])
    plan = sync.prepare(Config(root=team.root), team.tracker)
    assert plan.records == ()
    assert [step.action for step in plan.steps] == ["create"]
    assert "has our marker but an untrusted author" in plan.kept[0].message
    whole = marker.render("text", {"key": f"{ID}/AI-1", "title": "", "body": "", "status": "open"})
    draft = replace(draft, body=whole, is_trusted=False)
    plan = sync.prepare(Config(root=team.root), team.tracker)
    assert plan.records == ()
    assert [step.action for step in plan.steps] == ["create"]
