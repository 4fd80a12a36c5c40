"""Markdown files with a minimal mkdocs.yml: for Zensical, MkDocs, TechDocs and their like.

Each page is one element of sanitized HTML, which Markdown passes on as it is. No engine finds
anything in it to run: not Markdown, not a macro, not a shortcode.
"""

from __future__ import annotations

import json
import re

import yaml

from incident.postmortem.wiki_urls import Layout
from incident.render.contents import Contents, Rendered
from incident.reports import MAIN_PAGES
from incident.site import static_files

LAYOUT = Layout()
DOCUMENTS = "docs"
_KEPT = re.compile(r"(<(pre|textarea)\b.*?</\2>)", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_LOOKALIKES = str.maketrans(
    {"<": "\u2039", ">": "\u203a", '"': "\u201d", "'": "\u2019", "`": "\u2019"}
)
# Jinja, Hugo, Liquid
_MACROS = {"{{": "{&#123;", "{%": "{&#37;", "{#": "{&#35;"}


def files(contents: Contents) -> dict[str, bytes]:
    """Every file by its path."""
    found = {f"{DOCUMENTS}/{path}": content for path, content in contents.files.items()}
    for page in contents.pages:
        found[f"{DOCUMENTS}/{page.path}"] = markdown(page).encode(errors="xmlcharrefreplace")
    found["mkdocs.yml"] = configuration(contents).encode()
    return found


def markdown(page: Rendered) -> str:
    """A page as Markdown."""
    title = json.dumps(plain(page.title), ensure_ascii=False)
    return f"---\ntitle: {title}\nhide: [toc]\n---\n\n<div>{block(page.html)}</div>\n"


def plain(title: str) -> str:
    """A title that means nothing but itself, also in a theme that doesn't escape it."""
    text = _ENTITY.sub("\uff06", title.translate(_LOOKALIKES))
    for written in _MACROS:
        text = text.replace(written, f"{written[0]} {written[1]}")
    return text


def block(html: str) -> str:
    """HTML without empty lines, at which a block ends, and without the beginnings of macros."""
    parts = [
        _BREAK.sub("\n", part) if n % 3 == 0 else part.replace("\n", "&#10;")
        for n, part in enumerate(_KEPT.split(html))
        if n % 3 != 2
    ]
    text = "".join(parts)
    for written, escaped in _MACROS.items():
        text = text.replace(written, escaped)
    return text


def configuration(contents: Contents) -> str:
    """A mkdocs.yml that needs no plugin of ours: there is nothing left to sanitize."""
    known = {page.path for page in contents.pages}
    values = {
        "site_name": contents.wiki.name,
        **({"site_url": contents.wiki.site_url} if contents.wiki.site_url else {}),
        "docs_dir": DOCUMENTS,
        "theme": {"name": "material", "font": False},
        "plugins": ["search"],
        "nav": [{title: path} for path, title in MAIN_PAGES.items() if path in known],
        "not_in_nav": "*",
        "extra_css": [static_files.LOOK, static_files.STYLE],
        "extra_javascript": [{"path": static_files.SCRIPT, "type": "module"}],
    }
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
