"""`incident lsp` over stdio, as an editor speaks to it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from incident.diagnostic import Diagnostic, Level, Span
from incident.lsp import cursor_path, fixes, vocabulary
from incident.lsp.complete import complete
from incident.lsp.hover import hover
from incident.lsp.vocabulary import Known
from incident.postmortem.document import parse
from incident.repository import config
from support import CHECKOUT, MINIMAL, git_init

NAME = "2025-05-14-revenue-drops.md"
KNOWN = Known(
    owners=("data-platform", "ingestion"),
    people=("oncall",),
    teams=("finance",),
    assets=("dbt:model.shop.orders",),
    checks=("dbt:test.shop.rows",),
    tags=("ads",),
    titles={"2025-01-20-orders-late": "Orders were late"},
)


class Editor:
    """A client with one open document."""

    def __init__(self, client: LanguageClient, path: Path) -> None:
        self.client = client
        self.uri = path.as_uri()
        self.version = 0
        self.heard: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.shown: asyncio.Queue[str] = asyncio.Queue()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def heard(params: types.PublishDiagnosticsParams) -> None:
            self.heard.put_nowait(params)

        @client.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]
        def shown(params: types.ShowMessageParams) -> None:
            self.shown.put_nowait(params.message)

    async def open(self, text: str) -> list[types.Diagnostic]:
        item = types.TextDocumentItem(self.uri, "markdown", 0, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.diagnostics()

    def type(self, text: str) -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    async def diagnostics(self) -> list[types.Diagnostic]:
        found = await asyncio.wait_for(self.heard.get(), 20)
        return list(found.diagnostics)

    def at(self, line: int, column: int) -> dict[str, Any]:
        return {
            "text_document": types.TextDocumentIdentifier(self.uri),
            "position": types.Position(line, column),
        }


def with_editor(
    root: Path, work: Callable[[Editor], Awaitable[None]], encodings: list[str] | None = None
) -> None:
    async def session() -> None:
        client = LanguageClient("test", "1")
        await client.start_io(sys.executable, "-m", "incident", "lsp")
        kinds = [types.PositionEncodingKind(name) for name in encodings or ["utf-16"]]
        general = types.GeneralClientCapabilities(position_encodings=kinds)
        await client.initialize_async(
            types.InitializeParams(
                types.ClientCapabilities(general=general), root_uri=root.as_uri()
            )
        )
        client.initialized(types.InitializedParams())
        try:
            await work(Editor(client, root / "incidents" / "2025" / NAME))
        finally:
            await client.shutdown_async(None)
            client.exit(None)
            await client.stop()  # type: ignore[no-untyped-call]

    with ThreadPoolExecutor() as pool:  # another test may have left its event loop open here
        pool.submit(asyncio.run, session()).result()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git_init(tmp_path)
    (tmp_path / "incidents" / "2025").mkdir(parents=True)
    return tmp_path


def test_diagnostics_follow_what_one_types(root: Path) -> None:
    async def work(editor: Editor) -> None:
        assert await editor.open(MINIMAL) == []
        editor.type(MINIMAL.replace("severity: P1", "severity: P9"))
        [found] = await editor.diagnostics()
        assert found.range == types.Range(types.Position(4, 10), types.Position(4, 12))
        assert (found.code, found.severity) == ("INC002", types.DiagnosticSeverity.Error)
        assert found.message.startswith('severity "P9" must be one of P0, P1, P2, P3\n')
        for broken in ("", "---\n", MINIMAL[:40], "---\nid: [\n---\n", "\0", MINIMAL + "\ud83d"):
            editor.type(broken.encode("utf-8", "replace").decode())
            await editor.diagnostics()
        editor.type(MINIMAL)
        assert await editor.diagnostics() == []

    with_editor(root, work)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1)])
def test_columns_are_counted_as_the_editor_counts(root: Path, encoding: str, column: int) -> None:
    text = MINIMAL + "\n## Impact\n\n\U0001f41f mail ines@example.com\u2028 about it\n"

    async def work(editor: Editor) -> None:
        found = [d for d in await editor.open(text) if "personal-email" in str(d.source)]
        assert [d.range.start for d in found] == [types.Position(13, column + 6)]

    with_editor(root, work, [encoding])


def test_an_open_file_gets_what_the_command_line_reports(root: Path) -> None:
    """At once what depends on it alone, and after a pause what the other postmortems change."""
    path = root / "incidents" / "2025" / NAME
    path.with_name("2025-01-20-orders-late.md").write_text(MINIMAL)
    text = MINIMAL + "\n## Summary\n\nSee [this](2025-01-21-gone.md). It will never happen again.\n"

    def expected(text: str) -> list[tuple[str, int]]:
        command = [sys.executable, "-m", "incident", "lint", "--format=json", "--stdin-filename"]
        done = subprocess.run(
            [*command, str(path), "-"],
            cwd=root,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return [(d["code"], d["line"] - 1) for d in json.loads(done.stdout)["diagnostics"]]

    def of(found: list[types.Diagnostic]) -> list[tuple[str, int]]:
        shown = (d for d in found if d.severity != types.DiagnosticSeverity.Hint)
        return [(str(d.code), d.range.start.line) for d in shown]

    async def work(editor: Editor) -> None:
        alone = of(await editor.open(text))
        whole = of(await editor.diagnostics())
        assert whole == expected(text)
        assert {code for code, _ in whole} > {code for code, _ in alone}
        editor.type(text.replace("See", "Look at"))
        unchanged = of(await editor.diagnostics())
        assert ("INC601", 1) in unchanged  # two postmortems with one id: that line is the same
        assert "INC602" not in {code for code, _ in unchanged}
        assert of(await editor.diagnostics()) == expected(text.replace("See", "Look at"))
        changed = text.replace("revenue-drops\n", "revenue-falls\n")
        editor.type(changed)
        assert ("INC601", 1) not in of(await editor.diagnostics())
        assert of(await editor.diagnostics()) == expected(changed)

    with_editor(root, work)


def test_other_files_are_left_alone_and_a_wrong_configuration_is_said(root: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.uri = (root / "README.md").as_uri()
        assert await editor.open("# Hello\n") == []
        (root / "incident.toml").write_text("archve = 'x'\n")
        editor.uri = (root / "incidents" / "2025" / NAME).as_uri()
        document = types.TextDocumentItem(editor.uri, "markdown", 0, MINIMAL)
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(document))
        assert "did you mean `archive`?" in await asyncio.wait_for(editor.shown.get(), 20)
        (root / "incident.toml").write_text(
            "wiki_url = 'https://wiki.example.com'\n[rules.frontmatter-schema]\nlevel = 'warning'\n"
        )
        editor.type(MINIMAL.replace("P1", "P9"))
        [found] = await editor.diagnostics()
        assert found.severity == types.DiagnosticSeverity.Warning
        assert found.code_description
        assert found.code_description.href.endswith("/rules/frontmatter-schema/")

    with_editor(root, work)


def test_missing_authors_are_reported_once(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    again = ["git", "commit", "-q", "--allow-empty", "-m", "second"]
    subprocess.run(again, cwd=root, check=True)
    clone = tmp_path_factory.mktemp("shallow") / "clone"
    command = ["git", "clone", "-q", "--depth", "1", root.as_uri(), str(clone)]
    subprocess.run(command, check=True)
    (clone / "incidents" / "2025").mkdir(parents=True)

    async def work(editor: Editor) -> None:
        await editor.open(MINIMAL)
        assert "git fetch --unshallow" in await asyncio.wait_for(editor.shown.get(), 20)
        editor.type(MINIMAL.replace("P1", "P9"))
        await editor.diagnostics()
        assert editor.shown.empty()

    with_editor(clone, work)


def test_hover_completion_and_quick_fixes(root: Path) -> None:
    other = MINIMAL.replace("2025-05-14-revenue-drops", "2025-01-20-orders-late")
    (root / "incidents" / "2025" / "2025-01-20-orders-late.md").write_text(
        other.replace("owner: data-platform", "owner: warehouse-team")
    )
    text = MINIMAL.replace("status: draft", "status: in_reveiw")
    text = text.replace("owner: data-platform", "owner: ")

    async def work(editor: Editor) -> None:
        found = await editor.open(text)
        assert "INC002" in {d.code for d in found}
        hover = await editor.client.text_document_hover_async(types.HoverParams(**editor.at(3, 10)))
        assert hover
        assert isinstance(hover.contents, types.MarkupContent)
        assert "frontmatter-schema" in hover.contents.value
        labels: list[str] = []
        for _ in range(400):  # the archive is read while you type
            items = await editor.client.text_document_completion_async(
                types.CompletionParams(**editor.at(5, 7))
            )
            assert isinstance(items, list)
            labels = [item.label for item in items]
            if labels:
                break
            await asyncio.sleep(0.05)
        assert labels == ["warehouse-team"]
        editor.type(text.replace("timestamps:", "related: [2025-01-20-orders-late]\ntimestamps:"))
        there = await editor.client.text_document_definition_async(
            types.DefinitionParams(**editor.at(6, 15))
        )
        assert isinstance(there, types.Location)
        assert there.uri.endswith("/incidents/2025/2025-01-20-orders-late.md")
        nowhere = types.DefinitionParams(**editor.at(6, 2))
        assert await editor.client.text_document_definition_async(nowhere) is None
        editor.type(text)
        while len(await editor.diagnostics()) != len(found):
            pass
        actions = await editor.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(editor.uri),
                types.Range(types.Position(3, 0), types.Position(3, 0)),
                types.CodeActionContext([]),
            )
        )
        assert actions
        first = actions[0]
        assert isinstance(first, types.CodeAction)
        assert first.title == "Replace with `in_review`"
        assert first.edit
        assert first.edit.changes
        [edit] = first.edit.changes[editor.uri]
        assert (edit.range.start, edit.range.end) == (types.Position(3, 8), types.Position(3, 17))
        assert edit.new_text == "in_review"
        nothing = await editor.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(editor.uri),
                types.Range(types.Position(3, 0), types.Position(3, 0)),
                types.CodeActionContext([], only=[types.CodeActionKind.SourceFixAll]),
            )
        )
        assert not any("Replace" in one.title for one in nothing or ())

    with_editor(root, work)


def offered(text: str) -> list[str]:
    """Labels at the place that `|` marks; of a text that begins with `---`, or a body."""
    before, _, _after = text.partition("|")
    line = before.count("\n")
    column = len(before) - (before.rfind("\n") + 1)
    return [one.label for one in complete(text.replace("|", "", 1), line, column, KNOWN)]


@pytest.mark.parametrize(
    ("text", "some", "none"),
    [
        ("---\nid: x\n|", "severity", "id"),
        ("---\nstatus: |", "in_review", "P1"),
        ("---\nstatus: in_|\nowner: x\n---\n", "in_review", "owner"),
        ("---\nowner: |", "ingestion", "finance"),
        ("---\nroles:\n  |", "incident_lead", "severity"),
        ("---\nroles:\n  scribe: |", "oncall", "finance"),
        ("---\nroles: {incident_lead: x, res|", "responders", "severity"),
        ("---\nroles: {responders: [a, |", "oncall", "finance"),
        ("---\nroles:\n  responders:\n    - |", "oncall", "scribe"),
        ("---\nreviewers: [|", "oncall", "finance"),
        ("---\nobservers: [|", "finance", "oncall"),
        ("---\nimpact:\n  assets:\n  - ref: |", "dbt:model.shop.orders", "root"),
        ("---\nimpact:\n  assets:\n    - {ref: x, role: |", "exposure", "high"),
        ("---\nimpact:\n  assets: [{ref: x, role: |", "exposure", "high"),
        ("---\nimpact:\n  critical_use_case: |", "true", "high"),
        ("---\naction_items:\n  - id: AI-1\n    type: |", "detect", "done"),
        ("---\naction_items:\n  - id: AI-1\n    title: x\n\n    # why\n    |", "done_when", "kind"),
        ("---\naction_items:\n  - id: AI-1\n  - |", "done_when", "severity"),
        ("---\naction_items:\n- id: AI-1\n  status: |", "wont_do", "draft"),
        ("---\naction_items:\n  - id: AI-1\nstatus: |", "published", "wont_do"),
        ("---\naction_items:\n  - verified_by: |", "dbt:test.shop.rows", "dbt:model.shop.orders"),
        ("---\nrelated: [|", "2025-01-20-orders-late", "ads"),
        ("---\ntags: [a, |", "ads", "finance"),
        ("---\nlint:\n  ignore:\n    - rule: |", "never-again", "ads"),
        ("---\nowner: x  # incident-ignore: never-again, owner|", "owner-placeholder", "ingestion"),
        ("---\nid: x\n---\n\n<!-- incident-ignore: |", "never-again", "Summary"),
        ("---\nid: x\n---\n## Summary\n\n## |", "Root cause", "Summary"),
        ("---\nid: x\n---\n## Timeline\n- 2025-05-14T09:40Z **de|", "detected", "Summary"),
    ],
)
def test_what_is_offered_fits_the_place(text: str, some: str, none: str) -> None:
    labels = offered(text)
    assert some in labels
    assert none not in labels


@pytest.mark.parametrize(
    "text",
    [
        "---\nid: x # a comment |",
        "---\nid: x\n---\nsome prose |",
        "---\ntitle: |",
        "---\nno_such_key:\n  |",
        "|",
        "no frontmatter\nstatus: |",
    ],
)
def test_nothing_is_offered_where_nothing_fits(text: str) -> None:
    assert offered(text) == []


def test_every_place_of_the_examples_has_an_answer() -> None:
    for path in sorted((CHECKOUT / "incidents").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        document = parse(text, path.name)
        lines = text.split("\n")
        for index, line in enumerate(lines):
            if not cursor_path.in_frontmatter(lines, index):
                continue
            for column in range(0, len(line) + 1, 7):
                complete(text, index, column, KNOWN)
        asset = document.get("impact", "assets", 0, "ref")
        if asset:
            at = text.index(asset)
            row = text.count("\n", 0, at)
            column = at - (text.rfind("\n", 0, at) + 1)
            found = cursor_path.place(lines, row, column + 3)
            assert found
            assert found.path == ("impact", "assets", "ref")


def finding(span: Span, name: str = "never-again", hint: str = "") -> Diagnostic:
    return Diagnostic("INC401", name, Level.WARNING, "message", hint, NAME, span)


def applied(text: str, quick: fixes.Quick) -> str:
    for start, end, new in sorted(quick.edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def test_a_suppression_covers_its_place() -> None:
    from support import lint_text

    body = "\n## Lessons learned\n\nA first line.\nThis will never happen again.\n"
    text = MINIMAL + body
    [found] = [d for d in lint_text(text) if d.name == "never-again"]
    [quick] = fixes.fixes(parse(text, NAME), found)
    changed = applied(text, quick)
    assert "<!-- incident-ignore: never-again -- reason -->\nA first line." in changed
    assert lint_text(changed) == []
    text = MINIMAL.replace("owner: data-platform", "owner: tbd")
    [found] = [d for d in lint_text(text) if d.name == "owner-placeholder"]
    *_, quick = fixes.fixes(parse(text, NAME), found)
    assert lint_text(applied(text, quick)) == []


def test_the_linters_own_fixes_come_first() -> None:
    class Edit(NamedTuple):
        start: int
        end: int
        text: str

    class Fix(NamedTuple):
        what: str
        edits: tuple[Edit, ...]
        safe: bool = True

    at = MINIMAL.index("P1")
    one = finding(Span(5, 11, 5, 13), hint="did you mean `P3`?")
    one = one._replace(fix=cast(Any, Fix("write P2", (Edit(at, at + 2, "P2"),))))
    first, *rest = fixes.fixes(parse(MINIMAL, NAME), one)
    assert (first.title, first.preferred) == ("write P2", True)
    assert applied(MINIMAL, first) == MINIMAL.replace("P1", "P2")
    assert [quick.preferred for quick in rest] == [False]
    risky = one._replace(fix=cast(Any, Fix("x", (Edit(0, 3, "x"),), safe=False)))
    wide = one._replace(fix=cast(Any, Fix("y", (Edit(at - 1, at + 9, "y"),))))
    assert fixes.all_safe([one, risky, one]) == ((at, at + 2, "P2"),)
    assert fixes.all_safe([one, wide]) == ((at - 1, at + 9, "y"),)


PIECES = (
    "---|\n|  |- |owner: |roles|:|{|}|[|]|,|#|\"|'|## |incident-ignore|impact:\n  assets:\n"
    "|\r\n|\u2028|\U0001f41f|x"
)
SCRAPS = st.lists(st.sampled_from(PIECES.split("|")), max_size=40).map("".join)


@given(SCRAPS, st.integers(0, 30), st.integers(0, 60))
def test_no_text_and_no_place_is_too_much(text: str, line: int, column: int) -> None:
    for one in complete(text, line, column, KNOWN):
        assert 0 <= one.start <= column
    hover(text, line, column, ["never-again"], KNOWN)


def test_dbt_and_the_archive_tell_what_to_offer(tmp_path: Path) -> None:
    manifest = tmp_path / "target" / "manifest.json"
    manifest.parent.mkdir()
    nodes: dict[str, object] = {"model.shop.orders": {}, "test.shop.rows": {}, "macro.shop.x": {}}
    manifest.write_text(json.dumps({"nodes": nodes, "sources": {"source.shop.raw": {}}}))
    text = MINIMAL.replace("timestamps:", "tags: [ads]\nreviewers: [oncall]\ntimestamps:")
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incidents" / NAME).write_text(text)
    (tmp_path / "incidents" / "2025-01-01-broken.md").write_text("---\nid: [\n---\n")
    settings = config.Config(root=tmp_path)
    found = vocabulary.gather(vocabulary.read(settings), settings)
    assert found == Known(
        owners=("data-platform",),
        people=("oncall",),
        assets=("dbt:model.shop.orders", "dbt:source.shop.raw"),
        checks=("dbt:test.shop.rows",),
        tags=("ads",),
        titles={"2025-05-14-revenue-drops": "Daily revenue 18% low"},
        paths={"2025-05-14-revenue-drops": f"incidents/{NAME}"},
    )
    for broken in ("[]", "{", '{"nodes": []}'):
        manifest.write_text(broken)
        assert vocabulary.gather((), settings) == Known()
