"""Owners in a CODEOWNERS file, as GitHub and GitLab write it."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.archive import owners
from incident.repository.config import OWNER_FILES, Config

GITLAB = """\
# @commented out
* @acme
[Data] @acme/data/platform-team @first.last
models/
^[Optional @not-an-owner][2] @acme/finance
\\t^[Indented]
\\#report.sql @reports
exports/c#/ @sharp  # a note by @somebody
with\\ @space/ @spaced
/config/ @@maintainer someone@example.com
/cut/ @acme/da:ta @trailing,
/node_modules/@types/ @tabbed\t@_service
"""


@pytest.mark.parametrize("place", OWNER_FILES)
def test_each_place_and_syntax_of_gitlab_is_read(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(GITLAB.replace("\\t", "\t"))
    assert owners.codeowners(tmp_path) == [
        "acme",
        "acme/data/platform-team",
        "first.last",
        "acme/finance",
        "reports",
        "sharp",
        "spaced",
        "tabbed",
        "_service",
    ]
    known = owners.known(Config(root=tmp_path))
    assert {"acme/data/platform-team", "platform-team", "first.last"} <= known
    assert not known & {"first", "data", "acme/data", "maintainer", "somebody", "types"}
