"""Time `incident lsp` over stdio: open to first diagnostics, and each keystroke to diagnostics.

A document of 30 KB in an archive of 5,000 postmortems. Usage: lsp.py [COUNT], the archive's size.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corpus
import timing
from lsprotocol import types
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "incidents/2025/2025-05-14-revenue-drops-new-product-line.md"
BYTES, ARCHIVE, SESSIONS, KEYS = 30_000, 5_000, 3, 100
PAUSE = 0.1  # seconds between keystrokes
TYPED = "the load read a partial file again, "


def sample() -> str:
    """A postmortem of about 30 KB, with the same prose in each of four sections."""
    text = SAMPLE.read_text(encoding="utf-8")
    sections = ("\n## Detection", "\n## Root cause", "\n## What went well", "\n## What went badly")
    added = 0
    while len(text.encode()) < BYTES:
        at = text.index(sections[added % len(sections)])
        first = 3 * added % len(corpus.SENTENCES)
        text = text[:at] + "\n" + " ".join(corpus.SENTENCES[first : first + 3]) + "\n" + text[at:]
        added += 1
    return text


class Session:
    """One editor with one open file; times are in milliseconds."""

    def __init__(self) -> None:
        self.client = LanguageClient("bench", "1")
        self.heard: asyncio.Queue[int | None] = asyncio.Queue()
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda params: self.heard.put_nowait(params.version)
        )

    async def run(self, folder: Path, text: str) -> tuple[float, float, list[float], list[float]]:
        """Start to ready, open to diagnostics, each keystroke, and the processor's part of it."""
        begun = time.perf_counter()
        await self.client.start_io(sys.executable, "-m", "incident", "lsp")
        made = await self.client.initialize_async(
            types.InitializeParams(types.ClientCapabilities(), root_uri=folder.as_uri())
        )
        self.client.initialized(types.InitializedParams())
        ready = time.perf_counter()
        sync = made.capabilities.text_document_sync
        is_partial = getattr(sync, "change", sync) == types.TextDocumentSyncKind.Incremental
        uri = (folder / "incidents" / SAMPLE.name).as_uri()
        item = types.TextDocumentItem(uri, "markdown", 0, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        await self.heard.get()
        first = time.perf_counter()
        middle = text.index("## Root cause") + len("## Root cause\n\n")
        line = text[:middle].count("\n")
        times, work = [], []
        for version in range(1, KEYS + 1):
            await asyncio.sleep(PAUSE)
            typed = (TYPED * KEYS)[:version]
            at = types.Position(line, version - 1)
            change: types.TextDocumentContentChangeEvent
            if is_partial:
                change = types.TextDocumentContentChangePartial(types.Range(at, at), typed[-1])
            else:
                whole = text[:middle] + typed + text[middle:]
                change = types.TextDocumentContentChangeWholeDocument(whole)
            identifier = types.VersionedTextDocumentIdentifier(version, uri)
            pressed, used = time.perf_counter(), self._cpu()
            self.client.text_document_did_change(
                types.DidChangeTextDocumentParams(identifier, [change])
            )
            while await self.heard.get() != version:
                pass
            times.append((time.perf_counter() - pressed) * 1000)
            work.append((self._cpu() - used) * 1000)
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()
        return (ready - begun) * 1000, (first - ready) * 1000, times, work

    def _cpu(self) -> float:
        """Processor seconds that the server's first thread, which answers, has used."""
        [*_, server] = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
        stat = Path(f"/proc/{server}/task/{server}/schedstat").read_text()
        return int(stat.split()[0]) / 1e9


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ARCHIVE
    text = sample()
    starts, firsts, keys, work = [], [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus.write(folder, count)
        (folder / "incident.toml").write_text("")
        git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "archive"]):
            subprocess.run([*git, *command], cwd=folder, check=True)
        os.environ["XDG_CACHE_HOME"] = str(folder / ".cache")
        for _ in range(SESSIONS):
            start, first, typed, used = asyncio.run(Session().run(folder, text))
            starts.append(start)
            firsts.append(first)
            keys += typed
            work += used
    print(f"{timing.machine()}; {len(text.encode()):,} bytes in an archive of {count:,}, ", end="")
    print(f"{SESSIONS} sessions of {KEYS} keystrokes\n")
    print("| what | median ms | p99 ms | goal |\n|---|---|---|---|")
    for what, times, goal in (
        ("start of the server to ready", starts, ""),
        ("open to first diagnostics", firsts, "150"),
        ("keystroke to diagnostics", keys, "25, p99 60"),
        ("of that, processor time", work, ""),
    ):
        slow = statistics.quantiles(times, n=100, method="inclusive")[98]
        print(f"| {what} | {statistics.median(times):.0f} | {slow:.0f} | {goal} |")


if __name__ == "__main__":
    main()
