"""The MkDocs configuration that a team has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from incident.drafts import loose_yaml

_NAMES = ("properdocs.yml", "properdocs.yaml", "mkdocs.yml", "mkdocs.yaml")
_FOLDERS = ("", "docs/")
_URL = re.compile(r"https?://[^\s\"'<>\\]+")


@dataclass(frozen=True)
class Wiki:
    """An MkDocs configuration. `plugins`: their names, None if it lists none.

    `docs_dir`: where its pages are, from the same folder as `path`. `problem`: why it could not be
    read, then the rest is unknown.
    """

    path: str
    plugins: tuple[str, ...] | None = None
    extensions: tuple[str, ...] = ()
    is_mapping: bool = False
    docs_dir: str = ""
    site_url: str = ""
    problem: str = ""

    @property
    def has_us(self) -> bool:
        """Whether it uses our plugin."""
        return "incident" in (self.plugins or ())


def _is_file(path: Path) -> bool:
    return path.is_file() or path.is_symlink()


def find(folder: Path) -> Wiki | None:
    """The configuration that MkDocs would use here, or one in docs/."""
    places = [f"{below}{name}" for below in _FOLDERS for name in _NAMES]
    path = next((one for one in places if _is_file(folder / one)), "")
    if not path:
        return None
    data, problem = loose_yaml.read(folder / path)
    if not problem and "INHERIT" in data and "plugins" not in data:
        problem = "it inherits its plugins"
    plugins = data.get("plugins")
    url = data.get("site_url")
    return Wiki(
        path,
        None if plugins is None else tuple(_names(plugins)),
        tuple(_names(data.get("markdown_extensions"))),
        isinstance(plugins, dict),
        posixpath.normpath(
            posixpath.join(posixpath.dirname(path), str(data.get("docs_dir", "docs")))
        ),
        url if isinstance(url, str) and _URL.fullmatch(url) else "",
        problem,
    )


def _names(listed: object) -> Iterator[str]:
    """The names in a list of plugins: strings, mappings with one key, or one mapping."""
    for entry in listed if isinstance(listed, (list, dict)) else ():
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            yield from (str(name) for name in entry)
