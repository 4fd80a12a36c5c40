"""HTML files that need no engine: upload the folder, or open it from disk."""

from __future__ import annotations

from markupsafe import escape

from incident.postmortem.wiki_urls import Layout
from incident.render.contents import Contents, Rendered
from incident.reports import MAIN_PAGES
from incident.site import static_files

LAYOUT = Layout(directory_urls=False)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'"
)


def files(contents: Contents) -> dict[str, bytes]:
    """Every file by its path."""
    known = {page.path for page in contents.pages}
    main = {path: title for path, title in MAIN_PAGES.items() if path in known}
    found = dict(contents.files)
    for page in contents.pages:
        path = page.path.removesuffix(".md") + ".html"
        text = document(page, contents.wiki.name, main)
        found[path] = text.encode(errors="xmlcharrefreplace")
    return found


def document(page: Rendered, name: str, main: dict[str, str]) -> str:
    """A page as an HTML document. `main`: pages for the navigation, with their titles."""
    base = LAYOUT.base(page.path)
    styles = "".join(
        f'<link rel="stylesheet" href="{base}/{path}">'
        for path in (static_files.LOOK, static_files.STYLE)
    )
    entries = "".join(
        f'<li><a href="{base}/{LAYOUT.url(path)}">{escape(title)}</a></li>'
        for path, title in main.items()
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(page.title)} - {escape(name)}</title>{styles}"
        f'<script type="module" src="{base}/{static_files.SCRIPT}"></script></head>\n'
        f'<body class="md-typeset"><nav aria-label="Main"><ul>{entries}</ul></nav>\n'
        f"<main>{page.html}</main></body></html>\n"
    )
