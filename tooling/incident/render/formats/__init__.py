"""Forms of output: one module each. `LAYOUT` is what its links need, `files` gives its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from incident import discovery
from incident.postmortem.wiki_urls import Layout

if TYPE_CHECKING:  # the names of the formats are asked for without nh3
    from incident.render.contents import Contents


class Form(NamedTuple):
    """How pages are written."""

    layout: Layout
    files: Callable[[Contents], dict[str, bytes]]


def names() -> tuple[str, ...]:
    """The names of all formats."""
    return tuple(discovery.names(__name__))


def get(name: str) -> Form:
    """A format by its name."""
    module = discovery.load(__name__, name)
    return Form(module.LAYOUT, module.files)
