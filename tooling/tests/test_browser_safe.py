"""What a page must not do, whoever wrote it: run, call another host, be hard to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

from site_support import FIRST, build, chromium, serve, write_repository

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAYLOADS = (
    "</title><script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 2'>",
    "<svg onload='window.ran = 3'></svg>",
    "<iframe srcdoc='<script>top.ran = 4</script>'></iframe>",
    "<details open ontoggle='window.ran = 5'>x</details>",
    "<a id=evil href='javascript:window.ran = 6'>x</a>",
    "[x](javascript:window.ran=7)",
    "<form id=seek action='javascript:window.ran = 8'><input name=q></form>",
    "<input autofocus onfocus='window.ran = 9'>",
    "<style>@import 'https://example.com/x.css'</style>",
    "<img src='https://example.com/x.png'>",
    "<object data='https://example.com/x'></object>",
    "<base href='https://example.com/'>",
    "<meta http-equiv='refresh' content='0; url=https://example.com/'>",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


def hostile(number: int, payload: str) -> str:
    """A postmortem that says `payload` wherever it may say something."""
    said = json.dumps(payload)
    return f"""---
id: 2025-01-01-{number}
title: {said}
severity: {said}
status: draft
kind: {said}
owner: {said}
tags: [{said}]
roles: {{{said}: x}}
detection: {{method: {said}, source: {said}}}
impact: {{summary: {said}, assets: [{{ref: {said}, role: {said}}}]}}
action_items: [{{id: {said}, title: {said}, owner: {said}, status: {said}, proof: {said}}}]
evidence: [{{kind: {said}, title: {said}, url: {said}}}]
---

## {payload}

{payload}

> {payload}
"""


def test_nothing_that_an_author_writes_runs(browser: Browser, tmp_path: Path) -> None:
    files = {f"2025/2025-01-01-{n}.md": hostile(n, text) for n, text in enumerate(PAYLOADS)}
    repository = write_repository(tmp_path / "repository", files)
    built = build(repository, tmp_path / "site")
    assert built.code == 0, built.log
    context = browser.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    paths = ["", "incidents/", "actions/", "search/"]
    paths += [f"incidents/{name.removesuffix('.md')}/" for name in files]
    with serve(built.site) as address:
        for path in paths:
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            for link in page.locator("main a[href^='javascript:']").all():
                link.click()
            assert page.evaluate("window.ran") is None, path
            assert page.url == address + path
    assert hosts <= {"127.0.0.1", ""}
    context.close()


def test_both_colour_schemes_are_readable(browser: Browser, tmp_path: Path) -> None:
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
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
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
    const colour = rgba(style.color);
    let opacity = 1;
    for (let at = node; at; at = at.parentElement) opacity *= +getComputedStyle(at).opacity;
    colour[3] *= opacity;
    const a = light(over(colour, ground)), b = light(ground);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const text = node.textContent.trim().slice(0, 40);
    if (ratio < (large ? 3 : 4.5)) weak.push(`${text}: ${ratio.toFixed(2)} ${node.className}`);
  }
  return weak;
}"""
