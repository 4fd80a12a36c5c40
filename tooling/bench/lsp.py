"""Time `incident lsp` over stdio: the first diagnostics after open, and after each keystroke."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "incidents/2025/2025-05-14-revenue-drops-new-product-line.md"
BYTES, SESSIONS, KEYS = 6_000, 5, 40


def sample() -> str:
    """A postmortem of about 6 KB."""
    text = SAMPLE.read_text(encoding="utf-8")
    while len(text.encode()) < BYTES:
        text += "\nThe nightly load filled the partition again, and the counts agreed.\n"
    return text


async def session(folder: Path, text: str) -> tuple[float, float, list[float]]:
    """Milliseconds: start of the process to ready, open to diagnostics, each keystroke."""
    client = LanguageClient("bench", "1")
    heard: asyncio.Queue[int | None] = asyncio.Queue()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _(params: types.PublishDiagnosticsParams) -> None:
        heard.put_nowait(params.version)

    begun = time.perf_counter()
    await client.start_io(sys.executable, "-m", "incident", "lsp")
    await client.initialize_async(
        types.InitializeParams(types.ClientCapabilities(), root_uri=folder.as_uri())
    )
    client.initialized(types.InitializedParams())
    ready = time.perf_counter()
    uri = (folder / "incidents" / SAMPLE.name).as_uri()
    opened = time.perf_counter()
    client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "markdown", 0, text))
    )
    await heard.get()
    first = time.perf_counter() - opened
    keys = []
    middle = text.index("## Root cause") + 20
    for version in range(1, KEYS + 1):
        typed = text[:middle] + "x" * version + text[middle:]
        identifier = types.VersionedTextDocumentIdentifier(version, uri)
        change = types.TextDocumentContentChangeWholeDocument(typed)
        pressed = time.perf_counter()
        client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
        while await heard.get() != version:
            pass
        keys.append((time.perf_counter() - pressed) * 1000)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()
    return (ready - begun) * 1000, first * 1000, keys


def main() -> None:
    text = sample()
    starts, firsts, keys = [], [], []
    for _ in range(SESSIONS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "incidents").mkdir()
            (folder / "incident.toml").write_text("")
            start, first, typed = asyncio.run(session(folder, text))
            starts.append(start)
            firsts.append(first)
            keys += typed
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} cores; {len(text.encode())} bytes, {SESSIONS} sessions\n"
    )
    print("| what | median ms | worst ms |\n|---|---|---|")
    for name, times in (
        ("start of the server to ready", starts),
        ("open to first diagnostics", firsts),
        ("keystroke to diagnostics", keys),
    ):
        print(f"| {name} | {statistics.median(times):.0f} | {max(times):.0f} |")


if __name__ == "__main__":
    main()
