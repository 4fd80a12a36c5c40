"""The guide: how to run an incident and its postmortem. Its pages are `templates/guide/*.md`.

`{{ severities }}` in a page becomes the table of severity levels, and `{{ queries snowflake }}` the
queries for that warehouse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from incident.postmortem import severity
from incident.postmortem.markdown.rendering import slug
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki
from incident.repository import queries, resources
from incident.repository.queries import Queries
from incident.text import markdown_table

FOLDER = "templates/guide"
_QUERIES = re.compile(rf"{{{{ queries ({'|'.join(queries.WAREHOUSES)}) }}}}")


def build(wiki: Wiki) -> Iterator[Page | File]:
    """Every page of the guide; a repository's own page of the same name takes precedence."""
    yield from wiki.remember(("guide",), partial(pages, wiki.root, wiki.scale))


def pages(root: Path | None, scale: Mapping[str, str]) -> Iterator[Page]:
    """Every page as Markdown. `scale`: P0 to P3 in the team's own scale."""
    return (page(name, root, scale) for name in names(root))


def names(root: Path | None) -> list[str]:
    """The names of all pages: `backfill.md`."""
    folders = [resources.root() / FOLDER, *([root / FOLDER] if root else [])]
    return sorted({path.name for folder in folders for path in folder.glob("*.md")})


def page(name: str, root: Path | None, scale: Mapping[str, str]) -> Page:
    """One page as Markdown. Raises UsageError if its file is outside the repository."""
    text = _rendering.find(FOLDER, name, root).read_text(encoding="utf-8")
    text = text.replace("{{ severities }}", _severities(scale))
    text = _QUERIES.sub(lambda match: _queries(match[1], Queries(root)), text)
    title = text.partition("\n")[0].removeprefix("# ").strip()
    return Page(f"guide/{name}", title, markdown=text)


def _severities(scale: Mapping[str, str]) -> str:
    """The severity levels that `incident new` uses."""
    rows = [
        (f"**{scale[name]}**", m.title, m.response, m.told, m.by)
        for name, m in severity.MEANINGS.items()
    ]
    return markdown_table.table(("", "Meaning", "Response", "Notify", "By when"), rows)


def _queries(warehouse: str, known: Queries) -> str:
    """Every query for a warehouse, after links to them: its question, and the SQL to copy."""
    filled = [known.fill(name, warehouse, queries.EXAMPLE) for name in known.names]
    links = " · ".join(f"[{q.title}](#{slug(q.title, '-')})" for q in filled)
    shown = (f"## {q.title}\n\n{q.note}\n\n```sql\n{q.sql}\n```" for q in filled)
    return "\n\n".join([links, *shown])
