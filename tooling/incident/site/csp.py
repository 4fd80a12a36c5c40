"""A Content-Security-Policy: the site's own scripts, and the theme's few inline ones by hash.

Hashes are of scripts in the theme's templates, never of whatever a built page contains: a script
injected into a page must not be allowed by it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, TemplateNotFound
from mkdocs.config.defaults import MkDocsConfig

PARTIALS = ("base", "palette", "content", "announce", "outdated")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_FONTS = ("https://fonts.googleapis.com", "https://fonts.gstatic.com")


def policy(scripts: Iterable[str], sources: dict[str, list[str]] | None = None) -> str:
    """The policy for a page's meta element; header files add directives that need a header.

    `scripts`: trusted inline ones. `sources`: more sources by directive.
    """
    more = sources or {}
    hashes = sorted(f"'sha256-{_hash(text)}'" for text in set(scripts))
    directives = {
        "default-src": ["'none'"],
        # Pagefind compiles wasm; the theme and Mermaid set style attributes
        "script-src": ["'self'", "'wasm-unsafe-eval'", *hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    return "; ".join(
        " ".join([name, *values, *more.get(name, ())]) for name, values in directives.items()
    )


def files(found: str) -> dict[str, str]:
    """The policy in each host's format, by path in the site."""
    headers = {
        "Content-Security-Policy": f"{found}; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    return {
        # Netlify, Cloudflare Pages
        "_headers": "/*\n" + "".join(f"  {k}: {v}\n" for k, v in headers.items()),
        ".htaccess": "".join(f'Header always set {k} "{v}"\n' for k, v in headers.items()),
        "csp/nginx.conf": "".join(f'add_header {k} "{v}" always;\n' for k, v in headers.items()),
    }


def inline(env: Environment, config: MkDocsConfig, base_url: str = ".") -> list[str]:
    """The theme's inline scripts on a page, and those in a team's own templates."""
    values: dict[str, Any] = {
        "config": config,
        "base_url": base_url,
        "features": config.theme.get("features") or [],
    }
    found = []
    for name in PARTIALS:
        try:
            template = env.get_template(f"partials/javascripts/{name}.html")
        except TemplateNotFound:
            continue
        found += _SCRIPT.findall(template.render(**values))
    own = Path(config.theme.custom_dir) if config.theme.custom_dir else None
    for file in sorted(own.rglob("*.html")) if own else ():
        found += _SCRIPT.findall(file.read_text(encoding="utf-8", errors="replace"))
    return found


def as_on(page: str, trusted: Iterable[str]) -> list[str]:
    """Trusted scripts as they are on a page: another plugin may have changed their whitespace."""
    known = {"".join(text.split()) for text in trusted}
    return [text for text in _SCRIPT.findall(page) if "".join(text.split()) in known]


def handbook_sources(config: MkDocsConfig) -> dict[str, list[str]]:
    """What a handbook's own configuration loads from other hosts on each of its pages."""
    scripts = [str(one) for one in config.extra_javascript]
    found = {
        "script-src": [url for url in scripts if urlsplit(url).netloc],
        "style-src": [url for url in config.extra_css if urlsplit(url).netloc],
    }
    if config.theme.get("font"):
        found["style-src"].append(_FONTS[0])
        found["font-src"] = [_FONTS[1]]
    if urlsplit(config.repo_url or "").netloc == "github.com":
        found["connect-src"] = ["https://api.github.com"]  # the theme shows stars and releases
    return found


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
