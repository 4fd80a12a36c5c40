"""The addresses of the repository's files at its host, from `repo_url` and `edit_uri`."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from incident.git import subfolder

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

_VIEWS = ("gitlab", "-/blob"), ("bitbucket", "src"), ("gitea", "src"), ("codeberg", "src")
# edit/main/docs/, -/edit/main/docs/, _edit/main/docs/
_EDIT = re.compile(r"/?(?P<dash>-/)?(?:edit|blob|tree|_edit|src/branch|src)/(?P<place>.+?)/*")
_DERIVED = ("edit/master/docs/", "src/default/docs/")  # by MkDocs, whatever the branch is


@dataclass(frozen=True)
class RepositoryUrls:
    """`base`: up to the path of a file; "" if nothing is known.

    `folder`: where the root is in git's repository, "" for its top.
    """

    base: str = ""
    folder: str = ""

    def url(self, path: str, rest: str = "") -> str:
        """The address of a file or a folder; `rest`: a query or an anchor. "" if it has none."""
        if not self.base:
            return ""
        below = "/".join(part for part in (self.folder, path) if part not in {"", "."})
        return f"{self.base}{quote(below)}{rest}"


def of_site(config: MkDocsConfig, root: Path, edition: str) -> RepositoryUrls:
    """The addresses for one edition of the wiki; the public one names no internal file."""
    if edition == "public":
        return RepositoryUrls()
    edit_uri = config.edit_uri if config.edit_uri not in _DERIVED else ""
    return of_values(config.repo_url or "", edit_uri or "", Path(config.docs_dir), root)


def of_values(repo_url: str, edit_uri: str, documents: Path, root: Path) -> RepositoryUrls:
    """The addresses for values as in mkdocs.yml; `documents`: the folder `docs_dir`."""
    if not repo_url:
        return RepositoryUrls()
    folder = subfolder.prefix(root) or ""
    docs = posixpath.join(folder, Path(os.path.relpath(documents, root)).as_posix())
    return RepositoryUrls(base(repo_url, edit_uri, docs), folder)


def base(repo_url: str, edit_uri: str = "", docs: str = "") -> str:
    """The address of the repository's files, on the branch of `edit_uri`, else on the default one.

    At hosts like GitHub, GitLab, Gitea, Bitbucket and Azure; "" for an address without http.
    `docs`: the folder that `edit_uri` ends with.
    """
    if not repo_url.startswith(("https://", "http://")):
        return ""
    repo_url = repo_url.rstrip("/")
    host = urlsplit(repo_url).netloc.lower()
    if host.endswith(("dev.azure.com", "visualstudio.com")):
        return f"{repo_url}?path=/"
    found = _EDIT.fullmatch(edit_uri)
    view = next((view for name, view in _VIEWS if name in host), "blob")
    if found is None:
        return f"{repo_url}/{view}/HEAD/"  # each of them takes it for the default branch
    place = found["place"]
    if place.endswith(f"/{docs}"):
        branch = place.removesuffix(f"/{docs}")  # which may have a slash
    else:
        branch = place.partition("/")[0]
    view = "-/blob" if found["dash"] else view
    if "_edit/" in edit_uri or "src/branch/" in edit_uri:
        view = "src/branch"
    return f"{repo_url}/{view}/{branch}/"
