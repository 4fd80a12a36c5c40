"""What an incident was called in another system: `INC-1234`, `PM-17`, `0042`."""

from __future__ import annotations

from incident.text import markdown_names
from incident.text.lazy_regex import lazy

_IN_NAME = lazy(
    r"(?P<number>(?:[A-Za-z]{2,12}[-_ ]?)?(?!(?:19|20)\d\d[-_ .]?\d\d)\d{1,7})(?![^\W_])"
)
_IN_TITLE = lazy(r"\W{0,3}(?P<number>[A-Z]{2,12}[-_ ]?\d{1,7}|#\d{1,7})(?![\w-])")


def find(name: str, title: str) -> str:
    """The number at the beginning of a file's name, else of its title; "" without one."""
    stem = markdown_names.stem(name.replace("\\", "/").rpartition("/")[2])
    found = _IN_NAME().match(stem) or _IN_TITLE().match(title)
    return found["number"] if found else ""
