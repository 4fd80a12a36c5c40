"""Where action items live as issues: one module per tracker, found by its name.

A tracker is `NAME` or `NAME:TARGET`, in `--tracker` and in `actions.tracker`; anything else is the
path of a file. A module has a docstring, whose first line `--help` shows, and
`open_tracker(request)`, which returns an `IssueTracker` or raises UsageError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from incident import discovery
from incident.actions.tracker import IssueTracker
from incident.repository.config import Config

DEFAULT, _FILE = "github", "file"


@dataclass(frozen=True)
class Request:
    """Which tracker is asked for. `target`: what its name is followed by, or "".

    `configured`: named by the configuration, which may not lead out of the repository at `root`.
    `repo`: --repo. `host`: the GitHub server that the configuration names, or "".
    """

    target: str
    configured: bool
    root: Path
    repo: str | None
    environment: Mapping[str, str]
    host: str = ""


def names() -> list[str]:
    """The trackers that there are."""
    return discovery.names(__name__)


def choose(
    option: str | None, repo: str | None, config: Config, environment: Mapping[str, str]
) -> IssueTracker:
    """The tracker of --tracker (`option`), else of the configuration (unless --repo is given)."""
    configured = option is None and repo is None and bool(config.actions.tracker)
    name, target = _parsed(config.actions.tracker if configured else option or DEFAULT)
    request = Request(target, configured, config.root, repo, environment, config.actions.host)
    opened: IssueTracker = discovery.load(__name__, name).open_tracker(request)
    return opened


def _parsed(value: str) -> tuple[str, str]:
    """Name and target; a path is a file's, whatever it is called."""
    name, _, target = value.partition(":")
    return (name, target) if name in names() else (_FILE, value)
