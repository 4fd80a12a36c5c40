"""A Markdown extension that lets a page's links lead where its publisher has their targets.

It sees what Python-Markdown made a link, and the attributes of HTML that the author wrote.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import NamedTuple
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

from incident.postmortem.markdown import links
from incident.postmortem.markdown.links import Link
from incident.text.lazy_regex import lazy

_KEYS = {"a": "href", "img": "src"}
_ALT = lazy(r"\salt\s{0,5}=\s{0,5}(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_WAITING = "incident:"  # an address that no other extension touches


class Lead(NamedTuple):
    """Where a link leads from now on: an address, or "" if the page has only its text.

    `is_shown`: for a picture, whether the page can show it; otherwise it becomes a link.
    `is_path`: the address is the path of a source file, which the site generator resolves.
    """

    url: str
    is_shown: bool = True
    is_path: bool = False


# gets a link's target and whether it must be an address, not a path; None: it stays as it is
Leads = Callable[[Link, bool], Lead | None]


class LinkRewriting(Extension):
    """Asks `leads` for each link and picture; it returns None for what needs no change."""

    def __init__(self, leads: Callable[[], Leads | None]) -> None:
        super().__init__()
        self.leads = leads

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Run after escapes are resolved, and around MkDocs' own search for targets."""
        first = _Rewriting(md, self.leads)
        md.treeprocessors.register(first, "incident_links", 0)
        md.treeprocessors.register(_Waiting(md, first), "incident_links_done", -10)


class _Rewriting(Treeprocessor):
    def __init__(self, md: Markdown, leads: Callable[[], Leads | None]) -> None:
        super().__init__(md)
        self.leads = leads
        self.waiting: list[tuple[Element, str, str]] = []

    def run(self, root: Element) -> None:
        """Rewrite the links of one page."""
        self.waiting = []
        leads = self.leads()
        if leads is None:
            return
        for element in root.iter():
            key = _KEYS.get(element.tag, "")
            target = element.get(key) if key else None
            if target is None:
                continue
            lead = leads(Link(html.unescape(target), 0, 0), False)
            if lead is not None:
                self._set(element, key, lead)
        stash = self.md.htmlStash.rawHtmlBlocks
        for number, raw in enumerate(stash):
            if isinstance(raw, str) and "<" in raw:
                stash[number] = rewritten(raw, leads)

    def _set(self, element: Element, key: str, lead: Lead) -> None:
        """Put the new address into an element."""
        if lead.is_path:
            element.set(key, lead.url)
            return
        if key == "src" and not (lead.url and lead.is_shown):
            element.text = element.get("alt") or lead.url
            element.attrib.pop("alt", None)
        if lead.url and (key == "href" or not lead.is_shown):
            element.tag, key = "a", "href"
        elif not lead.url:
            element.tag = "span"
        element.attrib.pop("src", None)
        element.attrib.pop("href", None)
        if lead.url:
            element.set(key, _WAITING)
            self.waiting.append((element, key, lead.url))


class _Waiting(Treeprocessor):
    def __init__(self, md: Markdown, first: _Rewriting) -> None:
        super().__init__(md)
        self.first = first

    def run(self, root: Element) -> None:
        """Set the addresses that MkDocs has nothing to say about."""
        for element, key, url in self.first.waiting:
            element.set(key, url)


def rewritten(raw: str, leads: Leads) -> str:
    """HTML as an author wrote it, with the links of its elements rewritten."""
    return links.ELEMENT().sub(lambda match: _element(match[0], leads), raw)


def _element(text: str, leads: Leads) -> str:
    """The beginning of an element, or all of a picture."""
    parts, done = [], 0
    for name, link in links.in_elements(text):
        lead = leads(link, True) if name in _KEYS.values() else None
        if lead is None:
            continue
        if name == "src" and not (lead.url and lead.is_shown):
            alt = _ALT().search(text)
            shown = (alt[1] or alt[2] or "") if alt else html.escape(lead.url)
            return f'<a href="{html.escape(lead.url)}">{shown}</a>' if lead.url else shown
        # the sanitizer removes an address with an unknown scheme
        parts += [text[done : link.start], html.escape(lead.url or _WAITING)]
        done = link.end
    return "".join([*parts, text[done:]])
