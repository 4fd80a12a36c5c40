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
    "search": "search/?q=null+rename",
}
DESK, TELEPHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def _kinds(address: str, folder: Path) -> None:
    """Every kind of page in three views, whole."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name, view, scheme in (
            ("light", DESK, "light"),
            ("dark", DESK, "dark"),
            ("telephone", TELEPHONE, "light"),
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
        for name in TERMINAL:
            page.set_content(_terminal(name))
            page.screenshot(path=folder / f"{name}.png", full_page=True)
        chromium.close()


# what the author of a finished postmortem might have left behind
_SLIPS = {
    '    owner: data-platform\n    due: "2025-05-21"': '    due: "2025-12-24"',
    "- Finance asked immediately,": "N/A\n\n## What went badly\n\n- Finance asked immediately,",
    "Completeness needs a second source.": "It will never happen again.",
}
_STYLES = {"1": "b", "2": "d", "1;31": "e", "1;33": "w", "1;36": "n", "31": "e", "33": "w"}
COLUMNS = 112
TERMINAL = {
    "lint": ("lint", "incidents/2025/2025-05-14-revenue-drops-new-product-line.md"),
    "list": ("list", "--since", "2025-05-01"),
    "show": ("show", "payment-status"),
}


def _terminal() -> str:
    """A lint run as a page: its own output, with its own colors."""
    source = CHECKOUT / "incidents/2025/2025-05-14-revenue-drops-new-product-line.md"
    text = source.read_text(encoding="utf-8")
    for old, new in _SLIPS.items():
        text = text.replace(old, new, 1)
    command = [sys.executable, "-m", "incident", "--color", "always", "lint", "-"]
    shown = source.relative_to(CHECKOUT)
    done = subprocess.run(  # noqa: S603
        [*command, "--stdin-filename", str(shown)],
        cwd=CHECKOUT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = html.escape(f"$ incident lint {shown}\n\n{done.stdout}\n{done.stderr}", quote=False)
    body = re.sub(
        "\x1b\\[([0-9;]*)m",
        lambda m: "</span>" if m[1] == "0" else f"<span class={_STYLES.get(m[1], 'b')}>",
        lines,
    )
    return f"""<style>body {{ background: #16202f; color: #dfe6f0; margin: 1.4rem }}
        pre {{ font: 13px/1.5 'DejaVu Sans Mono', monospace; margin: 0; white-space: pre-wrap }}
        .b {{ font-weight: bold }} .d {{ color: #8796ad }} .e {{ color: #ff8593; font-weight: 700 }}
        .w {{ color: #ffd479; font-weight: bold }} .n {{ color: #7fd4e8 }}</style>
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
