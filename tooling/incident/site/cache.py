"""Finished pages from the last build: a page is reused when all its inputs are equal.

A page's key is a hash of its own inputs and of everything that all pages share: code, templates,
configuration, versions. Anything a page shows from other pages is one of its own inputs.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig

from incident import archive, git
from incident.archive.files import read_bytes
from incident.errors import IncidentError, UsageError
from incident.postmortem.document import Document
from incident.postmortem.frontmatter import Frontmatter
from incident.reports import File, Page
from incident.repository import resources
from incident.repository.code_stamp import code_stamp
from incident.repository.config import Config
from incident.repository.path_containment import escapes

FOLDER = ".cache/incident"
NAME = "wiki.sqlite"
PACKAGES = (
    *("mkdocs", "mkdocs-material", "Markdown", "pymdown-extensions", "Pygments", "nh3", "Jinja2"),
)
RESOLVED = (
    *("site_name", "site_url", "site_description", "site_author", "copyright", "nav", "extra"),
    *("repo_url", "repo_name", "edit_uri", "edit_uri_template", "use_directory_urls", "extra_css"),
    *("extra_javascript", "markdown_extensions", "mdx_configs", "remote_branch"),
)
_SEPARATOR = b"\0"
_INHERIT = re.compile(r"^INHERIT:(.*)$", re.MULTILINE)


class Store:
    """Output of the last build, in one file; entries that are not used again are dropped.

    `shared`: a hash of the inputs that all pages share.
    """

    def __init__(self, folder: Path, shared: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        self.shared = shared
        self.database = sqlite3.connect(folder / NAME, timeout=5)
        self.database.execute(
            "create table if not exists made"
            " (key text primary key, kind text, head text, body blob)"
        )
        self.known: dict[str, tuple[str, str]] = {
            key: (kind, head)
            for key, kind, head in self.database.execute("select key, kind, head from made")
        }
        self.used: set[str] = set()

    def head(self, key: str) -> str:
        """The stored head, or ""."""
        return self.known.get(key, ("", ""))[1]

    def get(self, key: str) -> str | None:
        """The stored body, or None."""
        if key not in self.known:
            return None
        try:
            asked = "select body from made where key = ?"
            (body,) = self.database.execute(asked, (key,)).fetchone()
            found = zlib.decompress(body).decode()
        except (TypeError, ValueError, zlib.error, sqlite3.Error):
            return None
        self.used.add(key)
        return found

    def put(self, key: str, kind: str, head: str, body: str) -> None:
        """Store an entry for the next build."""
        row = (key, kind, head, zlib.compress(body.encode(errors="xmlcharrefreplace"), 1))
        self.database.execute("insert or replace into made values (?, ?, ?, ?)", row)
        self.used.add(key)

    def remember(
        self, inputs: tuple[object, ...], make: Callable[[], Iterable[Page | File]]
    ) -> Iterable[Page | File]:
        """The result of `make` for these inputs, from the last build if possible."""
        key_ = key(self.shared, inputs)
        if found := self.get(key_):
            kinds = {"Page": Page, "File": File}
            return [kinds[kind](*values) for kind, *values in json.loads(found)]
        made = list(make())
        self.put(key_, "report", "", json.dumps([[type(one).__name__, *one] for one in made]))
        return made

    def read(self, path: Path, config: Config) -> Document:
        """A document as `archive.read` returns it, from the last build if unchanged."""
        raw = read_bytes(path, config)
        if isinstance(raw, str):
            return slim(path, config)
        key_ = key(code_stamp(), raw, sorted(config.severity_aliases.items()))
        if said := self.head(key_):
            self.used.add(key_)
            data, at, label = json.loads(said)
            text = raw.decode("utf-8")
            meta = Frontmatter(data=data, body=at)
            shown = config.relative(path)
            return Document(shown, text, meta, severity_label=label, archive=config.archive)
        found = slim(path, config)
        if not found.faults:
            body = json.dumps([found.data, found.meta.body, found.severity_label])
            if json.loads(body)[0] == found.data:
                self.put(key_, "document", body, "")
        return found

    def abandon(self) -> None:
        """Unlock the file, and discard this build."""
        self.database.close()

    def close(self) -> None:
        """Drop entries that this build did not use, and commit."""
        gone = [(key,) for key in self.known.keys() - self.used]
        self.database.executemany("delete from made where key = ?", gone)
        self.database.commit()
        self.database.close()


def slim(path: Path, config: Config) -> Document:
    """A document without the positions of its values, which are large; pages do not need them."""
    found = archive.read(path, config)
    if found.faults:
        return found
    return replace(found, meta=Frontmatter(data=found.data, body=found.meta.body))


def is_trusted(root: Path) -> bool:
    """Whether the cache is certainly ours; if git cannot tell, it is not used.

    Raises UsageError if git tracks it: then a pull request could have added it.
    """
    parts = Path(FOLDER).parts
    tracked: list[str] = []
    if git.is_inside(root):
        try:
            tracked = git.output(root, "ls-files", "-z", paths=(parts[0],)).paths
        except IncidentError:
            return False
    for path in tracked:
        if path == parts[0] or f"{path}/".startswith(f"{FOLDER}/"):
            raise UsageError(
                f"git tracks {path}, so a pull request could have poisoned the cache",
                f"git rm -r --cached {FOLDER if path.startswith(FOLDER) else path}, then delete it",
            )
    if escapes(root / FOLDER, root / parts[0]) or (root / parts[0]).is_symlink():
        raise UsageError(f"{FOLDER} is a link to another folder", "remove the link")
    return True


def opened(folder: Path, shared: str) -> Store | None:
    """The store, or None if it cannot be used: locked by another build, or read-only."""
    try:
        return Store(folder, shared)
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError:  # damaged: the next build starts over
        (folder / NAME).unlink(missing_ok=True)
    except OSError:
        pass
    return None


def usable(config: MkDocsConfig) -> bool:
    """Whether only this plugin and the theme produce pages.

    Other plugins, hooks and included files are inputs that the keys would miss, and without an
    explicit navigation with titles, every page would depend on every other.
    """
    extensions = set(config.markdown_extensions)
    return (
        set(config.plugins) == {"incident"}
        and not config.hooks
        and not any("snippets" in name or "include" in name for name in extensions)
        and _titled(config.nav)
    )


def _titled(nav: object) -> bool:
    if isinstance(nav, list):
        return all(isinstance(item, dict) and all(map(_titled, item.values())) for item in nav)
    return isinstance(nav, str)


def shared(config: MkDocsConfig, settings: Config) -> str:
    """A hash of the inputs that all pages share."""
    found = hashlib.sha256()
    resolved = {name: config[name] for name in RESOLVED}
    resolved["theme"] = {name: config.theme[name] for name in config.theme}
    own = {**vars(settings), "root": ""}
    versions = [f"{name} {importlib.metadata.version(name)}" for name in PACKAGES]
    for value in (resolved, own, versions, code_stamp()):
        found.update(json.dumps(value, default=_name, sort_keys=True).encode() + _SEPARATOR)
    for name, file in (*_files(config), *_sources(config, settings.root)):
        found.update(name.encode() + _SEPARATOR + file.read_bytes() + _SEPARATOR)
    return found.hexdigest()


def _name(value: object) -> str:
    """The string for a non-string value: a function's name, not its address in memory."""
    if isinstance(value, (ExtraScriptValue, Path)):
        return str(value)
    return str(getattr(value, "__qualname__", type(value).__qualname__))


def _files(config: MkDocsConfig) -> Iterable[tuple[str, Path]]:
    """The configuration file and those it inherits from, with their names."""
    at = Path(config.config_file_path) if config.config_file_path else None
    while at and at.is_file():
        yield at.name, at
        parent = _INHERIT.search(at.read_text(encoding="utf-8", errors="replace"))
        at = at.parent / parent[1].strip("\"' \t") if parent else None


def _sources(config: MkDocsConfig, root: Path) -> Iterable[tuple[str, Path]]:
    """Every template and schema, and overrides of the theme."""
    folders = [resources.root() / "templates", root / "templates", root / "schemas"]
    if config.theme.custom_dir:
        folders.append(Path(config.theme.custom_dir))
    for folder in dict.fromkeys(folders):
        if folder.is_dir():
            for file in sorted(folder.rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    yield file.relative_to(folder).as_posix(), file


def key(*parts: object) -> str:
    """A hash of inputs: strings, numbers and tuples of them."""
    found = hashlib.sha256()
    for part in parts:
        said = part if isinstance(part, str) else repr(part)
        found.update(b"%d:%s" % (isinstance(part, str), said.encode(errors="surrogatepass")))
        found.update(_SEPARATOR)
    return found.hexdigest()
