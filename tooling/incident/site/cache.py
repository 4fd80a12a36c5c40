"""Finished pages from the build before: a page is taken again when all that went into it is equal.

The key of a page is a hash of its own input and of everything that all pages share: code,
templates, configuration, versions. What a page shows of other pages is part of its own input.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from incident import archive, assets
from incident.config import Config
from incident.document import Document
from incident.matter import Frontmatter

FOLDER = ".cache/incident"
PACKAGES = (
    *("mkdocs", "mkdocs-material", "Markdown", "pymdown-extensions", "Pygments", "nh3", "Jinja2"),
)
RESOLVED = (
    *("site_name", "site_url", "site_description", "site_author", "copyright", "nav", "extra"),
    *("repo_url", "repo_name", "edit_uri", "edit_uri_template", "use_directory_urls", "extra_css"),
    *("extra_javascript", "markdown_extensions", "mdx_configs", "remote_branch"),
)
PLUGINS = frozenset({"incident", "material/search", "search"})
READY = "incident-ready.html"
_SEPARATOR = b"\0"
_INHERIT = re.compile(r"^INHERIT:(.*)$", re.MULTILINE)


class Ready(NamedTuple):
    """A finished page, and the anchors that others may link to."""

    html: str
    anchors: tuple[str, ...]


class ReadyPage(Page):
    """A page that needs no conversion: its HTML is known, or another function makes it."""

    found: Ready | None = None

    def read_source(self, config: MkDocsConfig) -> None:
        """Read nothing."""
        self.markdown = ""
        self.meta = {"template": READY} if self.found else {}

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Convert nothing."""
        self.content = ""
        self.present_anchor_ids = set(self.found.anchors if self.found else ())
        self.links_to_anchors = {}


def ready_page(file: File, config: MkDocsConfig, found: Ready | None) -> None:
    """Make the page of a file one that needs no conversion."""
    ReadyPage(None, file, config).found = found


def alone(page: Page) -> bool:
    """Whether MkDocs has nothing to warn of when other pages change: no anchor leads out or astray.

    It looks at anchors when all pages are built, so a finished page could not be warned of.
    """
    for target, anchors in (page.links_to_anchors or {}).items():
        if target.src_uri != page.file.src_uri:
            return False
        if not set(anchors) <= (page.present_anchor_ids or set()):
            return False
    return True


