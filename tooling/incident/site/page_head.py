"""What our pages add to the theme's <head>: the policy, our style and script, the feeds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from markupsafe import escape

# the policy comes before all that it governs; browsers look for the charset in the first 1024 bytes
_START = re.compile(r"<head\b[^>]*>\s*(?:<meta charset=[^>]*>)?", re.IGNORECASE)
_END = re.compile(r"</head\s*>", re.IGNORECASE)
_CONFIGURATION = re.compile(r'(<script id="?__config"?[^>]*>)(.*?)(</script>)', re.DOTALL)
INSTANT = "navigation.instant"
_KEPT = re.compile(r"(<(script|style|pre|textarea)\b.*?</\2>)", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")

_NO_SKIP = re.compile(r'(<div data-md-component="?skip"?>)\s*(</div>)')
_MAIN = re.compile(r"<main (?![^>]*\bid=)")

MISSING = (
    "no Content-Security-Policy, style or script: the theme's pages have no <head> to add them to"
)


def add(page: str, policy: str, added: Iterable[str]) -> str | None:
    """The page with a policy and with elements at the end of its head; None without a head."""
    start, end = _START.search(page), _END.search(page)
    if not start or not end:
        return None
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    between = page[start.end() : end.start()]
    return f"{page[: start.end()]}{meta}{between}{''.join(added)}{page[end.start() :]}"


def feeds(name: str, base: str) -> list[str]:
    """Links for feed readers; `base`: relative address of the wiki's root."""
    kinds = {"atom+xml": "feed.xml", "feed+json": "feed.json"}
    # not `alternate` alone: the theme would take it for the site in another language
    return [
        f'<link rel="alternate feed" type="application/{kind}" title="{escape(name)}" '
        f'href="{base}/{file}">'
        for kind, file in kinds.items()
    ]


def search(url: str) -> str:
    """The link to the search page; the script adds a search box for it."""
    return f'<link rel="search" type="text/html" title="Search" href="{url}">'


def style(url: str) -> str:
    """A link to a style sheet."""
    return f'<link rel="stylesheet" href="{url}">'


def script(url: str) -> str:
    """A module."""
    return f'<script type="module" src="{url}"></script>'


def with_skip_link(page: str) -> str:
    """A page that begins with a link to its content: the theme has none without an outline."""
    if not _NO_SKIP.search(page) or not _MAIN.search(page):
        return page
    link = '<a href="#main" class="md-skip">Skip to content</a>'
    page = _NO_SKIP.sub(rf"\g<1>{link}\g<2>", page, count=1)
    return _MAIN.sub('<main id="main" tabindex="-1" ', page, count=1)


def without_instant(page: str) -> str:
    """A page that the theme leaves by loading the next one.

    With instant loading, our policy would stay in force on the handbook's pages.
    """
    return _CONFIGURATION.sub(_loading, page, count=1)


def _loading(found: re.Match[str]) -> str:
    try:
        values = json.loads(found[2])
        features = [one for one in values["features"] if not one.startswith(INSTANT)]
    except (ValueError, KeyError, TypeError, AttributeError):  # another theme's
        return found[0]
    if features == values["features"]:
        return found[0]
    text = json.dumps({**values, "features": features}).replace("</", r"<\/")
    return f"{found[1]}{text}{found[3]}"


def squeeze(text: str) -> str:
    """HTML without indentation; the contents of `pre` and scripts are kept."""
    # every third part is the name of a kept element; the part before it is the element itself
    return "".join(
        _BREAK.sub("\n", part) if n % 3 == 0 else part
        for n, part in enumerate(_KEPT.split(text))
        if n % 3 != 2
    )
