"""What a postmortem's text may put on a page: everything that reads, nothing that runs."""

from __future__ import annotations

import re

import nh3

_TAGS = nh3.ALLOWED_TAGS | {
    "details",
    "summary",
    "input",
    "label",
    "section",
    "figure",
    "figcaption",
    "mark",
}
_ANY = {"class", "id", "title"}
_ATTRIBUTES = {
    **nh3.ALLOWED_ATTRIBUTES,
    "*": _ANY,
    "a": {"href", "hreflang"} | _ANY,
    "input": {"type", "checked", "disabled", "aria-label"},
    "label": {"for"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "details": {"open"},
}
_THEMES = re.compile(r"mermaid$|md-(?!button)|head-|drawn-")
_CODE = ("__code", "__span")  # lines of highlighted code
# pictures only from the site itself or over https; no data: and no javascript: anywhere
_SCHEMES = {"http", "https", "mailto"}


def clean(text: str) -> str:
    """`text` without scripts, handlers, frames, styles and addresses that run something."""
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        attribute_filter=_attribute,
        # a box of a task list, named for those who hear it
        set_tag_attribute_values={"input": {"aria-label": "task"}},
        strip_comments=True,
    )


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    """Of form fields only the boxes of a task list stay; of pictures, none from other hosts.

    Names that begin with two underscores are the theme's: its switches are found by them. So are
    the classes of its parts, and `mermaid`, for which it asks another host for a script.
    """
    if attribute == "id" and value.startswith("__") and not value.startswith(_CODE):
        return None
    if tag == "input" and attribute == "type":
        return "checkbox"
    if tag == "img" and attribute == "src" and "//" in value:
        return None
    if attribute == "class":
        return " ".join(one for one in value.split() if not _THEMES.match(one)) or None
    return value
