"""Workflows run by act on this machine, in a repository that `incident init` made.

The steps are real. GitHub's own actions are replaced: the checkout by act, the others by stand-ins
that set nothing up and keep an artifact in a folder. No test here shows a run on GitHub.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from support import CHECKOUT, git_init, run

COMMANDS = Path(sys.executable).parent
_USES = re.compile(r"uses: (?P<action>[\w.-]+/[\w./-]+)@(?P<ref>[0-9a-f]{40})")
_STUB = """\
name: stand-in
inputs: {path: {default: ""}, name: {default: ""}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {PATH_: "${{ inputs.path }}", NAME: "${{ inputs.name }}"}
      run: |
        if [ -n "$PATH_" ] && [ -n "$NAME" ]; then
          mkdir -p "$ARTIFACTS/$NAME"
          cp -R "$PATH_" "$ARTIFACTS/$NAME/"
        fi
"""
_GH = """\
#!/usr/bin/env python3
# Stands in for GitHub's command: writes down what it was asked, and answers as configured.
import json, os, pathlib, sys
said = {"args": sys.argv[1:]}
for flag in ("--body-file",):
    if flag in sys.argv:
        said["body"] = pathlib.Path(sys.argv[sys.argv.index(flag) + 1]).read_text()
for word in sys.argv:
    if word.startswith("body=@"):
        said["body"] = pathlib.Path(word[6:]).read_text()
folder = pathlib.Path(os.environ["GH_STAND_IN"])
with open(folder / "calls.ndjson", "a") as file:
    file.write(json.dumps(said) + "\\n")
answers = json.loads((folder / "answers.json").read_text())
for beginning, answer in answers.items():
    if " ".join(sys.argv[1:]).startswith(beginning):
        print(answer)
"""


class Done(NamedTuple):
    """What a workflow run gave. `calls`: what `gh` was asked."""

    code: int
    log: str
    calls: list[dict[str, Any]]

    @property
    def commands(self) -> list[str]:
        """The commands that `gh` was given, without their values."""
        return [" ".join(call["args"][:2]) for call in self.calls]


class Workplace:
    """A repository with a bare remote, and what act needs around it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "repository"
        self.artifacts = folder / "artifacts"
        self.remote = folder / "remote.git"
        for name in ("repository", "artifacts", "stub", "bin", "home"):
            (folder / name).mkdir()
        (folder / "stub" / "action.yml").write_text(_STUB)
        gh = folder / "bin" / "gh"
        gh.write_text(_GH)
        gh.chmod(0o755)
        (folder / "answers.json").write_text("{}")
        git_init(self.root)
        self.git("branch", "-M", "main")
        assert run("init", self.root).exit_code == 0
        self.commit("incident init")
        subprocess.run(["git", "init", "-q", "--bare", str(self.remote)], check=True)
        self.git("remote", "add", "origin", str(self.remote))
        self.git("push", "-q", "origin", "main")

    def git(self, *args: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *args], cwd=cwd or self.root, check=True, capture_output=True, text=True
        )
        return done.stdout

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def answer(self, **answers: str) -> None:
        """What `gh` prints, by how its arguments begin (`_` for a space)."""
        spaced = {key.replace("_", " "): value for key, value in answers.items()}
        (self.folder / "answers.json").write_text(json.dumps(spaced))

    def act(
        self,
        event: str,
        workflow: str,
        payload: dict[str, Any],
        *,
        local: str = "",
        **variables: str,
    ) -> Done:
        """Run the jobs of a workflow for an event. `local`: an action and the folder it is in."""
        calls = self.folder / "calls.ndjson"
        calls.unlink(missing_ok=True)
        file = self.folder / "event.json"
        file.write_text(json.dumps(payload))
        workflows = (self.root / ".github" / "workflows").glob("*.yml")  # one may call another
        used = "".join(p.read_text() for p in (*workflows, CHECKOUT / "action.yml"))
        actions = {f"{m['action']}@{m['ref']}" for m in _USES.finditer(used)}
        stubs = [f"--local-repository={one}={self.folder / 'stub'}" for one in sorted(actions)]
        stubs += [f"--local-repository={local}"] if local else []
        chosen = {"INCIDENT_DOCS": "incident-docs", **variables}
        environment = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}:{COMMANDS}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "XDG_CACHE_HOME": str(self.folder / "home" / "cache"),
            "ARTIFACTS": str(self.artifacts),
            "GH_STAND_IN": str(self.folder),
            "NO_MKDOCS_2_WARNING": "1",
            "DISABLE_MKDOCS_2_WARNING": "true",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        done = subprocess.run(
            [
                str(COMMANDS / "act"),
                event,
                f"--workflows=.github/workflows/{workflow}",
                f"--eventpath={file}",
                "-P=ubuntu-latest=-self-hosted",
                "--secret=GITHUB_TOKEN=of-no-use",
                *(f"--env={name}={environment[name]}" for name in ("ARTIFACTS", "GH_STAND_IN")),
                *(f"--var={name}={value}" for name, value in chosen.items()),
                *stubs,
            ],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        asked = calls.read_text().splitlines() if calls.exists() else []
        return Done(done.returncode, done.stdout + done.stderr, [json.loads(c) for c in asked])


def exported(folder: Path) -> Path:
    """This repository as GitHub would hand it out: act would copy what is built in it too."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=CHECKOUT, check=True, capture_output=True)
    for name in filter(None, done.stdout.decode().split("\0")):
        if (CHECKOUT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, folder / name)
    return folder
