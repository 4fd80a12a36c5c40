"""Time and peak memory of `incident new --from-dbt` on a large project, whole process.

The project is made up: 5,000 models in layers and 15,000 tests, with SQL and columns as dbt writes
them, so that the manifest has about 77 MB. `wide`: the same with one character beyond the BMP,
for which Python keeps every character of the text in four bytes.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

MODELS, TESTS_EACH, LAYER = 5_000, 3, 500
LIMIT_SECONDS, LIMIT_MB = 3.0, 500
RUNS = 3


def model(number: int) -> dict[str, Any]:
    name = f"model_{number:04}"
    unique_id = f"model.tidewater.{name}"
    above = [
        f"model.tidewater.model_{n:04}" for n in (number - LAYER, number - LAYER + 7) if n >= 0
    ]
    sql = "select order_id, customer_id, amount, currency, loaded_at from orders where amount > 0\n"
    return {
        "database": "warehouse",
        "schema": "marts",
        "name": name,
        "resource_type": "model",
        "package_name": "tidewater",
        "path": f"marts/{name}.sql",
        "original_file_path": f"models/marts/{name}.sql",
        "unique_id": unique_id,
        "fqn": ["tidewater", "marts", name],
        "config": {"enabled": True, "tags": [], "meta": {"owner": "data-platform"}, "group": None},
        "tags": [],
        "description": "One row for each order. " * 8,
        "columns": {
            f"column_{n}": {"name": f"column_{n}", "description": "x" * 40, "meta": {}, "tags": []}
            for n in range(12)
        },
        "meta": {"owner": "data-platform"},
        "raw_code": sql * 45,
        "compiled_code": sql * 48,
        "depends_on": {"macros": [], "nodes": above},
    }


def test(number: int, kind: int) -> dict[str, Any]:
    name = f"not_null_model_{number:04}_column_{kind}"
    parent = f"model.tidewater.model_{number:04}"
    return {
        "name": name,
        "resource_type": "test",
        "package_name": "tidewater",
        "unique_id": f"test.tidewater.{name}.{number:05}{kind}",
        "original_file_path": "models/marts/marts.yml",
        "config": {"enabled": True, "severity": "ERROR", "tags": [], "meta": {}},
        "tags": [],
        "meta": {},
        "description": "",
        "columns": {},
        "raw_code": "{{ test_not_null(**_dbt_generic_test_kwargs) }}",
        "compiled_code": "select count(*) as failures from (select * from orders) where x " * 11,
        "depends_on": {"macros": ["macro.dbt.test_not_null"], "nodes": [parent]},
        "column_name": f"column_{kind}",
        "attached_node": parent,
        "test_metadata": {"name": "not_null", "kwargs": {"column_name": f"column_{kind}"}},
    }


def result(unique_id: str, status: str) -> dict[str, Any]:
    at = "2026-11-20T02:00:00.000000Z"
    return {
        "status": status,
        "timing": [{"name": "execute", "started_at": at, "completed_at": at}],
        "thread_id": "Thread-1",
        "execution_time": 0.2,
        "message": "Got 5 results, configured to fail if != 0",
        "failures": 5 if status == "fail" else 0,
        "unique_id": unique_id,
        "compiled_code": "select count(*) as failures from orders " * 10,
    }


def write(folder: Path, wide: bool) -> None:
    """The artifacts of the project."""
    nodes = {}
    for number in range(MODELS):
        for node in (model(number), *(test(number, kind) for kind in range(TESTS_EACH))):
            nodes[node["unique_id"]] = node
    if wide:
        next(iter(nodes.values()))["description"] = "\N{BAR CHART}"
    children: dict[str, list[str]] = {unique_id: [] for unique_id in nodes}
    for unique_id, node in nodes.items():
        for parent in node["depends_on"]["nodes"]:
            children[parent].append(unique_id)
    parents = {unique_id: node["depends_on"]["nodes"] for unique_id, node in nodes.items()}
    manifest = {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"},
        "nodes": nodes,
        "sources": {},
        "exposures": {},
        "groups": {},
        "child_map": children,
        "parent_map": parents,
    }
    text = json.dumps(manifest, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    failing = set(list(nodes)[1:9:4])
    results = {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
        "results": [result(key, "fail" if key in failing else "pass") for key in nodes],
    }
    (folder / "run_results.json").write_text(json.dumps(results), encoding="utf-8")


def write_beside(folder: Path, wide: bool) -> None:
    """Write in another process: a child's peak counts what its parent held when it began."""
    code = f"import intake, pathlib; intake.write(pathlib.Path({str(folder)!r}), {wide})"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parent, check=True)


def measure(folder: Path) -> tuple[float, float]:
    """Least wall time in seconds, and the greatest peak of all runs in MB."""
    incident = str(Path(sys.executable).parent / "incident")
    command = [incident, "new", "--from-dbt", str(folder), "--stdout", "--owner", "data-platform"]
    times, peaks = [], []
    for _ in range(RUNS):
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        times.append(time.perf_counter() - begun)
        peaks.append(usage.ru_maxrss / 1024)
        assert status == 0, status
        process.returncode = 0
    return min(times), max(peaks)


def main() -> None:
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} cores, least time and greatest peak of {RUNS}; "
        f"limits {LIMIT_SECONDS:g} s, {LIMIT_MB} MB\n"
    )
    print("| manifest | MB | seconds | peak MB |\n|---|---|---|---|")
    failed = False
    for name in ("plain", "wide"):
        with tempfile.TemporaryDirectory() as folder:
            write_beside(Path(folder), name == "wide")
            size = Path(folder, "manifest.json").stat().st_size
            seconds, peak = measure(Path(folder))
        failed = failed or seconds > LIMIT_SECONDS or peak > LIMIT_MB
        print(f"| {name} | {size / 1e6:.0f} | {seconds:.2f} | {peak:.0f} |", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
