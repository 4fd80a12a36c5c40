"""A site for Hugo: content, static files, a configuration and one plain layout."""

from __future__ import annotations

import json

from incident.postmortem.wiki_urls import Layout
from incident.render.contents import Contents
from incident.render.formats.markdown import markdown
from incident.reports import MAIN_PAGES
from incident.site import static_files

LAYOUT = Layout()
_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ .Title }} - {{ .Site.Title }}</title>
%s</head>
<body class="md-typeset"><nav aria-label="Main"><ul>
{{ range .Site.Menus.main }}<li><a href="{{ .URL }}">{{ .Name }}</a></li>
{{ end }}</ul></nav>
<main>{{ .Content }}</main></body></html>
"""


def files(contents: Contents) -> dict[str, bytes]:
    """Every file by its path."""
    found = {f"static/{path}": content for path, content in contents.files.items()}
    for page in contents.pages:
        folder, slash, name = page.path.rpartition("/")
        # an index.md would make its folder one page
        name = "_index.md" if name == "index.md" else name
        text = markdown(page).encode(errors="xmlcharrefreplace")
        found[f"content/{folder}{slash}{name}"] = text
    styles = "".join(
        f'<link rel="stylesheet" href="{{{{ "{path}" | relURL }}}}">\n'
        for path in (static_files.LOOK, static_files.STYLE)
    )
    script = f'<script type="module" src="{{{{ "{static_files.SCRIPT}" | relURL }}}}"></script>\n'
    layout = (_PAGE % (styles + script)).encode()
    for name in ("index", "_default/single", "_default/list"):
        found[f"layouts/{name}.html"] = layout
    found["hugo.toml"] = configuration(contents).encode()
    return found


def configuration(contents: Contents) -> str:
    """A hugo.toml that passes HTML on, and keeps addresses as they are."""
    known = {page.path for page in contents.pages}
    lines = [
        f"title = {_quoted(contents.wiki.name)}",
        f"baseURL = {_quoted(contents.wiki.site_url or '/')}",
        "disablePathToLower = true",
        'disableKinds = ["taxonomy", "term", "RSS"]',
        "[markup.goldmark.renderer]",
        "unsafe = true # the pages are sanitized",
    ]
    for weight, (path, title) in enumerate(MAIN_PAGES.items(), 1):
        if path in known:
            lines += ["[[menus.main]]", f"name = {_quoted(title)}", f"weight = {weight}"]
            lines.append(f"pageRef = {_quoted('/' + LAYOUT.url(path).rstrip('/'))}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
