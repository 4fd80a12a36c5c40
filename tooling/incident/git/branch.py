"""A commit on a branch of its own, pushed without a trace in the working copy."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from incident import git

_NAME, _EMAIL = "incident-docs", "incident-docs@localhost"


class Push(NamedTuple):
    """Where to push: a remote, a branch, and what is added to git's environment."""

    branch: str
    remote: str = "origin"
    environment: Mapping[str, str] = {}


def read(root: Path, path: str) -> str:
    """The text of a file as HEAD has it. Raises IncidentError."""
    return git.output(root, "cat-file", "blob", f"HEAD:./{path}").stdout.decode("utf-8")


def with_token(web: str, token: str) -> dict[str, str]:
    """What lets git push with the token, without showing it to the process list."""
    secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    count = int(given) if given.isdecimal() else 0
    settings = {
        f"http.{web}/.extraheader": f"AUTHORIZATION: basic {secret}",
        "http.followRedirects": "false",  # git sends the header along to where it is sent on
    }
    found = {"GIT_CONFIG_COUNT": str(count + len(settings))}
    for place, (key, value) in enumerate(settings.items(), count):
        found |= {f"GIT_CONFIG_KEY_{place}": key, f"GIT_CONFIG_VALUE_{place}": value}
    return found


def push(root: Path, texts: Mapping[str, str], message: str, to: Push) -> tuple[str, bool]:
    """Push one commit on HEAD with these texts; the commit, and whether it was not there yet.

    Neither the index, the working files nor the branch that is checked out change. The commit's
    date is HEAD's, so that the same edits are the same commit. Raises IncidentError.
    """

    def ask(*arguments: str, stdin: bytes = b"", env: Mapping[str, str] = {}) -> str:
        return git.output(root, *arguments, stdin=stdin, env={**to.environment, **env}).text

    head = ask("rev-parse", "HEAD")
    prefix = ask("rev-parse", "--show-prefix")
    date = ask("show", "-s", "--format=%cI", "HEAD")
    who = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", _NAME), ("EMAIL", _EMAIL), ("DATE", date))
    }
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        ask("read-tree", head, env=index)
        for path, text in texts.items():
            blob = ask("hash-object", "-w", "--stdin", stdin=text.encode("utf-8"))
            entry = git.output(root, "ls-files", "-s", paths=(path,), env=index).text
            mode = entry.partition(" ")[0] or "100644"
            ask("update-index", "--add", "--cacheinfo", f"{mode},{blob},{prefix}{path}", env=index)
        tree = ask("write-tree", env=index)
    commit = ask("commit-tree", tree, "-p", head, "-m", message, env=who)
    reference = f"refs/heads/{to.branch}"
    if ask("ls-remote", to.remote, reference).partition("\t")[0] == commit:
        return commit, False
    ask("push", "--no-verify", "--force", "--quiet", to.remote, f"{commit}:{reference}")
    return commit, True


def is_pending(root: Path, to: Push) -> bool:
    """Whether the branch is on the remote, and not in HEAD. Raises IncidentError."""
    reference = f"refs/heads/{to.branch}"
    answer = git.output(root, "ls-remote", to.remote, reference, env=to.environment)
    tip = answer.text.partition("\t")[0]
    return bool(tip) and git.run(root, "merge-base", "--is-ancestor", tip, "HEAD").code != 0


def reset(root: Path, to: Push) -> None:
    """Move the branch on the remote to HEAD: merging it does nothing. Raises IncidentError."""
    reference = f"HEAD:refs/heads/{to.branch}"
    words = ("push", "--no-verify", "--force", "--quiet", to.remote, reference)
    git.output(root, *words, env=to.environment)
