"""The name and the addresses of the wiki, as mkdocs.yml has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from incident.repository.config import Config
from incident.site import repository_urls
from incident.site.repository_urls import RepositoryUrls
from incident.text.values import mapping

NAMES = ("mkdocs.yml", "mkdocs.yaml")


@dataclass(frozen=True)
class SiteValues:
    """`url`: with a slash at the end, or "". `files`: addresses of the repository's files."""

    name: str = "Incident archive"
    url: str = ""
    files: RepositoryUrls = field(default_factory=RepositoryUrls)


class _Loader(yaml.SafeLoader):
    """Reads values and ignores tags such as !ENV, which only an engine understands."""


_Loader.add_multi_constructor("", lambda loader, tag, node: None)


def read(settings: Config) -> SiteValues:
    """The values for a repository; without mkdocs.yml, or with one that is not YAML, the usual."""
    found: dict[str, Any] = {}
    for path in (settings.root / name for name in NAMES):
        try:
            found = mapping(yaml.load(path.read_text(encoding="utf-8"), _Loader))  # noqa: S506
            break
        except (OSError, ValueError, yaml.YAMLError):
            continue
    url = settings.wiki_url or _text(found.get("site_url"))
    files = repository_urls.of_values(
        _text(found.get("repo_url")),
        _text(found.get("edit_uri")),
        settings.root / (_text(found.get("docs_dir")) or "docs"),
        settings.root,
    )
    usual = SiteValues()
    url = f"{url.rstrip('/')}/" if url else ""
    return SiteValues(_text(found.get("site_name")) or usual.name, url, files)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
