"""Nobody's name, address or handle leaves by a door that was not opened for it.

Every key of the schema that holds free text is of one kind (`KEYS`):

- a person (`roles`, `reviewers`, own keys `x_…`) appears nowhere: the wiki and the review say
  which roles there were, and how many.
- an owner (`owner`, `action_items.*.owner`, `impact.consumers.*.team`, `observers`) is a team,
  unless it has a role or reviews somewhere in the archive, or is an e-mail address: then it is a
  person. A team appears everywhere. A person appears where somebody must know whose turn it is:
  in the internal wiki, `incident list`, `incident actions`, the review of a pull request, the
  quarterly pack; in an issue only where CODEOWNERS or `[tool.incident.actions] accounts` names
  the account; in the export only with `--include-people`; never in feeds, badges,
  `incidents.json`, `llms.txt`, figures, messages and the public edition.
- text is shown as it is written, for the blameless rules judge it before it is published; in the
  export only titles, unless `--include-text` asks for more.
"""

from __future__ import annotations

import gzip
import json
import shutil
import string
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from incident import reports
from incident.actions import desired_issues
from incident.archive import Archive, Entry, leaks, metrics, public_edition, quarterly_report
from incident.archive.milestones import Milestones
from incident.drafts import message_kinds, stakeholder_message
from incident.errors import UsageError
from incident.export import rows
from incident.postmortem import document, model, timestamps
from incident.reports import Page, Wiki, _incident
from incident.repository import resources
from incident.repository.config import STATUSES, Actions, Config
from incident.review import Outcome, Review, page
from site_support import build, write_repository
from support import CHECKOUT, NOW, git_init, lint, run

PERSON, OWNER, TEXT = "person", "owner", "text"
KEYS = {
    "roles.incident_lead": PERSON,
    "roles.facilitator": PERSON,
    "roles.scribe": PERSON,
    "roles.data_steward": PERSON,
    "roles.responders.*": PERSON,
    "reviewers.*": PERSON,
    "owner": OWNER,
    "observers.*": OWNER,
    "impact.consumers.*.team": OWNER,
    "action_items.*.owner": OWNER,
    **dict.fromkeys(
        (
            *("channel", "closed_reason", "duplicate_of"),
            *("title", "related.*", "recurrence_of", "redact.*", "redact_except.*", "tags.*"),
            *(f"timestamps.{key}" for key in timestamps.TIMESTAMPS),
            *("detection.source", "detection.should_have_been"),
            *("impact.summary", "impact.assets.*.ref", "impact.consumers.*.use"),
            *(f"impact.magnitude.{key}" for key in ("metric", "expected", "actual", "unit")),
            "impact.sla.target",
            *(f"signature.*.{key}" for key in ("check", "asset", "column", "error")),
            *(
                f"action_items.*.{key}"
                for key in ("title", "done_when", "verified_by", "proof", "reason")
            ),
            *("impact.lineage.*.upstream", "impact.lineage.*.downstream"),
            *(f"evidence.*.{key}" for key in ("title", "url", "result", "run_at")),
            *("lint.ignore.*.rule", "lint.ignore.*.reason"),
        ),
        TEXT,
    ),
}
DAY = NOW.date()
# the marks in a failing example say more than a smaller example, which takes minutes
UNSHRUNK = [phase for phase in Phase if phase is not Phase.shrink]


