"""Draw the layers of pyproject.toml in docs/architecture.md, and a line on each module."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

from incident.text import markdown_table

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "docs" / "architecture.md"
PACKAGE = ROOT / "tooling" / "incident"
PICTURE = TARGET.with_name("layers.svg")
WIDTH, ROW, GAP = 860, 38, 8
STYLE = (
    "text{font:13px system-ui,sans-serif;text-anchor:middle;fill:#1f2933}"
    ".l{fill:#eef2f6}.m{fill:#fff;stroke:#7b8794}"
)
BEGIN, END = "<!-- made by `make pages` -->", "<!-- until here -->"


def main() -> None:
    """Write the page and the picture."""
    TARGET.write_text(page(), encoding="utf-8")
    PICTURE.write_text(picture(layers()), encoding="utf-8")


def page() -> str:
    """The page, with a fresh table."""
    before, _, rest = TARGET.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table(layers())}\n\n{END}{rest.partition(END)[2]}"


def layers() -> list[list[str]]:
    """The modules of each layer, from the top."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    found = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [re.findall(r"\w+", layer) for layer in found]


def picture(stack: list[list[str]]) -> str:
    """The stack as SVG: a row for each layer, a box for each module."""
    boxes = []
    for number, modules in enumerate(stack):
        top, share = GAP + number * (ROW + GAP), (WIDTH - 3 * GAP) / len(modules)
        boxes.append(_box("l", GAP, top, WIDTH - 2 * GAP, ROW))
        for place, name in enumerate(modules):
            left, wide = 2 * GAP + place * share, share - GAP
            boxes.append(_box("m", left, top + 5, wide, ROW - 10))
            middle = f'x="{left + wide / 2:.1f}" y="{top + ROW / 2 + 4:.1f}"'
            boxes.append(f"<text {middle}>{name}</text>")
    height = GAP + len(stack) * (ROW + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">\n'
        f"<title>The layers, from the top: {'; '.join(', '.join(one) for one in stack)}</title>\n"
        f"<style>{STYLE}</style>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>\n' + "\n".join(boxes) + "\n</svg>\n"
    )


def _box(kind: str, x: float, y: float, width: float, height: float) -> str:
    size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{kind}" {size} rx="4"/>'


def table(stack: list[list[str]]) -> str:
    """The first line of each module's docstring, from the top of the stack."""
    rows = []
    for modules in stack:
        for name in modules:
            folder = PACKAGE / name
            path = folder / "__init__.py" if folder.is_dir() else PACKAGE / f"{name}.py"
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            shown = f"`{name}/`" if folder.is_dir() else f"`{name}`"
            rows.append((shown, text.partition("\n")[0].replace("<", "&lt;")))
    return markdown_table.table(("module", "purpose"), rows)


if __name__ == "__main__":
    main()
