"""What `incident init` wrote: so that it knows later which files are still as they were.

A file with a hash of each text, next to the configuration. Anyone can edit it in a pull request, so
it only ever selects among the files that init knows, and its answers are checked like options.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from incident import __version__
from incident.errors import UsageError
from incident.repository import atomic_files
from incident.text.values import mapping, string

NAME = ".incident-init.json"
GONE = "removed"
BRANCH = re.compile(r"[A-Za-z0-9][\w./-]*")


@dataclass(frozen=True)
class Record:
    """`files`: by path, the hash of the text that init wrote or offered last.

    `kept`: by path, the hash of a team's own version that was seen since, or GONE. `answers`: the
    options. `branch`: the default branch; `source`: what workflows install, as for --install-from.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, bool] = field(default_factory=dict)
    branch: str = ""
    source: str = ""

    def text(self) -> str:
        """The file's content."""
        content: dict[str, Any] = {
            "version": __version__,
            "answers": dict(self.answers),
            "branch": self.branch,
            "source": self.source,
            "files": dict(sorted(self.files.items())),
        }
        if self.kept:
            content["kept"] = dict(sorted(self.kept.items()))
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read(folder: Path) -> Record:
    """The record of a folder, empty if there is none. Raises UsageError if it cannot be read."""
    path = folder / NAME
    try:
        data = json.loads(atomic_files.read_text(path))
    except FileNotFoundError:
        return Record()
    except (OSError, ValueError, RecursionError) as error:
        fact = f"{path} cannot be read: {error}"
        raise UsageError(fact, "restore it, or delete it and run `incident init` again") from error
    found = mapping(data)
    return Record(
        _texts(found.get("files")),
        _texts(found.get("kept")),
        {k: v for k, v in mapping(found.get("answers")).items() if isinstance(v, bool)},
        branch if BRANCH.fullmatch(branch := string(found.get("branch"))) else "",
        string(found.get("source")),
    )


def mark(text: str) -> str:
    """The hash of a text; line ends do not count."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()[:16]


def _texts(value: object) -> dict[str, str]:
    return {k: v for k, v in mapping(value).items() if isinstance(v, str)}
