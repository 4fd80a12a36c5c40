"""Build archives of growing size with stock mkdocs-material and with this project: `wiki.py N...`.

Wall time, peak memory of the build and of its search indexer, bytes; in Chromium the time from
opening a page to the first search result, with what was transferred, and until the list of
incidents can be used; and the first contentful paint and the bytes of three pages.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SIZES = (100, 1_000, 5_000, 10_000)
WORD = "backfill"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
OPENED = 5  # times; the median counts, for the first page of a browser waits for the browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WORDS = (
    *("revenue", "orders", "customer", "segment", "stock", "feed", "backfill", "partition"),
    *("schema", "column", "rename", "blank", "duplicate", "late", "missing", "filter", "deploy"),
    *("token", "refund", "invoice", "margin", "campaign", "spend", "snapshot", "freshness"),
    *("volume", "test", "monitor", "alert", "dashboard", "export", "finance", "sales"),
    *("marketing", "warehouse", "payment", "provider", "shop", "region", "currency", "rate"),
    *("calendar", "week", "month", "returns", "shipment", "supplier"),
)
LAYERS = ("raw", "stg", "int", "fct", "dim", "rpt")
HEAD = (
    "| N | wiki | build s | CPU s | peak MB | indexer MB | site MB "
    "| first result s | transferred MB | list s | first paint ms (kB) |"
)
STOCK = """\
site_name: Stock
docs_dir: incidents
theme: {name: material, font: false}
plugins: [search, tags]
markdown_extensions:
  - admonition
  - footnotes
  - tables
  - toc: {permalink: true}
  - pymdownx.superfences
"""


def write_archive(folder: Path, n: int) -> None:
    """`n` invented postmortems of about 6 KB, the same in every run."""
    chance = random.Random(n)
    for i in range(n):
        year, month, day = 2016 + i % 10, 1 + i // 10 % 12, 1 + i // 120 % 28
        id_ = f"{year}-{month:02}-{day:02}-{'-'.join(chance.sample(WORDS, 3))}-{i:05}"
        path = folder / str(year) / f"{id_}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_postmortem(id_, f"{year}-{month:02}-{day:02}", i, chance), "utf-8")


def _postmortem(id_: str, day: str, i: int, chance: random.Random) -> str:
    def prose(words: int) -> str:
        return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."

    assets = [f"dbt:model.shop.{chance.choice(LAYERS)}_{chance.choice(WORDS)}" for _ in range(3)]
    sections = "\n\n".join(
        f"## {name}\n\n" + "\n\n".join(prose(45) for _ in range(2))
        for name in (
            *("Summary", "Impact", "Detection", "Root cause", "Contributing factors"),
            *("Resolution and data repair", "What went well", "What went badly"),
        )
    )
    rows = "\n".join(f"| {day}T{h:02}:10Z | {prose(8)} |" for h in range(2, 10))
    status = chance.choice(["published", "closed", "closed", "in_review"])
    return f"""---
schema_version: 1
id: {id_}
title: "{prose(7)}"
status: {status}
severity: P{chance.choice([0, 1, 1, 2, 2, 2, 3])}
kind: {chance.choice(["freshness", "volume", "schema", "quality", "correctness"])}
cause_category: {chance.choice(["source_data", "schema_change", "code_change", "third_party"])}
trigger: {chance.choice(["deploy", "upstream_change", "schedule", "load"])}
owner: team-{chance.randrange(20):02}
timestamps:
  started_at: "{day}T02:15Z"
  detected_at: "{day}T{chance.randrange(3, 9):02}:40Z"
  mitigated_at: "{day}T10:35Z"
  resolved_at: "{day}T{chance.randrange(12, 23)}:45Z"
data_window: {{from: "{day}", to: "{day}"}}
detection: {{method: {chance.choice(["test", "consumer", "monitor"])}, source: "{prose(4)}"}}
impact:
  summary: "{prose(15)}"
  assets:
    - {{ref: "{assets[0]}", role: root}}
    - {{ref: "{assets[1]}", role: affected}}
    - {{ref: "{assets[2]}", role: exposure}}
  consumers: [{{team: finance, use: "{prose(4)}"}}]
action_items:
  - {{id: AI-1, title: "{prose(8)}", type: detect, owner: team-{i % 20:02}, due: "{day}",
     status: {"done" if status == "closed" else "committed"}, done_when: "{prose(6)}"}}
tags: [{", ".join(chance.sample(WORDS, 2))}]
---

{sections}

## Timeline

| When | What |
|---|---|
{rows}

```mermaid
flowchart LR
  a[{WORDS[i % 40]}] --> b[{WORDS[(i + 7) % 40]}]
```
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--only", choices=["stock", "incident"])
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} cores\n"
    )
    print(HEAD)
    print("|---" * HEAD.count(" | ") + "|---|")
    figures = []
    for n in arguments.sizes:
        for kind in ("stock", "incident"):
            if arguments.only in {None, kind}:
                for row in _measure(kind, n):
                    figures.append(row)
                    _show(row)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _show(row: dict[str, Any]) -> None:
    def cell(key: str, digits: int = 1) -> str:
        value = row.get(key)
        return "" if value is None else f"{value:.{digits}f}"

    keys = (("seconds", 1), ("cpu", 1), ("peak", 0), ("indexer", 0), ("bytes", 1))
    keys += (("result", 2), ("transferred", 2), ("list", 2))
    cells = " | ".join(cell(key, digits) for key, digits in keys)
    print(f"| {row['n']:,} | {row['wiki']} | {cells} | {row.get('paint', '')} |", flush=True)


