"""`incident investigate --run`: the team's dbt runs the queries, and the results are kept."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jinja2
import pytest

from incident.archive import query_results
from incident.investigation import evidence, findings, shown_json
from incident.investigation.plan import Window
from incident.postmortem.document import parse
from investigate_support import (
    BROKEN,
    INCIDENT,
    ORDERS,
    RAW,
    SHOP,
    SHOWN_BY,
    write_incident,
    write_manifest,
)
from support import CHECKOUT, git_init, lint_text, run

ID: str = INCIDENT["id"]
RESULTS = json.loads((SHOP / "results.json").read_text())
START = date(2026, 9, 5)
DAYS = [
    {"day": str(START + timedelta(days=n)), "row_count": 50 if 28 <= n <= 29 else 100}
    for n in range(37)
]
# answers by a word of the query; it logs what it was asked
FAKE = """
import json, os, sys, time
sql = sys.argv[sys.argv.index("--inline") + 1]
with open(os.environ["LOG"], "a") as log:
    log.write(json.dumps([*sys.argv[1:], "json=" + os.environ["DBT_WRITE_JSON"]]) + "\\n")
answers = json.load(open(os.environ["ANSWERS"]))
answer = next((value for word, value in answers.items() if word in sql), [])
if answer == "slow":
    time.sleep(600)
if isinstance(answer, str):
    print(json.dumps({"info": {"level": "error", "msg": answer}}))
    sys.exit(1)
print("12:00:00 Running with dbt=1.11")
event = {"info": {"name": "ShowNode", "level": "info"}, "data": {"preview": json.dumps(answer)}}
print(json.dumps(event))
"""
RUNNER = """
import json, os, time
class Table:
    def __init__(self, rows):
        self.column_names = list(rows[0]) if rows else []
        self.rows = [list(row.values()) for row in rows]
class Result:
    def __init__(self, rows):
        self.agate_table, self.adapter_response = Table(rows), {"bytes_processed": 12_400_000}
class Done:
    def __init__(self, result=None, exception=None):
        self.result, self.exception, self.success = result, exception, exception is None
class Manifest:
    nodes = {}
class Results:
    def __init__(self, rows):
        self.results = [Result(rows)]
class dbtRunner:
    def __init__(self, manifest=None):
        self.manifest = manifest
    def invoke(self, words):
        with open(os.environ["LOG"], "a") as log:
            log.write(json.dumps(words) + "\\n")
        if words[0] == "parse":
            if os.environ.get("BROKEN_PROFILE"):
                return Done(exception=os.environ["BROKEN_PROFILE"])
            return Done(Manifest())
        assert not self.manifest.nodes, "dbt refuses a second inline query"
        self.manifest.nodes["sql_operation.shop.inline_query"] = 1
        print("dbt prints what it likes")
        answers = json.load(open(os.environ["ANSWERS"]))
        answer = next((value for word, value in answers.items() if word in words[2]), [])
        if answer == "slow":
            time.sleep(600)
        if isinstance(answer, str):
            return Done(exception=answer)
        return Done(Results(answer))
"""


class Dbt:
    """A command `dbt`, what it answers, and what it was asked."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.log, self.answers = root / "log.txt", root / "answers.json"
        monkeypatch.setenv("LOG", str(self.log))
        monkeypatch.setenv("ANSWERS", str(self.answers))
        self.answer()
        self.command = root / "bin" / "dbt"
        self.command.parent.mkdir()

    def answer(self, **by_word: Any) -> None:
        self.answers.write_text(json.dumps({"week_before": DAYS, **by_word}))

    @property
    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture(params=["once", "each"])
