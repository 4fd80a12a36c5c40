"""Issue trackers for action items: one module each, discovered by name.

`--tracker` and `actions.tracker` take `NAME` or `NAME:TARGET`; anything else is a file path. A
module has a docstring, whose first line is shown by `--help`, and `open_tracker(request)`, which
returns an `IssueTracker` or raises UsageError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from incident import discovery
from incident.actions.tracker import IssueTracker
from incident.repository.config import Config

DEFAULT, FILE = "github", "file"


@dataclass(frozen=True)
class Request:
    """The requested tracker. `target`: the part after its name, or "".

    `configured`: set in the configuration, whose path must stay within the repository at `root`.
    `repo`: --repo. `host`: the GitHub server from the configuration, or "".
    """

    target: str
    configured: bool
    root: Path
    repo: str | None
    environment: Mapping[str, str]
    host: str = ""


def names() -> list[str]:
    """All available trackers."""
    return discovery.names(__name__)


def choose(
    option: str | None, repo: str | None, config: Config, environment: Mapping[str, str]
) -> IssueTracker:
    """The tracker from --tracker (`option`), else from the configuration unless --repo is given."""
    configured = option is None and repo is None and bool(config.actions.tracker)
    name, target = _parsed(config.actions.tracker if configured else option or DEFAULT)
    request = Request(target, configured, config.root, repo, environment, config.actions.host)
    opened: IssueTracker = discovery.load(__name__, name).open_tracker(request)
    return opened


def _parsed(value: str) -> tuple[str, str]:
    """Name and target; a path always means a file tracker."""
    name, _, target = value.partition(":")
    return (name, target) if name in names() else (FILE, value)
