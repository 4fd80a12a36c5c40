"""What no page may do: run code, call another host, be hard to read."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlsplit

import pytest

from site_support import FIRST, Built, build, serve, write_repository

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCRIPT = "window.ran = (window.ran || 0) + 1"
PAYLOADS = (
    f"<script>{SCRIPT}</script>",
    f"</title><script>{SCRIPT}</script>",
    f"</script><script>{SCRIPT}</script>",
    f"</style><script>{SCRIPT}</script>",
    f"</textarea><script>{SCRIPT}</script>",
    f"--><script>{SCRIPT}</script>",
    f"]]><script>{SCRIPT}</script>",
    f"<scr<script>ipt>{SCRIPT}</script>",
    f"<SCRIPT/x>{SCRIPT}</SCRIPT>",
    f"<script type=module>{SCRIPT}</script>",
    "<script src=data:text/javascript,window.ran=1></script>",
    "<script src=//example.com/x.js></script>",
    f"<noscript><p title='</noscript><script>{SCRIPT}</script>'></noscript>",
    f"<template><script>{SCRIPT}</script></template>",
    f"<img src=x onerror='{SCRIPT}'>",
    f'"><img src=x onerror="{SCRIPT}">',
    f"'><img src=x onerror='{SCRIPT}'>",
    f"<img src=x onerror={SCRIPT.replace(' ', '')}//",
    f"<img src='x' \n onerror\t=\t'{SCRIPT}'>",
    f"<IMG SRC=x OnErRoR='{SCRIPT}'>",
    f"<img/src=x/onerror='{SCRIPT}'>",
    f"<image src=x onerror='{SCRIPT}'>",
    f"<video src=x onerror='{SCRIPT}'></video>",
    f"<video><source onerror='{SCRIPT}'></video>",
    f"<audio src=x onerror='{SCRIPT}'></audio>",
    f"<picture><img srcset=x onerror='{SCRIPT}'></picture>",
    f"<svg onload='{SCRIPT}'></svg>",
    f"<svg><script>{SCRIPT}</script></svg>",
    f"<svg><animate onbegin='{SCRIPT}' attributeName=x dur=1s></svg>",
    f"<svg><a href='javascript:{SCRIPT}'><text>x</text></a></svg>",
    f"<svg><style><img src=x onerror='{SCRIPT}'></style></svg>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' onload='{SCRIPT}'/>#x\"></svg>",
    f"<svg><foreignObject><img src=x onerror='{SCRIPT}'></foreignObject></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror='{SCRIPT}'></style></table></math>",
    f"<math href='javascript:{SCRIPT}'>x</math>",
    f"<iframe srcdoc='<script>top.{SCRIPT}</script>'></iframe>",
    f"<iframe src='javascript:top.{SCRIPT}'></iframe>",
    "<iframe src='https://example.com/'></iframe>",
    f"<object data='data:text/html,<script>top.{SCRIPT}</script>'></object>",
    "<object data='https://example.com/x'></object>",
    f"<embed src='javascript:{SCRIPT}'>",
    f"<details open ontoggle='{SCRIPT}'><summary>x</summary>x</details>",
    f"<input autofocus onfocus='{SCRIPT}'>",
    f"<input title='><img src=x onerror={SCRIPT.replace(' ', '')}>'>",
    f"<a title='><img src=x onerror={SCRIPT.replace(' ', '')}>'>x</a>",
    f"<select autofocus onfocus='{SCRIPT}'></select>",
    f"<textarea autofocus onfocus='{SCRIPT}'></textarea>",
    f"<a id=x tabindex=1 autofocus onfocus='{SCRIPT}'>x</a>",
    f"<body onload='{SCRIPT}'>",
    f"<body onpageshow='{SCRIPT}'>",
    f"<marquee onstart='{SCRIPT}'>x</marquee>",
    f"<p style='animation: x 1s' onanimationstart='{SCRIPT}'>x</p>",
    f"<style>@keyframes x {{}}</style><b style='animation-name: x' onanimationstart='{SCRIPT}'>",
    "<style>@import 'https://example.com/x.css'</style>",
    "<link rel=stylesheet href=https://example.com/x.css>",
    "<p style=\"background: url('https://example.com/x.png')\">x</p>",
    "<img src='https://example.com/x.png'>",
    "![x](https://example.com/x.png)",
    "<img srcset='https://example.com/x.png 2x'>",
    "<base href='https://example.com/'>",
    "<meta http-equiv='refresh' content='0; url=https://example.com/'>",
    f"<a id=evil href='javascript:{SCRIPT}'>x</a>",
    f"<a href=' &#1; java&#x09;script:{SCRIPT}'>x</a>",
    f"<a href='JaVaScRiPt&colon;{SCRIPT}'>x</a>",
    "<a href='data:text/html,<script>opener.ran=1</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "[x](javascript:window.ran=7)",
    "[x](<javascript:window.ran=7>)",
    "[x](JAVASCRIPT&#58;window.ran=7)",
    "[x]: javascript:window.ran=7\n\n[x]",
    "<javascript:window.ran=7>",
    f'[x](x "" onmouseover="{SCRIPT}")',
    f'![x](x" onerror="{SCRIPT})',
    f"`<img src=x onerror='{SCRIPT}'>",
    f"<form id=seek action='javascript:{SCRIPT}'><input name=q><button>x</button></form>",
    f"<form><button formaction='javascript:{SCRIPT}'>x</button></form>",
    "<form name=body><input name=firstChild></form>",
    "<pre class=mermaid>graph TD; A --> B</pre>",
    f"<div class=mermaid>graph TD; A[\"<img src=x onerror='{SCRIPT}'>\"]</div>",
    f"<x contenteditable onblur='{SCRIPT}' tabindex=1 autofocus>x</x>",
    f"<img src=x onerror='{SCRIPT}'>".replace("<", "\uff1c"),
    f"{{{{ ''.__class__ }}}} {{% raw %}} <script>{SCRIPT}</script>",
    f"&lt;script&gt;{SCRIPT}&lt;/script&gt;",
    f"&#60;img src=x onerror='{SCRIPT}'&#62;",
)
GRAPHS = (
    'click A href "javascript:window.ran=1"',
    'click A call alert()\n  click A "javascript:window.ran=1"',
    f"A[\"<img src=x onerror='{SCRIPT}'>\"]",
    f'A["<script>{SCRIPT}</script>"]',
    f"A --> B[<iframe srcdoc='<script>top.{SCRIPT}</script>'>]",
)
INIT = (
    "%%{init: {'securityLevel': 'loose', 'htmlLabels': true, 'theme': 'base',"
    " 'themeCSS': '* { background: url(https://example.com/x.png) }'}}%%"
)


def hostile(number: int, payload: str) -> str:
    """A postmortem that says `payload` wherever it may say something."""
    said = json.dumps(payload)
    graph = GRAPHS[number % len(GRAPHS)]
    return f"""---
