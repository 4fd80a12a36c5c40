"""A hostile pull request, and who might obey it: a terminal, a runner."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml

from incident.commands import cli
from incident.postmortem.model import KINDS
from incident.repository.config import SEVERITIES, STATUSES
from support import CHECKOUT, MINIMAL, git_init, run

STEM = "2025-05-14-revenue-drops"

PATH = f"incidents/2025/{STEM}.md"

INCIDENT = str(Path(sys.executable).with_name("incident"))

WORKFLOWS = CHECKOUT / ".github" / "workflows"

# what the calls that are made of a command's own options do not reach
_MORE = (
    ("lint", "--statistics"),
    ("lint", "--fix", "--exit-zero"),
    ("lint", "--changed-since", "base"),
    ("review", "--base", "base", "--format", "github", "--summary", "summary.md"),
    ("list", "--like", "revenue"),
    ("export", "--out", "out"),
)
# how a command that could is kept from writing elsewhere, or from asking anybody
_OFFLINE = {
    "--dry-run": ("--dry-run",),
    "--tracker": ("--tracker", "issues.ndjson"),
    "--base": ("--base", "base"),
}
_SERVERS = frozenset({"lsp", "mcp"})  # speak a protocol, and wait for it
_FIELDS = ({*SEVERITIES}, {*STATUSES}, {*KINDS})  # choices of what is looked for, not of a form


def _leaves(
    group: click.Group, names: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its names."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, (*names, name))
        elif command is not None and name not in _SERVERS:
            yield (*names, name), command


def _calls() -> Iterator[tuple[str, ...]]:
    """Every command, and every form it can write in; a new one is among them."""
    for names, command in _leaves(cli):
        options = [param for param in command.params if isinstance(param, click.Option)]
        arguments = [param for param in command.params if isinstance(param, click.Argument)]
        needed = [PATH for argument in arguments if argument.required or argument.nargs == 1]
        offline = [word for option in options for word in _OFFLINE.get(option.opts[-1], ())]
        forms = {
            option.opts[0]: [str(choice) for choice in option.type.choices]
            for option in options
            if isinstance(option.type, click.Choice) and {*option.type.choices} not in _FIELDS
        }
        asked = {option.opts[0] for option in options if option.required} - {*offline}
        required = [word for flag in asked for word in (flag, forms.get(flag, ["x"])[0])]
        yield (*names, *needed, *offline, *required)
        for flag, values in forms.items():
            other = [word for at in asked - {flag} for word in (at, forms.get(at, ["x"])[0])]
            yield from ((*names, *needed, *offline, *other, flag, value) for value in values)


HOSTILE = (
    "::set-output name=x::y",
    "::add-mask::e",
    "::stop-commands::x",
    "a ##[add-mask]e",
    "##[stop-commands]x",
    "%0A::error::x",
    "%0D%0A::error::x",
    "a\\n::error file=x::forged",
    "a\\r\\n  ::error::forged",
    "a\\u0085::error::forged",
    "a\\u2028::error::forged",
    "a\\e[2J\\e]0;t\\a",
    "a\\u009b31m",
    "a\\u202egnp.exe",
    "a\\u2066b\\u061c",
    "a,title=x::b",
    "</summary><script>alert(1)</script>",
    "[x](https://example.com/) ![x](https://example.com/x.png) @everyone <img src=x>",
    "`$(touch pwned)`; touch pwned #",
    "| a | b\\n|---|",
)

OBEYED = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"


def repository(folder: Path) -> Path:
    """A repository with a branch `base`; what a test adds is the pull request."""
    root = folder / "repository"
    (root / "incidents" / "2025").mkdir(parents=True)
    git_init(root)
    git(root, "branch", "base")
    (root / PATH).write_text(MINIMAL)
    return root


def git(root: Path, *args: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *args], cwd=root, check=True, capture_output=True, **more)


def incident(root: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, as a job runs it; it ends in time."""
    return subprocess.run(
        [INCIDENT, *args],
        cwd=root,
        env={**os.environ, "XDG_CACHE_HOME": str(root.parent / "cache"), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=60,
    )


def here(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, where many are asked; an alarm ends it."""
    was = Path.cwd()
    os.chdir(root)
    signal.alarm(60)
    try:
        result = run(*args)
    finally:
        signal.alarm(0)
        os.chdir(was)
    return subprocess.CompletedProcess(args, result.exit_code, result.stdout, result.stderr)


def commands(log: str) -> list[str]:
    """The workflow commands that a runner finds in a log, as actions/runner parses its lines."""
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        if line.lstrip().startswith("::"):
            match = re.match(r"\s*::([\w-]+)[^:]*(?:::)?", line)
            found.append(match[1] if match else line)
        elif "##[" in line and "]" in line[line.index("##[") :]:
            found.append(line[line.index("##[") :])
    return found


EVERY = (*_calls(), *_MORE)


def unquoted(word: str) -> str:
    """The text that `word` means in YAML's quotes, as far as the words above need it."""
    text: str = yaml.safe_load(f'"{word}"')
    return text


def postmortem(word: str) -> str:
    """A postmortem that says `word` (as YAML writes it in quotes) wherever one can."""
    quoted = f'"{word}"'
    plain = word.replace("\\n", "\n").replace("\\r", "\r").replace("\\e", "\x1b")
    text = MINIMAL.replace('"Daily revenue 18% low"', quoted).replace("data-platform", quoted)
    return (
        text.replace(
            "lint:",
            f"kind: {quoted}\ntags: [{quoted}]\n{quoted}: 1\nobservers: [{quoted}]\n"
            f"roles: {{incident_lead: {quoted}}}\nreviewers: [{quoted}]\n"
            f"impact: {{summary: {quoted}, assets: [{{ref: {quoted}, role: {quoted}}}]}}\n"
            f"related: [{quoted}]\nrecurrence_of: {quoted}\n"
            f"action_items:\n  - {{id: AI-1, title: {quoted}, owner: {quoted}, status: committed,"
            f" due: {quoted}, done_when: {quoted}, issue: {quoted}}}\nlint:",
        )
        + f"\n## {plain}\n\n{plain}\n\n## Timeline\n\n- 2025-05-14T09:40Z {plain}\n\n[x]({plain})\n"
    )


def written(root: Path) -> None:
    """For each hostile word a postmortem that says it in every place, and one only in its title."""
    for number, word in enumerate(HOSTILE):
        name = f"incidents/2025/2025-05-{number + 1:02}-x"
        text = postmortem(word).replace(STEM, Path(name).name)
        (root / f"{name}.md").write_text(text, newline="")
        text = MINIMAL.replace("Daily revenue 18% low", word).replace(STEM, Path(name).name + "y")
        (root / f"{name}y.md").write_text(text, newline="")


def obeyed(root: Path, command: tuple[str, ...]) -> None:
    """Nothing that others wrote is obeyed, neither by a terminal nor by a runner."""
    done = here(root, *command)
    said = done.stdout + "\n" + done.stderr
    if "always" in command:  # our own colors
        said = re.sub("\x1b\\[[0-9;]*m", "", said)
    assert "internal error" not in said, command
    own = {"error", "warning", "notice"} if "github" in command else set()
    assert set(commands(said)) <= own, command
    assert re.findall(OBEYED, said) == [], command


def step(workflow: str, name: str) -> str:
    """The script of a step as the workflow has it."""
    content = yaml.safe_load((WORKFLOWS / workflow).read_text())
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    script: str = next(step["run"] for step in steps if step.get("name") == name)
    return script
