"""A team's handbook in its repository: what a good guest leaves alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

from site_support import ARCHIVE, write_repository
from support import git_init

EXTENSIONS = """\
markdown_extensions:
  - abbr
  - admonition
  - attr_list
  - def_list
  - footnotes
  - md_in_html
  - toc: {permalink: "#", toc_depth: 3}
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.details
  - pymdownx.emoji:
      emoji_index: !!python/name:material.extensions.emoji.twemoji
      emoji_generator: !!python/name:material.extensions.emoji.to_svg
  - pymdownx.highlight: {anchor_linenums: true}
  - pymdownx.inlinehilite
  - pymdownx.keys
  - pymdownx.snippets
  - pymdownx.superfences:
      custom_fences:
        - name: mermaid
          class: mermaid
          format: !!python/name:pymdownx.superfences.fence_code_format
  - pymdownx.tabbed: {alternate_style: true}
  - pymdownx.tasklist: {custom_checkbox: true}
"""

CONFIGURATION = """\
site_name: Data handbook
site_url: https://handbook.example.com/data/
repo_url: https://github.com/example/data
edit_uri: edit/main/docs/
copyright: The data team
theme:
  name: material
  custom_dir: overrides
  logo: assets/logo.svg
  icon: {repo: fontawesome/brands/github}
  features: [navigation.tabs, navigation.indexes, navigation.footer, content.action.edit]
  palette:
    - {scheme: default, primary: teal, toggle: {icon: material/weather-night, name: Dark}}
    - {scheme: slate, primary: teal, toggle: {icon: material/weather-sunny, name: Light}}
extra_css: [assets/team.css]
extra_javascript:
  - assets/mathjax.js
  - https://cdn.example.com/mathjax@3/tex-mml-chtml.js
"""

NAVIGATION = """\
nav:
  - Home: index.md
  - Runbook: runbook.md
  - Guide:
    - guide/index.md
    - guide/onboarding.md
  - Tags: tags.md
"""

RUNBOOK = """\
---
title: The runbook
tags: [warehouse, on-call]
---
# Runbook :material-database:

!!! warning "Read this first"
    It is :fontawesome-brands-github: important.[^1]

=== "Snowflake"

    ```sql hl_lines="2"
    select *
    from orders
    ```

=== "BigQuery"

    Second tab.

```mermaid
graph LR
  raw --> mart
```

The mean is \\(\\bar{x} = \\frac{1}{n}\\sum x_i\\), and

$$
E = mc^2
$$

<iframe src="https://dashboards.example.com/1" onload="this.title = 1"></iframe>

![badge](https://img.example.com/badge.svg){ width=20 align=left }
![logo](assets/logo.svg)

<div class="grid cards" markdown>

- :material-clock: __Soon__ { #soon .team style="color: red" }
- [A button](guide/index.md){ .md-button }

</div>

Press ++ctrl+c++. Ordner für Ärger: see [below](#für-ärger).

- [x] done
- [ ] open

??? note "Details"
    <button onclick="alert(1)">Run</button>

## Für Ärger

`#!python print(1)` {{ not_a_macro }}

[^1]: A footnote.

<script>window.team = 1</script>
"""

PAGES = {
    "docs/index.md": "# Data handbook\n\n[Runbook](runbook.md).\n\n```mermaid\ngraph TD\n```\n",
    "docs/runbook.md": RUNBOOK,
    "docs/guide/index.md": "---\ntags: [on-call]\n---\n# Our guide\n\nHow we work.\n",
    "docs/guide/onboarding.md": "# Onboarding\n\n## First day\n\n[Guide](index.md#our-guide)\n",
    "docs/tags.md": "# Tags\n\n<!-- material/tags -->\n",
    "docs/assets/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9z"/></svg>\n',
    "docs/assets/team.css": ".team { color: teal; }\n",
    "docs/assets/mathjax.js": "window.MathJax = { tex: {} };\n",
    "docs/blog/index.md": "# News\n",
    "docs/blog/.authors.yml": "authors: {}\n",
    "docs/blog/posts/first.md": "---\ndate: 2026-01-15\n---\n# First post\n\nHello.\n",
    "overrides/main.html": """\
{% extends "base.html" %}
{% block announce %}We moved to a new warehouse.{% endblock %}
{% block extrahead %}<script>window.handbook = 1</script>{% endblock %}
""",
    "overrides/partials/copyright.html": "<p>The data team</p>\n",
    "CODEOWNERS": "* @example/data\n",
    ".github/workflows/ci.yml": "on: push\njobs: {}\n",
    "pyproject.toml": '[project]\nname = "data"\nversion = "1"\n',
    "transform/dbt_project.yml": "name: shop\n",
    "README.md": "# Data\n",
}
PLUGINS = ["search", "tags", "blog: {blog_dir: blog}"]


def write_handbook(
    root: Path,
    archive: str = "docs/incidents",
    *,
    nav: str = NAVIGATION,
    plugins: list[str] = PLUGINS,
    more: str = "",
    files: dict[str, str] | None = None,
) -> Path:
    """A repository with a handbook and an archive, which its `mkdocs.yaml` does not mention."""
    write_repository(root, ARCHIVE)
    (root / "mkdocs.yml").unlink()
    (root / "incident.toml").write_text(f'archive = "{archive}"\n', encoding="utf-8")
    if archive != "incidents":
        (root / archive).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(root / "incidents", root / archive)
    for name, text in {**PAGES, **(files or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "mkdocs.yaml").write_text(
        f"{CONFIGURATION}{more}{EXTENSIONS}{nav}{_plugins(plugins)}", encoding="utf-8"
    )
    git_init(root)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "one"],
        cwd=root,
        check=True,
        env={"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE, "PATH": "/usr/bin:/bin"},
    )
    return root


DATE = "2026-02-03T10:00:00+00:00"


def _plugins(names: list[str]) -> str:
    return "plugins:\n" + "".join(f"  - {name}\n" for name in names)


def add_us(root: Path, options: str = "") -> None:
    """Follow `incident init`: add `- incident` under `plugins:`."""
    path = root / "mkdocs.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}  - incident{options}\n", encoding="utf-8")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, without git's."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def article(page: str) -> str:
    """The article of a page, byte for byte."""
    start = page.index("<article")
    return page[start : page.index("</article>", start)]


class _Frame(HTMLParser):
    """Everything on a page except for `<nav>` elements, and links to the previous and next page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.depth = 0
        self.kept: list[str] = []

    def _keep(self, text: str) -> None:
        if not self.depth:
            self.kept.append(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag == "nav"
        if tag != "link" or dict(attrs).get("rel") not in {"prev", "next"}:
            self._keep(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._keep(f"</{tag}>")
        self.depth -= tag == "nav"

    def handle_data(self, data: str) -> None:
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._keep(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._keep(f"<!--{data}-->")


def frame(page: str) -> str:
    """A page without its navigation: head, header, article, footer."""
    parser = _Frame()
    parser.feed(page)
    return re.sub(r"\s+", " ", "".join(parser.kept))


def tabs(page: str) -> list[str]:
    """The titles of a page's tabs."""
    return [_text(one) for one in re.findall(r'md-tabs__link"?>(.*?)</a>', page, re.DOTALL)]


def entries(page: str) -> list[str]:
    """The entries of our section in the navigation of one of our pages."""
    found = re.findall(r'class="?md-nav__link[^>]*>(.*?)</(?:a|label)>', page, re.DOTALL)
    shown = list(map(_text, found))
    return shown[shown.index("All incidents") :][:6]


def _text(html: str) -> str:
    return " ".join(re.sub("<.*?>", "", html, flags=re.DOTALL).split())