id: {said}
title: {said}
severity: {said}
status: draft
kind: {said}
cause_category: {said}
trigger: {said}
owner: {said}
tags: [{said}, x]
observers: [{said}]
reviewers: [{said}]
roles: {{{said}: x}}
data_window: {{from: {said}, to: {said}}}
timestamps: {{started_at: "2025-01-01T00:00Z", detected_at: "2025-01-01T0{number % 9}:30Z"}}
detection: {{method: {said}, source: {said}, should_have_been: {said}}}
impact:
  summary: {said}
  assets: [{{ref: {said}, role: root, criticality: {said}}}, {{ref: x{said[1:]}, role: exposure}}]
  consumers: [{{team: {said}, use: {said}}}]
  magnitude: {{metric: {said}, expected: {said}, actual: {said}, unit: {said}}}
  sla: {{target: {said}}}
action_items:
  - {{id: {said}, title: {said}, owner: {said}, status: {said}, proof: {said}, done_when: {said},
     verified_by: {said}, reason: {said}, type: detect, due: "2025-02-01"}}
  - {{id: AI-2, title: {said}, owner: {said}, status: done, proof: {said}}}
evidence: [{{kind: {said}, title: {said}, url: {said}}}]
related: [{said}]
recurrence_of: {said}
confidentiality: {said}
---

