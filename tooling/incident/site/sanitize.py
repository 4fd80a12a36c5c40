"""Sanitized HTML for a postmortem's text: everything readable, nothing executable."""

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
    "a": {"href", "hreflang", "name"} | _ANY,
    "input": {"type", "checked", "disabled", "aria-label"},
    "label": {"for"},
    "time": {"datetime"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "details": {"open"},
}
_THEMES = re.compile(r"mermaid$|md-(?!button)|head-|drawn-")
_CODE = ("__code", "__span")  # lines of highlighted code
# images only from the site itself or over https; never data: or javascript:
_SCHEMES = {"http", "https", "mailto"}


def clean(text: str) -> str:
    """`text` without scripts, event handlers, frames, styles and executable URLs."""
    return nh3.clean(
        text,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        attribute_filter=_attribute,
        # a task list checkbox, labeled for screen readers
        set_tag_attribute_values={"input": {"aria-label": "task"}},
        strip_comments=True,
    )


def _attribute(tag: str, attribute: str, value: str) -> str | None:
    """Keeps no form fields except task list checkboxes, and no images from other hosts.

    Names that start with two underscores belong to the theme, which finds its toggles by them. So
    do the classes of its components, and `mermaid`: for it, it loads a script from another host.
    """
    if attribute in {"id", "name"} and value.startswith("__") and not value.startswith(_CODE):
        return None
    if tag == "input" and attribute == "type":
        return "checkbox"
    if tag == "img" and attribute == "src" and "//" in value:
        return None
    if attribute == "class":
        return " ".join(one for one in value.split() if not _THEMES.match(one)) or None
    return value
