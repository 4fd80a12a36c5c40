"""A repository with an archive, its built wiki, and a server for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}


def build(repository: Path, site: Path, *options: str) -> Built:
    """Call `mkdocs build` as people do."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(site), *options],
        cwd=repository,
        env=environment(),
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