def dbt(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dbt:
    """A dbt that starts once for all queries, and one that starts for each."""
    monkeypatch.chdir(tmp_path)
    git_init(tmp_path)
    write_incident(tmp_path, signature=[])
    write_manifest(tmp_path)
    made = Dbt(tmp_path, monkeypatch)
    if request.param == "once":
        package = tmp_path / "lib" / "dbt" / "cli"
        package.mkdir(parents=True)
        (package / "main.py").write_text(RUNNER)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lib"))
        made.command.write_text(f"#!{sys.executable}\nraise SystemExit('called as a command')\n")
    else:
        (tmp_path / "fake.py").write_text(FAKE)
        made.command.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path}/fake.py "$@"\n')
    made.command.chmod(0o755)
    return made


def investigate(dbt: Dbt, *words: str, code: int = 0) -> dict[str, dict[str, Any]]:
    done = run("investigate", ID, "--run", "--yes", "--json", "--dbt", str(dbt.command), *words)
    assert done.exit_code == code, done.stderr
    return {one["query"]: one for one in json.loads(done.stdout)["queries"]}


def test_the_results_are_kept_as_evidence(dbt: Dbt) -> None:
    before = write_incident(dbt.root, signature=[])
    found = investigate(dbt)
    fell = "rows by day fell 50% from 2026-10-03 to 2026-10-04 (50 instead of about 100 a day)"
    assert found["rows_by_day"]["result"] == fell
    assert (
        found["duplicates"]["result"] == "no duplicates within these days, 2026-09-05 to 2026-10-11"
    )
    text = before.read_text()
    data = parse(text, before.as_posix()).data
    listed = {one["title"]: one for one in data["evidence"]}
    piece = listed["Rows by day: fct_orders"]
    assert piece["result"] == fell
    assert piece["kind"] == "query"
    assert piece["url"] == f"{ID}/queries/fct_orders-rows_by_day.sql"
    path = before.parent / piece["url"]
    assert path.is_file()
    numbers = query_results.read(path.with_suffix(".csv"))
    assert numbers
    assert numbers.columns == ("day", "row_count")
    assert len(numbers.rows) == len(DAYS)
    found_wrong = [one.message for one in lint_text(text, f"incidents/2026/{ID}.md")]
    assert not [message for message in found_wrong if "`evidence" in message]


def test_a_second_run_updates_the_evidence(dbt: Dbt) -> None:
    investigate(dbt)
    dbt.answer(week_before=[])
    investigate(dbt)
    data = parse((dbt.root / "incidents" / "2026" / f"{ID}.md").read_text(), "a.md").data
    results = [one["result"] for one in data["evidence"] if "rows_by_day" in one["url"]]
    assert results == ["no rows from 2026-09-05 to 2026-10-11"]


def test_only_counts_rates_and_days_are_kept(dbt: Dbt) -> None:
    mail = [{**row, "email": "ines@example.com", "max_count": "ines@example.com"} for row in DAYS]
    dbt.answer(week_before=mail)
    found = investigate(dbt)["rows_by_day"]
    assert found["left_out"] == [
        "email is not a count, rate or day",
        "max_count has other values than its name says",
    ]
    for path in (dbt.root / "incidents").rglob("*"):
        assert path.is_dir() or "ines@example.com" not in path.read_text()


def test_a_failing_query_is_reported_and_the_rest_goes_on(dbt: Dbt) -> None:
    dbt.answer(hours_old="Database Error\n  column x does not exist\n  LINE 4: x")
    done = run("investigate", ID, "--run", "--yes", "--dbt", str(dbt.command))
    assert done.exit_code == 3
    assert "Freshness: fct_orders: failed: Database Error column x does not exist\n" in done.stdout
    assert "Rows by day: fct_orders: rows by day fell 50%" in done.stdout
    data = parse((dbt.root / "incidents" / "2026" / f"{ID}.md").read_text(), "a.md").data
    assert not [one for one in data["evidence"] if "freshness" in one["url"]]


