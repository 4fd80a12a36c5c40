"""Draw the layers of pyproject.toml in docs/architecture.md, and a line on each module."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "tooling" / "incident"
BEGIN, END = "<!-- made by `make pages` -->", "<!-- until here -->"


def main() -> None:
    """Write the page."""
    TARGET.write_text(page(), encoding="utf-8")


def page() -> str:
    """The page, with the picture and the table drawn anew."""
    stack = layers()
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    made = [picture(stack), "## What each is for", table(stack)]
    return "\n\n".join([before + BEGIN, *made, END + rest.partition(END)[2]])


def layers() -> list[list[str]]:
    """The modules of each layer, from the top."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    found = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [re.findall(r"\w+", layer) for layer in found]


def picture(stack: list[list[str]]) -> str:
    """A Mermaid graph, a box for each layer."""
    lines = ["flowchart TB"]
    for number, modules in enumerate(stack):
        lines.append(f'  l{number}["{"  ·  ".join(modules)}"]')
    lines += [f"  l{number} --> l{number + 1}" for number in range(len(stack) - 1)]
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def table(stack: list[list[str]]) -> str:
    """The first line of each module's docstring, from the top of the stack."""
    lines = ["| module | what it is |", "| --- | --- |"]
    for modules in stack:
        for name in modules:
            folder = PACKAGE / name
            path = folder / "__init__.py" if folder.is_dir() else PACKAGE / f"{name}.py"
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            shown = f"`{name}/`" if folder.is_dir() else f"`{name}`"
            first = text.partition("\n")[0].replace("|", "\\|").replace("<", "&lt;")
            lines.append(f"| {shown} | {first} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
