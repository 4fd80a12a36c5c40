"""A GitHub for the tests: the emulator, the proxy before it, and a repository with an archive."""

from __future__ import annotations

import base64
import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from github_proxy import TOKEN, UPSTREAM_TOKENS, Proxy
from incident.actions import marker, writeback
from support import CHECKOUT

EMULATE = CHECKOUT / "tooling" / "emulate"
_TOKENS = "".join(
    f"  {token}: {{login: robot, scopes: [repo, user]}}\n" for token in UPSTREAM_TOKENS
)
SEED = f"""\
tokens:
{_TOKENS}github:
  users:
    - {{login: robot, name: Robot, email: robot@example.com}}
    - {{login: mona, name: Mona, email: mona@example.com}}
    - {{login: hubot, name: Hubot, email: hubot@example.com}}
"""
_COUNT = itertools.count(1)


def missing() -> str:
    """Why there is no emulator, or ""."""
    if not shutil.which("node"):
        return "no Node.js 20: the tests of GitHub need it"
    if not (EMULATE / "node_modules" / "emulate").is_dir():
        return "the GitHub emulator is not installed: run `sh tooling/dev/emulate.sh`"
    return ""


@contextmanager
def emulator(folder: Path) -> Iterator[int]:
    """Start the emulator; its port. Skips without it, but fails in CI."""
    if why := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"in CI the GitHub tests must run: {why}")
        pytest.skip(why)
    seed = folder / "seed.yaml"
    seed.write_text(SEED, encoding="utf-8")
    port = _free_port()
    program = str(EMULATE / "node_modules/emulate/dist/index.js")
    command = ["node", "--require", str(EMULATE / "loopback.cjs"), program, "start"]
    command += ["--service=github", f"--port={port}", f"--seed={seed}"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _wait(port, process)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(f"the emulator ended: {process.communicate()[1].decode()[-800:]}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the emulator does not listen after 30 s")


@dataclass
class Item:
    """One action item as the tests write it."""

    id: str = "AI-1"
    title: str = "Add a row-count test on orders, 3 sigma"
    status: str = "committed"
    owner: str = "data-platform"
    type: str = "detect"
    due: str = "2026-12-01"
    issue: int | None = None
    more: dict[str, str] = field(default_factory=dict)

    def yaml(self) -> str:
        issue = "null" if self.issue is None else self.issue
        more = "".join(f', {key}: "{value}"' for key, value in self.more.items())
        return (
            f'  - {{id: {self.id}, title: "{self.title}", type: {self.type}, owner: {self.owner}, '
            f'due: "{self.due}", status: {self.status}, issue: {issue}, '
            f'done_when: "a replay fails"{more}}}  # kept\n'
        )


def document(id_: str, items: Sequence[Item], severity: str = "P1", more: str = "") -> str:
    listed = "".join(item.yaml() for item in items)
    return (
        f'---\nid: {id_}\ntitle: "Orders late for a day"\nstatus: published\n'
        f"severity: {severity}\nowner: data-platform\n{more}"
        f'timestamps: {{detected_at: "{id_[:10]}T09:40Z"}}\n'
        f"action_items:\n{listed}---\n\n## Summary\n\nText.\n"
    )


@dataclass
class World:
    """A repository on the emulated GitHub, and its archive in a folder."""

    root: Path
    proxy: Proxy
    repository: str

    def write(self, items: Sequence[Item], id_: str = "2026-11-02-orders-late") -> Path:
        """Write a postmortem with these action items."""
        path = self.root / "incidents" / id_[:4] / f"{id_}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document(id_, items), encoding="utf-8")
        return path

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "GIT_"))}
        return {
            **kept,
            "GITHUB_API_URL": self.proxy.url,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": self.repository,
        }

    def process(self, *args: str) -> subprocess.Popen[str]:
        """Start the command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "incident", *args],
            cwd=self.root,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def api(self, verb: str, path: str, **content: Any) -> Any:
        """What a person does on GitHub: past the proxy's counters and rules."""
        query = content.pop("query", {})
        answer = self.proxy.forward(verb, f"/repos/{self.repository}/{path}", query, content)
        assert answer.status < 400, answer
        return answer.content

    def issues(self) -> list[dict[str, Any]]:
        """All issues, whatever their labels."""
        found: list[dict[str, Any]] = []
        for page in itertools.count(1):
            query = {"state": "all", "per_page": "100", "page": str(page), "direction": "asc"}
            some = self.api("GET", "issues", query=query)
            found += some
            if len(some) < 100:
                return found
        return found

    def keys(self) -> dict[str, list[int]]:
        """The open issues of each key."""
        found: dict[str, list[int]] = {}
        for issue in self.issues():
            if issue["state"] == "open":
                key = marker.read(issue["body"] or "").get("key", "")
                found.setdefault(key, []).append(issue["number"])
        return found


def serial() -> int:
    """A number that no other test has."""
    return next(_COUNT)


def world(root: Path, proxy: Proxy) -> World:
    """A new, empty repository on the emulator."""
    proxy.reset()
    name = f"warehouse-{serial()}"
    answer = proxy.forward("POST", "/user/repos", {}, {"name": name, "has_issues": True})
    assert answer.status == 201, answer
    root.mkdir(parents=True, exist_ok=True)
    (root / "incident.toml").write_text("", encoding="utf-8")
    return World(root, proxy, f"robot/{name}")


def git(root: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def pushed(world: World) -> None:
    """Make the world's folder a repository with a bare remote, and push what is in it."""
    bare = world.root.parent / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    git(world.root, "init", "-q", "-b", "main")
    git(world.root, "config", "user.name", "Ines Halvorsen")
    git(world.root, "config", "user.email", "ines@example.com")
    git(world.root, "remote", "add", "origin", str(bare))
    git(world.root, "add", "-A")
    git(world.root, "commit", "-q", "-m", "archive")
    git(world.root, "push", "-q", "origin", "main")


def branches(world: World) -> None:
    """The emulator keeps no real git: give it the branches that a pull request needs."""
    for branch in ("main", writeback.BRANCH):
        body = base64.b64encode(branch.encode()).decode()
        content = {"message": "x", "content": body, "branch": branch}
        if branch != "main":
            sha = world.api("GET", "git/ref/heads/main")["object"]["sha"]
            world.api("POST", "git/refs", ref=f"refs/heads/{branch}", sha=sha)
        world.api("PUT", f"contents/{branch.replace('/', '-')}.txt", **content)
