"""A Content-Security-Policy: the site's own scripts, and the theme's few inline ones by hash.

Hashes come from the theme's templates, never from built pages: a script injected into a page must
not be allowed by it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from jinja2 import Environment, TemplateNotFound
from mkdocs.config.defaults import MkDocsConfig

PARTIALS = ("base", "palette", "content", "announce", "outdated")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


MISSING = (
    "no Content-Security-Policy: another main.html replaces this plugin's; add "
    '`<meta http-equiv="Content-Security-Policy" content="{{ incident_policy }}">` to its <head>'
)


def is_in(page: str) -> bool:
    """Whether a page has a policy in its <head>."""
    return 'http-equiv="Content-Security-Policy"' in page.partition("</head>")[0]


def policy(env: Environment, config: MkDocsConfig) -> str:
    """The policy for a page's meta element; header files add directives that need a header."""
    hashes = sorted(f"'sha256-{_hash(text)}'" for text in _inline(env, config))
    # Pagefind compiles wasm; the theme and Mermaid set style attributes
    script = " ".join(["'self'", "'wasm-unsafe-eval'", *hashes])
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {script}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
        ]
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


def _inline(env: Environment, config: MkDocsConfig) -> list[str]:
    """The theme's inline scripts, the same on every page."""
    values: dict[str, Any] = {
        "config": config,
        "base_url": ".",
        "features": config.theme.get("features") or [],
    }
    found = []
    for name in PARTIALS:
        try:
            template = env.get_template(f"partials/javascripts/{name}.html")
        except TemplateNotFound:
            continue
        found += _SCRIPT.findall(template.render(**values))
    return found


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
