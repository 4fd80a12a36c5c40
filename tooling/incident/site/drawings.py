"""SVG without active content: parsed, and rebuilt from elements that only draw."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

LIMIT = 5_000_000  # bytes
_SVG = "http://www.w3.org/2000/svg"
_LINK = "{http://www.w3.org/1999/xlink}href"
_ELEMENTS = frozenset(
    {
        *("svg", "g", "defs", "symbol", "use", "title", "desc", "text", "tspan", "textPath"),
        *("path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "style"),
        *("clipPath", "mask", "marker", "pattern", "linearGradient", "radialGradient", "stop"),
    }
)
_ATTRIBUTE = re.compile(r"(?!on)[a-z][a-z0-9-]*", re.I)
# references outside the drawing: URLs, imports, and escapes that could hide them
_REACHES = re.compile(
    r"""[\\@<]|url\(\s*['"]?(?!#)|(?:image|image-set|src|cross-fade)\s*\(|//"""
    r"|expression|-moz-binding|script:|data:",
    re.IGNORECASE,
)


class DrawingError(ValueError):
    """The drawing cannot be sanitized; the message says why."""


def clean(raw: bytes) -> str:
    """The drawing reduced to shapes, text and styles. Raises DrawingError."""
    try:
        if len(raw) > LIMIT:
            raise DrawingError(f"larger than {LIMIT / 1e6:.0f} MB")
        text = raw.decode("utf-8-sig")
        if "<!ENTITY" in text:
            raise DrawingError("declares entities")
        root = fromstring(text)  # noqa: S314 - no entities to expand
        if _name(root) != "svg":
            raise DrawingError("not an SVG drawing")
        made = _rebuilt(root)
        made.set("xmlns", _SVG)
        return tostring(made, encoding="unicode")
    except UnicodeDecodeError as error:
        raise DrawingError("not UTF-8") from error
    except (ParseError, ValueError, RecursionError) as error:
        raise DrawingError(str(error) or "nested too deeply") from error


def _name(element: Element) -> str:
    """The name of an SVG element, or ""; comments and processing instructions have none."""
    tag: object = element.tag
    if not isinstance(tag, str):
        return ""
    space, _, name = tag.rpartition("}")
    return name if space in {"", f"{{{_SVG}"} else ""


def _rebuilt(element: Element) -> Element:
    name = _name(element)
    made = Element(name)
    for key, value in element.items():
        if key in {"href", _LINK}:
            if value.startswith("#"):
                made.set("href", value)
        elif _ATTRIBUTE.fullmatch(key) and key != "xmlns" and not _REACHES.search(value):
            made.set(key, value)
    made.tail = element.tail
    if name == "style":
        made.text = "" if len(element) or _REACHES.search(element.text or "") else element.text
        return made
    made.text = element.text
    for child in element:
        if _name(child) in _ELEMENTS:
            made.append(_rebuilt(child))
    return made
