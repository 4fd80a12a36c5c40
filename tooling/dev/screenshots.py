"""Screenshots of the wiki and the terminal, for README and docs: `screenshots.py [--every] FOLDER`.

With `--every`, each kind of page instead: light, dark, and on a phone.
"""

from __future__ import annotations

import contextlib
import fcntl
import html
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from incident import archive
from incident.repository import config

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHECKOUT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def main(folder: Path, every: bool) -> None:
    """Build the wiki of this repository and shoot its pages."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as site:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        subprocess.run([*command, "-d", site], cwd=CHECKOUT, env=environment, check=True)  # noqa: S603
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=site))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            (_kinds if every else _shoot)(f"http://127.0.0.1:{server.server_port}/", folder)
        finally:
            server.shutdown()


KINDS = {
    "home": "",
    "incidents": "incidents/",
    "year": "incidents/all/2025/",
    "draft": "incidents/2026/2026-11-20-returns-missing-in-margin-report/",
    "assets": "data/",
    "asset": "data/dbt.model.tidewater.fct_orders/",
    "actions": "actions/",
    "owner": "actions/data-platform/",
    "patterns": "patterns/",
    "metrics": "metrics/",
    "rules": "rules/",
    "rule": "rules/action-item-due/",
    "guide": "guide/",
    "playbook": "guide/schema-evolution/",
    "queries": "guide/queries-snowflake/",
    "search": "search/?q=null+rename",
}
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def _kinds(address: str, folder: Path) -> None:
    """Every kind of page in three views, whole."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, view, scheme in (
            ("light", DESK, "light"),
            ("dark", DESK, "dark"),
            ("phone", PHONE, "light"),
        ):
            page: Page = chromium.new_page(viewport=view, color_scheme=scheme)  # type: ignore[arg-type]
            for kind, path in {**KINDS, "incident": _incident()}.items():
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(500)
                page.screenshot(path=folder / f"{kind}-{name}.png", full_page=True)
            page.close()
        page = chromium.new_page()
        page.goto(address + _incident())
        page.wait_for_load_state("networkidle")
        page.pdf(path=folder / "incident.pdf", format="A4")
        chromium.close()


def _browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("no Chromium here: `make browser` installs it where it may")
    return found


def _shoot(address: str, folder: Path) -> None:
    pages = {"home": "", "incident": _incident(), "search": "search/?q=null+rename"}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        page: Page = chromium.new_page(
            viewport={"width": 1280, "height": 800}, device_scale_factor=1, color_scheme="light"
        )
        for name, path in pages.items():
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(500)
            # a blinking caret would make two runs differ
            page.evaluate("document.activeElement.blur()")
            page.screenshot(path=folder / f"wiki-{name}.png")
        page.set_viewport_size({"width": 980, "height": 100})
        for command, name in TERMINAL.items():
            for scheme in _COLORS:
                page.set_content(_terminal(command, scheme))
                page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True)
        chromium.close()


# what the author of a finished postmortem might have left behind
_SLIPS = {
    r'    owner: data-platform\n    due: "2025-05-21"': '    due: "2025-12-24"',
    r"(## What went well\n\n).*?\n(?=\n## )": r"\1N/A\n",
    r"Completeness needs a second source\.": "It will never happen again.",
}
_STYLES = {"1": "b", "2": "d", "1;31": "e", "1;33": "w", "1;36": "n", "31": "e", "33": "w"}
_COLORS = {
    "light": "background: #fff; color: #1f2937 } .d { color: #667085 } .e { color: #b42318 } "
    ".w { color: #8a5a00 } .n { color: #0b6b80 }",
    "dark": "background: #16202f; color: #dfe6f0 } .d { color: #8796ad } .e { color: #ff8593 } "
    ".w { color: #ffd479 } .n { color: #7fd4e8 }",
}
COLUMNS = 112
_LINTED = "incidents/2025/2025-05-14-revenue-drops-new-product-line.md"
TERMINAL = {
    f"lint {_LINTED}": "lint",
    "list --since 2025-05-01": "list",
    "show payment-status": "show",
}


def _terminal(command: str, scheme: str) -> str:
    """A command's own output as a page, with its own colors."""
    words, text = command.split(), ""
    if words[0] == "lint":
        text = (CHECKOUT / _LINTED).read_text(encoding="utf-8")
        for old, new in _SLIPS.items():
            text = re.sub(old, new, text, count=1, flags=re.DOTALL)
        words = ["lint", "-", "--stdin-filename", _LINTED]
    lines = html.escape(f"$ incident {command}\n\n{_recorded(words, text)}", quote=False)
    body, opened = "", 0
    for part in re.split("(\x1b\\[[0-9;]*m)", lines):
        code = part.removeprefix("\x1b[").removesuffix("m") if part[:1] == "\x1b" else None
        if code is None:
            body += part
        elif code in {"0", ""}:  # ends every style before it
            body, opened = body + "</span>" * opened, 0
        else:
            body, opened = f"{body}<span class={_STYLES.get(code, 'b')}>", opened + 1
    return f"""<style>body {{ margin: 1.4rem; {_COLORS[scheme]}
        pre {{ font: 13px/1.5 'DejaVu Sans Mono', monospace; margin: 0; white-space: pre-wrap }}
        .b, .e, .w {{ font-weight: bold }}</style>
        <pre>{body}</pre>"""


def _recorded(words: list[str], text: str) -> str:
    """What a command prints on a terminal of 112 columns, with `text` on its stdin."""
    here, there = os.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    command = [sys.executable, "-m", "incident", "--color", "always", *words]
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    process = subprocess.Popen(  # noqa: S603
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=there, stderr=there, env=environment
    )
    os.close(there)
    assert process.stdin
    process.stdin.write(text.encode())
    process.stdin.close()
    found = b""
    with contextlib.suppress(OSError):  # the other side is closed
        while part := os.read(here, 65536):
            found += part
    os.close(here)
    process.wait()
    return found.decode().replace("\r\n", "\n")


def _incident() -> str:
    """The incident with the most to show: most assets and action items."""
    found = archive.load(config.load(CHECKOUT)).postmortems
    fullest = max(found, key=lambda p: (len(p.times), len(p.assets) + len(p.action_items), p.id))
    return fullest.path.removesuffix(".md") + "/"


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if one != "--every"]
    if len(arguments) != 1:
        sys.exit("usage: python tooling/dev/screenshots.py [--every] FOLDER")
    main(Path(arguments[0]), "--every" in sys.argv)
