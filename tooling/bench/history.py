"""How often `incident history --base` reports something, how often it is right, and how fast it is.

Quality: an invented dbt project, 45 incidents and 200 changes in git. Whether a report would change
a review is decided when the change is made, by what happened there, not by how it is scored: the
change repeats a mechanism, removes a promised check, or touches where an incident began that is
open or lacks its check. Speed: a manifest of 5,000 models, an archive of 1,000 incidents.
Usage: history.py [quality] [speed] [show]; by default the first two.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import corpus

from incident.archive import trust
from incident.dbt import manifest
from incident.history import change_formats, past, project, relevance, touched
from incident.repository import config

SEEDS = (20261128, 1, 2, 3, 4)
TODAY = datetime.now(UTC).date()
INCIDENTS, CHANGES = 45, 200
ENTITIES = (
    *("orders", "payments", "customers", "products", "returns", "shipments"),
    *("sessions", "campaigns", "stock", "prices", "invoices", "tickets"),
)
COLUMNS = ("id", "status", "amount", "currency", "created_at", "customer_id", "is_test", "country")
VERSION = "https://schemas.getdbt.com/dbt/manifest/v12.json"

# How people wrote about each mechanism; some of it in words that no list has.
CAUSES = {
    "rename": (
        "The source renamed `status`, and the staging model still read the old name.",
        "A field got a new name in the export; the loader filled the old one with nothing.",
        "Upstream called the column something else from that day on.",
    ),
    "filter": (
        "The new filter excluded every order of the second brand.",
        "A where clause compared with a display name, which marketing had edited.",
        "Rows of one country no longer passed the condition.",
    ),
    "join": (
        "The inner join dropped orders without a customer.",
        "A join on a key that is not unique fanned out the payments.",
        "Two tables were matched on the name rather than the number.",
    ),
    "type": (
        "The amount was cast to an integer, which lost the cents.",
        "The source changed the type of the number to text.",
        "Large ids overflowed.",
    ),
    "number": (
        "The tax rate was hard-coded, and changed on January 1.",
        "A wrong unit: the shop sends cents since the release.",
        "The constant for the fee was last year's.",
    ),
    "build": (
        "The backfill ran on a table that is built incrementally, and kept the old rows.",
        "The unique key of the incremental model was missing a column.",
        "Rows that arrived late were never picked up.",
    ),
    "duplicates": (
        "The export ran twice and doubled the rows.",
        "The model had lost its deduplication.",
        "Each retry appended the same rows.",
    ),
    "values": (
        "A new status was not in the list of accepted values.",
        "The shop added a value that the case expression does not know.",
        "Gift cards were a kind of product that nothing mapped.",
    ),
}
ALIKE = {"drop": "rename"}


@dataclass
class Incident:
    """An incident as it was made. `mechanism`: a key of CAUSES; `check`: the promised test."""

    id: str
    root: str
    assets: list[str]
    mechanism: str
    day: date
    severity: str
    check: str
    is_open: bool
    is_missing: bool

    @property
    def counts(self) -> bool:
        """Whether history is asked for it at all."""
        return self.severity != "P3" and self.day > TODAY - timedelta(days=730)


@dataclass
class Project:
    """Texts by path, and the nodes and edges as a manifest."""

    files: dict[str, str] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)  # asset by test

    def below(self, root: str) -> list[str]:
        """What is downstream of an asset, nearest first."""
        found, waiting = [], [root]
        while waiting:
            current = waiting.pop(0)
            for child, above in self.parents.items():
                if current in above and child not in found:
                    found.append(child)
                    waiting.append(child)
        return found


def sql(name: str, rows: str, joined: str = "") -> str:
    """A model with the usual parts."""
    columns = "\n".join(f"    a.{column}," for column in COLUMNS[:-1])
    join = f"left join {joined} b on b.id = a.customer_id\n" if joined else ""
    return (
        f"{{{{ config(materialized='table') }}}}\n-- {name}\nselect\n{columns}\n"
        f"    cast(a.amount as numeric) * 0.19 as tax,\n    a.country\nfrom {rows} a\n"
        f"{join}where a.status in ('paid', 'sent')\n  and not a.is_test\n"
    )


def make_project(rng: random.Random) -> Project:
    """12 sources, 12 staging models, 18 intermediate ones, 24 marts, 12 dashboards, 2 macros."""
    made = Project()
    yaml = ["sources:", "  - name: raw", "    tables:"]
    for one in ENTITIES:
        key = f"source.shop.raw.{one}"
        columns = ", ".join(f"{{name: {column}}}" for column in COLUMNS)
        yaml += [f"      - name: {one}", f"        columns: [{columns}]"]
        made.parents[key], made.path[key] = [], "models/sources.yml"
    made.files["models/sources.yml"] = "\n".join(yaml) + "\n"
    layers: list[list[str]] = [[f"stg_{one}" for one in ENTITIES]]
    layers.append([f"int_{rng.choice(ENTITIES)}_{n}" for n in range(18)])
    layers.append([f"{rng.choice(('fct', 'dim'))}_{rng.choice(ENTITIES)}_{n}" for n in range(24)])
    for depth, names in enumerate(layers):
        lines = ["models:"]
        for number, name in enumerate(names):
            key, path = f"model.shop.{name}", f"models/{depth}/{name}.sql"
            if depth == 0:
                above = [f"source.shop.raw.{ENTITIES[number]}"]
                text = sql(name, f"{{{{ source('raw', '{ENTITIES[number]}') }}}}")
            else:
                first, second = rng.sample(layers[depth - 1], 2)
                above = [f"model.shop.{first}", f"model.shop.{second}"]
                text = sql(name, f"{{{{ ref('{first}') }}}}", f"{{{{ ref('{second}') }}}}")
            made.parents[key], made.path[key], made.files[path] = above, path, text
            lines += [f"  - name: {name}", f"    description: one row per {name}", "    columns:"]
            for column in ("id", "status", "amount"):
                lines += [f"      - name: {column}", "        tests: [not_null]"]
                made.tests[f"test.shop.not_null_{name}_{column}"] = key
        made.files[f"models/{depth}/schema.yml"] = "\n".join(lines) + "\n"
    lines = ["exposures:"]
    for number in range(12):
        key = f"exposure.shop.dashboard_{number}"
        made.parents[key] = [f"model.shop.{rng.choice(layers[2])}"]
        made.path[key] = "models/exposures.yml"
        lines += [f"  - name: dashboard_{number}", "    type: dashboard"]
    made.files["models/exposures.yml"] = "\n".join(lines) + "\n"
    made.files["macros/money.sql"] = "{% macro cents(c) %}{{ c }} / 100{% endmacro %}\n"
    made.files["README.md"] = "# Shop\n"
    made.files["dbt_project.yml"] = "name: shop\n"
    return made


def make_manifest(made: Project, body: str = "") -> dict[str, Any]:
    """The project as dbt would write it. `body`: SQL to fill the nodes with."""
    sections: dict[str, dict[str, Any]] = {"nodes": {}, "sources": {}, "exposures": {}}
    for key, above in made.parents.items():
        kind = key.split(".")[0]
        text = made.files.get(made.path[key], "")
        node = {
            "resource_type": kind,
            "unique_id": key,
            "name": key.split(".")[-1],
            "package_name": "shop",
            "original_file_path": made.path[key],
            "depends_on": {"nodes": above, "macros": []},
            "config": {"materialized": "table", "meta": {}, "tags": []},
            "columns": {c: {"name": c, "data_type": "text", "meta": {}} for c in COLUMNS},
            "raw_code": text + body,
            "compiled_code": text + body,
            "checksum": {
                "name": "sha256",
                "checksum": hashlib.sha256(text.strip().encode()).hexdigest(),
            },
        }
        sections[{"source": "sources", "exposure": "exposures"}.get(kind, "nodes")][key] = node
    for test, asset in made.tests.items():
        column = test.rpartition("_")[2]
        sections["nodes"][f"{test}.1a2b3c4d5e"] = {
            "resource_type": "test",
            "unique_id": f"{test}.1a2b3c4d5e",
            "name": test.split(".")[-1],
            "package_name": "shop",
            "original_file_path": "models/schema.yml",
            "attached_node": asset,
            "column_name": column,
            "test_metadata": {"name": "not_null", "kwargs": {"column_name": column}},
            "depends_on": {"nodes": [asset], "macros": ["macro.dbt.test_not_null"]},
            "raw_code": body[:600],
            "compiled_code": body[:600],
        }
    macro = {
        "resource_type": "macro",
        "name": "cents",
        "package_name": "shop",
        "original_file_path": "macros/money.sql",
        "depends_on": {"macros": []},
    }
    about = {"dbt_schema_version": VERSION, "project_name": "shop", "adapter_type": "duckdb"}
    return {"metadata": about, **sections, "macros": {"macro.shop.cents": macro}}


def make_incident(number: int, made: Project, rng: random.Random) -> tuple[Incident, str]:
    """An incident and its postmortem."""
    root = rng.choice([key for key in made.parents if not key.startswith("exposure.")])
    mechanism = rng.choice(list(CAUSES))
    below = made.below(root)
    assets = [root, *rng.sample(below[:6], min(len(below[:6]), rng.randint(0, 3)))]
    day = TODAY - timedelta(days=int(rng.triangular(5, 900, 200)))
    severity = rng.choices(("P0", "P1", "P2", "P3"), (5, 30, 45, 20))[0]
    is_open = number < 2
    is_missing = rng.random() < 0.25
    tested = next((asset for asset in assets if asset.startswith("model.")), "")
    name = tested.rpartition(".")[2] or root.rpartition(".")[2]
    own = f"test.shop.not_null_{name}_{rng.choice(('id', 'status', 'amount'))}"
    check = f"test.shop.rows_match_{name}" if is_missing or not tested else own
    id_ = f"{day}-{name.replace('_', '-')}-{number}"
    due = day + timedelta(days=21)
    item = {
        "id": "AI-1",
        "title": f"Add a check on {name}",
        "type": "detect",
        "owner": "data",
        "due": str(due),
        "status": "committed" if is_missing else "done",
        "verified_by": f"dbt:{check}" if is_missing or tested else "runbook:loads",
        **({} if is_missing else {"done_at": str(due), "proof": "https://example.com/pull/1"}),
    }
    data = {
        "id": id_,
        "title": f"{name} was wrong for a day",
        "status": "draft" if is_open else "published",
        "severity": severity,
        "owner": "data",
        "timestamps": {"started_at": f"{day}T02:00Z", "detected_at": f"{day}T08:00Z"}
        | ({} if is_open else {"resolved_at": f"{day}T12:00Z"}),
        "impact": {
            "assets": [
                {"ref": f"dbt:{key}", "role": "affected" if place else "root"}
                for place, key in enumerate(assets)
            ]
        },
        "action_items": [item],
    }
    cause = rng.choice(CAUSES[mechanism])
    text = f"---\n{json.dumps(data, indent=1)}\n---\n\n## Root cause\n\n{cause}\n"
    one = Incident(id_, root, assets, mechanism, day, severity, check, is_open, is_missing)
    return one, text


Edit = Callable[[str], str]
SQL_EDITS: dict[str, tuple[int, Edit]] = {
    "comment": (22, lambda text: text.replace("\n-- ", "\n-- reviewed: ", 1)),
    "add": (30, lambda text: text.replace("    a.country\n", "    a.country,\n    a.region\n")),
    "rename": (12, lambda text: text.replace("    a.status,", "    a.state as status,")),
    "drop": (5, lambda text: text.replace("    a.currency,\n", "")),
    "filter": (16, lambda text: text.replace("not a.is_test", "a.country <> 'XX'")),
    "join": (10, lambda text: text.replace("left join", "inner join")),
    "type": (9, lambda text: text.replace("as numeric", "as float")),
    "number": (6, lambda text: text.replace("0.19", "0.2")),
    "build": (10, lambda text: text.replace("'table'", "'incremental', unique_key='id'")),
    "duplicates": (5, lambda text: text.replace("select\n", "select distinct\n")),
    "values": (8, lambda text: text.replace("'sent')", "'sent', 'gift')")),
}


Rows = list[tuple["Change", touched.Change, list[relevance.Finding], dict[str, str]]]


@dataclass
class Change:
    """A change as it was made: what it does to which assets."""

    kind: str
    assets: list[str]
    removed: str = ""


def make_change(made: Project, rng: random.Random) -> tuple[Change, dict[str, str]]:
    """A change and the files that it writes."""
    what = rng.choices(("sql", "docs", "tests", "new", "untest", "source", "macro", "readme"),
                       (118, 22, 16, 16, 8, 8, 2, 10))[0]  # fmt: skip
    models = [key for key in made.parents if key.startswith("model.")]
    if what == "sql":
        count = rng.choices((1, 2, 3), (70, 20, 10))[0]
        keys = rng.sample(models, count)
        kind = rng.choices(list(SQL_EDITS), [weight for weight, _ in SQL_EDITS.values()])[0]
        edit = SQL_EDITS[kind][1]
        files = {made.path[key]: edit(made.files[made.path[key]]) for key in keys}
        keys = [key for key in keys if files[made.path[key]] != made.files[made.path[key]]]
        return Change(kind, keys), files
    if what == "new":
        return Change("new", []), {"models/2/new_model.sql": sql("new", "{{ ref('stg_orders') }}")}
    if what == "macro":
        return Change("macro", []), {"macros/money.sql": made.files["macros/money.sql"] + "\n"}
    if what == "readme":
        return Change("readme", []), {"README.md": "# The shop\n"}
    if what == "source":
        one = rng.choice(ENTITIES)
        text = made.files["models/sources.yml"]
        start = text.index(f"- name: {one}\n")
        new = text[:start] + text[start:].replace("{name: status}", "{name: state}", 1)
        return Change("rename", [f"source.shop.raw.{one}"]), {"models/sources.yml": new}
    key = rng.choice(models)
    name, path = key.rpartition(".")[2], made.path[key].rpartition("/")[0] + "/schema.yml"
    text = made.files[path]
    start = text.index(f"- name: {name}\n")
    if what == "docs":
        new = text[:start] + text[start:].replace("one row per", "exactly one row per", 1)
        return Change("docs", [key]), {path: new}
    if what == "tests":
        new = text[:start] + text[start:].replace("[not_null]", "[not_null, unique]", 1)
        return Change("tests", [key]), {path: new}
    column = rng.choice(("id", "status", "amount"))
    end = text.index(f"- name: {column}\n", start)
    new = text[:end] + text[end:].replace("        tests: [not_null]\n", "", 1)
    return Change("untest", [key], f"test.shop.not_null_{name}_{column}"), {path: new}


def would_matter(change: Change, one: Incident) -> str:
    """Why a reviewer would want to know of an incident; "" if they would not."""
    if not one.counts or change.kind in {"comment", "docs", "tests", "new", "macro", "readme"}:
        return ""
    if change.removed and change.removed == one.check:
        return "removes the promised check"
    here = set(change.assets) & set(one.assets)
    if here and ALIKE.get(change.kind, change.kind) == one.mechanism:
        return "repeats the mechanism"
    if here and one.is_open:
        return "is still open"
    if one.root in change.assets and one.is_missing:
        return "its check is missing where it began"
    return ""


def quality(seed: int, shown: int = 0) -> Rows:
    """Make everything, and ask for every change."""
    rng = random.Random(seed)
    made = make_project(rng)
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder, "shop"), Path(folder, "archive")
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        incidents = []
        for number in range(INCIDENTS):
            one, text = make_incident(number, made, rng)
            incidents.append(one)
            path = archive / "incidents" / one.id[:4] / f"{one.id}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (archive / "incident.toml").write_text("")
        for path_, text in {**made.files, ".gitignore": "target/\n"}.items():
            (root / path_).parent.mkdir(parents=True, exist_ok=True)
            (root / path_).write_text(text, encoding="utf-8")
        (root / "target").mkdir()
        (root / "target" / "manifest.json").write_text(json.dumps(make_manifest(made)))
        commit(root)
        found, _ = past.load(config.load(archive))
        known = manifest.read_manifest(root / "target" / "manifest.json")
        reports = []
        for _ in range(CHANGES):
            change, files = make_change(made, rng)
            for path_, text in files.items():
                (root / path_).write_text(text, encoding="utf-8")
            read = touched.find(project.changes(root, "main").inside, known, 3)
            findings = relevance.find(read, found, trust.lookup(known.tests), TODAY)
            why = {one.id: said for one in incidents if (said := would_matter(change, one))}
            reports.append((change, read, findings, why))
            for path_ in files:
                if path_ in made.files:
                    (root / path_).write_text(made.files[path_], encoding="utf-8")
                else:
                    (root / path_).unlink()
        for change, read, findings, why in [row for row in reports if row[2]][:shown]:
            print(f"\n--- {change.kind} {change.assets} (expected: {why})")
            print("\n".join(change_formats.text(read, findings, color=False, fit=False)))
        return reports


def count(
    reports: list[tuple[Change, touched.Change, list[relevance.Finding], dict[str, str]]],
) -> None:
    """Print the figures."""
    told = [row for row in reports if row[2]]
    right, first = 0, 0
    for _, _, findings, why in told:
        ids = [match.past.postmortem.id for one in findings for match in one.matches]
        right += any(id_ in why for id_ in ids)
        first += ids[0] in why
    due = [row for row in reports if row[3]]
    missed = [row for row in due if not row[2]]
    print(f"reported: {len(told)} ({100 * len(told) / len(reports):.0f}%; goal: at most 33%)")
    print(f"right: {right} of {len(told)} ({100 * right / len(told):.0f}%; goal: at least 80%)")
    print(f"the first incident is right: {first} of {len(told)}")
    print(f"found: {len(due) - len(missed)} of {len(due)} changes that should be reported")
    print("missed:", dict(Counter(said for row in missed for said in row[3].values())))


def speed() -> None:
    """Time the command with a large manifest and a large archive, cold and warm."""
    with tempfile.TemporaryDirectory() as folder:
        root, archive = Path(folder, "shop"), Path(folder, "archive")
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        corpus.write(archive, 1000)
        (archive / "incident.toml").write_text("")
        made = Project(files={"dbt_project.yml": "name: shop\n", ".gitignore": "target/\n"})
        body = "-- the body of a usual model\n" + "select a, b, c from x where y = z\n" * 70
        for number in range(5000):
            key, path = f"model.shop.m{number}", f"models/m{number}.sql"
            above = [f"model.shop.m{n}" for n in {number // 3, number // 7} if n != number]
            made.parents[key], made.path[key] = above, path
            made.files[path] = f"select a.id, a.status from {number} a\n"
            made.tests |= {f"test.shop.not_null_m{number}_{c}": key for c in ("id", "status")}
        for path_, text in made.files.items():
            (root / path_).parent.mkdir(parents=True, exist_ok=True)
            (root / path_).write_text(text, encoding="utf-8")
        (root / "target").mkdir()
        written = root / "target" / "manifest.json"
        written.write_text(json.dumps(make_manifest(made, body)))
        key = "model.shop.m17"
        one = Project(parents={key: []}, path={key: made.path[key]})
        for number in range(9, 15):  # the corpus is of 2023: these few matter
            incident, text = make_incident(number, one, random.Random(number))
            (archive / "incidents" / f"{incident.id}.md").write_text(text, encoding="utf-8")
        commit(root)
        path = root / "models" / "m17.sql"
        path.write_text(path.read_text().replace("a.status", "a.state as status"))
        command = [str(Path(sys.executable).parent / "incident"), "history", "--base", "main"]
        times: list[float] = []
        used: list[float] = []
        for number in range(6):
            begun = time.perf_counter()
            done = subprocess.run(
                [*command, "--archive", str(archive)],
                cwd=root, capture_output=True, text=True, check=True, timeout=300,
            )  # fmt: skip
            times.append(time.perf_counter() - begun)
            used.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime)
            if number == 0:
                print(done.stdout or "(nothing to report)", done.stderr, sep="")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = written.stat().st_size / 1e6
        print(f"5,000 models, 10,000 tests ({size:.0f} MB of manifest), 1,000 incidents")
        print(
            f"cold {times[0]:.2f} s, warm {statistics.median(times[1:]):.2f} s (goal 1.5), "
            f"of which processor {(used[-1] - used[0]) / 5:.2f} s; peak {peak:.0f} MB"
        )


def commit(root: Path) -> None:
    """Make `root` a repository whose branch main has everything."""
    quiet = {"cwd": root, "check": True, "timeout": 120, "capture_output": True}
    author = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-q", "-m", "all")):
        subprocess.run(["git", *author, *words], **quiet)  # type: ignore[call-overload]


def main() -> None:
    asked = sys.argv[1:] or ["quality", "speed"]
    if "quality" in asked or "show" in asked:
        print(f"{CHANGES} changes and {INCIDENTS} incidents, {len(SEEDS)} times")
        count([row for seed in SEEDS for row in quality(seed, 12 if "show" in asked else 0)])
    if "speed" in asked:
        speed()


if __name__ == "__main__":
    main()
