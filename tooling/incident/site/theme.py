"""What a wiki of its own changes in the theme."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig

from incident.site.static_files import LOOK, SCRIPT, STYLE

THEME = "templates/theme"


def prepare(config: MkDocsConfig, root: Path) -> None:
    """Prepare the theme of a wiki of its own; a handbook keeps its theme."""
    own = root / THEME
    if own.is_dir() and str(own) not in config.theme.dirs:
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(own))
    # one scope for all pages, so that the theme's inline script and its hash are the same on each
    config.extra.setdefault("scope", urlsplit(config.site_url or "").path or "/")
    config.extra_css[:0] = [LOOK, STYLE]
    script = ExtraScriptValue(SCRIPT)
    script.type = "module"
    config.extra_javascript.insert(0, script)