def _measure(kind: str, n: int) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as scratch:
        root, site = Path(scratch, "repository"), Path(scratch, "site")
        write_archive(root / "incidents", n)
        (root / "incident.toml").write_text("")
        if kind == "stock":
            (root / "mkdocs.yml").write_text(STOCK)
            (root / "incidents" / "index.md").write_text("# Incidents\n")
        else:
            shutil.copy(ROOT / "mkdocs.yml", root)
        built = {"n": n, "wiki": "stock Material" if kind == "stock" else "this project, cold"}
        built |= _build(root, site)
        yield built | _browse(site, kind)
        if kind == "incident":
            changed = next((root / "incidents" / "2020").glob("*.md"))
            changed.write_text(changed.read_text() + "\nOne more sentence.\n")
            yield {"n": n, "wiki": "this project, one changed"} | _build(root, site)


def _build(root: Path, site: Path) -> dict[str, float]:
    """Wall seconds, and the peaks of the build and of the processes it starts, in MB."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(site)]
    begun, used = time.perf_counter(), _cpu()
    build = subprocess.Popen(command, cwd=root, env=environment)
    indexer = 0.0
    while build.poll() is None:
        indexer = max(indexer, _children(build.pid))
        time.sleep(0.05)
    seconds, used = time.perf_counter() - begun, _cpu() - used
    if build.returncode:
        sys.exit(f"mkdocs build failed in {root}")
    own = _Peak.own
    return {
        "seconds": seconds,
        "cpu": used,
        "peak": own,
        "indexer": indexer,
        "bytes": sum(f.stat().st_size for f in site.rglob("*") if f.is_file()) / 1e6,
    }


def _cpu() -> float:
    """Seconds of processor time that finished children have used; steadier than the wall."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Peak:
    own = 0.0


def _children(pid: int) -> float:
    """Peak MB of a process's children, of any depth; notes its own."""
    _Peak.own = _peak(pid) or _Peak.own
    found = 0.0
    waiting = _of(pid)
    while waiting:
        child = waiting.pop()
        found = max(found, _peak(child))
        waiting += _of(child)
    return found


def _peak(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
    except OSError:
        pass
    return 0.0


def _of(pid: int) -> list[int]:
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


class _Gzip(SimpleHTTPRequestHandler):
    """What usual hosts do: text goes compressed."""

    sent = 0

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path = path / "index.html"
        if not path.is_file():
            self.send_error(404)
            return
        raw = path.read_bytes()
        squeezed = path.suffix in {".html", ".js", ".mjs", ".css", ".json", ".svg", ".xml"}
        if squeezed:
            raw = gzip.compress(raw, 6)
        _Gzip.sent += len(raw)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(raw)))
        if squeezed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with suppress(ConnectionError):  # a page that was left has no use for it
            self.wfile.write(raw)


@contextmanager
def _serve(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Gzip, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


def _browse(site: Path, kind: str) -> dict[str, Any]:
    """Seconds from opening a page to a search's first result, and MB transferred for it."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        return {}
    from playwright.sync_api import sync_playwright

    search, result = f"search/?q={WORD}", "#found > li"
    if kind == "stock":
        search, result = f"?q={WORD}", ".md-search-result__item"
    with sync_playwright() as playwright, _serve(site) as address:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])

        def opened(path: str, selector: str) -> float:
            context = chromium.new_context()  # nothing is known from the page before
            page = context.new_page()
            page.set_default_timeout(120_000)
            begun = time.perf_counter()
            page.goto(address + path)
            page.wait_for_selector(selector, state="attached")
            seconds = time.perf_counter() - begun
            context.close()
            return seconds

        def painted(path: str) -> str:
            """Milliseconds until the first contentful paint, and kB of all that a page loads."""
            times = []
            for _ in range(OPENED):
                context = chromium.new_context()
                page = context.new_page()
                _Gzip.sent = 0
                page.goto(address + path, wait_until="networkidle", timeout=120_000)
                times.append(page.evaluate(PAINT))
                context.close()
            return f"{statistics.median(times):.0f} ({_Gzip.sent / 1e3:.0f})"

        _Gzip.sent = 0
        results = [opened(search, result)]
        figures: dict[str, Any] = {"transferred": _Gzip.sent / 1e6}
        results += [opened(search, result) for _ in range(OPENED - 1)]
        figures["result"] = statistics.median(results)
        if kind == "incident":
            lists = [opened("incidents/", "#incidents[data-state=done]") for _ in range(OPENED)]
            figures["list"] = statistics.median(lists)
            incident = next(site.glob("incidents/20*/*/index.html")).parent.relative_to(site)
            pages = {"home": "", "list": "incidents/", "incident": f"{incident.as_posix()}/"}
            figures["paint"] = ", ".join(f"{name} {painted(at)}" for name, at in pages.items())
        chromium.close()
    return figures


if __name__ == "__main__":
    main()