class Store:
    """The pages of the last build in one file; what is not asked for again is forgotten."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        self.used: set[str] = set()
        self.database = sqlite3.connect(folder / "pages.sqlite", timeout=5)
        self.database.execute("create table if not exists page (key text primary key, body blob)")
        self.database.execute("create table if not exists doc (key text primary key, body text)")
        self.parsed = dict(self.database.execute("select key, body from doc"))
        self.kept: dict[str, str] = {}
        self.known = {key for (key,) in self.database.execute("select key from page")}

    def get(self, key: str) -> Ready | None:
        """A finished page, or None."""
        if key not in self.known:
            return None
        row = self.database.execute("select body from page where key = ?", (key,)).fetchone()
        try:
            html, *anchors = json.loads(zlib.decompress(row[0]))
        except (TypeError, ValueError, zlib.error):
            return None
        self.used.add(key)
        return Ready(html, tuple(anchors))

    def put(self, key: str, ready: Ready) -> None:
        """Keep a page for the next build."""
        body = zlib.compress(json.dumps([ready.html, *sorted(ready.anchors)]).encode(), 1)
        self.database.execute("insert or replace into page values (?, ?)", (key, body))
        self.used.add(key)

    def documents(self, code: str) -> Callable[[Path, Config], Document]:
        """What reads a document, as `archive.read` does, and knows those of the last build."""

        def read(path: Path, config: Config) -> Document:
            try:
                raw = b"" if path.is_symlink() else path.read_bytes()
            except OSError:
                raw = b""
            if not raw:
                return slim(path, config)
            shown = config.relative(path)
            key_ = key(code, raw, sorted(config.severity_aliases.items()))
            if body := self.parsed.get(key_):
                self.kept[key_] = body
                data, at = json.loads(body)
                return Document(shown, raw.decode("utf-8"), Frontmatter(data=data, body=at))
            found = slim(path, config)
            if not found.faults:
                body = json.dumps([found.data, found.meta.body])
                if json.loads(body)[0] == found.data:
                    self.kept[key_] = body
            return found

        return read

    def close(self) -> None:
        """Forget what this build did not use, and write."""
        gone = [(key,) for key in self.known - self.used]
        self.database.executemany("delete from page where key = ?", gone)
        gone = [(key,) for key in self.parsed.keys() - self.kept.keys()]
        self.database.executemany("delete from doc where key = ?", gone)
        new = [(key, self.kept[key]) for key in self.kept.keys() - self.parsed.keys()]
        self.database.executemany("insert into doc values (?, ?)", new)
        self.database.commit()
        self.database.close()


def slim(path: Path, config: Config) -> Document:
    """A document without the places of its values: pages need none, and they take most room."""
    found = archive.read(path, config)
    if found.faults:
        return found
    return Document(found.path, found.text, Frontmatter(data=found.data, body=found.meta.body))


def opened(folder: Path) -> Store | None:
    """The store, or None where it cannot be used: another build has it, or nobody may write."""
    try:
        return Store(folder)
    except (OSError, sqlite3.Error):
        return None


def usable(config: MkDocsConfig) -> bool:
    """Whether nothing but this plugin and the theme makes pages.

    Other plugins, hooks and included files are inputs that no key would know of, and without an
    explicit navigation with titles every page would depend on every other.
    """
    extensions = set(config.markdown_extensions)
    return (
        set(config.plugins) <= PLUGINS
        and not config.hooks
        and not any("snippets" in name or "include" in name for name in extensions)
        and _titled(config.nav)
    )


def _titled(nav: object) -> bool:
    if isinstance(nav, list):
        return all(isinstance(item, dict) and all(map(_titled, item.values())) for item in nav)
    return isinstance(nav, str)


def shared(config: MkDocsConfig, settings: Config) -> str:
    """A hash of what all pages share."""
    found = hashlib.sha256()
    resolved = {name: config[name] for name in RESOLVED}
    resolved["theme"] = {name: config.theme[name] for name in config.theme}
    own = {**vars(settings), "root": ""}
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    for value in (resolved, own, versions):
        found.update(json.dumps(value, default=_name, sort_keys=True).encode() + _SEPARATOR)
    for name, file in (*_files(config), *_sources(config, settings.root)):
        found.update(name.encode() + _SEPARATOR + file.read_bytes() + _SEPARATOR)
    return found.hexdigest()


def _name(value: object) -> str:
    """What stands for a value that is no text: a function's name, not where it is in memory."""
    if isinstance(value, (ExtraScriptValue, Path)):
        return str(value)
    return str(getattr(value, "__qualname__", type(value).__qualname__))


def _files(config: MkDocsConfig) -> Iterable[tuple[str, Path]]:
    """The configuration's file, and those it inherits from, with their names."""
    at = Path(config.config_file_path) if config.config_file_path else None
    while at and at.is_file():
        yield at.name, at
        parent = _INHERIT.search(at.read_text(encoding="utf-8", errors="replace"))
        at = at.parent / parent[1].strip("\"' \t") if parent else None


def _sources(config: MkDocsConfig, root: Path) -> Iterable[tuple[str, Path]]:
    """The package's code, and every template that may win over the theme's."""
    package = Path(__file__).resolve().parents[1]
    folders = [package, assets.root() / "templates", root / "templates", root / "schemas"]
    if config.theme.custom_dir:
        folders.append(Path(config.theme.custom_dir))
    for folder in dict.fromkeys(folders):
        if folder.is_dir():
            for file in sorted(folder.rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    yield file.relative_to(folder).as_posix(), file


def code() -> str:
    """A hash of the package's code."""
    package = Path(__file__).resolve().parents[1]
    found = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        found.update(file.read_bytes() + _SEPARATOR)
    return found.hexdigest()


def key(*parts: object) -> str:
    """A hash of a page's inputs: texts, numbers and tuples of them."""
    return hashlib.sha256(_SEPARATOR.join(repr(part).encode() for part in parts)).hexdigest()