## {payload}

{payload}

> {payload}

| a | b |
|---|---|
| {payload} | `{payload}` |

## Timeline

- 2025-01-01T00:00Z **started**: {payload}

```mermaid
{INIT}
flowchart LR
  {graph}
```

[^1]: {payload}

A note.[^1]
"""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, list[str]]:
    """A wiki of nothing but attacks, and the addresses of all its pages."""
    root = tmp_path_factory.mktemp("attacked")
    files = {f"2025/2025-01-01-{n}.md": hostile(n, text) for n, text in enumerate(PAYLOADS)}
    name = f"2025/2025-01-02-\"><img src=x onerror='{SCRIPT}'>.md"
    files[name] = "---\nid: a\n---\ntext\n"
    files["2025/2025-01-03-<svg onload=alert(1)>.md"] = "---\nid: a\nid: b\n---\n"
    built = build(write_repository(root / "repository", files), root / "site")
    assert built.code == 0, built.log
    made = sorted(file.parent.relative_to(built.site) for file in built.site.rglob("index.html"))
    return built, [quote(path.as_posix()) + "/" if path.name else "" for path in made]


def test_there_are_enough_payloads() -> None:
    assert len(set(PAYLOADS)) >= 60


def test_nothing_that_an_author_writes_runs(
    browser: Browser, attacked: tuple[Built, list[str]]
) -> None:
    """Even where a browser knows no Content-Security-Policy."""
    built, paths = attacked
    assert len(paths) > len(PAYLOADS)
    context = browser.new_context(bypass_csp=True)
    context.set_default_timeout(10_000)
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    incidents = [path for path in paths if path.startswith("incidents/2025/")]
    reports = [path for path in paths if path.count("/") < 2]
    others = sorted(set(paths) - {*incidents, *reports})[::8]  # one template, all in the next test
    with serve(built.site) as address:
        for path in [*incidents, *reports, *others]:
            page.goto(address + path, wait_until="load")
            if path in incidents:
                settle(page)
            for link in page.locator("main a[href^='javascript:' i]").all():
                link.click()
            assert page.evaluate("window.ran") is None, path
            assert page.url == address + path
    assert hosts <= {"127.0.0.1", ""}
    context.close()


def settle(page: Page) -> None:
    """Wait until the graphs are drawn."""
    if page.locator("pre.graph").count():
        page.wait_for_selector("html[data-graphs=done]", state="attached")


RUNS = {"script", "iframe", "object", "embed", "style", "base", "link", "meta", "form"}


class Elements(HTMLParser):
    """Every element of a text with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_no_page_contains_active_content(attacked: tuple[Built, list[str]]) -> None:
    """The same without a browser: every element and attribute of every page."""
    built, _ = attacked
    for file in built.site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        for tag, attributes in Elements(text).found:
            for name, value in attributes.items():
                target = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
                assert not name.startswith("on"), f"{file}: {tag} {name}"
                assert name not in {"srcdoc", "formaction", "srcset"}, f"{file}: {tag} {name}"
                if name in {"href", "src", "action"}:
                    assert not target.startswith(("javascript:", "data:", "vbscript:")), file
        start = text.index('<article class="md-content__inner')
        own = {
            *('<form class="seek"', '<form id="narrow"', '<form id="filters"'),
            '<link rel="modulepreload" href="../assets/incident/',
        }
        body = text[start : text.rindex("</article>")]
        for form in own:
            body = body.replace(form, "<div ")
        assert not RUNS & {tag for tag, _ in Elements(body).found}, file


