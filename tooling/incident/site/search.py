"""Pagefind: an index in small pieces, so that the first result needs little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mkdocs.exceptions import PluginError

LIMIT_SECONDS = 600


def index(site: Path) -> None:
    """Index the built pages of `site` into `site/pagefind`. Raises PluginError."""
    command = [sys.executable, "-m", "pagefind", "--site", str(site), "--quiet"]
    command += ["--exclude-selectors", ".headerlink, dt, thead"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
            command,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PluginError(f"the search index could not be built: {error}") from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise PluginError(f"the search index could not be built: {said[-1] if said else ''}")
