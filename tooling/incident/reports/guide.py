"""The guide: how to run an incident and its postmortem. Its pages are `templates/guide/*.md`."""

from __future__ import annotations

from collections.abc import Iterator

from incident.postmortem import severity
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki
from incident.repository import resources
from incident.text import markdown_table

FOLDER = "templates/guide"


def build(wiki: Wiki) -> Iterator[Page | File]:
    """Every page of the guide; a repository's own page of the same name takes precedence."""
    folders = [resources.root() / FOLDER, *([wiki.root / FOLDER] if wiki.root else [])]
    names = {path.name for folder in folders if folder.is_dir() for path in folder.glob("*.md")}
    for name in sorted(names):
        text = _rendering.find(FOLDER, name, wiki.root).read_text(encoding="utf-8")
        text = text.replace("{{ severities }}", _severities(wiki))
        title = text.partition("\n")[0].removeprefix("# ").strip()
        yield Page(f"guide/{name}", title, markdown=text)


def _severities(wiki: Wiki) -> str:
    """The severity levels that `incident new` uses."""
    rows = [
        (f"**{wiki.scale[name]}**", m.title, m.response, m.told, m.by)
        for name, m in severity.MEANINGS.items()
    ]
    return markdown_table.table(("", "Meaning", "Response", "Notify", "By when"), rows)
