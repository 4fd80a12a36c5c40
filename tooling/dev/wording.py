"""Check the wording of everything people read, with codespell and the list in wording.txt.

Sources, templates, docs, the `--help` of every command and, where it is built, the wiki.
`python tooling/dev/wording.py`; exit 1 with file, line and replacement. To add a word or a phrase,
add a line to wording.txt: wrong->right.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import click

from incident.commands import cli

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("wording.txt")
PLACES = [
    *("tooling/incident", "tooling/dbt_incidents", "tooling/dev", "tooling/tests", "tooling/bench"),
    *("tooling/fuzz", "templates", "schemas", "docs", "incidents", ".github", ".vscode", ".agents"),
    *(
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "Makefile",
        "action.yml",
        "history/action.yml",
        "mkdocs.yml",
    ),
    *("mkdocs.public.yml", "pyproject.toml", ".pre-commit-hooks.yaml"),
]
# data, not prose: lists of names and words, labeled lines that must stay as they were written
SKIPPED = (
    "*/word_lists/*,*/wording.txt,*/bench/language/*,*.ambr,*.openapi.json,*/__pycache__/*,*.svg,"
    "*/package-lock.json,*.png"
)
_TAG = re.compile(r"<(script|style|code|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)


def main() -> int:
    """Run codespell on everything."""
    words = [line.partition("->")[0] for line in LIST.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in (*helps(cli, "incident"), *wiki()):
            (Path(scratch) / f"{name}.txt").write_text(text, encoding="utf-8")
        places = [str(ROOT / place) for place in PLACES if (ROOT / place).exists()]
        command = [sys.executable, "-m", "codespell_lib", "--dictionary", str(LIST)]
        command += ["--regex", pattern(words)]
        command += ["--skip", SKIPPED, "--check-hidden", *places, scratch]
        return subprocess.run(command, check=False).returncode  # noqa: S603


def pattern(words: list[str]) -> str:
    """The regular expression for one codespell word: a listed phrase, longest first, or a word."""
    phrases = sorted((word for word in words if " " in word), key=len, reverse=True)
    # "is no longer" and "there is no X" are English
    not_there = r"(?<!there )(?<!There )"
    listed = "|".join(
        f"{not_there}{re.escape(p)}(?! longer| more| one|t)" if p.endswith(" no") else re.escape(p)
        for p in phrases
    )
    # a function of GitHub's workflow syntax keeps its spelling
    return rf"\b(?:{listed})\b|(?<![\w'\u2019-])(?!cance[l]led\(\))[\w'\u2019-]+"


def helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """The help of a command and its subcommands."""
    context = click.Context(command, info_name=name)
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for part in command.list_commands(context):
            if found := command.get_command(context, part):
                yield from helps(found, f"{name} {part}")


def wiki() -> Iterator[tuple[str, str]]:
    """The text of every page of the built wiki."""
    for page in sorted((ROOT / "site").rglob("*.html")):
        name = page.relative_to(ROOT).as_posix().replace("/", " ")
        yield name, unescape(_TAG.sub(" ", page.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
