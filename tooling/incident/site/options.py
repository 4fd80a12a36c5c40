"""The plugin's options in mkdocs.yml."""

from __future__ import annotations

from mkdocs.config.base import Config
from mkdocs.config.config_options import Choice, Optional, Type


class Options(Config):  # type: ignore[no-untyped-call]
    """The plugin's options in mkdocs.yml."""

    mount = Optional(Type(str))
    search = Type(bool, default=True)
    history = Type(bool, default=True)
    cache = Type(bool, default=True)
    edition = Choice(("internal", "public"), default="internal")