def test_a_slow_query_is_canceled_and_the_rest_goes_on(
    dbt: Dbt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.investigation.runner._ALONE", 0.5)
    monkeypatch.setattr("incident.investigation.runner._PATIENCE", 0.2)
    dbt.answer(hours_old="slow")
    found = investigate(dbt, "--timeout", "1", code=3)
    assert found["freshness"]["error"].startswith("canceled: it took over 1 s")
    assert found["rows_by_day"]["result"].startswith("rows by day fell")


def test_templates_of_dbt_in_names_are_only_text(dbt: Dbt) -> None:
    name = "{{ run_query('drop table x') }}"
    orders = {"columns": {"a": {"name": name}, "at": {"name": "at", "data_type": "date"}}}
    write_manifest(dbt.root, orders=orders)
    investigate(dbt)
    for words in dbt.asked:
        if "--inline" in words:
            inline = words[words.index("--inline") + 1]
            assert "{{ run_query" not in inline.replace("{{ '{' }}", "")
            assert "--limit" in words


def test_dbt_gets_its_project_and_target(dbt: Dbt) -> None:
    (dbt.root / "dbt_project.yml").write_text("name: shop\n")
    investigate(dbt, "--target", "prod")
    for words in dbt.asked:
        assert words[words.index("--target") + 1] == "prod"
        assert words[words.index("--project-dir") + 1] == str(dbt.root)
        assert {"--no-write-json", "json=False"} & set(words), (
            "run_results.json is the failing run's"
        )


def test_a_query_fails_on_a_target_with_other_tables(dbt: Dbt) -> None:
    odd = '"shop"."main"."it\'s %} {{ x"'
    write_manifest(dbt.root, orders={"relation_name": odd}, raw={"relation_name": '"a"."orders"'})
    compiled = {"nodes": {ORDERS: {"relation_name": odd}}}
    compiled["sources"] = {RAW: {"relation_name": '"a"."orders"'}}
    other = {**compiled, "sources": {RAW: {"relation_name": '"b"."orders"'}}}
    investigate(dbt)
    inline = [words[words.index("--inline") + 1] for words in dbt.asked if "--inline" in words]
    assert len(inline) >= 5

    def renders(text: str, graph: dict[str, Any], execute: bool = True) -> bool:
        def stop(message: str) -> None:
            raise RuntimeError(message)

        words = {"graph": graph, "execute": execute, "target": {"name": "prod"}}
        words["exceptions"] = {"raise_compiler_error": stop}
        try:
            return bool(jinja2.Environment().from_string(text).render(words))
        except RuntimeError:
            return False

    for text in inline:
        assert renders(text, compiled)
        assert renders(text, {}, execute=False)
        assert renders(text, other) == ("source_by_day" not in text)
        assert not renders(text, {"nodes": {}, "sources": {}})
        assert "its tables are not those of ' ~ target.name ~ '. Run `dbt compile`" in text
    for path in (dbt.root / "incidents").rglob("*.sql"):
        assert "raise_compiler_error" not in path.read_text()


def test_nothing_runs_without_an_answer(dbt: Dbt) -> None:
    done = run("investigate", ID, "--run", "--dbt", str(dbt.command))
    assert done.exit_code == 2
    assert "no terminal to ask on before queries run" in done.stderr
    assert "-- Rows by day: fct_orders\nwith by_day as (" in done.stderr
    assert "at most 400 rows and 120 s each" in done.stderr
    assert not dbt.log.exists()
    assert "evidence" not in (dbt.root / "incidents" / "2026" / f"{ID}.md").read_text()


def test_edited_queries_run_only_at_a_terminal(dbt: Dbt) -> None:
    investigate(dbt)
    folder = dbt.root / "incidents" / "2026" / ID / "queries"
    path = folder / "fct_orders-freshness.sql"
    path.write_text("select 1 as row_count")
    (folder / "fct_orders-null_rates.sql").write_text("drop table x")
    done = run("investigate", ID, "--run", "--yes", "--dbt", str(dbt.command))
    assert "freshness.sql does not run: it was edited: run it in a terminal" in done.stderr
    assert "null_rates.sql does not run: it does not start with" in done.stderr
    assert "Freshness" not in done.stdout


def test_queries_of_the_repositorys_own_templates_run_only_at_a_terminal(dbt: Dbt) -> None:
    own = dbt.root / "templates" / "queries"
    own.mkdir(parents=True)
    packaged = CHECKOUT / "templates" / "queries"
    (own / "freshness.sql.j2").write_text("-- Freshness\nselect 1 as row_count\n")
    shutil.copy(packaged / "rows_by_day.sql.j2", own)
    found = run("investigate", ID, "--run", "--yes", "--dbt", str(dbt.command))
    assert "freshness.sql does not run: its template is not the packaged one" in found.stderr
    assert "Freshness" not in found.stdout
    assert "Rows by day" in found.stdout
    dialect = (packaged / "_dialect.sql.j2").read_text()
    (own / "_dialect.sql.j2").write_text(f"{dialect}{{# ours #}}")
    done = run("investigate", ID, "--run", "--yes", "--dbt", str(dbt.command))
    assert "rows_by_day.sql does not run" in done.stderr
    assert done.exit_code == 2


@pytest.mark.parametrize("dbt", ["once"], indirect=True)
def test_a_terminal_shows_the_queries_and_asks(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    folder = dbt.root / "incidents" / "2026" / ID / "queries"
    run("investigate", ID)
    (folder / "fct_orders-freshness.sql").write_text("select 7 as row_count")
    words = ("investigate", ID, "--run", "--dbt", str(dbt.command))
    done = run(*words, stdin="n\n")
    assert done.exit_code == 0
    assert "-- Freshness: fct_orders (edited)\nselect 7 as row_count\n" in done.stderr
    assert "nothing was run" in done.stderr
    assert not dbt.log.exists()
    dbt.answer(row_count=[{"row_count": 7}])
    done = run(*words, stdin="y\n")
    assert "Freshness: fct_orders: row_count 7\n" in done.stdout
    assert any("select 7 as row_count" in word for words in dbt.asked for word in words)


def test_findings_are_suggestions(dbt: Dbt) -> None:
    write_incident(dbt.root, signature=[], data_window=None)
    done = run("investigate", ID, "--run", "--yes", "--dbt", str(dbt.command))
    lines = done.stderr.splitlines()
    assert f"Suggested; check them, then set them with `incident edit {ID}`:" in lines
    assert "  data_window.from: 2026-10-03 (Rows by day: fct_orders)" in lines
    assert "  data_window.to: 2026-10-04 (Rows by day: fct_orders)" in lines
    assert "  impact.magnitude: -50 percent (Rows by day: fct_orders)" in lines
    data = parse((dbt.root / "incidents" / "2026" / f"{ID}.md").read_text(), "a.md").data
    assert data["data_window"] is None


def test_a_dbt_that_is_not_there(dbt: Dbt) -> None:
    done = run("investigate", ID, "--run", "--yes", "--dbt", "no-such-dbt")
    assert done.exit_code == 2
    assert "`no-such-dbt` was not found" in done.stderr
    done = run("investigate", ID, "--run", "--yes", "--sqlmesh", str(dbt.root / "fake.py"))
    assert done.exit_code == 2


@pytest.mark.parametrize("dbt", ["once"], indirect=True)
def test_one_start_answers_every_query(dbt: Dbt, monkeypatch: pytest.MonkeyPatch) -> None:
    found = investigate(dbt)
    assert [words[0] for words in dbt.asked] == ["parse", *["show"] * len(found)]
    assert found["freshness"]["bytes"] == 12_400_000
    done = run("investigate", ID, "--run", "--yes", "--dbt", str(dbt.command))
    assert "12.4 MB read" in done.stderr
    for text, reason in (
        ("Could not find profile named 'shop'", "Could not find profile named 'shop'"),
        ("Error\n  no target 'a'. The valid ones are:\n   - b\n   - c", "ones are: b, c"),
    ):
        monkeypatch.setenv("BROKEN_PROFILE", text)
        done = run("investigate", ID, "--run", "--yes", "--dbt", str(dbt.command))
        assert done.exit_code == 3
        assert f"{reason}\n" in done.stderr.split("dbt could not start: ")[1]


@pytest.mark.parametrize("dbt", ["once"], indirect=True)
def test_an_interrupt_keeps_what_is_finished(dbt: Dbt) -> None:
    dbt.answer(week_before="slow", hours_old=[{"latest_row": "2026-10-01T10:00", "hours_old": 31}])
    command = [sys.executable, "-m", "incident", "investigate", ID, "--run", "--yes", "--dbt"]
    path = f"{Path(__file__).parents[1]}{os.pathsep}{os.environ['PYTHONPATH']}"
    with subprocess.Popen(
        [*command, str(dbt.command)],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("Freshness: fct_orders: done"):
                break
        while len(dbt.asked) < 3:  # until the next one runs
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert process.returncode == 130
    data = parse((dbt.root / "incidents" / "2026" / f"{ID}.md").read_text(), "a.md").data
    assert [one["result"] for one in data["evidence"]] == [
        "the newest row is 31 hours old (2026-10-01 10:00)"
    ]
    names = sorted(one.name for one in (dbt.root / "incidents" / "2026" / ID / "queries").iterdir())
    assert [name for name in names if name.endswith(".csv")] == ["fct_orders-freshness.csv"]
    assert not [name for name in names if name.startswith(".")]


def test_the_recorded_results_in_words() -> None:
    """What DuckDB and Postgres returned for a project that is broken in five ways."""
    window = Window(date(2026, 1, 5), date(2026, 2, 9))
    seen: dict[str, set[str]] = {broken: set() for broken in BROKEN}
    for _, broken, query, text, lines in RESULTS:
        raw = list(csv.DictReader(io.StringIO("\n".join(lines))))
        numbers, left_out = query_results.checked(raw)
        found = findings.find(query, numbers, window, date(2026, 11, 28))
        assert (found.text, left_out) == (text, [])
        assert found.first
        seen[broken].add(query)
    assert seen == SHOWN_BY
    assert {one[0] for one in RESULTS} == {"duckdb", "postgres"}


@pytest.mark.parametrize(
    ("text", "rows", "error"),
    [
        ('{"show": [{"day": 1}]}', [{"day": 1}], ""),
        ('12:00:00  Found 1 model\n12:00:01 \n{\n "show": [\n {"a": 1}\n]}\n', [{"a": 1}], ""),
        ('[{"a": 1}]\n', [{"a": 1}], ""),
        ('{"info": {"name": "ShowNode"}, "data": {"preview": "[]"}}', [], ""),
        (
            '{"event_type": "v1.log.ShowDataOutput", "attributes": {"content": "[{\\"a\\": 1}]"}}',
            [{"a": 1}],
            "",
        ),
        ('{"info": {"name": "ShowNode"}, "data": {"preview": "[{"}}', [], "dbt printed no rows"),
        ('{"info": {"level": "error", "msg": "no such table"}}', [], "no such table"),
        ("12:00:00 Encountered an error:\nRuntime Error\n", [], "Runtime Error"),
        ("", [], "dbt printed no rows"),
    ],
)
def test_what_dbt_prints(text: str, rows: list[dict[str, int]], error: str) -> None:
    found, problem = shown_json.read(text)
    assert found == rows
    assert bool(problem) == bool(error)
    assert error in problem or error == "dbt printed no rows"


def test_evidence_is_added_to_any_frontmatter() -> None:
    row = {"kind": "query", "title": "A: b", "url": "a/b.sql", "result": "it's 1%", "run_at": "x"}
    for listed in ("", "evidence: []\n", "evidence:\n", "evidence:\n  - {title: other}\n"):
        text = evidence.recorded(f"---\nid: a\n{listed}---\n\nText\n", [row])
        assert parse(text, "a.md").data["evidence"][-1] == row
        changed = evidence.recorded(text, [{**row, "result": "now 2%"}])
        assert parse(changed, "a.md").data["evidence"][-1]["result"] == "now 2%"
        assert changed.count("A: b") == 1
