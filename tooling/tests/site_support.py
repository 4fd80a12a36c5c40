"""A repository with an archive, its built wiki, and a server for it."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from support import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

FIRST = "2025/2025-05-14-revenue-drops.md"
AGAIN = "2025/2025-09-02-revenue-drops-again.md"
DRAFT = "2026/2026-03-01-orders-late.md"

ARCHIVE = {
    FIRST: """\
---
id: 2025-05-14-revenue-drops
title: "Revenue <b>18%</b> low & late"
status: published
severity: P1
kind: correctness
cause_category: code_change
trigger: deploy
owner: data-platform
roles: {incident_lead: zelda-handle, scribe: link-handle, responders: [midna-handle, ganon-handle]}
reviewers: [epona-handle]
timestamps:
  started_at: "2025-05-14T02:15Z"
  detected_at: "2025-05-14T11:40+02:00"
  mitigated_at: "2025-05-14T10:35Z"
  resolved_at: "2025-05-15T12:45Z"
data_window: {from: "2025-05-13", to: "2025-05-14"}
detection: {method: consumer, source: finance, should_have_been: "a row-count test"}
impact:
  summary: "The dashboard showed 82 of 100."
  assets:
    - {ref: "dbt:model.shop.fct_orders", role: root, criticality: high}
    - {ref: "dbt:exposure.shop.revenue_dashboard", role: exposure}
  consumers:
    - {team: finance, use: "cash forecast", decision_made: false, correction_sent: true}
    - {team: sales, use: "stand-up"}
  magnitude: {metric: daily_revenue, expected: 100, actual: 82, unit: percent}
action_items:
  - {id: AI-1, title: "Test the rows", type: detect, owner: data-platform, due: "2025-05-21",
     status: done, done_when: "fails on a replay", proof: "https://example.com/pull/1"}
  - {id: AI-2, title: "Filter by key", type: prevent, owner: shop, due: "2025-06-11",
     status: committed, done_when: "no filter by name"}
  - {id: AI-3, title: "Train the models", type: process, owner: shop, due: "2025-06-11",
     status: wont_do, reason: "the filter is gone"}
evidence:
  - {kind: pr, title: "The filter change", url: "https://example.com/pull/0"}
  - {kind: log, title: "Not a link", url: "javascript:alert(1)"}
related: [2026-03-01-orders-late, 1999-01-01-unknown]
---

<!-- guidance that no reader sees -->

## Summary

The marmalade filter dropped a product line. See [the late one](../2026/2026-03-01-orders-late.md).

```html
<!-- an example in code stays -->
```

## Timeline

- 02:15Z **started**: the load ran <script>document.title = "ran"</script>
""",
    AGAIN: """\
---
id: 2025-09-02-revenue-drops-again
title: "Revenue low again"
status: closed
severity: P2
cause_category: source_data
owner: data-platform
timestamps: {started_at: "2025-09-02T02:00Z", detected_at: "2025-09-02T02:20Z"}
impact: {assets: [{ref: "dbt:model.shop.fct_revenue", role: root}]}
recurrence_of: 2025-05-14-revenue-drops
---

## Summary

The same marmalade, another line.
""",
    DRAFT: """\
---
id: 2026-03-01-orders-late
title: "Orders late"
status: draft
severity: P0
owner: ingestion
timestamps: {detected_at: "2026-03-01T09:40Z"}
action_items:
  - {id: AI-1, title: "Watch the source", owner: ingestion, due: "2026-12-24", status: proposed}
  - {id: AI-2, title: "Ask the vendor", status: proposed}
---

## Summary

We are on it.
""",
}


@dataclass(frozen=True)
class Built:
    """A build: its exit code, the folder of the site, and what was said."""

    code: int
    site: Path
    log: str

    def page(self, path: str) -> str:
        """The HTML of the page at the address `path`."""
        return (self.site / path / "index.html").read_text(encoding="utf-8")


def write_repository(root: Path, files: dict[str, str] | None = None) -> Path:
    """A repository with this project's mkdocs.yml and an archive of `files`."""
    for name, text in (ARCHIVE if files is None else files).items():
        path = root / "incidents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "incidents").mkdir(parents=True, exist_ok=True)
    shutil.copy(CHECKOUT / "mkdocs.yml", root)
    (root / "incident.toml").write_text("", encoding="utf-8")  # the repository begins here
    return root


def environment() -> dict[str, str]:
    """The environment of a build, without Material's banner."""
    return {**os.environ, **QUIET}


def build(repository: Path, site: Path, *options: str) -> Built:
    """Call `mkdocs build` in this process: imports take longer than a small site."""
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(),
        contextlib.chdir(repository),
        _logging_restored("mkdocs", "mkdocs.commands.build"),
    ):
        for name, value in QUIET.items():
            patch.setenv(name, value)
        warnings.simplefilter("default")
        from mkdocs.__main__ import cli

        done = CliRunner().invoke(cli, ["build", "--site-dir", str(site), *options])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Built(done.exit_code, site, done.output)


@contextmanager
def _logging_restored(*names: str) -> Iterator[None]:
    """Remove the handlers and filters that MkDocs adds in every run."""
    loggers = [logging.getLogger(name) for name in names]
    before = [(one.level, one.propagate, one.handlers[:], one.filters[:]) for one in loggers]
    try:
        yield
    finally:
        for logger, (level, propagate, handlers, filters) in zip(loggers, before, strict=True):
            logger.setLevel(level)
            logger.propagate = propagate
            logger.handlers[:], logger.filters[:] = handlers, filters


def build_elsewhere(repository: Path, site: Path, *options: str, code: Path | None = None) -> Built:
    """`mkdocs build` as people call it, in a process of its own; `code`: a copy of the package."""
    path = {"PYTHONPATH": str(code / "tooling")} if code else {}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(site), *options],
        cwd=repository,
        env={**environment(), **path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Built(done.returncode, site, done.stdout + done.stderr)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine; gives its address, with a slash at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; without one the test is skipped, and fails in CI."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: in CI the browser tests must run")
        pytest.skip("no Chromium here: `make browser` installs it where it may")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()