def leaves(node: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """The keys of the schema that hold free text."""
    for key, child in node.get("properties", {}).items():
        yield from leaves(child, (*path, key))
    if "items" in node:
        yield from leaves(node["items"], (*path, "*"))
    kinds = node.get("type", ())
    if "string" in ([kinds] if isinstance(kinds, str) else kinds) and not (
        {"enum", "pattern", "format"} & node.keys()
    ):
        yield ".".join(path)


def test_every_key_with_free_text_is_of_a_kind() -> None:
    path = resources.root() / "schemas" / "postmortem.schema.json"
    assert set(leaves(json.loads(path.read_text(encoding="utf-8")))) == set(KEYS)


class Declared(NamedTuple):
    """Frontmatters with markers for people, and for people who are owners."""

    documents: list[dict[str, Any]]
    people: set[str]
    owners: set[str]
    teams: set[str]


_salts = st.text(string.ascii_lowercase, min_size=4, max_size=4)
_forms = st.sampled_from(
    ["{0}", "@{0}", "{0}-oncall", "{0}@example.com", "Ines {1}", "ines.{0}", "{1}", "{0}_2"]
)


@st.composite
def archives(draw: st.DrawFn) -> Declared:
    people, owners, teams = set[str](), set[str](), set[str]()
    also: list[str] = []
    salt = draw(_salts)

    def name(kind: str) -> str:
        mark = f"zq{len(people | owners | teams):03}{salt}"  # no word, and none begins another
        if kind == TEXT:
            return f"some words {len(teams)}"
        if kind == OWNER and draw(st.booleans()):
            teams.add(mark)
            return f"{mark}-team"
        (people if kind == PERSON else owners).add(mark)
        written = draw(_forms).format(mark, mark.capitalize())
        if kind == OWNER and "@" not in written[1:]:
            also.append(draw(st.sampled_from([written, written.lstrip("@"), written.upper()])))
        return written

    documents = []
    for number in range(draw(st.integers(1, 2))):
        found: dict[str, Any] = {
            "id": f"2026-0{number + 1}-11-orders-late",
            "status": draw(st.sampled_from(STATUSES)),
            "severity": draw(st.sampled_from(["P0", "P1", "P3"])),
            "confidentiality": draw(st.sampled_from(["public", "public", "internal"])),
            "x_on_call": name(PERSON),
        }
        for path, kind in KEYS.items():
            if path.split(".")[0] not in {"timestamps", "related", "recurrence_of", "redact"}:
                put(found, path.split("."), name(kind))
        found["impact"]["consumers"][0]["decision_made"] = True
        for n, item in enumerate(found["action_items"]):
            item |= {"id": f"AI-{n + 1}", "due": "2026-05-01", "status": "committed"}
        for asset in found["impact"]["assets"]:
            asset |= {"ref": "dbt:model.shop.orders", "role": "root"}
        found["timestamps"] = {
            "started_at": "2026-01-11T05:00Z",
            "corrected_at": "2026-01-11T09:00Z",
        }
        documents.append(found)
    documents[-1]["roles"]["responders"] += also
    return Declared(documents, people, owners, teams)


def put(data: dict[str, Any], path: list[str], value: str) -> None:
    """Set the value at a path; `*` is the one item of a list."""
    key, rest = path[0], path[1:]
    if not rest:
        data[key] = value
    elif rest[0] == "*":
        items = data.setdefault(key, [] if rest[1:] else [value])
        if rest[1:]:
            items or items.append({})
            put(items[0], rest[1:], value)
    else:
        put(data.setdefault(key, {}), rest, value)


def read(declared: Declared) -> Archive:
    entries = []
    for data in declared.documents:
        path = f"incidents/2026/{data['id']}.md"
        found = document.parse(f"---\n{json.dumps(data)}\n---\n\n## Summary\n\nLate.\n", path)
        assert not found.faults
        entries.append(Entry(found, model.postmortem(found)))
    return Archive(tuple(entries), ())


def holds(text: str, marks: Iterable[str]) -> list[str]:
    return [mark for mark in marks if mark in text.casefold()]


def wiki(found: Archive, public: bool = False) -> Iterator[tuple[str, str]]:
    """Every page and file of the wiki with its path."""
    made = Wiki(found, DAY, site_url="https://wiki.example.com/", public=public)
    for one in reports.build_all(made):
        text = one.html + one.markdown + one.title if isinstance(one, Page) else one.text
        yield one.path, one.path + text
    for entry in found.entries:
        p = entry.postmortem
        head = _incident.page(p, _incident.view(p, made), made)
        yield p.path, head + _incident.body(entry.document)


def messages(found: Archive) -> Iterator[str]:
    for entry in found.entries:
        for kind in message_kinds.names():
            if not message_kinds.read(kind).is_of_incident:
                continue
            for form in stakeholder_message.FORMS:
                try:
                    yield stakeholder_message.of_incident(
                        entry, kind, form, NOW, Config(Path("/nowhere"))
                    )[0]
                except UsageError as error:
                    yield f"{error} {error.hint}"


def issues(found: Archive, asked: Config) -> Iterator[str]:
    renderer = desired_issues.Renderer(asked)
    for one in desired_issues.read(found.postmortems, asked, desired_issues.Home())[0]:
        yield str(renderer.draft(one))


def inside(found: Archive) -> Iterator[str]:
    """What is made for those who work on it."""
    yield quarterly_report.markdown(found, DAY, Milestones(), None, None)
    for entry in found.entries:
        hits = tuple(lint(entry.document))
        one = Review(entry.document, entry.postmortem, "", hits, "", "", ())
        yield page.render(Outcome((one,)), NOW)
        yield from (f"{hit.message} {hit.hint}" for hit in hits)


_POSTED = (".json", ".xml", ".txt", ".svg", ".ics")
# the data of the wiki's own list and board, and an owner's calendar, named like that owner's page
_PAGES = ("incidents/index.json", "incidents/all/", "actions.json", "actions/")


@pytest.mark.slow
@given(archives())
@settings(max_examples=12, phases=UNSHRUNK, suppress_health_check=[HealthCheck.too_slow])
def test_people_stay_where_they_are_declared(declared: Declared) -> None:
    found = read(declared)
    everybody = declared.people | declared.owners
    known = rows.Known(handles=found.handles)
    for entry in found.entries:
        assert not holds(json.dumps(rows.of_entry(entry, known)), everybody)
    asked = rows.Known(handles=found.handles, people=True, text=True)
    for entry in found.entries:
        assert not holds(json.dumps(rows.of_entry(entry, asked)), declared.people)
    for path, text in wiki(found):
        posted = path.endswith(_POSTED) and not path.startswith(_PAGES)
        assert not holds(text, everybody if posted else declared.people), path
    made = public_edition.sound(found, Config(Path("/nowhere")))
    shown = {leak.path for leak in leaks.find(made)}  # these would end the build
    for path, text in wiki(made.archive, public=True):
        assert shown or not holds(text, everybody), path
    for text in messages(found):
        assert not holds(text, declared.people | own(declared))
    for text in issues(found, Config(Path("/nowhere"))):
        assert not holds(text, everybody)
    for text in inside(found):
        assert not holds(text, declared.people)
    figures = metrics.measure(found.postmortems, DAY)
    assert not holds(json.dumps(metrics.as_json(figures)), everybody)


def own(declared: Declared) -> set[str]:
    """The owners that one postmortem alone shows to be people: a message reads no other."""
    texts = [json.dumps(data).casefold() for data in declared.documents]
    return {mark for mark in declared.owners if sum(mark in text for text in texts) == 1}


@pytest.mark.slow
@given(archives())
@settings(max_examples=5, phases=UNSHRUNK, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_asked_for_is_there(declared: Declared) -> None:
    found = read(declared)
    asked = rows.Known(handles=found.handles, people=True)
    exported = json.dumps([rows.of_entry(entry, asked) for entry in found.entries]).casefold()
    items = {item.owner for p in found.postmortems for item in p.action_items}
    assert all(json.dumps(owner).casefold() in exported for owner in items)
    accounts = dict.fromkeys(items, "octo")
    named = "".join(issues(found, Config(Path("/nowhere"), actions=Actions(accounts=accounts))))
    for owner in items:
        assert owner in named
    for team in declared.teams:
        assert any(holds(text, [team]) for _, text in wiki(found))


REAL = Declared(
    [
        {
            "id": f"2026-0{number}-11-orders-late",
            "title": "Orders were late",
            "status": "published",
            "severity": "P1",
            "owner": ("zq001hand", "zq900-team")[number - 1],
            "confidentiality": "public",
            "roles": {"incident_lead": "zq001hand", "scribe": "zq002@example.com"},
            "reviewers": ["Ines Zq003lind"],
            "timestamps": {"detected_at": f"2026-0{number}-11T05:00Z"},
            "impact": {"assets": [{"ref": "dbt:model.shop.orders"}], "summary": "Late."},
            "action_items": [
                {"id": "AI-1", "title": "Test it", "owner": "zq001hand", "due": "2026-05-01"}
            ],
            "evidence": [{"title": "The log", "url": "https://example.com/log"}],
            "x_on_call": "zq004hand",
        }
        for number in (1, 2)
    ],
    {"zq002", "zq003", "zq004"},
    {"zq001"},
    {"zq900"},
)


@pytest.mark.slow
def test_nobody_is_in_what_the_commands_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        f"2026/{data['id']}.md": f"---\n{json.dumps(data)}\n---\n\n## Summary\n\nLate.\n"
        for data in REAL.documents
    }
    root = write_repository(tmp_path / "r", files)
    shutil.copy(CHECKOUT / "mkdocs.public.yml", root)
    git_init(root, "Zq005lind Halvorsen", "zq005@example.com")
    monkeypatch.chdir(root)
    everybody = REAL.people | REAL.owners | {"zq005"}
    for form in ("ndjson", "csv", "parquet"):
        out = tmp_path / form
        assert run("export", "--format", form, "--out", out).exit_code == 0
        for name, text in texts(out):
            assert not holds(text, everybody), name
    for args in (["list", "--format", "json"], ["stats", "--format", "json"]):
        said = run(*args)
        assert said.exit_code == 0
        assert not holds(said.stdout, everybody - REAL.owners), args
    built = build(root, tmp_path / "site")
    assert built.code == 0, built.log
    index = ""
    for name, text in texts(built.site):
        assert not holds(text, REAL.people | {"zq005"}), name
        index += text if name.startswith("pagefind/") else ""
    assert set(holds(index, REAL.owners | REAL.teams)) == REAL.owners | REAL.teams  # it was read
    built = build(root, tmp_path / "public", "-f", "mkdocs.public.yml")
    assert built.code == 0, built.log
    for name, text in texts(built.site):
        assert not holds(name + text, everybody), name


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below a folder, unpacked: the pieces of the search are compressed."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            raw = file.read_bytes()
            raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
            if file.suffix == ".parquet":
                import duckdb

                table = duckdb.sql(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM '{file}'")
                assert table is not None
                raw = str(table.fetchall()).encode()
            yield file.relative_to(folder).as_posix(), raw.decode("utf-8", "replace")