def test_injected_scripts_are_blocked(browser: Browser, tmp_path: Path) -> None:
    built = build(write_repository(tmp_path / "repository"), tmp_path / "site")
    target = built.site / "index.html"
    target.write_text(target.read_text().replace("<h1>", "<script>window.ran = 1</script><h1>", 1))
    with serve(built.site) as address:
        page = browser.new_page()
        page.goto(address)
        assert page.evaluate("window.ran") is None
        assert page.locator(".head-seek").count() == 1  # the site's own scripts do run
        page.close()


def test_policies_are_written_for_the_usual_hosts(tmp_path: Path) -> None:
    built = build(write_repository(tmp_path / "repository"), tmp_path / "site")
    for name in ("_headers", ".htaccess", "csp/nginx.conf"):
        text = (built.site / name).read_text()
        assert "default-src 'none'" in text and "frame-ancestors 'none'" in text
    meta = re.search(r'Content-Security-Policy" content="([^"]*)"', built.page(""))
    assert meta and "unsafe-inline" not in meta[1].partition("style-src")[0]
    assert "http" not in meta[1]


def test_harmless_html_stays(tmp_path: Path) -> None:
    kept = (
        *("<details>", "<summary>", "<kbd>", "<mark>", "<sub>", "admonition"),
        *("<del>", 'type="checkbox"', "<sup", 'href="https://example.com/x"', "<dl>"),
    )
    text = """---
id: 2025-01-01-a
title: A
---

<details><summary>More</summary>Press <kbd>x</kbd>, <mark>m</mark>, H<sub>2</sub>O,
<del>no</del></details>

<dl><dt>a</dt><dd>b</dd></dl>

!!! note
    [link](https://example.com/x)

- [x] done

A note.[^1]

| a | b |
|---|--:|
| <p align="right">1</p> | 2 |

[^1]: text
"""
    files = {"2025/2025-01-01-a.md": text}
    built = build(write_repository(tmp_path / "repository", files), tmp_path / "site")
    page = built.page("incidents/2025/2025-01-01-a")
    assert [one for one in kept if one not in page] == []


def test_both_color_schemes_are_readable(browser: Browser, tmp_path: Path) -> None:
    """Every text against what is behind it: 4.5 to 1, large letters 3 to 1."""
    built = build(write_repository(tmp_path / "repository"), tmp_path / "site")
    schemes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
    incident = f"incidents/{FIRST.removesuffix('.md')}/"
    with serve(built.site) as address:
        for scheme in schemes:
            context = browser.new_context(color_scheme=scheme)
            page = context.new_page()
            for path in ("", "incidents/", "actions/", "search/?q=marmalade", incident):
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(300)
                assert page.evaluate(CONTRAST) == [], f"{scheme} {path}"
            context.close()


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = (top, below) => {
    const a = top[3] / 255;
    return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(255);
  };
  const behind = (node) => {
    const stack = [];
    for (let at = node; at; at = at.parentElement) {
      const c = rgba(getComputedStyle(at).backgroundColor);
      stack.push(c);
      if (c[3] === 255) break;
    }
    return stack.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 255]);
  };
  const weak = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    if (node.closest(".headerlink, .md-clipboard, .md-top, [hidden]")) continue;
    const ground = behind(node);
    const style = getComputedStyle(node);
    const color = rgba(style.color);
    let opacity = 1;
    for (let at = node; at; at = at.parentElement) opacity *= +getComputedStyle(at).opacity;
    color[3] *= opacity;
    const a = light(over(color, ground)), b = light(ground);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const text = node.textContent.trim().slice(0, 40);
    if (ratio < (large ? 3 : 4.5)) weak.push(`${text}: ${ratio.toFixed(2)} ${node.className}`);
  }
  return weak;
}"""
