"""docs/tutorial.md, run from an empty folder: its commands, its files, and what it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import CHECKOUT

_FENCE = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = "incidents/2025/2025-03-03-orders-are-12-too-low"


def fits(shown: str, said: str) -> bool:
    """Whether an output is what the page shows; `…` stands for anything, alone for any lines."""
    lines = [
        "(?:.*\n)*" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n"
        for line in shown.splitlines()
    ]
    return re.fullmatch("".join(lines), said) is not None


def changed(text: str, diff: str) -> str:
    """A text after the changes of a page: each run of - lines, found once, becomes its + lines."""
    for minus, plus in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)*)", diff, re.MULTILINE):
        old = "".join(line[1:] + "\n" for line in minus.splitlines())
        new = "".join(line[1:] + "\n" for line in plus.splitlines())
        assert text.count(f"\n{old}") == 1, old
        text = text.replace(f"\n{old}", f"\n{new}")
    return text


@pytest.mark.parametrize(
    ("shown", "said", "right"),
    [
        ("a\n…\nc\n", "a\nb\nb\nc\n", True),
        ("a\n…\nc\n", "a\nc\n", True),
        ("a …b\n", "a xb\n", True),
        ("a …b\n", "a x\nb\n", False),
        ("a\n", "a\nb\n", False),
    ],
)
def test_an_ellipsis_stands_for_what_is_left_out(shown: str, said: str, right: bool) -> None:
    assert fits(shown, said) is right


@pytest.mark.slow
def test_the_tutorial_works(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ines Halvorsen"), ("EMAIL", "ines@example.com"))
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**home, **names, "PATH": path, "NO_MKDOCS_2_WARNING": "1"}
    environment["DISABLE_MKDOCS_2_WARNING"] = "true"
    environment["EDITOR"] = "true"  # the page's next file is what somebody writes there
    place = tmp_path
    said = ""
    for kind, about, body in _FENCE.findall((CHECKOUT / "docs" / "tutorial.md").read_text("utf-8")):
        if kind == "sh":
            # what it leaves, and where it ends up, is what the next one begins with
            done = subprocess.run(
                ["sh", "-e", "-c", f"{body}pwd >{tmp_path / 'place'}"],
                cwd=place,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
                check=False,
            )
            said = done.stdout
            assert done.returncode == int(about.removeprefix("exit=") or 0), f"{body}\n{said}"
            place = Path((tmp_path / "place").read_text().strip())
        elif kind == "text":
            assert fits(body, said), f"the page shows\n{body}\nit says\n{said}"
        else:
            file = place / about
            text = changed(file.read_text("utf-8"), body) if kind == "diff" else body
            file.write_text(text, encoding="utf-8")
    built = (place / "site" / NAME / "index.html").read_text("utf-8")
    assert "Orders are 12% too low" in built
    assert "loses more than 1% of the raw rows" in built
    assert "Decisions" in built
    assert Path(NAME).name in (place / "site" / "incidents.json").read_text("utf-8")
