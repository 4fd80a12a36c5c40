"""Screenshots of the wiki for the README: `python tooling/screenshots.py FOLDER`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from incident import archive, config

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHECKOUT = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def main(folder: Path) -> None:
    """Build the wiki of this repository and shoot home, one incident and the search."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as site:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
        environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        subprocess.run([*command, "-d", site], cwd=CHECKOUT, env=environment, check=True)  # noqa: S603
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=site))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            _shoot(f"http://127.0.0.1:{server.server_port}/", folder)
        finally:
            server.shutdown()


def _shoot(address: str, folder: Path) -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("no Chromium here: `make browser` installs it where it may")
    pages = {"home": "", "incident": _incident(), "search": "search/?q=null+rename"}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--disable-gpu"]
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
        chromium.close()


def _incident() -> str:
    """The incident with the most to show: most assets and action items."""
    found = archive.load(config.load(CHECKOUT)).postmortems
    fullest = max(found, key=lambda p: (len(p.times), len(p.assets) + len(p.action_items), p.id))
    return fullest.path.removesuffix(".md") + "/"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tooling/screenshots.py FOLDER")
    main(Path(sys.argv[1]))
