"""A computed page of the wiki is one module here: TITLE, PATH and `build(archive, today) -> HTML`.

Plain functions from the archive to text: no clock, no MkDocs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from incident import plugins
from incident.archive import Archive


def build_all(archive: Archive, today: date) -> Iterator[tuple[str, str, str]]:
    """Path ("incidents/index.md"), title and HTML of every computed page."""
    for module in plugins.load_all(__name__):
        yield module.PATH, module.TITLE, module.build(archive, today)
